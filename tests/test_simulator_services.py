"""Services that refuse until somebody pays, rules that push nothing, warnings of a backlog."""

import json

import pytest

from tests.simulator import FaultError, TuyaSimulator
from tests.simulator.client import Client, Reader

DEVICES = "/v2.0/cloud/thing/device"
LOGS = "/v2.0/cloud/thing/{id}/report-logs"
SPAN = {"start_time": "1794900000000", "end_time": "1795100000000"}


async def code(client: Client, path: str, **query: str) -> int | None:
    found: int | None = (await client.call("GET", path, query)).get("code")
    return found


@pytest.mark.parametrize("refused", [28841002, 28841004, 28841104, 28841106, 60001001, 1114, 1199])
async def test_everything_but_the_token_is_refused_until_it_is_paid(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str], refused: int
) -> None:
    await client.control("faults", {"name": "refuse", "code": refused})
    detail = f"/v1.0/devices/{ids['Intercom']}"
    for _ in range(20):
        assert await code(client, DEVICES, page_size="20") == refused
        assert await code(client, detail) == refused
    assert (await client.connect())["success"]
    assert (await client.control("faults"))["armed"] == {"refuse all": refused}
    assert cloud.calls["GET /v1.0/devices/{id}"] == 20
    await client.control("faults", {"name": "refuse", "count": 0})
    assert await code(client, detail) is None


async def test_one_template_alone_is_refused(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    device = ids["Intercom"]
    logs = LOGS.replace("{id}", device)
    cloud.fault("refuse", code=28841104, what=f"GET {LOGS}")
    cloud.fault("refuse", code=2009, what="/v2.0/cloud/thing/{id}/model")
    assert await code(client, logs, codes="a", **SPAN) == 28841104
    assert await code(client, f"/v2.0/cloud/thing/{device}/model") == 2009
    assert await code(client, f"/v2.1/cloud/thing/{device}/report-logs", codes="a", **SPAN) is None
    cloud.fault("refuse", 0, what=f"GET {LOGS}")
    assert await code(client, logs, codes="a", **SPAN) is None
    assert await code(client, f"/v2.0/cloud/thing/{device}/model") == 2009


async def test_services_are_subscribed_one_by_one(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    lock = f"/v1.0/devices/{ids['Front door lock']}"
    calls = {
        "access": "/v1.0/iot-02/access-control-logs",
        "device_logs": f"{lock}/logs",
        "lock": f"{lock}/door-lock/remote-unlocks",
        "video": f"/v1.0/devices/{ids['Intercom']}/webrtc-configs",
    }
    for service in calls:
        cloud.fault("refuse", what=service)
        answers = {name: await code(client, path, type="7", **SPAN) for name, path in calls.items()}
        assert answers == {name: 28841106 if name == service else None for name in calls}
        cloud.fault("refuse", 0)


async def test_a_full_pool_of_devices_refuses_commands_and_answers_questions(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    device = ids["Intercom"]
    cloud.fault("refuse", code=60001001, what="commands")
    path = f"/v2.0/cloud/thing/{device}/shadow/properties/issue"
    body = {"properties": json.dumps({"accessory_lock": True})}
    assert (await client.post(path, body))["code"] == 60001001
    assert cloud.door(device).opened == 0
    assert await code(client, DEVICES, page_size="20") is None


def test_a_service_that_nobody_knows_cannot_refuse(cloud: TuyaSimulator) -> None:
    for what in ("weather", "/v9.9/none", ["lock"]):
        with pytest.raises(FaultError):
            cloud.fault("refuse", what=what)
    with pytest.raises(FaultError):
        cloud.fault("refuse", code="28841106")


async def test_a_backlog_is_told_on_a_topic_of_its_own(client: Client, reader: Reader) -> None:
    cloud = client.cloud
    notices = await client.read(topic="notice")
    await cloud.connected(1, {"notice"})
    assert (await client.control("state"))["consumers"] == 1
    told = await client.control("notice", {"backlog": 2400})
    frame = await notices.frame()
    assert frame["messageId"] == told["message_id"]
    body = notices.open(frame)
    assert (body["bizCode"], body["bizData"]["eventType"]) == (
        "HighPriorityNotice",
        "pulsar_backlog_notice",
    )
    event = json.loads(body["bizData"]["eventData"])
    assert (event["backLogNum"], set(event)) == (
        2400,
        {"backLogNum", "dataCenter", "subscription", "topic"},
    )
    await cloud.acked(told["message_id"])
    cloud.publish("device", {"n": 1})
    assert await reader.body() == {"n": 1}
    await client.control("notice", {"backlog": -1}, 400)
    await notices.close()


async def test_a_notice_waits_for_its_reader_and_is_no_event(client: Client) -> None:
    cloud = client.cloud
    cloud.notice(2000)
    assert (await client.control("state"))["unacked"] == 0
    cloud.fault("topic_off")
    notices = await client.read(topic="notice")
    assert (await notices.body())["bizCode"] == "HighPriorityNotice"
    await cloud.disconnected()
    await notices.close()


async def test_a_rule_that_is_switched_off_leaves_the_queue_connected_and_silent(
    client: Client, reader: Reader, ids: dict[str, str]
) -> None:
    cloud, bell = client.cloud, ids["Battery bell"]
    await client.control("faults", {"name": "mute"})
    sent = cloud.scenario("ring", bell)
    await cloud.acked(sent.event_id)
    assert (sent.message_ids, len(cloud.broker.consumers())) == ((), 1)
    path = LOGS.replace("{id}", bell)
    assert (await client.get(path, codes="doorbell_active", **SPAN))["total"] == 1
    await client.control("faults", {"name": "mute", "count": 0})
    cloud.scenario("online", bell)
    assert (await reader.body())["bizCode"] == "online"


async def test_a_rule_can_lack_one_kind_of_message(
    client: Client, reader: Reader, ids: dict[str, str]
) -> None:
    cloud, bell = client.cloud, ids["Battery bell"]
    await client.control("faults", {"name": "mute", "without": ["event_notify", "online"]})
    cloud.scenario("online", bell)
    cloud.scenario("ring", bell)
    assert (await reader.body())["status"][0]["code"] == "doorbell_active"
    cloud.fault("mute", without=["statusReport"])
    cloud.scenario("ring", bell)
    codes = [(await reader.body()).get("bizCode") for _ in range(3)]
    assert codes == [None, None, "event_notify"]
    await client.control("faults", {"name": "mute", "without": "event_notify"}, 400)


async def test_a_call_names_the_flat_until_its_end(reader: Reader, ids: dict[str, str]) -> None:
    cloud, terminal = reader.cloud, ids["Face terminal"]
    cloud.scenario("ring", terminal, address="01-01-01-02-03-04")
    for name in ("call_answered", "call_timeout", "ring"):
        cloud.scenario(name, terminal)
    facts = [json.loads((await reader.body())["status"][0]["value"]) for _ in range(4)]
    assert [fact["targetAddress"][-2:] for fact in facts] == ["04", "04", "04", "01"]
    assert len({fact["sn"] for fact in facts[:3]}) == 1

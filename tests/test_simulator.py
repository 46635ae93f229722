"""The simulated OpenAPI: it refuses what Tuya refuses, and a door told to open is open."""

from dataclasses import replace
import json
from typing import Any

from tests.simulator import TuyaSimulator, wire
from tests.simulator.client import Client, Clock

DEVICES = "/v2.0/cloud/thing/device"


def issue(values: dict[str, Any]) -> dict[str, str]:
    return {"properties": json.dumps(values)}


async def test_a_call_is_answered_only_if_everything_about_it_is_right(client: Client) -> None:
    async def code(**changed: str) -> int | None:
        return (await client.call("GET", DEVICES, {"page_size": "20"}, **changed)).get("code")

    assert await code() is None
    assert await code(sign="") == 1105
    assert await code(client_id="somebody") == 1005
    assert await code(t=str(client.cloud.now_ms() - 301_000)) == 1013
    assert await code(access_token="") == 1002
    assert await code(access_token="0" * 32) == 1010
    assert await code(sign="0" * 64) == 1004
    assert await code(nonce="not signed") == 1004
    assert (await client.call("GET", "/v1.0/nothing"))["code"] == 1108
    assert (await client.call("POST", "/v1.0/token"))["code"] == 1108


async def test_a_wrong_secret_is_told_at_the_token_call(client: Client) -> None:
    client.secret = "f" * 32
    answer = await client.connect()
    assert (answer["code"], answer["msg"], answer["success"]) == (1004, "sign invalid", False)
    assert "result" not in answer
    assert len(answer["tid"]) == 32


async def test_the_query_is_signed_decoded_and_sorted(client: Client) -> None:
    query = {"page_size": "20", "categories": "sp,ms", "last_id": ""}
    answer = await client.call("GET", DEVICES, query)
    assert [item["category"] for item in answer["result"]] == ["sp", "sp", "ms"]


async def test_signed_headers_and_a_nonce_are_part_of_the_signature(client: Client) -> None:
    cloud, stamp = client.cloud, str(client.cloud.now_ms())
    text = wire.string_to_sign("GET", b"", [("area_id", "29a3")], "/v1.0/token?grant_type=1")
    sign = wire.request_sign(cloud.access_secret, f"{cloud.access_id}{stamp}n0nce{text}")
    answer = await client.call(
        "GET",
        "/v1.0/token",
        {"grant_type": "1"},
        sign=sign,
        t=stamp,
        nonce="n0nce",
        area_id="29a3",
        **{"Signature-Headers": "area_id"},
    )
    assert answer["success"]


async def test_tuyas_node_sdk_may_send_an_empty_object_when_it_reads(client: Client) -> None:
    answer = await client.call("GET", DEVICES, {"page_size": "20"}, body={})
    assert answer["success"]


async def test_a_body_that_was_changed_on_the_way_is_refused(
    client: Client, ids: dict[str, str]
) -> None:
    path = f"/v1.0/iot-03/devices/{ids['Intercom']}/commands"
    good = await client.send("POST", path, body={"commands": []})
    sign = good.request_info.headers["sign"]
    answer = await client.call("POST", path, body={"commands": [{}]}, sign=sign)
    assert answer["code"] == 1004


async def test_the_same_token_is_handed_out_until_it_is_nearly_over(
    client: Client, clock: Clock
) -> None:
    first = (await client.connect())["result"]
    assert (first["expire_time"], len(first["access_token"])) == (7200, 32)
    clock.time += 1767
    second = (await client.connect())["result"]
    assert second["access_token"] == first["access_token"]
    assert second["expire_time"] == 5433
    clock.time += 5400
    third = (await client.connect())["result"]
    assert third["access_token"] != first["access_token"]


async def test_a_refresh_kills_the_old_pair(client: Client) -> None:
    old = (await client.connect())["result"]
    path = f"/v1.0/token/{old['refresh_token']}"
    assert (await client.call("GET", path))["result"]["access_token"] != old["access_token"]
    assert (await client.call("GET", path))["code"] == 1010
    assert (await client.call("GET", DEVICES, {"page_size": "20"}))["code"] == 1010


async def test_devices_come_in_pages_of_at_most_twenty(
    socket_enabled: None, cloud: TuyaSimulator
) -> None:
    file = next(iter(cloud.devices.values())).file
    many = TuyaSimulator(devices=[replace(file, device_id=f"sim{n:017d}") for n in range(45)])
    await many.start()
    async with Client(many) as client:
        found: list[str] = []
        for full in (20, 20, 5):
            last = {"last_id": found[-1]} if found else {}
            page = await client.get(DEVICES, page_size="20", **last)
            assert len(page) == full
            found += [item["id"] for item in page]
        assert found == list(many.devices)
        assert (await client.call("GET", DEVICES))["code"] == 1100
        assert (await client.call("GET", DEVICES, {"page_size": "21"}))["code"] == 1101
    await many.stop()


async def test_the_standard_set_hides_what_model_and_shadow_show(
    client: Client, ids: dict[str, str]
) -> None:
    device = ids["Intercom"]
    specified = await client.get(f"/v1.0/iot-03/devices/{device}/specification")
    standard = {item["code"] for item in specified["functions"] + specified["status"]}
    model = json.loads((await client.get(f"/v2.0/cloud/thing/{device}/model"))["model"])
    known = {item["code"]: item for item in model["services"][0]["properties"]}
    assert "accessory_lock" not in standard
    assert (known["accessory_lock"]["abilityId"], known["accessory_lock"]["typeSpec"]) == (
        148,
        {"type": "bool"},
    )
    await client.post(
        f"/v2.0/cloud/thing/{device}/shadow/properties/issue", issue({"ipc_c_lock": True})
    )
    path = f"/v2.0/cloud/thing/{device}/shadow/properties"
    shadow = (await client.get(path, codes="ipc_c_lock"))["properties"]
    assert [(item["dp_id"], item["value"], item["type"]) for item in shadow] == [
        (232, True, "bool")
    ]
    status = await client.get(f"/v1.0/iot-03/devices/{device}/status")
    assert "ipc_c_lock" not in {item["code"] for item in status}


async def test_both_families_of_tuyas_examples_describe_the_same_device(
    client: Client, ids: dict[str, str]
) -> None:
    device = ids["Front door lock"]
    for family in ("/v1.0/devices", "/v1.0/iot-03/devices"):
        assert (await client.get(f"{family}/{device}"))["online"] is True
        assert (await client.get(f"{family}/{device}/functions"))["category"] == "ms"
        status = {item["code"] for item in await client.get(f"{family}/{device}/status")}
        assert {"residual_electricity", "lock_motor_state"} <= status
    home = await client.get(f"/v1.0/devices/{device}")
    listed = await client.get(f"/v1.0/users/{home['uid']}/devices")
    assert device in {item["id"] for item in listed}
    batch = await client.get(
        "/v1.0/iot-03/devices/status", device_ids=f"{device},{ids['Intercom']}"
    )
    assert [item["id"] for item in batch] == [device, ids["Intercom"]]
    numbered = await client.get(f"/v1.1/devices/{device}/specifications")
    assert {"code", "dp_id", "name", "type", "values"} == set(numbered["status"][0])


async def test_faults_refuse_only_what_they_are_meant_for(
    client: Client, ids: dict[str, str]
) -> None:
    cloud = client.cloud

    async def code() -> int | None:
        return (await client.call("GET", DEVICES, {"page_size": "20"})).get("code")

    for name, expected in (
        ("throttle", 1110),
        ("quota", 28841004),
        ("plan_expired", 28841002),
        ("data_center", 28841107),
    ):
        cloud.fault(name, 2)
        assert (await client.connect())["success"]
        assert [await code() for _ in range(3)] == [expected, expected, None]
    cloud.fault("not_subscribed", path="/door-lock/")
    assert await code() is None
    path = f"/v1.0/devices/{ids['Gate keypad']}/door-lock/remote-unlocks"
    assert (await client.call("GET", path))["code"] == 28841106
    cloud.fault("deny", code=2010, path="/model")
    assert (await client.call("GET", f"/v2.0/cloud/thing/{ids['Intercom']}/model"))["code"] == 2010
    for name, status in (("http_500", 500), ("http_503", 503)):
        cloud.fault(name)
        async with await client.send("GET", DEVICES, {"page_size": "20"}) as answer:
            assert answer.status == status
    assert await code() is None


async def test_an_expired_token_can_stay_refused(client: Client) -> None:
    client.cloud.fault("expire_token", 2)
    answers = []
    for _ in range(3):
        answers.append((await client.call("GET", DEVICES, {"page_size": "20"})).get("code"))
        await client.connect()
    assert answers == [1010, 1010, None]


async def test_calls_are_counted_by_template(client: Client, ids: dict[str, str]) -> None:
    for name in ("Intercom", "Gate keypad"):
        await client.get(f"/v1.0/devices/{ids[name]}")
    state = await client.control("state")
    assert state["calls"] == {"GET /v1.0/token": 1, "GET /v1.0/devices/{id}": 2}
    assert set(state) == {"devices", "doors", "consumers", "unacked", "calls"}
    assert state["doors"][0] == {
        "device_id": ids["Face terminal"],
        "door": 1,
        "open": False,
        "opened": 0,
    }


async def test_a_wrong_clock_is_told_with_the_right_time(client: Client) -> None:
    stamp = str(client.cloud.now_ms())
    client.cloud.fault("clock_skew", seconds=600)
    answer = await client.call("GET", DEVICES, {"page_size": "20"}, t=stamp)
    assert (answer["code"], answer["t"] - int(stamp)) == (1013, 600_000)
    client.cloud.fault("clock_skew", 0)
    assert await client.get(DEVICES, page_size="20")

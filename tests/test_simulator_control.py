"""The control side of the simulator: what a person presses and a test arms."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import web
import pytest

from tests.simulator import SimDevice, TuyaSimulator, wire
from tests.simulator.client import Client, Reader

# What outside tools may rely on.
NAMED = (
    "ring",
    "call_answered",
    "call_missed",
    "call_declined",
    "access_granted",
    "access_denied",
    "tamper",
    "loitering",
    "wrong_attempts",
    "duress",
    "door_open",
    "door_closed",
    "online",
    "offline",
)


@pytest.fixture
async def client(simulator: TuyaSimulator) -> AsyncIterator[Client]:
    async with Client(simulator) as opened:
        yield opened


async def test_every_named_scenario_is_somewhere_at_home(
    simulator: TuyaSimulator, client: Client
) -> None:
    able = await client.control("devices")
    for name in NAMED:
        at_home = [device["id"] for device in able if name in device["scenarios"]]
        assert at_home, name
        sent = await client.control(f"scenarios/{name}", {"device_id": at_home[0]})
        assert set(sent) == {"event_id", "sent_at"}


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("ring", {}, 400),
        ("ring", [], 400),
        ("ring", {"device_id": 5}, 400),
        ("ring", {"device_id": "Intercom", "age_s": "old"}, 400),
        ("ring", {"device_id": "Intercom", "channel": True}, 400),
        ("ring", {"device_id": "Intercom", "colour": "red"}, 400),
        ("ring", {"device_id": "nobody"}, 404),
        ("dance", {"device_id": "Intercom"}, 404),
        ("ring", {"device_id": "Intercom", "carrier": "doorbell"}, 409),
        ("ring", {"device_id": "Battery bell", "channel": 2}, 409),
        ("access_granted", {"device_id": "Intercom"}, 409),
        ("access_granted", {"device_id": "Gate keypad", "way": "face"}, 409),
        ("door_open", {"device_id": "Battery bell"}, 409),
    ],
)
async def test_a_scenario_that_cannot_be_played_says_why(
    client: Client, devices: dict[str, SimDevice], name: str, body: Any, status: int
) -> None:
    if isinstance(body, dict) and body.get("device_id") in devices:
        body = body | {"device_id": devices[body["device_id"]].id}
    answer = await client.control(f"scenarios/{name}", body, status)
    assert set(answer) == {"error"}


async def test_a_body_that_is_no_json_is_told_so(client: Client) -> None:
    url = client.cloud.control + "scenarios/ring"
    async with client.session.post(url, data=b"{") as answer:
        assert (answer.status, set(await answer.json())) == (400, {"error"})


async def test_faults_by_name(client: Client, simulator: TuyaSimulator) -> None:
    assert (await client.control("faults", {"name": "throttle", "count": 3}))["armed"] == {
        "throttle": 3
    }
    await client.control("faults", {"name": "throttle", "count": 0})
    assert (await client.connect())["success"]
    for body in ({"name": "rain"}, {"count": 1}, {"name": "throttle", "count": "many"}):
        assert set(await client.control("faults", body, 400)) == {"error"}
    for name in (await client.control("faults"))["names"]:
        await client.control("faults", {"name": name, "count": 1})
    assert simulator.clock_shift == 3600


async def test_reports_and_doors_by_control_call(
    client: Client, reader: Reader, devices: dict[str, SimDevice]
) -> None:
    device = devices["Gate keypad"]
    body = {"device_id": device.id, "values": {"residual_electricity": 12}}
    await client.control("report", body)
    assert (await reader.body())["status"][0]["code"] == "residual_electricity"
    shadow = await client.get(f"/v2.0/cloud/thing/{device.id}/shadow/properties")
    assert 12 in [item["value"] for item in shadow["properties"]]
    client.cloud.scenario("access_granted", device.id)
    assert (await client.control("relock", {}))["closed"] == 1
    await client.control("report", {"device_id": device.id, "values": []}, 400)
    await client.control("relock", {"device_id": "nobody"}, 404)
    await client.control("nonsense", {}, 404)


async def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    async with client.session.get(client.cloud.control) as answer:
        page = await answer.text()
        assert answer.content_type == "text/html"
    assert "http://" not in page
    assert "https://" not in page


async def test_messages_also_go_to_a_webhook(client: Client, devices: dict[str, SimDevice]) -> None:
    cloud, got = client.cloud, asyncio.Queue[tuple[dict[str, str], str]]()

    async def receive(request: web.Request) -> web.Response:
        got.put_nowait((dict(request.headers), await request.text()))
        return web.json_response({"success": True})

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    for form in ("plain", "envelope", "members"):
        await client.control("webhook", {"url": url, "form": form})
        cloud.report(devices["Battery bell"].id, {"wireless_electricity": 70})
        headers, text = await got.get()
        named = headers | (json.loads(text) if form == "members" else {})
        payload = named.get("payload", text)
        sign = wire.webhook_sign(cloud.access_id, named["timestamp"], payload, cloud.access_secret)
        assert named["sign"] == sign
        assert ("data" in json.loads(payload)) is (form != "plain")
    await client.control("webhook", {"url": "ftp://x"}, status=400)
    await runner.cleanup()


async def test_times_and_keys_can_be_strange(
    client: Client, reader: Reader, devices: dict[str, SimDevice]
) -> None:
    cloud, bell = client.cloud, devices["Battery bell"].id
    times = []
    for name in ("seconds_t", "string_t", "string_dp", "extra_keys"):
        cloud.fault(name)
        cloud.report(bell, {"wireless_electricity": 80})
        times.append((await reader.body())["status"][0])
    assert len(str(times[0]["t"])) == 10
    assert times[1]["t"].isdecimal()
    assert times[2]["145"] == "80"
    cloud.fault("zero_ts")
    cloud.scenario("ring", bell, carrier="event_notify")
    assert (await reader.body())["ts"] == 0
    cloud.fault("big_message")
    cloud.report(bell, {"wireless_electricity": 80})
    assert len(json.dumps(await reader.body())) > 200 * 1024


async def test_nothing_is_pushed_while_no_rule_is_switched_on(
    client: Client, reader: Reader, devices: dict[str, SimDevice]
) -> None:
    client.cloud.fault("rules_off")
    sent = client.cloud.scenario("ring", devices["Battery bell"].id)
    assert sent.message_ids == ()
    client.cloud.fault("rules_off", 0)
    client.cloud.scenario("online", devices["Battery bell"].id)
    assert (await reader.body())["bizCode"] == "online"

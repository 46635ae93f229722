"""Simulated doors: they open when a client was allowed to open them, and count every time."""

import asyncio
import base64
import json
from typing import Any

from aiohttp import ClientError
import pytest

from tests.simulator import wire
from tests.simulator.client import Client, Clock


def issue(values: dict[str, Any]) -> dict[str, str]:
    return {"properties": json.dumps(values)}


async def test_a_command_is_refused_with_the_code_that_says_why(
    client: Client, ids: dict[str, str]
) -> None:
    async def send(name: str, code: str, value: Any) -> int | None:
        body = {"commands": [{"code": code, "value": value}]}
        path = f"/v1.0/iot-03/devices/{ids.get(name, name)}/commands"
        return (await client.post(path, body)).get("code")

    assert await send("Intercom", "basic_flip", True) is None
    assert await send("Intercom", "basic_flip", "true") == 2008
    assert await send("Intercom", "accessory_lock", True) == 2008
    assert await send("Battery bell", "pir_switch", "9") == 2008
    assert await send("Face terminal", "basic_flip", True) == 2009
    assert await send("somebody else's", "basic_flip", True) == 1106
    client.cloud.scenario("offline", ids["Intercom"])
    assert await send("Intercom", "basic_flip", True) == 2001


async def test_properties_travel_as_text(client: Client, ids: dict[str, str]) -> None:
    path = f"/v2.0/cloud/thing/{ids['Intercom']}/shadow/properties/issue"
    assert (await client.post(path, {"properties": {"accessory_lock": True}}))["code"] == 1109
    assert (await client.post(path, {"properties": "no json"}))["code"] == 1109
    assert (await client.post(path, issue({"no_such_code": True})))["code"] == 2008
    assert (await client.post(path, issue({"accessory_lock": True})))["result"] == {}


async def test_a_relay_opens_its_door_and_falls_back(client: Client, ids: dict[str, str]) -> None:
    device = ids["Intercom"]
    path = f"/v2.0/cloud/thing/{device}/shadow/properties/issue"
    await client.post(path, issue({"accessory_lock": True}))
    door = client.cloud.door(device)
    assert (door.open, door.opened) == (True, 1)
    assert client.cloud.devices[device].values["accessory_lock"] is False
    assert client.cloud.relock(device) == 1
    assert (door.open, door.opened) == (False, 1)


async def test_a_toggle_relay_acts_only_on_a_change(client: Client, ids: dict[str, str]) -> None:
    path = f"/v2.0/cloud/thing/{ids['Intercom']}/shadow/properties/issue"
    door = client.cloud.door(ids["Intercom"], 2)
    for value, opened in ((True, 1), (True, 1), (False, 2), (True, 3)):
        await client.post(path, issue({"ipc_c_lock": value}))
        assert door.opened == opened


async def test_a_lock_opens_with_a_ticket_and_only_once(
    client: Client, clock: Clock, ids: dict[str, str]
) -> None:
    device, door = ids["Front door lock"], client.cloud.door(ids["Front door lock"])
    base = f"/v1.0/devices/{device}/door-lock"
    operate = f"/v1.0/smart-lock/devices/{device}/password-free/door-operate"
    kinds = await client.get(f"{base}/remote-unlocks")
    assert kinds[0] == {"remote_unlock_type": "remoteUnlockWithoutPwd", "open": True}

    async def ticket() -> str:
        made = (await client.post(f"{base}/password-ticket"))["result"]
        key = wire.open_ticket_key(made["ticket_key"], client.cloud.access_secret)
        assert (len(key), made["expire_time"]) == (16, 300)
        return str(made["ticket_id"])

    first = await ticket()
    assert (await client.post(operate, {"ticket_id": first, "open": "true"}))["result"] is True
    assert (door.open, door.opened) == (True, 1)
    assert client.cloud.devices[device].values["lock_motor_state"] is True
    assert (await client.post(operate, {"ticket_id": first, "open": True}))["code"] == 1109
    assert (await client.post(operate, {"ticket_id": await ticket(), "open": False}))["result"]
    assert (door.open, door.opened) == (False, 1)
    late = await ticket()
    clock.time += 301
    opened = await client.post(f"{base}/password-free/open-door", {"ticket_id": late})
    assert (opened["code"], door.opened) == (1109, 1)
    fresh = await ticket()
    opened = await client.post(f"{base}/password-free/open-door", {"ticket_id": fresh})
    assert (opened["result"], door.opened) == (True, 2)


async def test_a_lock_falls_shut_by_the_clouds_clock(
    client: Client, clock: Clock, ids: dict[str, str]
) -> None:
    device = ids["Gate keypad"]
    made = (await client.post(f"/v1.0/devices/{device}/door-lock/password-ticket"))["result"]
    path = f"/v1.0/devices/{device}/door-lock/password-free/open-door"
    await client.post(path, {"ticket_id": made["ticket_id"]})
    assert client.cloud.door(device).open
    clock.time += 5
    shown = await client.get(f"/v2.0/cloud/thing/{device}/shadow/properties")
    values = {item["code"]: item["value"] for item in shown["properties"]}
    assert (values["lock_motor_state"], client.cloud.door(device).open) == (False, False)


async def test_a_terminal_opens_for_a_person_and_logs_it(
    client: Client, ids: dict[str, str]
) -> None:
    device, cloud = ids["Face terminal"], client.cloud
    points = await client.get(f"/v1.0/expand/devices/{device}/functions")
    assert {"code": "tyabi8n4fs"} in points
    path = f"/v1.0/access-control/{device}/persons/anna/actions/open"
    number = (await client.post(path))["result"]["sn"]
    assert cloud.door(device).opened == 1
    steps = [(await client.get(f"/v1.0/expand/cmds/{number}"))["process_status"] for _ in "1234"]
    assert steps == [1, 2, 3, 3]
    cloud.scenario("access_granted", device, way="face", person="bob")
    log = await client.get("/v1.0/iot-02/access-control-logs", device_ids=device, page_size="1")
    assert (log["total"], log["has_more"], log["list"][0]["user_id"]) == (2, True, "bob")
    async with client.session.get(log["list"][0]["image_capture"]) as answer:
        assert await answer.read() == cloud.pictures[log["list"][0]["access_log_id"]]
    remote = await client.get("/v1.0/iot-02/access-control-logs", access_types="remote")
    assert [row["user_id"] for row in remote["list"]] == ["anna"]
    refused = await client.post(
        f"/v1.0/access-control/{device}/persons/actions/call", {"person_id_list": list("abcd")}
    )
    assert refused["code"] == 1109


async def test_a_door_opens_even_if_the_answer_is_lost(client: Client, ids: dict[str, str]) -> None:
    path = f"/v2.0/cloud/thing/{ids['Intercom']}/shadow/properties/issue"
    door = client.cloud.door(ids["Intercom"])
    client.cloud.fault("lost_reply")
    with pytest.raises(ClientError):
        await client.post(path, issue({"accessory_lock": True}))
    assert door.opened == 1
    client.cloud.fault("doubled_reply")
    stamp = str(client.cloud.now_ms())
    assert (await client.call("POST", path, body=issue({"accessory_lock": True}), t=stamp))["code"]
    assert (await client.post(path, issue({"accessory_lock": True})))["success"]
    assert door.opened == 2
    assert (await client.post(path, issue({"accessory_lock": True})))["success"]
    assert door.opened == 3
    client.cloud.fault("silent")
    assert (await client.post(path, issue({"accessory_lock": True})))["success"]
    assert door.opened == 3


async def test_a_held_answer_comes_when_it_is_let_go(client: Client, ids: dict[str, str]) -> None:
    path = f"/v2.0/cloud/thing/{ids['Intercom']}/shadow/properties/issue"
    client.cloud.fault("timeout")
    task = asyncio.create_task(client.post(path, issue({"accessory_lock": True})))
    await client.cloud.held()
    client.cloud.release()
    assert (await task)["success"]
    assert client.cloud.door(ids["Intercom"]).opened == 1


async def test_a_sleeping_lock_opens_only_while_somebody_asks(
    client: Client, ids: dict[str, str]
) -> None:
    cloud, device = client.cloud, ids["Front door lock"]
    body = {"commands": [{"code": "reply_unlock_request", "value": True}]}
    path = f"/v1.0/iot-03/devices/{device}/commands"
    await client.post(path, body)
    assert cloud.door(device).opened == 0
    cloud.scenario("asks_to_open", device)
    await client.post(path, body)
    assert cloud.door(device).opened == 1


async def test_a_remote_key_opens_until_it_is_used_up(client: Client, ids: dict[str, str]) -> None:
    device, now = client.cloud.devices[ids["Gate keypad"]], int(client.cloud.now())

    async def send(code: str, raw: bytes) -> bytes:
        value = base64.b64encode(raw).decode()
        body = {"commands": [{"code": code, "value": value}]}
        await client.post(f"/v1.0/iot-03/devices/{device.id}/commands", body)
        return base64.b64decode(device.values[code])

    key = (7).to_bytes(2) + (now - 300).to_bytes(4) + (now + 300).to_bytes(4) + (1).to_bytes(2)
    assert await send("remote_no_pd_setkey", b"\x01" + key + b"12345678") == b"\0\0\x07"
    wrong, right = b"\x01\0\x07" + b"87654321" + b"\0\x01", b"\x01\0\x07" + b"12345678" + b"\0\x01"
    assert [await send("remote_no_dp_key", raw) for raw in (wrong, right, right)] == [
        b"\x05\0\x07",
        b"\0\0\x07",
        b"\x04\0\x07",
    ]
    assert client.cloud.door(device.id).opened == 1

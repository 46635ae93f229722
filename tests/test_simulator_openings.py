"""Simulated ways to a door beyond relay and ticket: passwords, actions, panels, countdowns."""

from collections.abc import Mapping
import json
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad
import pytest

from tests.openings import PASSWORD, UNLOCK_ACTION, document, without
from tests.simulator import TuyaSimulator, read_document, wire
from tests.simulator.client import Client, Clock


@pytest.fixture
def made() -> dict[str, Any]:
    """Return a lock with an action."""
    return document("video_lock", actions=[UNLOCK_ACTION])


async def with_device(made: Mapping[str, Any], clock: Clock) -> tuple[TuyaSimulator, str]:
    cloud = TuyaSimulator(devices=read_document(made, "one.json"), now=clock)
    await cloud.start()
    return cloud, next(iter(cloud.devices))


async def test_an_action_is_in_the_thing_model_and_opens_in_the_form_it_takes(
    socket_enabled: None, clock: Clock, made: dict[str, Any]
) -> None:
    cloud, device = await with_device(made, clock)
    path = f"/v2.0/cloud/thing/{device}/shadow/actions"
    async with Client(cloud) as client:
        model = json.loads((await client.get(f"/v2.0/cloud/thing/{device}/model"))["model"])
        assert [one["code"] for one in model["services"][0]["actions"]] == ["open_door"]
        text, plain = {"code": "open_door", "input_params": "{}"}, {"code": "open_door"}
        assert (await client.post(path, {**text, "code": "close"}))["code"] == 1109
        assert (await client.post(path, {**plain, "input_params": {}}))["code"] == 1109
        assert (await client.post(path, text))["result"] == {}
        cloud.devices[device].action_form = "object"
        assert (await client.post(path, text))["code"] == 1109
        assert (await client.post(path, {**plain, "input_params": {}}))["result"] == {}
    assert cloud.door(device).opened == 2
    await cloud.stop()


async def test_a_lock_checks_its_own_password(client: Client, ids: dict[str, str]) -> None:
    cloud, device = client.cloud, client.cloud.devices[ids["Front door lock"]]
    device.own_passwords.add(PASSWORD)
    base = f"/v1.0/devices/{device.id}/door-lock"

    async def enter(digits: str) -> Any:
        ticket = (await client.post(f"{base}/password-ticket"))["result"]
        key = wire.open_ticket_key(ticket["ticket_key"], cloud.access_secret)
        cipher = AES.new(key.encode(), AES.MODE_ECB)
        body = {
            "password": cipher.encrypt(pad(digits.encode(), 16)).hex(),
            "password_type": "ticket",
            "ticket_id": ticket["ticket_id"],
        }
        return await client.post(f"{base}/open-door", body)

    assert (await enter("000000"))["code"] == 1109
    assert (await enter(PASSWORD))["result"] is True
    assert cloud.door(device.id).opened == 1
    assert {PASSWORD, "000000"} <= cloud.issued.all()


async def test_remote_unlocking_may_be_allowed_with_the_password_only(
    client: Client, ids: dict[str, str]
) -> None:
    client.cloud.fault("remote_unlock_password")
    path = f"/v1.0/devices/{ids['Gate keypad']}/door-lock/remote-unlocks"
    assert [kind["open"] for kind in await client.get(path)] == [False, True]
    assert [kind["open"] for kind in await client.get(path)] == [True, False]


async def test_a_request_can_be_answered_until_its_countdown_is_over(
    client: Client, clock: Clock, ids: dict[str, str]
) -> None:
    device, cloud = ids["Front door lock"], client.cloud
    body = {"commands": [{"code": "reply_unlock_request", "value": True}]}
    path = f"/v1.0/iot-03/devices/{device}/commands"
    for waited, opened in ((31, 0), (29, 1)):
        cloud.scenario("asks_to_open", device)
        clock.time += waited
        await client.post(path, body)
        assert cloud.door(device).opened == opened


async def test_the_only_relay_of_a_monitor_opens_the_door_of_the_panel_shown(
    socket_enabled: None, clock: Clock
) -> None:
    cloud, device = await with_device(without(document("intercom"), "ipc_c_lock"), clock)
    path = f"/v2.0/cloud/thing/{device}/shadow/properties/issue"

    async def issue(values: dict[str, Any]) -> None:
        await client.post(path, {"properties": json.dumps(values)})

    async with Client(cloud) as client:
        await issue({"accessory_lock": True})
        cloud.fault("panel_stuck")
        for _ in range(2):
            await issue({"ipc_c_switch_channel": json.dumps({"cmd": 1, "cc": 2})})
            await issue({"accessory_lock": True})
    assert [door.opened for door in cloud.devices[device].doors.values()] == [2, 1]
    await cloud.stop()

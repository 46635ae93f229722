"""Settings of simulated devices: what is written is what they report from then on."""

import base64
import json

from tests.simulator.client import Client


def commands(code: str, value: object) -> dict[str, object]:
    return {"commands": [{"code": code, "value": value}]}


async def test_a_written_setting_is_the_devices_own(client: Client, ids: dict[str, str]) -> None:
    path = f"/v1.0/iot-03/devices/{ids['Gate keypad']}/commands"
    keypad = client.cloud.devices[ids["Gate keypad"]]
    assert (await client.post(path, commands("alarm_time", 90)))["result"] is True
    assert keypad.values["alarm_time"] == 90
    for refused in (181, -1, "90", True):
        assert (await client.post(path, commands("alarm_time", refused)))["code"] == 2008
    assert (await client.post(path, commands("doorbell_volume", "loud")))["code"] == 2008
    assert keypad.values["alarm_time"] == 90


async def test_the_thing_model_says_which_settings_can_be_written(
    client: Client, ids: dict[str, str]
) -> None:
    answer = await client.call("GET", f"/v2.0/cloud/thing/{ids['Gate keypad']}/model")
    (service,) = json.loads(answer["result"]["model"])["services"]
    modes = {one["code"]: one["accessMode"] for one in service["properties"]}
    assert {code for code, mode in modes.items() if mode == "rw"} >= {
        *("alarm_time", "auto_lock_time", "automatic_lock", "doorbell_volume", "photo_again")
    }
    assert modes["lock_motor_state"] == "ro"


async def test_a_photo_is_taken_on_request_and_told(client: Client, ids: dict[str, str]) -> None:
    keypad = client.cloud.devices[ids["Gate keypad"]]
    path = f"/v1.0/iot-03/devices/{keypad.id}/commands"
    assert (await client.post(path, commands("photo_again", value=True)))["result"] is True
    assert keypad.values["photo_again"] is False
    told = json.loads(base64.b64decode(keypad.values["initiative_message"]))
    ((stored_at, key),) = told["files"]
    stored = client.cloud.storage.get(stored_at)
    assert stored is not None
    assert stored.key == key
    assert "cmd" not in told
    await client.post(path, commands("photo_again", value=False))
    assert json.loads(base64.b64decode(keypad.values["initiative_message"])) == told

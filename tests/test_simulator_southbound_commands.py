"""What a registered door is told by Tuya's side, in every spelling, and what becomes of it."""

import json
from typing import Any

import pytest

from tests.simulator import TuyaSimulator, commanding
from tests.simulator.client import Client, Clock, Reader
from tests.simulator.southbound import ANSWER_S, Command

BASE = "/v1.0/iot-03/3rdcloud/devices"
BODY = {"device_name": "Garden door", "product_id": "simdoorproduct01"}


@pytest.fixture
async def door(client: Client) -> str:
    """Return Tuya's id of a door that is there."""
    answer = await client.post(f"{BASE}/garden1/register", BODY)
    device_id: str = answer["result"]["device_id"]
    client.cloud.devices[device_id].online = True
    return device_id


async def answer(client: Client, command: Command, **changes: Any) -> int:
    """Answer a command as done; return the code of a refusal, 0 if it was taken."""
    data = {"action_code": "unlock", "output_params": {"state": "unlocked"}}
    body = {"msg_id": command.msg_id, "code": 0, "data": data} | changes
    told = await client.post(f"{BASE}/{command.device_id}/action-resp/report", body)
    code: int = told.get("code", 0)
    return code


async def report(client: Client, clock: Clock, door: str, **values: Any) -> None:
    data = {
        code: {"value": value, "time": int(clock.time * 1000)} for code, value in values.items()
    }
    number = client.cloud.calls.total()
    body = {"msg_id": f"{number}", "data": data}
    assert (await client.post(f"{BASE}/{door}/property/report", body))["success"]


async def test_an_action_is_a_message_and_done_when_it_is_answered(
    client: Client, cloud: TuyaSimulator, reader: Reader, door: str
) -> None:
    command = commanding.execute(cloud, door, "unlock", {"reason": "post"})
    body = await reader.body()
    assert body["bizCode"] == "execThingAction"
    assert body["bizData"]["msgId"] == command.msg_id
    assert body["bizData"]["data"] == {"actionCode": "unlock", "inputParams": {"reason": "post"}}
    assert commanding.status(cloud, command) == "waiting"
    assert await answer(client, command) == 0
    assert commanding.status(cloud, command) == "done"
    assert await answer(client, command, code=5) == 0
    assert command.answer == {
        "action_code": "unlock",
        "code": 0,
        "output_params": {"state": "unlocked"},
    }


async def test_an_action_is_answered_by_the_id_that_it_had_however_long(
    client: Client, cloud: TuyaSimulator, door: str
) -> None:
    command = commanding.execute(cloud, door, "unlock", msg_id="b8a0c1de-" * 5)
    assert await answer(client, command) == 0
    assert commanding.status(cloud, command) == "done"


async def test_an_action_that_could_not_be_done_has_failed(
    client: Client, cloud: TuyaSimulator, door: str
) -> None:
    command = commanding.execute(cloud, door, "unlock")
    assert await answer(client, command, code=3, data={"action_code": "unlock"}) == 0
    assert commanding.status(cloud, command) == "failed"


async def test_an_action_that_nobody_answers_in_time_has_failed(
    client: Client, cloud: TuyaSimulator, clock: Clock, door: str
) -> None:
    command = commanding.execute(cloud, door, "unlock")
    clock.time += ANSWER_S + 1
    assert commanding.status(cloud, command) == "timeout"
    assert await answer(client, command) == 1000
    assert commanding.status(cloud, command) == "timeout"
    assert command.late is not None
    stale = commanding.execute(cloud, door, "unlock", age_s=40)
    assert commanding.status(cloud, stale) == "timeout"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"msg_id": "nobody-asked"}, 1000),
        ({"msg_id": "x" * 33}, 1101),
        ({"msg_id": ""}, 1100),
        ({"code": "0"}, 1109),
        ({"code": True}, 1109),
        ({"data": None}, 1100),
        ({"data": {"output_params": {}}}, 1109),
        ({"data": {"action_code": "dance"}}, 1109),
        ({"data": {"action_code": "lock"}}, 1109),
        ({"data": {"action_code": "unlock", "output_params": {"colour": "red"}}}, 1109),
        ({"data": {"action_code": "unlock", "output_params": {"state": 7}}}, 1109),
    ],
)
async def test_an_answer_that_fits_no_command_is_refused(
    client: Client, cloud: TuyaSimulator, door: str, changes: dict[str, Any], code: int
) -> None:
    command = commanding.execute(cloud, door, "unlock")
    assert await answer(client, command, **changes) == code
    assert commanding.status(cloud, command) == "waiting"


async def test_one_door_does_not_answer_for_another(
    client: Client, cloud: TuyaSimulator, door: str
) -> None:
    other = (await client.post(f"{BASE}/shed1/register", BODY))["result"]["device_id"]
    command = commanding.execute(cloud, door, "unlock")
    command.device_id, real = other, command.device_id
    assert await answer(client, command) == 0
    command.answer = None
    path = f"{BASE}/{real}/action-resp/report"
    body = {"msg_id": command.msg_id, "data": {"action_code": "unlock"}}
    assert (await client.post(path, body))["code"] == 1000


async def test_values_are_set_when_all_of_them_were_reported_afterwards(
    client: Client, cloud: TuyaSimulator, clock: Clock, reader: Reader, door: str
) -> None:
    await report(client, clock, door, lock_motor_state=False)
    await reader.body()
    values = {"lock_motor_state": True, "battery_percentage": 5}
    command = commanding.set_properties(cloud, door, values)
    body = await reader.body()
    assert (body["bizCode"], body["bizData"]["data"]) == ("setThingProperties", values)
    await report(client, clock, door, doorcontact_state=True)
    await report(client, clock, door, battery_percentage=90)
    assert commanding.status(cloud, command) == "waiting"
    assert await answer(client, command) == 1000
    await report(client, clock, door, lock_motor_state=False)
    assert commanding.status(cloud, command) == "done"
    assert command.answer is not None
    assert command.answer["output_params"] == {"lock_motor_state": False, "battery_percentage": 90}


async def test_points_are_set_by_number(
    client: Client, cloud: TuyaSimulator, clock: Clock, reader: Reader, door: str
) -> None:
    command = commanding.set_points(cloud, door, {101: True})
    body = await reader.body()
    assert (body["bizCode"], body["devId"]) == ("deviceDpCommand", door)
    assert body["command"] == [{"dpId": 101, "value": True}]
    unseen = commanding.set_points(cloud, door, {101: True})
    clock.time += ANSWER_S + 1
    late = commanding.set_points(cloud, door, {101: False})
    await report(client, clock, door, lock_motor_state=True)
    states = [commanding.status(cloud, one) for one in (command, unseen, late)]
    assert states == ["timeout", "timeout", "done"]


SPELLINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": (
        {"bizData": {"msgId": "m1", "data": {"actionCode": "unlock", "inputParams": {"a": 1}}}},
        {"bizData": {"msgId": "m1", "data": {"lock_motor_state": True}}},
    ),
    "snake_case": (
        {"bizData": {"msg_id": "m1", "data": {"action_code": "unlock", "input_params": {"a": 1}}}},
        {"bizData": {"msg_id": "m1", "data": {"lock_motor_state": True}}},
    ),
    "properties": (
        {"bizData": {"msgId": "m1", "actionCode": "unlock", "inputParams": {"a": 1}}},
        {"bizData": {"msgId": "m1", "properties": {"lock_motor_state": True}}},
    ),
    "wrapped": (
        {
            "bizData": {
                "msgId": "m1",
                "data": {"actionCode": "unlock", "inputParams": {"a": {"value": 1}}},
            }
        },
        {"bizData": {"msgId": "m1", "data": {"lock_motor_state": {"value": True}}}},
    ),
    "listed": (
        {
            "bizData": {
                "msgId": "m1",
                "data": {"actionCode": "unlock", "inputParams": [{"code": "a", "value": 1}]},
            }
        },
        {"bizData": {"msgId": "m1", "data": [{"code": "lock_motor_state", "value": True}]}},
    ),
    "text": (
        {"bizData": {"msgId": "m1", "data": {"actionCode": "unlock", "inputParams": '{"a":1}'}}},
        {"bizData": {"msgId": "m1", "data": '{"lock_motor_state":true}'}},
    ),
    "top_level": (
        {"msgId": "m1", "data": {"actionCode": "unlock", "inputParams": {"a": 1}}},
        {"msgId": "m1", "data": {"lock_motor_state": True}},
    ),
    "without_id": (
        {"bizData": {"data": {"actionCode": "unlock", "inputParams": {"a": 1}}}},
        {"bizData": {"data": {"lock_motor_state": True}}},
    ),
}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name not in names}
    if "bizData" in kept:
        kept["bizData"] = without(kept["bizData"], *names)
    return kept


async def test_commands_come_in_every_spelling(
    cloud: TuyaSimulator, reader: Reader, door: str
) -> None:
    assert SPELLINGS.keys() == commanding.FORMS.keys()
    for form, expected in SPELLINGS.items():
        how = {"form": form, "msg_id": "m1"}
        commanding.execute(cloud, door, "unlock", {"a": 1}, **how)
        commanding.set_properties(cloud, door, {"lock_motor_state": True}, **how)
        bodies = [await reader.body() for _ in range(2)]
        assert door in json.dumps(bodies[0])
        shown = [
            without(body, "bizCode", "ts", "devId", "productId", "product_id") for body in bodies
        ]
        assert shown == [*expected], form


async def test_commands_by_number_have_spellings_of_their_own(
    cloud: TuyaSimulator, reader: Reader, door: str
) -> None:
    for form in commanding.FORMS:
        commanding.set_points(cloud, door, {101: True}, form=form)
    bodies = {form: await reader.body() for form in commanding.FORMS}
    assert bodies["snake_case"]["command"] == [{"dp_id": 101, "value": True}]
    assert bodies["text"]["command"] == [{"dpId": "101", "value": True}]
    assert bodies["properties"]["bizData"]["command"] == [{"dpId": 101, "value": True}]
    assert bodies["wrapped"]["command"] == [{"dpId": 101, "value": True}]


async def test_a_command_comes_again_late_and_out_of_order(
    cloud: TuyaSimulator, clock: Clock, reader: Reader, door: str
) -> None:
    command = commanding.execute(cloud, door, "unlock")
    commanding.send(cloud, command, publish_time=clock.time - 60)
    frames = [await reader.frame() for _ in range(2)]
    told = [reader.open(frame)["bizData"]["msgId"] for frame in frames]
    assert told == [command.msg_id] * 2
    assert frames[0]["publishTime"] != frames[1]["publishTime"]
    cloud.fault("reorder")
    first = commanding.execute(cloud, door, "unlock")
    second = commanding.execute(cloud, door, "lock")
    told = [(await reader.body())["bizData"]["msgId"] for _ in range(2)]
    assert told == [second.msg_id, first.msg_id]


async def test_what_another_program_asks_of_a_registered_door_goes_to_its_own_cloud(
    client: Client, cloud: TuyaSimulator, reader: Reader, door: str
) -> None:
    thing = f"/v2.0/cloud/thing/{door}/shadow"
    text = json.dumps({"lock_motor_state": True})
    assert (await client.post(f"{thing}/properties/issue", {"properties": text}))["success"]
    asked = {"code": "unlock", "input_params": "{}"}
    assert (await client.post(f"{thing}/actions", asked))["success"]
    kinds = [(await reader.body())["bizCode"] for _ in range(2)]
    assert kinds == ["setThingProperties", "execThingAction"]
    assert "lock_motor_state" not in cloud.devices[door].values
    cloud.devices[door].online = False
    refused = await client.post(f"{thing}/properties/issue", {"properties": text})
    assert refused["code"] == 2001


async def test_no_more_than_the_last_commands_are_kept(cloud: TuyaSimulator, door: str) -> None:
    for number in range(520):
        commanding.execute(cloud, door, "unlock", msg_id=f"m{number}")
    kept = cloud.southbound.of_device(door)
    assert (len(kept), kept[-1].msg_id) == (500, "m519")

"""What Tuya's side wants of a published door, in whatever form it says so."""

from collections.abc import Callable
from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.message import Message, message_from
from custom_components.tuyalink_intercom.model.thing_commands import (
    MOST_VALUES,
    ActionWanted,
    Command,
    Incomprehensible,
    PointsWanted,
    PropertiesWanted,
    command_of,
)
from tests.api import vectors
from tests.simulator.command_forms import FORMS, POINT_FORMS

DOOR, SENT, ID = "6cgardendoor", 1_763_800_000.0, "0f1e2d3c4b5a"
TS = int(SENT * 1000)


def message(body: dict[str, Any], time: float | None = SENT) -> Message:
    return message_from(body, time=time, transport_id="CAEQAA==")


def told(kind: str, **members: Any) -> Command | None:
    """Return the command in a body whose business part has these members."""
    return command_of(
        message({"bizCode": kind, "bizData": {"devId": DOOR, "msgId": ID, **members}, "ts": TS})
    )


def wanted(**members: Any) -> object:
    found = told("setThingProperties", **members)
    return found.values if isinstance(found, PropertiesWanted) else found


def points(command: Any, **members: Any) -> object:
    body = {"bizCode": "deviceDpCommand", "devId": DOOR, "command": command, "ts": TS, **members}
    found = command_of(message(body))
    return found.values if isinstance(found, PointsWanted) else found


def action(**data: Any) -> ActionWanted:
    found = told("execThingAction", data=data)
    assert isinstance(found, ActionWanted)
    return found


PLAIN: dict[str, Any] = {
    "setThingProperties": {"lock_motor_state": True, "mode": "day"},
    "execThingAction": {"actionCode": "unlock", "inputParams": {"door": 1}},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", PLAIN)
def test_every_form_of_a_command_says_the_same(kind: str, form: str) -> None:
    data = {"devId": DOOR, "productId": "p1", "msgId": ID, "data": PLAIN[kind]}
    body = FORMS[form]({"bizCode": kind, "bizData": data, "ts": TS})
    found = command_of(message(json.loads(json.dumps(body))))
    assert found is not None
    expected: Command = (
        PropertiesWanted(id=ID, device_id=DOOR, time=SENT, values=PLAIN[kind])
        if kind == "setThingProperties"
        else ActionWanted(id=ID, device_id=DOOR, time=SENT, action="unlock", inputs={"door": 1})
    )
    named = form != "without_id"
    assert found == replace(expected, id=found.id, answerable=named)
    assert (found.id == ID) == named


@pytest.mark.parametrize("form", POINT_FORMS)
def test_every_form_of_a_data_point_command_says_the_same(form: str) -> None:
    plain = {
        "bizCode": "deviceDpCommand",
        "devId": DOOR,
        "command": [{"dpId": 101, "value": True}],
        "ts": TS,
    }
    found = command_of(message(POINT_FORMS[form](plain)))
    assert isinstance(found, PointsWanted)
    assert (found.device_id, found.values) == (DOOR, {101: True})


GOLDEN: dict[str, Callable[[Command], object]] = {
    "set_thing_properties": lambda found: isinstance(found, PropertiesWanted) and found.values,
    "exec_thing_action": lambda found: (
        isinstance(found, ActionWanted) and {found.action: found.inputs}
    ),
    "device_dp_command": lambda found: isinstance(found, PointsWanted) and found.values,
}


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("set_thing_properties", {"unlock": True}),
        ("exec_thing_action", {"open_door": {"door": 1}}),
        ("device_dp_command", {1: True}),
    ],
)
@pytest.mark.parametrize("encryption", ["aes_ecb", "aes_gcm"])
def test_the_golden_vectors_are_commands(name: str, meaning: object, encryption: str) -> None:
    (vector,) = (
        one
        for one in vectors.load("messages")["vectors"]
        if one["name"] == f"frame_c2c_{name}_{encryption}"
    )
    found = command_of(message(vector["expected"]["message"]))
    assert found is not None
    assert found.device_id == "bf0demo0device0id0abcd"
    assert GOLDEN[name](found) == meaning
    assert name == "device_dp_command" or found.id == "45lkj3551234demo"


@pytest.mark.parametrize(
    "body",
    [
        {"bizCode": "devicePropertyMessage", "bizData": {"properties": [{"code": "a"}]}},
        {"bizCode": "deviceOnline", "bizData": {"time": 1}},
        {"status": [{"code": "lock_motor_state", "value": True}]},
        {"bizCode": "SETTHINGPROPERTIES", "bizData": {"data": {"a": True}}},
        {},
    ],
)
def test_our_own_echo_and_other_messages_are_no_commands(body: dict[str, Any]) -> None:
    assert command_of(message({**body, "devId": DOOR})) is None


@pytest.mark.parametrize(
    "members",
    [
        {"data": {"a": {"value": 5, "time": TS}}},
        {"properties": [{"code": "a", "value": 5}, {"code": 7, "value": 1}, None, {"code": "b"}]},
        {"data": '{"a": 5}'},
        {"data": '[{"code": "a", "value": 5}]'},
        {"data": {"data": {"a": 5}}},
        {"data": {"properties": {"a": 5}, "time": TS}},
        {"data": {"msgId": ID, "data": {"a": 5}}},
        {"inputParams": {"a": 5}},
        {"data": {}, "input_params": {"a": 5}},
        {"data": {"a": 5, "b": None, "c": [1], "d": {"e": 1}, "": 1, "x" * 65: 1, "\n": 1}},
        {"data": '{"a": 5, "b": NaN, "c": 1e999, "d": ' + "9" * 400 + "}"},
        {"data": {"a": 5, "b": "x" * 1025}},
    ],
)
def test_values_are_found_wherever_they_are(members: dict[str, Any]) -> None:
    assert wanted(**members) == {"a": 5}


def test_scalars_of_every_kind_are_values() -> None:
    values = {"a": True, "b": 0, "c": 0.5, "d": "", "e": "on"}
    assert wanted(data=values) == values


@pytest.mark.parametrize("data", [None, 5, "x", "{", "[", [], {}, {"a": None}, {"a": [1]}])
def test_properties_without_a_value_make_no_sense(data: object) -> None:
    found = told("setThingProperties", data=data)
    assert found == Incomprehensible(id=ID, device_id=DOOR, time=SENT)


def test_a_command_with_values_without_end_is_cut() -> None:
    values = {f"a{number}": number for number in range(1000)}
    found = wanted(data=values)
    assert isinstance(found, dict)
    assert len(found) == MOST_VALUES
    numbered = points({str(number): True for number in range(1, 1000)})
    assert isinstance(numbered, dict)
    assert len(numbered) == MOST_VALUES


@pytest.mark.parametrize("name", ["actionCode", "action_code", "code"])
@pytest.mark.parametrize("inputs", ["inputParams", "input_params"])
@pytest.mark.parametrize(
    "told_inputs", [{"door": 1}, '{"door": 1}', [{"code": "door", "value": 1}]]
)
def test_an_action_is_understood_in_each_spelling(
    name: str, inputs: str, told_inputs: object
) -> None:
    found = action(**{name: "unlock", inputs: told_inputs})
    assert (found.id, found.action, found.inputs) == (ID, "unlock", {"door": 1})


def test_an_action_needs_no_inputs() -> None:
    assert action(actionCode="lock").inputs == {}


@pytest.mark.parametrize("code", [None, "", 5, "x" * 65, "a\nb", ["unlock"]])
def test_an_action_without_a_name_makes_no_sense(code: object) -> None:
    found = told("execThingAction", data={"actionCode": code, "inputParams": {}})
    assert found == Incomprehensible(id=ID, device_id=DOOR, time=SENT)


@pytest.mark.parametrize(
    "command",
    [
        [{"dpId": 101, "value": True}],
        [{"dpId": "101", "value": True}, {"dpId": 102}, {"value": 1}, 5],
        [{"dp_id": 101, "value": True}, {"dpId": 0, "value": 1}, {"dpId": 70_000, "value": 1}],
        {"101": True, "x": 1, "-1": 1},
        {"101": {"value": True, "time": TS}},
        '[{"dpId": 101, "value": true}]',
        '{"101": true}',
    ],
)
def test_data_points_are_told_by_number(command: object) -> None:
    assert points(command) == {101: True}
    assert points(None, bizData={"devId": DOOR, "command": command}) == {101: True}


@pytest.mark.parametrize("command", [None, [], {}, "x", 5, [{"dpId": True, "value": 1}]])
def test_a_data_point_command_without_points_makes_no_sense(command: object) -> None:
    assert isinstance(points(command), Incomprehensible)


@pytest.mark.parametrize("name", ["msgId", "msg_id", "messageId"])
@pytest.mark.parametrize("place", ["bizData", "data", "top"])
def test_a_command_is_known_by_the_id_that_tuya_gave_it(name: str, place: str) -> None:
    data: dict[str, Any] = {"actionCode": "unlock"}
    business: dict[str, Any] = {"devId": DOOR, "data": data}
    body: dict[str, Any] = {"bizCode": "execThingAction", "bizData": business}
    {"bizData": business, "data": data, "top": body}[place][name] = f" {ID}"
    found = command_of(message(body))
    assert isinstance(found, ActionWanted)
    assert found.id == f" {ID}"


def test_an_id_may_be_a_number() -> None:
    found = told("setThingProperties", msgId=4711, data={"a": 1})
    assert found is not None
    assert found.id == "4711"


@pytest.mark.parametrize("told_id", [None, "", True, "a\nb", ["x"]])
def test_a_command_without_an_id_is_the_same_when_it_comes_again(told_id: object) -> None:
    data = {"actionCode": "unlock"}
    body: Any = {
        "bizCode": "execThingAction",
        "bizData": {"msgId": told_id, "data": data},
        "ts": TS,
    }
    first = command_of(message_from(body, time=SENT, transport_id="one"))
    again = command_of(message_from(body, time=SENT, transport_id="two"))
    later = command_of(message({**body, "ts": TS + 1}))
    assert first == again
    assert first is not None
    assert later is not None
    assert first.id != later.id
    assert len(first.id) == 32
    assert not first.answerable


def test_a_command_that_could_not_be_answered_by_its_id_makes_no_sense() -> None:
    found = told("execThingAction", msgId="x" * 65, data={"actionCode": "unlock"})
    assert isinstance(found, Incomprehensible)
    assert len(found.id) == 32
    assert not found.answerable


def test_what_is_told_does_not_show_in_a_log() -> None:
    shown = repr(action(actionCode="setPassword", inputParams={"password": "1234"}))
    assert "setPassword" in shown
    assert "1234" not in shown


def test_a_command_whose_time_is_not_told_has_none() -> None:
    body = {"bizCode": "execThingAction", "bizData": {"data": {"actionCode": "unlock"}}}
    found = command_of(message(body, time=None))
    assert found is not None
    assert found.time is None

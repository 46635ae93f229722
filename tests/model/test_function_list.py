"""The ready function list for Tuya's console, and what a product lacks of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.function_list import (
    CodeFault,
    Function,
    FunctionKind,
    Lack,
    as_table,
    code_fault,
    functions_of,
    mismatches,
)
from custom_components.tuyalink_intercom.model.publication import ACTIONS, CODES, Publication
from custom_components.tuyalink_intercom.model.thing_model import ThingModel

FRONT_DOOR = Path(__file__).parent.parent / "simulator" / "products" / "front_door.json"
PARTS = {
    "lock": "lock.garden",
    "doorbell": "event.bell",
    "access": "event.access",
    "door": "binary_sensor.leaf",
    "alarms": ["binary_sensor.tamper"],
    "battery": "sensor.battery",
    "picture": "image.garden",
}


def door(**data: object) -> Publication:
    return Publication.of("Garden", {"third_id": "ha1", "product_id": "p1", **data})


def product(**changes: Any) -> ThingModel:
    """Read the product that has everything, after these changes of its document."""
    return ThingModel.read({"services": [{**json.loads(FRONT_DOOR.read_text()), **changes}]})


def lacks(publication: Publication, model: ThingModel) -> dict[str, Lack]:
    return {one.code: one.what for one in mismatches(publication, model)}


def test_a_door_needs_only_what_its_parts_need() -> None:
    assert [(one.kind, one.code) for one in functions_of(door(lock="lock.a"))] == [
        ("property", "lock_motor_state"),
        ("action", "unlock"),
        ("action", "lock"),
    ]
    assert [one.code for one in functions_of(door(doorbell="event.bell"))] == ["ring"]
    assert [one.code for one in functions_of(door(alarms=["binary_sensor.a"]))] == [
        "alarm_active",
        "alarm",
    ]
    assert functions_of(door()) == ()


def test_a_door_with_everything_needs_every_ready_code() -> None:
    functions = functions_of(door(**PARTS))
    assert {one.code for one in functions} == set(CODES.values())
    assert {one.code for one in functions if one.access == "rw"} == {"lock_motor_state"}
    assert {one.name for one in functions if one.kind is FunctionKind.ACTION} == set(ACTIONS)


def test_own_codes_and_own_actions_are_in_the_list() -> None:
    publication = door(
        lock="lock.a",
        actions=["script.light"],
        codes={"bolt": "open_state"},
        action_codes={"script.light": "lamp"},
    )
    assert [one.code for one in functions_of(publication)] == [
        "open_state",
        "unlock",
        "lock",
        "lamp",
    ]


def test_the_table_says_what_to_enter() -> None:
    words = {
        "function": "Function",
        "code": "Code",
        "type": "Type",
        "mode": "Access",
        "battery": "Battery",
        "event": "Event",
        "outputs": "outputs",
        "ro": "Report only",
        "alarm": "Alarm",
    }
    functions = functions_of(door(battery="sensor.a", alarms=["binary_sensor.a"]))
    assert as_table(functions, words).splitlines() == [
        "| Function | Code | Type | Access |",
        "| --- | --- | --- | --- |",
        "| alarming | alarm_active | bool | Report only |",
        "| Battery | battery_percentage | value 0-100 % | Report only |",
        "| Alarm | alarm | Event; outputs: kind (string) |  |",
    ]


def test_no_name_breaks_the_table() -> None:
    odd = Function(kind=FunctionKind.ACTION, code="a", name="Gate | \\ left\r\n| x |")
    (row,) = as_table([odd], {}).splitlines()[2:]
    assert row == r"| Gate \| \\ left \| x \| | a | action |  |"


def test_a_product_that_has_everything_lacks_nothing() -> None:
    assert mismatches(door(**PARTS, control=True), product()) == ()


def test_of_a_product_that_is_not_known_nothing_is_said() -> None:
    assert mismatches(door(**PARTS), ThingModel()) == ()


def test_what_is_missing_is_told() -> None:
    publication = door(**PARTS, actions=["script.light"])
    assert lacks(publication, product(properties=[], events=[])) == {
        "lock_motor_state": Lack.MISSING_PROPERTY,
        "doorcontact_state": Lack.MISSING_PROPERTY,
        "alarm_active": Lack.MISSING_PROPERTY,
        "battery_percentage": Lack.MISSING_PROPERTY,
        "picture_url": Lack.MISSING_PROPERTY,
        "ring": Lack.MISSING_EVENT,
        "access": Lack.MISSING_EVENT,
        "alarm": Lack.MISSING_EVENT,
        "light": Lack.MISSING_ACTION,
    }


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("bool", False), ("Boolean", False), ("enum", True), ("string", True), ("value", True)],
)
def test_a_property_of_another_type_is_told(kind: str, *, wrong: bool) -> None:
    row = {"code": "doorcontact_state", "accessMode": "ro", "typeSpec": {"type": kind}}
    found = lacks(door(door="binary_sensor.leaf"), product(properties=[row]))
    assert found == ({"doorcontact_state": Lack.WRONG_TYPE} if wrong else {})


@pytest.mark.parametrize("kind", ["value", "float", "double"])
def test_percent_fits_every_number(kind: str) -> None:
    row = {"code": "battery_percentage", "typeSpec": {"type": kind}}
    assert lacks(door(battery="sensor.a"), product(properties=[row])) == {}


@pytest.mark.parametrize("control", [True, False])
def test_a_bolt_that_cannot_be_written_matters_to_who_lets_tuya_open(*, control: bool) -> None:
    row = {"code": "lock_motor_state", "accessMode": "ro", "typeSpec": {"type": "bool"}}
    found = lacks(door(lock="lock.a", control=control), product(properties=[row]))
    assert found == ({"lock_motor_state": Lack.READ_ONLY} if control else {})


def test_outputs_that_are_missing_or_no_text_are_told() -> None:
    outputs = [
        {"code": "result", "typeSpec": {"type": "enum", "range": ["granted"]}},
        {"code": "method", "typeSpec": {"type": "value"}},
    ]
    events = [{"code": "access", "outputParams": outputs}]
    assert lacks(door(access="event.a"), product(events=events)) == {
        "access.method": Lack.WRONG_TYPE,
        "access.person": Lack.MISSING_OUTPUT,
    }


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("lock_motor_state", None),
        ("Gate2", None),
        ("x" * 64, None),
        ("", CodeFault.EMPTY),
        ("x" * 65, CodeFault.TOO_LONG),
        ("2nd", CodeFault.CHARACTERS),
        ("_a", CodeFault.CHARACTERS),
        ("a b", CodeFault.CHARACTERS),
        ("a\n", CodeFault.CHARACTERS),
        ("tür", CodeFault.CHARACTERS),
    ],
)
def test_a_code_is_what_tuya_takes_for_one(code: str, fault: CodeFault | None) -> None:
    assert code_fault(code) is fault

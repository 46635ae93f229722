"""What a product consists of, read out of whatever Tuya tells of it."""

import json
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.publication import Value
from custom_components.tuyalink_intercom.model.thing_model import (
    MOST_FUNCTIONS,
    MOST_PROPERTIES,
    ThingModel,
    ThingProperty,
)

FRONT_DOOR = Path(__file__).parent.parent / "simulator" / "products" / "front_door.json"


def prop(code: str, kind: str, *, mode: str = "ro", **limits: Any) -> dict[str, Any]:
    """Describe a property as Tuya's models do."""
    return {"code": code, "accessMode": mode, "typeSpec": {"type": kind, **limits}}


def model(*properties: object, **functions: object) -> ThingModel:
    services = [{"properties": [*properties], **functions}]
    return ThingModel.read({"modelId": "0001", "services": services})


def one(kind: str, **limits: Any) -> ThingProperty:
    """Return a property of this type."""
    return model(prop("code", kind, **limits)).properties["code"]


def test_the_model_of_a_door_is_read_whole() -> None:
    found = ThingModel.read({"services": [json.loads(FRONT_DOOR.read_text())]})
    bolt, battery = found.properties["lock_motor_state"], found.properties["battery_percentage"]
    assert (bolt.kind, bolt.point, bolt.writable) == ("bool", 101, True)
    assert (battery.kind, battery.low, battery.high, battery.writable) == ("value", 0, 100, False)
    assert found.properties["picture_url"].longest == 1024
    assert [*found.events["access"].outputs] == ["result", "method", "person"]
    assert [*found.actions] == ["unlock", "lock"]
    assert found.code_of(102) == "doorcontact_state"
    assert found.code_of(99) is None


@pytest.mark.parametrize("mode", ["rw", "wr", "WR"])
def test_a_property_is_writable_in_each_spelling_of_that(mode: str) -> None:
    assert model(prop("a", "bool", mode=mode)).properties["a"].writable


def test_names_in_the_other_spelling_say_the_same() -> None:
    spec = json.dumps({"type": "Integer", "min": "0", "max": "1e9", "scale": "1"})
    row = {"code": "a", "access_mode": "rw", "ability_id": "7", "type_spec": spec}
    action = {"code": "b", "input_params": [row], "output_params": [row]}
    found = model(row, actions=[action])
    assert found.properties["a"] == ThingProperty(
        code="a", point=7, kind="value", writable=True, low=0, scale=1
    )
    assert [*found.actions["b"].inputs] == [*found.actions["b"].outputs] == ["a"]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        [],
        {},
        {"services": None},
        {"services": [None, 5, {"properties": {}, "events": "x", "actions": [None, {}]}]},
        {"services": [{"properties": [{"code": 5}, {"code": ""}, {"code": "x" * 65}]}]},
        {"services": [{"properties": [{"code": "a\nb"}]}]},
    ],
)
def test_a_model_that_tells_nothing_is_not_known(raw: object) -> None:
    assert ThingModel.read(raw) == ThingModel()
    assert not ThingModel.read(raw).known


def test_a_broken_row_costs_only_itself() -> None:
    found = model(None, {"typeSpec": 5}, prop("a", "bool"), {"code": "b", "typeSpec": "{"})
    assert [*found.properties] == ["a", "b"]
    assert found.properties["b"] == ThingProperty(code="b")


def test_of_a_code_that_comes_twice_the_first_counts() -> None:
    assert model(prop("a", "bool"), prop("a", "string")).properties["a"].kind == "bool"


def test_a_model_without_end_is_cut() -> None:
    rows = [prop(f"a{number}", "bool") for number in range(MOST_PROPERTIES + 5)]
    functions = [{"code": f"a{number}", "outputParams": rows} for number in range(200)]
    found = model(*rows, events=functions, actions=functions)
    assert len(found.properties) == MOST_PROPERTIES
    assert len(found.events) == len(found.actions) == MOST_FUNCTIONS
    assert len(found.events["a0"].outputs) == 100
    words = [f"w{number}" for number in range(200)]
    assert len(one("enum", range=words).words) == 100


@pytest.mark.parametrize(
    ("kind", "limits", "value", "taken"),
    [
        ("bool", {}, True, True),
        ("Boolean", {}, False, False),
        ("bool", {}, 1, None),
        ("bool", {}, "true", None),
        ("value", {"min": 0, "max": 100}, 85, 85),
        ("value", {"min": 0, "max": 100}, 85.0, 85),
        ("value", {"min": 0, "max": 100}, 101, None),
        ("value", {"min": 0, "max": 100}, -1, None),
        ("value", {"min": 0, "max": 100}, True, None),
        ("value", {"min": 0, "max": 100}, "85", None),
        ("value", {"scale": 1, "max": 500}, 21.5, 215),
        ("value", {"scale": 1, "max": 500}, 21, 21),
        ("value", {"scale": 1, "max": 500}, 51.0, None),
        ("value", {"scale": 99}, 21.4, 21),
        ("value", {"min": 100, "max": 0}, 50, 50),
        ("value", {}, nan, None),
        ("value", {}, 2**70, None),
        ("float", {"min": -0.5, "max": 0.5}, 0.25, 0.25),
        ("float", {"min": "-0.5", "max": "0.5"}, 0.75, None),
        ("double", {}, 3, 3.0),
        ("double", {}, inf, None),
        ("enum", {"range": ["open", "closed"]}, "open", "open"),
        ("enum", {"range": ["open", "closed"]}, "ajar", None),
        ("enum", {"range": ["true", "false"]}, True, None),
        ("enum", {}, "ajar", "ajar"),
        ("string", {"maxlen": 4}, "garden", "gard"),
        ("string", {"maxlen": 0}, "garden", "garden"),
        ("string", {}, 5, None),
        ("string", {}, True, None),
        ("raw", {}, "AQ==", None),
        ("struct", {}, "a", None),
    ],
)
def test_a_property_takes_what_fits_as_it_holds_it(
    kind: str, limits: dict[str, object], value: Value, taken: Value | None
) -> None:
    found = one(kind, **limits).takes(value)
    assert found == taken
    assert type(found) is type(taken)


@pytest.mark.parametrize("value", [True, 5, 0.5, "open"])
def test_a_type_that_is_not_told_forbids_nothing(value: Value) -> None:
    assert ThingProperty(code="a").takes(value) == value


def test_values_are_fitted_and_the_rest_left_out() -> None:
    found = model(prop("a", "bool"), prop("b", "value", max=100))
    assert found.fitted({"a": True, "b": 101, "c": "x"}) == {"a": True}


def test_what_an_event_or_action_does_not_carry_is_left_out() -> None:
    outputs: dict[str, Value] = {"person": "Anna", "method": "face", "door": 1}
    functions = [{"code": "access", "outputParams": [prop("person", "string", maxlen=2)]}]
    found = model(events=functions, actions=functions)
    assert found.events["access"].fitted_outputs(outputs) == {"person": "An"}
    assert found.event_outputs("access", outputs) == {"person": "An"}
    assert found.action_outputs("access", outputs) == {"person": "An"}
    assert found.event_outputs("ring", outputs) == {}


def test_to_a_model_that_is_not_known_everything_fits() -> None:
    values: dict[str, Value] = {"a": True, "b": "x"}
    unknown = ThingModel()
    assert unknown.fitted(values) == values
    assert unknown.event_outputs("ring", values) == values
    assert unknown.action_outputs("unlock", values) == values

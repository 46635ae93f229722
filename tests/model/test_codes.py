"""One view over all of Tuya's descriptions of a device, and readings of single values."""

from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.codes import Description, read_codes
from custom_components.tuyalink_intercom.model.state import World
from custom_components.tuyalink_intercom.model.values import (
    boolean,
    integer,
    mapping,
    raw,
    text,
)

SPECIFICATION = {
    "functions": [{"code": "ipc_c_lock", "type": "String", "values": "{}"}],
    "status": [
        {"code": "alarm_lock", "type": "Enum", "values": '{"range":["pry","shock"]}', "dp_id": 21},
        {"code": "record_switch", "type": "bool", "values": "{true,false}"},
        "no point",
        {"code": None},
        {"type": "Enum"},
    ],
}
MODEL = {
    "services": [
        {"properties": [{"code": "doorbell_pic", "abilityId": 154, "typeSpec": {"type": "raw"}}]},
        {"properties": "none"},
        "no service",
    ]
}


def test_codes_of_all_descriptions_are_joined() -> None:
    shadow = ({"code": "", "dp_id": 148, "value": True}, {"code": "unlock_card", "dp_id": 15})
    codes = read_codes(Description(SPECIFICATION, MODEL, shadow), World.INTERCOM)
    assert codes.known == {
        "ipc_c_lock",
        "alarm_lock",
        "record_switch",
        "doorbell_pic",
        "unlock_card",
        "accessory_lock",
    }
    assert codes.commandable == {"ipc_c_lock"}
    assert codes.text == {"ipc_c_lock"}
    assert codes.ranges == {"alarm_lock": ("pry", "shock")}
    assert codes.by_dp["21"] == "alarm_lock"
    assert codes.by_dp["154"] == "doorbell_pic"
    assert codes.by_dp["148"] == "accessory_lock"


def test_codes_that_only_the_thing_model_knows_are_custom() -> None:
    assert read_codes(Description(SPECIFICATION, MODEL)).custom
    assert not read_codes(Description(SPECIFICATION, {})).custom
    status = ({"code": "doorbell_pic", "value": ""},)
    assert not read_codes(Description(SPECIFICATION, MODEL, status=status)).custom


def test_a_product_names_its_numbers_itself() -> None:
    model = {"services": [{"properties": [{"code": "do_not_disturb", "abilityId": 148}]}]}
    assert read_codes(Description({}, model), World.INTERCOM).by_dp["148"] == "do_not_disturb"


@pytest.mark.parametrize("nonsense", [None, 5, "text", [], {}, [[]], [{}], [{"code": []}]])
def test_descriptions_that_make_no_sense_say_nothing(nonsense: Any) -> None:
    description = Description({"functions": nonsense, "status": nonsense}, {"services": nonsense})
    assert read_codes(description).known == frozenset()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        (1.0, True),
        ("true", True),
        (" FALSE ", False),
        ("1", True),
        ("0", False),
        ("on", True),
        ("off", False),
        ("open", True),
        ("closed", False),
        (2, None),
        ("", None),
        (None, None),
        ("yes!", None),
        ([], None),
        ({}, None),
        (float("nan"), None),
    ],
)
def test_a_switch_is_read_in_every_spelling(value: object, read: object) -> None:
    assert boolean(value) is read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (5, 5),
        ("5", 5),
        (" -5 ", -5),
        (5.9, 5),
        (True, None),
        ("5.0", None),
        ("", None),
        (float("inf"), None),
        (float("nan"), None),
        (10**19, None),
        ("9" * 20, None),
        ("٣", None),
        ("\x1f3", None),
        (1e300, None),
        (None, None),
        ([], None),
    ],
)
def test_a_whole_number_is_read_within_reason(value: object, read: object) -> None:
    assert integer(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (" x ", "x"),
        ("", None),
        (" ", None),
        (5, "5"),
        (True, None),
        (5.5, None),
        (None, None),
        ("a\ud800b", "a?b"),
        ([], None),
    ],
)
def test_a_text_is_read_whole_printable_and_short(value: object, read: object) -> None:
    assert text(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("AQAC", b"\x01\x00\x02"),
        ("AQ", b"\x01"),
        ("", None),
        ("$", None),
        (None, None),
        ("**REDACTED**", None),
        ("ü", None),
        (5, None),
    ],
)
def test_a_raw_value_is_base64_or_nothing(value: object, read: object) -> None:
    assert raw(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"a": 1}, {"a": 1}),
        ('{"a": 1}', {"a": 1}),
        (' {"a": 1}', {"a": 1}),
        ("{", None),
        ("[1]", None),
        ("", None),
        (None, None),
        (5, None),
        ('{"a": "\\ud83d\\ude00 \\uD800"}', {"a": "😀 \ufffd"}),
    ],
)
def test_an_object_is_read_as_one_or_as_json(value: object, read: object) -> None:
    assert mapping(value) == read


def test_values_of_absurd_size_or_depth_are_cut_or_not_read() -> None:
    assert text("x" * 1000) == "x" * 255
    assert text(10**5000) is None
    assert integer("9" * 5000) is None
    assert raw("A" * 70_000) is None
    assert mapping('{"a": "' + "x" * 70_000 + '"}') is None
    assert mapping('{"a":' * 10_000) is None
    assert mapping('{"a": ' + "[" * 30_000) is None

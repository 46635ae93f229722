"""A published door, read from what is stored of it, however broken that is."""

from datetime import time
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.publication import (
    CODES,
    Binding,
    Part,
    Publication,
    Role,
    UnusablePublicationError,
    action_code,
)

WHOLE: dict[str, Any] = {
    "third_id": "hagarden1",
    "device_id": "6cgardendoor",
    "product_id": "simdoorproduct01",
    "gateway": "hahub1",
    "binding": "group",
    "group_id": "home1",
    "control": True,
    "quiet_from": "22:00:00",
    "quiet_to": "06:30:00",
    "lock": "lock.garden",
    "doorbell": "event.bell",
    "access": "event.access",
    "door": "binary_sensor.leaf",
    "alarms": ["binary_sensor.tamper", "binary_sensor.duress"],
    "battery": "sensor.battery",
    "picture": "image.garden",
    "actions": ["script.light", "button.gong"],
    "codes": {"bolt": "open_state"},
    "action_codes": {"button.gong": "gong"},
}
NAMED = {"third_id": "hagarden1", "product_id": "simdoorproduct01"}


def stored(**changes: object) -> Publication:
    """Read the least that says which door it is, and these changes."""
    return Publication.of("Garden", {**NAMED, **changes})


def test_everything_a_user_chose_is_read() -> None:
    door = Publication.of("Garden", WHOLE)
    assert (door.name, door.third_id, door.device_id) == ("Garden", "hagarden1", "6cgardendoor")
    assert (door.gateway, door.binding, door.group_id) == ("hahub1", Binding.GROUP, "home1")
    assert door.control
    assert (door.quiet_from, door.quiet_to) == (time(22), time(6, 30))
    assert set(door.entities) == set(Part)
    assert door.entity(Part.LOCK) == "lock.garden"
    assert door.entities[Part.ALARMS] == ("binary_sensor.tamper", "binary_sensor.duress")
    assert door.codes == {**CODES, Role.BOLT: "open_state"}
    assert door.roles["open_state"] is Role.BOLT
    assert door.actions == {"light": "script.light", "gong": "button.gong"}
    assert door.doubled == ()


def test_a_door_has_codes_only_for_its_parts() -> None:
    door = stored(doorbell="event.bell")
    assert door.codes == {Role.RING: "ring"}
    assert door.code(Role.BOLT) is None
    assert door.entity(Part.LOCK) is None


@pytest.mark.parametrize("name", ["third_id", "product_id"])
@pytest.mark.parametrize("value", [None, "", 5, ["x"]])
def test_a_door_that_is_not_named_cannot_be_published(name: str, value: object) -> None:
    with pytest.raises(UnusablePublicationError):
        stored(**{name: value})


@pytest.mark.parametrize(
    "broken",
    [
        dict.fromkeys(WHOLE.keys() - NAMED.keys()),
        dict.fromkeys(WHOLE.keys() - NAMED.keys(), 5),
        {key: {"a": []} for key in WHOLE.keys() - NAMED.keys()},
        dict.fromkeys(WHOLE.keys() - NAMED.keys() - {"device_id", "gateway", "group_id"}, "x"),
        {key: [None, 5, "", "no_entity", {}] for key in (*Part, "codes", "action_codes")},
    ],
)
def test_what_is_broken_counts_as_not_chosen(broken: dict[str, object]) -> None:
    assert stored(**broken) == stored()


@pytest.mark.parametrize("control", [1, "true", "off", [True]])
def test_only_a_plain_yes_lets_tuya_open_the_door(control: object) -> None:
    assert not stored(control=control).control


def test_a_part_that_is_one_entity_is_one() -> None:
    door = stored(lock=["lock.a", "lock.b"], alarms=["binary_sensor.a", "binary_sensor.a"])
    assert door.entities == {Part.LOCK: ("lock.a",), Part.ALARMS: ("binary_sensor.a",)}


@pytest.mark.parametrize("code", [5, None, "", "x" * 65, "a\nb", ["a"]])
def test_a_code_that_can_be_none_is_the_ready_one(code: object) -> None:
    door = stored(
        lock="lock.a",
        actions=["script.light"],
        codes={"bolt": code},
        action_codes={"script.light": code},
    )
    assert door.code(Role.BOLT) == "lock_motor_state"
    assert door.actions == {"light": "script.light"}


def test_a_time_with_a_zone_is_local_all_the_same() -> None:
    assert stored(quiet_from="22:00+02:00").quiet_from == time(22)


@pytest.mark.parametrize(
    ("entity_id", "code"),
    [
        ("script.light", "light"),
        ("script.2nd_gate", "run_2nd_gate"),
        ("button._a", "run__a"),
        (f"script.{'x' * 200}", "x" * 64),
    ],
)
def test_an_action_has_a_code_that_tuya_takes(entity_id: str, code: str) -> None:
    assert action_code(entity_id) == code


def test_codes_that_were_chosen_twice_are_told() -> None:
    door = stored(
        lock="lock.a",
        door="binary_sensor.leaf",
        actions=["script.light", "button.light", "script.unlock"],
        codes={"leaf": "lock_motor_state"},
    )
    assert door.doubled == ("lock_motor_state", "unlock", "light")

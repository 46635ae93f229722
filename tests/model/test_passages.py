"""Passages through locks and controllers: by their arrival, whatever was said before."""

import base64

import pytest

from custom_components.tuyalink_intercom.model import dpcodes
from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    Opened,
    Outcome,
    Passed,
)
from custom_components.tuyalink_intercom.model.facts import KEPT
from custom_components.tuyalink_intercom.model.state import Alarm, Fact, Method

from .files import NOW, device
from .said import Listener, core, heard, legacy

LOCK = "jtmspro_xqeob8h6"
CONTROLLER = "mk_5k8h97qska6pf5cm"


def record(*numbers: int) -> str:
    return base64.b64encode(bytes(numbers)).decode()


def passed(name: str, values: dict[str, object]) -> list[tuple[Method, int | None]]:
    return [(one.method, one.slot) for one in heard(name, legacy(values)).of(Passed)]


NUMBERED = sorted(dpcodes.METHODS.keys() - dpcodes.RAW_METHODS - {"open_inside"})


@pytest.mark.parametrize("code", NUMBERED)
@pytest.mark.parametrize(("value", "slot"), [(0, 0), (14, 14), ("904", 904), (True, None)])
def test_every_way_of_opening_tells_its_method_and_credential(
    code: str, value: object, slot: int | None
) -> None:
    listener = heard(LOCK, legacy({code: value}))
    [one] = listener.of(Passed)
    assert (one.method, one.slot) == (dpcodes.METHODS[code], slot)
    assert (one.outcome, one.live, one.person) == (Outcome.GRANTED, True, None)
    assert [opened.method for opened in listener.of(Opened)] == [dpcodes.METHODS[code]]


@pytest.mark.parametrize("code", NUMBERED)
@pytest.mark.parametrize("value", [None, "", False, "nobody", [], {}])
def test_a_value_that_names_nobody_is_no_passage(code: str, value: object) -> None:
    assert passed(LOCK, {code: value}) == []


@pytest.mark.parametrize("code", sorted(dpcodes.RAW_METHODS))
@pytest.mark.parametrize(
    ("value", "slot"),
    [
        ("AAAAAQAA", 1),
        (record(0, 0, 1, 2, 0, 0), 258),
        (record(1, 0), None),
        ("12", 12),
        (7, 7),
    ],
)
def test_a_controllers_record_tells_the_member_in_its_third_and_fourth_byte(
    code: str, value: object, slot: int | None
) -> None:
    assert passed(CONTROLLER, {code: value}) == [(dpcodes.METHODS[code], slot)]


@pytest.mark.parametrize("code", sorted(dpcodes.RAW_METHODS))
@pytest.mark.parametrize("value", ["", "$", "**REDACTED**", None, False])
def test_a_record_that_was_never_written_is_no_passage(code: str, value: object) -> None:
    assert passed(CONTROLLER, {code: value}) == []


def test_opening_from_inside_tells_no_credential() -> None:
    assert passed(LOCK, {"open_inside": True}) == [(Method.INSIDE, None)]
    assert passed(LOCK, {"open_inside": "1"}) == [(Method.INSIDE, None)]
    assert passed(LOCK, {"open_inside": False}) == []


def test_the_same_finger_twice_is_two_passages_and_in_two_dialects_one() -> None:
    told = int(NOW)
    listener = heard(LOCK, legacy({"unlock_fingerprint": 3}, t=told))
    listener.hears(core({"unlock_fingerprint": 3}, time=told * 1000), NOW + 1)
    assert len(listener.of(Passed)) == 1
    listener.hears(legacy({"unlock_fingerprint": 3}, t=told + 20), NOW + 20)
    assert len(listener.of(Passed)) == 2
    assert len({one.event_id for one in listener.of(Passed)}) == 2


def test_a_lock_shows_who_opened_it_last_and_how() -> None:
    readings = heard(LOCK, legacy({"unlock_key": 0})).device.readings
    assert readings[Fact.OPENED_BY].value == "0"
    assert readings[Fact.OPENED_HOW].value == "key"
    readings = heard(LOCK, legacy({"open_inside": True})).device.readings
    assert readings[Fact.OPENED_BY].value is None


@pytest.mark.parametrize(
    "order", [("hijack", "unlock_fingerprint"), ("unlock_fingerprint", "hijack")]
)
def test_a_passage_told_together_with_duress_is_one_under_duress(order: tuple[str, ...]) -> None:
    values = {"hijack": True, "unlock_fingerprint": 2}
    listener = heard(LOCK, legacy({code: values[code] for code in order}))
    assert [(one.outcome, one.slot) for one in listener.of(Passed)] == [(Outcome.DURESS, 2)]
    assert [one.alarm for one in listener.of(AlarmRaised)] == [Alarm.DURESS]


def test_a_passage_told_shortly_after_duress_is_one_under_duress() -> None:
    listener = heard(LOCK, legacy({"hijack": "true"}))
    listener.hears(legacy({"unlock_password": 2}), NOW + 5)
    listener.hears(legacy({"unlock_password": 3}), NOW + 11)
    assert [one.outcome for one in listener.of(Passed)] == [Outcome.DURESS, Outcome.GRANTED]


def test_a_passage_told_shortly_before_duress_is_told_again_as_one_under_duress() -> None:
    listener = heard(LOCK, legacy({"unlock_password": 2}))
    listener.hears(legacy({"hijack": True}), NOW + 1)
    told = listener.of(Passed)
    assert [(one.outcome, one.method, one.slot) for one in told] == [
        (Outcome.GRANTED, Method.PASSWORD, 2),
        (Outcome.DURESS, Method.PASSWORD, 2),
    ]
    assert len({one.event_id for one in told}) == 1
    assert len(listener.of(Opened)) == 1


def test_of_two_who_passed_the_one_beside_the_duress_was_under_it() -> None:
    listener = Listener(LOCK)
    # The one after is heard of before the alarm, though they passed well after it.
    for values, at in (({"unlock_card": 2}, 0), ({"unlock_card": 3}, 4.5), ({"hijack": True}, 1)):
        listener.hears(legacy(values, t=int((NOW + at) * 1000)), NOW + at, now=NOW + 5)
    under = [one.slot for one in listener.of(Passed) if one.outcome is Outcome.DURESS]
    assert under == [2]


def test_duress_is_shown_for_a_minute_or_until_it_is_taken_back() -> None:
    listener = heard(LOCK, legacy({"hijack": True}))
    reading = listener.device.readings[Fact.DURESS]
    assert (reading.value, reading.until) == (True, NOW + 60)
    listener.hears(legacy({"hijack": False}), NOW + 5)
    reading = listener.device.readings[Fact.DURESS]
    assert (reading.value, reading.until) == (False, None)


def test_a_relay_that_pulls_is_an_opening_and_one_that_falls_back_is_none() -> None:
    listener = heard("sp_h3bhzu9m0ig80rdu", legacy({"accessory_lock": True, "ipc_c_lock": "1"}))
    listener.hears(legacy({"accessory_lock": False, "accessory_lock3": True}), NOW + 1)
    assert [one.door for one in listener.of(Opened)] == ["door", "door_2"]
    relays = listener.device.relays
    assert {code: reading.value for code, reading in relays.items()} == {
        "accessory_lock": False,
        "ipc_c_lock": True,
        "accessory_lock3": True,
    }


def test_what_a_lock_remembers_of_its_incidents_is_bounded() -> None:
    listener = Listener(LOCK)
    for number in range(KEPT + 100):
        listener.hears(legacy({"unlock_fingerprint": number}), NOW + number)
    assert len(listener.device.memory.facts) == KEPT
    assert len(listener.of(Passed)) == KEPT + 100
    listener.hears(legacy({"unlock_fingerprint": 1}), NOW + 86_400)
    assert len(listener.device.memory.facts) == 64


def test_a_device_of_the_fixtures_is_not_changed_by_what_another_one_hears() -> None:
    heard(LOCK, legacy({"unlock_fingerprint": 1}))
    assert device(LOCK).memory.facts == ()

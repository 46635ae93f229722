"""Alarms of locks, controllers and cameras: what they are called and how long they are shown."""

import base64

import pytest

from custom_components.tuyalink_intercom.model import dpcodes
from custom_components.tuyalink_intercom.model.changes import AlarmRaised
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import Alarm, Device, Fact, Method

from .files import NOW, device
from .pictures import sealed
from .said import core, heard, legacy

LOCK = "jtmspro_xqeob8h6"
CONTROLLER = "mk_5k8h97qska6pf5cm"
STATION = "mk_w7jvccswsslo4nam"
OWN_ORDER = ("wrong_finger", "wrong_password", "pry", "low_battery")


def record(*numbers: int) -> str:
    return base64.b64encode(bytes(numbers)).decode()


def with_alarms(*words: str) -> Device:
    """Return a lock whose product lists its alarms in its own order."""
    status = [{"code": "alarm_lock", "type": "Enum", "values": {"range": [*words]}}]
    built = device_from(
        {"id": "lock", "category": "ms"}, Description({"status": status}, {}), now=NOW
    )
    assert built is not None
    return built


def alarms(name: str | Device, values: dict[str, object]) -> list[tuple[Alarm, Method | None]]:
    return [(one.alarm, one.method) for one in heard(name, legacy(values)).of(AlarmRaised)]


@pytest.mark.parametrize("word", dpcodes.ALARMS)
def test_every_alarm_word_is_an_alarm_of_its_kind(word: str) -> None:
    assert alarms(LOCK, {"alarm_lock": word}) == [dpcodes.ALARMS[word]]


@pytest.mark.parametrize(("digit", "word"), [*enumerate(OWN_ORDER)])
def test_digits_count_in_the_order_of_the_products_own_list(digit: int, word: str) -> None:
    lock = with_alarms(*OWN_ORDER)
    assert alarms(lock, {"alarm_lock": str(digit)}) == [dpcodes.ALARMS[word]]
    assert alarms(lock, {"alarm_lock": digit}) == [dpcodes.ALARMS[word]]


@pytest.mark.parametrize(("digit", "word"), [*enumerate(dpcodes.ALARM_ORDER)])
def test_digits_of_a_product_that_lists_digits_count_in_tuyas_order(digit: int, word: str) -> None:
    lock = with_alarms(*(str(number) for number in range(15)))
    assert alarms(lock, {"alarm_lock": str(digit)}) == [dpcodes.ALARMS[word]]
    assert {Fact.TAMPER, Fact.LOITERING} <= lock.features.facts


@pytest.mark.parametrize("told", ["99", "-1", "flood", "٩٩", "9" * 5000])
def test_an_alarm_that_nobody_knows_is_told_as_another_one(told: str) -> None:
    listener = heard(LOCK, legacy({"alarm_lock": told}))
    assert [one.alarm for one in listener.of(AlarmRaised)] == [Alarm.OTHER]
    assert len(listener.unknown[0]) <= 40


@pytest.mark.parametrize("value", [None, "", True, [], {}])
def test_an_alarm_without_a_word_is_none(value: object) -> None:
    assert alarms(LOCK, {"alarm_lock": value}) == []


def test_a_tamper_alarm_is_shown_for_a_minute_as_nothing_takes_it_back() -> None:
    listener = heard(LOCK, legacy({"alarm_lock": "pry"}))
    reading = listener.device.readings[Fact.TAMPER]
    assert (reading.value, reading.until) == (True, NOW + 60)


def test_a_door_left_open_is_shown_until_the_leaf_is_closed() -> None:
    listener = heard(LOCK, legacy({"alarm_lock": "unclosed_time"}))
    assert listener.device.readings[Fact.DOOR_LEFT_OPEN].until is None
    listener.hears(legacy({"closed_opened": "closed"}), NOW + 200)
    assert listener.device.readings[Fact.DOOR_LEFT_OPEN].value is False


def test_a_door_left_open_that_no_contact_takes_back_is_shown_for_a_minute() -> None:
    listener = heard("ms_isk2p555", legacy({"alarm_lock": "unclosed_time"}))
    assert listener.device.readings[Fact.DOOR_LEFT_OPEN].until == NOW + 60


def test_a_low_battery_alarm_is_shown_only_where_no_percentage_says_it_better() -> None:
    listener = heard(LOCK, legacy({"alarm_lock": "low_battery"}))
    assert [one.alarm for one in listener.of(AlarmRaised)] == [Alarm.LOW_BATTERY]
    assert Fact.BATTERY_LOW not in listener.device.readings
    listener = heard("lock_kdq0tdbz", legacy({"alarm_lock": "low_battery"}))
    assert listener.device.readings[Fact.BATTERY_LOW].value is True


def test_an_alarm_that_is_no_state_is_an_event_only() -> None:
    before = device(LOCK).readings
    listener = heard(LOCK, legacy({"alarm_lock": "shock"}))
    assert len(listener.of(AlarmRaised)) == 1
    assert listener.device.readings == before


@pytest.mark.parametrize(("kind", "expected"), [*dpcodes.KIT_ALARMS.items()])
def test_a_controllers_alarm_record_tells_its_kind_in_the_last_byte(
    kind: int, expected: tuple[Alarm, Method | None]
) -> None:
    for value in (record(1, 0, kind), record(kind), str(kind), kind):
        assert alarms(CONTROLLER, {"lock_alarm_kit": value}) == [expected]


def test_a_controllers_alarm_record_of_the_doorbell_is_a_ring() -> None:
    for value in (record(1, 0, 6), 6):
        listener = heard(CONTROLLER, legacy({"lock_alarm_kit": value}))
        assert len(listener.rings) == 1
        assert not listener.of(AlarmRaised)


def test_a_controllers_alarm_of_an_unknown_kind_is_told_and_counted() -> None:
    listener = heard(CONTROLLER, legacy({"lock_alarm_kit": record(1, 0, 77)}))
    assert [one.alarm for one in listener.of(AlarmRaised)] == [Alarm.OTHER]
    assert listener.unknown == ["lock_alarm_kit"]
    assert alarms(CONTROLLER, {"lock_alarm_kit": ""}) == []


@pytest.mark.parametrize("code", dpcodes.ALARM_FLAGS)
@pytest.mark.parametrize("value", [True, "true", 1, "1"])
def test_a_raised_flag_is_an_alarm_and_its_state(code: str, value: object) -> None:
    listener = heard(STATION, legacy({code: value}))
    alarm = dpcodes.ALARM_FLAGS[code]
    assert [one.alarm for one in listener.of(AlarmRaised)] == [alarm]
    reading = listener.device.readings[dpcodes.ALARM_FACTS[alarm]]
    assert reading.value is True
    assert (reading.until is None) is (code not in dpcodes.PASSING_FLAGS)
    listener.hears(legacy({code: False}), NOW + 5)
    assert listener.device.readings[dpcodes.ALARM_FACTS[alarm]].value is False
    assert len(listener.of(AlarmRaised)) == 1


@pytest.mark.parametrize(
    ("command", "alarm"),
    [
        ("ipc_antibreak", Alarm.TAMPER),
        ("ipc_linger", Alarm.LOITERING),
        ("ipc_low_battery", Alarm.LOW_BATTERY),
    ],
)
@pytest.mark.parametrize("code", ["alarm_message", "initiative_message"])
def test_a_cameras_message_may_be_an_alarm(code: str, command: str, alarm: Alarm) -> None:
    assert alarms("sp_csr2fqitalj5o0tq", {code: sealed(command)}) == [(alarm, None)]


def test_the_same_alarm_in_both_dialects_is_one_and_later_another() -> None:
    listener = heard(LOCK, legacy({"alarm_lock": "pry"}), core({"alarm_lock": "pry"}))
    assert len(listener.of(AlarmRaised)) == 1
    listener.hears(legacy({"alarm_lock": "pry"}), NOW + 2)
    assert len(listener.of(AlarmRaised)) == 2

"""Stored values are history: they become states, are remembered, and are never events."""

from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import ChannelsReported, Reported
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.records import (
    SenselessDeviceError,
    device_from,
    device_id,
    is_online,
    name_of,
    with_values,
)
from custom_components.tuyalink_intercom.model.reports import stored_changes
from custom_components.tuyalink_intercom.model.state import Device, Fact, Recalled

from .files import DEVICE_FILES, NOW, description_of, device, found
from .pictures import sealed, stored
from .said import MOMENTS, Listener, heard, legacy, notify

DIGITS = f"{NOW - 3600:.0f}"


READ = NOW - 30


def bell(*rows: dict[str, Any], now: float = READ) -> Device:
    """Return a video doorbell whose values the cloud told at that time."""
    codes = ("doorbell_active", "doorbell_pic", "alarm_message", "initiative_message")
    status = [{"code": code, "type": "Raw", "values": "{}"} for code in codes]
    built = device_from(
        {"id": "bell", "category": "sp", "isOnline": True},
        Description({"status": status}, {}, shadow=rows),
        now=now,
    )
    assert built is not None
    return built


@pytest.mark.parametrize("name", [name for name in DEVICE_FILES if found(name)])
def test_the_stored_values_of_a_known_device_are_states_only(name: str) -> None:
    built = device(name)
    changes = [*stored_changes(built, description_of(name).shadow, NOW)]
    assert not [change for change in changes if isinstance(change, MOMENTS)]
    assert all(change.time <= NOW for change in changes)


@pytest.mark.parametrize("name", [name for name in DEVICE_FILES if found(name)])
def test_no_known_device_starts_with_an_alarm_or_a_request(name: str) -> None:
    readings = device(name).readings
    for fact in (Fact.ASKS_TO_OPEN, Fact.DURESS, Fact.LOITERING, Fact.WRONG_ATTEMPTS, Fact.TAMPER):
        assert fact not in readings or readings[fact].value is False


def test_stored_states_carry_the_time_at_which_they_were_told() -> None:
    dump = device("lock_unknown_shadow_dump")
    assert dump.readings[Fact.BATTERY].value == 90
    assert dump.readings[Fact.BATTERY].time < NOW
    undated = device("jtmspro_xqeob8h6")
    assert undated.readings[Fact.BATTERY].time == NOW


def test_a_stored_time_of_tomorrow_counts_as_now() -> None:
    rows = [{"code": "residual_electricity", "value": 5, "time": int(NOW + 9000) * 1000}]
    built = with_values(device("ms_isk2p555"), rows, NOW)
    assert built.readings[Fact.BATTERY].time == NOW


@pytest.mark.parametrize("code", ["hijack", "error_alarm"])
def test_a_stored_flag_of_something_that_passed_is_history(code: str) -> None:
    lock = device("ms_bljvjx2nsv02dhao")
    told = [*stored_changes(lock, [{"code": code, "value": True}], NOW)]
    assert told == []
    [over] = stored_changes(lock, [{"code": code, "value": False}], NOW)
    assert isinstance(over, Reported)
    assert over.value is False


def test_a_stored_tamper_contact_is_a_state() -> None:
    rows = [{"code": "anti_alarm", "value": True}]
    [change] = stored_changes(device("ms_bljvjx2nsv02dhao"), rows, NOW)
    assert isinstance(change, Reported)
    assert (change.fact, change.value) == (Fact.TAMPER, True)


@pytest.mark.parametrize(
    ("row", "asking", "until"),
    [
        ({"value": 60}, False, None),
        ({"value": 60, "time": int(NOW - 3600) * 1000}, False, None),
        ({"value": 60, "time": int(NOW - 20) * 1000}, True, NOW + 40),
        ({"value": 0, "time": int(NOW - 20) * 1000}, False, None),
    ],
)
def test_a_stored_request_is_believed_only_while_it_lasts(
    row: dict[str, Any], *, asking: bool, until: float | None
) -> None:
    rows = [{"code": "unlock_request", **row}]
    reading = with_values(device("ms_bljvjx2nsv02dhao"), rows, NOW).readings[Fact.ASKS_TO_OPEN]
    assert (reading.value, reading.until) == (asking, until)


def test_stored_panels_are_known_but_were_not_just_switched_to() -> None:
    rows = [{"code": "", "dp_id": 231, "value": '{"cc":2,"chs":[{"id":2,"n":"Gate"}]}'}]
    [change] = stored_changes(device("sp_pd2wpgm6gifppmae"), rows, NOW)
    assert isinstance(change, ChannelsReported)
    assert (change.current, change.time) == ("2", 0.0)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("doorbell_active", DIGITS),
        ("doorbell_pic", stored(NOW - 3600)),
        ("initiative_message", stored(NOW - 3600, "ipc_doorbell")),
        ("alarm_message", sealed("ipc_doorbell")),
    ],
)
def test_a_doorbell_that_sends_its_last_press_again_when_it_comes_back_does_not_ring(
    code: str, value: str
) -> None:
    built = bell({"code": code, "value": value, "time": int(NOW - 3600) * 1000})
    assert heard(built, legacy({code: value})).moments == []


def test_the_press_of_a_stored_value_is_known_to_every_carrier_that_tells_its_time() -> None:
    row = {"code": "doorbell_active", "value": DIGITS, "time": int(NOW - 3600) * 1000}
    assert heard(bell(row), notify(NOW - 3600)).rings == []
    assert len(heard(bell(row), notify(NOW)).rings) == 1


@pytest.mark.parametrize("clock", [0, 3600, -3600])
def test_a_press_whose_message_the_cloud_sent_before_it_was_asked_still_rings(clock: int) -> None:
    pressed = f"{READ + clock - 10:.0f}"
    row = {"code": "doorbell_active", "value": pressed, "time": int(READ + clock - 10) * 1000}
    listener = Listener(bell(row))
    listener.hears(legacy({"doorbell_active": pressed}), READ - 10, now=READ + 5)
    assert len(listener.rings) == 1


@pytest.mark.parametrize("clock", [0, 3600, -3600])
def test_the_same_press_sent_again_after_the_cloud_was_asked_does_not_ring(clock: int) -> None:
    pressed = f"{READ + clock - 10:.0f}"
    row = {"code": "doorbell_active", "value": pressed}
    assert heard(bell(row), legacy({"doorbell_active": pressed})).rings == []


@pytest.mark.parametrize("value", ["", "$", None, "0"])
def test_a_doorbell_at_rest_is_recalled_as_nothing(value: object) -> None:
    built = bell({"code": "doorbell_active", "value": value})
    assert built.recalled == Recalled(read_at=READ)


def test_stored_alarms_and_passages_are_not_recalled() -> None:
    rows = [
        {"code": code, "value": value}
        for code, value in (("unlock_card", 14), ("alarm_lock", "pry"), ("doorbell", True))
    ]
    assert bell(*rows).recalled == Recalled(read_at=READ)


def test_a_device_is_read_in_either_spelling_of_its_record() -> None:
    for record in (
        {
            "id": "x",
            "customName": "Gate",
            "name": "n",
            "productId": "p",
            "productName": "Pro",
            "isOnline": True,
            "category": "ms",
            "gatewayId": "g",
            "model": "M",
        },
        {
            "id": "x",
            "custom_name": "Gate",
            "name": "n",
            "product_id": "p",
            "product_name": "Pro",
            "is_online": "true",
            "category": "ms",
            "gateway_id": "g",
            "model": "M",
        },
    ):
        built = device_from(record, Description({}, {}), now=NOW)
        assert built is not None
        assert (built.name, built.product_id, built.product_name) == ("Gate", "p", "Pro")
        assert (built.online, built.gateway_id, built.model) == (True, "g", "M")


def test_a_device_without_a_name_is_called_by_its_product_or_its_id() -> None:
    assert name_of({"id": "x", "name": " ", "product_name": "Lock 5"}) == "Lock 5"
    assert name_of({"id": "x"}) == "x"
    assert is_online({"id": "x"}) is None


@pytest.mark.parametrize("record", [{}, {"id": ""}, {"id": 5}, {"dev_id": None}])
def test_a_device_without_an_id_makes_no_sense(record: dict[str, Any]) -> None:
    with pytest.raises(SenselessDeviceError):
        device_id(record)


def test_what_a_device_showed_earlier_is_still_a_feature_after_a_restart() -> None:
    built = device_from(
        {"id": "x", "category": "sp"},
        Description({}, {}),
        now=NOW,
        learned=("rings", "tamper", "of a later version"),
    )
    assert built is not None
    assert built.features.rings
    assert built.readings[Fact.TAMPER].value is False


def test_a_device_whose_category_is_unknown_is_read_by_the_numbers_of_its_world() -> None:
    model = {"services": [{"properties": [{"code": "doorbell_pic"}, {"code": "accessory_lock"}]}]}
    built = device_from({"id": "x"}, Description({}, model), now=NOW)
    assert built is not None
    assert len(heard(built, {"status": [{"136": f"{NOW:.0f}"}]}).rings) == 1

"""Whose clock decides what: the cloud's the age of an event, the device's the time of a fact."""

from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    CallMoved,
    CaptureTaken,
    Learned,
    OnlineChanged,
    Passed,
    Rang,
)
from custom_components.tuyalink_intercom.model.state import Fact

from .files import NOW
from .pictures import sealed, stored
from .said import Listener, core, heard, legacy, managed, notify

BELL = "sp_csr2fqitalj5o0tq"
LOCK = "jtmspro_xqeob8h6"
HOUR = 3600.0


@pytest.mark.parametrize(
    ("age", "live"),
    [(0.0, True), (59.9, True), (60.0, True), (60.1, False), (7200.0, False), (-600.0, True)],
)
def test_a_ring_older_than_60_s_by_cloud_time_is_history(age: float, *, live: bool) -> None:
    listener = Listener(BELL)
    listener.hears(notify(NOW - age), NOW - age, now=NOW)
    assert [ring.live for ring in listener.rings] == [live]


def test_a_message_without_cloud_time_is_live() -> None:
    listener = Listener(BELL)
    listener.hears(notify(NOW - HOUR), None, now=NOW)
    assert [(ring.live, ring.time) for ring in listener.rings] == [(True, NOW)]


@pytest.mark.parametrize("offset", [-HOUR, -900.0, -30.0, 0.0, 30.0, 900.0, HOUR])
@pytest.mark.parametrize(
    "carrier", ["event_notify", "doorbell_active", "doorbell_pic", "alarm_message", "doorbell"]
)
def test_a_device_whose_clock_is_wrong_by_up_to_an_hour_loses_no_ring(
    carrier: str, offset: float
) -> None:
    by_device = NOW + offset
    values: dict[str, Any] = {
        "doorbell_active": f"{by_device:.0f}",
        "doorbell_pic": stored(by_device),
        "alarm_message": stored(by_device, "ipc_doorbell"),
        "doorbell": True,
    }
    body = (
        notify(by_device)
        if carrier == "event_notify"
        else legacy({carrier: values[carrier]}, t=int(by_device))
    )
    listener = heard(BELL, body)
    assert [ring.live for ring in listener.rings] == [True]
    believed = by_device if abs(offset) <= 600 else NOW
    assert listener.rings[0].time == believed


def test_a_device_whose_clock_goes_back_an_hour_between_two_presses_loses_no_ring() -> None:
    listener = heard(BELL, notify(NOW + HOUR))
    listener.hears(notify(NOW + 30), NOW + 30)
    assert len(listener.rings) == 2


@pytest.mark.parametrize(
    ("offset", "believed"), [(-600.0, True), (-601.0, False), (600.0, True), (601.0, False)]
)
@pytest.mark.parametrize("dialect", [legacy, core])
def test_the_time_of_a_fact_is_the_devices_if_within_10_min_of_the_clouds(
    dialect: Any, offset: float, *, believed: bool
) -> None:
    told = NOW + offset
    values = {"unlock_fingerprint": 3, "alarm_lock": "pry", "closed_opened": "open"}
    stamp = {"t": int(told * 1000)} if dialect is legacy else {"time": int(told * 1000)}
    listener = heard(LOCK, dialect(values, **stamp))
    expected = told if believed else NOW
    assert {change.time for change in listener.of(Passed)} == {expected}
    assert {change.time for change in listener.of(AlarmRaised)} == {expected}
    assert listener.device.readings[Fact.LEAF].time == expected


@pytest.mark.parametrize("stamp", ["1763799990", 1763799990, 1763799990000, "1763799990000"])
def test_times_of_10_and_13_digits_as_numbers_and_text_are_understood(stamp: object) -> None:
    assert heard(LOCK, legacy({"unlock_key": 0}, t=stamp)).of(Passed)[0].time == 1763799990.0


@pytest.mark.parametrize("stamp", [0, "0", "", None, "soon", -1, 146052438362])
def test_a_time_that_makes_no_sense_is_replaced_by_the_clouds(stamp: object) -> None:
    assert heard(LOCK, legacy({"unlock_key": 0}, t=stamp)).of(Passed)[0].time == NOW


def test_everything_in_an_old_message_is_history() -> None:
    listener = heard(LOCK)
    values = {"unlock_fingerprint": 3, "alarm_lock": "pry", "doorbell": True}
    listener.hears(legacy(values), NOW - 61, now=NOW)
    listener.hears(legacy({"initiative_message": sealed("ipc_refuse")}), NOW - 61, now=NOW)
    moments = (AlarmRaised, CallMoved, CaptureTaken, Passed, Rang)
    told = [change for change in listener.changes if isinstance(change, moments)]
    assert {type(change) for change in told} == set(moments)
    assert not any(change.live for change in told)


def test_an_old_message_still_brings_the_state_up_to_date() -> None:
    listener = Listener(LOCK)
    listener.hears(legacy({"closed_opened": "open"}), NOW + 10, now=NOW + 600)
    assert listener.device.readings[Fact.LEAF].value is True


def test_an_old_message_teaches_nothing_about_what_a_device_can_do() -> None:
    listener = Listener("sp_pd2wpgm6gifppmae")
    listener.hears(notify(NOW - 61), NOW - 61, now=NOW)
    assert not listener.of(Learned)
    assert not listener.device.features.rings
    listener.hears(notify(NOW), NOW)
    assert [change.feature for change in listener.of(Learned)] == ["rings"]
    assert listener.device.features.rings


def test_an_alarm_told_by_a_slow_clock_is_shown_for_its_full_minute() -> None:
    listener = heard(LOCK, legacy({"alarm_lock": "pry"}, t=NOW - 300))
    assert listener.device.readings[Fact.TAMPER].until == NOW + 60


@pytest.mark.parametrize("kind", ["online", "deviceOnline"])
def test_online_and_offline_are_told_with_their_time(kind: str) -> None:
    listener = Listener(BELL)
    listener.hears(managed("offline", time=int(NOW - 2)), NOW)
    assert (listener.device.online, listener.device.online_since) == (False, NOW - 2)
    listener.hears(managed(kind, time=int(NOW + 3)), NOW + 5)
    assert (listener.device.online, listener.device.online_since) == (True, NOW + 3)


def test_an_older_word_about_the_connection_changes_nothing() -> None:
    listener = heard(BELL, managed("online", time=NOW))
    listener.hears(managed("deviceOffline", time=NOW - 5), NOW + 1)
    assert listener.device.online is True


@pytest.mark.parametrize(
    "body",
    [
        notify(NOW),
        legacy({"sd_status": 1}),
        core({"sd_status": 1}),
        {"data": {"way": 4, "uid": "u1"}},
        {"bizCode": "deviceEventMessage", "bizData": {"eventCode": "doorbell_pressed"}},
    ],
)
def test_any_report_of_an_offline_device_makes_it_online_first(body: dict[str, Any]) -> None:
    listener = heard(BELL, managed("offline"))
    changes = listener.hears(body, NOW + 1)
    assert isinstance(changes[0], OnlineChanged)
    assert changes[0].online
    assert listener.device.online is True


@pytest.mark.parametrize(
    "body",
    [
        managed("nameUpdate", name="Gate"),
        managed("upgradeStatus", upgradeStatus="2"),
        managed("delete", uid="u"),
        managed("somethingNew", of="tomorrow"),
    ],
)
def test_word_about_a_device_that_is_not_its_own_leaves_it_offline(body: dict[str, Any]) -> None:
    listener = heard(BELL, managed("offline"))
    listener.hears(body, NOW + 1)
    assert listener.device.online is False


def test_an_old_report_of_an_offline_device_leaves_it_offline() -> None:
    listener = heard(BELL, managed("offline"))
    listener.hears(legacy({"sd_status": 1}), NOW - 300, now=NOW + 1)
    assert listener.device.online is False

"""A device from the roster is what it was, and says nothing of how it was."""

from dataclasses import replace
import json

import pytest

from custom_components.tuyalink_intercom.model.calls import begun
from custom_components.tuyalink_intercom.model.changes import OnlineChanged, Rang, Reported
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.records import with_values
from custom_components.tuyalink_intercom.model.reduce import applied
from custom_components.tuyalink_intercom.model.roster import confirmed, device_of, entry_of
from custom_components.tuyalink_intercom.model.state import CallPhase, Device, Fact

from .files import DEVICE_FILES, NOW, description_of, device, found

OURS = [name for name in DEVICE_FILES if found(name)]
LOCK, MONITOR = "lock_unknown_shadow_dump", "sp_h3bhzu9m0ig80rdu"


def remembered(built: Device, name: str, *, described: bool = True) -> Device:
    """Return a device as it is after a restart without the cloud."""
    product = description_of(name) if described else Description({}, {})
    entry = json.loads(json.dumps(entry_of(built)))
    again = device_of(entry, Description(product.specification, product.model))
    assert again is not None
    return again


@pytest.mark.parametrize("name", OURS)
def test_every_known_device_is_described_as_it_was(name: str) -> None:
    built = device(name)
    again = remembered(built, name)
    assert again.features == built.features
    assert again.codes.known == built.codes.known
    assert again.codes.custom == built.codes.custom
    assert again.codes.commandable == built.codes.commandable
    assert again.channels == built.channels
    assert again.recalled == built.recalled
    told = ("id", "name", "world", "category", "product_id", "product_name", "model", "gateway_id")
    assert [getattr(again, name) for name in told] == [getattr(built, name) for name in told]


@pytest.mark.parametrize("name", OURS)
def test_nothing_is_known_of_how_it_stands(name: str) -> None:
    again = remembered(device(name), name)
    assert again.online is None
    assert (again.bolts, again.relays, again.channel) == ({}, {}, None)
    assert all(reading.value is False for reading in again.readings.values())
    assert all(reading.time == 0 for reading in again.readings.values())


@pytest.mark.parametrize("name", OURS)
def test_codes_that_only_values_showed_are_known_without_the_product(name: str) -> None:
    built = device(name)
    assert remembered(built, name, described=False).codes.known == built.codes.known


def test_a_device_that_is_no_more_ours_is_left_out() -> None:
    entry = {**entry_of(device(LOCK)), "category": "kg", "codes": {"switch_1": "1"}}
    assert device_of(entry, Description({}, {})) is None


def test_what_was_told_before_the_cloud_answered_stays_if_it_is_newer() -> None:
    before = remembered(device(LOCK), LOCK)
    for fact, value, time in ((Fact.BATTERY, 12, NOW + 5), (Fact.LEAF, True, NOW - 500)):
        told = Reported(device_id=before.id, time=time, fact=fact, value=value)
        before = applied(before, told)
    before = applied(before, OnlineChanged(device_id=before.id, time=NOW + 5, online=False))
    fresh = applied(
        replace(device(LOCK), online=True),
        Reported(device_id=before.id, time=NOW, fact=Fact.LEAF, value=False),
    )
    fresh = applied(fresh, Reported(device_id=before.id, time=NOW, fact=Fact.BATTERY, value=13))
    after = confirmed(fresh, before, NOW)
    assert after.readings[Fact.BATTERY].value == 12
    assert after.readings[Fact.LEAF].value is False
    assert after.online is False
    assert confirmed(fresh, replace(before, online_since=0.0), NOW).online is True
    assert confirmed(replace(fresh, online=None), before, NOW - 9).online is False


def test_a_call_that_rings_goes_on_when_the_cloud_answers() -> None:
    before = remembered(device(MONITOR), MONITOR)
    ring = Rang(device_id=before.id, time=NOW, event_id="e", live=True, seen=NOW)
    before = replace(begun(before, ring), people={"face:1": "Anna"})
    after = confirmed(with_values(device(MONITOR), (), NOW), before, NOW)
    assert [call.phase for call in after.calls] == [CallPhase.RINGING]
    assert after.people == {"face:1": "Anna"}

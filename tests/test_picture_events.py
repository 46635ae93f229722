"""The event `picture`: it belongs to the event whose picture it is, and is news only once."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.tuyalink_intercom.const import EVENT_HISTORY, EVENT_MOMENT
from tests.homes import device_named, entity_id, state_of, while_time_passes
from tests.plays import heard, photographed, pictured, play
from tests.simulator import SimDevice, TuyaSimulator
from tests.test_triggers import automate

SMALL = 500


def told(hass: HomeAssistant, device: SimDevice, key: str) -> list[State]:
    """Collect what an event entity tells from now on, pictures included."""
    return heard(hass, entity_id(hass, "event", device, key), pictures=True)


def kinds(states: list[State]) -> list[str]:
    return [state.attributes["event_type"] for state in states]


@pytest.mark.parametrize(
    ("name", "scenario", "key"),
    [
        ("Battery bell", "ring", "doorbell"),
        ("Intercom", "ring", "doorbell"),
        ("Battery bell", "tamper", "alarm"),
    ],
)
async def test_a_picture_belongs_to_the_event_it_shows(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    name: str,
    scenario: str,
    key: str,
) -> None:
    device = device_named(simulator, name)
    states = told(hass, device, key)
    await photographed(hass, entry, simulator, device, scenario)
    assert kinds(states) == [scenario, "picture"]
    event, picture = (state.attributes for state in states)
    assert picture["event_id"] == event["event_id"]
    captures = entry.runtime_data.captures
    assert captures.newest(device.id).id == picture["capture_id"]


async def test_a_passage_and_its_picture_from_the_access_log_belong_together(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    terminal = device_named(simulator, "Face terminal")
    states = told(hass, terminal, "access")
    with pictured(entry, terminal) as taken:
        await play(hass, simulator, terminal, "access_granted", way="face", person="person-7")
        await while_time_passes(hass, freezer, taken)
    await hass.async_block_till_done()
    assert kinds(states) == ["granted", "picture"]
    event, picture = (state.attributes for state in states)
    assert picture["event_id"] == event["event_id"]
    assert picture["person"]


async def test_movement_is_seen_and_told_to_nobody(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    states = [told(hass, bell, key) for key in ("doorbell", "alarm")]
    await photographed(hass, entry, simulator, bell, "motion")
    assert states == [[], []]
    assert entry.runtime_data.captures.newest(bell.id) is not None


async def test_a_picture_of_what_is_history_is_kept_and_tells_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    history = async_capture_events(hass, EVENT_HISTORY)
    bell = device_named(simulator, "Battery bell")
    states = told(hass, bell, "doorbell")
    await photographed(hass, entry, simulator, bell, "ring", age_s=300)
    assert states == []
    assert "picture" not in [event.data["type"] for event in history]
    assert entry.runtime_data.captures.newest(bell.id) is not None


async def test_what_is_told_of_a_picture_is_small_and_plain(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    await photographed(hass, entry, simulator, bell, "ring")
    attributes = dict(state_of(hass, "event", bell, "doorbell").attributes)
    # Those of Home Assistant itself.
    for name in ("device_class", "event_types", "friendly_name"):
        del attributes[name]
    assert set(attributes) == {"event_type", "event_id", "time", "capture_id"}
    text = json.dumps(attributes)
    assert len(text) < SMALL
    assert "http" not in text


async def test_the_doorbell_trigger_ignores_pictures_and_hears_the_next_ring(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    calls = await automate(hass, "doorbell.rang", entity_id(hass, "event", bell, "doorbell"))
    first = await photographed(hass, entry, simulator, bell, "ring")
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "picture"
    assert len(calls) == 1
    await photographed(hass, entry, simulator, bell, "ring", press_time=first.sent_at + 30)
    assert len(calls) == 2


async def test_event_received_starts_from_a_picture(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    doorbell = entity_id(hass, "event", bell, "doorbell")
    calls = await automate(hass, "event.received", doorbell, event_type=["picture"])
    await photographed(hass, entry, simulator, bell, "ring")
    assert len(calls) == 1


async def test_the_logbook_tells_the_ring_and_not_its_picture_as_well(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    moments = async_capture_events(hass, EVENT_MOMENT)
    bell = device_named(simulator, "Battery bell")
    await photographed(hass, entry, simulator, bell, "ring")
    kinds_told: list[Any] = [event.data["type"] for event in moments]
    assert kinds_told == ["ring"]

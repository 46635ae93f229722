"""A call from the first ring to its end, as Home Assistant shows and tells it."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.changes import Change
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named, entity_id, later, state_of
from tests.plays import heard, play, report
from tests.simulator import SimDevice, TuyaSimulator

LIMITS = [("Face terminal", 30), ("Intercom", 60), ("Battery bell", 60)]
OUTCOMES = [
    ("Face terminal", "call_answered", "answered"),
    ("Face terminal", "call_missed", "missed"),
    ("Face terminal", "call_declined", "declined"),
    ("Face terminal", "call_cancelled", "ended"),
    ("Face terminal", "call_ended", "ended"),
    ("Face terminal", "call_timeout", "ended"),
    ("Intercom", "call_answered", "answered"),
    ("Intercom", "call_missed", "missed"),
    ("Intercom", "call_declined", "declined"),
]


def shown(hass: HomeAssistant, device: SimDevice) -> str:
    return state_of(hass, Platform.SENSOR, device, "call").state


class Bell:
    """Hears what a doorbell tells."""

    def __init__(self, hass: HomeAssistant, device: SimDevice) -> None:
        self._states = heard(hass, entity_id(hass, Platform.EVENT, device, "doorbell"))

    def all(self, key: str = "event_type") -> list[Any]:
        """Return one attribute of every event so far."""
        return [state.attributes.get(key) for state in self._states]


async def test_a_bell_that_nobody_pressed_has_no_call(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    state = state_of(hass, Platform.SENSOR, device_named(simulator, "Intercom"), "call")
    assert state.state == "idle"
    assert state.attributes["device_class"] == SensorDeviceClass.ENUM
    assert set(state.attributes["options"]) == {
        "idle",
        "ringing",
        "answered",
        "declined",
        "missed",
        "ended",
    }


@pytest.mark.parametrize("name", ["Front door lock", "Gate keypad"])
async def test_a_bell_that_only_chimes_has_no_call_to_show(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    device = device_named(simulator, name)
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("sensor", DOMAIN, f"{device.id}_call") is None
    await play(hass, simulator, device, "ring")


@pytest.mark.parametrize(("name", "scenario", "step"), OUTCOMES)
async def test_what_becomes_of_a_call_is_shown_for_a_while_and_told_once(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    name: str,
    scenario: str,
    step: str,
) -> None:
    device = device_named(simulator, name)
    bell = Bell(hass, device)
    await play(hass, simulator, device, "ring")
    assert shown(hass, device) == "ringing"
    await later(hass, freezer, 5)
    await play(hass, simulator, device, scenario)
    assert shown(hass, device) == step
    await later(hass, freezer, 200)
    assert shown(hass, device) == "idle"
    assert bell.all() == ["ring", step]
    assert len(set(bell.all("event_id"))) == 1


@pytest.mark.parametrize(("name", "seconds"), LIMITS)
async def test_a_call_that_rings_out_untold_is_missed_once(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    name: str,
    seconds: int,
) -> None:
    device = device_named(simulator, name)
    bell = Bell(hass, device)
    await play(hass, simulator, device, "ring")
    await later(hass, freezer, seconds - 2)
    assert shown(hass, device) == "ringing"
    await later(hass, freezer, 2)
    assert shown(hass, device) == "missed"
    assert bell.all() == ["ring", "missed"]
    assert bell.all("reason") == [None, "timeout"]
    assert len(set(bell.all("event_id"))) == 1
    if name != "Battery bell":
        await play(hass, simulator, device, "call_missed")
    await later(hass, freezer, 11)
    assert shown(hass, device) == "idle"
    assert bell.all() == ["ring", "missed"]


async def test_an_answered_call_goes_on_until_it_is_ended(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    terminal = device_named(simulator, "Face terminal")
    bell = Bell(hass, terminal)
    await play(hass, simulator, terminal, "ring")
    await play(hass, simulator, terminal, "call_answered")
    await later(hass, freezer, 89)
    assert shown(hass, terminal) == "answered"
    await play(hass, simulator, terminal, "call_timeout")
    assert shown(hass, terminal) == "ended"
    await later(hass, freezer, 11)
    assert shown(hass, terminal) == "idle"
    assert bell.all() == ["ring", "answered", "ended"]
    assert bell.all("reason") == [None, "app", "limit"]
    assert len(set(bell.all("event_id"))) == 1


async def test_pressing_again_lets_the_same_call_ring_longer(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    bell = Bell(hass, intercom)
    await play(hass, simulator, intercom, "ring")
    await later(hass, freezer, 40)
    await play(hass, simulator, intercom, "ring")
    await later(hass, freezer, 40)
    assert shown(hass, intercom) == "ringing"
    await later(hass, freezer, 20)
    assert bell.all() == ["ring", "ring", "missed"]
    assert bell.all("presses") == [1, 2, None]
    assert len(set(bell.all("event_id"))) == 1


async def test_two_visitors_at_two_doors_have_a_call_each(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom, terminal = (device_named(simulator, name) for name in ("Intercom", "Face terminal"))
    await play(hass, simulator, intercom, "ring")
    await later(hass, freezer, 20)
    await play(hass, simulator, terminal, "ring")
    await later(hass, freezer, 30)
    assert (shown(hass, intercom), shown(hass, terminal)) == ("ringing", "missed")
    await later(hass, freezer, 10)
    assert (shown(hass, intercom), shown(hass, terminal)) == ("missed", "idle")


async def test_an_old_ring_is_neither_a_call_nor_missed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    bell = Bell(hass, intercom)
    await play(hass, simulator, intercom, "ring", age_s=61)
    assert shown(hass, intercom) == "idle"
    await later(hass, freezer, 61)
    assert bell.all() == []


async def test_a_ring_from_the_backlog_leaves_its_outcome_time_to_arrive(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    terminal = device_named(simulator, "Face terminal")
    bell = Bell(hass, terminal)
    await play(hass, simulator, terminal, "ring", age_s=45)
    assert shown(hass, terminal) == "ringing"
    await play(hass, simulator, terminal, "call_answered", age_s=40)
    await later(hass, freezer, 3)
    assert bell.all() == ["ring", "answered"]


@pytest.mark.parametrize("clock", [-3600, 3600])
async def test_a_device_with_a_wrong_clock_rings_just_as_long(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    clock: int,
) -> None:
    device = device_named(simulator, "Battery bell")
    await play(hass, simulator, device, "ring", device_clock_s=clock)
    await later(hass, freezer, 58)
    assert shown(hass, device) == "ringing"
    await later(hass, freezer, 2)
    assert shown(hass, device) == "missed"


async def test_a_call_goes_on_ringing_over_a_reload(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    await play(hass, simulator, intercom, "ring")
    await later(hass, freezer, 20)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    bell = Bell(hass, intercom)
    assert shown(hass, intercom) == "ringing"
    await later(hass, freezer, 40)
    assert shown(hass, intercom) == "missed"
    assert bell.all() == ["missed"]
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    bell = Bell(hass, intercom)
    assert shown(hass, intercom) == "idle"
    await later(hass, freezer, 60)
    assert bell.all() == []


@pytest.mark.parametrize("scenario", ["call_missed", None])
async def test_a_call_that_rang_out_while_away_is_not_missed_late(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    scenario: str | None,
) -> None:
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    terminal = device_named(simulator, "Face terminal")
    await play(hass, simulator, terminal, "ring")
    if scenario:
        await play(hass, simulator, terminal, scenario)
    assert await hass.config_entries.async_unload(made.entry_id)
    await later(hass, freezer, 120)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    bell = Bell(hass, terminal)
    assert shown(hass, terminal) == "idle"
    await later(hass, freezer, 60)
    assert bell.all() == []


async def test_nothing_rings_out_after_the_entry_was_unloaded(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    await play(hass, simulator, intercom, "ring")
    coordinator = entry.runtime_data.coordinator
    changes: list[Change] = []
    coordinator.subscribe(None, changes.append)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await later(hass, freezer, 61)
    assert changes == []
    assert coordinator.data.devices[intercom.id].calls


async def test_a_call_ends_with_the_device_that_leaves_the_project(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    await play(hass, simulator, intercom, "ring")
    bell = Bell(hass, intercom)
    await play(hass, simulator, intercom, "removed")
    await entry.runtime_data.coordinator.async_refresh()
    await later(hass, freezer, 61)
    assert "missed" not in bell.all()


async def test_what_else_a_device_reports_does_not_prolong_its_call(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    device = device_named(simulator, "Battery bell")
    await play(hass, simulator, device, "ring")
    for level in (80, 79, 78):
        await later(hass, freezer, 20)
        await report(hass, simulator, device, {"wireless_electricity": level})
    assert shown(hass, device) == "missed"

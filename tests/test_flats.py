"""Calls of a building terminal: only those to the user's flats are told."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import MakeEntry
from tests.homes import device_named, entity_id, later, state_of
from tests.plays import heard, play
from tests.simulator import SimDevice, TuyaSimulator

MINE, OTHERS = "01-01-01-02-03-01", "01-01-01-02-03-02"


@pytest.fixture
def terminal(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Face terminal")


@pytest.fixture
async def told(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, terminal: SimDevice
) -> list[State]:
    """Set the home up for one flat, and hear its bell."""
    made = make_entry(simulator, flats=[MINE])
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    return heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))


def types(states: list[State]) -> list[str]:
    return [state.attributes["event_type"] for state in states]


def call_of(hass: HomeAssistant, device: SimDevice) -> str:
    return state_of(hass, Platform.SENSOR, device, "call").state


async def test_a_call_to_my_flat_rings(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, told: list[State]
) -> None:
    await play(hass, simulator, terminal, "ring", address=MINE)
    await play(hass, simulator, terminal, "call_answered")
    assert types(told) == ["ring", "answered"]
    assert told[0].attributes["address"] == MINE


@pytest.mark.parametrize(
    "outcome", ["call_answered", "call_missed", "call_declined", "call_cancelled", "call_ended"]
)
async def test_a_call_to_another_flat_is_silent_to_its_end(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    told: list[State],
    outcome: str,
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    assert call_of(hass, terminal) == "idle"
    await later(hass, freezer, 5)
    await play(hass, simulator, terminal, outcome)
    await later(hass, freezer, 200)
    assert told == []
    assert call_of(hass, terminal) == "idle"


async def test_my_call_rings_while_another_flat_is_called(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, told: list[State]
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    await play(hass, simulator, terminal, "ring", address=MINE)
    assert types(told) == ["ring"]
    assert call_of(hass, terminal) == "ringing"


async def test_after_a_restart_the_end_of_another_flats_call_is_silent(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, told: list[State]
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    [entry] = hass.config_entries.async_entries("tuyalink_intercom")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await simulator.connected()
    told.clear()
    await play(hass, simulator, terminal, "call_missed")
    assert [state.attributes.get("event_type") for state in told] in ([], [None])


async def test_while_nobody_said_which_flats_are_theirs_every_call_rings(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, entry: MockConfigEntry
) -> None:
    told = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    await play(hass, simulator, terminal, "ring", address=MINE)
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    assert types(told) == ["ring", "ring"]


async def test_who_wants_all_flats_hears_them_all(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, terminal: SimDevice
) -> None:
    made = make_entry(simulator, flats=[])
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    told = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    assert types(told) == ["ring"]

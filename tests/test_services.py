"""Actions: a call answered or ended from Home Assistant, and a ring that is only a test."""

from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import MakeEntry
from tests.flows import TEXTS
from tests.homes import DOMAIN, device_named, entity_id, later, state_of
from tests.plays import heard, play
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.files import Point

ANSWER = "ipc_doorbell_fb"
WORDS = '{"range":["answered","refused"]}'
WORLDS = ["Face terminal", "Intercom", "Battery bell", "Front door lock", "Gate keypad"]


def able(device: SimDevice, kind: str = "Enum", values: str = WORDS) -> None:
    """Give a device the data point by which it is told what became of its call."""
    point = Point(code=ANSWER, dp_id=255, type=kind, values=values)
    device.file = replace(device.file, points=(*device.file.points, point))
    device.points[ANSWER] = point


@pytest.fixture
async def bell(hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry) -> SimDevice:
    """Set up a battery bell that can be told what became of its call."""
    device = device_named(simulator, "Battery bell")
    able(device)
    await set_up(hass, simulator, make_entry)
    return device


async def set_up(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, **options: Any
) -> MockConfigEntry:
    entry = make_entry(simulator, **options)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    return entry


async def act(hass: HomeAssistant, name: str, device: SimDevice, **fields: Any) -> None:
    """Call an action for the doorbell of a device."""
    bell = entity_id(hass, Platform.EVENT, device, "doorbell")
    await hass.services.async_call(DOMAIN, name, {"entity_id": bell, **fields}, blocking=True)
    await hass.async_block_till_done()


def call_of(hass: HomeAssistant, device: SimDevice) -> str:
    return state_of(hass, Platform.SENSOR, device, "call").state


def told(hass: HomeAssistant, device: SimDevice) -> list[Any]:
    return heard(hass, entity_id(hass, Platform.EVENT, device, "doorbell"))


async def refused(
    hass: HomeAssistant, name: str, device: SimDevice, key: str, **fields: Any
) -> None:
    """Call an action that is refused with this sentence."""
    with pytest.raises(ServiceValidationError) as refusal:
        await act(hass, name, device, **fields)
    assert refusal.value.translation_key == key
    assert str(refusal.value) == TEXTS["exceptions"][key]["message"].rstrip(".")


# --- calls ----------------------------------------------------------------------------------


async def test_a_call_is_answered_and_ended_from_home_assistant(
    hass: HomeAssistant, bell: SimDevice, simulator: TuyaSimulator
) -> None:
    await play(hass, simulator, bell, "ring")
    states = told(hass, bell)
    await act(hass, "answer_call", bell)
    assert bell.values[ANSWER] == "answered"
    assert call_of(hass, bell) == "answered"
    await refused(hass, "answer_call", bell, "no_call")
    await act(hass, "end_call", bell)
    assert bell.values[ANSWER] == "refused"
    assert call_of(hass, bell) == "ended"
    said = [(one.attributes["event_type"], one.attributes["reason"]) for one in states]
    assert said == [("answered", "app"), ("ended", "app")]
    await refused(hass, "end_call", bell, "no_call")


async def test_a_ringing_call_is_declined_and_the_device_may_say_so_too(
    hass: HomeAssistant, bell: SimDevice, simulator: TuyaSimulator
) -> None:
    await play(hass, simulator, bell, "ring")
    states = told(hass, bell)
    await act(hass, "end_call", bell)
    assert call_of(hass, bell) == "declined"
    assert [one.attributes["event_type"] for one in states] == ["declined"]


@pytest.mark.parametrize(
    ("kind", "values", "yes", "no"),
    [
        ("Enum", '{"range":["REFUSE","ANSWER"]}', "ANSWER", "REFUSE"),
        ("Boolean", "{}", True, False),
        ("String", "{}", "answered", "refused"),
    ],
)
async def test_the_device_is_told_in_its_own_words(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    kind: str,
    values: str,
    yes: object,
    no: object,
) -> None:
    device = device_named(simulator, "Battery bell")
    able(device, kind, values)
    await set_up(hass, simulator, make_entry)
    await play(hass, simulator, device, "ring")
    await act(hass, "answer_call", device)
    assert device.values[ANSWER] == yes
    await act(hass, "end_call", device)
    assert device.values[ANSWER] == no


async def test_words_that_nobody_knows_are_not_guessed(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    device = device_named(simulator, "Battery bell")
    able(device, values='{"range":["red","blue"]}')
    await set_up(hass, simulator, make_entry)
    await play(hass, simulator, device, "ring")
    await refused(hass, "answer_call", device, "call_only_in_app")


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("action", ["answer_call", "end_call"])
async def test_elsewhere_calls_are_for_the_app(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    name: str,
    action: str,
) -> None:
    await refused(hass, action, device_named(simulator, name), "call_only_in_app")


async def test_a_cloud_that_fails_is_told_and_the_call_rings_on(
    hass: HomeAssistant, bell: SimDevice, simulator: TuyaSimulator
) -> None:
    await play(hass, simulator, bell, "ring")
    simulator.fault("http_503", count=100)
    with pytest.raises(HomeAssistantError):
        await act(hass, "answer_call", bell)
    assert call_of(hass, bell) == "ringing"


# --- opening while it rings -----------------------------------------------------------------


async def open_gate(hass: HomeAssistant, device: SimDevice) -> None:
    gate = entity_id(hass, Platform.LOCK, device, "door")
    await hass.services.async_call("lock", "open", {"entity_id": gate}, blocking=True)


async def test_opening_from_here_takes_the_call(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    device = device_named(simulator, "Intercom")
    able(device)
    await set_up(hass, simulator, make_entry)
    await play(hass, simulator, device, "ring")
    states = told(hass, device)
    await open_gate(hass, device)
    await simulator.called("POST /v2.0/cloud/thing/{id}/shadow/properties/issue")
    while call_of(hass, device) == "ringing":
        await hass.async_block_till_done()
    assert device.values[ANSWER] == "answered"
    assert [one.attributes["event_type"] for one in states] == ["answered", "ended"]
    assert simulator.door(device.id).opened == 1


async def test_an_opening_counts_even_if_the_call_cannot_be_taken(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    device = device_named(simulator, "Intercom")
    able(device)
    await set_up(hass, simulator, make_entry)
    await play(hass, simulator, device, "ring")
    # Another kind than described: the device refuses the word, by either call.
    device.points[ANSWER] = replace(device.points[ANSWER], type="Integer")
    commands = "POST /v1.0/iot-03/devices/{id}/commands"
    before = simulator.calls[commands]
    await open_gate(hass, device)
    await simulator.called(commands, before + 1)
    await hass.async_block_till_done()
    assert simulator.door(device.id).opened == 1
    assert call_of(hass, device) == "ringing"


async def test_a_standard_data_point_is_written_the_standard_way(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    device = device_named(simulator, "Battery bell")
    able(device)
    device.file = replace(device.file, functions=(*device.file.functions, ANSWER))
    await set_up(hass, simulator, make_entry)
    await play(hass, simulator, device, "ring")
    await act(hass, "answer_call", device)
    assert device.values[ANSWER] == "answered"


async def test_opening_without_a_call_tells_the_device_nothing(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    device = device_named(simulator, "Intercom")
    able(device)
    await set_up(hass, simulator, make_entry)
    await open_gate(hass, device)
    await hass.async_block_till_done()
    assert ANSWER not in device.values


# --- a ring that is only a test -------------------------------------------------------------


@pytest.mark.parametrize("name", WORLDS)
async def test_a_test_rings_once_and_says_that_it_is_one(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    device = device_named(simulator, name)
    states, coordinator = told(hass, device), entry.runtime_data.coordinator
    before = coordinator.data.devices[device.id]
    await act(hass, "test_ring", device)
    assert [one.attributes["event_type"] for one in states] == ["ring"]
    assert states[0].attributes["test"] is True
    after = coordinator.data.devices[device.id]
    assert (after.memory, after.features) == (before.memory, before.features)
    await play(hass, simulator, device, "ring")
    assert [one.attributes.get("test") for one in states] == [True, None]


async def test_a_test_call_ends_by_itself(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    device = device_named(simulator, "Intercom")
    states = told(hass, device)
    await act(hass, "test_ring", device)
    assert call_of(hass, device) == "ringing"
    await later(hass, freezer, 62)
    assert call_of(hass, device) == "missed"
    said = [(one.attributes["event_type"], one.attributes["test"]) for one in states]
    assert said == [("ring", True), ("missed", True)]
    await later(hass, freezer, 15)
    assert call_of(hass, device) == "idle"


async def test_a_test_can_name_the_panel_and_the_flat(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    await set_up(hass, simulator, make_entry, flats=["02-14"])
    intercom = device_named(simulator, "Intercom")
    for panel in ("House", "house", "2"):
        await act(hass, "test_ring", intercom, channel=panel)
        shown = state_of(hass, Platform.EVENT, intercom, "doorbell").attributes
        assert shown["channel"] == "House"
    await refused(hass, "test_ring", intercom, "unknown_panel", channel="Cellar")
    terminal = device_named(simulator, "Face terminal")
    await act(hass, "test_ring", terminal)
    await act(hass, "test_ring", terminal, address="02-14")
    shown = state_of(hass, Platform.EVENT, terminal, "doorbell").attributes
    assert shown["address"] == "02-14"
    await refused(hass, "test_ring", terminal, "not_my_flat", address="03-01")


async def test_a_device_stands_for_its_bell(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    registry = dr.async_get(hass)
    shown = registry.async_get_device_by_identifier((DOMAIN, bell.id), entry.entry_id)
    assert shown is not None
    states = told(hass, bell)
    await hass.services.async_call(DOMAIN, "test_ring", {"device_id": shown.id}, blocking=True)
    await hass.async_block_till_done()
    assert len(states) == 1


async def test_what_is_no_bell_of_ours_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    gate = entity_id(hass, Platform.LOCK, device_named(simulator, "Intercom"), "door")
    with pytest.raises(ServiceValidationError) as refusal:
        await hass.services.async_call(DOMAIN, "test_ring", {"entity_id": gate}, blocking=True)
    assert refusal.value.translation_key == "no_doorbell"


async def test_the_actions_are_there_while_the_project_is_not(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    await hass.config_entries.async_unload(entry.entry_id)
    for action in ("answer_call", "end_call", "test_ring"):
        assert hass.services.has_service(DOMAIN, action)
        await refused(hass, action, bell, "project_not_loaded")

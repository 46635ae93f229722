"""Setting a door up: who may open it, when, and how it behaves; typed once, shown never again."""

import json
from typing import Any

import bcrypt
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.conftest import MakeEntry
from tests.flows import (
    FINISHED,
    configure,
    errors,
    fields,
    go_on,
    options_of,
    prefilled,
    readable,
    shown,
)
from tests.homes import device_named, state_of
from tests.simulator import TuyaSimulator

PIN = "86420975"
HASH = bcrypt.hashpw(PIN.encode(), bcrypt.gensalt(4)).decode()
GONE = "simgone0000000000001_door"
SHOWN_ALWAYS = ["pin", "admin_only", "quiet_from", "quiet_to"]


def door_of(simulator: TuyaSimulator, name: str, key: str = "door") -> str:
    return f"{device_named(simulator, name).id}_{key}"


async def page(hass: HomeAssistant, entry: MockConfigEntry, door: str) -> ConfigFlowResult:
    """Choose "Configure", "Doors", and a door."""
    return await go_on(hass, await configure(hass, entry, "doors"), door=door)


async def save(hass: HomeAssistant, result: ConfigFlowResult, **changed: Any) -> ConfigFlowResult:
    """Submit the page as it stands, but for what is changed; None empties a field."""
    answers = {**prefilled(result), **changed}
    answers = {key: value for key, value in answers.items() if value is not None}
    result = await hass.config_entries.options.async_configure(result["flow_id"], answers)
    await hass.async_block_till_done()
    return readable(result, "options")


def stored(entry: MockConfigEntry, door: str) -> dict[str, Any]:
    own: dict[str, Any] = entry.options["doors"].get(door, {})
    return own


async def test_every_door_can_be_chosen_by_its_device_and_name(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    result = await configure(hass, entry, "doors")
    assert result["step_id"] == "doors"
    labels = options_of(result, "door")
    assert labels[door_of(simulator, "Intercom")] == "Intercom \N{EN DASH} Gate"
    assert labels[door_of(simulator, "Intercom", "door_2")] == "Intercom \N{EN DASH} House"
    assert labels[door_of(simulator, "Front door lock")] == "Front door lock"
    result = await go_on(hass, result, door=door_of(simulator, "Intercom"))
    assert shown(result, "options").startswith("Intercom \N{EN DASH} Gate: ")


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("Intercom", ["relock_s"]),
        ("Face terminal", ["relock_s"]),
        ("Front door lock", ["inverted", "remote_key", "own_password"]),
    ],
)
async def test_only_what_fits_the_door_is_asked(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    name: str,
    more: list[str],
) -> None:
    result = await page(hass, entry, door_of(simulator, name))
    assert fields(result) == [*SHOWN_ALWAYS, *more]


async def test_what_was_chosen_is_stored_and_shown_again_and_changed(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    gate = door_of(simulator, "Intercom")
    hours = {"quiet_from": "22:00:00", "quiet_to": "06:00:00"}
    result = await page(hass, entry, gate)
    result = await save(hass, result, admin_only=True, relock_s=3600, **hours)
    assert result["type"] is FINISHED
    assert stored(entry, gate) == {"admin_only": True, "relock_s": 3600, **hours}
    assert entry.options["delivery"] == "production"
    result = await page(hass, entry, gate)
    assert prefilled(result) == {"admin_only": True, "relock_s": 3600, **hours}
    empty = {"relock_s": None, "quiet_from": None, "quiet_to": None}
    await save(hass, result, admin_only=False, **empty)
    assert stored(entry, gate) == {}
    assert entry.state is ConfigEntryState.LOADED


async def test_a_pin_is_kept_as_a_hash_and_counts_at_once(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    simulator.issued.note(PIN)
    gate = door_of(simulator, "Intercom")
    await save(hass, await page(hass, entry, gate), pin=PIN)
    kept = stored(entry, gate)["pin_hash"]
    assert bcrypt.checkpw(PIN.encode(), kept.encode())
    assert PIN not in json.dumps(dict(entry.options))
    intercom = device_named(simulator, "Intercom")
    assert "code_format" in state_of(hass, "lock", intercom, "door").attributes


async def test_a_pin_stays_is_replaced_or_is_removed(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    gate = door_of(simulator, "Intercom")
    entry = make_entry(simulator, doors={gate: {"pin_hash": HASH}})
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await page(hass, entry, gate)
    assert "remove_pin" in fields(result)
    assert HASH not in repr(result)
    await save(hass, result, admin_only=True)
    assert stored(entry, gate) == {"pin_hash": HASH, "admin_only": True}
    await save(hass, await page(hass, entry, gate), pin="1357")
    assert bcrypt.checkpw(b"1357", stored(entry, gate)["pin_hash"].encode())
    await save(hass, await page(hass, entry, gate), remove_pin=True)
    assert stored(entry, gate) == {"admin_only": True}
    intercom = device_named(simulator, "Intercom")
    assert "code_format" not in state_of(hass, "lock", intercom, "door").attributes


@pytest.mark.parametrize(
    "pin", ["123", "123456789", "12a4", "12 34", "-123", "123\N{FULLWIDTH DIGIT FOUR}", " 1234"]
)
async def test_a_pin_that_will_not_do_is_told_and_not_shown_again(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, pin: str
) -> None:
    gate = door_of(simulator, "Intercom")
    result = await save(
        hass, await page(hass, entry, gate), pin=pin, admin_only=True, quiet_from="22:00:00"
    )
    told = errors(result, "options")
    assert told["pin"] == "A PIN has 4 to 8 digits, and nothing else."
    assert told["quiet_to"].startswith("Quiet hours need both times.")
    assert prefilled(result) == {"admin_only": True, "quiet_from": "22:00:00"}
    assert "doors" not in entry.options
    await save(hass, result, pin="1234", quiet_to="06:00:00")
    assert stored(entry, gate).keys() == {"pin_hash", "admin_only", "quiet_from", "quiet_to"}


async def test_half_a_span_is_no_span(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    result = await page(hass, entry, door_of(simulator, "Intercom"))
    result = await save(hass, result, quiet_to="06:00:00")
    assert errors(result, "options").keys() == {"quiet_from"}
    assert prefilled(result)["quiet_to"] == "06:00:00"


async def test_a_new_pin_and_its_removal_exclude_each_other(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    gate = door_of(simulator, "Intercom")
    entry = make_entry(simulator, doors={gate: {"pin_hash": HASH}})
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await save(hass, await page(hass, entry, gate), pin="1357", remove_pin=True)
    assert errors(result, "options")["remove_pin"].startswith("Either type a new PIN")
    assert stored(entry, gate) == {"pin_hash": HASH}


async def test_a_door_asks_for_a_pin_or_for_the_locks_own_password(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    lock = door_of(simulator, "Front door lock")
    result = await save(hass, await page(hass, entry, lock), pin="1357", own_password=True)
    assert errors(result, "options")["own_password"].startswith("A door asks for a PIN or")
    assert prefilled(result)["own_password"] is True
    await save(hass, result, pin="1357", own_password=False)
    result = await save(hass, await page(hass, entry, lock), own_password=True)
    assert errors(result, "options").keys() == {"own_password"}
    await save(hass, result, own_password=True, remove_pin=True)
    assert stored(entry, lock) == {"own_password": True}
    attributes = state_of(hass, "lock", device_named(simulator, "Front door lock"), "door")
    assert attributes.attributes["code_format"] == r"^\d{6}$"


async def test_a_bolt_that_reports_the_wrong_way_round_can_be_ticked(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    lock, keypad = door_of(simulator, "Front door lock"), door_of(simulator, "Gate keypad")
    entry = make_entry(simulator, inverted=[keypad])
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await page(hass, entry, lock)
    assert prefilled(result)["inverted"] is False
    await save(hass, result, inverted=True)
    assert entry.options["inverted"] == [keypad, lock]
    assert stored(entry, lock) == {}
    result = await page(hass, entry, lock)
    assert prefilled(result)["inverted"] is True
    await save(hass, result, inverted=False)
    assert entry.options["inverted"] == [keypad]


async def test_what_was_said_of_a_door_goes_with_its_device(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    gate, terminal = door_of(simulator, "Intercom"), device_named(simulator, "Face terminal")
    left_out = f"{terminal.id}_door"
    doors = {GONE: {"pin_hash": HASH}, left_out: {"pin_hash": HASH}}
    entry = make_entry(simulator, doors=doors, inverted=[GONE], excluded=[terminal.id])
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await page(hass, entry, gate)
    assert GONE in entry.options["doors"]
    await save(hass, result, admin_only=True)
    assert entry.options["doors"] == {gate: {"admin_only": True}, left_out: {"pin_hash": HASH}}
    assert entry.options["inverted"] == []


async def test_a_list_that_is_short_or_cannot_be_had_costs_no_door_its_pin(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    gate, keypad = door_of(simulator, "Intercom"), device_named(simulator, "Gate keypad")
    doors = {f"{keypad.id}_door": {"pin_hash": HASH}, GONE: {"pin_hash": HASH}}
    entry = make_entry(simulator, doors=doors)
    away = simulator.devices.pop(keypad.id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    simulator.devices[keypad.id] = away
    result = await page(hass, entry, gate)
    simulator.fault("not_authorized", 1, path="/v2.0/cloud/thing/device")
    await save(hass, result, admin_only=True)
    assert entry.options["doors"] == {**doors, gate: {"admin_only": True}}
    entry.runtime_data.coordinator.inventory.names.pop(keypad.id)
    await save(hass, await page(hass, entry, gate), admin_only=False)
    assert entry.options["doors"] == {f"{keypad.id}_door": {"pin_hash": HASH}}


async def test_while_the_project_is_not_loaded_doors_are_known_by_name_and_keep_the_rest(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    gate, lock = door_of(simulator, "Intercom"), door_of(simulator, "Front door lock")
    doors = {gate: {"relock_s": 30}, lock: {"own_password": True}, GONE: {"admin_only": True}}
    entry = make_entry(simulator, doors=doors, inverted=[lock, GONE])
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)
    result = await configure(hass, entry, "doors")
    assert result["step_id"] == "doors_not_loaded"
    assert options_of(result, "door")[gate] == "Intercom \N{EN DASH} Gate"
    result = await go_on(hass, result, door=gate)
    assert fields(result) == SHOWN_ALWAYS
    await save(hass, result, admin_only=True)
    assert entry.options["doors"] == doors | {gate: {"relock_s": 30, "admin_only": True}}
    assert entry.options["inverted"] == [lock, GONE]
    # Saving loads it again.
    assert await hass.config_entries.async_unload(entry.entry_id)
    result = await save(hass, await page(hass, entry, lock), pin="1357")
    assert errors(result, "options")["pin"].startswith("A door asks for a PIN or")


async def test_a_project_that_never_was_loaded_has_no_doors_to_show(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator)
    result = await configure(hass, entry, "doors")
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "doors_none"


async def test_a_door_that_leaves_while_its_page_is_open_brings_back_the_list(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    intercom = device_named(simulator, "Intercom")
    result = await page(hass, entry, f"{intercom.id}_door")
    del simulator.devices[intercom.id]
    await entry.runtime_data.coordinator.async_refresh()
    assert intercom.id not in entry.runtime_data.coordinator.data.devices
    result = await save(hass, result, admin_only=True)
    assert result["step_id"] == "doors"
    assert f"{intercom.id}_door" not in options_of(result, "door")


async def test_neither_pin_nor_hash_is_in_the_diagnostics(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    simulator.issued.note(PIN, HASH)
    entry = make_entry(simulator, doors={door_of(simulator, "Intercom"): {"pin_hash": HASH}})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert await async_setup_component(hass, "diagnostics", {})
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    text = json.dumps(told)
    assert '"doors": "**REDACTED**"' in text
    assert HASH not in text
    assert "pin_hash" not in text

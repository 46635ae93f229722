"""How full the battery is, and who came in last."""

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

from tests.conftest import MakeEntry
from tests.homes import device_named, state_of
from tests.plays import play, report
from tests.simulator import SimDevice, TuyaSimulator


def shown(hass: HomeAssistant, device: SimDevice, key: str) -> str:
    return state_of(hass, Platform.SENSOR, device, key).state


async def test_a_battery_is_shown_in_whole_percents(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    state = state_of(hass, Platform.SENSOR, bell, "battery")
    assert state.state == "87"
    assert state.attributes["unit_of_measurement"] == "%"
    assert state.attributes["device_class"] == SensorDeviceClass.BATTERY
    await report(hass, simulator, bell, {"wireless_electricity": 42})
    assert shown(hass, bell, "battery") == "42"


async def test_a_battery_that_cannot_be_measured_is_unknown(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    assert shown(hass, lock, "battery") == "90"
    await report(hass, simulator, lock, {"residual_electricity": -1})
    assert shown(hass, lock, "battery") == "unknown"


@pytest.mark.parametrize(
    ("name", "options", "by", "how"),
    [
        ("Face terminal", {"way": "face", "person": "anna"}, "anna", "face"),
        ("Front door lock", {"way": "card", "person": 14}, "14", "card"),
        ("Gate keypad", {"way": "fingerprint", "person": 3}, "3", "fingerprint"),
    ],
)
async def test_who_came_in_last_is_shown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    name: str,
    options: dict[str, str | int],
    by: str,
    how: str,
) -> None:
    device = device_named(simulator, name)
    assert shown(hass, device, "last_opened_by") == "unknown"
    await play(hass, simulator, device, "access_granted", **options)
    assert shown(hass, device, "last_opened_by") == by
    assert shown(hass, device, "last_opened_how") == how


async def test_who_was_refused_did_not_open(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    terminal = device_named(simulator, "Face terminal")
    await play(hass, simulator, terminal, "access_denied")
    assert shown(hass, terminal, "last_opened_how") == "unknown"


async def test_who_came_in_last_is_known_after_a_restart(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    stored = [
        (State("sensor.front_door_lock_last_opened_by", "14"), "14"),
        (State("sensor.front_door_lock_last_opening_method", "card"), "card"),
        (State("sensor.gate_keypad_last_opened_by", "3"), {"no": "text"}),
    ]
    mock_restore_cache_with_extra_data(
        hass,
        [
            (state, {"native_value": value, "native_unit_of_measurement": None})
            for state, value in stored
        ],
    )
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    lock = device_named(simulator, "Front door lock")
    assert shown(hass, lock, "last_opened_by") == "14"
    assert shown(hass, lock, "last_opened_how") == "card"
    assert shown(hass, device_named(simulator, "Gate keypad"), "last_opened_by") == "unknown"
    await play(hass, simulator, lock, "access_granted", way="face", person=2)
    assert shown(hass, lock, "last_opened_by") == "2"
    assert shown(hass, lock, "last_opened_how") == "face"


async def test_a_door_opened_from_inside_names_nobody(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "access_granted", way="card", person=14, age_s=10)
    await report(hass, simulator, lock, {"open_inside": True})
    assert shown(hass, lock, "last_opened_how") == "inside"
    assert shown(hass, lock, "last_opened_by") == "unknown"

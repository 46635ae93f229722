"""Trouble shows as long as it lasts; a device that went away is said to be away."""

from datetime import timedelta

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named, entity_id, state_of
from tests.plays import heard, play, report
from tests.simulator import SimDevice, TuyaSimulator, read_document


def shown(hass: HomeAssistant, device: SimDevice, key: str) -> str:
    return state_of(hass, Platform.BINARY_SENSOR, device, key).state


async def seconds_later(hass: HomeAssistant, seconds: float) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Intercom", "tamper"),
        ("Battery bell", "loitering"),
        ("Front door lock", "tamper"),
        ("Front door lock", "wrong_attempts"),
        ("Gate keypad", "tamper"),
        ("Face terminal", "tamper"),
    ],
)
async def test_an_alarm_that_nobody_takes_back_ends_by_itself(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    name: str,
    key: str,
) -> None:
    device = device_named(simulator, name)
    await play(hass, simulator, device, key)
    assert shown(hass, device, key) == "on"
    await seconds_later(hass, 30)
    assert shown(hass, device, key) == "on"
    await seconds_later(hass, 61)
    assert shown(hass, device, key) == "off"


async def test_the_same_alarm_again_lasts_longer(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "tamper", age_s=40)
    await play(hass, simulator, lock, "tamper")
    await seconds_later(hass, 30)
    assert shown(hass, lock, "tamper") == "on"
    await seconds_later(hass, 61)
    assert shown(hass, lock, "tamper") == "off"


async def test_an_alarm_that_is_long_over_is_not_shown(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    states = heard(hass, entity_id(hass, Platform.BINARY_SENSOR, lock, "tamper"))
    await play(hass, simulator, lock, "tamper", age_s=300)
    assert [state.state for state in states] == []
    assert shown(hass, lock, "tamper") == "off"


async def test_an_alarm_that_is_taken_back_lasts_until_then(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    keypad = device_named(simulator, "Gate keypad")
    simulator.report(keypad.id, {"temper_alarm": False})
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    await report(hass, simulator, keypad, {"temper_alarm": True})
    await seconds_later(hass, 600)
    assert shown(hass, keypad, "tamper") == "on"
    await report(hass, simulator, keypad, {"temper_alarm": False})
    assert shown(hass, keypad, "tamper") == "off"


async def test_a_door_left_open_is_over_once_it_closes(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "door_open")
    await play(hass, simulator, lock, "door_left_open")
    await seconds_later(hass, 600)
    assert shown(hass, lock, "door") == "on"
    assert shown(hass, lock, "door_left_open") == "on"
    await play(hass, simulator, lock, "door_closed")
    assert shown(hass, lock, "door") == "off"
    assert shown(hass, lock, "door_left_open") == "off"


async def test_a_contact_that_does_not_know_is_unknown(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await report(hass, simulator, lock, {"closed_opened": "unknown"})
    assert shown(hass, lock, "door") == "unknown"


async def test_a_lock_asks_to_be_opened_for_as_long_as_it_says(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "asks_to_open")
    assert shown(hass, lock, "asks_to_open") == "on"
    await seconds_later(hass, 31)
    assert shown(hass, lock, "asks_to_open") == "off"


async def test_what_was_stored_before_the_start_raises_no_alarm(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    assert lock.values["alarm_lock"] == "wrong_finger"
    for key in ("tamper", "loitering", "wrong_attempts", "duress", "door_left_open"):
        assert shown(hass, lock, key) == "off"


async def test_going_offline_and_coming_back_is_shown(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    terminal = device_named(simulator, "Face terminal")
    assert shown(hass, terminal, "online") == "on"
    await play(hass, simulator, terminal, "offline")
    assert shown(hass, terminal, "online") == "off"
    assert shown(hass, terminal, "tamper") == "unavailable"
    await play(hass, simulator, terminal, "online")
    assert shown(hass, terminal, "online") == "on"
    assert shown(hass, terminal, "tamper") == "off"


async def test_a_sleeping_lock_keeps_what_it_said(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "door_open")
    await play(hass, simulator, lock, "offline")
    assert shown(hass, lock, "door") == "on"
    assert shown(hass, lock, "online") == "off"


async def test_whether_messages_arrive_is_shown_at_the_project(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    queue = "binary_sensor.home_doors_message_queue"
    states = heard(hass, queue)
    state = hass.states.get(queue)
    assert state is not None
    assert state.state == "on"
    simulator.fault("topic_off", 1000)
    simulator.drop_consumers()
    await simulator.disconnected()
    while not states:
        await hass.async_block_till_done()
    assert [state.state for state in states] == ["off"]


async def test_a_queue_that_was_switched_off_leaves_no_dead_entity(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    queue = "binary_sensor.home_doors_message_queue"
    for delivery, there in (("off", False), ("production", True)):
        options = {**entry.options, "delivery": delivery}
        hass.config_entries.async_update_entry(entry, options=options)
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert (hass.states.get(queue) is not None) is there
        assert (er.async_get(hass).async_get(queue) is not None) is there


async def test_without_push_there_is_no_queue_to_show(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    made = make_entry(simulator, delivery="off")
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("binary_sensor.home_doors_message_queue") is None


async def test_each_condition_has_its_class_and_category(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    registry = er.async_get(hass)
    lock = device_named(simulator, "Front door lock")
    found = {
        entity.unique_id.removeprefix(f"{lock.id}_"): (
            entity.original_device_class,
            entity.entity_category,
        )
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.domain == Platform.BINARY_SENSOR and entity.unique_id.startswith(lock.id)
    }
    assert found == {
        "tamper": (BinarySensorDeviceClass.TAMPER, None),
        "loitering": (None, None),
        "wrong_attempts": (BinarySensorDeviceClass.PROBLEM, None),
        "duress": (BinarySensorDeviceClass.SAFETY, None),
        "door": (BinarySensorDeviceClass.DOOR, None),
        "door_left_open": (BinarySensorDeviceClass.PROBLEM, None),
        "asks_to_open": (None, None),
        "online": (BinarySensorDeviceClass.CONNECTIVITY, EntityCategory.DIAGNOSTIC),
    }
    assert registry.async_get_entity_id("binary_sensor", DOMAIN, f"{lock.id}_battery_low") is None


async def test_a_low_battery_is_told_where_no_percentage_is(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry
) -> None:
    levels = {"code": "battery_state", "type": "Enum", "values": {"range": ["high", "low"]}}
    lock = {"name": "Shed", "category": "ms", "product_id": "shedlock1", "status_range": [levels]}
    simulator = TuyaSimulator(devices=read_document(lock, "shed.json"))
    await simulator.start()
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    shed = device_named(simulator, "Shed")
    state = state_of(hass, Platform.BINARY_SENSOR, shed, "battery_low")
    assert state.state == "unknown"
    assert state.attributes["device_class"] == BinarySensorDeviceClass.BATTERY
    for word, expected in (("low", "on"), ("high", "off")):
        await report(hass, simulator, shed, {"battery_state": word})
        assert shown(hass, shed, "battery_low") == expected
    assert await hass.config_entries.async_unload(made.entry_id)
    await simulator.stop()

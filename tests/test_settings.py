"""Settings of devices through Home Assistant: what is shown, what is written, what is refused."""

import asyncio
from datetime import timedelta
import json
from typing import Any

from homeassistant.const import ATTR_ENTITY_ID, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tuyalink_intercom.model.state import Fact
from custom_components.tuyalink_intercom.setting_entity import PATIENCE
from tests.conftest import MakeEntry
from tests.homes import device_named, entity_id, state_of
from tests.plays import heard, pictured, play, report
from tests.simulator import SimDevice, TuyaSimulator, read_document

COMMANDS = "POST /v1.0/iot-03/devices/{id}/commands"
ISSUE = "POST /v2.0/cloud/thing/{id}/shadow/properties/issue"
STATUS = "GET /v1.0/iot-03/devices/status"
CHANNELS = "ipc_c_switch_channel"


@pytest.fixture
def keypad(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Gate keypad")


@pytest.fixture
def intercom(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Intercom")


def shown(hass: HomeAssistant, platform: Platform, device: SimDevice, key: str) -> str:
    return state_of(hass, platform, device, key).state


async def act(
    hass: HomeAssistant, platform: Platform, action: str, device: SimDevice, key: str, **data: Any
) -> None:
    """Do what a user does with a setting."""
    target = {ATTR_ENTITY_ID: entity_id(hass, platform, device, key)}
    await hass.services.async_call(platform, action, {**target, **data}, blocking=True)


async def until_shown(
    hass: HomeAssistant, platform: Platform, device: SimDevice, key: str, wanted: str
) -> None:
    """Wait until the device's own word has arrived."""
    there = asyncio.Event()

    @callback
    def look(_event: object = None) -> None:
        if shown(hass, platform, device, key) == wanted:
            there.set()

    entity = entity_id(hass, platform, device, key)
    remove = async_track_state_change_event(hass, entity, look)
    look()
    await there.wait()
    remove()


async def seconds_later(hass: HomeAssistant, seconds: float) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done()


async def test_auto_lock_is_switched_off_at_the_device(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    assert shown(hass, Platform.SWITCH, keypad, "auto_lock") == "on"
    await act(hass, Platform.SWITCH, "turn_off", keypad, "auto_lock")
    await until_shown(hass, Platform.SWITCH, keypad, "auto_lock", "off")
    assert keypad.values["automatic_lock"] is False
    await act(hass, Platform.SWITCH, "turn_on", keypad, "auto_lock")
    await until_shown(hass, Platform.SWITCH, keypad, "auto_lock", "on")
    assert simulator.calls[COMMANDS] == 2
    assert simulator.calls[ISSUE] == 0


async def test_a_number_is_set_within_the_devices_own_limits(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    state = state_of(hass, Platform.NUMBER, keypad, "alarm_time")
    assert (state.state, state.attributes["unit_of_measurement"]) == ("60", "s")
    told = {key: state.attributes[key] for key in ("min", "max", "step", "mode")}
    assert told == {"min": 0, "max": 180, "step": 10, "mode": "slider"}
    await act(hass, Platform.NUMBER, "set_value", keypad, "alarm_time", value=120)
    await until_shown(hass, Platform.NUMBER, keypad, "alarm_time", "120")
    assert keypad.values["alarm_time"] == 120
    with pytest.raises(ServiceValidationError):
        await act(hass, Platform.NUMBER, "set_value", keypad, "alarm_time", value=181)
    assert simulator.calls[COMMANDS] == 1


async def test_a_new_delay_is_how_long_the_door_stays_unlocked(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    await act(hass, Platform.NUMBER, "set_value", keypad, "auto_lock_time", value=30)
    await until_shown(hass, Platform.NUMBER, keypad, "auto_lock_time", "30")
    device = entry.runtime_data.coordinator.device(keypad.id)
    assert device.readings[Fact.RELOCK_TIME].value == 30


async def test_a_volume_is_chosen_among_the_devices_own_words(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    state = state_of(hass, Platform.SELECT, keypad, "doorbell_volume")
    assert state.state == "middle"
    assert state.attributes["options"] == ["mute", "low", "middle", "high"]
    await act(hass, Platform.SELECT, "select_option", keypad, "doorbell_volume", option="mute")
    await until_shown(hass, Platform.SELECT, keypad, "doorbell_volume", "mute")
    assert keypad.values["doorbell_volume"] == "mute"
    with pytest.raises(ServiceValidationError):
        await act(hass, Platform.SELECT, "select_option", keypad, "doorbell_volume", option="loud")


async def test_what_the_device_reports_is_shown_and_what_it_cannot_mean_is_unknown(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    values = {"doorbell_volume": "high", "automatic_lock": False, "auto_lock_time": 7}
    await report(hass, simulator, keypad, values)
    assert shown(hass, Platform.SELECT, keypad, "doorbell_volume") == "high"
    assert shown(hass, Platform.SWITCH, keypad, "auto_lock") == "off"
    assert shown(hass, Platform.NUMBER, keypad, "auto_lock_time") == "7"
    odd = {"doorbell_volume": "thunder", "automatic_lock": "maybe", "auto_lock_time": 9999}
    await report(hass, simulator, keypad, odd)
    assert shown(hass, Platform.SELECT, keypad, "doorbell_volume") == "unknown"
    assert shown(hass, Platform.SWITCH, keypad, "auto_lock") == "unknown"
    assert shown(hass, Platform.NUMBER, keypad, "auto_lock_time") == "unknown"
    counted = entry.runtime_data.coordinator.not_understood
    assert {f"value:{code}" for code in odd} <= counted.keys()


async def test_the_button_takes_a_photo_that_arrives(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    with pictured(entry, keypad) as picture:
        await act(hass, Platform.BUTTON, "press", keypad, "take_photo")
        await picture
    newest = entry.runtime_data.captures.newest(keypad.id)
    assert newest is not None
    assert keypad.values["photo_again"] is False


async def test_a_monitor_is_switched_to_another_panel_by_its_name(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, intercom: SimDevice
) -> None:
    state = state_of(hass, Platform.SELECT, intercom, "panel")
    assert (state.state, state.attributes["options"]) == ("Gate", ["Gate", "House"])
    rings = heard(hass, entity_id(hass, Platform.EVENT, intercom, "doorbell"))
    await act(hass, Platform.SELECT, "select_option", intercom, "panel", option="House")
    await until_shown(hass, Platform.SELECT, intercom, "panel", "House")
    assert json.loads(intercom.values[CHANNELS])["cc"] == 2
    assert rings == []


async def test_a_code_that_one_call_does_not_know_is_written_by_the_other(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    simulator.faults.refusals.set(COMMANDS, 2008)
    await act(hass, Platform.SWITCH, "turn_off", keypad, "auto_lock")
    await until_shown(hass, Platform.SWITCH, keypad, "auto_lock", "off")
    assert (simulator.calls[COMMANDS], simulator.calls[ISSUE]) == (1, 1)


async def test_a_device_that_sleeps_says_so_and_nothing_else_is_tried(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.fault("offline")
    with pytest.raises(HomeAssistantError) as refused:
        await act(hass, Platform.SWITCH, "turn_off", lock, "auto_lock")
    assert refused.value.translation_key == "reason_device_offline"
    assert simulator.calls[ISSUE] == 0
    assert shown(hass, Platform.SWITCH, lock, "auto_lock") == "on"


async def test_a_device_that_does_not_answer_is_read_once(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    simulator.fault("silent")
    before = simulator.calls[STATUS]
    await act(hass, Platform.SWITCH, "turn_off", keypad, "auto_lock")
    assert shown(hass, Platform.SWITCH, keypad, "auto_lock") == "on"
    keypad.values["automatic_lock"] = False
    await seconds_later(hass, PATIENCE + 1)
    await until_shown(hass, Platform.SWITCH, keypad, "auto_lock", "off")
    await seconds_later(hass, PATIENCE + 30)
    assert simulator.calls[STATUS] == before + 1


async def test_a_device_that_answers_is_not_read(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    before = simulator.calls[STATUS]
    await act(hass, Platform.SWITCH, "turn_off", keypad, "auto_lock")
    await until_shown(hass, Platform.SWITCH, keypad, "auto_lock", "off")
    await seconds_later(hass, PATIENCE + 1)
    assert simulator.calls[STATUS] == before


async def test_nothing_is_read_after_the_project_was_unloaded(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    simulator.fault("silent")
    await act(hass, Platform.SWITCH, "turn_off", keypad, "auto_lock")
    assert await hass.config_entries.async_unload(entry.entry_id)
    before = simulator.calls.total()
    await seconds_later(hass, PATIENCE + 1)
    assert simulator.calls.total() == before


async def test_settings_are_there_again_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    await report(hass, simulator, keypad, {"doorbell_volume": "low", "auto_lock_time": 9})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, Platform.SELECT, keypad, "doorbell_volume") == "low"
    assert shown(hass, Platform.NUMBER, keypad, "auto_lock_time") == "9"


async def test_what_hardly_anybody_sets_is_off_at_first(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice
) -> None:
    registry = er.async_get(hass)
    found = registry.async_get(entity_id(hass, Platform.SWITCH, intercom, "flip_picture"))
    assert found is not None
    assert found.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert shown(hass, Platform.SWITCH, intercom, "motion_detection") == "on"


async def test_a_camera_has_settings_once_it_turns_out_to_be_a_doorbell(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry
) -> None:
    functions = [{"code": "motion_switch", "type": "Boolean", "values": "{}"}]
    document = {"name": "Eye", "category": "sp", "functions": functions, "status": []}
    cloud = TuyaSimulator(devices=read_document(document, "eye.json"))
    await cloud.start()
    try:
        made = make_entry(cloud)
        assert await hass.config_entries.async_setup(made.entry_id)
        await cloud.connected()
        await hass.async_block_till_done()
        camera = device_named(cloud, "Eye")
        assert hass.states.async_entity_ids(Platform.SWITCH) == []
        await play(hass, cloud, camera, "ring", carrier="event_notify")
        assert shown(hass, Platform.SWITCH, camera, "motion_detection") == "unknown"
    finally:
        await hass.config_entries.async_unload(made.entry_id)
        await cloud.stop()


async def test_settings_of_a_device_that_went_away_are_unavailable_unless_it_sleeps(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, keypad: SimDevice
) -> None:
    lock = device_named(simulator, "Front door lock")
    for device, expected in ((keypad, "unavailable"), (lock, "on")):
        await play(hass, simulator, device, "offline")
        assert shown(hass, Platform.SWITCH, device, "auto_lock") == expected


async def test_a_ring_counts_after_a_switch_that_was_refused(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, intercom: SimDevice
) -> None:
    simulator.fault("offline")
    with pytest.raises(HomeAssistantError):
        await act(hass, Platform.SELECT, "select_option", intercom, "panel", option="House")
    device = entry.runtime_data.coordinator.device(intercom.id)
    assert device.chosen is None
    assert shown(hass, Platform.SELECT, intercom, "panel") == "Gate"

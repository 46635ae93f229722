"""Home Assistant restarts, or dies: Tuya sees how the door stands, and hears what happened."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tuyalink_intercom.publishing.upkeep import FIRST_LOOK
from tests.homes import DOMAIN, entry_of, later, until
from tests.published import THIRD_ID, garden, published_home, registered, so, subentry
from tests.simulator import TuyaSimulator
from tests.telling import READER, telling

pytestmark = pytest.mark.usefixtures("socket_enabled")
BASE = "/v1.0/iot-03/3rdcloud/devices"
EVENT, ONLINE = f"POST {BASE}/{{id}}/event/report", f"PUT {BASE}/{{id}}/online"


async def test_what_changed_while_the_project_was_down_is_seen_after_the_start(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    await hass.config_entries.async_unload(home.entry.entry_id)
    home.lock.stand(locked=False)
    await hass.config_entries.async_setup(home.entry.entry_id)
    await home.seen(lock_motor_state=True)


async def test_after_a_crash_between_command_and_report_the_true_state_is_seen(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    # Tuya was told "locked", a command has opened the door, and nobody said goodbye.
    lock, _ = await garden(hass)
    device = await registered(simulator)
    device.online = True
    now = simulator.now_ms()
    device.store({"lock_motor_state": False}, now, now)
    lock.stand(locked=False)
    entry = entry_of(simulator, subentry(device.id))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.until(lambda: device.values["lock_motor_state"] is True)
    assert lock.presses == []


async def test_a_report_that_tuya_lost_is_made_good_at_the_next_look(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    door = home.entry.runtime_data.published.doors[home.subentry_id]
    await so(hass, lambda: door.sender.told == {"lock_motor_state": False})
    now = simulator.now_ms()
    home.device.store({"lock_motor_state": True}, now, now)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=FIRST_LOOK + 1))
    await home.seen(lock_motor_state=False)


async def test_nothing_is_looked_at_while_tuya_refuses_everything(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await until(hass, freezer, lambda: home.device.values.get("lock_motor_state") is False)
    simulator.fault("quota", 1)
    await home.entry.runtime_data.coordinator.async_refresh()
    assert home.entry.runtime_data.coordinator.asking_is_vain
    before = simulator.calls.total()
    home.lock.stand(locked=False)
    await later(hass, freezer, FIRST_LOOK + 1)
    assert simulator.calls.total() == before


async def test_a_ring_that_tuya_did_not_take_outlives_a_reload_and_rings_once(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    simulator.fault("refuse", what=EVENT, code=500)
    home.bell.ring()
    await simulator.until(lambda: simulator.calls[EVENT] == 1)
    await hass.config_entries.async_unload(home.entry.entry_id)
    simulator.fault("refuse", 0, what=EVENT)
    await hass.config_entries.async_setup(home.entry.entry_id)
    await simulator.until(lambda: bool(simulator.southbound.events))
    await simulator.called(ONLINE, 2)
    await hass.config_entries.async_reload(home.entry.entry_id)
    await simulator.called(ONLINE, 3)
    await hass.async_block_till_done()
    assert [one.code for one in simulator.southbound.events] == ["ring"]


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"registered": [], "models": 3, "unsent": "x"},
        {
            "registered": {THIRD_ID: {"device_id": 4}, "x": 1},
            "models": {"simdoorproduct01": {"fetched": "now", "model": {}}, "y": 2},
            "unsent": {THIRD_ID: [{"code": 1}, 5], "z": {}},
        },
    ],
)
async def test_a_door_is_published_though_what_was_stored_makes_no_sense(
    hass: HomeAssistant, simulator: TuyaSimulator, hass_storage: dict[str, Any], data: Any
) -> None:
    await garden(hass)
    device = await registered(simulator)
    entry = entry_of(simulator, subentry(device.id))
    key = f"{DOMAIN}.{entry.entry_id}.published"
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.until(lambda: device.values.get("lock_motor_state") is False)


async def test_an_entry_that_tuya_did_not_take_outlives_a_crash_and_is_told_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    async with telling(hass, freezer, access=READER) as door:
        door.happens(READER, "granted", person="Ada")
        await door.flows(lambda: door.kinds() == ["access"])
        key = f"{DOMAIN}.{door.entry.entry_id}.published"
        await door.passes(10)
        assert not hass_storage[key]["data"]["unsent"]

        door.cloud.fault("http_503", count=50)
        door.happens(READER, "granted", person="Bob")
        await door.flows(lambda: bool(hass_storage[key]["data"]["unsent"]))
        crashed = deepcopy(hass_storage[key])
        door.cloud.fault("http_503", count=0)
        await door.flows(lambda: door.kinds() == ["access"] * 2)
        await door.flows(lambda: not hass_storage[key]["data"]["unsent"])
        await hass.config_entries.async_unload(door.entry.entry_id)

        # As if it had crashed while Tuya was away; Tuya knows the repeat by its id.
        hass_storage[key] = crashed
        south = door.cloud.southbound
        assert await hass.config_entries.async_setup(door.entry.entry_id)
        await door.flows(lambda: len(south.repeats) == 1)
        await door.flows(lambda: not hass_storage[key]["data"]["unsent"])
        assert [one.outputs["person"] for one in south.events] == ["Ada", "Bob"]


async def test_what_waits_is_kept_though_home_assistant_ends_before_it_has_started(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    async with telling(hass, freezer, access=READER) as door:
        door.cloud.fault("http_503", count=500)
        door.happens(READER, "granted", person="Bob")
        await door.passes(10)
        key = f"{DOMAIN}.{door.entry.entry_id}.published"
        for state in (CoreState.starting, CoreState.running):
            await hass.config_entries.async_unload(door.entry.entry_id)
            assert len(hass_storage[key]["data"]["unsent"][THIRD_ID]) == 1
            hass.set_state(state)
            door.cloud.fault("http_503", count=0)
            assert await hass.config_entries.async_setup(door.entry.entry_id)
        await door.flows(lambda: door.kinds() == ["access"])

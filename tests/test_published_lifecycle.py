"""Published doors from start to stop: registered, kept online, known again, never a device here."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom import async_remove_config_entry_device
from custom_components.tuyalink_intercom.arrivals import Arrival
from custom_components.tuyalink_intercom.model.publication import Publication
from tests.homes import DOMAIN, entry_of
from tests.published import PRODUCT, THIRD_ID, door_data, garden, published_home, so, subentry
from tests.simulator import TuyaSimulator, registry

BASE = "/v1.0/iot-03/3rdcloud/devices"
LIST = "GET /v2.0/cloud/thing/device"
SECOND = "hagardendoor00000000000000000002"


async def started(hass: HomeAssistant, cloud: TuyaSimulator, *subentries: Any) -> MockConfigEntry:
    """Set a project up whose doors Tuya has not heard of."""
    await garden(hass)
    entry = entry_of(cloud, *subentries)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    await hass.async_block_till_done()
    return entry


def third(cloud: TuyaSimulator, third_id: str = THIRD_ID) -> str:
    """Return Tuya's id of a door, empty while there is none."""
    return cloud.southbound.ids.get(third_id, "")


async def online(cloud: TuyaSimulator, third_id: str = THIRD_ID) -> None:
    """Wait until Tuya takes a door for online, and sees how its lock stands."""
    await cloud.until(
        lambda: (
            third(cloud, third_id) != ""
            and cloud.devices[third(cloud, third_id)].online is True
            and "lock_motor_state" in cloud.devices[third(cloud, third_id)].values
        )
    )


async def test_a_door_that_tuya_never_heard_of_is_registered_at_the_start(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await started(hass, simulator, subentry(""))
    await online(simulator)
    await hass.async_block_till_done()
    (kept,) = entry.subentries.values()
    assert kept.data["device_id"] == third(simulator)
    # Its own note is no reason to load anew.
    assert simulator.calls[LIST] == 1


async def test_a_start_costs_one_model_one_online_and_one_report(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    calls = {key: count for key, count in simulator.calls.items() if "3rdcloud" in key}
    assert calls == {
        # That of the test itself, before.
        f"POST {BASE}/{{third_id}}/register": 1,
        f"PUT {BASE}/{{id}}/online": 1,
        f"POST {BASE}/{{id}}/property/report": 1,
    }
    models = simulator.calls["GET /v2.0/cloud/thing/{id}/model"]
    await hass.config_entries.async_reload(home.entry.entry_id)
    await simulator.until(lambda: simulator.calls[f"PUT {BASE}/{{id}}/online"] == 2)
    await hass.async_block_till_done()
    assert simulator.calls["GET /v2.0/cloud/thing/{id}/model"] == models


async def test_a_reload_says_nothing_and_a_door_of_a_disabled_project_is_away(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert simulator.calls[f"PUT {BASE}/{{id}}/offline"] == 0
    await hass.config_entries.async_set_disabled_by(home.entry.entry_id, ConfigEntryDisabler.USER)
    assert home.device.online is False


async def test_doors_are_away_when_home_assistant_stops(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await simulator.until(lambda: home.device.online is False)


async def test_another_name_is_told_once(hass: HomeAssistant, simulator: TuyaSimulator) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    (kept,) = home.entry.subentries.values()
    hass.config_entries.async_update_subentry(home.entry, kept, title="Back door")
    await hass.async_block_till_done()
    await simulator.until(lambda: home.device.name == "Back door")
    await hass.config_entries.async_reload(home.entry.entry_id)
    await simulator.until(lambda: simulator.calls[f"PUT {BASE}/{{id}}/online"] == 3)
    assert simulator.calls[f"PUT {BASE}/{{id}}"] == 1


async def test_a_door_behind_another_is_registered_after_it(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    inner = subentry("", third_id=SECOND, gateway=THIRD_ID)
    await started(hass, simulator, inner, subentry(""))
    await online(simulator, SECOND)
    assert simulator.southbound.devices[third(simulator, SECOND)].gateway_id == third(simulator)


async def test_a_door_that_somebody_deleted_in_tuya_comes_back_and_nothing_is_lost(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    registry.forget(simulator, home.device.id)
    home.bell.ring()
    home.lock.stand(locked=False)
    await online(simulator)
    device = simulator.devices[third(simulator)]
    await simulator.until(lambda: device.values.get("lock_motor_state") is True)
    await simulator.until(lambda: bool(simulator.southbound.events))
    await hass.async_block_till_done()
    assert [event.device_id for event in simulator.southbound.events] == [device.id]
    (kept,) = home.entry.subentries.values()
    assert kept.data["device_id"] == device.id
    assert home.entry.runtime_data.published.by_device(device.id) is not None
    assert simulator.calls[LIST] == 1
    assert device.id not in home.entry.runtime_data.coordinator.data.devices


async def test_a_door_that_cannot_be_read_costs_the_others_nothing(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    broken = subentry("", third_id=SECOND, product_id=None)
    entry = await started(hass, simulator, broken, subentry(""))
    await online(simulator)
    assert len(entry.runtime_data.published.doors) == 1
    issues = [one for _, one in ir.async_get(hass).issues if one.startswith("published_unusable")]
    assert len(issues) == 1
    await hass.config_entries.async_unload(entry.entry_id)
    assert not [one for _, one in ir.async_get(hass).issues if one.startswith("published")]


async def test_what_a_user_changes_is_in_force_at_once(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    (kept,) = home.entry.subentries.values()
    data = door_data(home.device.id, codes={"leaf": "alarm_active"}, door="binary_sensor.leaf")
    hass.states.async_set("binary_sensor.leaf", "on")
    hass.config_entries.async_update_subentry(home.entry, kept, data=data)
    await hass.async_block_till_done()
    await home.seen(alarm_active=True)


async def test_registering_twice_is_registering_once(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    doors = home.entry.runtime_data.published
    licences = simulator.southbound.products[PRODUCT].licences
    (door,) = doors.doors.values()
    found = await doors.register(door.publication)
    assert found.device_id == home.device.id
    assert simulator.southbound.products[PRODUCT].licences == licences


async def test_a_door_of_another_product_is_another_device(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    registry.change_product(simulator, {"product_id": "simdoorproduct99", "name": "Other"})
    publication = Publication.of(
        "Garden door", door_data(home.device.id, product_id="simdoorproduct99")
    )
    found = await home.entry.runtime_data.published.register(publication)
    assert home.device.id not in simulator.devices
    assert simulator.southbound.devices[found.device_id].product_id == "simdoorproduct99"


async def test_a_poll_in_the_middle_of_registering_makes_no_device(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    coordinator = entry.runtime_data.coordinator
    before = coordinator.data.devices.keys()
    publication = Publication.of("Back door", door_data(""))
    found, *_ = await asyncio.gather(
        entry.runtime_data.published.register(publication),
        coordinator.async_refresh(),
        coordinator.async_refresh(),
    )
    await coordinator.async_refresh()
    assert found.device_id in simulator.devices
    assert coordinator.data.devices.keys() == before


async def test_messages_about_a_door_ask_for_no_list(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    publication = Publication.of("Back door", door_data(""))
    found = await entry.runtime_data.published.register(publication)
    before = simulator.calls[LIST]
    heard: list[Arrival] = []
    entry.runtime_data.coordinator.watch(heard.append)
    calls = entry.runtime_data.coordinator.cloud.cloud_to_cloud
    for _ in range(3):
        await calls.online(found.device_id)
        await calls.offline(found.device_id)
    await so(hass, lambda: len(heard) == 6)
    await hass.async_block_till_done()
    assert simulator.calls[LIST] == before


async def test_tuya_is_told_again_what_its_list_has_wrong(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    door = home.entry.runtime_data.published.doors[home.subentry_id]
    assert door.seen_online is True
    told: list[bool | None] = []
    door.listen(lambda: told.append(door.seen_online))
    home.device.online = False
    await home.entry.runtime_data.coordinator.async_refresh()
    await so(hass, lambda: door.seen_online is True)
    assert home.device.online is True
    assert told == [False, True]


async def test_nobody_deletes_the_device_of_a_published_door(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=home.entry.entry_id,
        config_subentry_id=home.subentry_id,
        identifiers={(DOMAIN, home.subentry_id)},
    )
    await home.entry.runtime_data.coordinator.async_refresh()
    assert dr.async_get(hass).async_get(device.id) is not None
    assert not await async_remove_config_entry_device(hass, home.entry, device)

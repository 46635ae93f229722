"""Doors that are published no more: Tuya lets them go, or a repair says that it did not."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.publication import Publication
from tests.homes import DOMAIN, later, until
from tests.published import THIRD_ID, door_data, published_home, so
from tests.simulator import TuyaSimulator, registry

BASE = "/v1.0/iot-03/3rdcloud/devices"
REMOVE = f"DELETE {BASE}/{{id}}/remove"
UNBIND = "POST /v1.0/cloud/thing/devices/{id}/unbind"


def repairs(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the repairs about published doors, by the key of their words."""
    found = ir.async_get(hass).issues.values()
    return {
        str(one.translation_key): one
        for one in found
        if one.domain == DOMAIN and str(one.translation_key).startswith("published")
    }


async def test_a_door_whose_publication_is_deleted_leaves_tuya(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    hass.config_entries.async_remove_subentry(home.entry, home.subentry_id)
    await simulator.until(lambda: home.device.id not in simulator.devices)
    await hass.async_block_till_done()
    assert (simulator.calls[UNBIND], simulator.calls[REMOVE]) == (1, 1)
    assert not repairs(hass)
    coordinator = home.entry.runtime_data.coordinator
    await coordinator.async_refresh()
    assert not coordinator.published.products


async def test_a_door_leaves_as_soon_as_tuya_answers_and_is_no_device_meanwhile(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    simulator.fault("refuse", what=REMOVE, code=500)
    hass.config_entries.async_remove_subentry(home.entry, home.subentry_id)
    await until(hass, freezer, lambda: simulator.calls[REMOVE] > 0)
    coordinator = home.entry.runtime_data.coordinator
    await coordinator.async_refresh()
    assert home.device.id in simulator.devices
    assert home.device.id not in coordinator.data.devices
    simulator.fault("refuse", 0, what=REMOVE)
    await later(hass, freezer, 61)
    await until(hass, freezer, lambda: home.device.id not in simulator.devices)
    assert not repairs(hass)


async def test_a_door_that_tuya_does_not_know_any_more_has_left(
    hass: HomeAssistant, simulator: TuyaSimulator, hass_storage: dict[str, Any]
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    registry.forget(simulator, home.device.id)
    hass.config_entries.async_remove_subentry(home.entry, home.subentry_id)
    await simulator.until(lambda: simulator.calls[REMOVE] == 1)
    doors = home.entry.runtime_data.published
    await so(hass, lambda: not doors.as_told()["leaving"])
    await hass.config_entries.async_unload(home.entry.entry_id)
    stored = hass_storage[f"{DOMAIN}.{home.entry.entry_id}.published"]["data"]
    assert stored["registered"] == {}
    assert not repairs(hass)


async def test_a_door_that_tuya_keeps_is_told_of(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    simulator.fault("refuse", what=REMOVE, code=40001900)
    hass.config_entries.async_remove_subentry(home.entry, home.subentry_id)
    await simulator.until(lambda: simulator.calls[REMOVE] == 1)
    doors = home.entry.runtime_data.published
    await so(hass, lambda: bool(doors.as_told()["refused"]))
    told = repairs(hass)["published_left"].translation_placeholders
    assert told == {"project": "Home doors", "door": "Garden door", "code": "40001900"}
    # A poll is no reason to ask again.
    await home.entry.runtime_data.coordinator.async_refresh()
    assert simulator.calls[REMOVE] == 1
    simulator.fault("refuse", 0, what=REMOVE)
    await hass.config_entries.async_reload(home.entry.entry_id)
    await simulator.until(lambda: home.device.id not in simulator.devices)
    assert not repairs(hass)


async def test_a_flow_that_was_abandoned_leaves_nothing_in_tuya(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    doors = entry.runtime_data.published
    found = await doors.register(Publication.of("Back door", door_data("")))
    await entry.runtime_data.coordinator.async_refresh()
    # It is on its way to be published: neither a reload nor a poll takes it away.
    await hass.config_entries.async_reload(entry.entry_id)
    await entry.runtime_data.coordinator.async_refresh()
    assert found.device_id in simulator.devices
    entry.runtime_data.published.forsake(THIRD_ID)
    await simulator.until(lambda: found.device_id not in simulator.devices)
    entry.runtime_data.published.forsake("haneverheardofit0000000000000000")


async def test_a_project_that_is_removed_takes_its_doors_along(
    hass: HomeAssistant, simulator: TuyaSimulator, hass_storage: dict[str, Any]
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert home.device.id not in simulator.devices
    assert not repairs(hass)
    assert not [key for key in hass_storage if home.entry.entry_id in key]


async def test_what_a_removed_project_leaves_behind_is_told_for_good(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    simulator.fault("refuse", what=REMOVE, code=40001900)
    await hass.config_entries.async_remove(home.entry.entry_id)
    issue = repairs(hass)["published_left_behind"]
    assert issue.is_persistent
    assert issue.translation_placeholders == {"project": "Home doors", "doors": "Garden door"}

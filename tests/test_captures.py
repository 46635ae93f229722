"""Pictures: they come after the ring, sometimes late, and never hold it up."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.homes import arrived, device_named, later, state_of, until, while_time_passes
from tests.simulator import TuyaSimulator


async def test_a_picture_that_is_still_uploading_is_tried_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    simulator.fault("upload_pending", 3)
    sent = simulator.scenario("ring", bell.id)
    await arrived(hass, simulator, sent)
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "ring"
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    capture = shelf.newest(bell.id)
    assert capture is not None
    assert await shelf.picture(capture) == simulator.pictures[sent.event_id]


@pytest.mark.parametrize("fault", ["wrong_key", "xml_picture", "expired_picture"])
async def test_what_is_no_picture_is_never_shown(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    fault: str,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    simulator.fault(fault, 50)
    await arrived(hass, simulator, simulator.scenario("ring", bell.id, carrier="doorbell_pic"))
    await until(hass, freezer, lambda: entry.runtime_data.fetcher.failed > 0)
    assert shelf.newest(bell.id) is None


async def test_pictures_wait_for_nobody_when_the_entry_is_unloaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("upload_pending", 50)
    await arrived(hass, simulator, simulator.scenario("ring", bell.id))
    await while_time_passes(
        hass, freezer, simulator.called("GET /v1.0/devices/{id}/movement-configs")
    )
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_flood_of_pictures_keeps_the_newest_rings(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    for number in range(60):
        simulator.scenario("motion", bell.id, age_s=100 - number)
    sent = simulator.scenario("ring", bell.id)
    await arrived(hass, simulator, sent)
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    rang = state_of(hass, "event", bell, "doorbell").attributes["event_id"]
    await until(
        hass,
        freezer,
        lambda: bool((newest := shelf.newest(bell.id)) and newest.event_id == rang),
    )
    newest = shelf.newest(bell.id)
    assert newest is not None
    assert await shelf.picture(newest) == simulator.pictures[sent.event_id]


async def test_while_tuya_refuses_everything_pictures_wait_without_a_call(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf, coordinator = entry.runtime_data.captures, entry.runtime_data.coordinator
    call = "GET /v1.0/devices/{id}/movement-configs"
    simulator.fault("plan_missing", 1_000)
    await coordinator.async_refresh()
    sent = simulator.scenario("ring", bell.id, carrier="doorbell_pic")
    await while_time_passes(hass, freezer, simulator.acked(sent.event_id))
    for _ in range(5):
        await later(hass, freezer, 650)
    assert simulator.calls[call] == 0
    assert entry.runtime_data.fetcher.failed == 0
    simulator.fault("plan_missing", 0)
    await later(hass, freezer, 650)
    await while_time_passes(hass, freezer, coordinator.async_refresh())
    await later(hass, freezer, 650)
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    capture = shelf.newest(bell.id)
    assert capture is not None
    assert await shelf.picture(capture) == simulator.pictures[sent.event_id]


async def test_a_picture_that_waited_for_a_day_is_given_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("quota", 1_000)
    await entry.runtime_data.coordinator.async_refresh()
    sent = simulator.scenario("ring", bell.id, carrier="doorbell_pic")
    await while_time_passes(hass, freezer, simulator.acked(sent.event_id))
    for _ in range(26):
        await later(hass, freezer, 3600)
        refresh = entry.runtime_data.coordinator.async_refresh()
        await while_time_passes(hass, freezer, refresh)
    assert entry.runtime_data.fetcher.failed == 1

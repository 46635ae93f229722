"""Pictures: they come after the ring, sometimes late, and never hold it up."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.homes import arrived, device_named, state_of, until, while_time_passes
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
    picture = shelf.newest(bell.id)
    assert picture is not None
    assert picture.data == simulator.pictures[sent.event_id]


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
    await until(hass, freezer, lambda: shelf.failed > 0)
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
    await until(
        hass,
        freezer,
        lambda: bool(
            (newest := shelf.newest(bell.id)) and newest.data == simulator.pictures[sent.event_id]
        ),
    )

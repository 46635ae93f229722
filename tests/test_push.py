"""The message queue as Home Assistant shows it: connected, lost, refused, and what to do."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.const import POLL_BESIDE_PUSH, POLL_WITHOUT_PUSH
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, arrived, device_named, state_of, until
from tests.simulator import TuyaSimulator


def queue_state(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    """Return the state of the project's queue sensor."""
    key = f"{entry.unique_id}_queue"
    found = er.async_get(hass).async_get_entity_id("binary_sensor", DOMAIN, key)
    state = hass.states.get(found) if found else None
    return state.state if state else None


def issues(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the keys of the repairs that the entry raised."""
    found = ir.async_get(hass).issues.values()
    return {
        issue.issue_id.removesuffix(f"_{entry.entry_id}")
        for issue in found
        if issue.domain == DOMAIN
    }


async def test_polling_slows_down_beside_a_connected_queue(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert queue_state(hass, entry) == STATE_ON
    assert entry.runtime_data.coordinator.update_interval == POLL_BESIDE_PUSH


async def test_polling_is_faster_until_a_lost_queue_is_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    simulator.drop_consumers()
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_OFF)
    assert entry.runtime_data.coordinator.update_interval == POLL_WITHOUT_PUSH
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_ON)
    assert entry.runtime_data.coordinator.update_interval == POLL_BESIDE_PUSH


async def test_a_queue_of_the_other_environment_is_a_repair_that_closes_itself(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator)
    simulator.fault("topic_off", 1)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(hass, freezer, lambda: bool(issues(hass, entry)))
    assert issues(hass, entry) == {"queue_refused_environment"}
    assert queue_state(hass, entry) == STATE_OFF
    freezer.tick(400)
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_ON)
    assert issues(hass, entry) == set()


async def test_without_a_queue_there_is_no_queue_sensor_and_polling_is_fast(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator, delivery="off")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert queue_state(hass, entry) is None
    assert entry.runtime_data.coordinator.update_interval == POLL_WITHOUT_PUSH


@pytest.mark.parametrize("encryption", ["aes_ecb", "aes_gcm", "mixed"])
async def test_rings_arrive_in_both_encryptions_even_mixed(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry, encryption: str
) -> None:
    cloud = TuyaSimulator(encryption=encryption)
    await cloud.start()
    bell = device_named(cloud, "Intercom")
    entry = make_entry(cloud)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await arrived(hass, cloud, cloud.scenario("ring", bell.id))
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "ring"
    assert entry.runtime_data.coordinator.cloud.counters.poison.total() == 0
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()


async def test_poison_is_acknowledged_counted_and_harms_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Intercom")
    simulator.fault("poison", 8)
    await arrived(hass, simulator, simulator.scenario("ring", bell.id))
    assert entry.runtime_data.coordinator.cloud.counters.poison.total() == 8
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "ring"


async def test_the_test_channel_is_listened_to_when_asked(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bell = device_named(simulator, "Intercom")
    entry = make_entry(simulator, delivery="test", suffix="house2")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    await arrived(hass, simulator, simulator.scenario("ring", bell.id))
    assert queue_state(hass, entry) == STATE_ON
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "ring"

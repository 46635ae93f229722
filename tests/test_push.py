"""The message queue as Home Assistant shows it: connected, lost, refused, and what to do."""

from datetime import timedelta
from unittest.mock import patch

from aiohttp.web import Response
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.health import Rung
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, arrived, device_named, later, state_of, until
from tests.simulator import TuyaSimulator
from tests.simulator.client import Client
from tests.simulator.consumer import QueueDoor


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


def interval(entry: MockConfigEntry) -> timedelta:
    """Return the time between polls."""
    found: timedelta = entry.runtime_data.coordinator.update_interval
    return found


async def test_polling_slows_down_beside_a_connected_queue(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator)
    assert await hass.config_entries.async_setup(entry.entry_id)
    before = interval(entry)
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_ON)
    assert interval(entry) > before


async def test_a_queue_that_is_back_at_once_was_never_away(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    before = interval(entry)
    simulator.drop_consumers()
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_OFF)
    assert interval(entry) == before
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_ON)
    assert interval(entry) == before


async def test_polling_is_faster_until_a_lost_queue_is_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    before = interval(entry)
    # Each connection is accepted, and dropped at once.
    simulator.fault("drop_queue", 5000)
    await until(hass, freezer, lambda: interval(entry) < before)
    assert entry.runtime_data.coordinator.rung is Rung.DOUBTFUL
    simulator.fault("drop_connection", 0)
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_ON)
    await later(hass, freezer, 61)
    await until(hass, freezer, lambda: interval(entry) == before)


@pytest.mark.parametrize(
    ("status", "issue"),
    [
        (401, "queue_wrong_data_center"),
        (403, "queue_refused_service"),
        (500, "queue_refused_environment"),
        (404, "queue_refused_environment"),
        (409, "queue_busy"),
    ],
)
async def test_a_refused_queue_is_a_repair_with_its_cure_that_closes_itself(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
    status: int,
    issue: str,
) -> None:
    entry = make_entry(simulator)
    with patch.object(QueueDoor, "_refusal", lambda _door, _request: Response(status=status)):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await until(hass, freezer, lambda: bool(issues(hass, entry)))
    assert issues(hass, entry) == {issue}
    assert queue_state(hass, entry) == STATE_OFF
    assert entry.runtime_data.coordinator.rung is Rung.DOWN
    await later(hass, freezer, 400)
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_ON)
    assert issues(hass, entry) == set()


async def test_another_refusal_takes_the_place_of_the_first(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator)
    simulator.fault("topic_off", 1)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(hass, freezer, lambda: issues(hass, entry) == {"queue_refused_environment"})
    async with Client(simulator) as other:
        holder = await other.read(subscriptionType="Exclusive")
        await later(hass, freezer, 400)
        await until(hass, freezer, lambda: issues(hass, entry) == {"queue_busy"})
        await holder.close()
    await until(hass, freezer, lambda: queue_state(hass, entry) == STATE_ON)
    assert issues(hass, entry) == set()


async def test_without_a_queue_there_is_no_queue_sensor_and_polling_is_fast(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator, delivery="off")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert queue_state(hass, entry) is None
    assert entry.runtime_data.coordinator.rung is Rung.DOWN


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

"""Facts of Tuya's wire that nobody has confirmed: the doors work whichever way they turn out."""

from collections.abc import AsyncIterator

from homeassistant.core import HomeAssistant
import pytest

from tests.simulator import TuyaSimulator
from tests.simulator.facts import NAMES

from .conftest import MakeEntry
from .homes import arrived, device_named, entity_id, state_of

# A page that is not full ends the list: what lies behind it cannot be known.
BELIEVED = frozenset({"list.short_page"})


@pytest.fixture(params=sorted(NAMES - BELIEVED))
async def odd_cloud(
    request: pytest.FixtureRequest, socket_enabled: None
) -> AsyncIterator[TuyaSimulator]:
    """Run a cloud of which one fact is not as we think."""
    cloud = TuyaSimulator(facts={request.param})
    await cloud.start()
    yield cloud
    await cloud.stop()


async def test_bells_ring_and_doors_open_in_a_cloud_that_is_a_little_different(
    hass: HomeAssistant, odd_cloud: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(odd_cloud)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await odd_cloud.connected()
    intercom, lock = (device_named(odd_cloud, name) for name in ("Intercom", "Front door lock"))

    await arrived(hass, odd_cloud, odd_cloud.scenario("ring", intercom.id))
    assert state_of(hass, "event", intercom, "doorbell").attributes["event_type"] == "ring"
    await arrived(hass, odd_cloud, odd_cloud.scenario("access_granted", lock.id, way="fingerprint"))
    assert state_of(hass, "event", lock, "access").attributes["method"] == "fingerprint"
    for device in (intercom, lock):
        target = {"entity_id": entity_id(hass, "lock", device, "door")}
        await hass.services.async_call("lock", "unlock", target, blocking=True)
        assert odd_cloud.door(device.id).opened >= 1

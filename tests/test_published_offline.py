"""Tuya knows whether a published door is there: not every flicker, but each end."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.published import BATTERY, LEAF
from tests.telling import BOLT, EVENTS, PROPERTIES, sensors, telling

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_a_door_that_flickers_stays_online(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        for _ in range(3):
            door.lock.leave()
            await door.passes(8)
            door.lock.leave(there=True)
            await door.passes(1)
        assert door.tries("/offline") == 0
        assert door.tries("/online") == 1


async def test_a_door_that_stays_away_is_told_and_its_return_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.lock.leave()
        await door.passes(9)
        assert door.device.online
        await door.flows(lambda: not door.device.online)
        door.lock.stand(locked=False)
        door.lock.leave(there=True)
        await door.passes(0.2)
        assert door.device.online
        await door.flows(lambda: door.device.values[BOLT] is True)


async def test_without_a_lock_the_first_entity_that_exists_counts(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        (published,) = door.entry.runtime_data.published.doors.values()
        reading, chosen = published.reading, published.publication.entities
        assert reading.available
        hass.states.async_remove("lock.garden_door")
        assert not reading.available
        del chosen["lock"]
        hass.states.async_remove("event.garden_bell")
        assert not reading.available
        chosen["door"], chosen["battery"] = (LEAF,), (BATTERY,)
        sensors(hass, battery="50")
        assert reading.available
        sensors(hass, leaf="unavailable")
        assert not reading.available


async def test_what_tuya_forgot_is_said_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        # A device that Tuya takes for offline.
        door.cloud.fault("offline", count=1, path=PROPERTIES)
        door.lock.stand(locked=False)
        await door.flows(lambda: door.device.values[BOLT] is True)
        assert door.tries("/online") == 2


async def test_home_assistant_ends_and_tuya_knows(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        await door.sender.close(away=True)
        assert not door.device.online
        door.lock.stand(locked=False)
        door.bell.ring()
        await door.passes(5)
        assert door.tries(EVENTS) == 0
        await door.sender.close(away=True)
        assert door.tries("/offline") == 1


async def test_an_end_without_tuya_is_an_end(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.cloud.fault("http_503", count=10)
        door.lock.stand(locked=False)
        door.bell.ring()
        await door.passes(1)
        await door.sender.close(away=True)
        assert door.device.online
        assert [one.code for one in door.sender.unsent] == ["ring"]


async def test_a_reload_is_silent_and_tells_all_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        before = len(door.reports())
        assert await hass.config_entries.async_reload(door.entry.entry_id)
        await door.flows(lambda: len(door.reports()) == before + 1)
        assert door.tries("/offline") == 0
        assert door.tries("/online") == 2


async def test_a_door_that_is_away_at_the_start_is_told_as_away(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        await hass.config_entries.async_unload(door.entry.entry_id)
        door.device.online = True
        door.lock.leave()
        assert await hass.config_entries.async_setup(door.entry.entry_id)
        await door.flows(lambda: not door.device.online)
        assert len(door.reports()) == 1

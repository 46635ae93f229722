"""A lock that takes its time: what a command of Tuya's brings about is told once, and truly."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.published import LOCK
from tests.simulator import commanding
from tests.telling import BOLT, TellingDoor, telling

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def cycle(door: TellingDoor, hass: HomeAssistant, takes: float) -> None:
    """Have Tuya open a lock that is on its way for so long, and locks by itself after 5 s."""
    door.lock.obeys = False
    commanding.execute(door.cloud, door.device.id, "unlock")
    await door.flows(lambda: door.lock.presses == ["unlock"])
    hass.states.async_set(LOCK, "unlocking")
    await door.passes(takes)
    hass.states.async_set(LOCK, "unlocked")
    await door.passes(5)
    hass.states.async_set(LOCK, "locking")
    await door.passes(takes)
    hass.states.async_set(LOCK, "locked")
    await door.passes(10)


@pytest.mark.parametrize("takes", [0.5, 2.0, 4.0, 9.0])
async def test_an_opening_that_takes_seconds_is_told_once_and_so_is_its_end(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, takes: float
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        await cycle(door, hass, takes)
        assert door.reports() == [{BOLT: False}, {BOLT: True}, {BOLT: False}]
        assert door.lock.presses == ["unlock"]
        (command,) = door.cloud.southbound.commands.values()
        assert command.answer is not None
        assert command.answer["code"] in {0, 2}


async def test_a_lock_that_is_set_as_a_value_is_told_once_more_at_most(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        commanding.set_properties(door.cloud, door.device.id, {BOLT: True})
        await door.flows(lambda: door.device.values[BOLT] is True)
        await door.passes(5)
        assert door.reports() == [{BOLT: False}, {BOLT: True}]


async def test_a_lock_that_relocks_before_it_was_told_is_told_as_it_is(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.cloud.fault("http_503", count=3)
        door.lock.stand(locked=False)
        await door.passes(1)
        door.lock.stand(locked=True)
        await door.passes(60)
        assert door.device.values[BOLT] is False
        values = [report[BOLT] for report in door.reports()]
        assert values[0] is False
        assert values[-1] is False

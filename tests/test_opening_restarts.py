"""What is kept of openings over a restart, and that a file which makes no sense does no harm."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.lock.const import LockState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.homes import DOMAIN, later
from tests.openings import Home, Live, document
from tests.test_opening_once import KINDS, MOMENTARY, ends, held_press, opened


async def restarted(home: Home) -> MockConfigEntry:
    """Start the project as a new process would: with what is on disk, and nothing else."""
    before = home.entry
    if before.state.recoverable:
        await home.hass.config_entries.async_unload(before.entry_id)
    await later(home.hass, home.freezer, 2)
    home.entry = MockConfigEntry(
        domain=DOMAIN,
        entry_id=before.entry_id,
        title=before.title,
        unique_id=before.unique_id,
        data={**before.data},
        options={**before.options},
    )
    home.entry.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.cloud.connected()
    await home.hass.async_block_till_done()
    return home.entry


@pytest.mark.parametrize("kind", KINDS)
async def test_a_release_in_effect_survives_a_restart(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    name, key, _, door = KINDS[kind]
    long = {**door, "relock_s": 40}
    async with live(document(name), long, key) as home:
        assert await home.press(key=key) is None
        await restarted(home)
        if kind in MOMENTARY:
            assert home.state(key).state == LockState.UNLOCKED
            assert await home.press(key=key) is None
        assert opened(home) == 1
        assert home.state(key).attributes["strategy"] is not None
        home.cloud.relock(home.device.id)
        await later(hass, freezer, 60)
        await home.until(lambda: home.state(key).state == LockState.LOCKED)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_press_under_way_ends_before_home_assistant_does(
    hass: HomeAssistant,
    live: Live,
    kind: str,
) -> None:
    name, key, path, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        press = await held_press(home, key, path)
        assert await hass.config_entries.async_unload(home.entry.entry_id)
        home.cloud.release()
        # Nobody hears a bolt any more: then it is not known whether it moved.
        assert await ends(home, press) in {None, "not_confirmed"}
        await restarted(home)
        if kind in {"relay", "toggle"}:
            assert home.state(key).state == LockState.UNLOCKED
            assert await home.press(key=key) is None
        assert opened(home) == 1


async def test_a_press_that_nobody_can_hear_any_more_puts_no_way_in_doubt(
    hass: HomeAssistant,
    live: Live,
) -> None:
    async with live(document("front_door_lock")) as home:
        press = await held_press(home, "door", "door-operate")
        assert await hass.config_entries.async_unload(home.entry.entry_id)
        home.cloud.release()
        assert await ends(home, press) == "not_confirmed"
        home.cloud.relock(home.device.id)
        await restarted(home)
        assert home.state().attributes["strategy"] == "door_operate"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_press_that_ends_after_its_project_was_removed_leaves_nothing_behind(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    kind: str,
) -> None:
    name, key, path, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        press = await held_press(home, key, path)
        await hass.config_entries.async_remove(home.entry.entry_id)
        home.cloud.release()
        await ends(home, press)
        await later(hass, freezer, 60)
        assert opened(home) == 1
        assert f"{DOMAIN}.{home.entry.entry_id}.openings" not in hass_storage


async def test_a_press_refused_after_its_project_was_removed_raises_no_repair(
    hass: HomeAssistant,
    live: Live,
) -> None:
    async with live(document("intercom")) as home:
        # Held while the monitor's other panel is shown: its relay is not written to yet.
        press = await held_press(home, "door_2", "properties/issue")
        home.cloud.fault("refuse", 1, what="commands", code=28841105)
        await hass.config_entries.async_remove(home.entry.entry_id)
        home.cloud.release()
        assert await ends(home, press) == "reason_api_not_authorized"
        assert home.repairs() == set()


STORED: tuple[Any, ...] = (
    {"version": 99, "minor_version": 1, "data": {}},
    {"version": 1, "minor_version": 1, "data": ["no", "object"]},
    {
        "version": 1,
        "minor_version": 1,
        "data": {
            "products": {"p": {"worked": "teleport", "doubted": 7}, "q": 1},
            "releases": {"d": {"until": "soon"}, "e": None},
        },
    },
)


@pytest.mark.parametrize("stored", STORED)
async def test_a_store_that_makes_no_sense_is_harmless(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    stored: Any,
) -> None:
    async with live(document("intercom")) as home:
        await hass.config_entries.async_unload(home.entry.entry_id)
        await later(hass, freezer, 2)
        name = f"{DOMAIN}.{home.entry.entry_id}.openings"
        hass_storage[name] = {**stored, "key": name}
        await restarted(home)
        assert home.state().state == LockState.LOCKED
        assert await home.press() is None
        assert opened(home) == 1

"""One click is one opening: over double clicks, lost and doubled answers, reloads and restarts."""

import asyncio
from collections.abc import Mapping
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.lock.const import LockState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
import pytest

from tests.homes import arrived, later, while_time_passes
from tests.openings import Home, Live, document

KINDS: Mapping[str, tuple[str, str, str, Mapping[str, Any]]] = {
    # Device, door, what its opening call has in its path, options of the door.
    "relay": ("intercom", "door", "properties/issue", {}),
    "toggle": ("intercom", "door_2", "properties/issue", {}),
    "lock": ("front_door_lock", "door", "door-operate", {}),
    "controller": ("gate_keypad", "door", "password-free/open-door", {}),
    "terminal": ("face_terminal", "door", "actions/open", {}),
}
MOMENTARY = ("relay", "toggle", "terminal")


def opened(home: Home) -> int:
    return sum(door.opened for door in home.device.doors.values())


async def ends(home: Home, press: asyncio.Future[None]) -> str | None:
    """Let time flow until a press has ended; return the key of what it said, if it failed."""
    try:
        await while_time_passes(home.hass, home.freezer, press)
    except HomeAssistantError as error:
        return error.translation_key
    return None


async def held_press(home: Home, key: str, path: str) -> asyncio.Future[None]:
    """Press, and return while Tuya has opened the door but not yet said so."""
    home.cloud.fault("timeout", 1, method="POST", path=path)
    press = asyncio.ensure_future(home.pressing(key=key))
    await home.cloud.held()
    return press


@pytest.mark.parametrize("kind", KINDS)
async def test_many_clicks_at_once_are_one_opening(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    name, key, _, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        clicks = asyncio.gather(*(home.pressing(key=key) for _ in range(4)))
        await while_time_passes(hass, freezer, clicks)
        assert await home.press(key=key) is None
        assert opened(home) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["lost_reply", "doubled_reply"])
async def test_a_lost_or_doubled_answer_opens_no_second_time(
    live: Live,
    kind: str,
    fault: str,
) -> None:
    name, key, path, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        # The first is lost on the monitor's way to the panel, the second on the relay's.
        home.cloud.fault(fault, 2 if kind == "toggle" else 1, method="POST", path=path)
        doubt = "no_answer_may_have_opened" if kind in {"relay", "toggle"} else None
        assert await home.press(key=key) == doubt
        assert opened(home) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_cloud_that_is_not_there_leaves_no_doubt_that_the_door_is_shut(
    live: Live, kind: str
) -> None:
    name, key, _, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        await home.cloud.stop()
        assert await home.press(key=key) == "reason_unreachable"
        assert opened(home) == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_repeated_reports_of_an_opening_are_no_second_one(
    hass: HomeAssistant,
    live: Live,
    kind: str,
) -> None:
    name, key, _, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        home.cloud.fault("duplicate", 9)
        assert await home.press(key=key) is None
        home.cloud.redeliver()
        await hass.async_block_till_done()
        assert home.state(key).state == LockState.UNLOCKED
        assert opened(home) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_press_under_way_survives_a_reload_and_the_next_click_joins_it(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    name, key, path, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        press = await held_press(home, key, path)
        assert await hass.config_entries.async_reload(home.entry.entry_id)
        await home.cloud.connected()
        joined = asyncio.ensure_future(home.pressing(key=key))
        home.cloud.release()
        assert await ends(home, press) is None
        assert await ends(home, joined) is None
        await hass.async_block_till_done()
        assert home.state(key).state == LockState.UNLOCKED
        assert opened(home) == 1
        home.cloud.relock(home.device.id)
        await later(hass, freezer, 6)
        await home.until(lambda: home.state(key).state == LockState.LOCKED)
        assert await home.press(key=key) is None
        assert opened(home) == 2


@pytest.mark.parametrize("kind", MOMENTARY)
async def test_a_release_in_effect_survives_a_reload(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    name, key, _, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        assert await home.press("open", key) is None
        by = home.state(key).attributes.get("changed_by")
        assert await hass.config_entries.async_reload(home.entry.entry_id)
        await home.cloud.connected()
        shown = home.state(key)
        assert (shown.state, shown.attributes.get("changed_by")) == (LockState.OPEN, by)
        assert await home.press(key=key) is None
        assert opened(home) == 1
        await later(hass, freezer, 6)
        assert home.state(key).state == LockState.LOCKED


@pytest.mark.parametrize("kind", KINDS)
async def test_an_automation_that_presses_while_the_door_opens_joins_the_press(
    hass: HomeAssistant,
    live: Live,
    kind: str,
) -> None:
    name, key, _, door = KINDS[kind]
    async with live(document(name), door, key) as home:
        presses: list[asyncio.Future[None]] = []

        @callback
        def unlocks(_event: object) -> None:
            if home.state(key).state == LockState.UNLOCKING and not presses:
                presses.append(hass.async_create_task(home.pressing(key=key)))

        remove = async_track_state_change_event(hass, home.state(key).entity_id, unlocks)
        assert await home.press(key=key) is None
        remove()
        assert [press.exception() for press in presses] == [None]
        assert opened(home) == 1


async def test_an_automation_that_is_stopped_does_not_stop_the_press(
    hass: HomeAssistant,
    live: Live,
) -> None:
    async with live(document("intercom")) as home:
        press = await held_press(home, "door", "properties/issue")
        press.cancel()
        home.cloud.release()
        await hass.async_block_till_done()
        assert home.state().state == LockState.UNLOCKED
        assert opened(home) == 1


async def test_a_failed_press_leaves_the_door_ready_for_the_next(
    live: Live,
) -> None:
    async with live(document("front_door_lock")) as home:
        home.cloud.fault("silent", 1)
        assert await home.press() == "not_confirmed"
        assert home.state().attributes["strategy"] == "open_door"
        assert await home.press() is None
        assert (opened(home), home.called("door-operate")) == (1, 1)


@pytest.mark.parametrize("fault", ["http_502", "lost_reply"])
async def test_a_way_that_worked_is_not_doubted_because_the_cloud_did_not_answer(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    fault: str,
) -> None:
    async with live(document("front_door_lock")) as home:
        assert await home.press() is None
        home.cloud.relock(home.device.id)
        await later(hass, freezer, 6)
        home.cloud.fault(fault, 1, method="POST", path="door-operate")
        home.cloud.fault("silent", 1)
        assert await home.press() == "not_confirmed"
        assert home.state().attributes["strategy"] == "door_operate"
        assert opened(home) == 1


async def test_a_report_of_long_ago_confirms_no_press(
    hass: HomeAssistant,
    live: Live,
) -> None:
    async with live(document("front_door_lock")) as home:
        now = home.cloud.report(home.device.id, {"lock_motor_state": False})
        await arrived(hass, home.cloud, now)
        home.cloud.fault("silent", 1)
        home.cloud.fault("timeout", 1, method="POST", path="door-operate")
        press = asyncio.ensure_future(home.pressing())
        await home.cloud.held()
        then = home.cloud.now() - 600
        unlocked = {"lock_motor_state": True}
        late = home.cloud.report(home.device.id, unlocked, time=then, publish_time=then)
        await home.cloud.acked(late.event_id)
        home.cloud.release()
        assert await ends(home, press) == "not_confirmed"
        assert (opened(home), home.state().state) == (0, LockState.LOCKED)


async def test_a_lock_command_waits_for_the_press_before_it(
    live: Live,
) -> None:
    async with live(document("front_door_lock")) as home:
        press = await held_press(home, "door", "door-operate")
        lock = asyncio.ensure_future(home.pressing("lock"))
        home.cloud.release()
        assert await ends(home, press) is None
        assert await ends(home, lock) is None
        assert home.state().state == LockState.LOCKED
        assert opened(home) == 1


async def test_an_opening_at_the_door_meanwhile_is_told_by_its_own_way(
    hass: HomeAssistant,
    live: Live,
) -> None:
    async with live(document("face_terminal")) as home:
        assert await home.press() is None
        sent = home.cloud.scenario("access_granted", home.device.id, way="card", person="anna")
        await arrived(hass, home.cloud, sent)
        assert home.state().attributes["changed_by"] == "anna"
        assert await hass.config_entries.async_reload(home.entry.entry_id)
        assert home.state().attributes["changed_by"] == "anna"


async def test_a_press_waits_for_a_lock_command_and_is_then_sent(
    live: Live,
) -> None:
    async with live(document("front_door_lock")) as home:
        assert await home.press() is None
        home.cloud.fault("timeout", 1, method="POST", path="door-operate")
        lock = asyncio.ensure_future(home.pressing("lock"))
        await home.cloud.held()
        press = asyncio.ensure_future(home.pressing())
        home.cloud.release()
        assert await ends(home, lock) is None
        assert await ends(home, press) is None
        assert home.state().state == LockState.UNLOCKED
        assert opened(home) == 2

"""One tap in Tuya's app opens a door once, soon or not at all: whatever comes twice or late."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.tuyalink_intercom.kept.done_commands import AT_MOST, DoneCommands
from custom_components.tuyalink_intercom.publishing.why import CODES, Why
from tests.commanded import POINT, UNLOCKED, CommandedDoor, commanded
from tests.homes import DOMAIN
from tests.simulator import commanding
from tests.simulator.southbound import Command

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def comes_again(door: CommandedDoor, command: Command) -> None:
    """Put a command on the queue once more, in a frame of its own."""
    again = commanding.send(door.cloud, command, publish_time=door.cloud.now())
    await door.cloud.acked(again)
    await door.settled()


async def relocked(door: CommandedDoor) -> None:
    """Have somebody lock the door by hand, so that a press would show."""
    door.home.lock.stand(locked=True)
    await door.settled()


@pytest.mark.parametrize("by", ["action", "property"])
async def test_a_command_that_comes_again_opens_no_second_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, by: str
) -> None:
    async with commanded(hass, freezer) as door:
        door.cloud.fault("duplicate", 1)
        command = door.asks() if by == "action" else door.sets()
        await door.answered(command)
        await relocked(door)
        door.cloud.redeliver()
        for _ in range(2):
            await comes_again(door, command)
        assert await hass.config_entries.async_reload(door.home.entry.entry_id)
        await door.cloud.connected()
        await comes_again(door, command)
        assert door.presses == ["unlock"]
        assert door.results == [("done", None)]


async def test_an_answer_that_may_be_lost_is_given_once_more(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        command = door.asks()
        await door.answered(command)
        first, command.answer = command.answer, None
        await comes_again(door, command)
        assert command.answer is not None
        assert command.answer == first
        command.answer = None
        await comes_again(door, command)
        assert (command.answer, command.late) == (None, None)


async def test_a_command_that_came_before_a_crash_is_not_done_after_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    async with commanded(hass, freezer) as door:
        disks: list[dict[str, Any]] = []

        async def crash() -> None:
            disks.append(deepcopy(hass_storage))

        door.home.lock.before = crash
        command = door.asks()
        await door.flows(lambda: bool(disks))
        await relocked(door)
        await door.crash_and_start(hass_storage, disks[0])
        await comes_again(door, command)
        assert door.presses == ["unlock"]


async def test_queue_and_webhook_together_open_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        coordinator = door.home.entry.runtime_data.coordinator
        messages: list[Any] = []
        remove = coordinator.watch(messages.append)
        command = door.asks()
        await door.answered(command)
        remove()
        await relocked(door)
        # The other transport gives it an id of its own.
        (first,) = [one.message for one in messages if one.message.kind == commanding.EXECUTE]
        coordinator.receive(
            type(first)(
                ids=("webhook:other",),
                time=first.time,
                kind=first.kind,
                device_id=first.device_id,
                payload=first.payload,
            )
        )
        await door.settled()
        assert door.presses == ["unlock"]


async def test_one_tap_told_in_both_of_tuyas_dialects_is_one_press(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.guess()
        door.sets()
        await door.over()
        commanding.set_points(door.cloud, door.device.id, {POINT: True}, age_s=0.5)
        await door.over(2)
        assert door.results == [("done", None)] * 2
        assert door.presses == ["unlock"]


async def test_a_command_that_was_overtaken_is_not_done(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.stand(locked=False)
        door.cloud.fault("reorder", 1)
        early = door.asks(age_s=5)
        late = door.asks("lock")
        assert await door.answered(late) == [0]
        door.cloud.redeliver()
        assert await door.answered(early) == [CODES[Why.SUPERSEDED]]
        assert door.presses == ["lock"]


@pytest.mark.parametrize(("age", "opens"), [(0, True), (25, True), (32, False), (3000, False)])
async def test_a_command_is_good_for_half_a_minute(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, *, age: float, opens: bool
) -> None:
    async with commanded(hass, freezer) as door:
        door.asks(age_s=age)
        await door.over()
        assert door.results == [("done", None) if opens else ("refused", "stale")]
        assert door.presses == ["unlock"] * opens


async def test_a_command_given_while_home_assistant_was_off_is_too_late(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        assert await hass.config_entries.async_unload(door.home.entry.entry_id)
        await door.cloud.disconnected()
        command = door.asks()
        freezer.tick(timedelta(minutes=5))
        assert await hass.config_entries.async_setup(door.home.entry.entry_id)
        door.listen()
        await door.taken(command)
        await door.over()
        assert door.results == [("refused", "stale")]
        assert door.presses == []


async def test_a_command_that_waited_too_long_behind_another_is_not_done(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.stand(locked=False)
        gate = door.held()
        door.asks("lock")
        await door.flows(lambda: bool(door.presses))
        opens = door.asks()
        await door.over(2)
        assert door.results == [("failed", "not_confirmed"), ("refused", "stale")]
        assert door.cloud.now() - opens.at < 31
        gate.set()
        await door.settled()
        assert door.presses == ["lock"]


@pytest.mark.parametrize("apart", [-600, 600])
async def test_only_the_clouds_clock_tells_how_old_a_command_is(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, apart: float
) -> None:
    async with commanded(hass, freezer) as door:
        assert await hass.config_entries.async_unload(door.home.entry.entry_id)
        door.cloud.fault("clock_skew", seconds=apart)
        assert await hass.config_entries.async_setup(door.home.entry.entry_id)
        door.listen()
        await door.cloud.connected()
        door.asks()
        await door.over()
        door.asks("lock", age_s=40)
        await door.over(2)
        assert door.results == [("done", None), ("refused", "stale")]
        assert door.presses == ["unlock"]


async def test_a_reload_in_the_middle_lets_the_press_end_and_no_second_one_begin(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        gate = door.held()
        first, waits = door.asks(), door.asks("lock")
        await door.taken(waits)
        await door.flows(lambda: bool(door.presses))
        assert await hass.config_entries.async_unload(door.home.entry.entry_id)
        assert await hass.config_entries.async_setup(door.home.entry.entry_id)
        door.listen()
        await door.cloud.connected()
        again = door.asks()
        await door.taken(again)
        await comes_again(door, first)
        gate.set()
        assert await door.answered(again) == [CODES[Why.NOT_CONFIRMED]]
        await door.flows(lambda: door.device.values[UNLOCKED] is True)
        # Nobody answered what was under way; what only waited was never done.
        assert (first.answer, waits.answer) == (None, None)
        assert door.presses == ["unlock"]


async def test_a_press_that_ends_after_the_project_was_removed_leaves_nothing_behind(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    async with commanded(hass, freezer) as door:
        gate = door.held()
        door.asks()
        await door.flows(lambda: bool(door.presses))
        key = f"tuyalink_intercom.{door.home.entry.entry_id}.commands"
        assert key in hass_storage
        entry_id = door.home.entry.entry_id
        await hass.config_entries.async_remove(entry_id)
        gate.set()
        await door.settled()
        assert door.presses == ["unlock"]
        assert key not in hass_storage


@pytest.mark.parametrize(
    "stored",
    [
        [],
        {"commands": {}},
        {"commands": [None, {}, {"device": 1}, {"device": "a", "id": "b", "time": "soon"}]},
        {"commands": [{"device": "a", "id": "c", "time": 1.0, "unlocked": "yes", "reason": 4}]},
    ],
)
async def test_a_broken_file_keeps_no_door_from_opening(
    hass: HomeAssistant, hass_storage: dict[str, Any], stored: object
) -> None:
    hass_storage[f"{DOMAIN}.broken.commands"] = {"version": 1, "data": stored}
    done = DoneCommands(hass, "broken")
    await done.load()
    assert done.known("a", "b") is None
    assert done.newest("a", but="") is None
    await done.begin("a", "b", 2.0, kind="", what="", unlocked=True)
    again = DoneCommands(hass, "broken")
    await again.load()
    assert again.known("a", "b") == done.known("a", "b")


async def test_what_a_version_to_come_wrote_keeps_no_door_from_opening(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[f"{DOMAIN}.future.commands"] = {"version": 9, "data": {}}
    done = DoneCommands(hass, "future")
    await done.load()
    assert done.known("a", "b") is None


async def test_old_commands_are_forgotten_and_no_more_are_kept_than_needed(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    done = DoneCommands(hass, "many")
    await done.begin("a", "old", 0.0, kind="action", what="unlock", unlocked=True)
    await done.begin("a", "new", 99_999.0, kind="action", what="unlock", unlocked=True)
    for number in range(AT_MOST + 1):
        done.finish("a", f"{number}", 100_000.0, what="", outcome="refused")
    kept = [number for number in range(AT_MOST + 1) if done.known("a", f"{number}")]
    assert kept == [*range(2, AT_MOST + 1)]
    assert done.known("a", "old") is None
    # However many are refused, what was done stays known.
    assert done.known("a", "new") is not None
    await done.save()

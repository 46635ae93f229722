"""Whatever is told in whatever order, no door opens more often, or later, than it was told to."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, cast

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tuyalink_intercom.kept.done_commands import DoneCommands
from custom_components.tuyalink_intercom.model.happenings import ActionAnswer
from custom_components.tuyalink_intercom.model.publication import Publication, Value
from custom_components.tuyalink_intercom.model.thing_commands import (
    ActionWanted,
    Command,
    PropertiesWanted,
)
from custom_components.tuyalink_intercom.model.thing_model import ThingModel
from custom_components.tuyalink_intercom.publishing.answers import Answers
from custom_components.tuyalink_intercom.publishing.desk import CommandDesk, Handled, Outcome
from custom_components.tuyalink_intercom.publishing.reading import Reading
from custom_components.tuyalink_intercom.publishing.sender import Sender
from tests.counting import in_blocks
from tests.homes import DOMAIN
from tests.published import LOCK, door_data, subentry

SHARE, BLOCK = 5, 100
TURNS = 20
"""So often has the loop to turn until what is due at one time is done."""
DEVICE = "6c00000000000000000001"
GOOD_FOR = 30.0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_blocks(metafunc, max(1, metafunc.config.getoption("examples") // SHARE), BLOCK)


class Said:
    """Takes what Tuya is told."""

    def __init__(self) -> None:
        self.answers = Counter[str]()

    def answer(self, answer: ActionAnswer) -> None:
        """Count an answer."""
        self.answers[answer.msg_id] += 1

    def report(self, values: Any, *, force: bool = False) -> None:
        """Take a report."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold nothing back."""
        yield


class Known:
    """Tells no values."""

    def values(self) -> dict[str, Value]:
        """Return nothing."""
        return {}


@dataclass
class Play:
    """A lock, the desk before it, and commands that come as chance has it."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    storage: dict[str, Any]
    random: Random
    name: str
    assumed: bool = False
    given: list[Command] = field(default_factory=list)
    presses: list[tuple[str, float]] = field(default_factory=list)
    handled: Counter[str] = field(default_factory=Counter)
    unlocks: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Let the lock and the desk be there."""
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            entry_id=self.name,
            data={"access_id": "x"},
            subentries_data=[subentry(DEVICE)],
        )
        self.said = Said()
        self.done = DoneCommands(self.hass, self.name)
        self.desk = self.made()
        self.assumed = self.random.random() < 0.5
        self.stands(locked=True)

    def stands(self, *, locked: bool) -> None:
        """Let the lock stand so."""
        state = "locked" if locked else "unlocked"
        self.hass.states.async_set(LOCK, state, {"assumed_state": True} if self.assumed else {})

    def made(self) -> CommandDesk:
        """Return a desk that knows what is on disk."""
        publication = Publication.of("Garden door", door_data(DEVICE))
        answers = Answers(
            self.hass,
            publication,
            cast("Reading", Known()),
            cast("Sender", self.said),
            ThingModel,
        )
        return CommandDesk(
            self.hass,
            self.entry,
            publication,
            answers,
            now=self.now,
            handled=self.over,
            done=self.done,
            model=ThingModel,
        )

    def now(self) -> float:
        """Return the cloud's time."""
        return self.freezer().timestamp()

    def over(self, handled: Handled) -> None:
        """Count what was done."""
        if handled.outcome is Outcome.DONE:
            self.handled[handled.command.id] += 1

    async def pressed(self, call: ServiceCall) -> None:
        """Obey, most of the time."""
        unlock = call.service == "unlock"
        self.presses.append((call.service, self.now()))
        if self.random.random() < 0.1:
            raise TimeoutError
        if self.random.random() < 0.9:
            self.stands(locked=not unlock)

    async def passes(self, seconds: float) -> None:
        """Let time pass, and what is due happen."""
        self.freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(self.hass)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        await self.hass.async_block_till_done()

    def new(self) -> Command:
        """Give a command that is new, of an age as chance has it."""
        time = None if self.random.random() < 0.05 else self.now() - self.random.choice(AGES)
        known_as, unlock = f"{self.name}-{len(self.given)}", self.random.random() < 0.7
        if unlock:
            self.unlocks.add(known_as)
        if self.random.random() < 0.6:
            action = "unlock" if unlock else "lock"
            command: Command = ActionWanted(
                id=known_as, device_id=DEVICE, time=time, action=action, inputs={}
            )
        else:
            values: dict[str, Value] = {"lock_motor_state": unlock}
            command = PropertiesWanted(id=known_as, device_id=DEVICE, time=time, values=values)
        self.given.append(command)
        return command

    async def crash(self) -> None:
        """Lose what is only in memory; the disk and the lock stay."""
        disk = deepcopy(self.storage)
        self.desk.close()
        await self.passes(4)
        self.storage.clear()
        self.storage.update(disk)
        self.done = DoneCommands(self.hass, self.name)
        await self.done.load()
        self.desk = self.made()

    async def step(self) -> None:
        """Let something happen."""
        match self.random.choice(STEPS):
            case "new":
                self.desk.take(self.new())
            case "again" if self.given:
                self.desk.take(self.random.choice(self.given))
            case "two":
                late, early = self.new(), self.new()
                self.desk.take(early)
                self.desk.take(late)
            case "by hand":
                self.stands(locked=self.random.random() < 0.8)
            case "crash":
                await self.crash()
            case "turn":
                await self.hass.async_block_till_done()
            case _:
                await self.passes(self.random.choice((0.3, 1.0, 3.1, 10.0)))

    def judge(self, where: str) -> None:
        """See that each press had its command, in time, and no command two results."""
        opened = [at for service, at in self.presses if service == "unlock"]
        good = [
            command.time
            for command in self.given
            if command.id in self.unlocks and command.time is not None
        ]
        assert len(opened) <= len(good), where
        for at in opened:
            # Each press has a command of its own that was good then.
            fits = [time for time in good if at - GOOD_FOR <= time <= at + GOOD_FOR]
            assert fits, where
            good.remove(min(fits))
        assert set(self.handled.values()) <= {1}, where


AGES = (0, 0, 0.1, 0.5, 2, 5, 20, 29, 31, 120, -5, -100)
STEPS = ("new", "new", "again", "again", "two", "by hand", "turn", "time", "time", "crash")


async def test_a_door_opens_no_more_often_and_no_later_than_it_was_told(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    block: range,
) -> None:
    plays: list[Play] = []

    async def pressed(call: ServiceCall) -> None:
        await plays[-1].pressed(call)

    for service in ("unlock", "lock"):
        hass.services.async_register("lock", service, pressed)
    for seed in block:
        random = Random(seed)  # noqa: S311 - seeded, so that it can be repeated
        play = Play(hass, freezer, hass_storage, random, f"play{seed}")
        plays.append(play)
        for _ in range(random.randrange(4, 14)):
            await play.step()
        await play.passes(31)
        play.judge(f"seed {seed}")
        hass_storage.clear()
    assert sum(len(play.presses) for play in plays) > len(plays) / 2

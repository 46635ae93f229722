"""A published door that is told what to do from Tuya's side, and what comes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.publishing.desk import Handled
from tests.homes import DOMAIN, while_time_passes
from tests.published import PublishedHome, published_home, subentry
from tests.simulator import SimDevice, TuyaSimulator, commanding
from tests.simulator.files import load
from tests.simulator.server import DEVICES
from tests.simulator.southbound import Command

UNLOCKED = "lock_motor_state"
POINT = 101
ON: object = True


@dataclass
class CommandedDoor:
    """The garden door, in a project with one other device; time flows as fast as it can."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    cloud: TuyaSimulator
    home: PublishedHome
    handled: list[Handled] = field(default_factory=list)

    @property
    def device(self) -> SimDevice:
        """Return the door as Tuya knows it."""
        return self.home.device

    @property
    def presses(self) -> list[str]:
        """Return what the lock was told."""
        return self.home.lock.presses

    @property
    def results(self) -> list[tuple[str, str | None]]:
        """Return what became of each command, and why."""
        return [(one.outcome.value, one.reason) for one in self.handled]

    def asks(self, action: str = "unlock", **how: Any) -> Command:
        """Have Tuya's app start an action."""
        return commanding.execute(self.cloud, self.device.id, action, **how)

    def sets(self, value: object = ON, code: str = UNLOCKED, **how: Any) -> Command:
        """Have Tuya's app set a property."""
        return commanding.set_properties(self.cloud, self.device.id, {code: value}, **how)

    async def flows(self, condition: Callable[[], bool]) -> None:
        """Let time flow until something is so, whatever hangs meanwhile."""

        async def looked() -> None:
            # Time is let flow between the looks.
            while not condition():  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0)

        await while_time_passes(self.hass, self.freezer, looked())

    async def over(self, count: int = 1) -> None:
        """Let time flow until so many commands are over and nothing is left to be told."""
        await self.flows(lambda: len(self.handled) >= count)

    async def answered(self, *commands: Command) -> list[int]:
        """Let time flow until Tuya has the answers; return their codes."""
        await self.flows(lambda: all(one.answer is not None for one in commands))
        return [int((one.answer or {})["code"]) for one in commands]

    async def taken(self, command: Command) -> None:
        """Wait until a command was taken from the queue."""
        await self.cloud.acked(command.message_id)

    async def settled(self) -> None:
        """Let time flow a while: nothing more happens that was not to happen."""
        end = self.cloud.now() + 5
        await self.flows(lambda: self.cloud.now() >= end)

    def reports(self) -> list[Mapping[str, Any]]:
        """Return the values of the lock that Tuya was told, in their order."""
        told = [one.get("data", one) for one in self.cloud.southbound.reports]
        return [one for one in told if UNLOCKED in one]

    def listen(self) -> None:
        """Hear of every command that is over from now on."""
        (door,) = self.home.entry.runtime_data.published.doors.values()
        door.watch(self.handled.append)

    def held(self) -> asyncio.Event:
        """Have the lock wait until this is set."""
        gate = asyncio.Event()

        async def wait() -> None:
            await gate.wait()

        self.home.lock.before = wait
        return gate

    async def crash_and_start(self, storage: dict[str, Any], disk: dict[str, Any]) -> None:
        """Start the project as a new process does, from what was on disk at a moment before."""
        before = self.home.entry
        await self.hass.config_entries.async_unload(before.entry_id)
        storage.clear()
        storage.update(disk)
        self.home.entry = MockConfigEntry(
            domain=DOMAIN,
            entry_id=before.entry_id,
            title=before.title,
            unique_id=before.unique_id,
            data={**before.data},
            options={**before.options},
            subentries_data=[subentry(self.device.id)],
        )
        self.home.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.home.entry.entry_id)
        self.listen()
        await self.cloud.connected()


@asynccontextmanager
async def commanded(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, **changes: Any
) -> AsyncIterator[CommandedDoor]:
    """Publish the garden door; `changes` are of its subentry's data."""
    files = [file for file in load(DEVICES) if file.name == "Battery bell"]
    cloud = TuyaSimulator(devices=files)
    await cloud.start()
    try:
        home = await published_home(hass, cloud, **changes)
        door = CommandedDoor(hass, freezer, cloud, home)
        door.listen()
        await door.flows(lambda: UNLOCKED in home.device.values)
        yield door
        if home.lock.before is not None:
            home.lock.before = None
        entry_id = door.home.entry.entry_id
        if hass.config_entries.async_get_entry(entry_id) and door.home.entry.state.recoverable:
            await hass.config_entries.async_unload(entry_id)
    finally:
        await cloud.stop()

"""A published door that tells Tuya of itself: what it tells is looked at while time flows."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.publishing.sender import Sender
from tests.homes import until
from tests.published import (
    BATTERY,
    LEAF,
    TAMPER,
    GardenBell,
    GardenLock,
    PublishedHome,
    published_home,
)
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.southbound import Happened

BOLT, DOOR_OPEN, ALARMING = "lock_motor_state", "doorcontact_state", "alarm_active"
PERCENT = "battery_percentage"
PROPERTIES, EVENTS = "property/report", "event/report"
READER, SIREN = "event.garden_reader", "event.garden_siren"


@dataclass
class TellingDoor:
    """The garden door, in a project without any device; time flows as fast as it can."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    cloud: TuyaSimulator
    home: PublishedHome

    @property
    def lock(self) -> GardenLock:
        """Return its lock."""
        return self.home.lock

    @property
    def bell(self) -> GardenBell:
        """Return its bell."""
        return self.home.bell

    @property
    def entry(self) -> MockConfigEntry:
        """Return the project's entry."""
        return self.home.entry

    @property
    def device(self) -> SimDevice:
        """Return the door as Tuya knows it."""
        return self.home.device

    @property
    def sender(self) -> Sender:
        """Return what tells."""
        (door,) = self.entry.runtime_data.published.doors.values()
        sender: Sender = door.sender
        return sender

    async def flows(self, condition: Callable[[], bool]) -> None:
        """Let time flow until something is so, which it has to be within ten minutes."""
        end = self.cloud.now() + 600
        await until(self.hass, self.freezer, lambda: condition() or self.cloud.now() > end)
        assert condition()

    async def passes(self, seconds: float) -> None:
        """Let so much time flow."""
        end = self.cloud.now() + seconds
        await self.flows(lambda: self.cloud.now() >= end)

    def reports(self) -> list[dict[str, Any]]:
        """Return what was reported of properties, in the order in which Tuya took it."""
        reports = self.cloud.southbound.reports
        return [{c: told["value"] for c, told in one["data"].items()} for one in reports]

    def events(self) -> list[Happened]:
        """Return the events that Tuya was told of."""
        return [*self.cloud.southbound.events]

    def kinds(self) -> list[str]:
        """Return the codes of these events."""
        return [event.code for event in self.cloud.southbound.events]

    def tries(self, call: str) -> int:
        """Return how often a call was made."""
        return sum(count for path, count in self.cloud.calls.items() if path.endswith(call))

    def told_time(self, state: str) -> int:
        """Return the time that an event entity's state is now, as Tuya is to be told it."""
        time = dt_util.parse_datetime(state)
        assert time is not None
        cloud = self.entry.runtime_data.coordinator.cloud
        told: float = time.timestamp() + cloud.clock_offset
        return round(told * 1000)

    def happens(self, entity_id: str, kind: str, **attributes: Any) -> str:
        """Have an event entity tell of an event now; return its state."""
        now = dt_util.utcnow().isoformat(timespec="milliseconds")
        self.hass.states.async_set(entity_id, now, {"event_type": kind, **attributes})
        return now


def sensors(hass: HomeAssistant, **states: str) -> None:
    """Show states of the garden door's sensors."""
    ids = {"leaf": LEAF, "tamper": TAMPER, "battery": BATTERY}
    for name, state in states.items():
        hass.states.async_set(ids[name], state, {"device_class": name})


@asynccontextmanager
async def telling(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    before: Mapping[str, str] | None = None,
    **changes: Any,
) -> AsyncIterator[TellingDoor]:
    """Publish the garden door, and wait until Tuya knows all of it.

    `before`: states of its sensors; `changes` are of its subentry's data.
    """
    cloud = TuyaSimulator(devices=[])
    await cloud.start()
    try:
        sensors(hass, **(before or {}))
        home = await published_home(hass, cloud, **changes)
        door = TellingDoor(hass, freezer, cloud, home)
        await door.flows(lambda: bool(home.device.online and BOLT in home.device.values))
        yield door
        if home.entry.state.recoverable:
            await hass.config_entries.async_unload(home.entry.entry_id)
    finally:
        await cloud.stop()

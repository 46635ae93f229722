"""A simulated month: what it costs by Tuya's own count, with push and without."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sys

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.budget import DAY, HOUR
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, arrived, device_named, entity_id, while_time_passes
from tests.simulator import TuyaSimulator, load
from tests.simulator.server import DEVICES

FIXTURES = Path(__file__).parent / "fixtures" / "devices"
MORE_DEVICES = (
    "lock_oufbykkic2alxcjw",
    "mk_5k8h97qska6pf5cm",
    "sp_h3bhzu9m0ig80rdu",
    "sp_is5yumkqdhcfxskv",
    "sp_rdopirknpltovvth",
)
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)
DAYS = 31
LATE = 1.5
"""Home Assistant's polls come up to a second after they are due, so as not to come all at once."""

type Act = Callable[[], Awaitable[object]]


class House:
    """Ten doors, those who live behind them, and a clock that jumps from one thing to the next."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        cloud: TuyaSimulator,
        clock: FrozenDateTimeFactory,
    ) -> None:
        self.hass, self.entry, self.cloud, self.clock = hass, entry, cloud, clock
        self.polled_at = 0.0
        self.done = asyncio.Event()

    def now(self) -> float:
        """Return the time of day in Unix seconds."""
        return datetime.now(UTC).timestamp()

    async def start(self) -> None:
        """Begin with the month."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self._settled()

    async def restart(self) -> None:
        """Do what a restart of Home Assistant does to a project: it begins from its stores."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self._settled()

    async def ring(self, name: str) -> None:
        """Press a bell."""
        await self._sent("ring", name)

    async def come_in(self, name: str, **who: object) -> None:
        """Show a face or a finger."""
        await self._sent("access_granted", name, **who)

    async def unlock(self, name: str) -> None:
        """Press Unlock on the dashboard."""
        lock = entity_id(self.hass, "lock", device_named(self.cloud, name), "door")
        call = self.hass.services.async_call("lock", "unlock", {"entity_id": lock}, blocking=True)
        # Without messages a door cannot confirm, and the user is told so.
        with nullcontext() if self.pushed else suppress(HomeAssistantError):
            await while_time_passes(self.hass, self.clock, call)

    async def live(self, agenda: list[tuple[float, Act]], end: float) -> None:
        """Let the month pass, from one poll or act to the next."""
        for at, act in [*agenda, (end, self._nothing)]:
            while (due := self._next_poll()) < at:
                await self._jump(due)
                await self._polled_since(due - LATE)
            await self._jump(at)
            await act()
            await self.hass.async_block_till_done()

    async def _nothing(self) -> None:
        pass

    def _next_poll(self) -> float:
        interval: timedelta = self.entry.runtime_data.coordinator.update_interval
        return self.polled_at + interval.total_seconds() + LATE

    async def _jump(self, at: float) -> None:
        self.clock.move_to(datetime.fromtimestamp(max(at, self.now()), UTC))
        # The loop's own clock has moved along: what is due by now runs with its next turn.
        await asyncio.sleep(0)
        await self.hass.async_block_till_done()

    async def _sent(self, scenario: str, name: str, **options: object) -> None:
        sent = self.cloud.scenario(scenario, device_named(self.cloud, name).id, **options)
        if self.pushed:
            await arrived(self.hass, self.cloud, sent)

    @property
    def pushed(self) -> bool:
        """Whether messages are listened to."""
        return bool(self.entry.options["delivery"] != "off")

    async def _settled(self) -> None:
        self.polled_at = self.now()
        coordinator = self.entry.runtime_data.coordinator
        self.entry.async_on_unload(coordinator.watch_polls(self._polled))
        if self.pushed:
            await self.cloud.connected()
        await self.hass.async_block_till_done()

    def _polled(self, _poll: object) -> None:
        self.polled_at = self.now()
        self.done.set()

    async def _polled_since(self, time: float) -> None:
        while self.polled_at < time:
            self.done.clear()
            await self.done.wait()
        await self.hass.async_block_till_done()


def days_of(house: House, start: float) -> list[tuple[float, Act]]:
    """Return what happens in the month: visitors, residents, an update every night."""
    daily: tuple[tuple[float, Act], ...] = (
        (3.5, house.restart),
        (7.2, lambda: house.come_in("Front door lock", way="fingerprint", person=3)),
        (8.1, lambda: house.ring("Intercom")),
        (8.2, lambda: house.unlock("Intercom")),
        (12.4, lambda: house.come_in("Gate keypad", way="card", person=14)),
        (16.0, lambda: house.ring("Battery bell")),
        (18.3, lambda: house.come_in("Face terminal", way="face", person="anna")),
        (21.7, lambda: house.unlock("Front door lock")),
    )
    return [(start + day * DAY + hour * HOUR, act) for day in range(DAYS) for hour, act in daily]


@pytest.mark.parametrize(("delivery", "most"), [("production", 5_000), ("off", 20_000)])
async def test_a_month_of_ten_doors_stays_within_the_budget(
    hass: HomeAssistant,
    socket_enabled: None,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
    delivery: str,
    most: int,
) -> None:
    # In debug mode asyncio notes the stack of every callback, which is most of this test's time.
    hass.loop.set_debug(False)
    freezer.move_to(JANUARY + timedelta(seconds=5))
    cloud = TuyaSimulator(
        devices=[*load(DEVICES), *load(FIXTURES / f"{name}.json" for name in MORE_DEVICES)]
    )
    await cloud.start()
    entry = make_entry(cloud, delivery=delivery)
    # Writing the states of a hundred entities costs no call, and most of the time.
    hass.config_entries.async_update_entry(entry, pref_disable_new_entities=True)
    for name in ("Intercom", "Front door lock"):
        key = f"{device_named(cloud, name).id}_door"
        er.async_get(hass).async_get_or_create("lock", DOMAIN, key)
    house = House(hass, entry, cloud, freezer)
    await house.start()
    state = entry.runtime_data.coordinator.data
    assert len(state.devices) == 10
    assert sum(device.codes.custom for device in state.devices.values()) >= 4
    end = (JANUARY + timedelta(days=DAYS)).timestamp() - 60
    await house.live(days_of(house, JANUARY.timestamp()), end)
    told = cloud.calls.total()
    sys.stdout.write(f"\n{delivery}: {told} calls by Tuya's count: {cloud.calls.most_common()}\n")
    budget = entry.runtime_data.budget
    sys.stdout.write(
        f"counted here: {budget.calls_this_month} calls, {budget.messages_this_month} messages\n"
    )
    assert told <= most
    # A call that is given up while the project is unloaded may never reach Tuya.
    assert told <= budget.calls_this_month <= told + 10
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()

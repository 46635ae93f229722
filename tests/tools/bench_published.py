"""How long a published door takes both ways: its change to Tuya, Tuya's command to its lock.

Core and simulator share this process and its event loop, so the simulator's share counts too.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
import tempfile
import time
from typing import Any, override

from homeassistant.components.lock import LockEntity
from homeassistant.components.lock.const import DATA_COMPONENT, DOMAIN as LOCK_DOMAIN
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import slugify

from custom_components.tuyalink_intercom.publishing.doors import SUBENTRY_TYPE
from tests.simulator import SimDevice, TuyaSimulator, commanding
from tests.simulator.client import Client

from .bench_home import mixed_home
from .bench_ring import stamped_frames
from .core import Project, SetupError, running_core, set_up

DEVICES = 10
DOORS = 6
"""In turn: one door reports once a second at most, and gathers for a quarter of it."""
PRODUCT = "simdoorproduct01"
UNLOCKED = "lock_motor_state"
LOST_S = 10


class BenchLock(LockEntity):
    """A lock of another maker that obeys at once, and notes when it was told to."""

    _attr_should_poll = False
    _attr_is_locked = True
    told_at = 0.0

    def __init__(self, name: str) -> None:
        self._attr_name = name

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        self._told(locked=True)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        self._told(locked=False)

    def _told(self, *, locked: bool) -> None:
        self.told_at = time.perf_counter()
        self.stand(locked=locked)

    def stand(self, *, locked: bool) -> None:
        """Lock or unlock as by hand."""
        self._attr_is_locked = locked
        self.async_write_ha_state()


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A published door: its lock here, and the device that Tuya knows."""

    lock: BenchLock
    device: SimDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home of Tuya devices with doors that are published."""

    hass: HomeAssistant
    cloud: TuyaSimulator
    doors: list[Door]

    def in_turn(self, count: int) -> Iterator[Door]:
        """Yield that many doors, one after the other."""
        return islice(cycle(self.doors), count)

    async def seen(self, door: Door, *, unlocked: bool) -> None:
        """Wait until Tuya sees a door so."""
        async with asyncio.timeout(LOST_S):
            await self.cloud.until(lambda: door.device.values.get(UNLOCKED) is unlocked)


@asynccontextmanager
async def home() -> AsyncIterator[Home]:
    """Set the home up, until Tuya sees its doors locked."""
    cloud = TuyaSimulator(devices=mixed_home(DEVICES))
    await cloud.start()
    try:
        doors = [await _door(cloud, f"Bench door {number}") for number in range(DOORS)]
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            async with running_core(Path(folder)) as hass:
                await _add(hass, [door.lock for door in doors])
                subentries = [_subentry(door) for door in doors]
                await set_up(hass, Project.of(cloud), subentries=subentries)
                await cloud.connected()
                made = Home(hass=hass, cloud=cloud, doors=doors)
                for door in doors:
                    await made.seen(door, unlocked=False)
                yield made
    finally:
        await cloud.stop()


async def report_milliseconds(home: Home, reports: int) -> list[float]:
    """Turn the locks by hand; return how long each turn took until Tuya had it."""
    measured: list[float] = []
    for door in home.in_turn(reports):
        locked = not door.lock.is_locked
        turned = time.perf_counter()
        door.lock.stand(locked=locked)
        await home.seen(door, unlocked=not locked)
        measured.append((time.perf_counter() - turned) * 1000)
        await home.hass.async_block_till_done()
    return measured


async def command_milliseconds(home: Home, commands: int) -> list[float]:
    """Open and lock from Tuya's side; return the time of each from its frame to the lock."""
    measured: list[float] = []
    with stamped_frames(home.cloud) as written:
        for door in home.in_turn(commands):
            written.clear()
            await _told(home.cloud, door, "unlock" if door.lock.is_locked else "lock")
            measured.append((door.lock.told_at - written[0]) * 1000)
            await home.hass.async_block_till_done()
    return measured


async def _told(cloud: TuyaSimulator, door: Door, action: str) -> None:
    """Give a command, and wait until it is answered."""
    command = commanding.execute(cloud, door.device.id, action)
    async with asyncio.timeout(LOST_S):
        await cloud.until(lambda: command.answer is not None)
    if command.answer is None or command.answer["code"] != 0:
        raise SetupError(f"{action} was answered with {command.answer}")


async def _door(cloud: TuyaSimulator, name: str) -> Door:
    """Register a door as a set-up before would have."""
    third_id = slugify(name, separator="")
    async with Client(cloud) as client:
        body = {"device_name": name, "product_id": PRODUCT}
        answer = await client.post(f"/v1.0/iot-03/3rdcloud/devices/{third_id}/register", body)
    return Door(lock=BenchLock(name), device=cloud.devices[answer["result"]["device_id"]])


def _subentry(door: Door) -> ConfigSubentryData:
    name = door.device.name
    third_id = slugify(name, separator="")
    data = {
        "third_id": third_id,
        "device_id": door.device.id,
        "product_id": PRODUCT,
        "binding": "none",
        "lock": f"lock.{slugify(name)}",
        "control": True,
    }
    return ConfigSubentryData(
        data=data, subentry_type=SUBENTRY_TYPE, title=name, unique_id=third_id
    )


async def _add(hass: HomeAssistant, locks: list[BenchLock]) -> None:
    """Have Home Assistant set the locks up as it does those of any integration."""
    await async_setup_component(hass, LOCK_DOMAIN, {})
    await hass.data[DATA_COMPONENT].async_add_entities(locks)
    await hass.async_block_till_done()

"""A home whose own door is published into Tuya: a lock, a bell and sensors that are no Tuya's."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.event import DoorbellEventType, EventDeviceClass, EventEntity
from homeassistant.components.lock import LockEntity
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    setup_test_component_platform,
)

from custom_components.tuyalink_intercom.publishing.doors import SUBENTRY_TYPE
from tests.homes import entry_of
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.client import Client

PRODUCT = "simdoorproduct01"
THIRD_ID = "hagardendoor00000000000000000001"
LOCK, BELL = "lock.garden_door", "event.garden_bell"
LEAF, TAMPER = "binary_sensor.garden_door_leaf", "binary_sensor.garden_tamper"
BATTERY, PICTURE = "sensor.garden_battery", "image.garden_camera"


class GardenLock(LockEntity):
    """A lock of another maker; it obeys at once unless told otherwise."""

    _attr_name = "Garden door"
    _attr_unique_id = "garden_door"
    _attr_should_poll = False

    def __init__(self) -> None:
        self._attr_is_locked = True
        self.presses: list[str] = []
        self.before: Callable[[], Awaitable[None]] | None = None
        """What happens before it obeys: it may wait, or raise."""
        self.obeys = True

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        await self._press("lock", locked=True)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        await self._press("unlock", locked=False)

    async def _press(self, word: str, *, locked: bool) -> None:
        self.presses.append(word)
        if self.before is not None:
            await self.before()
        if self.obeys:
            self.stand(locked=locked)

    def stand(self, *, locked: bool | None, by: str | None = None) -> None:
        """Lock or unlock as by hand."""
        self._attr_is_locked = locked
        self._attr_changed_by = by
        self.async_write_ha_state()

    def leave(self, *, there: bool = False) -> None:
        """Be unavailable, or there again."""
        self._attr_available = there
        self.async_write_ha_state()

    def guess(self) -> None:
        """Only assume from now on how it stands."""
        self._attr_assumed_state = True
        self.async_write_ha_state()

    def jam(self) -> None:
        """Be stuck, unlocked."""
        self.obeys, self._attr_is_jammed = False, True
        self.stand(locked=False)

    def ask(self, code_format: str) -> None:
        """Ask for a code of this form."""
        self._attr_code_format = code_format
        self.async_write_ha_state()


class GardenBell(EventEntity):
    """A bell of another maker."""

    _attr_name = "Garden bell"
    _attr_unique_id = "garden_bell"
    _attr_should_poll = False
    _attr_device_class = EventDeviceClass.DOORBELL

    def __init__(self) -> None:
        self._attr_event_types = [DoorbellEventType.RING]

    def ring(self) -> None:
        """Somebody presses it."""
        self._trigger_event(DoorbellEventType.RING)
        self.async_write_ha_state()


@dataclass
class PublishedHome:
    """A home with one published door."""

    hass: HomeAssistant
    cloud: TuyaSimulator
    entry: MockConfigEntry
    lock: GardenLock
    bell: GardenBell
    device: SimDevice
    """The door as Tuya knows it."""

    @property
    def subentry_id(self) -> str:
        """Return the id of the door's subentry."""
        (subentry,) = self.entry.subentries.values()
        return str(subentry.subentry_id)

    async def seen(self, **values: Any) -> None:
        """Wait until Tuya sees these values."""
        await self.cloud.until(lambda: values.items() <= self.device.values.items())
        await self.hass.async_block_till_done()


def door_data(device_id: str, **changes: Any) -> dict[str, Any]:
    """Return the data of a subentry that publishes the garden door; `None` leaves a member out."""
    data = {
        "third_id": THIRD_ID,
        "device_id": device_id,
        "product_id": PRODUCT,
        "binding": "none",
        "lock": LOCK,
        "doorbell": BELL,
        "control": True,
        **changes,
    }
    return {key: value for key, value in data.items() if value is not None}


def subentry(device_id: str, **changes: Any) -> ConfigSubentryData:
    """Return the subentry that publishes the garden door."""
    return ConfigSubentryData(
        data=door_data(device_id, **changes),
        subentry_type=SUBENTRY_TYPE,
        title="Garden door",
        unique_id=changes.get("third_id", THIRD_ID),
    )


async def registered(cloud: TuyaSimulator, third_id: str = THIRD_ID) -> SimDevice:
    """Register a door as a set-up before would have; return it as Tuya knows it."""
    async with Client(cloud) as client:
        body = {"device_name": "Garden door", "product_id": PRODUCT}
        answer = await client.post(f"/v1.0/iot-03/3rdcloud/devices/{third_id}/register", body)
    return cloud.devices[answer["result"]["device_id"]]


async def garden(hass: HomeAssistant) -> tuple[GardenLock, GardenBell]:
    """Set the door and the bell up in Home Assistant."""
    lock, bell = GardenLock(), GardenBell()
    setup_test_component_platform(hass, "lock", [lock])
    setup_test_component_platform(hass, "event", [bell])
    for domain in ("lock", "event"):
        assert await async_setup_component(hass, domain, {domain: {"platform": "test"}})
    await hass.async_block_till_done()
    return lock, bell


async def so(hass: HomeAssistant, condition: Callable[[], bool]) -> None:
    """Wait until something is so on Home Assistant's side."""
    while not condition():
        await hass.async_block_till_done()


async def published_home(
    hass: HomeAssistant, cloud: TuyaSimulator, **changes: Any
) -> PublishedHome:
    """Set a project up that publishes the garden door; `changes` are of the subentry's data."""
    lock, bell = await garden(hass)
    device = await registered(cloud)
    entry = entry_of(cloud, subentry(device.id, **changes))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    await hass.async_block_till_done()
    return PublishedHome(hass, cloud, entry, lock, bell, device)

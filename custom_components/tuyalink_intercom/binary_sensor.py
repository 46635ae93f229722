"""Trouble and conditions: what a device says is so, and whether it can be reached.

An alarm that no device ever takes back ends by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .entity import TuyaLinkEntity, TuyaLinkHubEntity, add_as_discovered
from .model.state import Device, Fact, Features, Reading
from .published_entity import PublishedEntity, add_published
from .publishing.door import PublishedDoor
from .runtime import TuyaLinkConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class TuyaLinkBinarySensorDescription(BinarySensorEntityDescription):
    """What a binary sensor shows, and which devices have it."""

    reading_fn: Callable[[Device], Reading | None]
    exists_fn: Callable[[Features], bool] = lambda _: True
    always_available: bool = False


def _reading(fact: Fact, device: Device) -> Reading | None:
    return device.readings.get(fact)


def _tells(fact: Fact, features: Features) -> bool:
    return fact in features.facts


def _of(
    fact: Fact,
    device_class: BinarySensorDeviceClass | None = None,
    category: EntityCategory | None = None,
) -> TuyaLinkBinarySensorDescription:
    return TuyaLinkBinarySensorDescription(
        key=fact.value,
        translation_key=fact.value,
        device_class=device_class,
        entity_category=category,
        reading_fn=partial(_reading, fact),
        exists_fn=partial(_tells, fact),
    )


DESCRIPTIONS = (
    _of(Fact.TAMPER, BinarySensorDeviceClass.TAMPER),
    _of(Fact.LOITERING),
    _of(Fact.WRONG_ATTEMPTS, BinarySensorDeviceClass.PROBLEM),
    _of(Fact.DURESS, BinarySensorDeviceClass.SAFETY),
    _of(Fact.LEAF, BinarySensorDeviceClass.DOOR),
    _of(Fact.DOOR_LEFT_OPEN, BinarySensorDeviceClass.PROBLEM),
    _of(Fact.ASKS_TO_OPEN),
    _of(Fact.BATTERY_LOW, BinarySensorDeviceClass.BATTERY, EntityCategory.DIAGNOSTIC),
    TuyaLinkBinarySensorDescription(
        key="online",
        translation_key="online",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        reading_fn=lambda device: Reading(device.online, device.online_since),
        always_available=True,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the conditions of all devices, and of the project."""
    queue = TuyaLinkQueueSensor(entry)
    if entry.runtime_data.push.topic is not None:
        async_add_entities([queue])
    else:
        _remove(hass, queue)
    add_as_discovered(
        entry,
        async_add_entities,
        lambda device: [
            TuyaLinkBinarySensor(entry, device, description)
            for description in DESCRIPTIONS
            if description.exists_fn(device.features)
        ],
    )
    add_published(entry, async_add_entities, lambda door: [PublishedSensor(entry, door)])


@callback
def _remove(hass: HomeAssistant, entity: BinarySensorEntity) -> None:
    """Take an entity out of the registry that its project no longer has."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(Platform.BINARY_SENSOR, DOMAIN, entity.unique_id or "")
    if entity_id is not None:
        registry.async_remove(entity_id)


class TuyaLinkBinarySensor(TuyaLinkEntity, BinarySensorEntity):
    """One condition of a device."""

    entity_description: TuyaLinkBinarySensorDescription

    def __init__(
        self,
        entry: TuyaLinkConfigEntry,
        device: Device,
        description: TuyaLinkBinarySensorDescription,
    ) -> None:
        super().__init__(entry, device, description.key)
        self.entity_description = description
        self._watched: Reading | None = None
        self._over = False
        self._timer: CALLBACK_TYPE | None = None

    @property
    @override
    def available(self) -> bool:
        """Whether a device can be reached is known as long as it is in the project."""
        if self.entity_description.always_available:
            return self.coordinator.device(self._device_id) is not None
        return super().available

    @property
    @override
    def is_on(self) -> bool | None:
        """What the device said last, until its time is over."""
        reading = self._told
        if reading is None or reading.value is None:
            return None
        return bool(reading.value) and not self._over

    @property
    def _told(self) -> Reading | None:
        return self.entity_description.reading_fn(self._device)

    @override
    async def async_added_to_hass(self) -> None:
        """Watch for the end of what ends by itself."""
        await super().async_added_to_hass()
        self.async_on_remove(self._stop)
        self._watch()

    @override
    @callback
    def _device_changed(self) -> None:
        self._watch()
        super()._device_changed()

    def _watch(self) -> None:
        reading = self._told
        if reading == self._watched:
            return
        self._stop()
        self._watched, self._over = reading, False
        if reading is None or reading.until is None:
            return
        left = reading.until - self.coordinator.cloud.now()
        self._over = left <= 0
        if not self._over:
            self._timer = async_call_later(self.hass, left, HassJob(self._ended))

    @callback
    def _ended(self, _now: object) -> None:
        self._timer = None
        self._over = True
        self.async_write_ha_state()

    @callback
    def _stop(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None


class TuyaLinkQueueSensor(TuyaLinkHubEntity, BinarySensorEntity):
    """Whether messages can arrive at once."""

    _attr_translation_key = "queue"
    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, entry: TuyaLinkConfigEntry) -> None:
        super().__init__(entry, "queue")
        self._push = entry.runtime_data.push

    @property
    @override
    def is_on(self) -> bool:
        """Whether the queue is connected."""
        return self._push.connected


class PublishedSensor(PublishedEntity, BinarySensorEntity):
    """Whether Tuya's side has a published door for online."""

    _attr_translation_key = "published"
    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, entry: TuyaLinkConfigEntry, door: PublishedDoor) -> None:
        super().__init__(entry, door, "published")
        self._shown = self.is_on

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is online there; unknown until Tuya has said so."""
        return self._door.seen_online

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what Tuya sees."""
        await super().async_added_to_hass()
        self.async_on_remove(self._door.listen(self._moved))
        self._shown = self.is_on

    @callback
    def _moved(self) -> None:
        if self._shown != self.is_on:
            self._shown = self.is_on
            self.async_write_ha_state()

"""What every entity of ours shares: its device, its availability, its errors."""

from collections.abc import Awaitable, Callable, Iterable
from typing import override

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api import TuyaError
from .const import DOMAIN
from .coordinator import TuyaLinkCoordinator
from .model.changes import Change
from .model.state import Device, Features
from .runtime import TuyaLinkConfigEntry
from .translated import translation_of


class TuyaLinkEntity(CoordinatorEntity[TuyaLinkCoordinator]):
    """An entity of a device. `key` is its part of the unique id."""

    _attr_has_entity_name = True

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device, key: str) -> None:
        super().__init__(entry.runtime_data.coordinator)
        self._device_id = device.id
        self._last = device
        self._shown: tuple[object, object] = (self, None)
        self._attr_unique_id = f"{device.id}_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, device.id)},
            name=device.name,
            manufacturer="Tuya",
            model=device.product_name or device.model or None,
            model_id=device.product_id or None,
            via_device_id=_via(entry, device),
        )

    @property
    def _device(self) -> Device:
        """The device as last heard; the last known one once it left the project."""
        self._last = self.coordinator.device(self._device_id) or self._last
        return self._last

    @property
    @override
    def available(self) -> bool:
        """A device that sleeps is believed as it was; others must be online and confirmed."""
        device = self.coordinator.device(self._device_id)
        if device is None:
            return False
        return device.features.sleeps or (device.online is not False and self.coordinator.reachable)

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to what happens at the device."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.subscribe(self._device_id, self._happened))

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        """Write what may have changed: a message is about one device of many."""
        device, reachable = self.coordinator.device(self._device_id), self.coordinator.reachable
        known, reached = self._shown
        if device is known and reachable == reached:
            return
        self._shown = (device, reachable)
        if device != known or reachable != reached:
            self._device_changed()

    @callback
    def _device_changed(self) -> None:
        """Write what the device, as it is now, lets this show."""
        self.async_write_ha_state()

    @callback
    def _happened(self, change: Change) -> None:
        """Take a moment; most entities only show states."""


class TuyaLinkHubEntity(CoordinatorEntity[TuyaLinkCoordinator]):
    """An entity of the project itself."""

    _attr_has_entity_name = True

    def __init__(self, entry: TuyaLinkConfigEntry, key: str) -> None:
        super().__init__(entry.runtime_data.coordinator)
        unique_id = entry.unique_id or entry.entry_id
        self._attr_unique_id = f"{unique_id}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, unique_id)})

    @property
    @override
    def available(self) -> bool:
        """What the project says of itself is known without the cloud."""
        return True


def _via(entry: TuyaLinkConfigEntry, device: Device) -> str:
    """Return the registry id of what a device hangs on: its own gateway, else the hub."""
    if device.gateway_id is not None:
        registry = dr.async_get(entry.runtime_data.coordinator.hass)
        key = (DOMAIN, device.gateway_id)
        if gateway := registry.async_get_device_by_identifier(key, entry.entry_id):
            return gateway.id
    return entry.runtime_data.hub_id


def add_as_discovered(
    entry: TuyaLinkConfigEntry,
    add_entities: AddConfigEntryEntitiesCallback,
    build: Callable[[Device], Iterable[Entity]],
) -> None:
    """Create entities for the devices, and the features, of now and of later."""
    coordinator = entry.runtime_data.coordinator
    known: dict[str, tuple[Features, set[str | None]]] = {}

    @callback
    def sync() -> None:
        devices = coordinator.data.devices
        for left in known.keys() - devices.keys():
            # A device that left may come back.
            del known[left]
        fresh: list[Entity] = []
        for device in devices.values():
            features, unique_ids = known.get(device.id, (None, set()))
            if features is not device.features and features != device.features:
                entities = [one for one in build(device) if one.unique_id not in unique_ids]
                fresh.extend(entities)
                unique_ids.update(one.unique_id for one in entities)
                known[device.id] = (device.features, unique_ids)
        if fresh:
            add_entities(fresh)

    sync()
    entry.async_on_unload(coordinator.async_add_listener(sync))


async def cloud_action[T](call: Awaitable[T]) -> T:
    """Await a call to Tuya for a user; a refusal reaches the user in their language."""
    try:
        return await call
    except TuyaError as error:
        raise HomeAssistantError(**translation_of(error)) from None

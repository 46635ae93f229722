"""Entities of published doors: each door is a device of its own, bound to its subentry.

They show how publishing goes; what the door itself does stays with its own entities.
"""

from collections.abc import Callable, Iterable

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .publishing.door import PublishedDoor
from .runtime import TuyaLinkConfigEntry


class PublishedEntity(Entity):
    """An entity of a published door. `key` is its part of the unique id; always available."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: TuyaLinkConfigEntry, door: PublishedDoor, key: str) -> None:
        publication = door.publication
        self._door = door
        # Its own id at Tuya may change, with its product: the subentry stays.
        self._attr_unique_id = f"{door.subentry_id}_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, door.subentry_id)},
            name=publication.name,
            manufacturer="Home Assistant",
            model="Published door",
            model_id=publication.product_id,
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=entry.runtime_data.hub_id,
        )


@callback
def add_published(
    entry: TuyaLinkConfigEntry,
    add_entities: AddConfigEntryEntitiesCallback,
    build: Callable[[PublishedDoor], Iterable[Entity]],
) -> None:
    """Create the entities of the doors that a project publishes."""
    for subentry_id, door in entry.runtime_data.published.doors.items():
        add_entities(build(door), config_subentry_id=subentry_id)

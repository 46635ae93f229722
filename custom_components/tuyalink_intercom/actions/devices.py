"""Which devices an action is about that is asked for what is known of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.service import async_get_device_and_config_entry

import voluptuous as vol

from ..captures.gallery import devices_of, projects, tuya_id
from ..const import DOMAIN
from ..runtime import TuyaLinkConfigEntry
from .targets import refusal

DEVICES: Final[Mapping[Any, Any]] = {
    vol.Optional(ATTR_DEVICE_ID): vol.All(cv.ensure_list, [cv.string]),
    vol.Optional(ATTR_ENTITY_ID): cv.entity_ids,
}
"""Fields of an action by which devices are named; without any it is about all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A device that an action is about."""

    entry: TuyaLinkConfigEntry
    device: dr.DeviceEntry

    @property
    def tuya_id(self) -> str:
        """Tuya's id of it."""
        return tuya_id(self.device)


def named_devices(hass: HomeAssistant, data: Mapping[str, Any]) -> list[Named]:
    """Return the devices that are named, each once; all of the projects that run if none is.

    The project's own device stands for all of the project. Raises a translated error for what is
    not ours, and where no project runs.
    """
    if ATTR_DEVICE_ID not in data and ATTR_ENTITY_ID not in data:
        if not (running := projects(hass)):
            raise refusal("no_project")
        return [one for entry in running for one in _of_project(hass, entry)]
    ids = {*data.get(ATTR_DEVICE_ID, ()), *_by_entity(hass, data.get(ATTR_ENTITY_ID, ()))}
    found = [one for device_id in sorted(ids) for one in _of(hass, device_id)]
    return [*{one.device.id: one for one in found}.values()]


def _by_entity(hass: HomeAssistant, entity_ids: list[str]) -> Iterator[str]:
    for entity_id in entity_ids:
        entity = er.async_get(hass).async_get(entity_id)
        if entity is None or entity.platform != DOMAIN or entity.device_id is None:
            raise refusal("not_our_entity")
        yield entity.device_id


def _of(hass: HomeAssistant, device_id: str) -> Iterator[Named]:
    device, owner = async_get_device_and_config_entry(
        hass, DOMAIN, device_id, include_child_devices=False
    )
    entry: TuyaLinkConfigEntry = owner
    if device.id == entry.runtime_data.hub_id:
        yield from _of_project(hass, entry)
    else:
        yield Named(entry=entry, device=device)


def _of_project(hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> Iterator[Named]:
    for device in devices_of(hass, entry).values():
        if device.id != entry.runtime_data.hub_id:
            yield Named(entry=entry, device=device)

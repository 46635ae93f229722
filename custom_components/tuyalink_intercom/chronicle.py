"""Moments on Home Assistant's bus, for the logbook: it cannot say more of an entity than its state.

What happens now is a `tuyalink_intercom_moment`; `history` tells of what was missed, in the same
shape.
"""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN, EVENT_MOMENT
from .coordinator import TuyaLinkCoordinator
from .model.changes import Change
from .model.state import Device
from .telling import Telling, moment


def as_event_data(
    hass: HomeAssistant, entry: ConfigEntry, device: Device, told: Telling
) -> dict[str, Any]:
    """Return a moment as the data of an event; `device_id` is Home Assistant's own."""
    registry = dr.async_get(hass)
    found = registry.async_get_device_by_identifier((DOMAIN, device.id), entry.entry_id)
    return {
        "device_id": found.id if found else None,
        "name": device.name,
        "key": told.key,
        "type": told.event_type,
        **told.attributes,
    }


@callback
def async_start_chronicle(
    hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
) -> None:
    """Put each moment on the bus as it happens, until the entry is unloaded."""

    @callback
    def happened(change: Change) -> None:
        device = coordinator.device(change.device_id)
        told = moment(device, change) if device is not None else None
        if device is not None and told is not None and told.live:
            hass.bus.async_fire(EVENT_MOMENT, as_event_data(hass, entry, device, told))

    entry.async_on_unload(coordinator.subscribe(None, happened))

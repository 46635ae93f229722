"""Which entities show devices that Tuya has already: publishing them would go round in circles."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import CONF_ACCESS_ID, CONF_EXCLUDED, DOMAIN


@callback
def is_own(hass: HomeAssistant, entry: ConfigEntry[Any], entity_id: str) -> bool:
    """Tell whether an entity shows what is in the Tuya project of the entry, by any entry."""
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None or registered.config_entry_id is None:
        return False
    source = hass.config_entries.async_get_entry(registered.config_entry_id)
    if source is None or source.domain != DOMAIN:
        return False
    same = source.data.get(CONF_ACCESS_ID) == entry.data.get(CONF_ACCESS_ID)
    return same or _is_known(hass, entry, registered)


def _is_known(hass: HomeAssistant, entry: ConfigEntry[Any], registered: er.RegistryEntry) -> bool:
    """Tell whether the project has the same device: an app account can be linked to several."""
    device = dr.async_get(hass).async_get(registered.device_id or "")
    runtime = getattr(entry, "runtime_data", None)
    if device is None or runtime is None:
        return False
    known = {*runtime.coordinator.data.devices, *entry.options.get(CONF_EXCLUDED, ())}
    return any(domain == DOMAIN and key in known for domain, key in device.identifiers)

"""Which entities show devices that Tuya has already: publishing them would go round in circles."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_ACCESS_ID, DOMAIN


@callback
def is_own(hass: HomeAssistant, entry: ConfigEntry[Any], entity_id: str) -> bool:
    """Tell whether an entity came from the Tuya project that the entry is of, by any entry."""
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None or registered.config_entry_id is None:
        return False
    source = hass.config_entries.async_get_entry(registered.config_entry_id)
    return (
        source is not None
        and source.domain == DOMAIN
        and source.data.get(CONF_ACCESS_ID) == entry.data.get(CONF_ACCESS_ID)
    )

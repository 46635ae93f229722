"""Follows entities that their user gives another id: published doors know theirs by it.

For as long as Home Assistant runs, whether a project is loaded or not.
"""

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..model.publication import renamed
from .subentries import SUBENTRY_TYPE


@callback
def async_follow_renames(hass: HomeAssistant) -> None:
    """Have published doors keep their entities under whatever ids these get."""

    @callback
    def updated(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] == "update" and "old_entity_id" in event.data:
            _follow(hass, event.data["old_entity_id"], event.data["entity_id"])

    hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, updated)


def _follow(hass: HomeAssistant, old: str, new: str) -> None:
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE):
            data = renamed(subentry.data, old, new)
            # A door of which nothing changed is not loaded anew.
            if data != subentry.data:
                hass.config_entries.async_update_subentry(entry, subentry, data=data)

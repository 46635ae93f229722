"""The options flow's page about pictures: what is kept of them, and deleting them."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

import voluptuous as vol

from ..album.keeping import Keeping
from ..captures.disk import async_delete_captures, root_of
from ..const import CONF_KEEP_COUNT, CONF_KEEP_DAYS, CONF_KEEP_MEGABYTES, CONF_KEEP_PICTURES

CONF_DELETE_ALL: Final = "delete_all"

_USUAL: Final = Keeping()
_LIMITS: Final[Mapping[str, tuple[int, int, int, str | None]]] = {
    CONF_KEEP_DAYS: (_USUAL.days, 1, 365, "d"),
    CONF_KEEP_COUNT: (_USUAL.count, 10, 10_000, None),
    CONF_KEEP_MEGABYTES: (_USUAL.size // 1_000_000, 10, 5_000, "MB"),
}
"""By option: what is usual, the least, the most, the unit."""


def pictures_schema(stored: Mapping[str, Any]) -> vol.Schema:
    """Return the form, filled with what is stored."""
    kept = stored.get(CONF_KEEP_PICTURES, True)
    fields: dict[Any, Any] = {vol.Required(CONF_KEEP_PICTURES, default=kept): BooleanSelector()}
    for name, (usual, least, most, unit) in _LIMITS.items():
        limits = NumberSelectorConfig(min=least, max=most, step=1, mode=NumberSelectorMode.BOX)
        if unit is not None:
            limits["unit_of_measurement"] = unit
        fields[vol.Required(name, default=stored.get(name, usual))] = NumberSelector(limits)
    fields[vol.Required(CONF_DELETE_ALL, default=False)] = BooleanSelector()
    return vol.Schema(fields)


class PictureSteps(OptionsFlowWithReload):
    """Which pictures are kept, and for how long."""

    async def async_step_pictures(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the limits; delete what the user wants deleted, before anything is saved."""
        entry, errors = self.config_entry, dict[str, str]()
        options = dict(entry.options)
        if user_input is not None:
            limits = {name: int(user_input[name]) for name in _LIMITS}
            options |= {CONF_KEEP_PICTURES: user_input[CONF_KEEP_PICTURES], **limits}
            if not user_input[CONF_DELETE_ALL] and options[CONF_KEEP_PICTURES]:
                return self.async_create_entry(data=options)
            if await self._deleted():
                return self.async_create_entry(data=options)
            errors["base"] = "not_deleted"
        return self.async_show_form(
            step_id="pictures",
            data_schema=pictures_schema(options),
            errors=errors,
            description_placeholders={"folder": str(root_of(self.hass, entry))},
        )

    async def _deleted(self) -> bool:
        """Delete all pictures; tell whether none is left on disk."""
        entry = self.config_entry
        try:
            if entry.state is ConfigEntryState.LOADED:
                await entry.runtime_data.captures.clear()
            else:
                await async_delete_captures(self.hass, entry)
        except OSError:
            return False
        return True

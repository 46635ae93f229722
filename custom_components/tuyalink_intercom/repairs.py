"""Repairs that ask the user something; what they answer becomes an option of the entry."""

from typing import Any

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

import voluptuous as vol

from .const import CONF_FLATS
from .flats import WHICH_FLATS
from .model.flats import chosen

_ALL = "all_flats"


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return what asks the question of an issue."""
    if issue_id.startswith(WHICH_FLATS) and data is not None:
        return WhichFlatsFlow(data["entry_id"])
    return ConfirmRepairFlow()


class WhichFlatsFlow(RepairsFlow):
    """Asks for the flats whose calls are to ring."""

    def __init__(self, entry_id: str) -> None:
        self._entry_id = entry_id

    async def async_step_init(self, _issue: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin; what comes with this step is the issue's id, no answer."""
        return await self.async_step_flats()

    async def async_step_flats(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Offer what was called so far; anything else may be typed."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None:
            return self.async_abort(reason="entry_gone")
        errors = {}
        if user_input is not None:
            flats = chosen(user_input.get(CONF_FLATS, ()))
            every = user_input.get(_ALL, False)
            if every or flats:
                options = {**entry.options, CONF_FLATS: [] if every else flats}
                self.hass.config_entries.async_update_entry(entry, options=options)
                self.hass.config_entries.async_schedule_reload(entry.entry_id)
                return self.async_create_entry(data={})
            errors["base"] = "no_flat"
        loaded = entry.state is ConfigEntryState.LOADED
        known = entry.runtime_data.coordinator.known_flats if loaded else ()
        return self.async_show_form(
            step_id="flats",
            data_schema=_schema(known),
            errors=errors,
            description_placeholders={"project": entry.title},
        )


def _schema(known: tuple[str, ...]) -> vol.Schema:
    choice = SelectSelectorConfig(
        options=list(known),
        multiple=True,
        custom_value=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
    return vol.Schema(
        {
            vol.Optional(CONF_FLATS, default=[]): SelectSelector(choice),
            vol.Required(_ALL, default=False): BooleanSelector(),
        }
    )

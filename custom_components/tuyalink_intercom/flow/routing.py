"""The options flow's pages about who is called when a terminal calls a flat."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

import voluptuous as vol

from ..const import CONF_CALL_ROUTES
from ..model.flats import flat_of
from ..model.keys import KeyKind
from ..model.routes import LONGEST_FLAT, MOST_FLATS, fault_of, persons_of, routes_of
from ..model.state import World

CONF_FLAT: Final = "flat"
CONF_PERSONS: Final = "persons"
_NOBODY: Final = "\N{EN DASH}"
_SLOT: Final = ":"
"""Stands in the names of credentials, which locks tell; an id of a person has none."""


class RoutingSteps(OptionsFlowWithReload):
    """Whose phones ring for which flat; one flat at a time, saved at the end."""

    _answers: dict[str, Any] | None = None
    _flat = ""

    async def async_step_routing(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the flat."""
        routes, errors = routes_of(self._options().get(CONF_CALL_ROUTES)), dict[str, str]()
        if user_input is not None:
            self._flat = flat_of(user_input[CONF_FLAT])
            if not self._flat or len(self._flat) > LONGEST_FLAT:
                errors["base"] = "no_flat"
            elif self._flat not in routes and len(routes) >= MOST_FLATS:
                errors["base"] = "too_many_flats"
            else:
                return await self.async_step_routing_persons()
        names = self._names()
        told = [
            f"- {flat}: {', '.join(names.get(one, one) for one in persons)}"
            for flat, persons in sorted(routes.items())
        ]
        choice = SelectSelectorConfig(
            options=sorted({*routes, *self._known_flats()}),
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
        return self.async_show_form(
            step_id="routing",
            data_schema=vol.Schema({vol.Required(CONF_FLAT): SelectSelector(choice)}),
            errors=errors,
            description_placeholders={"routes": "\n".join(told) or _NOBODY},
        )

    async def async_step_routing_persons(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the persons of the flat; with none of them it has no route any more."""
        options, errors = self._options(), dict[str, str]()
        routes = dict(routes_of(options.get(CONF_CALL_ROUTES)))
        persons = routes.get(self._flat, ())
        if user_input is not None:
            persons = persons_of(user_input.get(CONF_PERSONS, ()))
            if (fault := fault_of(persons)) is None:
                routes = {**routes, self._flat: persons}
                kept = {flat: [*told] for flat, told in routes.items() if told}
                self._answers = {**options, CONF_CALL_ROUTES: kept}
                return await self.async_step_routing_more()
            errors["base"] = fault
        names = {**{one: one for one in persons}, **self._names()}
        choice = SelectSelectorConfig(
            options=[
                SelectOptionDict(value=one, label=name if name == one else f"{name} ({one})")
                for one, name in sorted(names.items(), key=lambda named: named[1].casefold())
            ],
            multiple=True,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
        field = vol.Optional(CONF_PERSONS, default=[*persons])
        return self.async_show_form(
            step_id="routing_persons",
            data_schema=vol.Schema({field: SelectSelector(choice)}),
            errors=errors,
            description_placeholders={"flat": self._flat},
        )

    async def async_step_routing_more(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with another flat, or save."""
        return self.async_show_menu(step_id="routing_more", menu_options=["routing", "finish"])

    def _options(self) -> dict[str, Any]:
        return self._answers or dict(self.config_entry.options)

    def _known_flats(self) -> tuple[str, ...]:
        """Return what terminals called so far; nothing while the entry is not loaded."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return ()
        flats: tuple[str, ...] = self.config_entry.runtime_data.coordinator.known_flats
        return flats

    def _names(self) -> dict[str, str]:
        """Return names by person id: of those who were added from here, and of those who came."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return {}
        runtime = self.config_entry.runtime_data
        came = {
            person: name
            for device in runtime.coordinator.data.devices.values()
            if device.world is World.TERMINAL
            for person, name in device.people.items()
            if _SLOT not in person
        }
        ours = {key.id: key.name or key.id for key in runtime.keys.all(kind=KeyKind.PERSON)}
        return {**ours, **came}

"""Changing the preferences of a project that is set up; the entry is reloaded by itself.

A menu of ways; each leaves alone what the others ask. Pressing the bell is in `bell`, what is
kept of pictures in `pictures`, who may open in `doors`.
"""

from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.util import dt as dt_util

from ..api import TuyaError
from ..connection import cloud_of
from ..const import CONF_EXCLUDED, CONF_SUFFIX, CONF_TAUGHT, CONF_WEBHOOK
from ..model.records import device_id, name_of
from ..model.state import AccessState, World
from ..webhook import async_public_address, local_address
from .bell import BellSteps
from .doors import DoorSteps
from .leaving import LeavingSteps
from .people import PeopleSteps
from .pictures import PictureSteps
from .routing import RoutingSteps
from .schemas import (
    CONF_SELF_TEST,
    answers_of,
    is_suffix,
    names_of,
    options_from,
    options_schema,
    taught_schema,
    webhook_schema,
)
from .self_test import SelfTested, async_self_test
from .texts import load_words, told_taught

type Answers = dict[str, Any]

PRESS_THE_BELL = {"next_step_id": "bell"}
"""Data with which the flow begins at the bell."""
_AFTER_SET_UP: Final = timedelta(minutes=1)
_SEPARATOR = "|"


class TuyaLinkOptionsFlow(
    DoorSteps, PeopleSteps, LeavingSteps, RoutingSteps, PictureSteps, BellSteps
):
    """What to take of the project, how to hear of rings, how doors behave."""

    _devices: dict[str, str] | None = None
    _answers: Answers | None = None
    """All options as they are to be saved; None while nothing was chosen."""
    _from_preferences = False
    _tested: SelfTested | None = None

    async def async_step_init(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Show the ways; after set-up go straight to the bell."""
        if user_input == PRESS_THE_BELL:
            return await self.async_step_bell()
        words = await load_words(self.hass)
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                "preferences",
                "doors",
                "people",
                "pictures",
                "bell",
                "routing",
                "webhook",
                "teach",
                "leaving",
            ],
            description_placeholders={
                "hint": words("bell.options.set_up") if self._follows_set_up() else ""
            },
        )

    def _follows_set_up(self) -> bool:
        """Tell whether this is the dialog in which set-up goes on.

        The browser is told which flow that is, and yet begins one of its own (2026.11).
        """
        entry, flows = self.config_entry, self.hass.config_entries.options
        waiting = [
            flow["flow_id"]
            for flow in flows.async_progress_by_handler(entry.entry_id)
            if flow["context"].get("source") == SOURCE_USER and flow["flow_id"] != self.flow_id
        ]
        fresh = dt_util.utcnow() - entry.created_at < _AFTER_SET_UP
        for flow_id in () if fresh else waiting:
            flows.async_abort(flow_id)
        return bool(waiting) and fresh

    @override
    async def async_step_finish(self, _user_input: Answers | None = None) -> ConfigFlowResult:
        """Save what was chosen on the pages before."""
        return self.async_create_entry(data=self._answers or dict(self.config_entry.options))

    async def async_step_preferences(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Ask for everything on one page."""
        stored = self.config_entry.options
        errors: dict[str, str] = {}
        state = self._state()
        if self._devices is None:
            self._devices = {**names_of(state), **await self._excluded()}
        flats = self._flats(state)
        if user_input is not None:
            options = options_from(user_input, self._devices, stored, flats=flats is not None)
            if is_suffix(options[CONF_SUFFIX]):
                self._answers = options
                self._from_preferences = True
                if options[CONF_WEBHOOK]:
                    return await self.async_step_webhook()
                return self.async_create_entry(data=options)
            errors["base"] = "invalid_suffix"
        return self.async_show_form(
            step_id="preferences",
            data_schema=self.add_suggested_values_to_schema(
                options_schema(self._devices, stored, flats), user_input or answers_of(stored)
            ),
            errors=errors,
        )

    async def async_step_webhook(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Show where to send messages and how to sign them; try it, or save."""
        entry = self.config_entry
        loaded = entry.state is ConfigEntryState.LOADED
        options = self._answers or dict(entry.options)
        if user_input is not None:
            told = {CONF_WEBHOOK: user_input[CONF_WEBHOOK]} if CONF_WEBHOOK in user_input else {}
            options = self._answers = {**options, **told}
            if not user_input.get(CONF_SELF_TEST):
                return self.async_create_entry(data=options)
            if loaded:
                self._tested = await async_self_test(self.hass, entry)
                return await self.async_step_webhook_tested()
        public = await async_public_address(self.hass, entry)
        is_open = entry.options.get(CONF_WEBHOOK, False)
        return self.async_show_form(
            step_id="webhook" if public else "webhook_local",
            data_schema=webhook_schema(
                asked=not self._from_preferences,
                stored=options.get(CONF_WEBHOOK, False),
                testable=is_open and loaded,
            ),
            description_placeholders={"url": public or local_address(self.hass, entry)},
        )

    async_step_webhook_local = async_step_webhook

    async def async_step_webhook_tested(
        self, _user_input: Answers | None = None
    ) -> ConfigFlowResult:
        """Say what became of the sample."""
        words, tested = await load_words(self.hass), self._tested
        outcome = words(f"webhook_test.options.{tested.outcome}") if tested else ""
        return self.async_show_menu(
            step_id="webhook_tested",
            menu_options=["webhook", "finish"],
            description_placeholders={
                "outcome": outcome,
                "status": str((tested and tested.status) or "\N{EN DASH}"),
            },
        )

    async def async_step_teach(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Show what was taught; what is unticked is taken back."""
        options = self.config_entry.options
        taught = options.get(CONF_TAUGHT, {})
        if not taught:
            return self.async_show_menu(step_id="teach_nothing", menu_options=["bell", "finish"])
        if user_input is not None:
            kept = {
                key: {
                    name: meaning
                    for name, meaning in names.items()
                    if f"{key}{_SEPARATOR}{name}" in user_input[CONF_TAUGHT]
                }
                for key, names in taught.items()
            }
            kept = {key: names for key, names in kept.items() if names}
            return self.async_create_entry(data={**options, CONF_TAUGHT: kept})
        return self.async_show_form(
            step_id="teach",
            data_schema=taught_schema(
                await told_taught(self.hass, taught, names_of(self._state()), _SEPARATOR)
            ),
        )

    async_step_teach_nothing = async_step_teach

    def _state(self) -> AccessState:
        """Return what is known of the project: nothing while the entry is not loaded."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return AccessState()
        state: AccessState = entry.runtime_data.coordinator.data
        return state

    def _flats(self, state: AccessState) -> tuple[str, ...] | None:
        """Return the flats that were called so far, None where no terminal calls any."""
        if not any(device.world is World.TERMINAL for device in state.devices.values()):
            return None
        known: tuple[str, ...] = self.config_entry.runtime_data.coordinator.known_flats
        return known

    async def _excluded(self) -> dict[str, str]:
        """Name the devices that are left out, which only the cloud can; gone ones are dropped."""
        excluded = self.config_entry.options.get(CONF_EXCLUDED, ())
        if not excluded:
            return {}
        try:
            records = await cloud_of(self.hass, self.config_entry.data).devices.list()
        except TuyaError:
            return {key: key for key in excluded}
        return {
            device_id(record): name_of(record)
            for record in records
            if device_id(record) in excluded
        }

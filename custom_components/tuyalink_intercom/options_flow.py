"""Changing the preferences of a project that is set up; the entry is reloaded by itself."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlowWithReload

import voluptuous as vol

from .api import TuyaError
from .connection import cloud_of
from .const import CONF_EXCLUDED, CONF_SUFFIX, CONF_WEBHOOK
from .flow_schemas import answers_of, is_suffix, names_of, options_from, options_schema
from .model.records import device_id, name_of
from .model.state import AccessState
from .webhook import async_public_address, local_address


class TuyaLinkOptionsFlow(OptionsFlowWithReload):
    """What to take of the project, how to hear of rings, how doors behave."""

    _devices: dict[str, str] | None = None
    _answers: dict[str, Any] | None = None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for everything on one page."""
        stored = self.config_entry.options
        errors: dict[str, str] = {}
        state = self._state()
        if self._devices is None:
            self._devices = {**names_of(state), **await self._excluded()}
        bolts = _bolts(state)
        if user_input is not None:
            options = options_from(user_input, self._devices, bolts, stored)
            if is_suffix(options[CONF_SUFFIX]):
                self._answers = options
                if options[CONF_WEBHOOK]:
                    return await self.async_step_webhook()
                return self.async_create_entry(data=options)
            errors["base"] = "invalid_suffix"
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                options_schema(self._devices, bolts, stored),
                user_input or answers_of(stored, bolts),
            ),
            errors=errors,
        )

    async def async_step_webhook(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show where to send messages and how to sign them; then save."""
        if user_input is not None:
            return self.async_create_entry(data=self._answers or {})
        public = await async_public_address(self.hass, self.config_entry)
        address = public or local_address(self.hass, self.config_entry)
        return self.async_show_form(
            step_id="webhook" if public else "webhook_local",
            data_schema=vol.Schema({}),
            description_placeholders={"url": address},
        )

    async_step_webhook_local = async_step_webhook

    def _state(self) -> AccessState:
        """Return what is known of the project: nothing while the entry is not loaded."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return AccessState()
        state: AccessState = entry.runtime_data.coordinator.data
        return state

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


def _bolts(state: AccessState) -> dict[str, str]:
    """Return the doors that report their bolt: label by the unique id of the door's entity."""
    return {
        f"{key}_{door.key}": f"{device.name} \N{EN DASH} {door.name or door.number}"
        for key, device in state.devices.items()
        for door in device.features.doors
        if door.bolt is not None
    }

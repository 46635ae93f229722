"""Setting a project up from the browser: new, with new keys, at other addresses, as one prefers.

Only the order of steps is here: `flow.survey` looks at the project, `flow.schemas` holds the
forms, `flow.texts` the words.
"""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
)
from homeassistant.core import callback

from .api import CUSTOM, EndpointError, QueueState, TuyaAuthError, TuyaError, custom_endpoints
from .connection import cloud_of, unique_id_of
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_DELIVERY,
    CONF_INVERTED,
    CONF_OPENAPI,
    CONF_PROJECT,
    CONF_QUEUE,
    CONF_REGION,
    CONF_RELOCK,
    CONF_SUFFIX,
    DEFAULT_RELOCK,
    DEFAULT_SUFFIX,
    DELIVERY_PRODUCTION,
    DOMAIN,
    TOPICS,
)
from .flow.options import PRESS_THE_BELL, TuyaLinkOptionsFlow
from .flow.published import PublishedDoorFlow
from .flow.schemas import (
    AUTOMATIC,
    CONF_ADVANCED,
    CUSTOM_RECONFIGURE_SCHEMA,
    CUSTOM_SCHEMA,
    SECRET_SCHEMA,
    is_suffix,
    keys_schema,
    names_of,
    preferences_from,
    project_schema,
)
from .flow.survey import Survey, find_region, look_at_queue, survey
from .flow.texts import told, told_error
from .publishing.doors import SUBENTRY_TYPE

# Once told, a user may well go on and mend the queue later; with refused keys there is no queue.
_ACCEPTABLE = frozenset(
    {
        QueueState.CONNECTED,
        QueueState.REFUSED_ENVIRONMENT,
        QueueState.REFUSED_SERVICE,
        QueueState.BUSY,
        QueueState.LOST,
    }
)

type Answers = dict[str, Any]


class TuyaLinkConfigFlow(ConfigFlow, domain=DOMAIN):
    """Access ID and secret, a look at the project, and what to take from it."""

    VERSION = 1

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._data: dict[str, str] = {}
        self._queues: dict[tuple[str, str], QueueState] = {}
        """What the user was told about each queue, by topic and suffix."""
        self._found: Survey

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> TuyaLinkOptionsFlow:
        return TuyaLinkOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_TYPE: PublishedDoorFlow}

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on to the bell: only the entry itself can listen, and only once it is loaded."""
        entry = result["result"]
        if entry.state is ConfigEntryState.LOADED:
            options = self.hass.config_entries.options
            bell = await options.async_init(
                entry.entry_id, context={"source": SOURCE_USER}, data=PRESS_THE_BELL
            )
            result["next_flow"] = (FlowType.OPTIONS_FLOW, bell["flow_id"])
        return result

    @override
    async def async_step_user(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Ask for the keys and the data center."""
        if user_input is None:
            return self._ask_keys()
        self._keys = _stripped(user_input)
        if self._keys[CONF_REGION] == CUSTOM:
            return await self.async_step_custom()
        self._addresses = {}
        return await self.async_step_look()

    async def async_step_custom(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Ask where a private cloud listens."""
        if user_input is None:
            return self._ask_addresses()
        self._addresses = user_input
        try:
            self._addresses = _addresses(user_input)
        except EndpointError as error:
            return self._ask_addresses(errors={error.field: f"invalid_{error.field}"})
        return await self.async_step_look()

    async def async_step_look(self, _user_input: Answers | None = None) -> ConfigFlowResult:
        """Look at the project, for the first time or again."""
        try:
            await self._look()
        except TuyaError as error:
            if self._keys[CONF_REGION] == CUSTOM and not isinstance(error, TuyaAuthError):
                return self._ask_addresses(error)
            return self._ask_keys(error)
        if self._found.state.devices:
            return await self.async_step_project()
        if self._found.state.others:
            return await self.async_step_no_doors()
        return await self.async_step_no_devices()

    async def async_step_no_devices(self, _user_input: Answers | None = None) -> ConfigFlowResult:
        """Explain how devices come into a project."""
        return await self._show_nothing("no_devices")

    async def async_step_no_doors(self, _user_input: Answers | None = None) -> ConfigFlowResult:
        """Explain why none of the project's devices is of use here."""
        return await self._show_nothing("no_doors")

    async def async_step_project(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Show what was found; ask what to take of it and how to hear of rings."""
        errors: dict[str, str] = {}
        devices = names_of(self._found.state)
        if user_input is not None:
            project = user_input[CONF_PROJECT].strip()
            options = preferences_from(user_input, devices)
            errors = await self._objections(project, options)
            if not errors:
                return self.async_create_entry(
                    title=project,
                    data={**self._data, CONF_PROJECT: project},
                    options={**options, CONF_RELOCK: DEFAULT_RELOCK, CONF_INVERTED: []},
                )
        return self.async_show_form(
            step_id="project",
            data_schema=self.add_suggested_values_to_schema(
                project_schema(devices),
                user_input or {CONF_ADVANCED: {CONF_SUFFIX: DEFAULT_SUFFIX}},
            ),
            errors=errors,
            description_placeholders=await told(self.hass, self._data, self._found),
            last_step=True,
        )

    async def async_step_reauth(self, _entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Tuya no longer takes the keys."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: Answers | None = None
    ) -> ConfigFlowResult:
        """Ask for the new secret of the same project."""
        entry, refusal = self._get_reauth_entry(), None
        if user_input is not None:
            data = {**entry.data, **_stripped(user_input)}
            refusal = await self._refusal(data)
            if refusal is None:
                return self.async_update_reload_and_abort(entry, data=data)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=SECRET_SCHEMA,
            errors=_errors(refusal),
            description_placeholders=_told_of(entry, refusal),
        )

    async def async_step_reconfigure(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Ask for another secret and, of a private cloud, other addresses."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        refusal = None
        if user_input is not None:
            data = {**entry.data, **_stripped(user_input)}
            try:
                if data[CONF_REGION] == CUSTOM:
                    data |= _addresses(data)
            except EndpointError as error:
                errors = {error.field: f"invalid_{error.field}"}
            else:
                refusal = await self._refusal(data)
                if refusal is None:
                    return self.async_update_reload_and_abort(entry, data=data)
                errors = _errors(refusal)
        custom = entry.data[CONF_REGION] == CUSTOM
        schema = CUSTOM_RECONFIGURE_SCHEMA if custom else SECRET_SCHEMA
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                schema, _without_secret({**entry.data, **(user_input or {})})
            ),
            errors=errors,
            description_placeholders=_told_of(entry, refusal),
        )

    async def _look(self) -> None:
        """Survey the project; TuyaError, or an abort if it is set up already."""
        data = {**self._keys, **self._addresses}
        if data[CONF_REGION] == AUTOMATIC:
            data[CONF_REGION] = await find_region(
                self.hass, data[CONF_ACCESS_ID], data[CONF_ACCESS_SECRET]
            )
        await self.async_set_unique_id(unique_id_of(data), raise_on_progress=False)
        self._abort_if_unique_id_configured()
        self._data = data
        self._queues = {}
        self._found = await survey(self.hass, data, ask_queue=not self._is_listening())
        if self._found.queue is not None:
            self._queues[DELIVERY_PRODUCTION, DEFAULT_SUFFIX] = self._found.queue

    async def _objections(self, project: str, options: Answers) -> dict[str, str]:
        """Return what speaks against finishing like this; a hint that was shown does not."""
        if not project:
            return {CONF_PROJECT: "project_missing"}
        delivery, suffix = options[CONF_DELIVERY], options[CONF_SUFFIX]
        if not is_suffix(suffix):
            return {"base": "invalid_suffix"}
        if delivery not in TOPICS or self._is_listening():
            return {}
        if self._queues.get((delivery, suffix)) in _ACCEPTABLE:
            return {}
        state = await look_at_queue(self.hass, self._data, TOPICS[delivery], suffix)
        self._queues[delivery, suffix] = state
        return {} if state is QueueState.CONNECTED else {CONF_DELIVERY: f"queue_{state}"}

    def _is_listening(self) -> bool:
        """Tell whether an entry of the project reads its queue: a second reader takes messages."""
        return any(
            entry.state is ConfigEntryState.LOADED
            and entry.data[CONF_ACCESS_ID] == self._keys[CONF_ACCESS_ID]
            for entry in self._async_current_entries(include_ignore=False)
        )

    async def _refusal(self, data: Mapping[str, str]) -> TuyaError | None:
        """Try changed data of an entry; abort if they belong to another project."""
        await self.async_set_unique_id(unique_id_of(data), raise_on_progress=False)
        self._abort_if_unique_id_mismatch()
        try:
            await cloud_of(self.hass, data).connect()
        except TuyaError as error:
            return error
        return None

    def _ask_keys(self, error: TuyaError | None = None) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                keys_schema(), _without_secret(self._keys)
            ),
            errors=_errors(error),
            description_placeholders=told_error(error),
        )

    def _ask_addresses(
        self, error: TuyaError | None = None, errors: dict[str, str] | None = None
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="custom",
            data_schema=self.add_suggested_values_to_schema(CUSTOM_SCHEMA, self._addresses),
            errors=errors or _errors(error),
            description_placeholders=told_error(error),
        )

    async def _show_nothing(self, step_id: str) -> ConfigFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["look", "user", "project"],
            description_placeholders=await told(self.hass, self._data, self._found),
        )


def _errors(error: TuyaError | None) -> dict[str, str]:
    return {} if error is None else {"base": error.reason.value}


def _told_of(entry: ConfigEntry, error: TuyaError | None) -> dict[str, str]:
    return {
        "project": entry.title,
        "access_id": entry.data[CONF_ACCESS_ID],
        **told_error(error),
    }


def _stripped(answers: Answers) -> dict[str, str]:
    """Return keys and addresses without the spaces that copying brings along."""
    return {key: value.strip() for key, value in answers.items()}


def _without_secret(data: Mapping[str, str]) -> dict[str, str]:
    """Return what may be sent back to the browser."""
    return {key: value for key, value in data.items() if key != CONF_ACCESS_SECRET}


def _addresses(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses of a private cloud as they are stored; raises EndpointError."""
    endpoints = custom_endpoints(answers[CONF_OPENAPI], answers[CONF_QUEUE])
    return {CONF_OPENAPI: str(endpoints.openapi), CONF_QUEUE: str(endpoints.queues[0])}

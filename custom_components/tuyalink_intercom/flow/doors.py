"""The options flow's pages about doors: choose one, say who may open it from here and how."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlowWithReload
from homeassistant.const import CONF_PIN
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
    TimeSelector,
)

import voluptuous as vol

from ..const import CONF_DOORS, CONF_INVERTED
from ..doors.options import (
    ADMIN_ONLY,
    OWN_PASSWORD,
    PIN_HASH,
    QUIET_FROM,
    QUIET_TO,
    RELOCK,
    REMOTE_KEY,
)
from ..doors.pin import async_hash, is_pin
from .door_list import ShownDoor, gone_doors, shown_doors
from .schemas import one_of
from .texts import plain

CONF_DOOR: Final = "door"
CONF_REMOVE_PIN: Final = "remove_pin"

type Answers = dict[str, Any]

# Browsers fill in no password of Home Assistant's here.
_PIN = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password"))
_RELOCK = NumberSelector(
    NumberSelectorConfig(
        min=1, max=3600, step=1, unit_of_measurement="s", mode=NumberSelectorMode.BOX
    )
)


class DoorSteps(OptionsFlowWithReload):
    """PIN, administrators, quiet hours, and how a door behaves: one door at a time."""

    _door: str | None = None

    async def async_step_doors(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Let the user choose a door."""
        entry = self.config_entry
        labels = {key: door.label for key, door in shown_doors(self.hass, entry).items()}
        if not labels:
            return self.async_show_menu(
                step_id="doors_none", menu_options=["preferences", "finish"]
            )
        if user_input is not None:
            self._door = user_input[CONF_DOOR]
            return await self.async_step_door()
        loaded = entry.state is ConfigEntryState.LOADED
        return self.async_show_form(
            step_id="doors" if loaded else "doors_not_loaded",
            data_schema=vol.Schema({vol.Required(CONF_DOOR): one_of(labels)}),
            last_step=False,
        )

    async_step_doors_not_loaded = async_step_doors
    async_step_doors_none = async_step_doors

    async def async_step_door(self, user_input: Answers | None = None) -> ConfigFlowResult:
        """Ask for everything about the door; a PIN that was typed is never shown again."""
        key = self._door or ""
        door = shown_doors(self.hass, self.config_entry).get(key)
        if door is None:
            return await self.async_step_doors()
        options = self.config_entry.options
        stored: Mapping[str, Any] = options.get(CONF_DOORS, {}).get(key, {})
        errors = {} if user_input is None else _objections(user_input, stored)
        if user_input is not None and not errors:
            own = await self._own_from(user_input, stored, door)
            return self.async_create_entry(data=await self._options_with(key, own, user_input))
        shown = user_input or {**stored, CONF_INVERTED: key in options.get(CONF_INVERTED, ())}
        return self.async_show_form(
            step_id="door",
            data_schema=self.add_suggested_values_to_schema(
                _schema(door, has_pin=PIN_HASH in stored),
                {name: value for name, value in shown.items() if name not in {CONF_PIN, PIN_HASH}},
            ),
            errors=errors,
            description_placeholders={"door": plain(door.label)},
        )

    async def _own_from(
        self, answers: Answers, stored: Mapping[str, Any], door: ShownDoor
    ) -> dict[str, Any]:
        """Return the door's options; what was not asked stays as it was stored."""
        asked = {ADMIN_ONLY, QUIET_FROM, QUIET_TO, *_offered(door)}
        own = {name: value for name, value in stored.items() if name not in asked}
        own |= {name: answers[name] for name in asked if answers.get(name)}
        if RELOCK in own:
            own[RELOCK] = int(own[RELOCK])
        if answers.get(CONF_REMOVE_PIN):
            own.pop(PIN_HASH, None)
        if pin := answers.get(CONF_PIN):
            own[PIN_HASH] = await async_hash(self.hass, pin)
        return own

    async def _options_with(
        self, key: str, own: dict[str, Any], answers: Answers
    ) -> dict[str, Any]:
        """Return all options; doors whose device left the project are left out."""
        entry = self.config_entry
        doors = {**entry.options.get(CONF_DOORS, {}), key: own}
        inverted = [*entry.options.get(CONF_INVERTED, ())]
        if CONF_INVERTED in answers:
            others = [one for one in inverted if one != key]
            inverted = [*others, key] if answers[CONF_INVERTED] else others
        gone = await gone_doors(entry, {*doors, *inverted})
        return {
            **entry.options,
            CONF_DOORS: {one: told for one, told in doors.items() if told and one not in gone},
            CONF_INVERTED: [one for one in inverted if one not in gone],
        }


def _offered(door: ShownDoor) -> dict[str, Any]:
    """Return the fields that only some doors have."""
    fields = {
        RELOCK: (door.momentary, _RELOCK),
        REMOTE_KEY: (door.takes_remote_key, BooleanSelector()),
        OWN_PASSWORD: (door.takes_password, BooleanSelector()),
    }
    return {name: field for name, (offered, field) in fields.items() if offered}


def _schema(door: ShownDoor, *, has_pin: bool) -> vol.Schema:
    fields: dict[Any, Any] = {vol.Optional(CONF_PIN): _PIN}
    if has_pin:
        fields[vol.Required(CONF_REMOVE_PIN, default=False)] = BooleanSelector()
    fields[vol.Required(ADMIN_ONLY, default=False)] = BooleanSelector()
    fields |= {vol.Optional(name): TimeSelector() for name in (QUIET_FROM, QUIET_TO)}
    if door.has_bolt:
        fields[vol.Required(CONF_INVERTED, default=False)] = BooleanSelector()
    for name, field in _offered(door).items():
        boolean = isinstance(field, BooleanSelector)
        fields[vol.Required(name, default=False) if boolean else vol.Optional(name)] = field
    return vol.Schema(fields)


def _objections(answers: Answers, stored: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the answers, by field."""
    errors: dict[str, str] = {}
    pin, removed = answers.get(CONF_PIN), answers.get(CONF_REMOVE_PIN, False)
    has_pin = pin or (PIN_HASH in stored and not removed)
    if pin and not is_pin(pin):
        errors[CONF_PIN] = "invalid_pin"
    elif pin and removed:
        errors[CONF_REMOVE_PIN] = "pin_and_removal"
    elif has_pin and answers.get(OWN_PASSWORD, stored.get(OWN_PASSWORD)):
        errors[OWN_PASSWORD if OWN_PASSWORD in answers else CONF_PIN] = "pin_and_password"
    if bool(answers.get(QUIET_FROM)) is not bool(answers.get(QUIET_TO)):
        errors[QUIET_TO if answers.get(QUIET_FROM) else QUIET_FROM] = "half_quiet"
    return errors

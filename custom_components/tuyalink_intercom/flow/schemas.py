"""The forms of the config and options flows, and how their answers become entry options."""

from collections import Counter
from collections.abc import Collection, Mapping
import re
from typing import Any, Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from ..api import regions
from ..const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_APP_UID,
    CONF_DELIVERY,
    CONF_EXCLUDED,
    CONF_FLATS,
    CONF_OPENAPI,
    CONF_PROJECT,
    CONF_QUEUE,
    CONF_REGION,
    CONF_RELOCK,
    CONF_SUFFIX,
    CONF_TAUGHT,
    CONF_TRIAL_END,
    CONF_WEBHOOK,
    DEFAULT_RELOCK,
    DEFAULT_SUFFIX,
    DELIVERIES,
    DELIVERY_PRODUCTION,
)
from ..model.flats import chosen
from ..model.state import AccessState, Meaning

AUTOMATIC: Final = "automatic"
CONF_DEVICES: Final = "devices"
CONF_ADVANCED: Final = "advanced"
CONF_SELF_TEST: Final = "self_test"

# Part of an address on the queue's side; Tuya documents letters and digits.
_LISTED: Final = 10
"""So many choices are seen at a glance."""
_SUFFIX: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_ADDRESS = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
_DELIVERY = SelectSelector(
    SelectSelectorConfig(
        options=list(DELIVERIES), mode=SelectSelectorMode.LIST, translation_key="delivery"
    )
)
_RELOCK = NumberSelector(
    NumberSelectorConfig(
        min=1, max=60, step=1, unit_of_measurement="s", mode=NumberSelectorMode.BOX
    )
)

SECRET_SCHEMA: Final = vol.Schema({vol.Required(CONF_ACCESS_SECRET): _PASSWORD})
CUSTOM_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_OPENAPI): _ADDRESS, vol.Required(CONF_QUEUE): _ADDRESS}
)
_ADVANCED: Final = {
    vol.Optional(CONF_ADVANCED): section(
        vol.Schema({vol.Optional(CONF_SUFFIX): TextSelector()}), {"collapsed": True}
    )
}
CUSTOM_RECONFIGURE_SCHEMA: Final = SECRET_SCHEMA.extend(CUSTOM_SCHEMA.schema)


def names_of(state: AccessState) -> dict[str, str]:
    """Return the devices to choose from: name by id."""
    return {key: device.name for key, device in state.devices.items()}


def keys_schema() -> vol.Schema:
    """Return the form for the keys and the data center."""
    places = [AUTOMATIC, *regions.REGIONS, regions.CUSTOM]
    return vol.Schema(
        {
            vol.Required(CONF_ACCESS_ID): TextSelector(),
            vol.Required(CONF_ACCESS_SECRET): _PASSWORD,
            vol.Required(CONF_REGION, default=AUTOMATIC): SelectSelector(
                SelectSelectorConfig(
                    options=places, mode=SelectSelectorMode.DROPDOWN, translation_key="region"
                )
            ),
        }
    )


def project_schema(devices: Mapping[str, str]) -> vol.Schema:
    """Return the form for a project with these devices (name by id)."""
    return vol.Schema(
        {vol.Required(CONF_PROJECT): TextSelector(), **_preferences(devices, ()), **_ADVANCED}
    )


def options_schema(
    devices: Mapping[str, str], options: Mapping[str, Any], flats: Collection[str] | None
) -> vol.Schema:
    """Return the form for an entry's options.

    `flats`: addresses that were called so far, None where no terminal calls flats.
    """
    fields: dict[Any, Any] = _preferences(devices, options.get(CONF_EXCLUDED, ()))
    fields[vol.Required(CONF_WEBHOOK, default=False)] = BooleanSelector()
    fields[vol.Required(CONF_RELOCK, default=DEFAULT_RELOCK)] = _RELOCK
    if flats is not None:
        fields[vol.Optional(CONF_FLATS)] = _flats({*flats, *options.get(CONF_FLATS, ())})
    fields[vol.Optional(CONF_TRIAL_END)] = DateSelector()
    return vol.Schema({**fields, **_ADVANCED})


def webhook_schema(*, asked: bool, stored: bool, testable: bool) -> vol.Schema:
    """Return the form for the webhook: whether to use it, and whether to try it now."""
    fields: dict[Any, Any] = {}
    if asked:
        fields[vol.Required(CONF_WEBHOOK, default=stored)] = BooleanSelector()
    if testable:
        fields[vol.Required(CONF_SELF_TEST, default=False)] = BooleanSelector()
    return vol.Schema(fields)


def heard_schema(heard: Mapping[str, str]) -> vol.Schema:
    """Return the form to say what messages were; `heard`: label by key."""
    return vol.Schema(
        {
            vol.Optional(meaning.value, default=[]): _choice(heard)
            for meaning in (Meaning.RING, Meaning.DOOR, Meaning.PICTURE)
        }
    )


def taught_schema(taught: Mapping[str, str]) -> vol.Schema:
    """Return the form to take back what was taught; `taught`: label by key."""
    return vol.Schema({vol.Optional(CONF_TAUGHT, default=[*taught]): _choice(taught)})


def _flats(known: Collection[str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=sorted(known),
            multiple=True,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def _preferences(devices: Mapping[str, str], excluded: Collection[str]) -> dict[Any, Any]:
    fields: dict[Any, Any] = {}
    if devices:
        used = [key for key in devices if key not in excluded]
        fields[vol.Required(CONF_DEVICES, default=used)] = _choice(devices)
    fields[vol.Required(CONF_DELIVERY, default=DELIVERY_PRODUCTION)] = _DELIVERY
    fields[vol.Optional(CONF_APP_UID)] = TextSelector()
    return fields


def one_of(labels: Mapping[str, str]) -> SelectSelector:
    """Return a list of which one is chosen; equal labels are told apart by the end of their id."""
    return _choice(labels, multiple=False)


def _choice(labels: Mapping[str, str], *, multiple: bool = True) -> SelectSelector:
    taken = Counter(labels.values())
    options = [
        SelectOptionDict(value=key, label=f"{label} (…{key[-4:]})" if taken[label] > 1 else label)
        for key, label in labels.items()
    ]
    # What is ticked has to be seen; of many, one is found faster by typing.
    shown = multiple or len(options) <= _LISTED
    mode = SelectSelectorMode.LIST if shown else SelectSelectorMode.DROPDOWN
    return SelectSelector(SelectSelectorConfig(options=options, multiple=multiple, mode=mode))


def preferences_from(answers: Mapping[str, Any], devices: Mapping[str, str]) -> dict[str, Any]:
    """Return the options both flows ask for; of the devices, those that were unticked."""
    used = answers.get(CONF_DEVICES, devices)
    suffix = answers.get(CONF_ADVANCED, {}).get(CONF_SUFFIX, "").strip()
    return {
        CONF_EXCLUDED: [key for key in devices if key not in used],
        CONF_DELIVERY: answers[CONF_DELIVERY],
        CONF_SUFFIX: suffix or DEFAULT_SUFFIX,
        CONF_APP_UID: answers.get(CONF_APP_UID, "").strip(),
    }


def options_from(
    answers: Mapping[str, Any],
    devices: Mapping[str, str],
    stored: Mapping[str, Any],
    *,
    flats: bool,
) -> dict[str, Any]:
    """Return an entry's options; what could not be shown stays as it was stored.

    `flats`: whether they were asked for.
    """
    kept = {key: value for key, value in stored.items() if key != CONF_TRIAL_END}
    trial = {key: answers[key] for key in (CONF_TRIAL_END,) if answers.get(key)}
    return {
        **kept,
        **preferences_from(answers, devices),
        CONF_WEBHOOK: answers[CONF_WEBHOOK],
        CONF_RELOCK: answers[CONF_RELOCK],
        **_flats_from(answers, stored, asked=flats),
        **trial,
    }


def _flats_from(
    answers: Mapping[str, Any], stored: Mapping[str, Any], *, asked: bool
) -> dict[str, list[str]]:
    """Return the user's flats: nothing until they were told, none of them once all were removed."""
    if asked and (CONF_FLATS in answers or CONF_FLATS in stored):
        return {CONF_FLATS: chosen(answers.get(CONF_FLATS, ()))}
    return {}


def answers_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that an entry's options came from, to show them again."""
    return {
        **{key: value for key, value in stored.items() if key != CONF_SUFFIX},
        CONF_ADVANCED: {CONF_SUFFIX: stored.get(CONF_SUFFIX, DEFAULT_SUFFIX)},
    }


def is_suffix(text: str) -> bool:
    """Tell whether a text will do as the end of a subscription's name."""
    return _SUFFIX.fullmatch(text) is not None

"""The forms about a published door, and how their answers become a subentry's data."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    QrCodeSelector,
    QrCodeSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)

import voluptuous as vol

from ..model.publication import (
    ACTION_CODES,
    BINDING,
    CODES,
    CONTROL,
    GATEWAY,
    GROUP_ID,
    PRODUCT_ID,
    QUIET_FROM,
    QUIET_TO,
    ROLE_CODES,
    SEVERAL,
    Binding,
    Part,
    Publication,
    Role,
    action_code,
)
from .schemas import one_of

CONF_CODES: Final = "codes"
"""Section of the product's page: a code by role, and by the entity of a further action."""
CONF_QR_CODE: Final = "qr_code"

_LEAVES = ["door", "garage_door", "opening", "window", "lock"]
_PICKED: Mapping[Part, EntitySelectorConfig] = {
    Part.LOCK: EntitySelectorConfig(domain="lock"),
    Part.DOORBELL: EntitySelectorConfig(domain="event"),
    Part.LEAF: EntitySelectorConfig(domain="binary_sensor", device_class=_LEAVES),
    Part.ACCESS: EntitySelectorConfig(domain="event"),
    Part.ALARMS: EntitySelectorConfig(domain=["binary_sensor", "event"]),
    Part.BATTERY: EntitySelectorConfig(domain="sensor", device_class="battery"),
    Part.PICTURE: EntitySelectorConfig(domain=["image", "camera"]),
    Part.ACTIONS: EntitySelectorConfig(
        domain=["script", "button", "input_button", "scene", "switch"]
    ),
}
_BINDING = SelectSelector(
    SelectSelectorConfig(
        options=[Binding.QR_CODE.value, Binding.GROUP.value, Binding.NONE.value],
        mode=SelectSelectorMode.LIST,
        translation_key="binding",
    )
)

ENTITIES_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_NAME): TextSelector(),
        **{
            vol.Optional(part.value): EntitySelector(
                EntitySelectorConfig(**picked, multiple=part in SEVERAL)
            )
            for part, picked in _PICKED.items()
        },
    }
)
CONTROL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONTROL, default=False): BooleanSelector(),
        vol.Optional(QUIET_FROM): TimeSelector(),
        vol.Optional(QUIET_TO): TimeSelector(),
    }
)


def product_schema(
    publication: Publication, gateways: Mapping[str, str], *, unfolded: bool
) -> vol.Schema:
    """Return the form about the product.

    `gateways`: published doors it can be behind, name by our own id.
    """
    fields: dict[Any, Any] = {
        vol.Required(PRODUCT_ID): TextSelector(),
        vol.Required(BINDING, default=Binding.QR_CODE.value): _BINDING,
        vol.Optional(GROUP_ID): TextSelector(),
    }
    if gateways:
        fields[vol.Optional(GATEWAY)] = one_of(gateways)
    coded = [*publication.codes, *publication.entities.get(Part.ACTIONS, ())]
    codes = vol.Schema({vol.Optional(str(one)): TextSelector() for one in coded})
    fields[vol.Required(CONF_CODES)] = section(codes, {"collapsed": not unfolded})
    return vol.Schema(fields)


def qr_schema(held: str) -> vol.Schema:
    """Return the page with the code that an app user scans."""
    code = QrCodeSelector(QrCodeSelectorConfig(data=held, scale=6))
    return vol.Schema({vol.Optional(CONF_QR_CODE): code})


def with_entities(data: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with the entities that were chosen, and with no others."""
    chosen = {part.value: answers[part] for part in Part if answers.get(part)}
    return {**_without(data, Part), **chosen}


def with_product(data: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with what was said of the product; codes as they are by default are left out.

    Codes of parts and actions that the door has no more stay: it may have them again.
    """
    typed = {one: code.strip() for one, code in answers[CONF_CODES].items()}
    told = {PRODUCT_ID: answers[PRODUCT_ID].strip(), BINDING: answers[BINDING]}
    if gateway := answers.get(GATEWAY):
        told[GATEWAY] = gateway
    if answers[BINDING] == Binding.GROUP:
        told[GROUP_ID] = answers.get(GROUP_ID, "").strip()
    codes = {role.value: code for role in Role if (code := typed.get(role)) and code != CODES[role]}
    actions = {
        one: code
        for one in data.get(Part.ACTIONS, ())
        if (code := typed.get(one, "")) and code != action_code(one)
    }
    asked = (PRODUCT_ID, BINDING, GATEWAY, GROUP_ID, ROLE_CODES, ACTION_CODES)
    return {**_without(data, asked), **told, ROLE_CODES: codes, ACTION_CODES: actions}


def product_answers(
    publication: Publication, data: Mapping[str, Any], gateways: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the form about the product shows before anything is typed."""
    codes = {role.value: code for role, code in publication.codes.items()}
    own = data.get(ACTION_CODES, {})
    actions = publication.entities.get(Part.ACTIONS, ())
    codes |= {one: own.get(one) or action_code(one) for one in actions}
    shown = data if data.get(GATEWAY) in gateways else _without(data, [GATEWAY])
    return {**shown, CONF_CODES: codes}


def with_control(data: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with what Tuya's side may do."""
    asked = (CONTROL, QUIET_FROM, QUIET_TO)
    told = {one: answers[one] for one in asked if answers.get(one)}
    return {**_without(data, asked), CONTROL: False, **told}


def _without(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    left_out = {*map(str, names)}
    return {name: told for name, told in data.items() if name not in left_out}

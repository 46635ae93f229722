"""What speaks against a published door as it was filled in, by the field where it stands."""

from collections.abc import Iterator, Mapping
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..model.function_list import code_fault
from ..model.publication import (
    ACTION_CODES,
    BINDING,
    GROUP_ID,
    LONGEST_NAME,
    PRODUCT_ID,
    QUIET_FROM,
    QUIET_TO,
    ROLE_CODES,
    SHORTEST_NAME,
    Binding,
    Part,
    Publication,
    action_code,
)
from ..publishing.own import is_own

_PRODUCT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PRIMARY = (Part.LOCK, Part.DOORBELL, Part.LEAF)
"""What makes a door: at least one of them, the first that is there stands for it."""

type Errors = dict[str, str]


def primary_of(data: Mapping[str, Any]) -> str | None:
    """Return the entity that stands for a door."""
    return next((data[part] for part in _PRIMARY if data.get(part)), None)


def entity_objections(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    others: tuple[ConfigSubentry, ...],
    name: str,
    data: Mapping[str, Any],
) -> Errors:
    """Return what is wrong with a name and the entities of a subentry's data."""
    errors: Errors = {}
    taken = {primary_of(other.data) for other in others}
    seen: set[str] = set()
    for part, entity_id in _chosen(data):
        if not _exists(hass, entity_id):
            errors.setdefault(part, "entity_missing")
        elif is_own(hass, entry, entity_id):
            errors.setdefault(part, "entity_own")
        elif entity_id in seen:
            errors.setdefault(part, "entity_twice")
        elif entity_id in taken and entity_id == primary_of(data):
            errors.setdefault(part, "entity_taken")
        seen.add(entity_id)
    if primary_of(data) is None:
        errors["base"] = "no_door"
    elif not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        errors[CONF_NAME] = "name_length"
    return errors


def product_objections(
    entry: ConfigEntry[Any], publication: Publication, data: Mapping[str, Any]
) -> tuple[Errors, str]:
    """Return what is wrong with product, binding and codes; and the code that is meant."""
    errors: Errors = {}
    devices = entry.runtime_data.coordinator.data.devices
    if not _PRODUCT_ID.fullmatch(data[PRODUCT_ID]):
        errors[PRODUCT_ID] = "product_characters"
    elif any(device.product_id == data[PRODUCT_ID] for device in devices.values()):
        errors[PRODUCT_ID] = "product_of_device"
    if data[BINDING] == Binding.GROUP and not data[GROUP_ID]:
        errors[GROUP_ID] = "group_missing"
    faults = {code: fault for code in _codes(data) if (fault := code_fault(code))}
    for code, fault in faults.items():
        return {**errors, "base": fault.value}, code
    if publication.doubled:
        return {**errors, "base": "code_doubled"}, publication.doubled[0]
    return errors, ""


def control_objections(answers: Mapping[str, Any]) -> Errors:
    """Return what is wrong with quiet hours."""
    start, end = answers.get(QUIET_FROM), answers.get(QUIET_TO)
    return {} if bool(start) is bool(end) else {QUIET_TO if start else QUIET_FROM: "half_quiet"}


def _chosen(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for part in Part:
        told = data.get(part, [])
        for entity_id in [told] if isinstance(told, str) else told:
            yield part.value, entity_id


def _codes(data: Mapping[str, Any]) -> Iterator[str]:
    yield from data[ROLE_CODES].values()
    for entity_id in data.get(Part.ACTIONS, ()):
        yield data[ACTION_CODES].get(entity_id) or action_code(entity_id)


def _exists(hass: HomeAssistant, entity_id: str) -> bool:
    known = er.async_get(hass).async_get(entity_id) is not None
    return known or hass.states.get(entity_id) is not None

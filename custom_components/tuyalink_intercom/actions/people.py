"""Actions about names: who is known and by whose word, and what the owner calls them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID, ATTR_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

import voluptuous as vol

from ..captures.gallery import devices_of, project_of, projects
from ..const import DOMAIN
from ..model.people import key_of
from ..model.registry import Origin, Registry, Somebody, Subject, credential, everybody, nameless
from ..model.state import Method
from ..people.naming import LONGEST, async_forget, async_name
from ..runtime import TuyaLinkConfigEntry
from .targets import Answer, Target, async_each, for_admins, refusal

ATTR_PERSON: Final = "person"
ATTR_METHOD: Final = "method"
ATTR_SLOT: Final = "slot"
_MOST_SLOT: Final = 0xFFFF

_PROJECT: Mapping[Any, Any] = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_WHO = {**_PROJECT, vol.Required(ATTR_PERSON): vol.All(cv.string, vol.Length(min=1))}
_CALLED = vol.All(cv.string, vol.Length(max=LONGEST))
_NAME_SLOT = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_METHOD): vol.Coerce(Method),
        vol.Required(ATTR_SLOT): vol.All(vol.Coerce(int), vol.Range(min=0, max=_MOST_SLOT)),
        vol.Optional(ATTR_NAME, default=""): _CALLED,
    }
)
_NAME_PERSON = vol.Schema({**_WHO, vol.Optional(ATTR_NAME, default=""): _CALLED})

type _Meant = list[tuple[TuyaLinkConfigEntry, tuple[Subject, ...]]]


@callback
def async_register_people(hass: HomeAssistant) -> None:
    """Register the actions about names."""
    optional, only = SupportsResponse.OPTIONAL, SupportsResponse.ONLY
    for name, handler, schema, response in (
        ("get_people", _get_people, vol.Schema({**_PROJECT}), only),
        ("name_person", _name_person, _NAME_PERSON, optional),
        ("name_slot", _name_slot, _NAME_SLOT, optional),
        ("forget_person", _forget_person, vol.Schema(_WHO), optional),
    ):
        hass.services.async_register(
            DOMAIN, name, for_admins(handler), schema=schema, supports_response=response
        )


async def _get_people(call: ServiceCall) -> ServiceResponse:
    people: list[JsonValueType] = []
    unknown: list[JsonValueType] = []
    for entry in _projects(call):
        registry = entry.runtime_data.coordinator.people.known
        told = _Told(call.hass, entry, registry)
        people += [told.somebody(one) for one in everybody(registry)]
        unknown += [told.nameless(one, seen) for one, seen in nameless(registry) if one[0]]
    return {"people": people, "unknown": unknown}


async def _name_person(call: ServiceCall) -> ServiceResponse:
    names: list[JsonValueType] = []
    for entry, subjects in _meant(call):
        coordinator = entry.runtime_data.coordinator
        async_name(coordinator, subjects, call.data[ATTR_NAME])
        names.append(coordinator.people.known.name(subjects[0]))
    return {"name": names[0]}


async def _name_slot(call: ServiceCall) -> ServiceResponse:
    key = key_of(call.data[ATTR_METHOD], call.data[ATTR_SLOT])

    async def name(target: Target) -> Answer:
        coordinator, subject = target.entry.runtime_data.coordinator, (target.device.id, key)
        async_name(coordinator, [subject], call.data[ATTR_NAME])
        return {"name": coordinator.people.known.name(subject)}

    return await async_each(call, name)


async def _forget_person(call: ServiceCall) -> ServiceResponse:
    forgotten = 0
    for entry, subjects in _meant(call):
        async_forget(entry.runtime_data.coordinator, subjects)
        forgotten += len(subjects)
    return {"forgotten": forgotten}


def _projects(call: ServiceCall) -> list[TuyaLinkConfigEntry]:
    """Return the projects that an action is for; raise a translated error if none runs."""
    if ATTR_CONFIG_ENTRY_ID not in call.data:
        found = projects(call.hass)
    else:
        entry = project_of(call.hass, call.data[ATTR_CONFIG_ENTRY_ID])
        found = [] if entry is None else [entry]
    if not found:
        raise refusal("no_project")
    return found


def _meant(call: ServiceCall) -> _Meant:
    """Return who is meant by id or name; raise a translated error for nobody, or for several."""
    found: _Meant = []
    for entry in _projects(call):
        subjects = entry.runtime_data.coordinator.people.known.called(call.data[ATTR_PERSON])
        if sum(not place for place, _ in subjects) > 1:
            raise refusal("who_ambiguous")
        if subjects:
            found.append((entry, subjects))
    if not found:
        raise refusal("who_unknown")
    return found


class _Told:
    """What is answered about the people of a project."""

    def __init__(self, hass: HomeAssistant, entry: TuyaLinkConfigEntry, registry: Registry) -> None:
        self._entry = entry
        self._registry = registry
        self._devices = devices_of(hass, entry)

    def somebody(self, one: Somebody) -> Answer:
        """Return a person, or a name that only numbers have."""
        return {
            ATTR_CONFIG_ENTRY_ID: self._entry.entry_id,
            "id": one.id or None,
            "name": one.name or None,
            "known_from": [origin.value for origin in Origin if origin in one.origins],
            "named_here": Origin.OWNER in one.origins,
            "credentials": [*self._credentials(one.numbers)],
            "last_seen": None if one.name else _iso(one.seen),
        }

    def nameless(self, subject: Subject, seen: float) -> Answer:
        """Return a number that nobody has a name for."""
        return {**self._credential(subject), "last_seen": _iso(seen)}

    def _credentials(self, subjects: tuple[Subject, ...]) -> Iterator[JsonValueType]:
        for subject in sorted(subjects):
            named_here = bool(self._registry.known[subject].owner)
            yield {**self._credential(subject), "named_here": named_here}

    def _credential(self, subject: Subject) -> dict[str, Any]:
        device, told = self._devices.get(subject[0]), credential(subject[1])
        method, slot = told or (Method.OTHER, None)
        return {
            ATTR_DEVICE_ID: None if device is None else device.id,
            ATTR_METHOD: method.value,
            ATTR_SLOT: slot,
        }


def _iso(time: float | None) -> str | None:
    return None if time is None else dt_util.utc_from_timestamp(time).isoformat()

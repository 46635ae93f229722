"""Actions about the persons of building terminals: who they are, and when they may pass."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

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

from ..keys.persons import Carrier, Send, TerminalKeys, at_once, one, to_be
from ..model.keys import Key, KeyKind, KeyState
from ..model.persons import (
    Person,
    PersonProblem,
    PersonRefusedError,
    body_of,
    shown_as,
)
from .person_fields import PERSON_FIELDS, key_of, person_of
from .targets import Answer, async_in_turn
from .terminals import (
    FORGET,
    FORGETTING,
    PERSON,
    STATE,
    TEXT,
    Fields,
    Plan,
    async_register,
    async_terminals,
    planned,
)

_MOST: Final = 100
_APP: Final = "app"
_UNKNOWN: Final = "unknown"
"""How somebody stands whom others told the terminal of."""
_PEOPLE = vol.All(cv.ensure_list, [TEXT], vol.Length(min=1, max=_MOST))
_ROWS = vol.All(cv.ensure_list, [vol.Schema(PERSON_FIELDS)], vol.Length(min=1, max=_MOST))
_ONE: Final = {vol.Required(PERSON): TEXT}


@callback
def async_register_persons(hass: HomeAssistant) -> None:
    """Register the actions about persons."""
    kind = KeyKind.PERSON
    async_register(hass, "set_person", planned(kind, _set_person), PERSON_FIELDS)
    async_register(hass, "add_persons", _add_persons, {vol.Required("persons"): _ROWS})
    fields: dict[Any, Any] = {vol.Required(PERSON): _PEOPLE, **FORGETTING}
    async_register(hass, "remove_person", _remove_person, fields)
    async_register(hass, "get_persons", _get_persons, {}, SupportsResponse.ONLY)
    leave = KeyKind.PERMISSION
    async_register(hass, "allow_person", planned(leave, _allow), _ONE)
    async_register(hass, "disallow_person", planned(leave, _disallow), _ONE)


def _set_person(terminal: TerminalKeys, fields: Fields) -> Plan:
    person, known = person_of(terminal, fields)
    key, body = key_of(terminal, person, known), body_of(person)
    device, calls = terminal.device.id, terminal.calls
    if known is not None and known.state is KeyState.ACTIVE:
        return Plan(
            keys=[key],
            send=lambda: one(calls.update(device, person.id, body)),
            told=_named(person),
        )
    return Plan(
        keys=[key], send=lambda: one(calls.add(device, person.id, body)), told=_named(person)
    )


async def _add_persons(call: ServiceCall) -> ServiceResponse:
    """Tell terminals of several persons at once."""
    plans = {}
    for entity_id, terminal in (await async_terminals(call, KeyKind.PERSON)).items():
        people = [person_of(terminal, row) for row in call.data["persons"]]
        _require_each_once(person.id for person, _ in people)
        plans[entity_id] = partial(_added, terminal, people)
    return await async_in_turn(call, plans)


async def _added(terminal: TerminalKeys, people: list[tuple[Person, Key | None]]) -> Answer:
    keys = [key_of(terminal, person, known) for person, known in people]
    rows = [{"person_id": person.id, **body_of(person)} for person, _ in people]
    states = await terminal.write(keys, _adding(terminal, rows))
    told: list[JsonValueType] = [
        {**_named(person), STATE: state} for (person, _), state in zip(people, states, strict=True)
    ]
    return {"persons": told}


def _adding(terminal: TerminalKeys, rows: list[dict[str, Any]]) -> Send:
    return lambda: terminal.calls.add_many(terminal.device.id, rows)


async def _remove_person(call: ServiceCall) -> ServiceResponse:
    """Delete persons and all that they carry; one alone is answered as by other actions."""
    plans = {}
    for entity_id, terminal in (await async_terminals(call, KeyKind.PERSON)).items():
        people = [terminal.carrier(told) for told in call.data[PERSON]]
        _require_each_once(carrier.id for carrier in people)
        plans[entity_id] = partial(_removed, terminal, people, forget=call.data[FORGET])
    return await async_in_turn(call, plans)


async def _removed(terminal: TerminalKeys, people: list[Carrier], *, forget: bool) -> Answer:
    keys = [to_be(terminal.person_key(carrier), None) for carrier in people]
    send = _removing(terminal, [carrier.id for carrier in people])
    states = await (terminal.give_up(keys, send) if forget else terminal.write(keys, send))
    told: list[Answer] = [
        {"person_id": carrier.id, "name": carrier.name, STATE: state}
        for carrier, state in zip(people, states, strict=True)
    ]
    return told[0] if len(told) == 1 else {"persons": [*told]}


def _removing(terminal: TerminalKeys, ids: list[str]) -> Send:
    calls, device_id = terminal.calls, terminal.device.id

    async def send() -> Sequence[str]:
        for person_id in ids:
            # That leave is Tuya's own and would outlive the person at the terminal.
            if terminal.carried(person_id, KeyKind.PERMISSION):
                await calls.disallow(device_id, person_id)
        if len(ids) == 1:
            return await one(calls.remove(device_id, ids[0]))
        return await calls.remove_many(device_id, ids)

    return send


async def _get_persons(call: ServiceCall) -> ServiceResponse:
    """Answer who was told to each terminal from here, and what each carries."""
    answer: Answer = {}
    for entity_id, terminal in (await async_terminals(call, KeyKind.PERSON)).items():
        await terminal.ask_again()
        told: list[JsonValueType] = [_described(terminal, key) for key in terminal.persons()]
        for person_id, name in terminal.strangers().items():
            keys = _keys(terminal, person_id)
            told.append({"person_id": person_id, "name": name, STATE: _UNKNOWN, "keys": keys})
        answer[entity_id] = {"persons": told}
    return answer


def _described(terminal: TerminalKeys, person: Key) -> dict[str, JsonValueType]:
    return {
        "person_id": person.id,
        "name": person.name,
        STATE: person.state.value,
        "start": _iso(person.start),
        "end": _iso(person.end),
        "keys": _keys(terminal, person.id),
    }


def _keys(terminal: TerminalKeys, person_id: str) -> list[JsonValueType]:
    return [
        {"kind": key.kind.value, "id": shown_as(key), STATE: key.state.value}
        for key in terminal.carried(person_id)
    ]


def _allow(terminal: TerminalKeys, fields: Fields) -> Plan:
    carrier = terminal.carrier(fields[PERSON])
    return Plan(
        keys=[to_be(terminal.key(KeyKind.PERMISSION, carrier, _APP), KeyState.ACTIVE)],
        send=lambda: at_once(terminal.calls.allow(terminal.device.id, carrier.id)),
        told={"person_id": carrier.id},
    )


def _disallow(terminal: TerminalKeys, fields: Fields) -> Plan:
    carrier = terminal.carrier(fields[PERSON])
    return Plan(
        keys=[to_be(terminal.key(KeyKind.PERMISSION, carrier, _APP), None)],
        send=lambda: at_once(terminal.calls.disallow(terminal.device.id, carrier.id)),
        told={"person_id": carrier.id},
    )


def _iso(time_of: float | None) -> str | None:
    return None if time_of is None else dt_util.utc_from_timestamp(time_of).isoformat()


def _named(person: Person) -> Answer:
    return {"person_id": person.id, "name": person.name}


def _require_each_once(ids: Iterable[str]) -> None:
    told = [*ids]
    if len({*told}) != len(told):
        raise PersonRefusedError(PersonProblem.TWICE)

"""What actions about persons share: the terminals they are for, how one is done and answered.

Everything is checked for all terminals of an action before the first of them is told anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv

import voluptuous as vol

from ..const import DOMAIN
from ..keys.persons import Send, TerminalKeys
from ..model.keys import Key, KeyKind
from ..model.persons import PersonProblem, PersonRefusedError, check_device
from .targets import Answer, Handler, async_doors, async_in_turn, for_admins

PERSON: Final = "person"
STATE: Final = "state"
FORGET: Final = "forget"
_LONGEST: Final = 256
TEXT: Final = vol.All(cv.string, vol.Length(min=1, max=_LONGEST))

FORGETTING: Final[dict[Any, Any]] = {vol.Optional(FORGET, default=False): cv.boolean}
"""For what is taken away: others may have done that, and then it fails for ever."""

type Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be told about which keys, and what is answered beside how they stand."""

    keys: Sequence[Key]
    send: Send
    told: Answer


type Planner = Callable[[TerminalKeys, Fields], Plan]


@callback
def async_register(
    hass: HomeAssistant,
    name: str,
    handler: Handler,
    fields: Mapping[Any, Any],
    response: SupportsResponse = SupportsResponse.OPTIONAL,
) -> None:
    """Register an action for administrators whose refusals are put into words."""
    hass.services.async_register(
        DOMAIN,
        name,
        for_admins(_in_words(handler)),
        schema=cv.make_entity_service_schema({**fields}),
        supports_response=response,
    )


def planned(kind: KeyKind, plan: Planner) -> Handler:
    """Return an action that tells each terminal one thing, as planned."""
    return partial(async_perform, kind, plan)


async def async_perform(kind: KeyKind, plan: Planner, call: ServiceCall) -> ServiceResponse:
    """Plan for all terminals of an action, then tell each; answer by entity id."""
    plans = {
        entity_id: partial(_performed, terminal, plan(terminal, call.data), call.data)
        for entity_id, terminal in (await async_terminals(call, kind)).items()
    }
    return await async_in_turn(call, plans)


async def _performed(terminal: TerminalKeys, plan: Plan, fields: Fields) -> Answer:
    write = terminal.give_up if fields.get(FORGET) else terminal.write
    return {**plan.told, STATE: (await write(plan.keys, plan.send))[0]}


async def async_terminals(call: ServiceCall, kind: KeyKind) -> dict[str, TerminalKeys]:
    """Return the terminals of an action by entity id; raise PersonRefusedError if one is none."""
    doors = await async_doors(call)
    for door in doors:
        check_device(door.device, kind)
    return {door.entity_id: TerminalKeys(call.hass, door.entry, door.device) for door in doors}


def _in_words(handler: Handler) -> Handler:
    @wraps(handler)
    async def told(call: ServiceCall) -> ServiceResponse:
        try:
            return await handler(call)
        except PersonRefusedError as error:
            raise _refused(error.problem) from None

    return told


def _refused(problem: PersonProblem) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=f"person_{problem}")

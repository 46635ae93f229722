"""Actions about codes for guests: made, listed, changed, frozen, taken back; also for offline."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

from homeassistant.const import WEEKDAYS
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolSchemaType
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..api import OfflineKind
from ..const import DOMAIN
from ..keys.code_book import is_confirmed
from ..keys.codes import HandedOut, LockCodes
from ..model.hours import DAY, Hours, minutes_of_day
from ..model.keys import Key, KeyState
from ..model.lock_codes import Wanted
from .targets import (
    Answer,
    Handler,
    Target,
    async_doors,
    async_each,
    async_in_turn,
    for_admins,
    refusal,
)

ATTR_CODE, ATTR_CODE_ID, ATTR_NAME = "code", "code_id", "name"
ATTR_START, ATTR_END, ATTR_ONE_TIME = "start", "end", "one_time"
ATTR_SCHEDULE, ATTR_WEEKDAYS, ATTR_FROM, ATTR_TO = "schedule", "weekdays", "from", "to"
ATTR_KIND = "kind"
_DELETED = "deleted"

_TIMES = {vol.Optional(ATTR_START): cv.datetime, vol.Optional(ATTR_END): cv.datetime}
_HOURS = vol.Schema(
    {
        vol.Required(ATTR_WEEKDAYS): vol.All(cv.ensure_list, [vol.In(WEEKDAYS)]),
        vol.Required(ATTR_FROM): cv.time,
        vol.Required(ATTR_TO): cv.time,
    }
)
_DRAFT = {
    **_TIMES,
    vol.Optional(ATTR_CODE): cv.string,
    vol.Optional(ATTR_SCHEDULE): vol.All(cv.ensure_list, [_HOURS]),
}
_WHICH = {vol.Optional(ATTR_CODE_ID): cv.string, vol.Optional(ATTR_NAME): cv.string}
_ADD = cv.make_entity_service_schema(
    {
        **_DRAFT,
        vol.Required(ATTR_NAME): cv.string,
        vol.Optional(ATTR_ONE_TIME, default=False): cv.boolean,
    }
)
_CHANGE = cv.make_entity_service_schema({**_DRAFT, **_WHICH})
_CHOOSE = cv.make_entity_service_schema(_WHICH)
_DOORS = cv.make_entity_service_schema({})
_OFFLINE = cv.make_entity_service_schema(
    {
        **_TIMES,
        vol.Optional(ATTR_NAME, default="Home Assistant"): cv.string,
        vol.Optional(ATTR_KIND, default=OfflineKind.ONE_TIME.value): vol.Coerce(OfflineKind),
    }
)

type Written = Callable[[LockCodes, str | None, str | None], Awaitable[Key]]


@callback
def async_register_codes(hass: HomeAssistant) -> None:
    """Register the actions of codes."""
    optional, only = SupportsResponse.OPTIONAL, SupportsResponse.ONLY
    actions: tuple[tuple[str, Handler, VolSchemaType, SupportsResponse], ...] = (
        ("add_code", _add_code, _ADD, optional),
        ("get_codes", _get_codes, _DOORS, only),
        ("change_code", _change_code, _CHANGE, optional),
        ("freeze_code", _writer(LockCodes.freeze), _CHOOSE, optional),
        ("unfreeze_code", _writer(LockCodes.unfreeze), _CHOOSE, optional),
        ("delete_code", _writer(LockCodes.delete, _DELETED), _CHOOSE, optional),
        ("get_offline_code", _get_offline_code, _OFFLINE, only),
        ("get_dynamic_code", _get_dynamic_code, _DOORS, only),
    )
    for name, handler, schema, answers in actions:
        hass.services.async_register(
            DOMAIN, name, for_admins(handler), schema=schema, supports_response=answers
        )


async def _add_code(call: ServiceCall) -> ServiceResponse:
    wanted = _wanted(call)

    async def add(codes: LockCodes) -> Answer:
        return _handed_out(await codes.add(wanted))

    targets = {target.entity_id: _codes(target) for target in await async_doors(call)}
    # What can be known to be wrong is refused for all locks before one is told.
    for codes in targets.values():
        codes.check(wanted)
    return await async_in_turn(call, {each: partial(add, targets[each]) for each in targets})


async def _get_codes(call: ServiceCall) -> ServiceResponse:
    async def listed(target: Target) -> Answer:
        return {"codes": [_told(key) for key in await _codes(target).all()]}

    return await async_each(call, listed)


async def _change_code(call: ServiceCall) -> ServiceResponse:
    if not call.data.keys() & {ATTR_CODE, ATTR_START, ATTR_END, ATTR_SCHEDULE}:
        raise refusal("code_nothing_to_change")
    wanted, code_id = _wanted(call), call.data.get(ATTR_CODE_ID)
    if code_id is None and not wanted.name:
        raise refusal("code_which")

    async def change(target: Target) -> Answer:
        return _handed_out(await _codes(target).change(code_id, wanted))

    return await _answered(call, change)


def _writer(write: Written, state: str | None = None) -> Handler:
    """Return the handler that does something to one code; `state` is what is told of it then."""

    async def handle(call: ServiceCall) -> ServiceResponse:
        async def act(target: Target) -> Answer:
            which = call.data.get(ATTR_CODE_ID), call.data.get(ATTR_NAME)
            key = await write(_codes(target), *which)
            return {**_told(key), **({} if state is None else {"state": state})}

        return await _answered(call, act)

    return handle


async def _get_offline_code(call: ServiceCall) -> ServiceResponse:
    data = call.data

    async def make(target: Target) -> Answer:
        made = await _codes(target).offline(
            data[ATTR_KIND],
            data[ATTR_NAME],
            _seconds(data.get(ATTR_START)),
            _seconds(data.get(ATTR_END)),
        )
        span = {"start": _moment(made.key.start), "end": _moment(made.key.end)}
        return {"code": made.digits, "kind": data[ATTR_KIND].value, **span}

    return await _answered(call, make)


async def _get_dynamic_code(call: ServiceCall) -> ServiceResponse:
    async def make(target: Target) -> Answer:
        digits, until = await _codes(target).dynamic()
        return {"code": digits, "end": _moment(until)}

    return await _answered(call, make)


async def _answered(
    call: ServiceCall, act: Callable[[Target], Awaitable[Answer]]
) -> ServiceResponse:
    doors = await async_doors(call)
    return await async_in_turn(call, {door.entity_id: partial(act, door) for door in doors})


def _codes(target: Target) -> LockCodes:
    data = target.entry.runtime_data
    return LockCodes(data.coordinator.cloud, data.keys, target.device)


def _wanted(call: ServiceCall) -> Wanted:
    data, hours = call.data, call.data.get(ATTR_SCHEDULE)
    if ATTR_CODE not in data and not call.return_response:
        # It would be made, and nobody would ever know it.
        raise refusal("code_needs_answer")
    return Wanted(
        name=data.get(ATTR_NAME, "").strip(),
        code=data.get(ATTR_CODE, ""),
        start=_seconds(data.get(ATTR_START)),
        end=_seconds(data.get(ATTR_END)),
        once=data.get(ATTR_ONE_TIME, False),
        hours=None if hours is None else tuple(_hours(one) for one in hours),
    )


def _hours(row: dict[str, Any]) -> Hours:
    return Hours(
        weekdays=frozenset(WEEKDAYS.index(day) for day in row[ATTR_WEEKDAYS]),
        start=minutes_of_day(row[ATTR_FROM]),
        # Midnight as an end is the end of the day, which locks count to its last minute.
        end=minutes_of_day(row[ATTR_TO]) or DAY - 1,
    )


def _handed_out(made: HandedOut) -> Answer:
    return {**_told(made.key), **({"code": made.digits} if made.digits else {})}


def _told(key: Key) -> Answer:
    return {
        "code_id": key.id if is_confirmed(key) else None,
        "name": key.name,
        "state": key.state.value,
        "start": _moment(key.start),
        "end": _moment(key.end),
        "once": key.once,
        "used": key.state is KeyState.USED,
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else dt_util.utc_from_timestamp(seconds).isoformat()


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else dt_util.as_utc(moment).timestamp()

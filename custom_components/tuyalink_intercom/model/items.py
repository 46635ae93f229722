"""Where a message carries what: its data points, in every dialect, and the name of its event.

Nothing here says what they mean. Names come from outside and are made harmless before anybody
stores or shows them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..api.message import JsonObject, Message
from . import dpcodes
from .pictures import picture_message
from .reports import code_of, value_of
from .state import Codes
from .values import mapping, plain_name, text

_EVENT_KEYS = ("eventCode", "event_code")
_PARAMETERS = ("outputParams", "output_params")
_NOTIFY = "event_notify"


def items(payload: JsonObject) -> Iterator[Mapping[str, Any]]:
    """Find the data points: lists of both dialects, thing-model objects, bare numbers."""
    inside = biz(payload)
    for listed in (payload.get("status"), inside.get("status"), inside.get("properties")):
        if isinstance(listed, list):
            yield from (item for item in listed if isinstance(item, Mapping))
    for named in (inside.get("properties"), payload.get("data")):
        if isinstance(named, Mapping):
            for code, told in named.items():
                if isinstance(told, Mapping) and "value" in told:
                    yield {**told, "code": code}
    numbered = payload.get("dps")
    if isinstance(numbered, Mapping):
        yield from ({dp: value, "t": payload.get("t")} for dp, value in numbered.items())


def values_of(message: Message, codes: Codes, code: str) -> Iterator[object]:
    """Yield what a message tells of one data point."""
    for found in items(message.payload):
        if code_of(found, codes) == code:
            yield value_of(found)


def biz(payload: JsonObject) -> Mapping[str, Any]:
    """Return the business part of a message, empty if it has none."""
    return mapping(payload.get("bizData")) or {}


def event_name(payload: JsonObject) -> str:
    """Return the code of an event, else the kind of the message."""
    names = [part.get(key) for part in (biz(payload), payload) for key in _EVENT_KEYS]
    return next((name for name in (*names, payload.get("bizCode")) if isinstance(name, str)), "")


def event_value(payload: JsonObject) -> object:
    """Return what an event carries: its only parameter, else just that it came."""
    parts = (biz(payload), payload)
    found = (mapping(part.get(key)) for part in parts for key in _PARAMETERS)
    told = next((parameters for parameters in found if parameters), {})
    return next(iter(told.values())) if len(told) == 1 else True


def notice_name(payload: JsonObject) -> str:
    """Return the name of a call push: its type."""
    return plain_name(f"etype:{text(biz(payload).get('etype')) or ''}")


def item_name(found: Mapping[str, Any], code: str) -> str:
    """Return the name of a data point: of messages in one the occasion, else code or number."""
    if code in dpcodes.PICTURE_MESSAGES:
        told = picture_message(value_of(found))
        if told and told.command:
            return plain_name(f"cmd:{told.command}")
    if code:
        return plain_name(code)
    number = next((key for key in found if isinstance(key, str) and key.isdecimal()), None)
    number = number or text(found.get("dpId", found.get("dp_id")))
    return plain_name(f"dp:{number}") if number else ""


def names_in(message: Message, codes: Codes) -> tuple[str, ...]:
    """Return the names under which a message tells something, each once, in its order."""
    payload = message.payload
    if message.kind == _NOTIFY:
        return (notice_name(payload),)
    told = [item_name(found, code_of(found, codes)) for found in items(payload)]
    return tuple(name for name in dict.fromkeys(told or [plain_name(event_name(payload))]) if name)

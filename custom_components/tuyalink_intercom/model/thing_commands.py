"""What Tuya's side wants of a published device, out of the messages that tell it.

Tuya does not publish the bodies of `setThingProperties` and `execThingAction`: they are taken in
every form that its device-side protocol and its SDKs have for the same thing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
import hashlib
from itertools import islice
from typing import Any, Final, TypedDict, TypeGuard

from ..api.message import JsonObject, Message, unix_seconds
from .publication import Value, is_code
from .values import integer, mapping, number, rows

SET_PROPERTIES, EXECUTE_ACTION = "setThingProperties", "execThingAction"
POINT_COMMAND = "deviceDpCommand"
BIZ_CODES = (SET_PROPERTIES, EXECUTE_ACTION)
"""What the messaging rule of a project has to let through."""

MOST_VALUES: Final = 50
LONGEST_ID: Final = 64
LONGEST_VALUE: Final = 1024
LAST_POINT: Final = 65_535
_DEEPEST = 3
"""How far values may be wrapped: `bizData.data.data`."""
_OWN_ID_LENGTH = 32

_DEVICES = ("devId", "deviceId", "device_id")
_CLOCKS = ("ts", "t", "time")
_IDS = ("msgId", "msg_id", "messageId", "message_id")
_INPUTS = ("inputParams", "input_params")
_VALUES = ("data", "properties", *_INPUTS)
_POINTS = ("command", "commands", "dps", "data")
_ACTION_CODES = ("actionCode", "action_code", "code")
_POINT_KEYS = ("dpId", "dp_id", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something a published device is told.

    `id`: by which it is known, and answered, however often it comes. `time`: when it was given,
    in Unix seconds by the cloud's clock; `None` if that is not told. `answerable`: whether the id
    is Tuya's, so that an answer would find its command; else it is ours.
    """

    id: str
    device_id: str
    time: float | None
    answerable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertiesWanted(Command):
    """Properties are to take values, by code."""

    values: Mapping[str, Value] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsWanted(Command):
    """Data points are to take values, by number: how products without a thing model are told."""

    values: Mapping[int, Value] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWanted(Command):
    """An action is to be carried out and answered."""

    action: str
    inputs: Mapping[str, Value] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomprehensible(Command):
    """A command by its kind of which no sense can be made, or whose id is none that Tuya gives."""


class _Head(TypedDict):
    """What every command has."""

    id: str
    device_id: str
    time: float | None
    answerable: bool


def command_of(message: Message) -> Command | None:
    """Return the command in a message, `None` for what is none."""
    read = _READERS.get(message.kind)
    if read is None:
        return None
    layers = _layers(message.payload)
    told = _told_id(layers)
    answerable = 0 < len(told) <= LONGEST_ID
    head = _Head(
        id=told if answerable else _made_id(message),
        device_id=message.device_id,
        time=_time(message),
        answerable=answerable,
    )
    sensible = (answerable or not told) and _is_for_one(message)
    return (read(head, layers) if sensible else None) or Incomprehensible(**head)


def _time(message: Message) -> float | None:
    """Return when a command was given: a carrier may have held it back, and sign it anew."""
    told = (unix_seconds(part.get(key)) for part in _envelopes(message) for key in _CLOCKS)
    times = [time for time in (message.time, *told) if time is not None]
    return min(times, default=None)


def _is_for_one(message: Message) -> bool:
    """Tell whether it names one device; of two, nobody knows which one is to open."""
    named = (part.get(key) for part in _envelopes(message) for key in _DEVICES)
    return all(one == message.device_id for one in named if one)


def _envelopes(message: Message) -> tuple[JsonObject, ...]:
    """Return what is around the values, whose codes could have any name."""
    return message.payload, mapping(message.payload.get("bizData")) or {}


def _properties(head: _Head, layers: list[JsonObject]) -> Command | None:
    values = _coded(layers, _VALUES)
    return PropertiesWanted(**head, values=values) if values else None


def _action(head: _Head, layers: list[JsonObject]) -> Command | None:
    told = (layer.get(name) for name in _ACTION_CODES for layer in layers)
    action = next((code for code in told if is_code(code)), None)
    if action is None:
        return None
    return ActionWanted(**head, action=action, inputs=_coded(layers, _INPUTS))


def _points(head: _Head, layers: list[JsonObject]) -> Command | None:
    for told in _members(layers, _POINTS):
        numbered = ((integer(key), value) for key, value in _pairs(told, _POINT_KEYS))
        values = _usable((dp, value) for dp, value in numbered if dp and 0 < dp <= LAST_POINT)
        if values:
            return PointsWanted(**head, values=values)
    return None


_READERS: Mapping[str, Callable[[_Head, list[JsonObject]], Command | None]] = {
    SET_PROPERTIES: _properties,
    EXECUTE_ACTION: _action,
    POINT_COMMAND: _points,
}


def _layers(payload: JsonObject) -> list[JsonObject]:
    """Return where things may stand: the business part before the message, what is wrapped first.

    So a wrapping is never taken for the values that it holds.
    """
    found: list[JsonObject] = []
    for outer in (payload, mapping(payload.get("bizData"))):
        layer, depth = outer, 0
        while layer is not None and depth < _DEEPEST:
            found.append(layer)
            layer, depth = mapping(layer.get("data")), depth + 1
    return found[::-1]


def _told_id(layers: Iterable[JsonObject]) -> str:
    told = (layer.get(name) for layer in layers for name in _IDS)
    ids = (str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in told)
    return next((one for one in ids if isinstance(one, str) and one and one.isprintable()), "")


def _made_id(message: Message) -> str:
    """Return an id for what came without a usable one: the same whenever it comes again."""
    return hashlib.sha256(message.ids[-1].encode()).hexdigest()[:_OWN_ID_LENGTH]


def _members(layers: Iterable[JsonObject], names: tuple[str, ...]) -> Iterator[object]:
    return (layer[name] for layer in layers for name in names if name in layer)


def _coded(layers: Iterable[JsonObject], names: tuple[str, ...]) -> Mapping[str, Value]:
    for told in _members(layers, names):
        values = _usable(pair for pair in _pairs(told, ("code",)) if is_code(pair[0]))
        if values:
            return values
    return {}


def _pairs(told: object, keys: Iterable[str]) -> Iterator[tuple[Any, object]]:
    """Yield keys and values of an object or a list of rows, either of which may be JSON text."""
    if isinstance(told, str) and told.lstrip().startswith("["):
        told = (mapping(f'{{"rows":{told}}}') or {}).get("rows")
    if isinstance(told, list):
        for row in rows(told):
            yield next((row[key] for key in keys if key in row), None), row.get("value")
    else:
        for key, value in (mapping(told) or {}).items():
            yield key, value.get("value") if isinstance(value, Mapping) else value


def _usable[Key](pairs: Iterable[tuple[Key, object]]) -> dict[Key, Value]:
    scalars = ((key, value) for key, value in pairs if _is_scalar(value))
    return dict(islice(scalars, MOST_VALUES))


def _is_scalar(value: object) -> TypeGuard[Value]:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE
    return isinstance(value, bool) or number(value) is not None

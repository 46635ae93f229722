"""What Tuya's side wants of a published device, out of the messages that tell it.

Tuya does not publish the bodies of `setThingProperties` and `execThingAction`: they are taken in
every form that its device-side protocol and its SDKs have for the same thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..api.message import Json, JsonObject, Message
from .items import biz
from .values import integer, mapping, text

SET_PROPERTIES, EXECUTE_ACTION = "setThingProperties", "execThingAction"
POINT_COMMAND = "deviceDpCommand"
BIZ_CODES = (SET_PROPERTIES, EXECUTE_ACTION)
"""What the messaging rule of a project has to let through."""

_MSG_IDS = ("msgId", "msg_id", "messageId")
_LISTS = ("data", "properties", "inputParams", "input_params")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something a published device is told.

    `id`: by which it is known, and answered, however often it comes. `time`: when it was given,
    in Unix seconds by the cloud's clock; `None` if that is not told.
    """

    id: str
    device_id: str
    time: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertiesWanted(Command):
    """Properties are to take values, by code."""

    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsWanted(Command):
    """Data points are to take values, by number: how products without a thing model are told."""

    values: Mapping[int, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWanted(Command):
    """An action is to be carried out and answered."""

    action: str
    inputs: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomprehensible(Command):
    """A command by its kind, of which no sense can be made."""


def command_of(message: Message) -> Command | None:
    """Return the command in a message, `None` for what is none."""
    match message.kind:
        case "setThingProperties":
            return _properties(message)
        case "execThingAction":
            return _action(message)
        case "deviceDpCommand":
            return _points(message)
    return None


def _properties(message: Message) -> Command:
    values = _wanted(message.payload)
    if not values:
        return _nothing(message)
    return PropertiesWanted(
        id=_id(message), device_id=message.device_id, time=message.time, values=values
    )


def _action(message: Message) -> Command:
    told = biz(message.payload)
    inner = mapping(told.get("data")) or told
    action = text(inner.get("actionCode")) or text(inner.get("action_code"))
    if action is None:
        return _nothing(message)
    inputs = mapping(inner.get("inputParams")) or mapping(inner.get("input_params")) or {}
    return ActionWanted(
        id=_id(message),
        device_id=message.device_id,
        time=message.time,
        action=action,
        inputs=inputs,
    )


def _points(message: Message) -> Command:
    listed = message.payload.get("command") or biz(message.payload).get("command")
    rows = [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []
    values = {dp: row["value"] for row in rows if (dp := integer(row.get("dpId"))) is not None}
    if not values:
        return _nothing(message)
    return PointsWanted(
        id=_id(message), device_id=message.device_id, time=message.time, values=values
    )


def _nothing(message: Message) -> Command:
    return Incomprehensible(id=_id(message), device_id=message.device_id, time=message.time)


def _wanted(payload: JsonObject) -> Mapping[str, Json]:
    told = biz(payload)
    for name in _LISTS:
        if found := mapping(told.get(name)):
            return found
    return {}


def _id(message: Message) -> str:
    for part in (biz(message.payload), message.payload):
        for name in _MSG_IDS:
            if found := text(part.get(name)):
                return found
    return message.ids[-1]

"""A pushed message becomes changes: dispatch by Tuya's `bizCode`, then by code.

What is not understood is counted by name and changes nothing; a value that makes
no sense costs at most itself, never the rest of its message.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..api.message import JsonObject, Message, unix_seconds
from . import dpcodes
from .changes import Change, OnlineChanged, RegistryChanged, Renamed
from .context import Context
from .items import biz, event_name, event_value, item_name, items, notice_name
from .presses import Carrier
from .reports import Item, code_of, report, value_of
from .state import AccessState, World
from .taught import take_taught
from .terminals import take_terminal_fact, terminal_fact
from .values import plain_name, text

_EDATA_DIGITS = 10


def decode(
    message: Message,
    state: AccessState,
    now: float,
    unknown: Callable[[str], None] = lambda _: None,
) -> tuple[Change, ...]:
    """Decode one message against the tree as it is.

    `now` is cloud time; `unknown` is told a short name of whatever was not understood.
    """
    device = state.devices.get(message.device_id)
    if device is None:
        return _of_stranger(message, state, now)
    context = Context.of(device, message.time, now, unknown)
    handler = _HANDLERS.get(message.kind, _report)
    if handler not in _TAUGHT_THEMSELVES:
        # Waking up may be all that a bell tells of a press.
        take_taught(context, plain_name(message.kind), value=True, time=context.seen)
    handler(context, message.payload)
    return context.finish()


def _of_stranger(message: Message, state: AccessState, now: float) -> tuple[Change, ...]:
    if not message.device_id or message.device_id in state.others:
        return ()
    return (RegistryChanged(device_id=message.device_id, time=now),)


def _online(context: Context, payload: JsonObject) -> None:
    _connection(context, payload, online=True)


def _offline(context: Context, payload: JsonObject) -> None:
    _connection(context, payload, online=False)


def _connection(context: Context, payload: JsonObject, *, online: bool) -> None:
    time = context.fact_time(unix_seconds(biz(payload).get("time")))
    context.changes.append(OnlineChanged(device_id=context.device.id, time=time, online=online))


def _renamed(context: Context, payload: JsonObject) -> None:
    if name := text(biz(payload).get("name")):
        context.changes.append(Renamed(device_id=context.device.id, time=context.seen, name=name))


def _registry(context: Context, _payload: JsonObject) -> None:
    context.changes.append(RegistryChanged(device_id=context.device.id, time=context.seen))


def _ignored(_context: Context, _payload: JsonObject) -> None:
    """Know the kind; it says nothing about a door."""


def _awake(context: Context) -> None:
    """Take a word from the device itself as a sign of life, before what it says."""
    device = context.device
    if device.online is False and context.live:
        context.changes.append(OnlineChanged(device_id=device.id, time=context.seen, online=True))


def _notify(context: Context, payload: JsonObject) -> None:
    """Take a call push: `edata` is a message id whose last ten digits are the press time."""
    told = biz(payload)
    _awake(context)
    digits = (text(told.get("edata")) or "")[-_EDATA_DIGITS:]
    pressed = unix_seconds(digits) if len(digits) == _EDATA_DIGITS else None
    if take_taught(context, notice_name(payload), value=True, time=context.seen, pressed=pressed):
        return
    if "doorbell" in (text(told.get("etype")) or ""):
        context.press(Carrier.NOTIFY, pressed=pressed, channel=text(told.get("cid")))
    else:
        context.unknown("etype")


def _report(context: Context, payload: JsonObject) -> None:
    """Take a report of any dialect: data points by code, else objects known by their keys."""
    if found := [*items(payload)]:
        _awake(context)
        _take_items(context, found)
    elif (name := plain_name(event_name(payload))) in context.device.taught:
        _awake(context)
        take_taught(context, name, event_value(payload), context.seen)
    elif fact := terminal_fact(payload):
        _awake(context)
        take_terminal_fact(context, fact, context.seen)
    elif "doorbell" in name:
        _awake(context)
        context.press(Carrier.NOTIFY)
    else:
        context.unknown(name or "message")


def _take_items(context: Context, listed: Iterable[Mapping[str, Any]]) -> None:
    terminal = context.device.world is World.TERMINAL
    told = [(_item(context, found), found) for found in listed]
    # Word of duress comes beside the passage that it is about.
    for item, found in sorted(told, key=lambda one: one[0].code != dpcodes.DURESS_FLAG):
        if context.device.taught and take_taught(
            context, item_name(found, item.code), item.value, item.time
        ):
            continue
        # Terminals are known by what they say, never by the code under which they say it.
        if not terminal and report(context, item):
            continue
        if fact := terminal_fact(found):
            take_terminal_fact(context, fact, item.time)
        elif terminal:
            report(context, item)


def _item(context: Context, found: Mapping[str, Any]) -> Item:
    told = unix_seconds(found.get("t")) or unix_seconds(found.get("time"))
    code = code_of(found, context.device.codes)
    time = context.fact_time(told)
    return Item(code, value_of(found), time, context.seen, dated=time == told)


_TAUGHT_THEMSELVES = (_notify, _report)
"""Those of which more than the kind of the message can be taught."""
_LIST_CHANGES = (
    "bindUser",
    "delete",
    "deviceBindSpace",
    "deviceTransfer",
    "deviceUnbindSpace",
    "share",
)
_NOT_OURS = (
    "automationExternalAction",
    "deviceActionResponseMessage",
    "deviceFreeze",
    "deviceOtaProgress",
    "deviceQueryPropertyMessage",
    "deviceSignal",
    "deviceUnFreeze",
    "doorUnlockMethodStatus",
    "dpNameUpdate",
    "p2pSignal",
    "sceneExecute",
    "upgradeProcess",
    "upgradeStatus",
)
_HANDLERS: Mapping[str, Callable[[Context, JsonObject], None]] = {
    **dict.fromkeys(_LIST_CHANGES, _registry),
    **dict.fromkeys(_NOT_OURS, _ignored),
    "deviceNameUpdate": _renamed,
    "deviceOffline": _offline,
    "deviceOnline": _online,
    "event_notify": _notify,
    "nameUpdate": _renamed,
    "offline": _offline,
    "online": _online,
}

"""Data points: what each code says, as a state and as a moment.

Stored values are history and only ever become states. A reported value is an event
by its arrival, even if it is the same as before.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..api.message import unix_seconds
from . import dpcodes, moments
from .changes import (
    BoltReported,
    Change,
    ChannelsReported,
    RelayReported,
    Reported,
)
from .context import Context
from .setting_changes import SettingReported
from .state import Codes, Device, Fact, Scalar
from .values import boolean, integer, mapping, raw, text

_LEAF_WORDS: Mapping[str, bool] = {"open": True, "closed": False, "close": False}
_KIT_OPEN, _KIT_CLOSED = 1, 2
_FULL = 100
_LONGEST_RELOCK = 3600
_LONGEST_REQUEST = 600
_MOST_PANELS = 32
_CONTACTS = frozenset(dpcodes.LEAVES)


@dataclass(frozen=True, slots=True)
class Item:
    """One data point as a device reported it.

    `time`: when it was so, `seen`: when the cloud told it (Unix seconds). `dated`: whether
    `time` is by the device's clock.
    """

    code: str
    value: object
    time: float
    seen: float
    dated: bool = False

    @property
    def told(self) -> float | None:
        """When the cloud told it, if that is not its time anyway."""
        return self.seen if self.dated else None


def stored_changes(
    device: Device, items: Iterable[Mapping[str, Any]], now: float
) -> Iterable[Change]:
    """Read the states in stored values, asked for at `now`; raise nothing, fire nothing."""
    for found in items:
        reader = _reader_of(device, code := code_of(found, device.codes))
        if reader is None:
            continue
        told = unix_seconds(found.get("time"))
        dated = told is not None and told < now
        item = Item(code, value_of(found), told if told and dated else now, now, dated)
        for change in reader(device, item):
            if isinstance(change, Reported) and change.until is not None:
                # What ends by itself is over, unless it is known to have begun just now.
                until = change.until - now + item.time
                over = told is None or until <= now
                value, end = (False, None) if over else (change.value, until)
                yield replace(change, value=value, until=end)
            elif isinstance(change, ChannelsReported):
                # Which panel is shown is known, but not that it was just switched to.
                yield replace(change, time=told or 0.0)
            else:
                yield change


def code_of(found: Mapping[str, Any], codes: Codes) -> str:
    """Return the code of a data point; one told only by its number is looked up."""
    code = found.get("code")
    if isinstance(code, str) and code and not code.isdecimal():
        return code
    numbers = (text(found.get(key)) for key in ("dpId", "dp_id"))
    spelled = (key for key in (code, *found) if isinstance(key, str) and key.isdecimal())
    return codes.by_dp.get(next((number for number in (*numbers, *spelled) if number), ""), "")


def value_of(found: Mapping[str, Any]) -> object:
    """Return the value of a data point; some carry it under their number only."""
    if (value := found.get("value")) is not None:
        return value
    return next((value for key, value in found.items() if key.isdecimal()), None)


def report(context: Context, item: Item) -> bool:
    """Take one reported data point; tell whether its code means something to us."""
    state = _reader_of(context.device, item.code)
    if state is not None:
        for change in state(context.device, item):
            if isinstance(change, SettingReported) and change.value is None:
                context.unknown(f"value:{item.code}")
            if isinstance(change, Reported) and change.fact is not Fact.RELOCK_TIME:
                there = change.fact in context.device.features.facts
                context.learn(change.fact.value, there=there)
            context.changes.append(change)
    moment = None if _is_namesake(context.device, item.code) else moments.MOMENTS.get(item.code)
    if moment is not None:
        moment(context, item.code, item.value, item.time)
    return state is not None or moment is not None


def read_channels(value: object) -> tuple[Mapping[str, str], str | None] | None:
    """Read a monitor's panels: id → name, and the current one's id."""
    found = mapping(value)
    if found is None:
        return None
    panels = found.get("chs")
    names = {
        number: name
        for panel in (panels[:_MOST_PANELS] if isinstance(panels, list) else [])
        if isinstance(panel, Mapping)
        and (number := text(panel.get("id")))
        and (name := text(panel.get("n")))
    }
    return names, text(found.get("cc"))


type _Reader = Callable[[Device, Item], Iterable[Change]]


def _state(device: Device, item: Item, fact: Fact, value: Scalar | None) -> Iterable[Reported]:
    yield Reported(device_id=device.id, time=item.time, seen=item.told, fact=fact, value=value)


def _battery(device: Device, item: Item) -> Iterable[Change]:
    # The declared scale is ignored: products that declare 1 mean whole percents.
    level = integer(item.value)
    if level is not None:
        yield from _state(device, item, Fact.BATTERY, min(level, _FULL) if level >= 0 else None)


def _battery_state(device: Device, item: Item) -> Iterable[Change]:
    low = dpcodes.BATTERY_WORDS.get((text(item.value) or "").lower())
    if low is not None:
        yield from _state(device, item, Fact.BATTERY_LOW, low)


def _bolt(device: Device, item: Item) -> Iterable[Change]:
    unlocked = boolean(item.value)
    for door in device.features.doors:
        if door.bolt == item.code and unlocked is not None:
            yield BoltReported(
                device_id=device.id,
                time=item.time,
                seen=item.told,
                door=door.key,
                unlocked=unlocked,
            )


def _leaf(device: Device, item: Item) -> Iterable[Change]:
    told = is_open(item.value)
    # Boxes with two contacts leave one of them unknown for ever.
    if told is not None or not device.codes.known & (_CONTACTS - {item.code}):
        yield from _leaf_state(device, item, told=told)


def _leaf_state(device: Device, item: Item, *, told: bool | None) -> Iterable[Change]:
    yield from _state(device, item, Fact.LEAF, told)
    if told is False and Fact.DOOR_LEFT_OPEN in device.features.facts:
        yield from _state(device, item, Fact.DOOR_LEFT_OPEN, value=False)


def is_open(value: object) -> bool | None:
    """Read the leaf of a door."""
    if isinstance(value, str) and value.lower() in _LEAF_WORDS:
        return _LEAF_WORDS[value.lower()]
    return boolean(value)


def _leaf_kit(device: Device, item: Item) -> Iterable[Change]:
    record = raw(item.value)
    if record is not None and record[-1] in {_KIT_OPEN, _KIT_CLOSED}:
        yield from _leaf_state(device, item, told=record[-1] == _KIT_OPEN)


def _flag(device: Device, item: Item) -> Iterable[Change]:
    fact = dpcodes.ALARM_FACTS[dpcodes.ALARM_FLAGS[item.code]]
    raised = boolean(item.value)
    # A stored `true` of something that passed is history; the moment shows it for a while.
    if raised is not None and not (raised and item.code in dpcodes.PASSING_FLAGS):
        yield from _state(device, item, fact, raised)


def _relock_time(device: Device, item: Item) -> Iterable[Change]:
    seconds = integer(item.value)
    if seconds is not None and 0 < seconds <= _LONGEST_RELOCK:
        yield from _state(device, item, Fact.RELOCK_TIME, seconds)


def _relay(device: Device, item: Item) -> Iterable[Change]:
    value = boolean(item.value)
    if value is not None:
        yield RelayReported(
            device_id=device.id, time=item.time, seen=item.told, code=item.code, value=value
        )


def _request(device: Device, item: Item) -> Iterable[Change]:
    seconds = integer(item.value)
    if seconds is not None and seconds <= _LONGEST_REQUEST:
        asking = seconds > 0
        yield Reported(
            device_id=device.id,
            time=item.time,
            seen=item.told,
            fact=Fact.ASKS_TO_OPEN,
            value=asking,
            # By the cloud's clock: a device's own may be minutes off.
            until=item.seen + seconds if asking else None,
        )


def _panels(device: Device, item: Item) -> Iterable[Change]:
    if found := read_channels(item.value):
        names, current = found
        yield ChannelsReported(device_id=device.id, time=item.time, names=names, current=current)


_STATES: Mapping[str, _Reader] = {
    **dict.fromkeys(dpcodes.BATTERIES, _battery),
    **dict.fromkeys(dpcodes.BATTERY_STATES, _battery_state),
    **dict.fromkeys(dpcodes.BOLTS, _bolt),
    **dict.fromkeys(dpcodes.LEAVES, _leaf),
    **dict.fromkeys(dpcodes.ALARM_FLAGS, _flag),
    **dict.fromkeys(dpcodes.RELAYS, _relay),
    "closed_opened_kit": _leaf_kit,
    "auto_lock_time": _relock_time,
    dpcodes.UNLOCK_REQUEST: _request,
    dpcodes.CHANNELS: _panels,
}


def _reader_of(device: Device, code: str) -> _Reader | None:
    """Return what reads a data point as states: settings are among what some of them tell."""
    if not any(setting.code == code for setting in device.features.settings):
        return _STATES.get(code)
    return _setting if _is_namesake(device, code) else _with_setting


def _with_setting(device: Device, item: Item) -> Iterable[Change]:
    if (reader := _STATES.get(item.code)) is not None:
        yield from reader(device, item)
    yield from _setting(device, item)


def _setting(device: Device, item: Item) -> Iterable[Change]:
    for setting in device.features.settings:
        if setting.code == item.code and setting.kept:
            yield SettingReported(
                device_id=device.id,
                time=item.time,
                seen=item.told,
                setting=setting.key,
                value=setting.shown(item.value),
            )


def _is_namesake(device: Device, code: str) -> bool:
    """Tell whether only this product means a setting by the code of a relay."""
    return code in dpcodes.RELAYS and any(one.code == code for one in device.features.settings)

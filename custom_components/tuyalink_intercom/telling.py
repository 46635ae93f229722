"""What a moment is called in Home Assistant: its event type and the attributes told with it.

Event entities tell what happens now, the history tells what happened while nobody listened;
both say it in these words.
"""

from dataclasses import dataclass
from typing import Any

from homeassistant.components.event import DoorbellEventType
from homeassistant.util import dt as dt_util

from .model.changes import AlarmRaised, CallMoved, CaptureKept, Change, Occasion, Passed, Rang
from .model.state import Device

PICTURE = "picture"
"""Event type on whichever entity told the event that a picture belongs to."""

_TOLD_BY = {Occasion.ACCESS: "access", Occasion.ALARM: "alarm", Occasion.RING: "doorbell"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One moment; `key` is the key of the event entity whose it is, `time` in Unix seconds."""

    key: str
    event_type: str
    attributes: dict[str, Any]
    time: float
    live: bool


def telling(device: Device, change: Change) -> Telling | None:
    """Put a change into words; `None` for what is no moment."""
    match change:
        case Rang() | CallMoved():
            key, (event_type, told) = "doorbell", _call(device, change)
        case Passed():
            key, (event_type, told) = "access", _passage(change)
        case AlarmRaised(method=method):
            key, event_type, told = "alarm", change.alarm.value, {"method": method and method.value}
        case CaptureKept(occasion=occasion) if occasion in _TOLD_BY:
            key, event_type, told = _TOLD_BY[occasion], PICTURE, _picture(change)
        case _:
            return None
    time = dt_util.utc_from_timestamp(change.time).isoformat()
    known = {name: value for name, value in told.items() if value is not None}
    return Telling(
        key=key,
        event_type=event_type,
        attributes={"event_id": change.event_id, "time": time, **known},
        time=change.time,
        live=change.live,
    )


def _call(device: Device, change: Rang | CallMoved) -> tuple[str, dict[str, Any]]:
    if isinstance(change, CallMoved):
        reason = change.reason and change.reason.value
        return change.step.value, {"reason": reason, "test": change.test or None}
    channel = change.channel
    name = device.channels.get(channel, channel) if channel else None
    return DoorbellEventType.RING.value, {
        "channel": name,
        "address": change.address,
        "presses": change.presses,
        "test": change.test or None,
    }


def moment(device: Device, change: Change) -> Telling | None:
    """Put into words what happened; a picture shows something that was told already."""
    told = telling(device, change)
    return None if told is None or told.event_type == PICTURE else told


def _picture(change: CaptureKept) -> dict[str, Any]:
    return {"capture_id": change.capture_id, "person": change.person, "door": change.door}


def _passage(change: Passed) -> tuple[str, dict[str, Any]]:
    return change.outcome.value, {
        "door": change.door,
        "method": change.method.value,
        "person": change.person,
        "slot": change.slot,
    }

"""Passages, alarms and door contacts of locks and controllers, by what each device can report."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from . import doors, terminal
from .cloud import Sent, new_event_id
from .devices import SimDevice, World
from .files import Point
from .people import PERSON
from .rings import Ring, kit, picture_value
from .stage import Stage

# The lock alarms in the order in which products that publish digits number them.
LOCK_ALARMS = [
    "wrong_finger",
    "wrong_password",
    "wrong_card",
    "wrong_face",
    "tongue_bad",
    "too_hot",
    "unclosed_time",
    "tongue_not_out",
    "pry",
    "key_in",
    "low_battery",
    "power_off",
    "shock",
    "defense",
    "stay_alarm",
]
# Per alarm: what may carry it, best first.
ALARMS: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "tamper": (
        ("alarm_lock", "pry"),
        ("anti_alarm", True),
        ("lock_alarm_kit", kit(4)),
        ("temper_alarm", True),
        ("tamper_alarm", True),
        ("temperalarm", True),
        ("message", "ipc_antibreak"),
    ),
    "loitering": (("alarm_lock", "stay_alarm"), ("message", "ipc_linger")),
    "wrong_attempts": (
        ("alarm_lock", "wrong_password"),
        ("alarm_lock", "wrong_finger"),
        ("error_alarm", True),
        ("lock_alarm_kit", kit(1)),
    ),
    "duress": (("hijack", True),),
    "door_left_open": (("alarm_lock", "unclosed_time"), ("doorsensor_alarm", True)),
    "forced": (("lock_alarm_kit", kit(5)),),
    "low_battery": (
        ("alarm_lock", "low_battery"),
        ("battery_state", "low"),
        ("message", "ipc_low_battery"),
    ),
}
WAY_CODES: Mapping[str, tuple[str, ...]] = {
    "fingerprint": ("unlock_fingerprint", "unlock_fingerprint_kit", "unlock_finger_vein"),
    "password": (
        "unlock_password",
        "unlock_password_kit",
        "unlock_temporary",
        "unlock_temporary_kit",
        "unlock_dynamic",
    ),
    "card": ("unlock_card", "unlock_card_kit"),
    "face": ("unlock_face", "unlock_face_kit"),
    "remote": doors.REMOTE_CODES,
    "other": ("unlock_key", "unlock_ble", "open_inside"),
}
WRONG: Mapping[str, tuple[str, int]] = {
    "fingerprint": ("wrong_finger", 0),
    "password": ("wrong_password", 1),
    "card": ("wrong_card", 2),
    "face": ("wrong_face", 3),
}
# Per contact code: the values of open and closed.
CONTACTS: Mapping[str, tuple[Any, Any]] = {
    "closed_opened": ("open", "closed"),
    "door_opened": (True, False),
    "closed_opened_kit": ("AQAB", "AQAC"),
    "openclose_door": (True, False),
    "doorcontact_state": (True, False),
    "open_close": (True, False),
}
MESSAGES = ("initiative_message", "alarm_message")


def can_alarm(device: SimDevice, name: str) -> bool:
    """Tell whether a device can report an alarm."""
    if device.world is World.TERMINAL:
        return name in terminal.ALARMS
    return any(_carriers(device, name))


def alarm(stage: Stage, name: str) -> Sent:
    """Raise an alarm; raises ScenarioError(409)."""
    if not can_alarm(stage.device, name):
        raise stage.cannot(name)
    if stage.device.world is World.TERMINAL:
        return terminal.alarm(stage, name)
    code, value = next(_carriers(stage.device, name))
    event = Ring(new_event_id(), stage.press_time)
    if code in MESSAGES:
        value = picture_value(stage, event, code, value)
    return stage.done(event.event_id, stage.report({code: value}))


def ways(device: SimDevice) -> tuple[str, ...]:
    """Return the ways of getting in that a device can report, the usual one first."""
    if device.world is World.TERMINAL:
        return ("face", "card", "password", "qr_code", "fingerprint", "remote", "other")
    if device.world not in {World.LOCK, World.CONTROLLER}:
        return ()
    return tuple(way for way, codes in WAY_CODES.items() if device.codes & set(codes))


def access(stage: Stage, *, granted: bool) -> Sent:
    """Let somebody in, or refuse; raises ScenarioError(409) for a way the device lacks."""
    device, options = stage.device, stage.options
    way = _way(stage)
    if device.world is World.TERMINAL:
        person = str(options.person or PERSON)
        return terminal.passage(stage, way=terminal.WAYS[way], person=person, granted=granted)
    if not granted:
        return _refusal(stage, way)
    code = next(code for code in WAY_CODES[way] if code in device.codes)
    person = str(options.person or "")
    slot = int(person) if person.isdecimal() else 1
    doors.mark_open(stage.cloud, device.doors[1], stage.published)
    sent = list(stage.report({code: record(device.point(code), slot)}))
    if "lock_motor_state" in device.codes:
        sent += stage.report({"lock_motor_state": True})
    if stage.options.age_s >= device.relock_s and not doors.stays_open(device):
        sent += _fall_shut(stage)
    return stage.done(new_event_id(), sent)


def _fall_shut(stage: Stage) -> tuple[str, ...]:
    """Close what opened so long ago that it has closed again since, at that time."""
    device = stage.device
    device.doors[1].open = False
    if "lock_motor_state" not in device.codes:
        return ()
    return stage.later(device.relock_s).report({"lock_motor_state": False})


def contact(device: SimDevice) -> str | None:
    """Return the code of a device's door-leaf contact."""
    for code, (opened, _) in CONTACTS.items():
        if code in device.codes and _in_range(device.point(code), opened):
            return code
    return None


def move_leaf(stage: Stage, *, opened: bool) -> Sent:
    """Open or close the door leaf; raises ScenarioError(409) without a contact."""
    code = contact(stage.device)
    if code is None:
        raise stage.cannot("door contact")
    for door in stage.device.doors.values():
        door.open = opened
        door.opened_at = doors.KEPT_OPEN
    value = CONTACTS[code][0 if opened else 1]
    return stage.done(new_event_id(), stage.report({code: value}))


def can_refuse(device: SimDevice) -> bool:
    """Tell whether a refused attempt shows."""
    return device.world is World.TERMINAL or any(_refusals(device, way) for way in ways(device))


def _refusal(stage: Stage, way: str) -> Sent:
    found = _refusals(stage.device, way)
    if not found:
        raise stage.cannot(f"refuse {way}")
    code, value = found[0]
    return stage.done(new_event_id(), stage.report({code: value}))


def _refusals(device: SimDevice, way: str) -> list[tuple[str, Any]]:
    """Return how a device shows a refused attempt: as the alarm of its way."""
    if way not in WRONG:
        return []
    word, number = WRONG[way]
    candidates = (("alarm_lock", word), ("lock_alarm_kit", kit(number)), ("error_alarm", True))
    return [found for found in candidates if _usable(device, *found)]


def _carriers(device: SimDevice, name: str) -> Iterator[tuple[str, Any]]:
    for code, value in ALARMS[name]:
        if code == "message":
            yield from _message_carriers(device, value)
        elif _usable(device, code, value):
            yield code, _spelled(device.point(code), value)


def _message_carriers(device: SimDevice, cmd: str) -> Iterator[tuple[str, Any]]:
    if device.world is World.VIDEO and device.category != "wxml":
        yield from ((code, cmd) for code in MESSAGES if code in device.codes)
    elif device.world is not World.NONE and "initiative_message" in device.codes:
        yield "initiative_message", cmd


def _usable(device: SimDevice, code: str, value: Any) -> bool:
    return code in device.codes and _in_range(device.point(code), value)


def _in_range(point: Point, value: Any) -> bool:
    return not point.range or _spelled(point, value) in point.range


def _spelled(point: Point, value: Any) -> Any:
    """Return an alarm as its product spells it: some publish digits for names."""
    digits = point.range and all(word.isdecimal() for word in point.range)
    return str(LOCK_ALARMS.index(value)) if digits and value in LOCK_ALARMS else value


def _way(stage: Stage) -> str:
    known, given = ways(stage.device), stage.options.way
    if not known:
        raise stage.cannot("access")
    word = given
    if isinstance(given, int) or (isinstance(given, str) and given.isdecimal()):
        word = terminal.WORDS.get(int(given), "other")
    if word is None:
        return known[0]
    if word not in known:
        raise stage.cannot(f"way {given}")
    return str(word)


def record(point: Point, slot: int) -> Any:
    """Return an opening as the point's type tells it; raw records hold the slot at offset 2."""
    if point.type == "Boolean":
        return True
    if point.type == "Integer":
        return slot
    return base64.b64encode(bytes((0, 0, slot >> 8 & 0xFF, slot & 0xFF, 0, 0))).decode()

"""Somebody types a code at a lock: the right one opens it once, wrong ones add up to an alarm."""

from dataclasses import replace

from . import alarms, doors
from .cloud import Sent, new_event_id
from .codes import SimCode
from .devices import SimDevice, World
from .stage import BAD, ScenarioError, Stage

WRONG_IN_A_ROW = 3


def has_keys(device: SimDevice) -> bool:
    """Tell whether a device has a keypad that takes temporary codes."""
    known = {"unlock_temporary", "unlock_temporary_kit"}
    return device.world in {World.LOCK, World.CONTROLLER} and bool(device.codes & known)


def enter(stage: Stage) -> Sent:
    """Type the digits of the option ``code``; raises ScenarioError(400) without it."""
    device, codes = stage.device, stage.cloud.codes
    digits = stage.options.code
    if not digits:
        raise ScenarioError(BAD, "code is missing: the digits that are typed")
    code = codes.opening(device, digits)
    if code is None:
        return _refuse(stage)
    codes.wrong.pop(device.id, None)
    code.used = code.once
    return _open(stage, code)


def _open(stage: Stage, code: SimCode) -> Sent:
    device = stage.device
    doors.mark_open(stage.cloud, device.doors[1], stage.published)
    ways = (code.way, f"{code.way}_kit", "unlock_temporary", "unlock_temporary_kit")
    way = next(way for way in ways if way in device.codes)
    sent = list(stage.report({way: alarms.record(device.point(way), code.slot)}))
    if "lock_motor_state" in device.codes:
        sent += stage.report({"lock_motor_state": True})
    return stage.done(new_event_id(), sent)


def _refuse(stage: Stage) -> Sent:
    """Say nothing of a wrong code, but of several in a row."""
    wrong = stage.cloud.codes.wrong
    wrong[stage.device.id] = wrong.get(stage.device.id, 0) + 1
    if wrong[stage.device.id] % WRONG_IN_A_ROW:
        return stage.done(new_event_id(), ())
    typed = replace(stage, options=replace(stage.options, way="password"))
    return alarms.access(typed, granted=False)

"""Answering and ending a call from here, where a device has a data point for it.

Phones do it over the app's own connection, for which Tuya's cloud has no call; battery doorbells
take a data point as well.
"""

from collections.abc import Collection, Iterable

from . import dpcodes
from .changes import CallMoved, CallReason, CallStep, Change
from .context import Context
from .state import Call, CallPhase, Device, World

_YES = ("answered", "answer", "accepted", "accept", "connected", "connect", "true", "on", "1")
_NO = ("refused", "refuse", "rejected", "reject", "declined", "decline", "hang_up", "hangup")
_NO_MORE = ("stop", "end", "false", "off", "0")
_STEPS = {CallPhase.RINGING: CallStep.DECLINED, CallPhase.ANSWERED: CallStep.ENDED}


def answer_value(device: Device, *, answer: bool) -> bool | str | None:
    """Return what to write to `dpcodes.CALL_ANSWER`; None where the device takes no word of it."""
    code = dpcodes.CALL_ANSWER
    if device.world is not World.INTERCOM or code not in device.codes.known:
        return None
    words = _YES if answer else (*_NO, *_NO_MORE)
    if listed := device.codes.ranges.get(code):
        spelled = {word.lower(): word for word in reversed(listed)}
        return next((spelled[word] for word in words if word in spelled), None)
    return words[0] if code in device.codes.text else answer


def call_of(device: Device, phases: Collection[CallPhase]) -> Call | None:
    """Return the last call that stands so."""
    return next((call for call in reversed(device.calls) if call.phase in phases), None)


def settled(device: Device, call: Call, now: float, *, answer: bool) -> tuple[Change, ...]:
    """Return what becomes of a call that was answered or ended from here, at cloud time `now`."""
    step = CallStep.ANSWERED if answer else _STEPS[call.phase]
    return _told(device, call, now, (step,))


def opened_to(device: Device, call: Call, now: float) -> tuple[Change, ...]:
    """Return what becomes of a ringing call when the door is opened from here."""
    return _told(device, call, now, (CallStep.ANSWERED, CallStep.ENDED))


def _told(device: Device, call: Call, now: float, steps: Iterable[CallStep]) -> tuple[Change, ...]:
    context = Context.of(device, now, now, lambda _: None)
    for step in steps:
        context.call(step, CallReason.APP, now, call.event_id)
    moved = [change for change in context.changes if isinstance(change, CallMoved)]
    return context.finish() if moved else ()

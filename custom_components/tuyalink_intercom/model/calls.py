"""The life of a call: it rings, something becomes of it, it ends, and then there is none.

A device holds the calls that are not over yet. What was told of a call once is in the
device's memory, so that neither the order of messages nor a restart takes a call back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .changes import CallMoved, CallReason, CallRested, CallStep, Rang
from .presses import CALL, RINGING
from .state import Call, CallPhase, Device, Memory, World

RINGS: Mapping[World, float] = {World.TERMINAL: 30.0, World.INTERCOM: RINGING}
"""A call that nobody takes rings this long (s): a terminal hangs up itself by then, and of
intercoms some never tell that they did."""
RESUMED = 60.0
"""A call that began longer ago (s) than this is not taken up after a restart."""
TALKS = CALL
"""An answered call of whose end nothing is told is forgotten after this (s)."""
SHOWN = 10.0
"""How a call ended is shown this long (s), then there is no call."""
KEPT = 8
"""Calls at a time per device: one for each panel, and some that were called by mistake."""
_EARLY = "early|"
"""Outcomes of calls whose ring has not come yet: messages overtake each other."""
_RANKS: Mapping[CallPhase, int] = {phase: rank for rank, phase in enumerate(CallPhase)}
_PASSING = frozenset({CallPhase.RINGING, CallPhase.ANSWERED})


def makes_calls(device: Device) -> bool:
    """Tell whether a press starts a call: chimes only chime, and so do the bells of locks."""
    return device.world in RINGS and device.category != "wxml"


def fact_of(event_id: str, step: CallStep) -> str:
    """Return the name under which a step of a call is remembered."""
    return f"call|{event_id}|{step}"


def told(memory: Memory, event_id: str) -> frozenset[CallStep]:
    """Return what was told of a call so far."""
    known = {key for key, _ in memory.facts}
    return frozenset(step for step in CallStep if fact_of(event_id, step) in known)


def early_fact(step: CallStep, reason: CallReason | None, call_id: str) -> str:
    """Return the name under which an outcome waits whose ring has not come yet."""
    return f"{_EARLY}{step}|{reason or ''}|{call_id}"


def early_outcomes(
    memory: Memory, call_id: str, seen: float
) -> Iterator[tuple[tuple[str, float], CallStep, CallReason | None]]:
    """Yield what waited for the ring of a call that was told at this cloud time."""
    for fact in memory.facts:
        key, at = fact
        if key.startswith(_EARLY) and 0 <= at - seen <= CALL:
            step, reason, *whose = key.removeprefix(_EARLY).split("|", 2)
            if not any(whose) or whose == [call_id]:
                yield fact, CallStep(step), CallReason(reason) if reason else None


def outranks(step: CallStep, known: frozenset[CallStep]) -> bool:
    """Tell whether a step moves a call on; the same steps in any order end in the same."""
    return all(_RANKS[CallPhase(step)] > _RANKS[CallPhase(one)] for one in known)


def begun(device: Device, ring: Rang) -> Device:
    """Let a call ring, unless it is history or its outcome came before it."""
    if not ring.live or not makes_calls(device) or told(device.memory, ring.event_id):
        return device
    since = ring.time if ring.seen is None else ring.seen
    until = since + RINGS[device.world]
    call = Call(ring.event_id, CallPhase.RINGING, until, ring.channel, ring.test)
    return _with(device, call)


def moved(device: Device, change: CallMoved) -> Device:
    """Move a call on; one that nobody saw ringing is taken up if its outcome is news."""
    call = _call(device, change.event_id)
    if not makes_calls(device) or not (change.live or call):
        return device
    phase = CallPhase(change.step)
    behind = call is not None and _RANKS[call.phase] >= _RANKS[phase]
    if behind or not outranks(change.step, told(device.memory, change.event_id)):
        return device
    since = change.time if change.seen is None else change.seen
    until = since + (TALKS if phase in _PASSING else SHOWN)
    channel = call.channel if call else None
    return _with(device, Call(change.event_id, phase, until, channel, change.test))


def rested(device: Device, change: CallRested) -> Device:
    """Forget a call that is over."""
    return replace(device, calls=_others(device, change.event_id))


def resumed(device: Device, now: float) -> Device:
    """Take up the calls that were ringing before a restart, at cloud time `now`."""
    for press in device.memory.presses:
        # What a log tells by a clock that is ahead only looks as if it were of just now.
        young = not press.logged and 0 <= now - press.seen <= RESUMED
        if makes_calls(device) and young:
            ring = Rang(
                device_id=device.id,
                time=press.seen,
                event_id=press.event_id,
                live=True,
                channel=press.channel,
            )
            device = begun(device, ring)
    return device


def phase_of(device: Device) -> CallPhase:
    """Return how it stands with a device's calls: one going on counts more than one over."""
    going = [call.phase for call in device.calls if call.phase in _PASSING]
    over = [call.phase for call in device.calls]
    return next(reversed(going or over), CallPhase.IDLE)


def _call(device: Device, event_id: str) -> Call | None:
    return next((call for call in device.calls if call.event_id == event_id), None)


def _others(device: Device, event_id: str) -> tuple[Call, ...]:
    return tuple(call for call in device.calls if call.event_id != event_id)


def _with(device: Device, call: Call) -> Device:
    return replace(device, calls=(*_others(device, call.event_id), call)[-KEPT:])

"""One press of a bell, one ring: which carriers belong to which press.

A press is told by up to four messages within seconds, in any order, some with the
time of the press and some without. The windows stand here with their reasons.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2s

from ..api.message import unix_seconds
from .state import Press
from .values import mapping

SAME_PRESS = 1.0
"""Two press times this close (s) are one press: carriers round to whole seconds."""
JOIN = 20.0
"""A carrier without press time joins a press this recent (s): the picture follows its upload."""
REPEAT = 2.0
"""The same carrier this soon (s) is the same report in Tuya's other message dialect."""
RINGING = 60.0
"""A call that nobody takes rings at most this long (s); a press meanwhile belongs to it."""
CALL = 120.0
"""A call outcome belongs to a press this recent (s): 30 s ringing and 90 s talk."""
KEPT = 64
"""Presses remembered per device at most: the newest, as a backlog may come after live messages."""
KEPT_FOR = 2 * 3600 + 600.0
"""Older ones than this (s) are forgotten first: the queue redelivers for two hours."""
_ALWAYS = 16
"""So many are remembered however old they are."""
_ANSWERED = "answered"
_TIME_KEYS = ("time", "t", "ts", "timestamp")


class Carrier(StrEnum):
    """A kind of message that tells a press."""

    ACTIVE = "doorbell_active"
    ALARM_MESSAGE = "alarm_message"
    BELL = "doorbell"
    CALL = "call"
    CHANNEL = "channel"
    CHIME = "doorbell_call"
    KIT = "doorbell_song_kit"
    KIT_ALARM = "lock_alarm_kit"
    LINKAGE = "linkage"
    MESSAGE = "initiative_message"
    NOTIFY = "event_notify"
    PANEL = "doorbell_panel"
    PICTURE = "doorbell_pic"
    TAUGHT = "taught"


def pressed_at(value: object) -> float | None:
    """Read the press time in `doorbell_active`: seconds as text or number, or in an object."""
    found = mapping(value)
    if found is None:
        return unix_seconds(value)
    return next((at for key in _TIME_KEYS if (at := unix_seconds(found.get(key)))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one message tells of a press, or one row of a log if `logged`.

    `seen` is the message's cloud time, `pressed` the press time by the device's clock, `also`
    the time of the telling by it, `call_id` the device's own name for the call (the same call,
    the same press). Of a row nobody says by which clock its `seen` is.
    """

    kind: Carrier
    seen: float
    pressed: float | None = None
    also: float | None = None
    channel: str | None = None
    call_id: str | None = None
    live: bool = False
    logged: bool = False


def joined(
    presses: tuple[Press, ...], sign: Sign, *, device_id: str, calls: bool = False
) -> tuple[tuple[Press, ...], Press, bool]:
    """Add what one message or row tells; return all presses, this one, and whether it is new.

    With `calls` the device starts a call with each press, and further presses belong to it.
    """
    found = _find(presses, sign)
    if found is None:
        press = _new(presses, sign, device_id, calls=calls)
        presses = (*presses, press)
        # The rows of a log are gone through as a whole: only then old presses may be forgotten.
        return presses if sign.logged else kept(presses), press, True
    by_cloud = [one.seen for one in (found, sign) if not one.logged]
    by_log = [one.seen for one in (found, sign) if one.logged]
    press = replace(
        found,
        seen=min(by_cloud or by_log),
        kinds={sign.kind: sign.seen, **found.kinds},
        channel=found.channel or sign.channel,
        pressed=found.pressed or sign.pressed,
        also=found.also or sign.also or next(iter(by_log), None),
        logged=not by_cloud,
    )
    return tuple(press if one is found else one for one in presses), press, False


def kept(presses: Iterable[Press]) -> tuple[Press, ...]:
    """Return the presses that are worth remembering, oldest first."""
    ordered = _ordered(presses)[-KEPT:]
    while len(ordered) > _ALWAYS and ordered[0].seen < ordered[-1].seen - KEPT_FOR:
        ordered.pop(0)
    return tuple(ordered)


def _ordered(presses: Iterable[Press]) -> list[Press]:
    return sorted(presses, key=lambda press: press.seen)


def recent(presses: tuple[Press, ...], seen: float) -> Press | None:
    """Return the press to which the outcome of a call that was told at this time belongs."""
    near = [press for press in presses if -REPEAT <= seen - press.seen <= CALL]
    return max(near, key=lambda press: press.seen, default=None)


def moved(presses: tuple[Press, ...], call_id: str, step: str) -> tuple[Press, ...]:
    """Note what became of a call."""
    return tuple(
        replace(press, step=step) if press.event_id == call_id else press for press in presses
    )


def _find(presses: tuple[Press, ...], sign: Sign) -> Press | None:
    if sign.call_id is not None:
        return next((press for press in presses if press.event_id == sign.call_id), None)
    near = [*_of_channel(presses, sign)]
    if sign.pressed is not None:
        # A press known by its time is right, whatever came in between.
        for press in near:
            if press.pressed and abs(sign.pressed - press.pressed) <= SAME_PRESS:
                return press
        near = [press for press in near if press.pressed is None]
    if sign.live:
        # Logs tell nothing so young: whatever clock misleads, no ring is lost to them.
        near = [press for press in near if not press.logged]
    # In a backlog later presses may be known already: what was pressed before comes first.
    near.sort(
        key=lambda press: min(max(0.0, known - at - REPEAT) for known, at in _times(press, sign))
    )
    return next((press for press in near if _joins(press, sign)), None)


def _of_channel(presses: tuple[Press, ...], sign: Sign) -> Iterator[Press]:
    for press in reversed(_ordered(presses)):
        if not sign.channel or press.channel in {None, sign.channel}:
            yield press


def _joins(press: Press, sign: Sign) -> bool:
    if (told := press.kinds.get(sign.kind)) is not None:
        return abs(sign.seen - told) < REPEAT
    return any(abs(at - known) <= JOIN for known, at in _times(press, sign))


def _times(press: Press, sign: Sign) -> Iterator[tuple[float, float]]:
    """Yield times of a press with times of a sign that may be by the same clock."""
    if not press.logged and not sign.logged:
        yield press.seen, sign.seen
        return
    for known in (press.seen, press.pressed, press.also):
        for at in (sign.seen, sign.pressed, sign.also):
            if known is not None and at is not None:
                yield known, at


def _new(presses: tuple[Press, ...], sign: Sign, device_id: str, *, calls: bool) -> Press:
    call = next((one for one in _of_channel(presses, sign) if _goes_on(one, sign.seen)), None)
    if not calls or sign.call_id is not None:
        call = None
    return Press(
        event_id=call.event_id if call else sign.call_id or _event_id(device_id, sign),
        seen=sign.seen,
        kinds={sign.kind: sign.seen},
        channel=sign.channel,
        pressed=sign.pressed,
        also=sign.also,
        logged=sign.logged,
        number=call.number + 1 if call else 1,
        step=call.step if call else None,
    )


def _goes_on(call: Press, seen: float) -> bool:
    if call.step is None:
        return 0 <= seen - call.seen <= RINGING
    return call.step == _ANSWERED and 0 <= seen - call.seen <= CALL


def _event_id(device_id: str, sign: Sign) -> str:
    told = f"{sign.pressed or sign.seen:.3f}"
    text = f"{device_id}|{sign.channel or ''}|{told}|{sign.kind}"
    return blake2s(text.encode(), digest_size=8).hexdigest()

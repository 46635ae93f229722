"""The ladder of push: from the signs to how far push can be trusted, and what is wrong.

Pure: `assess` judges a `Signs` at a time. The thresholds stand here with their reasons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .presses import JOIN, Carrier
from .signs import BLIP, KEPT, PRESSES, Line, Missed, Signs
from .state import AccessState, Device

HOUR: Final = 3600.0
SILENT: Final = 12 * HOUR
"""Without any message for this long (s), push is doubted: a night or a day at work is shorter."""
NOT_DELIVERING: Final = KEPT
"""Messages are this late (s) at most: then the queue throws them away."""
SHARED: Final = HOUR / 2
"""Two readers are a state, not a moment: changes in one poll or two may have one cause (s)."""
SENT: Final = 60.0
"""A poll may be faster than the message of what it saw, by seconds."""
CHANGES: Final = 2
"""Changes that a poll saw first. One may be a message that just was not sent: a device that came
back after a power cut, a value corrected in the cloud. Two are a habit."""
BACKLOG: Final = HOUR / 2
"""Tuya warns every 15 minutes while messages pile up: two warnings that did not come (s)."""
_PICTURES: Final = frozenset({Carrier.ALARM_MESSAGE, Carrier.MESSAGE, Carrier.PICTURE})


class Rung(StrEnum):
    """How far push can be trusted."""

    FRESH = "fresh"
    """Messages arrive, or nothing speaks against it."""
    DOUBTFUL = "doubtful"
    """Silent for too long, on the way back, or known to lose messages."""
    DOWN = "down"
    """Refused or switched off."""


class Way(StrEnum):
    """By which way news reach us first."""

    QUEUE = "queue"
    WEBHOOK = "webhook"
    POLLING = "polling"


class Kind(StrEnum):
    """What can be wrong; the value names the repair."""

    KEYS_REFUSED = "queue_refused_credentials"
    WRONG_DATA_CENTER = "queue_wrong_data_center"
    SERVICE_REFUSED = "queue_refused_service"
    ENVIRONMENT_REFUSED = "queue_refused_environment"
    BUSY = "queue_busy"
    NOT_DELIVERING = "push_not_delivering"
    SHARED = "push_shared"
    LACKS_NOTIFY = "push_lacks_notify"
    BACKLOG = "push_backlog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and with what."""

    kind: Kind
    devices: tuple[str, ...] = ()
    waiting: int = 0
    subscription: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The judgement at a time; `until` is when it may be another though nothing happens."""

    rung: Rung
    way: Way
    findings: tuple[Finding, ...] = ()
    until: float | None = None


def assess(signs: Signs, state: AccessState, now: float) -> Assessment:
    """Judge the signs."""
    findings = tuple(_findings(signs, state, now))
    kinds = {finding.kind for finding in findings}
    queue, webhook = _queue(signs, kinds, now), _webhook(signs, now)
    return Assessment(
        rung=min(queue, webhook, key=tuple(Rung).index),
        way=_way(signs, queue, webhook, kinds),
        findings=findings,
        until=min((time for time in _deadlines(signs, state) if time > now), default=None),
    )


def _queue(signs: Signs, kinds: set[Kind], now: float) -> Rung:
    if signs.line is Line.OFF or signs.line in _REFUSED:
        return Rung.DOWN
    if signs.steady_since is None or kinds & {Kind.NOT_DELIVERING, Kind.SHARED}:
        return Rung.DOUBTFUL
    if _is_away(signs, now):
        return Rung.DOUBTFUL
    silent = now - max(signs.steady_since, signs.by_queue or 0.0)
    return Rung.DOUBTFUL if silent >= SILENT else Rung.FRESH


def _is_away(signs: Signs, now: float) -> bool:
    """Tell whether the queue was away for long, and is not surely back."""
    if signs.lost_at is None:
        return False
    if signs.line is not Line.CONNECTED:
        return now - signs.lost_at > BLIP
    return (signs.connected_at or now) - signs.lost_at > BLIP and not signs.proven(now)


def _webhook(signs: Signs, now: float) -> Rung:
    """Nobody can tell whether a webhook is alive but by what it brought."""
    if not signs.webhook or signs.by_webhook is None:
        return Rung.DOWN
    return Rung.FRESH if now - signs.by_webhook < SILENT else Rung.DOUBTFUL


def _way(signs: Signs, queue: Rung, webhook: Rung, kinds: set[Kind]) -> Way:
    if queue is Rung.FRESH:
        return Way.QUEUE
    if webhook is Rung.FRESH:
        return Way.WEBHOOK
    listening = signs.line is Line.CONNECTED and Kind.NOT_DELIVERING not in kinds
    return Way.QUEUE if listening else Way.POLLING


_REFUSED: Final = {
    Line.REFUSED_CREDENTIALS: Kind.KEYS_REFUSED,
    Line.REFUSED_SERVICE: Kind.SERVICE_REFUSED,
    Line.REFUSED_ENVIRONMENT: Kind.ENVIRONMENT_REFUSED,
    Line.BUSY: Kind.BUSY,
}


def _findings(signs: Signs, state: AccessState, now: float) -> Iterator[Finding]:
    if (kind := _REFUSED.get(signs.line)) is not None:
        known = kind is Kind.KEYS_REFUSED and signs.keys_accepted
        yield Finding(kind=Kind.WRONG_DATA_CENTER if known else kind)
    if signs.line is Line.CONNECTED:
        if _delivers_nothing(signs, now):
            yield Finding(kind=Kind.NOT_DELIVERING)
        elif unheard := tuple(_unheard(signs, now)):
            yield Finding(kind=Kind.SHARED, devices=unheard)
    if without := tuple(_without_notify(signs, state, now)):
        yield Finding(kind=Kind.LACKS_NOTIFY, devices=without)
    if signs.notice is not None and (
        now - signs.noticed_at < BACKLOG or signs.line not in {Line.CONNECTED, Line.OFF}
    ):
        yield Finding(
            kind=Kind.BACKLOG,
            waiting=signs.notice.waiting,
            subscription=signs.notice.subscription,
        )


def _delivers_nothing(signs: Signs, now: float) -> bool:
    """Silence alone is a quiet night; with changes that polls saw it is no delivery."""
    # Before the first message ever, everything may be left out. Later, a rule may just leave out
    # devices that come and go.
    everything = signs.online_told or signs.heard_at is None
    return (
        now - _quiet_since(signs) >= NOT_DELIVERING
        and _count(signs.unheard, online=everything) >= CHANGES
    )


def _unheard(signs: Signs, now: float) -> Iterator[str]:
    """Name the devices that only polls tell of, while messages of others arrive.

    Two readers of one subscription share its partitions, and so whole devices. That messages
    come again after a rule was switched on proves nothing: they have to come between the changes.
    The queue of the test environment leaves devices out as a matter of course.
    """
    if not signs.production:
        return
    for device_id, missed in signs.missed.items():
        enough = _count(missed, online=signs.online_told) >= CHANGES and missed.between
        if enough and now - missed.first >= SHARED and now - missed.last >= SENT:
            yield device_id


def _without_notify(signs: Signs, state: AccessState, now: float) -> Iterator[str]:
    """Name the intercoms whose presses came without call push, though the rule could let it.

    Not every model sends call pushes. Suspected are models that did before, and those whose
    presses only came with their picture, which is late: but not while any device's call pushes
    arrive, as then the rule has them. Battery bells are left out: many send pictures only.
    """
    for device_id, keys in signs.presses.items():
        device = state.devices.get(device_id)
        if device is None or len(keys) < PRESSES:
            continue
        told = [press for press in device.memory.presses if (press.event_id, press.number) in keys]
        if len(told) < PRESSES or now - max(press.seen for press in told) < JOIN:
            continue
        carriers = {carrier for press in told for carrier in press.kinds}
        arrives = (signs.notified_at or 0.0) >= min(press.seen for press in told)
        if arrives or Carrier.NOTIFY in carriers:
            continue
        if _notifies(device) or (not _any_notifies(signs, state) and carriers <= _PICTURES):
            yield device_id


def may_notify(device: Device) -> bool:
    """Tell whether a device is of a kind that sends call pushes: a video bell on the mains."""
    return device.category == "sp" and not device.features.sleeps


def _notifies(device: Device) -> bool:
    return any(Carrier.NOTIFY in press.kinds for press in device.memory.presses)


def _any_notifies(signs: Signs, state: AccessState) -> bool:
    return signs.notified_at is not None or any(map(_notifies, state.devices.values()))


def _count(missed: Missed, *, online: bool) -> int:
    return missed.values + (missed.online if online else 0)


def _quiet_since(signs: Signs) -> float:
    return max(signs.steady_since or 0.0, signs.heard_at or 0.0)


def _deadlines(signs: Signs, state: AccessState) -> Iterator[float]:
    """Yield the times at which time alone may change the judgement."""
    if signs.line is Line.CONNECTED:
        yield (signs.connected_at or 0.0) + BLIP
        yield _quiet_since(signs) + NOT_DELIVERING
        yield max(signs.steady_since or 0.0, signs.by_queue or 0.0) + SILENT
        for missed in signs.missed.values():
            yield missed.first + SHARED
            yield missed.last + SENT
    elif signs.lost_at is not None:
        # Strictly longer than a blip.
        yield signs.lost_at + BLIP + 1
    if signs.by_webhook is not None:
        yield signs.by_webhook + SILENT
    if signs.notice is not None:
        yield signs.noticed_at + BACKLOG
    for device_id in signs.presses.keys() & state.devices.keys():
        last = max((press.seen for press in state.devices[device_id].memory.presses), default=0.0)
        yield last + JOIN

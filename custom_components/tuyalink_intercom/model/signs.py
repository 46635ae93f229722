"""Signs of life of push: what was heard, and what polls saw that nobody had told.

One mutable record per project, bounded by its devices; it judges nothing. What the signs
mean is said in `health`. All times are cloud times in Unix seconds.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..api.message import Message
from .state import AccessState, Device, Reading
from .values import integer, mapping, text

SETTLING = 60.0
"""A poll this soon (s) after a device's message may still show the cloud's older copy of it."""
BLIP = 60.0
"""A line that is back after this long (s) was never away: the queue kept the messages."""
KEPT = 7200.0
"""The queue keeps a message this long (s), then throws it away."""
PRESSES = 5
"""Presses without a call push before the rule is suspected: fewer may be chance."""
RECENT = 20
"""Delays that the median is made of: it is to follow a change within a day's messages."""
BACKLOG = 60.0
"""A message later than this (s) waited in the queue: it says nothing about the way."""


class Line(StrEnum):
    """How the queue's connection is; the values are those of the wire's own states."""

    OFF = "off"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    REFUSED_CREDENTIALS = "refused_credentials"
    REFUSED_SERVICE = "refused_service"
    REFUSED_ENVIRONMENT = "refused_environment"
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What a poll found: the tree before, and with what the cloud said."""

    time: float
    before: AccessState
    after: AccessState


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Changes that polls saw and no message told: how many of each kind, from when to when."""

    first: float = 0.0
    last: float = 0.0
    values: int = 0
    online: int = 0
    followed: bool = False
    """Whether the queue brought a message of another device since the first."""
    between: bool = False
    """Whether it did so between two of them: then it delivered, and yet left this device out."""

    def plus(self, time: float, *, values: int, online: int) -> Missed:
        """Add what one poll saw."""
        return Missed(
            first=self.first or time,
            last=time,
            values=self.values + values,
            online=self.online + online,
            followed=self.followed,
            between=self.followed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Tuya's warning that messages wait in a subscription."""

    waiting: int
    subscription: str


@dataclass(slots=True, kw_only=True)
class Signs:
    """Everything that is known about push since the entry was loaded."""

    webhook: bool = False
    """Whether messages may come by webhook."""
    production: bool = True
    """Whether the queue is the one of all devices; the other carries test devices only."""
    line: Line = Line.OFF
    lost_at: float | None = None
    """Since when the queue is, or last was, away; `None` before the first time."""
    connected_at: float | None = None
    steady_since: float | None = None
    """Since when the queue is connected, blips left out; `None` before the first time."""
    keys_accepted: bool = True
    """Whether Tuya's OpenAPI takes the same keys."""
    by_queue: float | None = None
    """When the last message came by the queue."""
    by_webhook: float | None = None
    told: dict[str, float] = field(default_factory=dict)
    """Device → when its last message came."""
    online_told: bool = False
    """Whether messages of devices that come and go do arrive: a rule may leave them out."""
    polled_at: float | None = None
    unheard: Missed = Missed()
    """What polls saw since the last message of any device."""
    missed: dict[str, Missed] = field(default_factory=dict)
    """Device → what polls saw since its own last message."""
    notified_at: float | None = None
    """When the last call push (`event_notify`) of any device came."""
    presses: dict[str, deque[tuple[str, int]]] = field(default_factory=dict)
    """Device → its last live presses by the queue: event id and number."""
    notice: Notice | None = None
    noticed_at: float = 0.0
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    """Seconds from the cloud to us of the last messages that did not wait."""

    @property
    def heard_at(self) -> float | None:
        """When the last message came, by whichever way."""
        return max((at for at in (self.by_queue, self.by_webhook) if at is not None), default=None)

    def moved(self, line: Line, now: float) -> None:
        """Take a new state of the queue's connection."""
        if line is Line.CONNECTED and self.line is not Line.CONNECTED:
            self.connected_at = now
            if self.lost_at is None or now - self.lost_at > BLIP:
                self.steady_since = now
        elif self.line is Line.CONNECTED and line is not Line.CONNECTED:
            # A connection that is accepted and dropped at once was none.
            self.lost_at = now if self.proven(now) else self.lost_at or now
        self.line = line

    def proven(self, now: float) -> bool:
        """Tell whether the last connection held for a while, or brought something."""
        since = self.connected_at
        return since is not None and (now - since >= BLIP or (self.by_queue or 0.0) >= since)

    def heard(self, message: Message, now: float, *, webhook: bool, known: bool) -> None:
        """Take a message as a sign of life, a repeat too; `known` if the device is of ours."""
        if webhook:
            self.by_webhook = now
        else:
            self.by_queue = now
            self._follow()
        self.unheard = Missed()
        self.missed.pop(message.device_id, None)
        if known:
            self.told[message.device_id] = now
        if message.kind in _ONLINE_KINDS:
            self.online_told = True
        elif message.kind == "event_notify":
            self.notified_at = now

    def _follow(self) -> None:
        for key, missed in self.missed.items():
            if not missed.followed:
                self.missed[key] = replace(missed, followed=True)

    def took(self, message: Message, now: float) -> None:
        """Note how long a message that was not a repeat took."""
        if message.time is not None and (delay := now - message.time) <= BACKLOG:
            # Clocks are known to a fraction of a second only: nothing arrives before it is sent.
            self.delays.append(max(0.0, delay))

    def pressed(self, device_id: str, press: tuple[str, int]) -> None:
        """Note a live press that the queue told."""
        self.presses.setdefault(device_id, deque(maxlen=PRESSES)).append(press)

    def polled(self, poll: Poll) -> None:
        """Take what a poll saw, as far as messages should have told it before."""
        covered = self._covered()
        self.polled_at = poll.time
        for kept in (self.told, self.missed, self.presses):
            for left in kept.keys() - poll.after.devices.keys():
                del kept[left]
        if not covered:
            return
        for device, values, online in _changed(poll):
            if poll.time - self.told.get(device.id, -SETTLING) >= SETTLING:
                self.unheard = self.unheard.plus(poll.time, values=values, online=online)
                missed = self.missed.get(device.id, Missed())
                self.missed[device.id] = missed.plus(poll.time, values=values, online=online)

    def noticed(self, notice: Notice, now: float) -> None:
        """Take a warning of Tuya that messages pile up."""
        self.notice, self.noticed_at = notice, now

    def _covered(self) -> bool:
        """Tell whether the queue was connected all the time between the polls.

        What changed while it was not may have been told to nobody, and proves nothing.
        """
        return (
            self.line is Line.CONNECTED
            and self.steady_since is not None
            and self.polled_at is not None
            and self.steady_since <= self.polled_at
        )


_ONLINE_KINDS = frozenset({"deviceOffline", "deviceOnline", "offline", "online"})


def _changed(poll: Poll) -> Iterator[tuple[Device, int, int]]:
    """Yield each device of which a poll told news: how many values, and whether it came or went.

    Values that were unknown before are no news. A device that sleeps comes and goes all day, and
    Tuya's cloud notices it when it likes: that is no news either.
    """
    for key, after in poll.after.devices.items():
        before = poll.before.devices.get(key)
        if before is None or before == after:
            continue
        pairs = (
            *((before.readings.get(fact), told) for fact, told in after.readings.items()),
            *((before.bolts.get(door), told) for door, told in after.bolts.items()),
            *((before.relays.get(code), told) for code, told in after.relays.items()),
        )
        values = sum(_is_news(was, told) for was, told in pairs)
        flipped = None not in {before.online, after.online} and before.online != after.online
        online = int(flipped and not after.features.sleeps)
        if values or online:
            yield after, values, online


def _is_news(was: Reading | None, told: Reading) -> bool:
    if was is None or was.value is None or told.value is None or was.value == told.value:
        return False
    # An alarm that ended by itself was never taken back by a message.
    return was.until is None


def notice_in(message: Message) -> Notice | None:
    """Read Tuya's backlog notice: an object, as text, in the `eventData` of a high-priority one."""
    if message.kind != "HighPriorityNotice":
        return None
    body = mapping(message.payload.get("bizData")) or {}
    told = mapping(body.get("eventData")) or {}
    waiting = integer(told.get("backLogNum"))
    if body.get("eventType") != "pulsar_backlog_notice" or waiting is None:
        return None
    return Notice(waiting=waiting, subscription=text(told.get("subscription")) or "")

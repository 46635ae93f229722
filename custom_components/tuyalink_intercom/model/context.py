"""The working notes of decoding one message: what it told so far, what it repeats."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf

from . import facts
from .calls import early_fact, early_outcomes, fact_of, makes_calls, outranks, told
from .changes import (
    CallMoved,
    CallReason,
    CallStep,
    CaptureTaken,
    Change,
    ChannelsReported,
    Learned,
    Occasion,
    Opened,
    Rang,
    Remembered,
    Reported,
)
from .doors import Door
from .pictures import PictureMessage
from .presses import JOIN, SAME_PRESS, Carrier, Sign, joined, moved, recent
from .state import Device, Fact, Memory, Method, Scalar
from .values import plain_name

LIVE = 60.0
"""Older than this (s, by cloud time) a message is history, not an event."""
CLOCK_TRUST = 600.0
"""A device's clock is believed within this distance (s) of the cloud's."""
REPEAT = 2.0
"""The same fact this close (s) is the same report in Tuya's other message dialect."""
_ROUNDED = 1.0
"""Clocks that differ by less (s) tell the same: logs count whole seconds, `REPEAT` covers both."""
READ_SLACK = 5.0
"""The queue stamps a message within this time (s) of the cloud's storing its value."""


@dataclass(slots=True)
class Context:
    """One message about one device, being decoded. `seen` is its cloud time."""

    device: Device
    seen: float
    live: bool
    memory: Memory
    changes: list[Change] = field(default_factory=list)
    count: Callable[[str], None] = lambda _: None
    logged: bool = False
    """Whether this is a row of a log: it tells one time, and nobody says by which clock."""
    clocks: dict[float, float] = field(default_factory=dict)
    """Time of a fact → by the other clock, the device's or the cloud's, where these differ."""

    @classmethod
    def of(
        cls, device: Device, time: float | None, now: float, unknown: Callable[[str], None]
    ) -> Context:
        """Start decoding a message that Tuya's cloud sent at `time` (`None`: not told)."""
        seen = now if time is None else time
        return cls(device, seen, now - seen <= LIVE, device.memory, count=unknown)

    def unknown(self, name: str) -> None:
        """Count something that was not understood."""
        self.count(plain_name(name))

    def fact_time(self, told: float | None) -> float:
        """Return when a fact was so: the device's word if its clock can be believed."""
        if told is None:
            return self.seen
        off = abs(told - self.seen)
        time, other = (told, self.seen) if off <= CLOCK_TRUST else (self.seen, told)
        if off >= _ROUNDED and not self.logged:
            self.clocks[time] = other
        return time

    def _by_device(self, time: float | None) -> float | None:
        """Return a time of a fact by the device's clock; `None` where only the cloud tells one."""
        if self.logged or time is None:
            return None
        other = self.clocks.get(time)
        return other if time == self.seen else time

    def finish(self) -> tuple[Change, ...]:
        """Return everything the message told, with what is to be remembered of it."""
        if self.memory != self.device.memory:
            self.changes.append(
                Remembered(device_id=self.device.id, time=self.seen, memory=self.memory)
            )
        return tuple(self.changes)

    def press(
        self,
        kind: Carrier,
        *,
        time: float | None = None,
        pressed: float | None = None,
        channel: str | None = None,
        call_id: str | None = None,
        address: str | None = None,
    ) -> str:
        """Take a sign of a press: a ring if it is news. Return the id of its event."""
        device = self.device
        if pressed is not None and self.recalls(pressed=pressed):
            return self.event_id_of("recalled", pressed)
        if pressed is None and call_id is None and (self.logged or time in self.clocks):
            # Presses are joined by the cloud's clock, which is not the one that told this time.
            at = self.seen if time is None else time
            if self.repeated(key := f"press|{kind}|{channel or ''}", at):
                return self.event_id_of(key, at)
        presses, press, new = joined(
            self.memory.presses,
            Sign(
                kind=kind,
                seen=self.seen,
                pressed=pressed,
                also=self._by_device(time),
                channel=channel,
                call_id=call_id,
                live=self.live,
                logged=self.logged,
            ),
            device_id=device.id,
            calls=makes_calls(device),
        )
        self.memory = replace(self.memory, presses=presses)
        if new:
            at = self.fact_time(time if pressed is None else pressed)
            self.learn("rings", there=device.features.rings)
            self.changes.append(
                Rang(
                    device_id=device.id,
                    time=at,
                    event_id=press.event_id,
                    live=self.live,
                    seen=self.seen,
                    channel=press.channel or self._panel_shown(at),
                    address=address,
                    presses=press.number,
                )
            )
            self._outcome_before_ring(press.event_id)
        return press.event_id

    def call(
        self, step: CallStep, reason: CallReason | None, time: float, call_id: str | None = None
    ) -> None:
        """Take the outcome of a call; without a call it is counted and dropped."""
        if call_id is None:
            press = recent(self.memory.presses, self.seen)
            call_id = press.event_id if press else None
        if call_id is None:
            self.unknown("call_without_ring")
            if makes_calls(self.device):
                self.hold(step, reason)
            return
        known = told(self.memory, call_id)
        # Whoever took a call did not miss it, whatever another of their phones says.
        if (step is CallStep.MISSED and known) or self.repeated(
            fact_of(call_id, step), time, within=inf
        ):
            return
        if outranks(step, known):
            self.memory = replace(self.memory, presses=moved(self.memory.presses, call_id, step))
        self.changes.append(
            CallMoved(
                device_id=self.device.id,
                time=time,
                event_id=call_id,
                step=step,
                live=self.live,
                seen=self.seen,
                reason=reason,
                test=any(one.event_id == call_id and one.test for one in self.device.calls),
            )
        )

    def hold(self, step: CallStep, reason: CallReason | None, call_id: str = "") -> None:
        """Keep an outcome until the ring comes that tells whose call it is."""
        self.repeated(early_fact(step, reason, call_id), self.seen)

    def _outcome_before_ring(self, call_id: str) -> None:
        """Take what was told of this call before its ring came."""
        for fact, step, reason in early_outcomes(self.memory, call_id, self.seen):
            kept = tuple(one for one in self.memory.facts if one != fact)
            self.memory = replace(self.memory, facts=kept)
            self.call(step, reason, fact[1], call_id)

    def opened(
        self, door: Door, time: float, method: Method | None = None, **by: str | None
    ) -> None:
        """Take the release of a door, `by` and `by_key` whom as far as known."""
        self.changes.append(
            Opened(
                device_id=self.device.id,
                time=time,
                door=door.key,
                live=self.live,
                method=method,
                **by,
            )
        )

    def state(
        self, fact: Fact, value: Scalar | None, time: float, until: float | None = None
    ) -> None:
        """Take a state."""
        self.learn(fact.value, there=fact in self.device.features.facts)
        self.changes.append(
            Reported(
                device_id=self.device.id,
                time=time,
                seen=self.seen,
                fact=fact,
                value=value,
                until=until,
            )
        )

    def learn(self, feature: str, *, there: bool) -> None:
        """Note what the device just did though its data did not promise it."""
        if not there and self.live:
            self.changes.append(Learned(device_id=self.device.id, time=self.seen, feature=feature))

    def capture(self, found: PictureMessage, occasion: Occasion, event_id: str) -> None:
        """Take note of a picture; two messages may tell of the same one."""
        key, within = f"picture|{occasion}|{found.mark}", inf if found.mark else REPEAT
        if found.picture is None or self.repeated(key, self.seen, within=within):
            return
        self.learn("captures", there=self.device.features.captures)
        self.changes.append(
            CaptureTaken(
                device_id=self.device.id,
                time=self.fact_time(found.taken),
                seen=self.seen,
                event_id=event_id,
                occasion=occasion,
                picture=found.picture,
                live=self.live,
            )
        )

    def recalls(self, *, pressed: float | None = None, mark: str | None = None) -> bool:
        """Tell whether the cloud had told this before we asked it, and this message came after."""
        recalled = self.device.recalled
        if self.seen <= recalled.read_at + READ_SLACK:
            return False
        if pressed is not None:
            return any(abs(pressed - known) <= SAME_PRESS for known in recalled.presses)
        return mark in recalled.marks

    def repeated(self, key: str, time: float, *, within: float = REPEAT) -> bool:
        """Tell whether this fact was told already, and remember it."""
        other = self.clocks.get(time)
        # So far apart, the message's other dialect may believe the other clock.
        doubtful = other is not None and abs(abs(other - time) - CLOCK_TRUST) < REPEAT
        times = (time, other) if other is not None and doubtful else (time,)
        told, ever = self.memory.facts, within == inf
        known = facts.knows(told, key, times, inf) if ever else self._known(key, *times)
        if not known:
            marks = () if ever else facts.marks(key, time, other, logged=self.logged)
            told = (*told, (key, time), *marks)
            # The rows of a log are gone through as a whole: only then old ones may be forgotten.
            self.memory = replace(self.memory, facts=told if self.logged else facts.kept(told))
        return known

    def told_as(self, other: str, key: str, time: float) -> bool:
        """Tell whether a log and a message tell the same, one as `other`, this one as `key`."""
        if self.logged:
            return self._known(other, time)
        times = (time, self.clocks.get(time, time))
        found = () if self.live else facts.logged_as(self.memory.facts, other, key, times, REPEAT)
        self.memory = replace(self.memory, facts=found or self.memory.facts)
        return bool(found)

    def _known(self, key: str, *times: float) -> bool:
        """Tell whether a fact was told at one of these times, or at the first by another clock."""
        # Logs tell nothing so young: whatever clock misleads, no news is lost to them.
        if facts.knows(self.memory.facts, key, times, REPEAT, logs=not self.live):
            return True
        time, told, logged = times[0], self.memory.facts, self.logged
        other = None if self.live else self.clocks.get(time)
        found = facts.recognised(told, key, time, other, logged=logged, within=REPEAT)
        self.memory = replace(self.memory, facts=found or told)
        return bool(found)

    def _panel_shown(self, time: float) -> str | None:
        """Return the panel to which a monitor just switched: the one that rings."""
        told = (change for change in self.changes if isinstance(change, ChannelsReported))
        if (report := next(told, None)) is not None:
            return report.current
        since = self.device.channel_since
        near = min(abs(self.seen - since), abs(time - since)) <= JOIN
        return self.device.channel if near and len(self.device.channels) > 1 else None

    def event_id_of(self, key: str, time: float) -> str:
        """Return the id of the event that a remembered fact made."""
        return facts.event_id(self.device.id, key, time)

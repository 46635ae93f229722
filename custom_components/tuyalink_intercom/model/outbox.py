"""What a published door is to tell Tuya, as a state machine without a clock: time is passed in.

One thing is on its way at a time. `next` says what, `done` or `failed` what became of it. Answers
go first, then whether the door is there, what happened in its order, and what the values are.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .allowance import Allowance, Allowances
from .happenings import ActionAnswer, Happening
from .publication import Value
from .sendables import (
    AnswerOut,
    EventOut,
    Fate,
    Lane,
    Lost,
    PointsOut,
    PresenceOut,
    Sendable,
    Timed,
    ValuesOut,
)
from .unreported import Unreported, span_left

MOST_HAPPENINGS, MOST_ANSWERS, MOST_POINTS = 100, 20, 100
ANSWER_GOOD_FOR: Final = 30.0
"""By then Tuya has long given the command up (s)."""
AWAY_AFTER: Final = 10.0
"""Radios and reloads make entities unavailable for moments (s): nobody is told of these."""
FIRST_BACKOFF, LONGEST_BACKOFF = 2.0, 300.0
LONGEST_FOR_ANSWERS: Final = 4.0
STANDSTILL: Final = 3600.0
"""What only a person can mend is tried this rarely (s)."""


@dataclass(slots=True)
class _Backoff:
    """How long to leave something alone after it failed."""

    longest: float = LONGEST_BACKOFF
    tries: int = 0
    since: float = 0.0
    span: float = 0.0

    def left(self, now: float) -> float:
        return span_left(self.since, self.span, now)

    def failed(self, now: float, wait: float | None) -> None:
        # The power is bounded, or it outgrows what a float can hold.
        doubled = FIRST_BACKOFF * 2 ** min(self.tries, 16)
        self.tries, self.since = self.tries + 1, now
        self.span = min(doubled, self.longest) if wait is None else wait

    def over(self) -> None:
        self.tries, self.span = 0, 0.0


class Outbox:
    """All that one door is to tell; times are Unix seconds by the cloud's clock."""

    def __init__(self, urgent: frozenset[str] = frozenset()) -> None:
        self.values = Unreported(urgent)
        self.held = 0
        """While above zero no values are told: a command is about to change them."""
        self.tight = False
        """Whether calls are to be saved."""
        self.wish: bool | None = None
        self.told_online: bool | None = None
        self.lost: Counter[Lost] = Counter()
        self.refused_events: set[str] = set()
        self._wished_at = 0.0
        self._happenings: deque[Happening] = deque()
        self._answers: deque[AnswerOut] = deque()
        self._points: dict[int, Timed] = {}
        self._presence = Allowance()
        self._events = Allowances()
        self._flying: Sendable | None = None
        self._all = _Backoff()
        self._lanes = {lane: _Backoff() for lane in Lane}
        self._lanes[Lane.ANSWER].longest = LONGEST_FOR_ANSWERS

    @property
    def unsent(self) -> tuple[Happening, ...]:
        """What happened and Tuya has not taken, the oldest first."""
        return tuple(self._happenings)

    @property
    def waiting(self) -> Mapping[Lane, int]:
        """How much waits, by kind."""
        waiting = {
            Lane.ANSWER: len(self._answers),
            Lane.EVENT: len(self._happenings),
            Lane.VALUES: len(self.values.pending),
            Lane.POINTS: len(self._points),
        }
        return {lane: count for lane, count in waiting.items() if count}

    @property
    def idle(self) -> bool:
        """Whether Tuya knows everything."""
        return not self.waiting and self.wish in {None, self.told_online}

    def be(self, now: float, *, online: bool, again: bool = False) -> None:
        """Say whether the door is there; `again`: even if Tuya was told so."""
        if again:
            self.told_online = None
        if online is not self.wish:
            self.wish, self._wished_at = online, now

    def tell(self, happening: Happening, now: float) -> None:
        """Say what happened, unless the same does so without end."""
        if happening.code in self.refused_events:
            self.lost[Lost.REFUSED] += 1
            return
        if self._events.wait(happening.code, now, tight=self.tight) > 0.0:
            self.lost[Lost.TOO_MANY] += 1
            return
        self._events.use(happening.code, now, tight=self.tight)
        self.keep(happening)

    def keep(self, happening: Happening) -> None:
        """Have something wait that happened, however much of it there is."""
        if len(self._happenings) >= MOST_HAPPENINGS:
            # The one on its way stays: it has as good as arrived.
            del self._happenings[1 if isinstance(self._flying, EventOut) else 0]
            self.lost[Lost.CROWDED_OUT] += 1
        self._happenings.append(happening)

    def answer(self, answer: ActionAnswer, now: float) -> None:
        """Answer an action."""
        if len(self._answers) >= MOST_ANSWERS:
            del self._answers[1 if isinstance(self._flying, AnswerOut) else 0]
            self.lost[Lost.CROWDED_OUT] += 1
        self._answers.append(AnswerOut(answer=answer, given=now))

    def report_points(self, values: Mapping[int, Value], now: float) -> None:
        """Say what data points are, whatever Tuya knows of them."""
        for number, value in values.items():
            if number in self._points or len(self._points) < MOST_POINTS:
                self._points[number] = Timed(value=value, time=now)

    def next(self, now: float) -> Sendable | float | None:
        """Return what to send now, in how many seconds to look again, or `None` for nothing."""
        if self._flying is not None:
            return None
        self._forget_old(now)
        waits: list[float] = []
        for lane in Lane:
            left = self._left(lane, now)
            if left == 0.0:
                self._flying = self._take(lane, now)
                return self._flying
            if left is not None:
                waits.append(left)
        return min(waits, default=None)

    def done(self) -> None:
        """Tuya has taken what was on its way."""
        sent = self._landed()
        self._all.over()
        self._lanes[sent.lane].over()
        if isinstance(sent, PresenceOut):
            self.told_online = sent.online
        elif isinstance(sent, ValuesOut):
            self.values.taken(sent)
        else:
            self._forget(sent)

    def failed(self, fate: Fate, now: float, wait: float | None = None) -> bool:
        """Tuya has not taken what was on its way; tell whether it is given up for good.

        `wait`: seconds to leave it alone, instead of a little longer each time.
        """
        sent = self._landed()
        if fate in {Fate.ALL_WAIT, Fate.LANE_WAITS}:
            self._keep(sent, fate, now, wait)
            return False
        if fate is Fate.REFUSED:
            # An answer all the same: whatever else waits may go.
            self._all.over()
        self._lanes[sent.lane].over()
        if isinstance(sent, ValuesOut):
            return self.values.turned_down(sent, now)
        if isinstance(sent, PresenceOut):
            self._lanes[sent.lane].failed(now, STANDSTILL)
            return True
        return self._given_up(sent, fate)

    def mended(self, now: float) -> None:
        """Somebody has mended something: try everything at once."""
        self._all.over()
        for lane in self._lanes.values():
            lane.over()
        self.refused_events.clear()
        self.values.mended(now)

    def _landed(self) -> Sendable:
        sent, self._flying = self._flying, None
        if sent is None:
            raise RuntimeError("nothing is on its way")
        return sent

    def _keep(self, sent: Sendable, fate: Fate, now: float, wait: float | None) -> None:
        if fate is Fate.ALL_WAIT:
            self._all.failed(now, wait)
        if fate is Fate.LANE_WAITS:
            self._lanes[sent.lane].failed(now, wait)
        elif isinstance(sent, AnswerOut):
            self._lanes[sent.lane].failed(now, wait and min(wait, LONGEST_FOR_ANSWERS))
        if isinstance(sent, ValuesOut):
            self.values.failed(sent)
        elif isinstance(sent, PresenceOut):
            self.told_online = None

    def _given_up(self, sent: AnswerOut | EventOut | PointsOut, fate: Fate) -> bool:
        if isinstance(sent, EventOut) and fate is Fate.REFUSED:
            happening = sent.happening
            if happening.outputs:
                # That it happened counts more than what is told of it; to Tuya it is another.
                bare = Happening(
                    code=happening.code, time=happening.time, good_for=happening.good_for
                )
                self._happenings[0] = bare
                return False
            self.refused_events.add(happening.code)
        self.lost[Lost.REFUSED] += 1
        self._forget(sent)
        return True

    def _forget(self, sent: AnswerOut | EventOut | PointsOut) -> None:
        if isinstance(sent, AnswerOut):
            self._answers.remove(sent)
        elif isinstance(sent, EventOut):
            self._happenings.remove(sent.happening)
        else:
            for number, timed in sent.values.items():
                if self._points.get(number) is timed:
                    del self._points[number]

    def _left(self, lane: Lane, now: float) -> float | None:
        left = self._due(lane, now)
        if left is None:
            return None
        # Answers soon lose their use: for them it is tried whatever befell the others.
        shared = 0.0 if lane is Lane.ANSWER else self._all.left(now)
        left = max(left, self._lanes[lane].left(now), shared)
        return left if left > _SOON else 0.0

    def _due(self, lane: Lane, now: float) -> float | None:
        match lane:
            case Lane.ANSWER:
                return 0.0 if self._answers else None
            case Lane.PRESENCE:
                return self._presence_due(now)
            case Lane.EVENT:
                return 0.0 if self._happenings else None
            case Lane.VALUES:
                return None if self.held else self.values.left(now, tight=self.tight)
            case Lane.POINTS:
                return 0.0 if self._points else None

    def _presence_due(self, now: float) -> float | None:
        if self.wish is None or self.wish is self.told_online:
            return None
        allowed = self._presence.wait(now, tight=self.tight)
        return max(allowed, 0.0 if self.wish else span_left(self._wished_at, AWAY_AFTER, now))

    def _take(self, lane: Lane, now: float) -> Sendable:
        match lane:
            case Lane.ANSWER:
                return self._answers[0]
            case Lane.PRESENCE:
                self._presence.use(now, tight=self.tight)
                return PresenceOut(online=bool(self.wish))
            case Lane.EVENT:
                return EventOut(happening=self._happenings[0])
            case Lane.VALUES:
                return self.values.take(now, tight=self.tight)
            case Lane.POINTS:
                return PointsOut(values=dict(self._points))

    def _forget_old(self, now: float) -> None:
        while self._answers and now - self._answers[0].given > ANSWER_GOOD_FOR:
            self._answers.popleft()
            self.lost[Lost.ANSWERED_TOO_LATE] += 1
        # What is far ahead of a clock that was put back may be of any age.
        fresh = [one for one in self._happenings if abs(now - one.time) <= one.good_for]
        if expired := len(self._happenings) - len(fresh):
            self.lost[Lost.EXPIRED] += expired
            self._happenings = deque(fresh)


_SOON = 0.0005
"""Shorter than what a timer can tell (s)."""

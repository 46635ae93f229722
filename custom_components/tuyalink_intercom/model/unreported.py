"""The properties of a published door: what Tuya took, what it is still to be told.

The last value wins, each code's times only go forward, and one report is on its way at a time.
"""

from collections.abc import Mapping
from typing import Final

from .allowance import Allowances
from .happenings import new_msg_id
from .publication import Value
from .sendables import Timed, ValuesOut

WINDOW: Final = 0.25
"""From the first change on others may join its report (s); fixed, or unrest would hold it back."""
APART, APART_WHEN_TIGHT = 1.0, 60.0
"""Between two reports (s); the longer one where the month's calls run out, for what can wait."""
_TICK = 0.001
"""Tuya's times are in milliseconds, and of two values the later one counts."""


class Unreported:
    """What is told of one door's properties; times are Unix seconds."""

    def __init__(self, urgent: frozenset[str] = frozenset()) -> None:
        self._urgent = urgent
        self.told: dict[str, Value] = {}
        """What Tuya took."""
        self.refused: dict[str, Value] = {}
        """What Tuya does not take: not sent again until somebody has mended something."""
        self._pending: dict[str, Timed] = {}
        self._forced: set[str] = set()
        self._alone: set[str] = set()
        self._times: dict[str, float] = {}
        self._out: ValuesOut | None = None
        self._since = self._sent_at = 0.0
        self._allowances = Allowances()

    @property
    def pending(self) -> frozenset[str]:
        """The codes whose values Tuya is still to be told."""
        return frozenset(self._pending).union(() if self._out is None else self._out.values)

    def wish(self, values: Mapping[str, Value], now: float, *, force: bool = False) -> None:
        """Take values in; what Tuya knows already is left out unless forced."""
        for code, value in values.items():
            if code in self.refused:
                self.refused[code] = value
            elif force or not self._is(code, value):
                self._put(code, value, now, force=force)

    def _put(self, code: str, value: Value, now: float, *, force: bool) -> None:
        flying = self._out is not None and code in self._out.values
        if force:
            self._forced.add(code)
        elif not flying and code not in self._forced and _same(self.told.get(code), value):
            # It went there and back before anybody was told.
            self._pending.pop(code, None)
            return
        if not self._pending:
            self._since = now
        time = max(now, self._times.get(code, 0.0) + _TICK)
        self._times[code] = time
        self._pending[code] = Timed(value=value, time=time)

    def _is(self, code: str, value: Value) -> bool:
        """Tell whether this is what Tuya will know once all is sent."""
        flying = {} if self._out is None else self._out.values
        coming = self._pending.get(code) or flying.get(code)
        return _same(self.told.get(code) if coming is None else coming.value, value)

    def left(self, now: float, *, tight: bool) -> float | None:
        """Return in how many seconds there is something to send, `None`: nothing."""
        if self._out is not None:
            return 0.0
        if not self._pending:
            return None
        apart = APART_WHEN_TIGHT if tight and not self._hurries else APART
        if self._alone:
            apart = WINDOW
        left = max(span_left(self._since, WINDOW, now), span_left(self._sent_at, apart, now))
        if self._forced.isdisjoint(self._pending):
            # One code that does not come to rest holds no other back.
            allowed = (self._allowances.wait(code, now, tight=tight) for code in self._pending)
            left = max(left, min(allowed))
        return left

    @property
    def _hurries(self) -> bool:
        return not (self._urgent | self._forced).isdisjoint(self._pending)

    def take(self, now: float, *, tight: bool = False) -> ValuesOut:
        """Return what to send: what failed before under the same id, unless it is outdated."""
        if self._out is not None and not self._pending.keys().isdisjoint(self._out.values):
            self._put_back(self._out, now)
        if self._out is None:
            lonely = [code for code in self._pending if code in self._alone]
            codes = lonely[:1] or [*self._pending]
            values = {code: self._pending.pop(code) for code in codes}
            self._forced.difference_update(codes)
            self._out = ValuesOut(msg_id=new_msg_id(), values=values)
            for code in codes:
                self._allowances.use(code, now, tight=tight)
            self._since = now
        self._sent_at = now
        return self._out

    def taken(self, out: ValuesOut) -> None:
        """Tuya has these values."""
        self._out = None
        self._alone.difference_update(out.values)
        self.told |= {code: timed.value for code, timed in out.values.items()}

    def failed(self, out: ValuesOut) -> None:
        """Nobody knows whether Tuya has these values."""
        for code in out.values:
            self.told.pop(code, None)

    def turned_down(self, out: ValuesOut, now: float) -> bool:
        """Tuya takes none of these; tell whether that is the end of it.

        One bad value costs a whole report: of several each is tried alone.
        """
        self._out = None
        if len(out.values) > 1:
            self._alone.update(out.values)
            self._put_back(out, now)
            return False
        for code, timed in out.values.items():
            newer = self._pending.pop(code, timed)
            self.told.pop(code, None)
            self._alone.discard(code)
            self._forced.discard(code)
            self.refused[code] = newer.value
        return True

    def learn(self, values: Mapping[str, Value]) -> None:
        """Take in what Tuya was found to hold of what it was told."""
        known = self._times.keys() - self.pending
        self.told |= {code: value for code, value in values.items() if code in known}

    def mended(self, now: float) -> None:
        """Try again what was refused."""
        refused, self.refused = self.refused, {}
        self._alone.clear()
        self.wish(refused, now, force=True)

    def _put_back(self, out: ValuesOut, now: float) -> None:
        self._out = None
        if not self._pending:
            self._since = now
        self._pending = {**out.values, **self._pending}


def span_left(since: float, span: float, now: float) -> float:
    """Return how much of a span of time is left; none if the clock was put back meanwhile."""
    waited = now - since
    return span - waited if 0.0 <= waited < span else 0.0


def _same(one: Value | None, other: Value) -> bool:
    """Compare as Tuya does, for whom `true` is not 1, and 80 is 80.0."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other

"""How often something may be told: at once as a rule, slowly once it does not come to rest.

A sensor with a loose contact changes every second. Each change is a call, and a day of these is
more than a whole month may cost.
"""

from typing import Final

BURST: Final = 60
"""So much is told without a wait: more than a busy hour brings."""
EVERY, EVERY_WHEN_TIGHT = 30.0, 600.0
"""Then one in so many seconds; the longer span where the month's calls run out."""
MOST_KINDS: Final = 50


class Allowance:
    """What may be told of one kind; `now` in seconds, `tight`: calls are to be saved."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._at = 0.0

    def wait(self, now: float, *, tight: bool) -> float:
        """Return in how many seconds one more is allowed; 0: now."""
        every = self._refill(now, tight=tight)
        return max(1.0 - self._left, 0.0) * every

    def use(self, now: float, *, tight: bool) -> None:
        """Take one, allowed or not."""
        self._refill(now, tight=tight)
        self._left = max(self._left - 1.0, 0.0)

    def _refill(self, now: float, *, tight: bool) -> float:
        every = EVERY_WHEN_TIGHT if tight else EVERY
        # A clock that was put back counts from there.
        self._left = min(self._left + max(now - self._at, 0.0) / every, float(BURST))
        self._at = now
        return every


class Allowances:
    """An allowance for each of several kinds; those beyond the first share one."""

    def __init__(self) -> None:
        self._known: dict[str, Allowance] = {}

    def wait(self, kind: str, now: float, *, tight: bool) -> float:
        """Return in how many seconds one more of a kind is allowed; 0: now."""
        return self._of(kind).wait(now, tight=tight)

    def use(self, kind: str, now: float, *, tight: bool) -> None:
        """Take one of a kind, allowed or not."""
        self._of(kind).use(now, tight=tight)

    def _of(self, kind: str) -> Allowance:
        if kind not in self._known and len(self._known) >= MOST_KINDS:
            kind = ""
        return self._known.setdefault(kind, Allowance())

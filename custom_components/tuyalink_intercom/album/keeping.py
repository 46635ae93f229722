"""How many captures are kept, and for how long."""

from collections.abc import Iterable
from dataclasses import dataclass

from .record import Capture

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """The limits that a user set; `count` 0 keeps none."""

    count: int = 1000
    days: int = 30
    size: int = 500_000_000
    """Bytes of all pictures together."""


def surplus(captures: Iterable[Capture], keeping: Keeping, now: float) -> list[Capture]:
    """Return what is to go, the oldest first; `now` in Unix seconds."""
    oldest = now - keeping.days * _DAY
    size, gone = 0, []
    newest_first = sorted(captures, key=lambda capture: capture.time, reverse=True)
    for number, capture in enumerate(newest_first):
        size += capture.size
        if number >= keeping.count or size > keeping.size or capture.time < oldest:
            gone.append(capture)
    return gone[::-1]

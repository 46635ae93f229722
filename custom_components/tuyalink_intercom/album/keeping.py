"""How many captures are kept, and for how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .record import Capture

MOST: Final = 20_000
"""Captures that an album ever holds, whatever a user allows."""
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """The limits that a user set; `count` 0 keeps none."""

    count: int = 1000
    days: int = 30
    size: int = 500_000_000
    """Bytes of all pictures together."""


def surplus(captures: Iterable[Capture], keeping: Keeping, now: float) -> list[Capture]:
    """Return what is to go, the oldest first; `now` in Unix seconds.

    What is dated in the future is as old as its time in the album. Where that is not known it
    keeps its date, which may be right if `now` is not, but nothing else has to make room for it.
    The newest is never too large.
    """
    oldest, count = now - keeping.days * _DAY, min(keeping.count, MOST)

    def rank(capture: Capture) -> tuple[bool, float, str]:
        doubtful = capture.kept is None and capture.time > now + _DAY
        return not doubtful, _since(capture), capture.id

    size, gone = 0, []
    for number, capture in enumerate(sorted(captures, key=rank, reverse=True)):
        size += capture.size
        too_large = number > 0 and size > keeping.size
        if number >= count or too_large or _since(capture) < oldest:
            gone.append(capture)
    return gone[::-1]


def _since(capture: Capture) -> float:
    return capture.time if capture.kept is None else min(capture.time, capture.kept)

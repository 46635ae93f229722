"""What a device told already, as pairs of a key and a time, so that each fact is told once.

A log tells one time of a fact, and nobody says by whose clock; a message tells two, the
device's and the cloud's, which may be minutes apart. Marks beside the facts join these.
"""

from .presses import KEPT_FOR

KEPT = 512
"""Facts remembered per device at most; those older than `KEPT_FOR` are forgotten first."""
_ALWAYS = 64
"""So many are remembered however old they are."""
_BY_LOG = "log|"
_BY_OTHER_CLOCK = "clock|"

type Facts = tuple[tuple[str, float], ...]


def kept(facts: Facts) -> Facts:
    """Return the facts that are worth remembering, in the order in which they were told."""
    first = max(0, len(facts) - KEPT)
    while len(facts) - first > _ALWAYS and facts[first][1] < facts[-1][1] - KEPT_FOR:
        first += 1
    return facts[first:]


def knows(facts: Facts, key: str, times: tuple[float, ...], within: float) -> bool:
    """Tell whether a fact was told so close (s) to one of these times."""
    for known, at in facts:
        if known == key and any(abs(time - at) < within for time in times):
            return True
    return False


def marks(key: str, time: float, other: float | None, *, logged: bool) -> Facts:
    """Return what lets a fact be known again that is told by the other clock.

    `other` is its time by the other clock, where a message tells one that differs.
    """
    if logged:
        return ((f"{_BY_LOG}{key}", time),)
    return () if other is None else ((f"{_BY_OTHER_CLOCK}{key}", other),)


def recognised(
    facts: Facts, key: str, time: float, other: float | None, *, logged: bool, within: float
) -> Facts | None:
    """Find a fact that a log told by one clock and a message by the other; `None` if it is new.

    Each mark stands for one fact: it is used up, and the fact is remembered at its other time.
    """
    mark, at = (_BY_OTHER_CLOCK, time) if logged else (_BY_LOG, other)
    if at is None:
        return None
    for number, (known, when) in enumerate(facts):
        if known == mark + key and abs(when - at) < within:
            return (*facts[:number], *facts[number + 1 :], (key, time))
    return None

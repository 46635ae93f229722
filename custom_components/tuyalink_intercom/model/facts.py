"""What a device told already, as pairs of a key and a time, so that each fact is told once.

A log tells one time of a fact, and nobody says by whose clock; a message tells two, the
device's and the cloud's, which may be minutes apart. Marks beside the facts join these.
"""

from hashlib import blake2s

from .presses import KEPT_FOR

KEPT = 512
"""Facts remembered per device at most; those older than `KEPT_FOR` are forgotten first."""
_ALWAYS = 64
"""So many are remembered however old they are."""
_BY_LOG = "log|"
_BY_OTHER_CLOCK = "clock|"
_MARKS = (_BY_LOG, _BY_OTHER_CLOCK)

type Facts = tuple[tuple[str, float], ...]


def event_id(device_id: str, key: str, time: float) -> str:
    """Return the id of the event that a fact makes: the same however often it is told."""
    return blake2s(f"{device_id}|{key}|{time:.3f}".encode(), digest_size=8).hexdigest()


def kept(facts: Facts) -> Facts:
    """Return the facts that are worth remembering, in the order in which they were told."""
    # A clock that is ages ahead leaves marks, too: it must not make everything look old.
    newest = next((at for key, at in reversed(facts) if not key.startswith(_MARKS)), 0.0)
    first = max(0, len(facts) - KEPT)
    while len(facts) - first > _ALWAYS and facts[first][1] < newest - KEPT_FOR:
        first += 1
    return facts[first:]


def knows(
    facts: Facts, key: str, times: tuple[float, ...], within: float, *, logs: bool = True
) -> bool:
    """Tell whether a fact was told so close (s) to one of these times, by `logs` or otherwise."""

    def told(name: str) -> int:
        return sum(
            known == name and any(abs(time - at) < within for time in times) for known, at in facts
        )

    return told(key) > (0 if logs else told(_BY_LOG + key))


def marks(key: str, time: float, other: float | None, *, logged: bool) -> Facts:
    """Return what lets a fact be known again that is told by the other clock.

    `other` is its time by the other clock, where a message tells one that differs.
    """
    if logged:
        return ((f"{_BY_LOG}{key}", time),)
    return () if other is None else ((f"{_BY_OTHER_CLOCK}{key}", other),)


def recognised(
    facts: Facts, key: str, time: float, other: float | None, *, logged: bool, within: float
) -> Facts:
    """Find a fact that a log told by one clock and a message by the other; empty if it is new.

    Each mark stands for one fact: it is used up, and the fact is remembered at its other time.
    """
    if logged:
        return _used_up(facts, _BY_OTHER_CLOCK + key, (time,), (key, time), within)
    times = () if other is None else (other,)
    return _used_up(facts, _BY_LOG + key, times, (key, time), within)


def logged_as(
    facts: Facts, logged: str, key: str, times: tuple[float, ...], within: float
) -> Facts:
    """Find what a log told as one fact and a message, by either clock, as another; else empty.

    It is remembered as the message has it, at the first of these times.
    """
    return _used_up(facts, _BY_LOG + logged, times, (key, times[0]), within)


def _used_up(
    facts: Facts, mark: str, times: tuple[float, ...], told: tuple[str, float], within: float
) -> Facts:
    for number, (known, at) in enumerate(facts):
        if known == mark and any(abs(at - time) < within for time in times):
            return (*facts[:number], *facts[number + 1 :], told)
    return ()

"""How often a door's code was tried: after too many tries none is taken for a while."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from homeassistant.core import HomeAssistant

ALLOWED = 5
"""Wrong codes within `WITHIN` that lock out."""
WITHIN = 3600.0
LOCKED_OUT = 300.0
"""The first time (s); each further time takes twice as long, up to `LONGEST`."""
LONGEST = 3600.0
DOORS = 500
"""Of so many the tries are remembered."""


@dataclass(slots=True)
class Guesses:
    """The tries at one door since a right one. Times are Unix seconds."""

    _tries: list[float] = field(default_factory=list)
    _lockouts: int = 0
    _length: float = 0.0
    _until: float = 0.0

    def wait(self, now: float) -> float:
        """Return how long (s) no code is taken, 0 if one is."""
        # A clock that is set back makes no lockout longer than it was meant.
        self._until = min(self._until, now + self._length)
        return max(0.0, self._until - now)

    def count(self, now: float) -> bool:
        """Count a try, before it is known to be wrong; tell whether it locks out."""
        tries = [min(tried, now) for tried in self._tries]
        self._tries = [*(tried for tried in tries if now - tried < WITHIN), now]
        if len(self._tries) < ALLOWED:
            return False
        self._length = min(LONGEST, LOCKED_OUT * 2**self._lockouts)
        self._until = now + self._length
        # More would only make the number longer, not the lockout.
        self._lockouts = min(self._lockouts + 1, 10)
        self._tries = []
        return True

    def forget(self) -> None:
        """Begin anew: the code was right."""
        self._tries, self._lockouts, self._until = [], 0, 0.0


_DOORS_OF: WeakKeyDictionary[HomeAssistant, dict[str, Guesses]] = WeakKeyDictionary()


def guesses_at(hass: HomeAssistant, unique_id: str) -> Guesses:
    """Return the tries at a door; they outlive a reload of its project, but no restart."""
    doors = _DOORS_OF.setdefault(hass, {})
    # Put in anew, so that the door that was tried longest ago is the first to go.
    found = doors[unique_id] = doors.pop(unique_id, Guesses())
    while len(doors) > DOORS:
        del doors[next(iter(doors))]
    return found

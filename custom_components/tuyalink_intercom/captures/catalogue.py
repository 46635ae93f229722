"""What captures there are, in order of time: the newest of a kind, the oldest of all.

Stays cheap with ten thousand captures: one more never costs a walk through all of them.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice

from ..album.record import Capture
from ..model.changes import Occasion

type _Place = tuple[float, str]
type _Kind = tuple[str, Occasion]


class Catalogue:
    """The captures of one project."""

    def __init__(self) -> None:
        self._captures: dict[str, Capture] = {}
        self._kinds: dict[_Kind, list[_Place]] = {}
        self._ages: list[_Place] = []
        self.size = 0
        """Bytes of all pictures together."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._captures)

    def __iter__(self) -> Iterator[Capture]:
        """Go through all, in no order."""
        return iter([*self._captures.values()])

    @property
    def device_ids(self) -> set[str]:
        """Whose captures there are."""
        return {device_id for device_id, _ in self._kinds}

    def get(self, capture_id: str) -> Capture | None:
        """Return a capture by its id."""
        return self._captures.get(capture_id)

    def put(self, capture: Capture) -> None:
        """Take a capture in, or what is known of it now."""
        self.drop(capture.id)
        place = _place(capture)
        self._captures[capture.id] = capture
        self.size += capture.size
        insort(self._ages, _age(capture))
        insort(self._kinds.setdefault(_kind(capture), []), place)

    def drop(self, capture_id: str) -> Capture | None:
        """Take a capture out and return it; `None` if it is not there."""
        capture = self._captures.pop(capture_id, None)
        if capture is None:
            return None
        self.size -= capture.size
        _remove(self._ages, _age(capture))
        kind = _kind(capture)
        _remove(self._kinds[kind], _place(capture))
        if not self._kinds[kind]:
            del self._kinds[kind]
        return capture

    def newest(self, device_id: str, occasion: Occasion | None = None) -> Capture | None:
        """Return the newest capture of a device, of one occasion or of any."""
        occasions = Occasion if occasion is None else (occasion,)
        places = [
            found[-1]
            for one in occasions
            if (found := self._kinds.get((device_id, one))) is not None
        ]
        return self._captures[max(places)[1]] if places else None

    def newest_ids(self) -> set[str]:
        """Return the ids of those that are the newest of their device and occasion."""
        return {places[-1][1] for places in self._kinds.values()}

    def newest_first(self, device_id: str | None = None) -> Iterator[Capture]:
        """Yield the captures of a device, or all, the newest first."""
        places = [
            reversed(found) for (one, _), found in self._kinds.items() if device_id in {None, one}
        ]
        for _, capture_id in merge(*places, reverse=True):
            yield self._captures[capture_id]

    def beyond(self, count: int, size: int) -> list[Capture]:
        """Return the oldest, as many as there are too many or too large; never the newest."""
        gone, left = list[Capture](), self.size
        for number, (_, capture_id) in enumerate(islice(self._ages, len(self) - 1)):
            if len(self) - number <= count and left <= size:
                break
            gone.append(self._captures[capture_id])
            left -= gone[-1].size
        return gone

    def put_all(self, captures: Iterable[Capture]) -> None:
        """Take many in."""
        for capture in sorted(captures, key=_place):
            self.put(capture)


def _place(capture: Capture) -> _Place:
    return capture.time, capture.id


def _age(capture: Capture) -> _Place:
    # A device can date its pictures in the future.
    return min(capture.time, capture.kept or capture.time), capture.id


def _kind(capture: Capture) -> _Kind:
    return capture.device_id, capture.occasion


def _remove(places: list[_Place], place: _Place) -> None:
    del places[bisect_left(places, place)]

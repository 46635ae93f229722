"""Pictures that are wanted: which is the most urgent, which stands back, which are the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..album.record import capture_id
from ..model.changes import CaptureTaken, Occasion
from ..model.pictures import PictureForm

MOST = 32
_TOLD = 200
"""Pictures and events that are remembered to know what is told again."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """A picture that was announced; `since` is when that was heard (Unix seconds)."""

    taken: CaptureTaken
    since: float
    tries: int = 0

    @property
    def id(self) -> str:
        """The id that its capture will have."""
        taken = self.taken
        return capture_id(
            device_id=taken.device_id,
            event_id=taken.event_id,
            occasion=taken.occasion,
            time=taken.time,
            place=taken.picture.place,
        )

    @property
    def rings(self) -> bool:
        """Whether somebody stands at the door."""
        return self.taken.occasion is Occasion.RING

    @property
    def picture(self) -> str:
        """What the same picture of the same event is known by, whenever its carrier dates it."""
        return self.id.partition("-")[2]

    @property
    def is_sealed(self) -> bool:
        """Whether only Tuya's cloud can tell where the picture lies."""
        return self.taken.picture.form is PictureForm.SEALED

    @property
    def urgency(self) -> tuple[bool, bool, float]:
        """What happens now before history, rings first, then the newest by the cloud's clock.

        A device's clock may be an hour ahead, in logs too: nothing is newer than its telling.
        """
        taken = self.taken
        at = taken.time if taken.seen is None else taken.seen
        return taken.live, self.rings, min(at, self.since)

    @property
    def needs_no_call(self) -> bool:
        """Whether it is known where the picture lies."""
        return self.taken.picture.form is PictureForm.ADDRESS


class Waiting:
    """What waits to be fetched, a bounded number."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._wanted: list[Wanted] = []

    def __iter__(self) -> Iterator[Wanted]:
        """Go through what waits."""
        return iter(self._wanted)

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._wanted)

    def put(self, wanted: Wanted) -> Wanted | None:
        """Let one wait; return the least urgent if it has to give way."""
        self._wanted.append(wanted)
        # From the least urgent to the most.
        self._wanted.sort(key=lambda one: one.urgency)
        return self._wanted.pop(0) if len(self._wanted) > self._most else None

    def first(self, fits: Callable[[Wanted], bool] = lambda _: True) -> Wanted | None:
        """Return the most urgent of those that fit."""
        return next((one for one in reversed(self._wanted) if fits(one)), None)

    def take(self, wanted: Wanted) -> None:
        """Let one wait no longer."""
        self._wanted.remove(wanted)

    def older(self, since: float) -> list[Wanted]:
        """Return those that were heard of before."""
        return [one for one in self._wanted if one.since < since]

    def clear(self) -> None:
        """Let none wait."""
        self._wanted.clear()


class Tellings:
    """What was told of pictures lately: devices tell one by several carriers, in any order."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._readable: dict[str, None] = {}
        """Events of which a picture was told that needs no opening."""

    def first_id(self, wanted: Wanted) -> str:
        """Note a picture; return the id it had when it was first told."""
        if not wanted.is_sealed:
            self._readable[wanted.taken.event_id] = None
            _shorten(self._readable)
        found = self._ids.setdefault(wanted.picture, wanted.id)
        _shorten(self._ids)
        return found

    def has_better(self, wanted: Wanted) -> bool:
        """Tell whether what is sealed was told in a readable way as well."""
        return wanted.is_sealed and wanted.taken.event_id in self._readable


def _shorten(told: dict[str, Any]) -> None:
    while len(told) > _TOLD:
        del told[next(iter(told))]

"""Pictures that are wanted: which of them is the most urgent, and which has to stand back."""

from collections.abc import Callable
from dataclasses import dataclass

from ..album.record import capture_id
from ..model.changes import CaptureTaken, Occasion
from ..model.pictures import PictureForm

MOST = 32


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
    def urgency(self) -> tuple[bool, float]:
        """Rings first, then the newest, by the cloud's clock: a device's may be minutes off."""
        taken = self.taken
        return self.rings, taken.time if taken.seen is None else taken.seen

    @property
    def needs_no_call(self) -> bool:
        """Whether it is known where the picture lies."""
        return self.taken.picture.form is PictureForm.ADDRESS


class Waiting:
    """What waits to be fetched, a bounded number."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._wanted: list[Wanted] = []

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

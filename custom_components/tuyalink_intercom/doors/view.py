"""What a guard of a door knows of the entity that shows it."""

from enum import StrEnum
from typing import Protocol


class Moving(StrEnum):
    """What a door is being made to do."""

    LOCKING = "locking"
    OPENING = "opening"
    UNLOCKING = "unlocking"


class DoorView(Protocol):
    """The entity that shows a door now."""

    def stands(self, *, unlocked: bool) -> bool:
        """Whether its bolt is reported to be so."""

    def show(self) -> None:
        """Write the state."""

    async def read(self) -> None:
        """Ask the cloud for the state."""

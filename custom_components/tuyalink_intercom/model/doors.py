"""Doors: what opens, and the ways to open it from afar."""

from dataclasses import dataclass
from enum import StrEnum


class Opener(StrEnum):
    """A way to open a door from afar."""

    RELAY = "relay"
    """Write `true` to a data point that pulses a relay."""
    TOGGLE = "toggle"
    """Write the inverse of a data point's value: each change is one pulse."""
    LOCK_SERVICE = "lock_service"
    """Tuya's lock service: a ticket, then operate."""
    PERSON = "person"
    """A terminal opens in the name of a person."""
    ACTION = "action"
    """An action of the thing model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One thing that opens. `bolt` is the code that reports it; without one it is momentary."""

    key: str
    number: int
    name: str | None = None
    bolt: str | None = None
    opener: Opener | None = None
    code: str | None = None
    """The data point that opens it (relay and toggle)."""
    panel: str | None = None
    """The panel that a monitor has to show, as its relays act on the one that it shows."""
    lock_code: str | None = None
    """The data point that locks it now, where there is one."""
    reports: bool = False
    """Whether the device tells every opening, so that one of ours can be confirmed."""

    @property
    def momentary(self) -> bool:
        """Whether it is released for a moment and locks by itself."""
        return self.bolt is None

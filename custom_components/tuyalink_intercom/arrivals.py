"""A message that came in: by which way, when, and what it was taken for."""

from dataclasses import dataclass
from enum import StrEnum

from .api import Message
from .model.changes import Change


class Source(StrEnum):
    """The ways by which messages reach the inbox."""

    QUEUE = "queue"
    TEST = "test"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message at the inbox, repeats included."""

    message: Message
    source: Source
    time: float
    """Cloud time at which it came, in Unix seconds."""
    fresh: bool
    """Whether it was the first to tell what it tells; a repeat has no changes."""
    changes: tuple[Change, ...] = ()

"""What a published door tells of as an event, and what it answers to an action."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from .publication import Value

RING_GOOD_FOR: Final = 60.0
"""Nobody stands at the door for longer (s)."""
FACT_GOOD_FOR: Final = 86_400.0
"""Who came in, and what went wrong, is of interest for a day (s)."""


def new_msg_id() -> str:
    """Return an id for what is told to Tuya: as long as Tuya allows, unlike all others."""
    return uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something happened; `time` in Unix seconds, `good_for`: seconds after which nobody cares.

    `msg_id` stays the same however often it is told, so that Tuya knows a repeat for one.
    """

    code: str
    time: float
    outputs: Mapping[str, Value] = field(default_factory=dict)
    good_for: float
    msg_id: str = field(default_factory=new_msg_id, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAnswer:
    """The answer to the action command `msg_id`; `code` 0: it was done."""

    msg_id: str
    action: str
    code: int
    outputs: Mapping[str, Value] = field(default_factory=dict)

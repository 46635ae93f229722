"""What a published door tells of as an event, and what it answers to an action."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .publication import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something happened; `time` in Unix seconds, `good_for`: seconds after which nobody cares."""

    code: str
    time: float
    outputs: Mapping[str, Value] = field(default_factory=dict)
    good_for: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAnswer:
    """The answer to the action command `msg_id`; `code` 0: it was done."""

    msg_id: str
    action: str
    code: int
    outputs: Mapping[str, Value] = field(default_factory=dict)

"""What can be on its way to Tuya for a published door, and what may become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .happenings import ActionAnswer, Happening
from .publication import Value


class Lane(StrEnum):
    """Kinds of what is told; within one everything keeps its order. The first goes first."""

    ANSWER = "answer"
    PRESENCE = "presence"
    EVENT = "event"
    VALUES = "values"
    POINTS = "points"


class Fate(StrEnum):
    """What a call that failed means for what it carried."""

    ALL_WAIT = "all_wait"
    """Nothing gets through now; it is tried again."""
    LANE_WAITS = "lane_waits"
    """It did not get through; it is tried again, others may go on."""
    REFUSED = "refused"
    """Tuya does not take this, and will not."""
    DROPPED = "dropped"
    """It is of no use any more."""


class Lost(StrEnum):
    """Why something was never told."""

    EXPIRED = "expired"
    CROWDED_OUT = "crowded_out"
    TOO_MANY = "too_many"
    REFUSED = "refused"
    ANSWERED_TOO_LATE = "answered_too_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A value since a time in Unix seconds."""

    value: Value = field(repr=False)
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceOut:
    """The door is there, or away."""

    online: bool
    lane: Lane = Lane.PRESENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOut:
    """An action is answered."""

    answer: ActionAnswer
    given: float
    lane: Lane = Lane.ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOut:
    """Something happened."""

    happening: Happening
    lane: Lane = Lane.EVENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesOut:
    """Properties have these values, by code."""

    msg_id: str
    values: Mapping[str, Timed]
    lane: Lane = Lane.VALUES


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsOut:
    """Data points have these values, by number."""

    values: Mapping[int, Timed]
    lane: Lane = Lane.POINTS


type Sendable = PresenceOut | AnswerOut | EventOut | ValuesOut | PointsOut

"""Why a command of Tuya's side was not done, or not as it was asked."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Why(StrEnum):
    """A reason; its value is the key of its words, and told in the output `reason` of an action."""

    FAILED = "failed"
    """Home Assistant could not do it."""
    NOT_CONFIRMED = "not_confirmed"
    """It was not over in time; it may be done all the same."""
    JAMMED = "jammed"
    NOT_ALLOWED = "not_allowed"
    """The published door is only shown to Tuya's side."""
    QUIET = "quiet"
    NEEDS_CODE = "needs_code"
    NOT_ALLOWED_BY_DOOR = "not_allowed_by_door"
    """The lock is a Tuya door of another project, and its own options forbid it."""
    UNAVAILABLE = "unavailable"
    STALE = "stale"
    SUPERSEDED = "superseded"
    """The lock has obeyed a later command already."""
    BUSY = "busy"
    UNKNOWN_FUNCTION = "unknown_function"
    READ_ONLY = "read_only"
    BAD_VALUE = "bad_value"
    SAME_PROJECT = "same_project"
    """The entity comes from this very project: the command would go round in circles."""
    STOPPING = "stopping"
    NOT_UNDERSTOOD = "not_understood"
    REST_IGNORED = "rest_ignored"
    """The lock obeyed; the other values of the command can only be read."""


CODES: Final[Mapping[Why, int]] = MappingProxyType(
    # Part of what others rely on: a number once given stays.
    {
        Why.FAILED: 1,
        Why.NOT_CONFIRMED: 2,
        Why.JAMMED: 3,
        Why.NOT_ALLOWED: 4,
        Why.QUIET: 5,
        Why.NEEDS_CODE: 6,
        Why.NOT_ALLOWED_BY_DOOR: 7,
        Why.UNAVAILABLE: 8,
        Why.STALE: 9,
        Why.SUPERSEDED: 10,
        Why.BUSY: 11,
        Why.UNKNOWN_FUNCTION: 12,
        Why.READ_ONLY: 13,
        Why.BAD_VALUE: 14,
        Why.SAME_PROJECT: 15,
        Why.STOPPING: 16,
    }
)
"""What an action is answered with; 0 is "done"."""

"""Temporary codes of locks: what may be asked for, what a lock takes, how a code stands.

Everything that can be known to be wrong is refused here, before Tuya is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum, auto
from itertools import pairwise
import secrets

from .hours import Hours, minutes_of_day
from .state import Device, World

WIFI_DIGITS, RADIO_DIGITS = 7, 6
LONGEST_NAME = 64
LATE = 60.0
"""A start this far (s) in the past means now: it was now when the user wrote it."""
DEFAULT_SPAN = 24 * 3600.0
LONGEST_SPAN = 5 * 366 * 24 * 3600.0
_TOO_FEW = 3
_WEEK = 7


class CodeProblem(StrEnum):
    """Why a code cannot be had as it was asked for; the value is part of the sentence's key."""

    NOT_A_LOCK = auto()
    NOT_DIGITS = auto()
    SIX_DIGITS = auto()
    SEVEN_DIGITS = auto()
    SIX_OR_SEVEN_DIGITS = auto()
    NAME_MISSING = auto()
    NAME_TOO_LONG = auto()
    START_PAST = auto()
    END_PAST = auto()
    END_BEFORE_START = auto()
    TOO_LONG = auto()
    ONCE_WITH_SCHEDULE = auto()
    SCHEDULE_EMPTY = auto()
    SCHEDULE_ORDER = auto()
    SCHEDULE_OVERLAP = auto()
    SCHEDULE_OUTSIDE = auto()


class CodeRefusedError(ValueError):
    """A code was asked for that no lock could take."""

    def __init__(self, problem: CodeProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class Link(StrEnum):
    """How a lock reaches the cloud, which decides about its codes."""

    WIFI = "wifi"
    ZIGBEE = "zigbee"
    BLUETOOTH = "bluetooth"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRules:
    """What codes a lock takes. With `guessed`, the other length may be right as well."""

    link: Link
    guessed: bool = False

    @property
    def digits(self) -> int:
        """Number of digits, by Tuya's documentation of locks."""
        return WIFI_DIGITS if self.link is Link.WIFI else RADIO_DIGITS

    @property
    def lengths(self) -> frozenset[int]:
        """The lengths that Tuya may take."""
        return frozenset({WIFI_DIGITS, RADIO_DIGITS} if self.guessed else {self.digits})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A code as it is asked for; times in Unix seconds, `code` empty to have one made."""

    name: str
    code: str = field(default="", repr=False)
    start: float | None = None
    end: float | None = None
    once: bool = False
    hours: tuple[Hours, ...] | None = None
    """When in the week it opens; `None`: always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when a code is good, in whole Unix seconds."""

    start: int
    end: int


_WIFI = frozenset({"mk", "ms", "videolock", "photolock"})
_BLUETOOTH_CODES = frozenset({"bluetooth_unlock", "ble_unlock_check", "unlock_ble"})
_RADIO = frozenset({"jtmspro", "jtmsbh", "bxx", "hotelms"})
"""Locks that are usually made for Bluetooth or Zigbee, also where no gateway is told."""


def code_rules(device: Device) -> CodeRules:
    """Conclude what codes a lock takes; raise for a device without Tuya's lock service.

    Tuya tells it nowhere: behind a gateway a lock speaks Zigbee or Bluetooth, and controllers
    and locks with a camera have Wi-Fi. Of all others it is guessed from the category.
    """
    if device.world not in {World.LOCK, World.CONTROLLER}:
        raise CodeRefusedError(CodeProblem.NOT_A_LOCK)
    radio = Link.BLUETOOTH if device.codes.known & _BLUETOOTH_CODES else Link.ZIGBEE
    if device.gateway_id or device.sub:
        return CodeRules(link=radio)
    if device.category in _WIFI:
        return CodeRules(link=Link.WIFI)
    return CodeRules(link=radio if device.category in _RADIO else Link.WIFI, guessed=True)


def check(wanted: Wanted, rules: CodeRules, now: float, zone: tzinfo) -> Span:
    """Return from when to when a code is to be good; raise for what is wrong with it.

    `now` is cloud time, `zone` the user's, in which the hours of the week are meant.
    """
    check_name(wanted.name)
    if wanted.code:
        check_digits(wanted.code, rules)
    span = span_of(wanted.start, wanted.end, now)
    if wanted.hours is not None:
        if wanted.once:
            raise CodeRefusedError(CodeProblem.ONCE_WITH_SCHEDULE)
        _check_hours(wanted.hours, span, zone)
    return span


def check_name(name: str) -> None:
    """Raise for a name that Tuya cannot keep."""
    if not name.strip():
        raise CodeRefusedError(CodeProblem.NAME_MISSING)
    if len(name) > LONGEST_NAME:
        raise CodeRefusedError(CodeProblem.NAME_TOO_LONG)


def check_digits(code: str, rules: CodeRules) -> None:
    """Raise for a code that the lock has no keys for, or of another length."""
    if not (code.isascii() and code.isdecimal()):
        raise CodeRefusedError(CodeProblem.NOT_DIGITS)
    if len(code) in rules.lengths:
        return
    if rules.guessed:
        raise CodeRefusedError(CodeProblem.SIX_OR_SEVEN_DIGITS)
    seven = rules.digits == WIFI_DIGITS
    raise CodeRefusedError(CodeProblem.SEVEN_DIGITS if seven else CodeProblem.SIX_DIGITS)


def span_of(start: float | None, end: float | None, now: float) -> Span:
    """Return whole seconds; without a start it is now, without an end a day after the start."""
    begin = now if start is None else start
    if begin < now - LATE:
        raise CodeRefusedError(CodeProblem.START_PAST)
    begin = max(begin, now)
    until = begin + DEFAULT_SPAN if end is None else end
    if until <= now:
        raise CodeRefusedError(CodeProblem.END_PAST)
    if until <= begin:
        raise CodeRefusedError(CodeProblem.END_BEFORE_START)
    if until - begin > LONGEST_SPAN:
        raise CodeRefusedError(CodeProblem.TOO_LONG)
    return Span(start=int(begin), end=int(until))


def _check_hours(hours: Sequence[Hours], span: Span, zone: tzinfo) -> None:
    if not hours or not all(one.weekdays for one in hours):
        raise CodeRefusedError(CodeProblem.SCHEDULE_EMPTY)
    if any(one.start >= one.end for one in hours):
        raise CodeRefusedError(CodeProblem.SCHEDULE_ORDER)
    for number, one in enumerate(hours):
        if any(one.overlaps(other) for other in hours[number + 1 :]):
            raise CodeRefusedError(CodeProblem.SCHEDULE_OVERLAP)
    if not any(_within(one, span, zone) for one in hours):
        raise CodeRefusedError(CodeProblem.SCHEDULE_OUTSIDE)


def _within(hours: Hours, span: Span, zone: tzinfo) -> bool:
    """Tell whether hours of the week have a minute between two moments."""
    first = datetime.fromtimestamp(span.start, zone)
    last = datetime.fromtimestamp(span.end, zone)
    for ahead in range(_WEEK + 1):
        day = first.date() + timedelta(days=ahead)
        if day > last.date():
            break
        start = minutes_of_day(first.time()) if day == first.date() else 0
        end = minutes_of_day(last.time()) if day == last.date() else hours.end
        if day.weekday() in hours.weekdays and start < hours.end and hours.start < end:
            return True
    return False


def new_code(digits: int, below: Callable[[int], int] = secrets.randbelow) -> str:
    """Make a code that is not guessed soon; it does not begin with zero, which tables drop."""
    while True:
        code = str(10 ** (digits - 1) + below(9 * 10 ** (digits - 1)))
        if not _guessable(code):
            return code


def _guessable(code: str) -> bool:
    """Tell whether somebody would try a code: few digits, a run up or down, a repeated part."""
    steps = {int(after) - int(before) for before, after in pairwise(code)}
    half = len(code) // 2
    return (
        len(set(code)) <= _TOO_FEW
        or steps <= {0, 1}
        or steps <= {0, -1}
        or (code[:half] == code[half : 2 * half])
    )

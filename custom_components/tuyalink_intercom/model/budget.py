"""What a month of Tuya costs: what a trial allows, where it is heading, how often to ask.

Pure arithmetic. Times are Unix seconds by the cloud's clock, intervals are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import math
from typing import Final

from .health import Rung

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR


class Billed(StrEnum):
    """What Tuya counts."""

    CALLS = "calls"
    MESSAGES = "messages"


ALLOWED: Final[Mapping[Billed, int]] = {
    # Tuya's price list of the trial edition (2022 to 2026): beyond it the service is suspended
    # until the month turns.
    Billed.CALLS: 26_000,
    Billed.MESSAGES: 68_000,
}
"""What a trial has a month. Both together are 0.196 USD of the pot below: the list is that pot,
divided; so staying within it keeps the pot from running dry."""
POT: Final = 0.20
"""USD a month. The console shows one pot for both; a project hit its end at 53,909 calls."""
PRICES: Final[Mapping[Billed, float]] = {Billed.CALLS: 3.71e-6, Billed.MESSAGES: 1.46e-6}
"""USD each, outside China; inside they are cheaper."""

_WINDOW_DAYS: Final = 7
"""A forecast goes by the last week: households live by weeks, and what was cured before it must
not be held against them for the rest of the month."""
_WATCHED: Final = DAY
_TELLING, _ALARMING = 0.05, 0.25
"""A warning needs this share of the allowance used: after a day, and before."""
_CLOSES: Final = 0.95
"""A warning stays until the forecast is this share of the allowance, lest it come and go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A calendar month in UTC: Tuya does not say when its month turns.

    Its billing may turn by Beijing's clock or by the data center's; UTC is between them, at most
    some hours off either, and does not jump when a user moves.
    """

    key: str
    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds it has."""
        return self.end - self.start


def month_of(now: float) -> Month:
    """Return the month of a time."""
    first = datetime.fromtimestamp(now, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    following = (first + timedelta(days=32)).replace(day=1)
    return Month(key=f"{first:%Y-%m}", start=first.timestamp(), end=following.timestamp())


def day_of(now: float) -> int:
    """Return the day of the month, from 1."""
    return datetime.fromtimestamp(now, UTC).day


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far a count has gone this month, and where it will end at this rate."""

    used: int
    forecast: int


def course(days: Mapping[int, int], since: float, now: float) -> Course:
    """Extend the last week's rate to the month's end.

    `days` holds counts by day of this month, `since` is when counting began. The first day
    counts as a whole one: what a set-up costs is not what every hour will cost.
    """
    month = month_of(now)
    begin = max(since, month.start, now - now % DAY - (_WINDOW_DAYS - 1) * DAY)
    first = day_of(begin)
    recent = sum(count for day, count in days.items() if day >= first)
    used = sum(days.values())
    to_come = recent / max(now - begin, DAY) * (month.end - now)
    return Course(used=used, forecast=used + round(to_come))


def is_over(going: Course, allowed: int, watched: float, *, told: bool) -> bool:
    """Tell whether to warn of a course, by enough evidence.

    `watched` is for how long was counted this month, `told` whether the warning stands already.
    """
    share = going.used / allowed
    evident = share >= (_TELLING if watched >= _WATCHED else _ALARMING)
    return evident and going.forecast > allowed * (_CLOSES if told else 1.0)


def pot_share(calls: float, messages: float) -> float:
    """Return the share of the trial's pot of money that these cost."""
    return (calls * PRICES[Billed.CALLS] + messages * PRICES[Billed.MESSAGES]) / POT


MOST_CALLS: Final = 20_000
"""Calls a month that reconciling may cost at all: the rest of the trial's is for commands,
pictures, set-ups and other programs of the same project."""
_HELD_BACK: Final = 0.05
"""Share of a plan that is never planned: a round of shadows costs up to a call per device."""
_LEAST: Final = 0.5
"""An outage of push may have cost more than the plan of a healthy month; polling goes on at this
share of the plan's rate all the same, while the whole stays within `MOST_CALLS`."""
_TOKENS: Final = 1 / (2 * HOUR)
"""Sign-ins a second: a token lives for two hours."""
SLOWEST_POLL: Final = 6 * HOUR
SLOWEST_SHADOWS: Final = DAY
_PAGE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What there is to ask for: devices in the project's list, and of ours by how they are read."""

    listed: int
    standard: int
    custom: int
    """Devices with data points of their maker's own: a call each."""

    @property
    def poll(self) -> int:
        """Calls for list and values: Tuya marks no end, so a full last page needs an empty one."""
        return self.listed // _PAGE + 1 + math.ceil(self.standard / _PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often to ask at best, and what it may cost a month."""

    poll: float
    shadows: float
    shadows_per_device: float
    calls: int
    calls_per_device: int

    def budget(self, devices: int) -> int:
        """Return calls a month: those of ten devices, more for more, never more than there are."""
        return min(max(self.calls, self.calls_per_device * devices), MOST_CALLS)

    def shadow_interval(self, custom: int) -> float:
        """Return seconds between rounds of shadows at best."""
        return max(self.shadows, min(self.shadows_per_device * custom, 6 * HOUR))


PLANS: Final[Mapping[Rung, Plan]] = {
    # Messages tell everything; polling finds what was renamed, moved, or lost on the way.
    Rung.FRESH: Plan(
        poll=30 * MINUTE,
        shadows=6 * HOUR,
        shadows_per_device=0.0,
        calls=5_000,
        calls_per_device=500,
    ),
    # Some messages may be missing: a state may be wrong for as long as a poll takes to come.
    Rung.DOUBTFUL: Plan(
        poll=15 * MINUTE,
        shadows=HOUR,
        shadows_per_device=4 * MINUTE,
        calls=10_000,
        calls_per_device=1_000,
    ),
    # Polling is all there is.
    Rung.DOWN: Plan(
        poll=10 * MINUTE,
        shadows=10 * MINUTE,
        shadows_per_device=4 * MINUTE,
        calls=MOST_CALLS,
        calls_per_device=0,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds between polls, and between reads of all values that cost a call per device."""

    poll: float
    shadows: float


def pace(rung: Rung, demand: Demand, spent: int, now: float) -> Pace:
    """Return how often to ask, so that the month ends within the plan.

    `spent` is all calls of this month so far, whatever they were for.
    """
    plan = PLANS[rung]
    at_best = plan.shadow_interval(demand.custom)
    wanted = demand.poll / plan.poll + demand.custom / at_best
    free = _affordable(plan.budget(demand.standard + demand.custom), spent, now) - _TOKENS
    stretch = max(1.0, wanted / free) if free > 0 else math.inf
    shadows = min(at_best * stretch, SLOWEST_SHADOWS)
    # Shadows that can wait no longer take from what polls may cost.
    rest = free - demand.custom / shadows
    poll = max(plan.poll, demand.poll / rest) if rest > 0 else math.inf
    return Pace(poll=min(poll, SLOWEST_POLL), shadows=shadows)


def _affordable(planned: int, spent: int, now: float) -> float:
    """Return calls a second that may be made for the rest of the month."""
    month = month_of(now)
    left = max(month.end - now, HOUR)

    def rate(calls: int) -> float:
        return max(0.0, calls * (1 - _HELD_BACK) - spent) / left

    return min(max(rate(planned), planned / month.length * _LEAST), rate(MOST_CALLS))

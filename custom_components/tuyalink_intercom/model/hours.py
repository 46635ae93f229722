"""Weekly hours as Tuya writes them: days as bits, times as minutes or milliseconds of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The same hours on some days of every week; `weekdays` from 0, Monday.

    `start` and `end` are minutes of the day; the end is not part of them.
    """

    weekdays: frozenset[int]
    start: int
    end: int

    @property
    def row(self) -> tuple[int, int, int]:
        """Return them as they are stored: days as Tuya's byte, start, end."""
        return working_day(self.weekdays), self.start, self.end

    def overlaps(self, other: Hours) -> bool:
        """Tell whether some minute of the week is in both."""
        same_day = bool(self.weekdays & other.weekdays)
        return same_day and self.start < other.end and other.start < self.end


def minutes_of_day(moment: time) -> int:
    """Return the minutes since midnight, as locks count."""
    return moment.hour * 60 + moment.minute


def milliseconds_of_day(moment: time) -> str:
    """Return the milliseconds since midnight as text, as building terminals count."""
    return str(minutes_of_day(moment) * 60_000)


def working_day(weekdays: Iterable[int]) -> int:
    """Return days as Tuya's byte: bit 0 is Sunday, bit 6 Saturday."""
    return sum(1 << (day + 1) % 7 for day in set(weekdays))


def hours_of(row: tuple[int, int, int]) -> Hours:
    """Return what was stored."""
    days, start, end = row
    weekdays = frozenset(day for day in range(7) if days & working_day([day]))
    return Hours(weekdays=weekdays, start=start, end=end)


def offset_text(moment: datetime) -> str:
    """Return how far a moment's clock is from UTC, as `+02:00`."""
    offset = moment.utcoffset()
    minutes = 0 if offset is None else round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"

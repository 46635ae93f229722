"""How query parameters are read: lists by comma, numbers, spans of time in s or ms, pages."""

from collections.abc import Sequence

from .answers import Refused
from .rest import Call

SECONDS_DIGITS, MS_DIGITS = 10, 13


def listed(call: Call, name: str) -> list[str]:
    """Return the parts of a comma list, none if it was not given."""
    return [part for part in call.query.get(name, "").split(",") if part]


def number(call: Call, name: str, default: int | None = None) -> int:
    """Return a number; raises Refused(1100) if it is missing without default, else 1109."""
    text = call.query.get(name, "")
    if not text:
        if default is None:
            raise Refused(1100)
        return default
    if not text.isdecimal():
        raise Refused(1109)
    return int(text)


def ms(stamp: int) -> int:
    """Take seconds and milliseconds alike."""
    return stamp if stamp > 10**11 else stamp * 1000


def span(call: Call, digits: Sequence[int] = (MS_DIGITS,)) -> tuple[int, int]:
    """Return ``start_time`` and ``end_time`` in ms; raises Refused(1100) or Refused(1109)."""
    stamps = number(call, "start_time"), number(call, "end_time")
    if any(len(str(stamp)) not in digits for stamp in stamps):
        raise Refused(1109)
    start, end = ms(stamps[0]), ms(stamps[1])
    if start > end:
        raise Refused(1109)
    return start, end


def page[T](call: Call, rows: Sequence[T], most: int) -> tuple[Sequence[T], int, int]:
    """Return one page by ``page_no`` and ``page_size``, its number and how many there are."""
    wanted, size = number(call, "page_no"), number(call, "page_size")
    if wanted < 1 or not 1 <= size <= most:
        raise Refused(1109)
    pages = -(-len(rows) // size)
    return rows[(wanted - 1) * size : wanted * size], wanted, pages

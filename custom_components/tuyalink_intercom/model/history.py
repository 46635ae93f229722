"""Rows of Tuya's logs become changes, through the same memory as messages do.

So a fact told by a log and by a message is one fact. Rows are history: nothing here is live,
and what they say of a state counts only until something newer was told.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..api.message import unix_seconds
from . import dpcodes, facts, presses
from .changes import CaptureTaken, Change, ChannelsReported, Occasion, Remembered
from .context import Context
from .incidents import DURESS_WINDOW, take_passage
from .moments import MOMENTS
from .people import SAME_PASSAGE, LoggedPassage, log_row
from .reduce import applied
from .reports import Item, report
from .state import Device, Memory, Method
from .values import boolean, rows, text

LOCK_ALARMS = frozenset({"alarm_lock", "doorbell", "hijack"})
"""What the alarm log of locks holds."""
LOCK_OPENINGS = frozenset(
    {
        "unlock_card",
        "unlock_dynamic",
        "unlock_emergency",
        "unlock_face",
        "unlock_fingerprint",
        "unlock_identity_card",
        "unlock_key",
        "unlock_password",
        "unlock_temporary",
    }
)
"""What Tuya documents of the opening log of locks."""
_TOLD = frozenset(MOMENTS) - {*dpcodes.RELAYS, dpcodes.MOTION_PICTURE}
MOST = 1500
"""Rows of a device that are gone through at a time, the newest: a full page of each of its logs."""

PICTURES = 20
"""Pictures of passages that are told at a time, the newest."""
_AHEAD = 3700.0
"""A device's clock may be an hour ahead: it missed the summer time. Later (s) is nonsense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A data point as a log tells it; `time` in Unix seconds."""

    time: float
    code: str
    value: object
    name: str | None = None
    """Who that was, where the log of a lock says it."""
    log: str = ""
    """Which log tells it."""


type Row = Point | LoggedPassage


def tells(device: Device) -> bool:
    """Tell whether something may have happened at a device that belongs into the history."""
    features = device.features
    return features.rings or features.accesses or features.alarms


def log_codes(device: Device, covered: Collection[str] = ()) -> tuple[str, ...]:
    """Return the codes to look up in a device's log, but those that another log covered."""
    wanted = _TOLD | device.taught.keys()
    return tuple(sorted((device.codes.known & wanted) - {*covered}))


def reported(rows: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    """Read rows of the device log."""
    for row in rows:
        yield from _points(row.get("event_time"), [row])


def opened(rows: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    """Read rows of a lock's openings."""
    for row in rows:
        yield from _points(row.get("update_time"), _statuses(row.get("status")), _name(row))


def alarmed(rows: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    """Read rows of a lock's alarms: duress and bells say more than the flags that they are."""
    for point in opened(rows):
        flag = point.code in {dpcodes.DURESS_FLAG, *dpcodes.BELL_FLAGS}
        if flag and boolean(point.value) is None and text(point.value):
            yield replace(point, value=True)
        else:
            yield point


def noted(rows: Iterable[Mapping[str, Any]]) -> Iterator[Point]:
    """Read rows of a lock's records, where `dps` are objects of codes and values."""
    for row in rows:
        listed = row.get("dps")
        for found in listed if isinstance(listed, list) else [listed]:
            if isinstance(found, Mapping):
                pairs = [{"code": code, "value": value} for code, value in found.items()]
                told = [found] if "code" in found else pairs
                yield from _points(row.get("gmt_create"), told, _name(row))


def passed(rows: Iterable[Mapping[str, Any]]) -> Iterator[LoggedPassage]:
    """Read rows of the access log."""
    for row in rows:
        if (found := log_row(row)) is not None:
            yield found


def replayed(
    device: Device,
    rows: Iterable[Row],
    now: float,
    unknown: Callable[[str], None] = lambda _: None,
) -> tuple[Change, ...]:
    """Go through the rows of a device in the order of their times; return what is news.

    `now` is cloud time. Of too many rows the oldest are left out. Of pictures that cost a call
    only the newest of each occasion is told, of those in the access log some more.
    """
    told: list[Change] = []
    pictures: dict[Occasion, CaptureTaken] = {}
    passages: deque[CaptureTaken] = deque(maxlen=PICTURES)
    memory = device.memory
    for row, change, after in gone_through(device, rows, now, unknown):
        device = after
        if isinstance(change, CaptureTaken) and isinstance(row, LoggedPassage):
            passages.append(change)
        elif isinstance(change, CaptureTaken):
            pictures[change.occasion] = change
        elif not isinstance(change, ChannelsReported | Remembered):
            told.append(change)
    told.extend((*pictures.values(), *passages))
    if device.memory != memory:
        kept = Memory(
            presses=presses.kept(device.memory.presses),
            facts=facts.kept(tuple(sorted(device.memory.facts, key=lambda fact: fact[1]))),
        )
        told.append(Remembered(device_id=device.id, time=now, memory=kept))
    return tuple(told)


def gone_through(
    device: Device,
    rows: Iterable[Row],
    now: float,
    unknown: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[Row, Change, Device]]:
    """Yield in the order of time what rows tell, each with the device as it is after that."""
    happened = (row for row in rows if row.time <= now + _AHEAD)
    for row in sorted(happened, key=_turn)[-MOST:]:
        context = Context(
            device, row.time, live=False, memory=device.memory, count=unknown, logged=True
        )
        _tell(context, row)
        for change in context.finish():
            device = applied(device, change)
            yield row, change, device


def _turn(row: Row) -> float:
    # A passage is told as one under duress if that is known by then.
    ahead = isinstance(row, Point) and row.code == dpcodes.DURESS_FLAG
    return row.time - DURESS_WINDOW if ahead else row.time


def _tell(context: Context, row: Row) -> None:
    match row:
        case Point(time=time, code=code, value=value):
            report(context, Item(code, value, time, time))
        case LoggedPassage(time=time, person_id=person, name=name):
            take_passage(context, row.method or Method.OTHER, time, person=person, name=name)
            context.changes.extend([*_pictured(context, row)])


def _pictured(context: Context, row: LoggedPassage) -> Iterator[CaptureTaken]:
    """Tell the picture of a passage, which a message may have told already."""
    whose = f"|{row.person_id or ''}"
    told = [
        (key, at)
        for key, at in context.memory.facts
        if key.startswith("passed|") and key.endswith(whose) and abs(at - row.time) <= SAME_PASSAGE
    ]
    if row.picture is not None and told:
        key, at = min(told, key=lambda fact: abs(fact[1] - row.time))
        yield CaptureTaken(
            device_id=context.device.id,
            time=at,
            event_id=context.event_id_of(key, at),
            occasion=Occasion.ACCESS,
            picture=row.picture,
            live=False,
        )


def _points(
    stamp: object, statuses: Iterable[Mapping[str, Any]], name: str | None = None
) -> Iterator[Point]:
    time = unix_seconds(stamp)
    for status in statuses:
        code = status.get("code")
        if time is not None and isinstance(code, str) and code:
            yield Point(time=time, code=code, value=_value(status.get("value")), name=name)


def _name(row: Mapping[str, Any]) -> str | None:
    return text(row.get("nick_name")) or text(row.get("unlock_name"))


def _statuses(told: object) -> list[Mapping[str, Any]]:
    """Read the status of a lock's row: Tuya's text says a list, its example an object."""
    return rows(told if isinstance(told, list) else [told])


def _value(told: object) -> object:
    # Logs tell every value as text; the readers take numbers as text, but switches as they are.
    return {"true": True, "false": False}.get(told, told) if isinstance(told, str) else told

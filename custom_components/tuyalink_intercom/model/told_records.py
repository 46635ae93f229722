"""Rows of Tuya's logs as records: what happened at a device, in the words of its events.

Rows go the way by which missed history is read, but with an empty memory: what was told before is
told again. Nothing here changes a device.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from . import dpcodes, facts
from .changes import AlarmRaised, CallMoved, Change, Outcome, Passed, Rang
from .history import Row, gone_through, log_codes
from .people import LoggedPassage, key_of
from .presses import JOIN, REPEAT, SAME_PRESS
from .state import Device, Meaning, Memory, World

LOG_REACHES: Final = 7 * 24 * 3600.0
"""Tuya keeps what devices report this long (s); of its other logs nobody says how long."""

type Happened = AlarmRaised | CallMoved | Passed | Rang


class RecordKind(StrEnum):
    """What a record is about; the value is what actions call it."""

    ACCESS = "access"
    ALARM = "alarm"
    CALL = "call"


class Gap(StrEnum):
    """What the logs cannot tell of a device; the value is told in answers."""

    ALARMS = "alarms"
    ASLEEP = "asleep"
    BEFORE_SEVEN_DAYS = "before_seven_days"
    CALLS = "calls"
    DENIED_PASSAGES = "denied_passages"
    PASSAGES = "passages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that happened, and which log tells it."""

    happened: Happened
    log: str
    event_id: str | None = None
    """Of the event that told it, as far as that is remembered."""

    @property
    def kind(self) -> RecordKind:
        """What it is about."""
        match self.happened:
            case Passed():
                return RecordKind.ACCESS
            case AlarmRaised():
                return RecordKind.ALARM
        return RecordKind.CALL

    def concerns(self, person: str) -> bool:
        """Tell whether it is about somebody, by name or by id, in letters of either case."""
        if not isinstance(self.happened, Passed):
            return False
        names = (self.happened.person, self.happened.person_id)
        return person.casefold() in {name.casefold() for name in names if name}


def recorded(device: Device, rows: Iterable[Row], now: float) -> list[Record]:
    """Return what rows tell of a device, the newest first; `now` is cloud time.

    Slow for more rows than some hundred; it waits for nothing and may be run in a thread.
    """
    fresh = replace(device, memory=Memory(), calls=())
    found: dict[object, Record] = {}
    for row, change, _ in gone_through(fresh, rows, now):
        if not isinstance(change, AlarmRaised | CallMoved | Passed | Rang):
            continue
        # A passage that turns out to be under duress is told again, with the same id.
        key = change.event_id if isinstance(change, Passed) else len(found)
        found[key] = _record(device, row, change, found.get(key))
    return sorted(found.values(), key=lambda one: one.happened.time, reverse=True)


def gaps(device: Device, kinds: Collection[RecordKind], since: float, now: float) -> Iterator[Gap]:
    """Yield what the logs of a device cannot tell of these kinds, whatever they answer."""
    features = device.features
    terminal, codes = device.world is World.TERMINAL, frozenset(log_codes(device))
    if RecordKind.ACCESS in kinds and features.accesses:
        if terminal:
            yield Gap.DENIED_PASSAGES
        elif not codes & dpcodes.METHODS.keys():
            yield Gap.PASSAGES
    if RecordKind.CALL in kinds and features.rings and not (codes & _RINGS or _is_taught(device)):
        yield Gap.CALLS
    if RecordKind.ALARM in kinds and features.alarms and not codes & _ALARMS:
        yield Gap.ALARMS
    if not terminal and since < now - LOG_REACHES:
        yield Gap.BEFORE_SEVEN_DAYS
    if features.sleeps and device.online is False:
        yield Gap.ASLEEP


def reads(device: Device, kinds: Collection[RecordKind]) -> bool:
    """Tell whether it is worth asking the logs of a device for these kinds."""
    features = device.features
    if device.world is World.TERMINAL:
        return RecordKind.ACCESS in kinds
    able: Mapping[RecordKind, bool] = {
        RecordKind.ACCESS: features.accesses,
        RecordKind.ALARM: features.alarms,
        RecordKind.CALL: features.rings,
    }
    return any(able[kind] for kind in kinds) and bool(log_codes(device))


_RINGS = dpcodes.RING_CODES | dpcodes.PICTURE_MESSAGES.keys() | {dpcodes.CHANNELS, dpcodes.LINKAGE}
_ALARMS = dpcodes.ALARM_SOURCES | dpcodes.PICTURE_MESSAGES.keys()


def _is_taught(device: Device) -> bool:
    return Meaning.RING in device.taught.values()


def _record(device: Device, row: Row, change: Happened, before: Record | None) -> Record:
    log, told = row.log, None
    if isinstance(change, Passed):
        if before is not None and isinstance(before.happened, Passed):
            log, told = before.log, before.happened.person
        person = _named(device, row, change) or told or change.person
        change = replace(change, person=person)
    return Record(happened=change, log=log, event_id=_event_id(device, change))


def _named(device: Device, row: Row, passage: Passed) -> str | None:
    """Return who passed: as the owner says, else as the row does, else as is known."""
    slot = "" if passage.slot is None else key_of(passage.method, passage.slot)
    key = passage.person_id or slot
    known = device.people.get(key)
    return known if key in device.owner_named else _named_in(row, passage) or known


def _named_in(row: Row, passage: Passed) -> str | None:
    """Return the name that stands in a row; in an alarm's it is that of the one under duress."""
    if isinstance(row, LoggedPassage) or dpcodes.METHODS.get(row.code) is passage.method:
        return row.name
    return row.name if passage.outcome is Outcome.DURESS else None


def _event_id(device: Device, change: Change) -> str | None:
    """Return the id under which this was told when it happened, as far as that is remembered."""
    match change:
        case Rang(time=time) | CallMoved(time=time):
            for press in device.memory.presses:
                if abs(time - press.seen) <= JOIN or abs(time - (press.pressed or 0)) <= SAME_PRESS:
                    return press.event_id
            return None
        case Passed():
            how = "denied" if change.outcome is Outcome.DENIED else "passed"
            slot = "" if change.slot is None else change.slot
            key = f"{how}|{change.method}|{slot}|{change.person_id or ''}"
        case AlarmRaised():
            key = f"alarm|{change.alarm}|{change.method or ''}"
        case _:
            return None
    for known, at in device.memory.facts:
        if known == key and abs(at - change.time) < REPEAT:
            return facts.event_id(device.id, key, at)
    return None

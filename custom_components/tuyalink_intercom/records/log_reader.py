"""Reads Tuya's logs for the time in which nobody listened: which of them, how many calls.

A log that a project may not read, or that a device has not, is left out for a day. What could
only not be read now is said to the caller, who asks again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, MutableMapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ..api import (
    OF_PROJECT,
    OF_SERVICE,
    JsonObject,
    TuyaAuthError,
    TuyaCloud,
    TuyaConnectionError,
    TuyaError,
)
from ..model import dpcodes
from ..model.history import (
    LOCK_ALARMS,
    LOCK_OPENINGS,
    Row,
    alarmed,
    log_codes,
    noted,
    opened,
    passed,
    reported,
)
from ..model.state import Device, World

REFUSED_FOR = 24 * 3600.0
"""A refusal is believed this long (s): subscriptions are bought by people, not every hour."""
AT_ONCE = 4
"""Tuya's limits of these calls are not published: so few at a time are safe."""
MOST_CALLS = 120
"""Calls per reading, so that no fill can use up the month."""
MOST_ROWS = 500
"""Rows per device, the newest: nobody reads more of a history that was missed."""


class Log(StrEnum):
    """A log of Tuya's; the value is what answers call it."""

    PASSAGES = "access_log"
    REPORTS = "device_log"
    OPENINGS = "lock_openings"
    ALARMS = "lock_alarms"
    RECORDS = "lock_records"


type Pages = AsyncGenerator[list[JsonObject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A time (Unix seconds, by the cloud) in which a device was not heard."""

    device: Device
    since: float
    until: float


@dataclass(slots=True)
class Found:
    """Rows by device, and the devices that could not be asked now."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    """Devices of which a log holds more than was read."""
    refused: list[tuple[str, Log, TuyaError]] = field(default_factory=list)
    """Devices with logs that could not be read, and why."""
    answered: int = 0
    """How many logs were read."""

    def add(self, hole: Hole, rows: Iterable[Row], log: Log) -> None:
        """Keep the rows of a hole."""
        inside = [replace(row, log=log) for row in rows if hole.since <= row.time <= hole.until]
        self.rows.setdefault(hole.device.id, []).extend(inside)


class LogReader:
    """The logs of one project. `refused` is kept by the owner: log → time of its refusal.

    While `vain` says that Tuya refuses everything, nothing is asked.
    """

    def __init__(
        self,
        cloud: TuyaCloud,
        refused: MutableMapping[str, float],
        changed: Callable[[], None],
        vain: Callable[[], bool],
        *,
        slots: asyncio.Semaphore | None = None,
        refusals: Counter[str] | None = None,
        most: int | None = None,
    ) -> None:
        self._cloud = cloud
        self._refused = refused
        self._changed = changed
        self._vain = vain
        self._slots = slots or asyncio.Semaphore(AT_ONCE)
        self._calls = 0
        self._stopped: TuyaError | None = None
        self._asked = most is not None
        """Whether somebody asks: for whatever there is, and anew for what was refused."""
        self._most = most or MOST_ROWS
        self.refusals = Counter[str]() if refusals is None else refusals
        """Refused logs, by log and reason."""

    def for_somebody(self, most: int) -> LogReader:
        """Return a reader for one who asks; `most` rows per log, what was refused is tried anew.

        It finds what it can: not all where that is `cut` or `refused`.
        """
        return LogReader(
            self._cloud,
            self._refused,
            self._changed,
            self._vain,
            slots=self._slots,
            refusals=self.refusals,
            most=most,
        )

    async def read(self, holes: Sequence[Hole]) -> Found:
        """Read what the logs hold of these times; never raises TuyaError."""
        self._calls, self._stopped = MOST_CALLS, None
        found = Found()
        terminals = [hole for hole in holes if hole.device.world is World.TERMINAL]
        others = [hole for hole in holes if hole.device.world is not World.TERMINAL]
        readings = [self._device(hole, found) for hole in others]
        if terminals:
            readings.append(self._terminals(terminals, found))
        await asyncio.gather(*readings)
        return found

    async def _terminals(self, holes: Sequence[Hole], found: Found) -> None:
        """Read the passages of all terminals at once."""
        by_id = {hole.device.id: hole for hole in holes}
        start, end = min(hole.since for hole in holes), max(hole.until for hole in holes)
        pages = self._cloud.records.passages(by_id, start, end, pictures=not self._asked)
        rows = await self._read(Log.PASSAGES, by_id, pages, found, self._most * len(holes))
        for row in passed(rows or ()):
            if row.device_id in by_id:
                found.add(by_id[row.device_id], [row], Log.PASSAGES)

    async def _device(self, hole: Hole, found: Found) -> None:
        covered = frozenset[str]()
        if hole.device.world in {World.LOCK, World.CONTROLLER}:
            covered = await self._lock(hole, found)
        codes = log_codes(hole.device, covered)
        if codes and self._goes_on(hole.device.id, found):
            device_id = hole.device.id
            pages = self._cloud.records.reports(device_id, codes, hole.since, hole.until)
            rows = await self._read(Log.REPORTS, (device_id,), pages, found)
            found.add(hole, reported(rows or ()), Log.REPORTS)

    async def _lock(self, hole: Hole, found: Found) -> frozenset[str]:
        """Read the lock service's logs; return the codes of which they have told everything."""
        device_id, known, calls = hole.device.id, hole.device.codes.known, self._cloud.records
        openings, alarms = known & dpcodes.METHODS.keys(), known & LOCK_ALARMS
        covered: set[str] = set()
        if openings:
            pages = calls.openings(device_id, hole.since, hole.until)
            if (rows := await self._read(Log.OPENINGS, (device_id,), pages, found)) is not None:
                found.add(hole, opened(rows), Log.OPENINGS)
                covered |= LOCK_OPENINGS
        if alarms and self._goes_on(device_id, found):
            pages = calls.alarms(device_id, sorted(alarms), hole.since)
            if (rows := await self._read(Log.ALARMS, (device_id,), pages, found)) is not None:
                found.add(hole, alarmed(rows), Log.ALARMS)
                covered |= LOCK_ALARMS
        left = (openings & LOCK_OPENINGS | alarms) - covered
        if left and self._goes_on(device_id, found):
            pages = calls.records(device_id, sorted(left), hole.since)
            if (rows := await self._read(Log.RECORDS, (device_id,), pages, found)) is not None:
                found.add(hole, noted(rows), Log.RECORDS)
                covered |= left
        return frozenset(covered)

    def _goes_on(self, device_id: str, found: Found) -> bool:
        """Tell whether the other logs of a device are worth reading: all will be read anew."""
        return self._asked or device_id not in found.failed

    async def _read(
        self,
        log: Log,
        device_ids: Iterable[str],
        pages: Pages,
        found: Found,
        most: int | None = None,
    ) -> list[JsonObject] | None:
        """Read the pages of a log; `None` where there is nothing to be had of it."""
        device_ids = [*device_ids]
        whole = log.value, f"{log}|{device_ids[0]}"
        now = self._cloud.now()
        refused = [key for key in whole if now - self._refused.get(key, 0.0) < REFUSED_FOR]
        if refused and not self._asked:
            return None
        rows: list[JsonObject] = []
        try:
            async with self._slots, aclosing(pages):
                complete, later = await self._gather(pages, rows, most or self._most)
        except TuyaError as error:
            found.refused += [(device_id, log, error) for device_id in device_ids]
            complete, later = False, self._is_passing(error, whole, now)
            rows = rows if self._asked else []
        if later:
            found.failed.update(device_ids)
        if not complete:
            found.cut.update(device_ids)
        if (not complete and not rows) or (later and not self._asked):
            return None
        self._answered(refused, found)
        return rows

    def _is_passing(self, error: TuyaError, names: tuple[str, str], now: float) -> bool:
        """Take in why a log could not be read; tell whether it may be had later."""
        if error.reason in OF_PROJECT:
            # The others would be refused the same, and each refusal may cost.
            self._stopped = error
        elif not isinstance(error, TuyaConnectionError | TuyaAuthError):
            self._note(names[error.reason not in OF_SERVICE], error, now)
            return False
        return True

    async def _gather(self, pages: Pages, rows: list[JsonObject], most: int) -> tuple[bool, bool]:
        """Read pages into `rows`; return whether these are all, and if calls were too few."""
        while len(rows) < most:
            if self._stopped is not None:
                raise self._stopped
            if self._calls <= 0 or self._vain():
                return False, True
            self._calls -= 1
            page = await anext(pages, None)
            if page is None:
                return True, False
            rows += page
        return False, False

    def _answered(self, refused: Iterable[str], found: Found) -> None:
        """Note that a log answers; one that was refused before is to be had again."""
        found.answered += 1
        for key in refused:
            self._refused.pop(key, None)
            self._changed()

    def _note(self, key: str, error: TuyaError, now: float) -> None:
        self.refusals[f"{key.partition('|')[0]}: {error.reason}"] += 1
        for old in [one for one, at in self._refused.items() if now - at >= REFUSED_FOR]:
            del self._refused[old]
        self._refused[key] = now
        self._changed()

"""What a device said, as the cloud's log calls remember it: for seven days, whoever listened.

Rows are told by the time at which the cloud received them: the device's own clock may be off.
"""

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .wire import compact

KEEP_MS = 7 * 24 * 3_600_000
MOST = 5000
ONLINE, OFFLINE, REPORT = 1, 2, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One row; ``kind`` 1 online, 2 offline, 7 a reported value; ``at_ms`` of the receipt."""

    number: int
    kind: int
    code: str
    value: Any
    at_ms: int

    @property
    def key(self) -> str:
        """Return the row key by which pages go on; keys sort as rows do."""
        return f"{self.at_ms:013d}{self.number:09d}"

    @property
    def text(self) -> str:
        """Return the value as logs tell it: always text."""
        return self.value if isinstance(self.value, str) else compact(self.value)


class History:
    """The rows of one device, bounded by age and number."""

    def __init__(self) -> None:
        self._rows: deque[LogRow] = deque(maxlen=MOST)
        self._count = 0

    def note(self, kind: int, at_ms: int, values: Mapping[str, Any]) -> None:
        """Keep one row per value, also of values that are not new."""
        for code, value in values.items():
            self._count += 1
            row = LogRow(number=self._count, kind=kind, code=code, value=value, at_ms=at_ms)
            self._rows.append(row)

    def rows(
        self,
        now_ms: int,
        *,
        kinds: Collection[int] = (REPORT,),
        codes: Collection[str] = (),
        start_ms: int = 0,
        end_ms: int | None = None,
    ) -> list[LogRow]:
        """Return the rows between two times, newest first; ``codes`` empty = every code."""
        since, until = max(start_ms, now_ms - KEEP_MS), now_ms if end_ms is None else end_ms
        found = [
            row
            for row in self._rows
            if row.kind in kinds
            and since <= row.at_ms <= until
            and (not codes or row.code in codes)
        ]
        return sorted(found, key=lambda row: row.key, reverse=True)

"""Records for somebody who asks: what Tuya's logs hold of a time, in one shape for all devices.

Reads through the project's own log reader; nothing that is found is told or remembered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import HomeAssistant

from ..api import TuyaError
from ..model.history import MOST
from ..model.state import Device
from ..model.told_records import Record, RecordKind, gaps, reads, recorded
from ..runtime import TuyaLinkConfigEntry
from .log_reader import Found, Hole

_PER_RECORD: Final = 4
"""A ring may be told by so many rows."""
_AT_LEAST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which records are asked for; times are Unix seconds by the cloud's clock."""

    since: float
    until: float
    limit: int
    person: str | None = None
    to_now: bool = True
    """Whether it ends now, so that the newest rows of a log are wanted."""

    @property
    def rows(self) -> int:
        """How many rows of a log are worth reading."""
        if self.person is not None or not self.to_now:
            return MOST
        return min(MOST, max(_AT_LEAST, _PER_RECORD * self.limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """What a device could not be asked for: by nature (no `source`), or as Tuya refused a log."""

    device: Device
    reason: str
    source: str | None = None


@dataclass(slots=True)
class Answer:
    """What was found in a project, the newest record of each device first."""

    records: list[tuple[Device, Record]] = field(default_factory=list)
    untold: list[Untold] = field(default_factory=list)
    cut: bool = False
    """Whether there may be more than was read."""
    answered: int = 0
    """How many logs were read."""
    refusal: TuyaError | None = None
    """The first of the refusals."""


async def async_records(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    asked: Mapping[str, frozenset[RecordKind]],
    query: Query,
) -> Answer:
    """Return the records of devices (Tuya's id → kinds); no refusal is raised, all are told."""
    coordinator, answer = entry.runtime_data.coordinator, Answer()
    now = coordinator.cloud.now()
    known = {key: device for key in asked if (device := coordinator.device(key)) is not None}
    for key, device in known.items():
        answer.untold += [
            Untold(device=device, reason=gap) for gap in gaps(device, asked[key], query.since, now)
        ]
    holes = [
        Hole(device=device, since=query.since, until=query.until)
        for key, device in known.items()
        if reads(device, asked[key])
    ]
    if (refusal := coordinator.polling.breaker.holding(now)) is not None and holes:
        answer.refusal = refusal
        answer.untold += [Untold(device=hole.device, reason=refusal.reason) for hole in holes]
        return answer
    found = await entry.runtime_data.history.look_up(holes, query.rows) if holes else Found()
    _refused(answer, found, known)
    for key, rows in found.rows.items():
        device = known[key]
        answer.cut |= len(rows) > MOST
        told = await hass.async_add_executor_job(recorded, device, rows, now)
        answer.records += [(device, one) for one in told if _wanted(one, asked[key], query)]
    return answer


def _refused(answer: Answer, found: Found, known: Mapping[str, Device]) -> None:
    answer.cut, answer.answered = bool(found.cut), found.answered
    answer.refusal = next((error for _, _, error in found.refused), None)
    answer.untold += _untold(found, known)


def _untold(found: Found, known: Mapping[str, Device]) -> Iterator[Untold]:
    for key, log, error in found.refused:
        yield Untold(device=known[key], reason=error.reason, source=log)


def _wanted(record: Record, kinds: frozenset[RecordKind], query: Query) -> bool:
    """Tell whether a record is asked for."""
    return (
        record.kind in kinds
        and query.since <= record.happened.time <= query.until
        and (query.person is None or record.concerns(query.person))
    )

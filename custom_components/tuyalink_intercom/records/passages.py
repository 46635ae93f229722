"""What messages of building terminals leave out: names and pictures, from the access log.

A passage is told at once, by the id of the person. Some seconds later the log is asked
for all passages that wait, in one call; what it says goes the way of any change.
"""

from collections.abc import Iterator, Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureTaken, Change, Learned, Occasion, Outcome, Passed, PersonNamed
from ..model.people import SAME_PASSAGE, LoggedPassage, joined, log_row
from ..model.state import World
from .inquiry import Bounds, Inquiry

_BOUNDS = Bounds(tries=(4.0, 20.0, 60.0), at_most=((30, 3600.0), (60, 86400.0)))
"""The picture is uploaded first."""
_CLOCKS = 2 * 3600.0
"""A device's clock that is further off (s) says nothing about the time in the log."""


class PassageLog:
    """Asks the access log of one project while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._entry = entry
        self._coordinator = coordinator
        self._inquiry = Inquiry[Passed](hass, entry, coordinator, "access log", _BOUNDS, self._ask)

    @callback
    def start(self) -> None:
        """Listen to passages until the entry is unloaded."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._happened))
        self._entry.async_on_unload(self._inquiry.stop)

    @callback
    def _happened(self, change: Change) -> None:
        if not isinstance(change, Passed) or not change.live or change.outcome is Outcome.DENIED:
            return
        device = self._coordinator.device(change.device_id)
        if device is not None and device.world is World.TERMINAL:
            # One that turns out to be under duress is told again, with the same id.
            self._inquiry.want(change.event_id, change)

    async def _ask(self, wanted: Mapping[str, Passed]) -> None:
        times = [time for passage in wanted.values() for time in _times(passage)]
        pages = self._coordinator.cloud.records.passages(
            sorted({passage.device_id for passage in wanted.values()}),
            min(times) - SAME_PASSAGE,
            max(times) + SAME_PASSAGE + 1,
            pictures=True,
            most_pages=1,
        )
        rows = [row async for page in pages for row in page]
        self._take(wanted, [row for row in map(log_row, rows) if row is not None])

    def _take(self, wanted: Mapping[str, Passed], rows: list[LoggedPassage]) -> None:
        changes: list[Change] = []
        for passage, row in joined(wanted.values(), rows):
            self._inquiry.answered()
            changes += _named(passage, row)
            pictures = [*self._pictured(passage, row)]
            changes += pictures
            device = self._coordinator.device(passage.device_id)
            if pictures or device is None or not device.features.captures:
                self._inquiry.has(passage.event_id)
            else:
                # The picture may still be on its way; it is waited for once.
                self._inquiry.once_more(passage.event_id)
        if changes:
            self._coordinator.take(changes)

    def _pictured(self, passage: Passed, row: LoggedPassage) -> Iterator[Change]:
        device = self._coordinator.device(passage.device_id)
        if device is None or row.picture is None:
            return
        if not device.features.captures:
            yield Learned(device_id=device.id, time=passage.time, feature="captures")
        yield CaptureTaken(
            device_id=device.id,
            time=passage.time,
            event_id=passage.event_id,
            occasion=Occasion.ACCESS,
            picture=row.picture,
            live=True,
        )


def _named(passage: Passed, row: LoggedPassage) -> Iterator[Change]:
    """Tell a name; a person is the same at all terminals."""
    person, name = passage.person_id, row.name
    if person and name and name != person:
        yield PersonNamed(device_id=passage.device_id, time=row.time, person=person, name=name)


def _times(passage: Passed) -> Iterator[float]:
    yield passage.time
    if passage.told is not None and abs(passage.told - passage.time) < _CLOCKS:
        yield passage.told

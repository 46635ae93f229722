"""What messages of building terminals leave out: names and pictures, from the access log.

A passage is told at once, by the id of the person. Some seconds later the log is asked
for all passages that wait, in one call; what it says goes the way of any change. Bounded
in calls, as each counts towards the project's quota.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import TuyaConnectionError, TuyaError
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureTaken, Change, Learned, Occasion, Outcome, Passed, PersonNamed
from ..model.people import SAME_PASSAGE, LoggedPassage, joined, log_row
from ..model.pictures import PictureForm, PictureReference
from ..model.state import World

_LOGGER = logging.getLogger(__name__)

_TRIES = (4.0, 20.0, 60.0)
"""Seconds after a passage at which the log is asked: the picture is uploaded first."""
_APART = 10.0
_AT_MOST = ((30, 3600.0), (60, 86400.0))
"""At most so many calls within so many seconds."""
_REFUSED = 6 * 3600.0
_IN_VAIN = 5
"""After so many passages in a row of which the log knew nothing it is left alone for a while."""
_WAITING = 50
_PAUSE = 600.0
"""While Tuya refuses everything it is looked this often (s) whether it still does."""
_TOO_LATE = 3600.0
"""What waited longer (s), because calls are limited, is not asked for any more."""
_CLOCKS = 2 * 3600.0
"""A device's clock that is further off (s) says nothing about the time in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    passage: Passed
    due: float
    tries: int = 0
    logged: bool = False
    """Whether the log knows it, though without a picture."""

    def times(self) -> Iterator[float]:
        yield self.passage.time
        told = self.passage.told
        if told is not None and abs(told - self.passage.time) < _CLOCKS:
            yield told


class PassageLog:
    """Asks the access log of one project while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._waiting: dict[str, _Wanted] = {}
        self._asked: deque[float] = deque(maxlen=max(most for most, _ in _AT_MOST))
        self._not_before = 0.0
        self._in_vain = 0
        self._asking = False
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self._due, f"{DOMAIN} access log", cancel_on_shutdown=True)

    @callback
    def start(self) -> None:
        """Listen to passages until the entry is unloaded."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._happened))
        self._entry.async_on_unload(self._stop)

    @callback
    def _happened(self, change: Change) -> None:
        if not isinstance(change, Passed) or not change.live or change.outcome is Outcome.DENIED:
            return
        device, now = self._coordinator.device(change.device_id), self._coordinator.cloud.now()
        if device is None or device.world is not World.TERMINAL or now < self._not_before:
            return
        # One that turns out to be under duress is told again, with the same id.
        if change.event_id not in self._waiting:
            self._waiting[change.event_id] = _Wanted(passage=change, due=now + _TRIES[0])
            while len(self._waiting) > _WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._wind()

    @callback
    def _wind(self) -> None:
        """Wait for the next call, unless one is under way or waited for."""
        if self._waiting and not self._asking and self._cancel is None:
            now = self._coordinator.cloud.now()
            first = min(wanted.due for wanted in self._waiting.values())
            delay = max(first, *self._allowed()) - now
            self._cancel = async_call_later(self._hass, max(delay, 0.0), self._job)

    def _allowed(self) -> Iterator[float]:
        """Yield the times before which there may be no other call."""
        if self._coordinator.asking_is_vain:
            yield self._coordinator.cloud.now() + _PAUSE
        yield self._asked[-1] + _APART if self._asked else 0.0
        for most, seconds in _AT_MOST:
            yield self._asked[-most] + seconds if len(self._asked) >= most else 0.0

    @callback
    def _due(self, _now: datetime) -> None:
        self._cancel = None
        if self._coordinator.asking_is_vain:
            self._wind()
            return
        self._asking = True
        self._entry.async_create_background_task(self._hass, self._ask(), f"{DOMAIN} access log")

    async def _ask(self) -> None:
        cloud = self._coordinator.cloud
        asked = cloud.now()
        self._waiting = {
            key: one for key, one in self._waiting.items() if asked - one.due < _TOO_LATE
        }
        wanted = dict(self._waiting)
        if wanted:
            self._asked.append(asked)
            await self._ask_for(wanted, asked)
        self._asking = False
        self._wind()

    async def _ask_for(self, wanted: dict[str, _Wanted], asked: float) -> None:
        times = [time for one in wanted.values() for time in one.times()]
        try:
            pages = self._coordinator.cloud.records.passages(
                sorted({one.passage.device_id for one in wanted.values()}),
                min(times) - SAME_PASSAGE,
                max(times) + SAME_PASSAGE + 1,
                pictures=True,
                most_pages=1,
            )
            rows = [row async for page in pages for row in page]
        except TuyaConnectionError:
            self._later(wanted, asked, vain=False)
        except TuyaError as error:
            _LOGGER.debug("The access log is not to be had: %s", error)
            self._leave()
        else:
            found = [row for row in map(log_row, rows) if row is not None]
            self._take(wanted, found)
            self._later(wanted, asked, vain=True)

    def _take(self, wanted: dict[str, _Wanted], rows: list[LoggedPassage]) -> None:
        changes: list[Change] = []
        for passage, row in joined((one.passage for one in wanted.values()), rows):
            self._in_vain = 0
            changes += self._named(passage, row)
            pictures = [*self._pictured(passage, row)]
            changes += pictures
            device = self._coordinator.device(passage.device_id)
            if pictures or device is None or not device.features.captures:
                self._waiting.pop(passage.event_id, None)
            elif (one := self._waiting.get(passage.event_id)) is not None:
                # The picture may still be on its way; it is waited for once.
                tries = max(one.tries, len(_TRIES) - 2)
                self._waiting[passage.event_id] = replace(one, tries=tries, logged=True)
        if changes:
            self._coordinator.take(changes)

    def _named(self, passage: Passed, row: LoggedPassage) -> Iterator[Change]:
        """Tell a new name, at all terminals: a person is the same at each."""
        person, name = passage.person_id, row.name
        if person is None or name in {None, person}:
            return
        for device in self._coordinator.data.devices.values():
            if device.world is World.TERMINAL and device.people.get(person) != name:
                yield PersonNamed(
                    device_id=device.id, time=row.time, person=person, name=name or ""
                )

    def _pictured(self, passage: Passed, row: LoggedPassage) -> Iterator[Change]:
        device = self._coordinator.device(passage.device_id)
        if device is None or not row.url:
            return
        if not device.features.captures:
            yield Learned(device_id=device.id, time=passage.time, feature="captures")
        yield CaptureTaken(
            device_id=device.id,
            time=passage.time,
            event_id=passage.event_id,
            occasion=Occasion.ACCESS,
            picture=PictureReference(form=PictureForm.ADDRESS, url=row.url),
            live=True,
        )

    def _later(self, wanted: Iterable[str], asked: float, *, vain: bool) -> None:
        """Ask again for what the log did not tell yet, some times."""
        for key in wanted:
            one = self._waiting.get(key)
            if one is None or one.due > asked:
                continue
            tries = one.tries + 1
            if tries < len(_TRIES):
                self._waiting[key] = replace(one, tries=tries, due=asked + _TRIES[tries])
            else:
                del self._waiting[key]
                self._in_vain += vain and not one.logged
        if self._in_vain >= _IN_VAIN:
            self._leave()

    def _leave(self) -> None:
        self._waiting.clear()
        self._in_vain = 0
        self._not_before = self._coordinator.cloud.now() + _REFUSED

    @callback
    def _stop(self) -> None:
        self._waiting.clear()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

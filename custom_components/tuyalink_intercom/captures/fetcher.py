"""Fetching pictures as a reaction to an event.

A ring never waits for its picture. The work is bounded: few at a time, the newest ring first,
and what cannot be had after some tries is given up.
"""

import asyncio
from collections import Counter
from dataclasses import replace
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..album.imaging import Look, NotAPictureError, inspected
from ..album.record import Capture
from ..api import CaptureError, Endpoints, TuyaError
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureTaken, Change
from .absence import Absence, absence_of, may_pass
from .download import picture_storage
from .finder import PictureFinder
from .occurrences import Occurrences
from .shelf import CaptureShelf
from .wanted import MOST, Tellings, Waiting, Wanted

_LOGGER = logging.getLogger(__name__)

_AT_ONCE = 4
_RETRIES = (2.0, 4.0, 8.0, 16.0)
"""Seconds before another try: the message can precede the upload."""
_OTHER_CARRIER = 3.0
"""Many devices tell a picture twice, sealed and readable: so long (s) the readable one may take."""
_PAUSE = 600.0
"""While Tuya refuses everything it is looked this often (s) whether it still does."""
_TOO_LATE = 24 * 3600.0
"""A picture that could not be asked for all this time (s) is nobody's news any more."""


class CaptureFetcher:
    """Fetches the pictures that messages and logs tell of, and puts them on the shelf."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        endpoints: Endpoints,
        shelf: CaptureShelf,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._storage = picture_storage(hass, entry, endpoints)
        self._shelf = shelf
        self._finder = PictureFinder(coordinator)
        self._occurrences = Occurrences()
        self._tellings = Tellings()
        self._waiting = Waiting()
        self._fetching: dict[Wanted, asyncio.Task[None]] = {}
        """What is being downloaded: it can be put off for something more urgent."""
        self._looking: set[Wanted] = set()
        """What is there and is being looked at."""
        self._delayed: dict[Wanted, CALLBACK_TYPE] = {}
        self._later: CALLBACK_TYPE | None = None
        self._absent: Counter[Absence] = Counter()
        self._ended = False

    @property
    def failed(self) -> int:
        """Pictures that were announced and could not be had."""
        return self._absent.total()

    def as_told(self) -> dict[str, Any]:
        """Return what diagnostics say of pictures that are not there."""
        absent = {reason.value: count for reason, count in sorted(self._absent.items())}
        return {"absent": absent, "waiting": len(self._pursued())}

    @callback
    def start(self) -> None:
        """Fetch from now on; ends with the entry."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._changed))
        self._entry.async_on_unload(self._stop)
        self._entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._stopping)
        )

    @callback
    def _changed(self, change: Change) -> None:
        self._occurrences.heard(change)
        if self._ended or not isinstance(change, CaptureTaken):
            return
        wanted = Wanted(change, since=self._coordinator.cloud.now())
        ids = {wanted.id, self._tellings.first_id(wanted)}
        if ids & self._pursued() or any(self._shelf.get(one) for one in ids):
            return
        if self._shelf.is_past(change.time):
            self._absent[Absence.TOO_LATE] += 1
            return
        if wanted.is_sealed:
            self._want_in(_OTHER_CARRIER, wanted)
        else:
            self._want(wanted)

    def _pursued(self) -> set[str]:
        """Return the ids of what waits, is fetched or will be tried again."""
        held = (*self._waiting, *self._fetching, *self._looking, *self._delayed)
        return {wanted.id for wanted in held}

    @callback
    def _want(self, wanted: Wanted) -> None:
        if self._waiting.put(wanted) is not None:
            self._absent[Absence.TOO_MANY] += 1
        self._start_work()

    def _start_work(self) -> None:
        while not self._ended and (wanted := self._first()) and self._has_room(wanted):
            self._waiting.take(wanted)
            # Not started at once: it is found in `_fetching` when it ends, however soon.
            task = self._entry.async_create_background_task(
                self._hass, self._work(wanted), f"{DOMAIN} picture", eager_start=False
            )
            self._fetching[wanted] = task

    def _first(self) -> Wanted | None:
        """Return the most urgent picture for which it makes sense to ask now."""
        if not self._coordinator.asking_is_vain:
            return self._waiting.first()
        for late in self._waiting.older(self._coordinator.cloud.now() - _TOO_LATE):
            self._waiting.take(late)
            self._absent[Absence.TOO_LATE] += 1
        if self._waiting and self._later is None:
            self._later = async_call_later(self._hass, _PAUSE, HassJob(self._look_again))
        return self._waiting.first(lambda one: one.needs_no_call)

    def _has_room(self, wanted: Wanted) -> bool:
        """Tell whether another may begin; the newest ring takes the place of what is not it."""
        if len(self._fetching) + len(self._looking) < _AT_ONCE:
            return True
        least = min(self._fetching, key=lambda one: one.urgency, default=None)
        if least is None or not wanted.rings or wanted.urgency <= least.urgency:
            return False
        self._fetching.pop(least).cancel()
        if self._waiting.put(least) is not None:
            self._absent[Absence.TOO_MANY] += 1
        return True

    @callback
    def _look_again(self, _now: object) -> None:
        self._later = None
        self._start_work()

    async def _work(self, wanted: Wanted) -> None:
        try:
            if not self._tellings.has_better(wanted):
                await self._try(wanted)
        except (CaptureError, NotAPictureError, TuyaError) as error:
            if not (may_pass(error) and self._again(wanted)):
                _LOGGER.debug("No picture of a %s: %s", wanted.taken.occasion, error)
                self._absent[absence_of(error)] += 1
        finally:
            # What was put off may be fetched again by now, by another task.
            if self._fetching.get(wanted) is asyncio.current_task():
                del self._fetching[wanted]
            self._start_work()

    async def _try(self, wanted: Wanted) -> None:
        data = await self._fetch(wanted.taken)
        # What is there is not put off any more.
        del self._fetching[wanted]
        self._looking.add(wanted)
        try:
            look = await self._hass.async_add_executor_job(inspected, data)
        finally:
            self._looking.discard(wanted)
        if look.whole or not self._again(wanted):
            self._shelf.keep(self._capture(wanted, look, data), data, live=wanted.taken.live)

    async def _fetch(self, capture: CaptureTaken) -> bytes:
        found = await self._finder.find(capture)
        return await self._storage.fetch(found.url, found.key)

    def _capture(self, wanted: Wanted, look: Look, data: bytes) -> Capture:
        taken = wanted.taken
        capture = Capture(
            id=wanted.id,
            device_id=taken.device_id,
            event_id=taken.event_id,
            occasion=taken.occasion,
            time=taken.time,
            content_type=look.content_type,
            size=len(data),
            kept=self._coordinator.cloud.now(),
        )
        return self._occurrences.completed(capture, self._coordinator.device(taken.device_id))

    def _again(self, wanted: Wanted) -> bool:
        """Try again later; tell whether any tries remain."""
        if self._ended or wanted.tries >= len(_RETRIES):
            return False
        self._want_in(_RETRIES[wanted.tries], replace(wanted, tries=wanted.tries + 1))
        return True

    def _want_in(self, delay: float, wanted: Wanted) -> None:
        @callback
        def due(_now: object) -> None:
            del self._delayed[wanted]
            self._want(wanted)

        self._delayed[wanted] = async_call_later(self._hass, delay, HassJob(due))
        if len(self._delayed) > MOST:
            least = min(self._delayed, key=lambda one: one.urgency)
            self._delayed.pop(least)()
            self._absent[Absence.TOO_MANY] += 1

    @callback
    def _stopping(self, _event: Event) -> None:
        """Ask for nothing more: Home Assistant is about to close its sockets."""
        self._stop()
        for task in self._fetching.values():
            task.cancel()

    @callback
    def _stop(self) -> None:
        self._ended = True
        for cancel in self._delayed.values():
            cancel()
        self._delayed.clear()
        if self._later is not None:
            self._later()
            self._later = None
        self._waiting.clear()

"""Fetching pictures as a reaction to an event.

A ring never waits for its picture. The work is bounded: few at a time, the newest ring first,
and what cannot be had after some tries is given up.
"""

import asyncio
from dataclasses import dataclass
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_call_later

from ..album.record import Capture, capture_id
from ..api import (
    CaptureError,
    Endpoints,
    NotUploadedError,
    Reason,
    TuyaConnectionError,
    TuyaError,
    fetch_capture,
    picture_type,
)
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureTaken, Change, Occasion
from ..model.pictures import PictureForm
from .finder import PictureFinder
from .occurrences import Occurrences
from .shelf import CaptureShelf

_LOGGER = logging.getLogger(__name__)

_AT_ONCE = 4
_WAITING = 32
_RETRIES = (2.0, 4.0, 8.0, 16.0)
"""Seconds before another try: the message can precede the upload."""
_PAUSE = 600.0
"""While Tuya refuses everything it is looked this often (s) whether it still does."""
_TOO_LATE = 24 * 3600.0
"""A picture that could not be asked for all this time (s) is nobody's news any more."""


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    capture: CaptureTaken
    tries: int = 0

    @property
    def rings(self) -> bool:
        return self.capture.occasion is Occasion.RING

    @property
    def urgency(self) -> tuple[bool, float]:
        return self.rings, self.seen

    @property
    def seen(self) -> float:
        """By the cloud's clock: that of a device may be minutes off."""
        return self.capture.time if self.capture.seen is None else self.capture.seen


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
        self._endpoints = endpoints
        self._shelf = shelf
        self._finder = PictureFinder(coordinator)
        self._occurrences = Occurrences()
        self._waiting: list[_Wanted] = []
        self._fetching: dict[_Wanted, asyncio.Task[None]] = {}
        """What is being downloaded: it can be put off for something more urgent."""
        self._keeping = 0
        """Pictures that are there and are being put away."""
        self._timers: set[CALLBACK_TYPE] = set()
        self._later: CALLBACK_TYPE | None = None
        self.failed = 0
        """Pictures that were announced and could not be had."""

    @callback
    def start(self) -> None:
        """Fetch from now on; ends with the entry."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._changed))
        self._entry.async_on_unload(self._stop)

    @callback
    def _changed(self, change: Change) -> None:
        self._occurrences.heard(change)
        if isinstance(change, CaptureTaken):
            self._want(_Wanted(change))

    @callback
    def _want(self, wanted: _Wanted) -> None:
        self._waiting.append(wanted)
        self._waiting.sort(key=lambda one: one.urgency)
        while len(self._waiting) > _WAITING:
            self.failed += 1
            self._waiting.pop(0)
        self._start_work()

    def _start_work(self) -> None:
        while self._waiting and self._has_room() and (wanted := self._next()) is not None:
            # Not started at once: it is found in `_fetching` when it ends, however soon.
            task = self._entry.async_create_background_task(
                self._hass, self._work(wanted), f"{DOMAIN} picture", eager_start=False
            )
            self._fetching[wanted] = task

    def _has_room(self) -> bool:
        """Tell whether another may begin; the newest ring takes the place of what is not it."""
        if len(self._fetching) + self._keeping < _AT_ONCE:
            return True
        least = min(self._fetching, key=lambda one: one.urgency, default=None)
        newest = self._waiting[-1]
        if least is None or not newest.rings or newest.urgency <= least.urgency:
            return False
        self._fetching.pop(least).cancel()
        self._waiting.insert(0, least)
        self._waiting.sort(key=lambda one: one.urgency)
        return True

    async def _work(self, wanted: _Wanted) -> None:
        try:
            data = await self._fetch(wanted.capture)
        except NotUploadedError:
            self._again(wanted)
        except CaptureError as error:
            self._give_up(wanted, str(error))
        except TuyaError as error:
            if isinstance(error, TuyaConnectionError) or error.reason is Reason.NOT_FOUND:
                self._again(wanted)
            else:
                self._give_up(wanted, str(error))
        else:
            del self._fetching[wanted]
            self._keeping += 1
            try:
                await self._keep(wanted.capture, data)
            finally:
                self._keeping -= 1
        self._fetching.pop(wanted, None)
        self._start_work()

    def _next(self) -> _Wanted | None:
        """Take the most urgent picture for which it makes sense to ask now."""
        if not self._coordinator.asking_is_vain:
            return self._waiting.pop() if self._waiting else None
        oldest = self._coordinator.cloud.now() - _TOO_LATE
        kept = [one for one in self._waiting if one.seen >= oldest]
        self.failed += len(self._waiting) - len(kept)
        needless = [one for one in kept if one.capture.picture.form is PictureForm.ADDRESS]
        wanted = needless[-1] if needless else None
        self._waiting = [one for one in kept if one is not wanted]
        if self._waiting and self._later is None:
            self._later = async_call_later(self._hass, _PAUSE, HassJob(self._look_again))
        return wanted

    @callback
    def _look_again(self, _now: object) -> None:
        self._later = None
        self._start_work()

    async def _fetch(self, capture: CaptureTaken) -> bytes:
        found = await self._finder.find(capture)
        session = async_get_clientsession(self._hass)
        return await fetch_capture(session, self._endpoints, found.url, found.key)

    async def _keep(self, taken: CaptureTaken, data: bytes) -> None:
        passage = self._occurrences.passage(taken.event_id)
        capture = Capture(
            id=capture_id(
                device_id=taken.device_id,
                event_id=taken.event_id,
                occasion=taken.occasion,
                time=taken.time,
                place=taken.picture.place,
            ),
            device_id=taken.device_id,
            event_id=taken.event_id,
            occasion=taken.occasion,
            time=taken.time,
            content_type=picture_type(data) or "image/jpeg",
            size=len(data),
            person=passage.person if passage else None,
            door=passage.door if passage else None,
        )
        await self._shelf.keep(capture, data, live=taken.live)

    @callback
    def _again(self, wanted: _Wanted) -> None:
        if wanted.tries >= len(_RETRIES):
            self._give_up(wanted, "it never arrived in Tuya's storage")
            return

        @callback
        def retry(_now: object) -> None:
            self._timers.discard(cancel)
            self._want(_Wanted(wanted.capture, wanted.tries + 1))

        cancel = async_call_later(self._hass, _RETRIES[wanted.tries], HassJob(retry))
        self._timers.add(cancel)

    def _give_up(self, wanted: _Wanted, why: str) -> None:
        self.failed += 1
        _LOGGER.debug("No picture of a %s: %s", wanted.capture.occasion, why)

    @callback
    def _stop(self) -> None:
        for cancel in self._timers:
            cancel()
        self._timers.clear()
        if self._later is not None:
            self._later()
            self._later = None
        self._waiting.clear()

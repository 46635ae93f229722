"""Pictures: fetched as a reaction to an event, opened, kept in memory.

A ring never waits for its picture. The work is bounded: few at a time, the newest
ring first, and what cannot be had after some tries is given up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_call_later

from .api import (
    CaptureError,
    Endpoints,
    NotUploadedError,
    Reason,
    TuyaConnectionError,
    TuyaError,
    fetch_capture,
    picture_type,
)
from .const import DOMAIN
from .coordinator import TuyaLinkCoordinator
from .model.changes import CaptureTaken, Change, Occasion
from .model.pictures import PictureForm
from .subscriptions import Subscriptions

_LOGGER = logging.getLogger(__name__)

_AT_ONCE = 4
_WAITING = 32
_RETRIES = (2.0, 4.0, 8.0, 16.0)
"""Seconds before another try: the message can precede the upload."""
_PAUSE = 600.0
"""While Tuya refuses everything it is looked this often (s) whether it still does."""
_TOO_LATE = 24 * 3600.0
"""A picture that could not be asked for all this time (s) is nobody's news any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it was taken."""

    device_id: str
    event_id: str
    occasion: Occasion
    taken: float
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Wanted:
    capture: CaptureTaken
    tries: int = 0

    @property
    def urgency(self) -> tuple[bool, float]:
        return self.capture.occasion is Occasion.RING, self.capture.time


class CaptureShelf:
    """The newest pictures of each device, one per occasion."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        endpoints: Endpoints,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._endpoints = endpoints
        self._pictures: dict[tuple[str, Occasion], Picture] = {}
        self._subscriptions = Subscriptions[Picture]()
        self._waiting: list[_Wanted] = []
        self._workers = 0
        self._timers: set[CALLBACK_TYPE] = set()
        self._later: CALLBACK_TYPE | None = None
        self.failed = 0
        """Pictures that were announced and could not be had."""

    @callback
    def start(self) -> None:
        """Fetch from now on; ends with the entry."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._changed))
        self._entry.async_on_unload(self._stop)

    def newest(self, device_id: str, occasion: Occasion | None = None) -> Picture | None:
        """Return the newest picture of a device, of one occasion or of any."""
        found = [
            picture
            for (device, kind), picture in self._pictures.items()
            if device == device_id and occasion in {None, kind}
        ]
        return max(found, key=lambda picture: picture.taken, default=None)

    @callback
    def subscribe(self, device_id: str, listener: Callable[[Picture], None]) -> Callable[[], None]:
        """Tell a listener of each new picture of a device; returns its remover."""
        return self._subscriptions.add(device_id, listener)

    @callback
    def _changed(self, change: Change) -> None:
        if isinstance(change, CaptureTaken):
            if change.picture.form is PictureForm.SEALED:
                self.failed += 1
                return
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
        if self._workers < _AT_ONCE:
            self._workers += 1
            self._entry.async_create_background_task(self._hass, self._work(), f"{DOMAIN} pictures")

    async def _work(self) -> None:
        try:
            while (wanted := self._next()) is not None:
                try:
                    self._keep(wanted.capture, await self._fetch(wanted.capture))
                except NotUploadedError:
                    self._again(wanted)
                except CaptureError as error:
                    self._give_up(wanted, str(error))
                except TuyaError as error:
                    if isinstance(error, TuyaConnectionError) or error.reason is Reason.NOT_FOUND:
                        self._again(wanted)
                    else:
                        self._give_up(wanted, str(error))
        finally:
            self._workers -= 1

    def _next(self) -> _Wanted | None:
        """Take the most urgent picture for which it makes sense to ask now."""
        if not self._coordinator.asking_is_vain:
            return self._waiting.pop() if self._waiting else None
        oldest = self._coordinator.cloud.now() - _TOO_LATE
        kept = [one for one in self._waiting if one.capture.time >= oldest]
        self.failed += len(self._waiting) - len(kept)
        needless = [one for one in kept if one.capture.picture.form is not PictureForm.STORAGE]
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
        picture = capture.picture
        url = picture.url
        if picture.form is PictureForm.STORAGE:
            url = await self._coordinator.cloud.devices.movement_url(
                capture.device_id, picture.bucket, picture.path
            )
        session = async_get_clientsession(self._hass)
        return await fetch_capture(session, self._endpoints, url, picture.key)

    @callback
    def _keep(self, capture: CaptureTaken, data: bytes) -> None:
        key = (capture.device_id, capture.occasion)
        newest = self._pictures.get(key)
        if newest and newest.taken > capture.time:
            return
        picture = Picture(
            device_id=capture.device_id,
            event_id=capture.event_id,
            occasion=capture.occasion,
            taken=capture.time,
            content_type=picture_type(data) or "image/jpeg",
            data=data,
        )
        known = self._coordinator.data.devices
        self._pictures = {held: one for held, one in self._pictures.items() if held[0] in known}
        self._pictures[key] = picture
        self._subscriptions.emit(capture.device_id, picture)

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

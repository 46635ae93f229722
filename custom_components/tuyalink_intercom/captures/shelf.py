"""The shelf: every capture of a project that can be seen, from disk or from memory.

What the user wants kept lies in `album`; the newest pictures are in memory as well, so that
they are seen even where nothing is kept.
"""

from collections.abc import Iterable
import logging
from pathlib import Path

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR

from ..album.folder import CaptureFolder
from ..album.keeping import Keeping, surplus
from ..album.record import Capture
from ..const import (
    CONF_KEEP_COUNT,
    CONF_KEEP_DAYS,
    CONF_KEEP_MEGABYTES,
    CONF_KEEP_PICTURES,
    DOMAIN,
)
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureKept, Occasion
from .recent import RecentPictures

_LOGGER = logging.getLogger(__name__)

_MEGABYTE = 1_000_000


def folder_of(hass: HomeAssistant, entry: ConfigEntry) -> CaptureFolder:
    """Return the album of a project, whether there is one or not."""
    return CaptureFolder(Path(hass.config.path(STORAGE_DIR, DOMAIN, entry.entry_id)))


def keeping_of(entry: ConfigEntry) -> Keeping:
    """Return how much of a project's captures the user wants kept."""
    told, usual = entry.options, Keeping()
    if not told.get(CONF_KEEP_PICTURES, True):
        return Keeping(count=0)
    megabytes = told.get(CONF_KEEP_MEGABYTES)
    return Keeping(
        count=int(told.get(CONF_KEEP_COUNT, usual.count)),
        days=int(told.get(CONF_KEEP_DAYS, usual.days)),
        size=usual.size if megabytes is None else int(megabytes * _MEGABYTE),
    )


class CaptureShelf:
    """The captures of one project."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._folder = folder_of(hass, entry)
        self._keeping = keeping_of(entry)
        self._recent = RecentPictures()
        self._captures: dict[str, Capture] = {}
        self._newest: dict[tuple[str, Occasion], Capture] = {}

    async def load(self) -> None:
        """Take what is kept on disk."""
        for capture in await self._hass.async_add_executor_job(self._folder.load):
            self._show(capture)
        await self._prune()

    @property
    def captures(self) -> Iterable[Capture]:
        """All captures, in no order."""
        return self._captures.values()

    def get(self, capture_id: str) -> Capture | None:
        """Return a capture by its id."""
        return self._captures.get(capture_id)

    def newest(self, device_id: str, occasion: Occasion | None = None) -> Capture | None:
        """Return the newest capture of a device, of one occasion or of any."""
        found = [
            capture
            for (device, kind), capture in self._newest.items()
            if device == device_id and occasion in {None, kind}
        ]
        return max(found, key=lambda capture: capture.time, default=None)

    async def picture(self, capture: Capture) -> bytes | None:
        """Return the picture of a capture, `None` once it is gone."""
        if (held := self._recent.get(capture.id)) is not None:
            return held
        try:
            return await self._hass.async_add_executor_job(self._folder.read, capture)
        except OSError:
            return None

    async def keep(self, capture: Capture, picture: bytes, *, live: bool) -> None:
        """Show a capture, and keep it if the user wants that."""
        self._recent.put(capture.id, picture)
        if self._keeping.count:
            await self._hass.async_add_executor_job(self._folder.add, capture, picture)
        self._show(capture)
        await self._prune()
        self._tell(capture, live=live)

    @callback
    def _show(self, capture: Capture) -> None:
        self._captures[capture.id] = capture
        key = (capture.device_id, capture.occasion)
        newest = self._newest.get(key)
        if newest is None or newest.time <= capture.time:
            self._newest[key] = capture

    async def _prune(self) -> None:
        now = self._coordinator.cloud.now()
        gone = surplus(self._captures.values(), self._keeping, now)
        if not self._keeping.count:
            gone = [one for one in gone if one.id not in self._recent]
        for capture in gone:
            del self._captures[capture.id]
        if gone:
            await self._hass.async_add_executor_job(self._folder.remove, gone)

    def _tell(self, capture: Capture, *, live: bool) -> None:
        kept = CaptureKept(
            device_id=capture.device_id,
            time=capture.time,
            event_id=capture.event_id,
            occasion=capture.occasion,
            capture_id=capture.id,
            live=live,
            person=capture.person,
            door=capture.door,
        )
        self._coordinator.take((kept,))

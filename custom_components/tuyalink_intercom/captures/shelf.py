"""The shelf: every capture of a project that can be seen, from disk or from memory.

A picture is shown and told of at once; the disk comes after. What the user wants kept lies in
`album`; the last pictures are in memory as well, so that they are seen even where nothing is kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant, callback

from ..album.keeping import Keeping, surplus
from ..album.record import Capture
from ..const import (
    CONF_EXCLUDED,
    CONF_KEEP_COUNT,
    CONF_KEEP_DAYS,
    CONF_KEEP_MEGABYTES,
    CONF_KEEP_PICTURES,
)
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import CaptureKept, Change, Occasion, PersonNamed
from ..subscriptions import Subscriptions
from .catalogue import Catalogue
from .disk import CaptureDisk
from .occurrences import is_nameless, named, renamed
from .recent import RecentPictures
from .thumbnails import Thumbnails

_MEGABYTE = 1_000_000
_FOR_EVER = 100_000
"""Days."""
_DAY = 86_400.0


def keeping_of(entry: ConfigEntry[Any]) -> Keeping:
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
        self._keeping = keeping_of(entry)
        self._recent = RecentPictures()
        self._disk = CaptureDisk(hass, entry, self._recent.get)
        self._catalogue = Catalogue()
        self._thumbnails = Thumbnails(hass)
        self._watchers = Subscriptions[Capture]()
        self._loaded = False

    async def load(self) -> None:
        """Take what is kept on disk; see to it that names are learned, until the entry goes."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._changed))
        self._entry.async_on_unload(self._disk.withdraw)
        self._entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._disk.finish)
        )
        await self.tidy()

    async def tidy(self) -> None:
        """Let go what is too old; do what the disk refused before."""
        if not self._loaded:
            await self._load()
        await self._prune()
        self._disk.go_on()

    async def _load(self) -> None:
        if not self._keeping.count:
            try:
                await self._disk.clear()
            except OSError:
                return
        elif (found := await self._disk.load()) is None:
            return
        else:
            news = [one for one in found if self._catalogue.get(one.id) is None]
            self._catalogue.put_all(map(self._as_named_now, news))
            for device_id in self._catalogue.device_ids:
                if (newest := self.newest(device_id)) is not None:
                    self._watchers.emit(device_id, newest)
        self._loaded = True
        for device_id in self._entry.options.get(CONF_EXCLUDED, ()):
            self.forget_device(device_id)

    @property
    def device_ids(self) -> set[str]:
        """Whose captures there are."""
        return self._catalogue.device_ids

    def get(self, capture_id: str) -> Capture | None:
        """Return a capture by its id."""
        return self._catalogue.get(capture_id)

    def newest(self, device_id: str, occasion: Occasion | None = None) -> Capture | None:
        """Return the newest capture of a device, of one occasion or of any."""
        return self._catalogue.newest(device_id, occasion)

    def find(self, device_id: str | None = None) -> list[Capture]:
        """Return the captures of a device, or all, the newest first."""
        return [*self._catalogue.newest_first(device_id)]

    def is_past(self, time: float) -> bool:
        """Tell whether a picture of this time (Unix seconds) would not be kept for its age."""
        keeping, known = self._keeping, not self._coordinator.by_heart
        oldest = self._coordinator.cloud.now() - keeping.days * _DAY
        return keeping.count > 0 and known and time < oldest

    def path(self, capture: Capture) -> Path | None:
        """Return the file of a picture, `None` if it does not lie on disk."""
        return self._disk.path(capture)

    async def picture(self, capture: Capture) -> bytes | None:
        """Return the picture of a capture, `None` once it is gone."""
        if (held := self._recent.get(capture.id)) is not None:
            return held
        try:
            return await self._disk.read(capture)
        except FileNotFoundError:
            self._drop([capture])
            return None

    async def newest_picture(
        self, device_id: str, occasion: Occasion | None = None
    ) -> tuple[Capture, bytes] | None:
        """Return the newest capture of a device that is still there, with its picture."""
        while (capture := self.newest(device_id, occasion)) is not None:
            if (picture := await self.picture(capture)) is not None:
                return capture, picture
            if self._catalogue.get(capture.id) is not None:
                break
        return None

    async def thumbnail(self, capture: Capture) -> bytes | None:
        """Return the picture of a capture in small, a JPEG; `None` once it is gone."""
        small = await self._thumbnails.of(capture.id, partial(self.picture, capture))
        if self.get(capture.id) is None:
            self._thumbnails.drop(capture.id)
        return small

    @callback
    def keep(self, capture: Capture, picture: bytes, *, live: bool) -> None:
        """Show a capture and tell of it; keep it if the user wants that. A repeat is a no-op."""
        if self._catalogue.get(capture.id) is not None:
            return
        self._catalogue.put(capture)
        gone = self._recent.put(capture.id, picture, self._catalogue.newest_ids())
        if self._keeping.count:
            self._disk.write(capture)
        # What memory could not hold until it was written is nowhere any more.
        lost = [self._catalogue.get(one) for one in gone if not self._disk.holds(one)]
        self._remove(one for one in lost if one is not None)
        self._tell(capture, live=live)
        if (keeping := self._keeping).count:
            self._remove(self._catalogue.beyond(keeping.count, keeping.size))

    @callback
    def forget_device(self, device_id: str) -> None:
        """Delete the captures of a device."""
        self._remove(self._catalogue.newest_first(device_id))

    async def clear(self) -> None:
        """Delete all captures; raise OSError if some stay on disk."""
        self._drop([*self._catalogue])
        await self._disk.clear()

    @callback
    def watch(
        self, device_id: str | None, listener: Callable[[Capture], None]
    ) -> Callable[[], None]:
        """Tell a listener of each capture of a device, or of all, that went or was found again."""
        return self._watchers.add(device_id, listener)

    def as_told(self) -> dict[str, Any]:
        """Return what diagnostics say of the shelf."""
        disk = self._disk
        return {
            "kept": len(self._catalogue),
            "bytes": self._catalogue.size,
            "in_memory": len(self._recent),
            "disk": {
                "fault": disk.fault,
                "failures": disk.failures,
                "rejected": disk.rejected,
                "waiting": disk.waiting,
            },
        }

    @callback
    def _changed(self, change: Change) -> None:
        if not isinstance(change, PersonNamed):
            return
        news = [
            (before, after)
            for before in self._catalogue.newest_first(change.device_id)
            if (after := named(before, change)) is not before
        ]
        for _, after in news:
            self._catalogue.put(after)
        # Other names are taken from the device at the next start: there may be thousands.
        self._disk.describe(after for before, after in news if is_nameless(before))

    def _as_named_now(self, capture: Capture) -> Capture:
        device = self._coordinator.device(capture.device_id)
        return renamed(capture, device.people) if device else capture

    async def _prune(self) -> None:
        """Let go what is too old, or more than the user wants."""
        keeping = self._keeping
        if not keeping.count:
            return
        if self._coordinator.by_heart:
            # Nobody told the time yet: a computer without a clock begins in another year.
            keeping = replace(keeping, days=_FOR_EVER)
        now, captures = self._coordinator.cloud.now(), [*self._catalogue]
        self._remove(await self._hass.async_add_executor_job(surplus, captures, keeping, now))

    def _remove(self, captures: Iterable[Capture]) -> None:
        captures = [*captures]
        self._drop(captures)
        self._disk.remove(captures)

    def _drop(self, captures: Iterable[Capture]) -> None:
        gone = [one for one in captures if self._catalogue.drop(one.id) is not None]
        for capture in gone:
            self._recent.drop(capture.id)
            self._thumbnails.drop(capture.id)
        for capture in gone:
            self._watchers.emit(capture.device_id, capture)

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

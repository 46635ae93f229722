"""Pictures of locks that no message tells: from the album that Tuya keeps of each lock.

An event is told at once. If no picture of it came by message some seconds later, the album is
looked through; what suits goes the way of any picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..coordinator import TuyaLinkCoordinator
from ..model.albums import AlbumPicture, Unpictured, album_pictures, matched
from ..model.changes import (
    AlarmRaised,
    CaptureKept,
    CaptureTaken,
    Change,
    Occasion,
    Passed,
    Rang,
)
from ..model.pictures import PictureForm
from ..model.state import Alarm, World
from .inquiry import Bounds, Inquiry

_BOUNDS = Bounds(tries=(10.0, 60.0), at_most=((10, 3600.0), (30, 86400.0)), in_vain=3, rest=86400.0)
"""Many locks that could have an album have none, for want of a camera or of a plan: they must not
cost a call at every opening."""
_PICTURED = frozenset(
    {
        Alarm.DURESS,
        Alarm.FORCED,
        Alarm.INTRUSION,
        Alarm.LOITERING,
        Alarm.SHOCK,
        Alarm.TAMPER,
        Alarm.WRONG_ATTEMPTS,
    }
)
"""Alarms about somebody at the door; an empty battery is not photographed."""
_MOST_UNLOOKED = 20
_UPLOADED = 60.0
"""What a lock has not uploaded after this (s) it never will."""


@dataclass(slots=True)
class _Album:
    """What is known of one lock's album."""

    inquiry: Inquiry[Unpictured]
    known: frozenset[str] | None = None
    """What it held when it was last looked through; unknown before that."""
    unlooked: dict[str, float] = field(default_factory=dict)
    """When events were heard of whose pictures it may not have held by then."""


class LockAlbums:
    """Looks through the albums of one project's locks while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._albums: dict[str, _Album] = {}

    @callback
    def start(self) -> None:
        """Listen to locks until the entry is unloaded."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._happened))
        self._entry.async_on_unload(self._stop)

    @callback
    def _happened(self, change: Change) -> None:
        match change:
            case CaptureTaken(picture=picture) if picture.form is PictureForm.SEALED:
                return
            case CaptureTaken() | CaptureKept():
                if (album := self._albums.get(change.device_id)) is not None:
                    album.inquiry.has(change.event_id)
            case _:
                if (event := _event(change)) is not None and self._photographs(change.device_id):
                    self._want(change.device_id, event)

    def _photographs(self, device_id: str) -> bool:
        device = self._coordinator.device(device_id)
        return device is not None and device.world is World.LOCK and device.features.captures

    def _want(self, device_id: str, event: Unpictured) -> None:
        album = self._albums.get(device_id)
        if album is None:
            album = self._albums[device_id] = _Album(self._inquiry(device_id))
        album.unlooked.setdefault(event.event_id, self._coordinator.cloud.now())
        while len(album.unlooked) > _MOST_UNLOOKED:
            # More than one is too many to tell apart: it does not matter which these were.
            del album.unlooked[next(iter(album.unlooked))]
        album.inquiry.want(event.event_id, event)

    def _inquiry(self, device_id: str) -> Inquiry[Unpictured]:
        async def look(wanted: Mapping[str, Unpictured]) -> None:
            await self._look(device_id, wanted)

        return Inquiry(self._hass, self._entry, self._coordinator, "album", _BOUNDS, look)

    async def _look(self, device_id: str, wanted: Mapping[str, Unpictured]) -> None:
        album = self._albums[device_id]
        asked = self._coordinator.cloud.now()
        pictures = album_pictures(await self._coordinator.cloud.media.album(device_id))
        alone = len(wanted) == 1 and album.unlooked.keys() <= wanted.keys()
        found = [*matched(wanted.values(), pictures, album.known, alone=alone)]
        album.known = frozenset(one.place for one in pictures)
        album.unlooked = {key: at for key, at in album.unlooked.items() if at > asked - _UPLOADED}
        if found:
            album.inquiry.answered()
            seen = self._coordinator.cloud.now()
            self._coordinator.take([_taken(device_id, *pair, seen) for pair in found])

    @callback
    def _stop(self) -> None:
        for album in self._albums.values():
            album.inquiry.stop()


def _event(change: Change) -> Unpictured | None:
    """Return what happened at a lock just now, if somebody may have been photographed."""
    match change:
        case Passed(live=True, told=told):
            occasion, told_too = Occasion.ACCESS, told
        case Rang(live=True, test=False):
            occasion, told_too = Occasion.RING, None
        case AlarmRaised(live=True, alarm=alarm) if alarm in _PICTURED:
            occasion, told_too = Occasion.ALARM, None
        case _:
            return None
    times = (change.time,) if told_too is None else (change.time, told_too)
    return Unpictured(event_id=change.event_id, occasion=occasion, times=times)


def _taken(device_id: str, event: Unpictured, one: AlbumPicture, seen: float) -> CaptureTaken:
    return CaptureTaken(
        device_id=device_id,
        time=event.times[0],
        seen=seen,
        event_id=event.event_id,
        occasion=event.occasion,
        picture=one.picture,
        live=True,
    )

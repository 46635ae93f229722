"""The captures as a tree of folders: project, device, day, occasion.

A folder is known by the keys of the folders above it and its own. Keys that come from outside
are compared with those that are there, and with nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ..album.record import Capture
from ..model.changes import Occasion
from ..runtime import TuyaLinkConfigEntry
from .gallery import (
    capture_of,
    device_of,
    devices_of,
    name_of,
    project_of,
    projects,
    taken,
    tuya_id,
)

_CAPTURE: Final = "capture"
_OCCASIONS: Final = (Occasion.RING, Occasion.ACCESS, Occasion.ALARM, Occasion.MOTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A capture, and whose it is."""

    entry: TuyaLinkConfigEntry
    device: dr.DeviceEntry
    capture: Capture

    @property
    def path(self) -> tuple[str, ...]:
        """Its own name: it needs no folder to be found."""
        return (self.entry.entry_id, _CAPTURE, self.capture.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Pictures that have a project, a device, a day, an occasion in common, or none of it."""

    path: tuple[str, ...] = ()
    """Keys of project, device, day and occasion, as far as they are given."""
    pictures: list[Picture]
    """All in it and below, the newest first; empty only where nothing is kept at all."""

    @property
    def innermost(self) -> bool:
        """Whether there are pictures in it, and no folders."""
        return len(self.path) == len(_KEYS)

    def folders(self) -> list[Folder]:
        """Return the folders in it, the newest day first; not of an innermost one."""
        key_of, order = _KEYS[len(self.path)]
        groups: dict[str, list[Picture]] = {}
        for picture in self.pictures:
            groups.setdefault(key_of(picture), []).append(picture)
        found = [Folder(path=(*self.path, key), pictures=group) for key, group in groups.items()]
        return sorted(found, key=order) if order else found

    def folder(self, key: str) -> Folder | None:
        """Return a folder in it."""
        key_of, _ = _KEYS[len(self.path)]
        found = [picture for picture in self.pictures if key_of(picture) == key]
        return Folder(path=(*self.path, key), pictures=found) if found else None


def _by_title(folder: Folder) -> str:
    return folder.pictures[0].entry.title.casefold()


def _by_device(folder: Folder) -> str:
    return name_of(folder.pictures[0].device).casefold()


def _by_occasion(folder: Folder) -> int:
    return _OCCASIONS.index(folder.pictures[0].capture.occasion)


def _day(picture: Picture) -> str:
    return taken(picture.capture).date().isoformat()


# What a level is divided by, and in which order its parts are shown if not the newest first.
_KEYS: Final[tuple[tuple[Callable[[Picture], str], Callable[[Folder], str | int] | None], ...]] = (
    (lambda picture: picture.entry.entry_id, _by_title),
    (lambda picture: picture.device.id, _by_device),
    (_day, None),
    (lambda picture: picture.capture.occasion.value, _by_occasion),
)


def everything(hass: HomeAssistant) -> Folder:
    """Return the pictures of all projects that run; of just one, that project's folder."""
    running = projects(hass)
    if len(running) == 1:
        return Folder(path=(running[0].entry_id,), pictures=of_project(hass, running[0]))
    found = [picture for entry in running for picture in of_project(hass, entry)]
    found.sort(key=lambda picture: picture.capture.time, reverse=True)
    return Folder(pictures=found)


def find(hass: HomeAssistant, identifier: str) -> Folder | Picture | None:
    """Return what has this name, `None` if nothing has."""
    if not identifier:
        return everything(hass)
    entry_id, *keys = identifier.split("/")
    entry = project_of(hass, entry_id)
    if entry is None:
        return None
    match keys:
        case [key, capture_id] if key == _CAPTURE:
            return _picture(hass, entry, capture_id)
        case [device_id, *keys]:
            device = device_of(hass, entry, device_id)
            pictures = [] if device is None else of_device(entry, device)
            found = Folder(path=(entry_id, device_id), pictures=pictures)
        case _:
            found = Folder(path=(entry_id,), pictures=of_project(hass, entry))
    return _opened(found, keys)


def _opened(found: Folder, keys: list[str]) -> Folder | None:
    if not found.pictures:
        return None
    if not keys:
        return found
    inner = None if found.innermost else found.folder(keys[0])
    return inner and _opened(inner, keys[1:])


def _picture(hass: HomeAssistant, entry: TuyaLinkConfigEntry, capture_id: str) -> Picture | None:
    capture = capture_of(entry, capture_id)
    if capture is None or (device := devices_of(hass, entry).get(capture.device_id)) is None:
        return None
    return Picture(entry=entry, device=device, capture=capture)


def of_project(hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> list[Picture]:
    """Return the pictures of a project, the newest first."""
    devices = devices_of(hass, entry)
    return [
        Picture(entry=entry, device=device, capture=capture)
        for capture in entry.runtime_data.captures.find()
        if (device := devices.get(capture.device_id)) is not None
    ]


def of_device(entry: TuyaLinkConfigEntry, device: dr.DeviceEntry) -> list[Picture]:
    """Return the pictures of a device, the newest first."""
    return [
        Picture(entry=entry, device=device, capture=capture)
        for capture in entry.runtime_data.captures.find(tuya_id(device))
    ]

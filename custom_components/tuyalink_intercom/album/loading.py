"""Reading the album back after whatever has happened to it.

What was half written or half removed goes, a picture that lost its record gets one from its
names, what cannot be read is left for the next time, and what is not the album's is not touched.
"""

from collections import Counter
from collections.abc import Mapping, Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from heapq import nlargest
import os
from typing import Final

from . import files
from .contents import forget, listed
from .formats import picture_type
from .keeping import MOST
from .names import CONTENT_TYPES, EXTENSIONS, PART, RECORD, file_name, is_device_folder
from .record import Capture, from_names, from_record, to_record

_RECORD_BYTES: Final = 16 * 1024
"""A record is far smaller: more is none."""
_HEAD_BYTES: Final = 16

type _Found = Mapping[str, AbstractSet[str]]
"""The ends of the names of a capture's files, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a look through the album came across."""

    recovered: int = 0
    """Captures whose record was lost, corrupt or outdated; it was made anew."""
    removed: int = 0
    """Captures that were incomplete, no pictures, or too many."""
    unreadable: int = 0
    """Captures and folders the disk does not give away."""


class Loading:
    """One look through the album."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._met: Counter[str] = Counter()

    @property
    def counts(self) -> Counts:
        """What was met so far."""
        return Counts(**self._met)

    def captures(self) -> list[Capture]:
        """Return the captures, and put the album in order; `OSError` if it cannot be listed."""
        with os.scandir(self._root) as entries:
            devices = [
                entry.name
                for entry in entries
                if is_device_folder(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
        found = {device: self._listed(device) for device in devices}
        newest = _newest(found)
        return [
            capture
            for device, captures in found.items()
            for capture in self._of_device(device, captures, newest)
        ]

    def _listed(self, device: str) -> _Found:
        try:
            with files.folder_opened(device, self._root) as folder:
                return listed(folder)
        except OSError:
            self._met["unreadable"] += 1
            return {}

    def _of_device(self, device: str, found: _Found, newest: AbstractSet[str]) -> list[Capture]:
        captures: list[Capture] = []
        with suppress(OSError), files.folder_opened(device, self._root) as folder:
            place = _Place(device, folder)
            for capture_id, ends in found.items():
                try:
                    captures += self._settled(place, capture_id, ends, wanted=capture_id in newest)
                except OSError:
                    self._met["unreadable"] += 1
        files.remove_if_empty(device, self._root)
        return captures

    def _settled(
        self, place: _Place, capture_id: str, ends: AbstractSet[str], *, wanted: bool
    ) -> list[Capture]:
        """Return the one capture there is by that id, if there is one; the rest is removed."""
        place.tidy(capture_id, {end for end in ends if end.endswith(PART)})
        there = {end for end in ends if not end.endswith(PART)}
        if not there:
            return []
        recorded = place.recorded(capture_id) if RECORD in there else None
        capture = place.capture(capture_id, there, recorded) if wanted else None
        if capture is None:
            forget(capture_id, place.folder, there)
            self._met["removed"] += 1
            return []
        place.tidy(capture_id, there - {RECORD, EXTENSIONS[capture.content_type]})
        if capture != recorded:
            self._met["recovered"] += 1
            place.record(capture)
        return [capture]


class _Place:
    """The folder of a device, held open."""

    def __init__(self, device: str, folder: int) -> None:
        self._device = device
        self.folder = folder

    def recorded(self, capture_id: str) -> Capture | None:
        """Return what the record tells, `None` if that is not to be believed."""
        told = files.read(file_name(capture_id, RECORD), self.folder, most=_RECORD_BYTES)
        named = from_names(capture_id, self._device, content_type="image/jpeg", size=0)
        return from_record(told, named)

    def capture(
        self, capture_id: str, ends: AbstractSet[str], recorded: Capture | None
    ) -> Capture | None:
        """Return what pictures and record make together, `None` if there is no picture."""
        likely = None if recorded is None else EXTENSIONS[recorded.content_type]
        for end in sorted(ends - {RECORD}, key=lambda end: (end != likely, end)):
            name = file_name(capture_id, end)
            seen = os.stat(name, dir_fd=self.folder, follow_symlinks=False)
            if recorded is not None and end == likely and 0 < seen.st_size == recorded.size:
                return recorded
            head = files.read(name, self.folder, most=_HEAD_BYTES)
            if picture_type(head) is not None:
                kind, size = CONTENT_TYPES[end], seen.st_size
                if recorded is not None:
                    return replace(recorded, content_type=kind, size=size)
                return from_names(
                    capture_id, self._device, content_type=kind, size=size, kept=seen.st_mtime
                )
        return None

    def tidy(self, capture_id: str, ends: AbstractSet[str]) -> None:
        """Remove what nobody sees; if that fails the capture can be seen all the same."""
        with suppress(OSError):
            forget(capture_id, self.folder, ends)

    def record(self, capture: Capture) -> None:
        """Write a record anew; if that fails the next look finds out the same."""
        name = file_name(capture.id, RECORD)
        with suppress(OSError):
            files.write({name: to_record(capture)}, self.folder, durable=False)


def _newest(found: Mapping[str, _Found]) -> AbstractSet[str]:
    """Return the ids that there is room for: they begin with their time."""
    capture_ids = [capture_id for captures in found.values() for capture_id in captures]
    return set(capture_ids if len(capture_ids) <= MOST else nlargest(MOST, capture_ids))

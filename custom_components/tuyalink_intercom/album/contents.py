"""What lies in the folder of a device: the files of captures, by id."""

from collections.abc import Iterable
from itertools import islice
import os
from typing import Final

from . import files
from .names import EXTENSIONS, FILE, RECORD, file_name

_LISTED: Final = 200_000
"""Names that are looked at in one folder; an album never has so many."""
_FILES: Final = (*EXTENSIONS.values(), RECORD)


def listed(folder: int) -> dict[str, set[str]]:
    """Return what files there are of each capture: the ends of their names, `.part` among them.

    Links, folders and what has another name are not looked at.
    """
    found: dict[str, set[str]] = {}
    with os.scandir(folder) as entries:
        for entry in islice(entries, _LISTED):
            named = FILE.fullmatch(entry.name)
            if named is not None and entry.is_file(follow_symlinks=False):
                end = named["extension"] + (named["part"] or "")
                found.setdefault(named["id"], set()).add(end)
    return found


def forget(capture_id: str, folder: int, ends: Iterable[str] = _FILES) -> None:
    """Remove files of a capture, its record last: what is left of it is never a picture alone."""
    for end in sorted(ends, key=lambda end: end == RECORD):
        files.unlink(file_name(capture_id, end), folder)

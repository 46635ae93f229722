"""The album of a lock: which of its pictures belongs to which event.

A lock's pictures come without a message. Tuya's album tells where each is and why it was taken;
the time stands in the file's name only, if at all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from .changes import Occasion
from .pictures import PictureForm, PictureReference, picture_message
from .values import integer

WINDOW = 20.0
"""A picture taken this close (s) to an event is of it."""
MOST = 100
"""Pictures of an album that are looked at, the first to be listed."""
_LONGEST = 4096
_OCCASIONS: Mapping[int, Occasion] = {
    **dict.fromkeys((0, 2, 3, 4, 5, 6, 7), Occasion.ALARM),
    1: Occasion.RING,
    **dict.fromkeys((8, 9, 10), Occasion.ACCESS),
}
"""Tuya's `event_type`: tampering, a request to open, vain tries, openings; its page ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumPicture:
    """An entry of an album."""

    picture: PictureReference
    taken: float | None = None
    """Unix seconds, by the lock's clock."""
    occasion: Occasion | None = None
    """Why it was taken, as far as known."""

    @property
    def place(self) -> str:
        """What it is known again by."""
        return self.picture.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpictured:
    """An event of a lock that came without a picture; `times` has at least one."""

    event_id: str
    occasion: Occasion
    times: tuple[float, ...]


def album_pictures(rows: Iterable[Mapping[str, Any]]) -> tuple[AlbumPicture, ...]:
    """Read the rows of an album; those that lead to no picture are left out."""
    found = (_picture(row) for row in rows)
    return tuple(one for one in found if one is not None)[:MOST]


def _picture(row: Mapping[str, Any]) -> AlbumPicture | None:
    url, path, bucket = _told(row, "file_url"), _told(row, "media_path"), _told(row, "media_bucket")
    told = picture_message(url) if url.startswith("http") else None
    if told is not None and told.picture is not None:
        key = _told(row, "file_key") or told.picture.key
        picture = PictureReference(form=PictureForm.ADDRESS, url=told.picture.url, key=key)
    elif path and bucket:
        key = _told(row, "media_key") or _told(row, "file_key")
        picture = PictureReference(form=PictureForm.STORAGE, bucket=bucket, path=path, key=key)
    else:
        return None
    named = picture_message({"bucket": "-", "files": [[path, ""]]})
    taken = (told and told.taken) or (named and named.taken)
    kind = integer(row.get("event_type"))
    occasion = None if kind is None else _OCCASIONS.get(kind)
    return AlbumPicture(picture=picture, taken=taken or None, occasion=occasion)


def _told(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST else ""


def matched(
    events: Collection[Unpictured],
    pictures: Sequence[AlbumPicture],
    known: Collection[str] | None,
    *,
    alone: bool,
) -> Iterator[tuple[Unpictured, AlbumPicture]]:
    """Yield events with their pictures, each picture once.

    `known` are the places that the album held before any of the events, `None` where nobody knows
    what it held. `alone`: nothing else happened since. Only then the picture on top of an album,
    if it is new and has no time, can be nobody's but that event's.
    """
    fresh = [one for one in pictures if known is None or one.place not in known]
    near = sorted(
        (
            (_apart(event, one), number, event)
            for event in events
            for number, one in enumerate(fresh)
            if _suits(event, one)
        ),
        key=lambda pair: pair[:2],
    )
    used: set[int] = set()
    told: set[str] = set()
    for apart, number, event in near:
        if apart <= WINDOW and number not in used and event.event_id not in told:
            used.add(number)
            told.add(event.event_id)
            yield event, fresh[number]
    if alone and not told and known is not None and pictures and fresh[:1] == [*pictures[:1]]:
        yield from (
            (event, fresh[0])
            for event in events
            if fresh[0].taken is None and _suits(event, fresh[0])
        )


def _suits(event: Unpictured, one: AlbumPicture) -> bool:
    return one.occasion in {None, event.occasion}


def _apart(event: Unpictured, one: AlbumPicture) -> float:
    taken = one.taken
    return inf if taken is None else min(abs(time - taken) for time in event.times)

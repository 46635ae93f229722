"""What is known of a capture, and the name by which it is known."""

from dataclasses import dataclass
from hashlib import blake2s
import re
from typing import Final

from ..model.changes import Occasion

CAPTURE_ID: Final = re.compile(
    rf"(?P<time>\d{{10}})-(?P<occasion>{'|'.join(Occasion)})-[0-9a-f]{{16}}", re.ASCII
)
"""The whole of a capture's id: second, occasion, digest. Nothing else is ever a file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A picture that was taken at a door; its bytes are kept beside it."""

    id: str
    device_id: str
    """Tuya's id of the device."""
    event_id: str
    """The event it belongs to; empty where that was lost."""
    occasion: Occasion
    time: float
    """When it was taken (Unix seconds)."""
    content_type: str
    size: int
    """Bytes of the picture."""
    person: str | None = None
    """Who passed: their name as it was known then, else their id."""
    door: str | None = None
    """Key of the door that was passed."""


def capture_id(
    *, device_id: str, event_id: str, occasion: Occasion, time: float, place: str
) -> str:
    """Return the id of a capture: the same picture of the same event has the same one.

    `place` is where Tuya has it, without what changes from asking to asking; `time` in Unix
    seconds is put in so that ids sort by it.
    """
    text = f"{device_id}|{event_id}|{place}"
    digest = blake2s(text.encode(errors="replace"), digest_size=8).hexdigest()
    return f"{min(max(int(time), 0), 9_999_999_999):010d}-{occasion.value}-{digest}"

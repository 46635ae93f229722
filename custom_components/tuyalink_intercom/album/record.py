"""What is known of a capture, and how that is written beside its picture.

A record is JSON with a version. Members it lacks are taken from the names of the files, those it
should not have are passed over. It never holds an address or a key.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from hashlib import blake2s
import json
from typing import Any, Final

from ..model.changes import Occasion
from .names import CAPTURE_ID, EXTENSIONS, device_folder

__all__ = ["CAPTURE_ID", "Capture", "capture_id", "from_names", "from_record", "to_record"]

_VERSION: Final = 1
_LATEST: Final = 9_999_999_999


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
    kept: float | None = None
    """When it came into the album (Unix seconds): a device can date its pictures in the future."""
    person_id: str | None = None
    """Whose picture it is, as the device tells it: a person's id or `<method>:<slot>`."""


def capture_id(
    *, device_id: str, event_id: str, occasion: Occasion, time: float, place: str
) -> str:
    """Return the id of a capture: the same picture of the same event has the same one.

    `place` is where Tuya has it, without what changes from asking to asking; `time` in Unix
    seconds is put in so that ids sort by it.
    """
    text = f"{device_id}|{event_id}|{place}"
    digest = blake2s(text.encode(errors="replace"), digest_size=8).hexdigest()
    return f"{min(max(int(time), 0), _LATEST):010d}-{occasion.value}-{digest}"


def to_record(capture: Capture) -> bytes:
    """Return what is written of a capture."""
    return json.dumps({"v": _VERSION, **asdict(capture)}).encode()


def from_names(
    capture_id: str, folder: str, *, content_type: str, size: int, kept: float | None = None
) -> Capture:
    """Return what the names of a capture's folder and files tell of it."""
    named = CAPTURE_ID.fullmatch(capture_id)
    if named is None:
        raise ValueError("not the id of a capture")
    return Capture(
        id=capture_id,
        device_id=folder,
        event_id="",
        occasion=Occasion(named["occasion"]),
        time=float(named["time"]),
        content_type=content_type,
        size=size,
        kept=kept,
    )


def from_record(data: bytes, named: Capture) -> Capture | None:
    """Return what a record adds to its names; `None` if it is corrupt or of another capture."""
    try:
        told = json.loads(data)
    except ValueError, RecursionError:
        return None
    if not isinstance(told, dict):
        return None
    known: dict[str, Any] = {name: told[name] for name in told.keys() & _FITS.keys()}
    if not all(_FITS[name](value) for name, value in known.items()):
        return None
    known.pop("v", None)
    known["occasion"] = Occasion(known.get("occasion", named.occasion))
    capture = replace(named, **known)
    same = capture.id == named.id and device_folder(capture.device_id) == named.device_id
    return capture if same else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_time(value: object) -> bool:
    # Compared, not converted: JSON also has numbers too large for a float, and NaN.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= _LATEST + 1


def _is_time_or_none(value: object) -> bool:
    return value is None or _is_time(value)


def _is_occasion(value: object) -> bool:
    return isinstance(value, str) and value in set(Occasion)


def _is_content_type(value: object) -> bool:
    return isinstance(value, str) and value in EXTENSIONS


_FITS: Final[dict[str, Callable[[object], bool]]] = {
    "v": lambda value: _is_count(value) and value != 0,
    "id": _is_text,
    "device_id": _is_text,
    "event_id": _is_text,
    "occasion": _is_occasion,
    "time": _is_time,
    "content_type": _is_content_type,
    "size": _is_count,
    "person": _is_text_or_none,
    "door": _is_text_or_none,
    "kept": _is_time_or_none,
    "person_id": _is_text_or_none,
}
"""What the members of a record can be; any other member is of a later version."""

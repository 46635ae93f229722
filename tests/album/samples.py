"""Captures and pictures for the album's tests; only the standard library is needed for them."""

from dataclasses import asdict
from hashlib import blake2s
import json
from pathlib import Path
from typing import Any, Final

from custom_components.tuyalink_intercom.album.names import EXTENSIONS
from custom_components.tuyalink_intercom.album.record import Capture, capture_id
from custom_components.tuyalink_intercom.model.changes import Occasion

NOW: Final = 1_795_000_000.0
BELL: Final = "bfaaaaaaaaaaaaaaaaaaab"
TERMINAL: Final = "bfccccccccccccccccccct"
HEADS: Final = {
    "image/jpeg": bytes.fromhex("ffd8ffe000104a464946"),
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF\0\0\0\0WEBP",
}


def capture_of(
    number: int,
    *,
    device_id: str = BELL,
    time: float | None = None,
    size: int = 100,
    **more: Any,
) -> Capture:
    """Return the capture of a ring; each number is another one."""
    taken = NOW - 60.0 * number if time is None else time
    told = {"event_id": f"event-{number}", "occasion": Occasion.RING, **more}
    name = capture_id(
        device_id=device_id,
        event_id=told["event_id"],
        occasion=told["occasion"],
        time=taken,
        place=f"bucket/{number}.jpg",
    )
    told = {"id": name, "device_id": device_id, "time": taken, "size": size, **told}
    return Capture(**{"content_type": "image/jpeg", **told})


def picture_of(capture: Capture) -> bytes:
    """Return the bytes of a picture by their first ones: as many as the capture says."""
    head = HEADS[capture.content_type]
    seed = blake2s(f"{capture.id}{capture.size}".encode()).digest()
    return (head + seed * (capture.size // len(seed) + 1))[: capture.size]


def line_of(act: str, *captures: Capture) -> str:
    """Return one line that says what is done with which captures."""
    return f"{act} {json.dumps([asdict(capture) for capture in captures])}\n"


def read_line(line: str) -> tuple[str, list[Capture]]:
    """Return what a line says."""
    act, told = line.split(" ", 1)
    return act, [
        Capture(**{**each, "occasion": Occasion(each["occasion"])}) for each in json.loads(told)
    ]


def names_on_disk(root: Path) -> set[str]:
    """Return every file under the folder, by its path in it."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def names_of(*captures: Capture) -> set[str]:
    """Return the files that these captures have: a picture and a record each."""
    return {
        f"{capture.device_id}/{capture.id}{end}"
        for capture in captures
        for end in (EXTENSIONS[capture.content_type], ".json")
    }

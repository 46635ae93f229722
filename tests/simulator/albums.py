"""The albums of locks with a camera: pictures that no message tells of."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from .storage import BUCKET, Storage, StoredPicture

KEEP = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One picture of an album; ``kind`` is Tuya's ``event_type``."""

    stored: StoredPicture
    kind: int


class Albums:
    """All albums of the project, the newest picture of each first."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._entries: dict[str, deque[Entry]] = {}

    def add(self, device_id: str, at: float, jpeg: bytes, kind: int, *, name: str = "") -> None:
        """Put a picture on top; its file has the time for a name, unless it has another."""
        stored = self._storage.put(device_id, at, jpeg, encrypted=True, name=name)
        entries = self._entries.setdefault(device_id, deque(maxlen=KEEP))
        entries.appendleft(Entry(stored=stored, kind=kind))

    def rows(self, device_id: str, now: float) -> list[dict[str, Any]]:
        """Return an album as the cloud tells it, each address fresh."""
        return [
            {
                "file_url": self._storage.signed(BUCKET, one.stored.path, now),
                "file_key": one.stored.key,
                "media_key": one.stored.key,
                "media_path": one.stored.path,
                "media_bucket": BUCKET,
                "event_type": one.kind,
            }
            for one in self._entries.get(device_id, ())
        ]

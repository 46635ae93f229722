"""The pictures in memory: the newest, as many as fit."""

_MOST = 32 * 1024 * 1024


class RecentPictures:
    """Pictures by capture id; the longest unused are dropped, the newest never."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._size = 0
        self._pictures: dict[str, bytes] = {}

    def put(self, capture_id: str, picture: bytes) -> None:
        """Hold a picture."""
        self.drop(capture_id)
        self._pictures[capture_id] = picture
        self._size += len(picture)
        while self._size > self._most and len(self._pictures) > 1:
            self.drop(next(iter(self._pictures)))

    def get(self, capture_id: str) -> bytes | None:
        """Return a picture if it is held."""
        picture = self._pictures.pop(capture_id, None)
        if picture is not None:
            self._pictures[capture_id] = picture
        return picture

    def drop(self, capture_id: str) -> None:
        """Hold a picture no longer."""
        self._size -= len(self._pictures.pop(capture_id, b""))

    def __contains__(self, capture_id: str) -> bool:
        """Tell whether a picture is held."""
        return capture_id in self._pictures

"""Pictures in memory: the last ones, as many as fit."""

from collections.abc import Collection

MOST = 32 * 1024 * 1024
_MOST_PICTURES = 1_000


class RecentPictures:
    """Pictures by capture id; when there are too many, the longest unused go."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pictures: dict[str, bytes] = {}
        self.size = 0
        """Bytes of all pictures together."""

    def put(self, capture_id: str, picture: bytes, spared: Collection[str] = ()) -> list[str]:
        """Hold a picture; return the ids of those that had to go.

        `spared` go only if it does not help that all others went. The one that was just put stays.
        """
        self.drop(capture_id)
        self._pictures[capture_id] = picture
        self.size += len(picture)
        gone = self._fitted([one for one in self._pictures if one not in spared], capture_id)
        return gone + self._fitted([*self._pictures], capture_id)

    def get(self, capture_id: str) -> bytes | None:
        """Return a picture if it is held."""
        picture = self._pictures.pop(capture_id, None)
        if picture is not None:
            self._pictures[capture_id] = picture
        return picture

    def drop(self, capture_id: str) -> None:
        """Hold a picture no longer."""
        self.size -= len(self._pictures.pop(capture_id, b""))

    def clear(self) -> None:
        """Hold none."""
        self._pictures.clear()
        self.size = 0

    def __contains__(self, capture_id: str) -> bool:
        """Tell whether a picture is held."""
        return capture_id in self._pictures

    def __len__(self) -> int:
        """Return how many pictures are held."""
        return len(self._pictures)

    def _fitted(self, unused: Collection[str], newest: str) -> list[str]:
        """Let pictures go, the first of these first, until the rest fits."""
        gone: list[str] = []
        for capture_id in unused:
            if self.size <= self._most and len(self._pictures) <= _MOST_PICTURES:
                break
            if capture_id != newest:
                self.drop(capture_id)
                gone.append(capture_id)
        return gone

"""The album on disk: for each capture its picture and, beside it, what is known of it.

`<folder>/<device>/<id>.jpg` and `<id>.json`. The picture is written first, the record last; both
appear whole or not at all.
"""

from collections.abc import Iterable
from dataclasses import asdict
import json
import os
from pathlib import Path
import re
import shutil
from typing import Any, Final

from ..model.changes import Occasion
from .record import Capture

_EXTENSIONS: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_DEVICE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class CaptureFolder:
    """The captures of one project. Every method blocks and may raise `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> list[Capture]:
        """Return what is there; what was half written is removed."""
        records = sorted(self._folder.glob("*/*.json")) if self._folder.is_dir() else []
        return [capture for path in records if (capture := _read(path)) is not None]

    def add(self, capture: Capture, picture: bytes) -> None:
        """Keep a capture."""
        path = self._path(capture)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, picture)
        _write(path.with_suffix(".json"), json.dumps(asdict(capture)).encode())

    def read(self, capture: Capture) -> bytes:
        """Return the picture of a capture."""
        return self._path(capture).read_bytes()

    def remove(self, captures: Iterable[Capture]) -> None:
        """Forget captures; what is gone already is no error."""
        for capture in captures:
            path = self._path(capture)
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything, the folder itself too."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, capture: Capture) -> Path:
        device = capture.device_id
        if _DEVICE.fullmatch(device) is None:
            raise ValueError("not the id of a device")
        return self._folder / device / f"{capture.id}{_EXTENSIONS[capture.content_type]}"


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _read(path: Path) -> Capture | None:
    told: dict[str, Any] = json.loads(path.read_bytes())
    return Capture(**{**told, "occasion": Occasion(told["occasion"])})

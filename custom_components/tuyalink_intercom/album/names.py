"""What the album's files and folders are called: nothing else ever becomes a path.

`<device folder>/<capture id>.jpg|.png|.webp` is a picture, `.json` beside it its record; `.part`
behind either is a file that is being written.
"""

from hashlib import blake2s
import re
from typing import Final

from ..model.changes import Occasion

CAPTURE_ID: Final = re.compile(
    rf"(?P<time>\d{{10}})-(?P<occasion>{'|'.join(Occasion)})-[0-9a-f]{{16}}", re.ASCII
)
"""The whole of a capture's id: second, occasion, digest."""

EXTENSIONS: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
CONTENT_TYPES: Final = {extension: kind for kind, extension in EXTENSIONS.items()}
RECORD: Final = ".json"
PART: Final = ".part"

FILE: Final = re.compile(
    rf"(?P<id>{CAPTURE_ID.pattern})(?P<extension>\.(?:jpg|png|webp|json))(?P<part>\.part)?",
    re.ASCII,
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_DIGEST: Final = re.compile(r"~[0-9a-f]{32}", re.ASCII)


def device_folder(device_id: str) -> str:
    """Return the name of a device's folder: its id, or a digest of one that is no plain name.

    The name of such a folder stands for itself, so that what is found there can be removed.
    """
    if is_device_folder(device_id):
        return device_id
    return f"~{blake2s(device_id.encode(errors='surrogatepass'), digest_size=16).hexdigest()}"


def is_device_folder(name: str) -> bool:
    """Tell whether a folder can be one of ours."""
    return _PLAIN.fullmatch(name) is not None or _DIGEST.fullmatch(name) is not None


def check_id(capture_id: str) -> None:
    """Raise `ValueError` if that is not the id of a capture."""
    if CAPTURE_ID.fullmatch(capture_id) is None:
        raise ValueError("not the id of a capture")


def file_name(capture_id: str, extension: str) -> str:
    """Return the name of one of a capture's files; `ValueError` if that is no id of one."""
    check_id(capture_id)
    return f"{capture_id}{extension}"


def picture_name(capture_id: str, content_type: str) -> str:
    """Return the name of a capture's picture; `ValueError` if id or type cannot be."""
    if content_type not in EXTENSIONS:
        raise ValueError("not a picture that is kept")
    return file_name(capture_id, EXTENSIONS[content_type])

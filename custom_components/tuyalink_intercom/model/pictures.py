"""The forms in which a data point carries a picture, and what can be told from each.

Sources: values printed in public issue threads of camera integrations and the app
SDK's rule for message-centre pictures (`url@key`).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2s
import json
import re
from typing import Any
from urllib.parse import unquote

from ..api.message import unix_seconds
from .values import mapping

_FILE_TIME = re.compile(r"/(\d{10})(?:\d{3})?\.\w+(?:[?@]|$)")
_NO_KEY = frozenset("/?&")
_LONGEST_SEALED = 16_384
"""What is longer than this is no message about a picture: real ones have some hundred letters."""
_INSIDE = ("result", "message", "data", "url")
"""Members in which an answer may hold what was asked for."""
_DEEPEST = 4


class PictureForm(StrEnum):
    """How a picture is to be had."""

    STORAGE = "storage"
    """An object in Tuya's storage: ask Tuya for a signed address."""
    ADDRESS = "address"
    """A ready, signed, short-lived address."""
    SEALED = "sealed"
    """Encrypted by Tuya's cloud, which keeps the key: it may open it if asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReference:
    """Where a picture is. Everything here is secret: it opens the picture."""

    form: PictureForm
    bucket: str = field(default="", repr=False)
    path: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    """16 characters, or empty when the file is not encrypted."""
    sealed: str = field(default="", repr=False)
    """Base64 of the message that only Tuya's cloud can read; what it is asked with."""

    @property
    def place(self) -> str:
        """What the same picture is known by, by whichever carrier and address it is told."""
        return _file(self.path or self.url) or self.sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMessage:
    """What a picture-carrying value says."""

    picture: PictureReference | None = None
    command: str = ""
    """Tuya's word for the occasion, such as `ipc_doorbell`."""
    text: str = ""
    """Readable text of products without a camera, such as `DoorBell`."""
    taken: float | None = None
    """Unix seconds in the file's name, by the device's clock."""
    mark: str = ""
    """Digest by which the same picture is known again; empty where it cannot be."""


def picture_message(value: object) -> PictureMessage | None:
    """Read a value; `None` when it carries nothing (empty, `"$"`, unreadable)."""
    found = _read(value)
    return found if found and (found.picture or found.command or found.text) else None


def unsealed(answer: object) -> PictureReference | None:
    """Read what Tuya's cloud answers when it is asked to open a sealed message.

    Nobody has published such an answer. Every readable form is taken: as it is, as an object, as
    base64, or inside the members that Tuya's answers are usually wrapped in. `None`: no picture.
    """
    return _unsealed(answer, _DEEPEST)


def _unsealed(answer: object, deep: int) -> PictureReference | None:
    found = picture_message(answer)
    if found and found.picture and found.picture.form is not PictureForm.SEALED:
        return found.picture
    told = mapping(answer)
    if told is None and isinstance(answer, str):
        told = mapping((_decoded(answer) or b"").decode(errors="replace"))
    if told is None or not deep:
        return None
    inside = (_unsealed(told[name], deep - 1) for name in _INSIDE if name in told)
    return next((one for one in inside if one), None)


def _read(value: object) -> PictureMessage | None:
    if (found := mapping(value)) is not None:
        return _from_object(found)
    if not isinstance(value, str) or len(value := value.strip()) <= 1:
        return None
    if value.startswith("http"):
        return _from_address(value)
    decoded = _decoded(value)
    return None if decoded is None else _from_bytes(decoded)


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error, ValueError:
        return None


def _from_bytes(decoded: bytes) -> PictureMessage | None:
    if decoded.startswith((b"{", b"http")):
        return _read(decoded.decode(errors="replace"))
    if decoded and len(decoded) % 2 == 0 and not any(decoded[::2]):
        return PictureMessage(text=decoded.decode("utf-16-be", errors="replace").strip())
    return None


def _from_address(value: str) -> PictureMessage:
    # A key follows the last "@"; a query or user name may hold earlier ones.
    address, at, key = value.rpartition("@")
    if not at or _NO_KEY & {*key}:
        address, key = value, ""
    picture = PictureReference(form=PictureForm.ADDRESS, url=address, key=key)
    taken = _file_time(address.partition("?")[0])
    return PictureMessage(picture=picture, taken=taken, mark=_mark(address) if taken else "")


def _from_object(found: Mapping[str, Any]) -> PictureMessage:
    told = found.get("cmd")
    command = told if isinstance(told, str) else ""
    bucket = found.get("bucket")
    match found.get("files"):
        case [[str(path), *rest], *_] if path and isinstance(bucket, str) and bucket:
            key = rest[0] if rest and isinstance(rest[0], str) else ""
            picture = PictureReference(form=PictureForm.STORAGE, bucket=bucket, path=path, key=key)
            taken = _file_time(path)
            mark = _mark(path) if taken else ""
            return PictureMessage(picture=picture, command=command, taken=taken, mark=mark)
        case [{"data": str(data)}, *_]:
            picture = PictureReference(form=PictureForm.SEALED, sealed=_message(found))
            return PictureMessage(picture=picture, command=command, mark=_mark(data))
    return PictureMessage(command=command)


def _message(found: Mapping[str, Any]) -> str:
    try:
        told = base64.b64encode(json.dumps(found, separators=(",", ":")).encode()).decode()
    except TypeError, ValueError, RecursionError:
        return ""
    return told if len(told) <= _LONGEST_SEALED else ""


def _mark(place: str) -> str:
    # Files whose names hold no time get no mark: a device may use one name for all its pictures.
    return blake2s(_file(place).encode(errors="replace"), digest_size=8).hexdigest()


def _file(place: str) -> str:
    # A query is a signature, new each time that the same picture is told. One carrier tells the
    # file's path in the storage, another an address that ends in it.
    name = place.partition("?")[0]
    if name.startswith("http"):
        name = unquote(name.partition("://")[2].partition("/")[2])
    return name.removeprefix("/")


def _file_time(path: str) -> float | None:
    found = _FILE_TIME.search(path)
    return unix_seconds(found[1]) if found else None

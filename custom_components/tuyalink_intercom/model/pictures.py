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
import re
from typing import Any

from ..api.message import unix_seconds
from .values import mapping

_FILE_TIME = re.compile(r"/(\d{10})(?:\d{3})?\.\w+(?:[?@]|$)")


class PictureForm(StrEnum):
    """How a picture is to be had."""

    STORAGE = "storage"
    """An object in Tuya's storage: ask Tuya for a signed address."""
    ADDRESS = "address"
    """A ready, signed, short-lived address."""
    SEALED = "sealed"
    """Encrypted by Tuya's cloud: cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReference:
    """Where a picture is. Everything here is secret: it opens the picture."""

    form: PictureForm
    bucket: str = field(default="", repr=False)
    path: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    """16 characters, or empty when the file is not encrypted."""

    @property
    def place(self) -> str:
        """Where it is, without what changes each time that the same picture is told."""
        return (self.path or self.url).partition("?")[0]


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


def _read(value: object) -> PictureMessage | None:
    if (found := mapping(value)) is not None:
        return _from_object(found)
    if not isinstance(value, str) or len(value) <= 1:
        return None
    if value.startswith("http"):
        return _from_address(value)
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error, ValueError:
        return None
    return _from_bytes(decoded)


def _from_bytes(decoded: bytes) -> PictureMessage | None:
    if decoded.startswith((b"{", b"http")):
        return _read(decoded.decode(errors="replace"))
    if decoded and len(decoded) % 2 == 0 and not any(decoded[::2]):
        return PictureMessage(text=decoded.decode("utf-16-be", errors="replace").strip())
    return None


def _from_address(value: str) -> PictureMessage:
    # A key follows the last "@"; a query or user name may hold earlier ones.
    address, at, key = value.rpartition("@")
    if not at or "/" in key:
        address, key = value, ""
    picture = PictureReference(form=PictureForm.ADDRESS, url=address, key=key)
    taken = _file_time(address.partition("?")[0])
    return PictureMessage(picture=picture, taken=taken, mark=_mark(address) if taken else "")


def _from_object(found: Mapping[str, Any]) -> PictureMessage:
    told = found.get("cmd")
    command = told if isinstance(told, str) else ""
    bucket = found.get("bucket")
    match found.get("files"):
        case [[str(path), *rest], *_] if path and isinstance(bucket, str):
            key = rest[0] if rest and isinstance(rest[0], str) else ""
            picture = PictureReference(form=PictureForm.STORAGE, bucket=bucket, path=path, key=key)
            taken = _file_time(path)
            mark = _mark(path) if taken else ""
            return PictureMessage(picture=picture, command=command, taken=taken, mark=mark)
        case [{"data": str(data)}, *_]:
            picture = PictureReference(form=PictureForm.SEALED)
            return PictureMessage(picture=picture, command=command, mark=_mark(data))
    return PictureMessage(command=command)


def _mark(place: str) -> str:
    # A query is a signature, new each time that the same picture is told. Files whose names
    # hold no time get no mark: a device may use one name for all its pictures.
    place = place.partition("?")[0]
    return blake2s(place.encode(errors="replace"), digest_size=8).hexdigest()


def _file_time(path: str) -> float | None:
    found = _FILE_TIME.search(path)
    return unix_seconds(found[1]) if found else None

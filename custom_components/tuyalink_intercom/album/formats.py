"""What a picture's file says of itself before anything decodes it.

Read here and not by Pillow: its size has to be known before it is decoded, and whether its end
is there; and what is said in metadata (place, camera, broken EXIF) is not for a decoder.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_END_OF_JPEG: Final = b"\xff\xd9"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN: Final = 0xDA
_FILL: Final = 0xFF
_EXIF: Final = 0xE1
# JFIF (0xE0) and Adobe (0xEE) say what the colours mean.
_METADATA: Final = frozenset({0xFE, *range(0xE1, 0xF0)}) - {0xEE}
_PIXEL_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_ORIENTATION: Final = 0x0112
_ORIENTATIONS: Final = range(1, 9)
_UPRIGHT: Final = 1
_LYING: Final = 5
"""From this orientation on width and height change places."""
_MOST_TAGS: Final = 64


class NotAPictureError(ValueError):
    """These bytes are no picture that can be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a file says: its kind, its size in pixels as stored, and how it is to be turned."""

    content_type: str
    width: int
    height: int
    complete: bool
    """The end of the file is there."""
    orientation: int
    """As EXIF numbers them; 1 is upright."""
    bare: bytes = field(repr=False)
    """The file without metadata, and of an animation only what is seen first."""

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height once it is turned."""
        if self.orientation >= _LYING:
            return self.height, self.width
        return self.width, self.height


def picture_type(data: bytes) -> str | None:
    """Return the media type of a picture by its first 12 bytes, `None` for anything else."""
    if data.startswith(_JPEG + b"\xff"):
        return "image/jpeg"
    if data.startswith(_PNG):
        return "image/png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def outline(data: bytes) -> Outline:
    """Return what a file says of itself; `NotAPictureError` if that is no picture."""
    match picture_type(data):
        case "image/jpeg":
            return _jpeg(data)
        case "image/png":
            return _png(data)
        case "image/webp":
            return _webp(data)
    raise NotAPictureError("neither JPEG, PNG nor WEBP")


def _jpeg(data: bytes) -> Outline:
    size, orientation, bare, rest = (0, 0), _UPRIGHT, [_JPEG], b""
    for marker, segment, body in _segments(data):
        if marker == _SCAN:
            rest = segment
        elif marker in _FRAMES:
            if size != (0, 0):
                raise NotAPictureError("two pictures in one")
            size = int.from_bytes(body[3:5]), int.from_bytes(body[1:3])
        elif marker == _EXIF and body.startswith(b"Exif\0\0"):
            orientation = _turned(body[6:])
        if marker not in _METADATA:
            bare.append(segment)
    complete = _END_OF_JPEG in rest
    if not complete:
        # A decoder that meets the end fills up what is missing.
        bare.append(_END_OF_JPEG)
    return _outline("image/jpeg", size, orientation, b"".join(bare), complete=complete)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, segment and its body; the first scan reaches to the end of the file."""
    at = len(_JPEG)
    while at + 4 <= len(data):
        marker = data[at + 1]
        if data[at] != _FILL:
            raise NotAPictureError("not a JPEG")
        if marker == _FILL:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker == _SCAN:
            yield marker, data[at:], b""
            return
        else:
            end = at + 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2)
            yield marker, data[at:end], data[at + 4 : end]
            at = end


def _png(data: bytes) -> Outline:
    orientation, bare, kinds = _UPRIGHT, [_PNG], set[bytes]()
    at = len(_PNG)
    while at + 8 <= len(data) and b"IEND" not in kinds:
        end = at + 12 + int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if kind == b"eXIf":
            orientation = _turned(data[at + 8 : end - 4])
        if kind in _PIXEL_CHUNKS and not (kind == b"IHDR" and kinds):
            bare.append(data[at:end])
            kinds.add(kind)
        at = end
    size = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if data[12:16] != b"IHDR":
        raise NotAPictureError("not a PNG")
    complete = b"IEND" in kinds and at <= len(data)
    return _outline("image/png", size, orientation, b"".join(bare), complete=complete)


def _webp(data: bytes) -> Outline:
    orientation = _UPRIGHT
    at, last = 12, 8 + int.from_bytes(data[4:8], "little")
    while at + 8 <= min(last, len(data)):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            exif = data[at + 8 : at + 8 + length]
            orientation = _turned(exif.removeprefix(b"Exif\0\0"))
        at += 8 + length + length % 2
    complete = last <= len(data)
    return _outline("image/webp", _webp_size(data[12:42]), orientation, data, complete=complete)


def _webp_size(chunk: bytes) -> tuple[int, int]:
    """Return the size from the first chunk, of which there are three kinds."""
    match chunk[:4]:
        case b"VP8X":
            width, height = (int.from_bytes(chunk[at : at + 3], "little") for at in (12, 15))
            return width + 1, height + 1
        case b"VP8L":
            bits = int.from_bytes(chunk[9:13], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (int.from_bytes(chunk[at : at + 2], "little") for at in (14, 16))
            return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _outline(
    content_type: str, size: tuple[int, int], orientation: int, bare: bytes, *, complete: bool
) -> Outline:
    width, height = size
    if not width or not height:
        raise NotAPictureError("a picture without a size")
    return Outline(
        content_type=content_type,
        width=width,
        height=height,
        complete=complete,
        orientation=orientation,
        bare=bare,
    )


def _turned(exif: bytes) -> int:
    """Return the orientation that EXIF data (a TIFF block) tells, upright if it tells none."""
    orders: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}
    if (order := orders.get(exif[:2])) is None:
        return _UPRIGHT
    first = int.from_bytes(exif[4:8], order)
    tags = min(int.from_bytes(exif[first : first + 2], order), _MOST_TAGS)
    for at in range(first + 2, first + 2 + 12 * tags, 12):
        if int.from_bytes(exif[at : at + 2], order) == _ORIENTATION:
            told = int.from_bytes(exif[at + 8 : at + 10], order)
            return told if told in _ORIENTATIONS else _UPRIGHT
    return _UPRIGHT

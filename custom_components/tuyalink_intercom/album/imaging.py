"""Pictures as Pillow sees them: whether bytes are one, and a small copy of it.

Pure, safe in several threads: no setting of Pillow's and no filter of warnings is touched.
"""

from dataclasses import dataclass
from io import BytesIO
import struct
from typing import Final
import zlib

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from .formats import NotAPictureError, Outline, outline

__all__ = ["Look", "NotAPictureError", "inspected", "thumbnail"]

_PIXELS: Final = 25_000_000
"""No door's camera has as many; four such pictures decoded at once fit a small machine."""
_LONGEST: Final = 320
_QUALITY: Final = 80
_BEHIND: Final = "white"
"""What is seen where a picture is transparent."""

# Opened by their classes: `Image.open` would warn of large pictures, and warnings are global.
_READERS: Final[dict[str, type[ImageFile]]] = {
    "image/jpeg": JpegImageFile,
    "image/png": PngImageFile,
    "image/webp": WebPImageFile,
}
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Pillow's readers raise whatever their parsing of broken data runs into.
_UNDECODABLE: Final = (
    AssertionError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a picture is; width and height in pixels, as it is shown."""

    content_type: str
    width: int
    height: int
    whole: bool
    """False for one that ends too early: it may still be uploading."""


def inspected(data: bytes) -> Look:
    """Return what picture these bytes are; `NotAPictureError` if they are none.

    JPEG, PNG and WEBP are pictures, up to 25 megapixels, if they can be decoded.
    """
    picture = _bounded(data)
    if picture.complete:
        _reduced(picture, 1)
    width, height = picture.shown_size
    return Look(
        content_type=picture.content_type, width=width, height=height, whole=picture.complete
    )


def thumbnail(data: bytes, longest: int = _LONGEST) -> bytes:
    """Return a small upright JPEG without metadata, its longer side at most `longest` pixels.

    What is missing of a JPEG is grey. `NotAPictureError` if nothing of it can be decoded.
    """
    written = BytesIO()
    _reduced(_bounded(data), longest).save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def _bounded(data: bytes) -> Outline:
    picture = outline(data)
    if picture.width * picture.height > _PIXELS:
        raise NotAPictureError("too many pixels")
    return picture


def _reduced(picture: Outline, longest: int) -> Image.Image:
    """Decode a picture, small and upright; `NotAPictureError` if that cannot be done."""
    try:
        small = _decoded(picture, longest)
    except _UNDECODABLE:
        raise NotAPictureError("cannot be decoded") from None
    small.thumbnail((longest, longest))
    turn = _TURNS.get(picture.orientation)
    return small if turn is None else small.transpose(turn)


def _decoded(picture: Outline, longest: int) -> Image.Image:
    """Decode a picture no larger than needed; raise whatever stands against it."""
    with _READERS[picture.content_type](BytesIO(picture.bare)) as image:
        if image.size != (picture.width, picture.height):
            raise NotAPictureError("of two sizes")
        # A JPEG is decoded at an eighth, a quarter or a half of its size where that will do.
        image.draft("RGB", (longest, longest))
        return _opaque(image)


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGB", image.size, _BEHIND)
    seen = image.convert("RGBA")
    paper.paste(seen, mask=seen)
    return paper

"""Bytes from a door: whether they are a picture, and a small copy of it that tells no more."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
import random
from typing import Any
import warnings

from PIL import Image, ImageDraw, ImageFile, ImageOps
import pytest

from custom_components.tuyalink_intercom.album.imaging import (
    Look,
    NotAPictureError,
    inspected,
    thumbnail,
)

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ORIENTATION, SECRET = 0x0112, "at Ada's door"


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    """Nothing may warn: the filters of warnings are everybody's."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def drawn(width: int = 640, height: int = 360) -> Image.Image:
    """Draw a picture of which every corner has another colour."""
    image = Image.new("RGB", (width, height), "blue")
    paint = ImageDraw.Draw(image)
    paint.rectangle((0, 0, width // 2, height // 2), "red")
    paint.rectangle((width // 2, height // 2, width, height), "lime")
    return image


def packed(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def corners(image: Image.Image) -> list[tuple[Any, ...]]:
    """Return the colour near each corner, so coarse that packing does not matter."""
    width, height = image.size
    bands = image.convert("RGB").split()
    places = [(x, y) for x in (5, width - 6) for y in (5, height - 6)]
    return [
        tuple(band.point(lambda part: part > 127).getpixel(at) for band in bands) for at in places
    ]


@pytest.mark.parametrize(("kind", "content_type"), FORMATS.items())
def test_a_picture_is_known_by_its_bytes(kind: str, content_type: str) -> None:
    look = inspected(packed(drawn(), kind))
    assert look == Look(content_type=content_type, width=640, height=360, whole=True)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_thumbnail_is_a_small_jpeg(kind: str) -> None:
    small = opened(thumbnail(packed(drawn(), kind)))
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (320, 180))
    assert corners(small) == corners(drawn())


def test_a_thumbnail_is_never_larger_than_its_picture() -> None:
    assert opened(thumbnail(packed(drawn(100, 60)))).size == (100, 60)
    assert opened(thumbnail(packed(drawn(60, 100)), longest=50)).size == (30, 50)
    assert opened(thumbnail(packed(drawn(5_000, 1), "PNG"))).size == (320, 1)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 0}, {"quality": 5}])
def test_a_jpeg_of_any_making_is_whole(options: dict[str, Any]) -> None:
    assert inspected(packed(drawn(), **options)).whole
    assert inspected(packed(drawn(), **options) + b"a trailer").whole


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "YCbCr"])
def test_a_picture_in_any_colours_has_a_thumbnail(mode: str) -> None:
    plain = drawn().convert("L") if mode == "I;16" else drawn()
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    data = packed(plain.convert(mode), kind)
    assert inspected(data).whole
    assert opened(thumbnail(data)).size == (320, 180)


def test_what_is_transparent_is_white() -> None:
    clear = drawn().convert("RGBA")
    clear.putalpha(0)
    for kind in ("PNG", "WEBP"):
        assert set(corners(opened(thumbnail(packed(clear, kind))))) == {(1, 1, 1)}
    spotted = drawn().convert("P")
    data = packed(spotted, "PNG", transparency=b"\0" * 256)
    assert set(corners(opened(thumbnail(data)))) == {(1, 1, 1)}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_seen(kind: str) -> None:
    later = [Image.new("RGB", (640, 360), "white") for _ in range(3)]
    data = packed(drawn(), kind, save_all=True, append_images=later, duration=100)
    assert inspected(data) == Look(content_type=FORMATS[kind], width=640, height=360, whole=True)
    assert corners(opened(thumbnail(data))) == corners(drawn())


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_stands_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = packed(drawn(), kind, exif=exif)
    shown = ImageOps.exif_transpose(opened(data))
    assert shown is not None
    look = inspected(data)
    assert (look.width, look.height) == shown.size
    small = opened(thumbnail(data))
    assert small.size == ((320, 180) if shown.width > shown.height else (180, 320))
    assert corners(small) == corners(shown)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_thumbnail_tells_nothing_but_the_picture(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    profile = b"profile " + SECRET.encode()
    data = packed(drawn(), kind, exif=exif, icc_profile=profile, comment=SECRET.encode())
    assert SECRET.encode() in data
    small = thumbnail(data)
    assert SECRET.encode() not in small
    assert set(opened(small).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    "exif", [b"", b"II", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 9]
)
def test_broken_metadata_is_nobodys_trouble(exif: bytes) -> None:
    data = packed(drawn(), exif=b"Exif\0\0" + exif)
    assert inspected(data).whole
    assert opened(thumbnail(data)).size == (320, 180)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("part", [0.5, 0.9, -1])
@pytest.mark.parametrize("lenient", [False, True])
def test_a_picture_that_is_still_uploading_is_not_whole(
    monkeypatch: pytest.MonkeyPatch, kind: str, part: float, *, lenient: bool
) -> None:
    # A setting for everybody in the process: another integration may have made it.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    data = packed(Image.effect_noise((640, 360), 60), kind)
    half = data[:-1] if part < 0 else data[: int(len(data) * part)]
    look = inspected(half)
    assert look == Look(content_type=FORMATS[kind], width=640, height=360, whole=False)
    assert inspected(data).whole


def test_what_there_is_of_a_jpeg_is_seen() -> None:
    data = packed(drawn(), quality=95)
    small = opened(thumbnail(data[: len(data) * 2 // 3]))
    assert small.size == (320, 180)
    assert small.convert("RGB").getpixel((5, 5)) == opened(thumbnail(data)).getpixel((5, 5))


def test_an_end_inside_the_metadata_is_not_the_end() -> None:
    data = packed(drawn(), exif=b"Exif\0\0" + packed(drawn(80, 45)))
    assert inspected(data).whole
    assert not inspected(data[:-2]).whole


STRANGERS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "html": lambda: b"<!DOCTYPE html><html></html>",
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "gif": lambda: packed(drawn(), "GIF"),
    "bmp": lambda: packed(drawn(), "BMP"),
    "tiff": lambda: packed(drawn(), "TIFF"),
    "icon": lambda: packed(drawn(), "ICO"),
    "a sound": lambda: b"RIFF\x24\0\0\0WAVEfmt ",
    "a beginning": lambda: b"\xff\xd8\xff",
    "a jpeg's head and html": lambda: packed(drawn())[:20] + b"<!DOCTYPE html>",
    "only metadata": lambda: packed(drawn())[:20] + b"\xff\xd9",
    "zeros in a jpeg": lambda: packed(drawn())[:20] + bytes(1_000),
    "a png without a head": lambda: packed(drawn(), "PNG").replace(b"IHDR", b"IDAT", 1),
    "a broken png": lambda: (
        (data := packed(drawn(), "PNG"))[: (at := data.index(b"IDAT") + 4)]
        + bytes(40)
        + data[at + 40 :]
    ),
    "a png without its colours": lambda: packed(drawn().convert("P"), "PNG").replace(
        b"PLTE", b"PlTE", 1
    ),
    "an empty webp": lambda: b"RIFF\x04\0\0\0WEBP",
    "a hollow webp": lambda: packed(drawn(), "WEBP")[:40] + bytes(2_000),
    "two sizes": lambda: (
        (data := packed(drawn()))[:2] + data[data.index(b"\xff\xc0") :][:19] + data[2:]
    ),
}


@pytest.mark.parametrize("made", STRANGERS.values(), ids=STRANGERS)
def test_what_is_no_picture_is_refused(made: Callable[[], bytes]) -> None:
    for look in (inspected, thumbnail):
        with pytest.raises(NotAPictureError):
            look(made())


def sized(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) >= 1
    return data.replace(old, new, 1)


BOMBS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: sized(packed(drawn()), (360).to_bytes(2) + (640).to_bytes(2), b"\xff\xdc" * 2),
    "png": lambda: sized(
        packed(drawn(), "PNG"), (640).to_bytes(4) + (360).to_bytes(4), (30_000).to_bytes(4) * 2
    ),
    "small": lambda: packed(Image.new("1", (5_001, 5_000)), "PNG"),
    "webp": lambda: b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\x3f\0" * 2 + bytes(8),
}


@pytest.mark.parametrize("made", BOMBS.values(), ids=BOMBS)
def test_a_picture_too_large_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[], bytes]
) -> None:
    data = made()
    monkeypatch.setattr(ImageFile.ImageFile, "__init__", None)
    for look in (inspected, thumbnail):
        with pytest.raises(NotAPictureError, match="too many pixels"):
            look(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_no_damage_does_more_than_refuse_a_picture(kind: str) -> None:
    chance = random.Random(kind)  # noqa: S311 - seeded, so that a failure can be repeated
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = packed(drawn(64, 48), kind, exif=exif)
    shown = 0
    for _ in range(500):
        damaged = bytearray(data[: chance.choice((len(data), chance.randrange(len(data))))])
        for _ in range(chance.randrange(6)):
            if damaged:
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for look in (inspected, thumbnail):
            try:
                look(bytes(damaged))
            except NotAPictureError:
                continue
            shown += 1
    assert shown


def test_pictures_are_looked_at_in_many_threads() -> None:
    data = {kind: packed(drawn(), kind) for kind in FORMATS}
    alone = {kind: thumbnail(each) for kind, each in data.items()}
    with ThreadPoolExecutor(4) as threads:
        kinds = list(FORMATS) * 8
        assert list(threads.map(lambda kind: thumbnail(data[kind]), kinds)) == [
            alone[kind] for kind in kinds
        ]

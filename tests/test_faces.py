"""Pictures become faces: from files, captures, cameras and images, within Tuya's limits."""

from io import BytesIO
from pathlib import Path
from typing import Any, override
from unittest.mock import Mock

from homeassistant.components.media_source import MediaSource, MediaSourceItem, PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)

from custom_components.tuyalink_intercom.keys.faces import async_face
from custom_components.tuyalink_intercom.served.stills import AIM, BIGGEST_SOURCE, prepared
from tests.homes import DOMAIN, device_named, entity_id
from tests.plays import photographed
from tests.shelved import at, jpeg, shelved
from tests.simulator import TuyaSimulator

ORIENTATION, SECRET = 0x0112, "at Ada's door"
BIGGEST = 1024 * 1024


def packed(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def noise(width: int, height: int) -> Image.Image:
    bands = [Image.effect_noise((width, height), 250) for _ in range(3)]
    return Image.merge("RGB", bands)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def refusal_of(data: bytes) -> str:
    with pytest.raises(ServiceValidationError) as refusal:
        prepared(data)
    return refusal.value.translation_key or ""


# --- what is made of a picture --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_face_is_a_jpeg_of_at_most_1280_pixels(kind: str) -> None:
    face = opened(prepared(packed(Image.new("RGB", (4000, 3000), "red"), kind)))
    assert (face.format, face.mode, face.size) == ("JPEG", "RGB", (1280, 960))


def test_a_small_picture_is_not_blown_up() -> None:
    assert opened(prepared(jpeg(size=(200, 260)))).size == (200, 260)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_a_face_has_its_colours_in_red_green_and_blue(mode: str) -> None:
    picture = Image.new("RGB", (300, 300), "red").convert(mode)
    assert opened(prepared(packed(picture, "JPEG" if mode == "CMYK" else "PNG"))).mode == "RGB"


def test_a_picture_full_of_detail_is_made_small_enough() -> None:
    data = packed(noise(2000, 1500), quality=95)
    assert len(data) > BIGGEST
    face = prepared(data)
    assert len(face) <= AIM
    assert min(opened(face).size) >= 200


@pytest.mark.parametrize("size", [(3000, 3000), (1280, 400), (250, 1500)])
def test_even_noise_is_within_tuyas_limit(size: tuple[int, int]) -> None:
    face = prepared(packed(noise(*size), quality=95))
    assert len(face) <= BIGGEST
    assert min(opened(face).size) >= 200


def test_a_face_stands_upright_and_tells_nothing_more() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x010E] = 6, SECRET
    data = packed(Image.new("RGB", (400, 300), "red"), exif=exif, comment=SECRET.encode())
    face = prepared(data)
    assert opened(face).size == (300, 400)
    assert SECRET.encode() not in face
    assert not opened(face).getexif()


@pytest.mark.parametrize("size", [(199, 400), (400, 199), (9000, 300)])
def test_a_picture_too_small_for_a_face_is_refused(size: tuple[int, int]) -> None:
    assert refusal_of(jpeg(size=size)) == "face_too_small"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(100),
        b"\xff\xd8\xff" + bytes(1000),
        b"%PDF-1.7",
        jpeg(size=(300, 300))[:-200],
        packed(Image.new("RGB", (300, 300)), "PNG")[:200],
        packed(Image.new("RGB", (300, 300)), "GIF"),
        packed(Image.new("RGB", (300, 300)), "BMP"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    assert refusal_of(data) == "face_not_a_picture"


def test_a_bomb_is_refused_by_its_outline() -> None:
    bomb = packed(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(bomb) < 100_000
    assert refusal_of(bomb) == "face_not_a_picture"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_is_refused(kind: str) -> None:
    more = [Image.new("RGB", (300, 300), "white")]
    first = Image.new("RGB", (300, 300), "red")
    data = packed(first, kind, save_all=True, append_images=more, duration=100)
    assert refusal_of(data) == "face_animated"


# --- where it comes from --------------------------------------------------------------------


@pytest.fixture
async def media(hass: HomeAssistant, entry: MockConfigEntry, tmp_path: Path) -> Path:
    """Set up a folder of media."""
    folder = tmp_path / "media"
    folder.mkdir()
    hass.config.media_dirs = {"local": str(folder)}
    assert await async_setup_component(hass, "media_source", {})
    await hass.async_block_till_done()
    return folder


async def of_media(hass: HomeAssistant, name: str) -> bytes:
    return await async_face(hass, media=name, entity_id=None)


async def refused(hass: HomeAssistant, key: str, **source: str | None) -> None:
    with pytest.raises(HomeAssistantError) as refusal:
        await async_face(hass, **{"media": None, "entity_id": None, **source})
    assert refusal.value.translation_key == key


async def test_a_file_of_the_media_folder_is_a_face(hass: HomeAssistant, media: Path) -> None:
    (media / "grace.jpg").write_bytes(jpeg(size=(640, 480)))
    face = await of_media(hass, "media-source://media_source/local/grace.jpg")
    assert opened(face).size == (640, 480)


@pytest.mark.parametrize(
    "name",
    [
        "media-source://media_source/local/../configuration.yaml",
        "media-source://media_source/local/missing.jpg",
        "media-source://media_source/elsewhere/grace.jpg",
        "media-source://nobody/grace.jpg",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1/picture.jpg",
    ],
)
async def test_nothing_but_media_of_home_assistant_is_read(
    hass: HomeAssistant, media: Path, name: str
) -> None:
    (media.parent / "configuration.yaml").write_text("secret: 1")
    await refused(hass, "face_not_found", media=name)


async def test_a_file_too_large_is_not_read_to_its_end(hass: HomeAssistant, media: Path) -> None:
    with (media / "huge.jpg").open("wb") as file:
        file.write(jpeg(size=(300, 300)))
        file.truncate(BIGGEST_SOURCE * 4)
    await refused(hass, "face_too_large", media="media-source://media_source/local/huge.jpg")


class Films(MediaSource):
    """A source of media that are streams, not files."""

    name = "Films"

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        return PlayMedia("http://127.0.0.1/film.jpg", "image/jpeg")


async def test_media_that_are_no_file_are_not_fetched(hass: HomeAssistant, media: Path) -> None:
    async def offered(_hass: HomeAssistant) -> Films:
        return Films("films")

    mock_integration(hass, MockModule("films"))
    mock_platform(hass, "films.media_source", Mock(async_get_media_source=offered))
    assert await async_setup_component(hass, "films", {})
    await refused(hass, "face_not_local", media="media-source://films/one")


async def test_a_capture_of_ours_is_a_face_though_it_is_in_memory_only(
    hass: HomeAssistant, media: Path, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    device = device_named(simulator, "Intercom")
    capture = shelved(entry, device, at(0, "00:00"), picture=jpeg(size=(320, 240)))
    name = f"media-source://{DOMAIN}/{entry.entry_id}/capture/{capture.id}"
    assert opened(await of_media(hass, name)).size == (320, 240)


@pytest.mark.parametrize("name", ["", "nobody/capture/x", "nobody"])
async def test_a_folder_of_captures_and_what_is_gone_are_no_face(
    hass: HomeAssistant, media: Path, name: str
) -> None:
    await refused(hass, "face_not_found", media=f"media-source://{DOMAIN}/{name}")


@pytest.mark.parametrize(("platform", "key"), [("camera", "camera"), ("image", "last_ring")])
async def test_the_picture_of_a_camera_or_an_image_is_a_face(
    hass: HomeAssistant,
    media: Path,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    platform: str,
    key: str,
) -> None:
    device = device_named(simulator, "Intercom")
    shown = entity_id(hass, platform, device, key)
    await refused(hass, "face_no_picture", entity_id=shown)
    await photographed(hass, entry, simulator, device, "ring")
    face = await async_face(hass, media=None, entity_id=shown)
    assert opened(face).format == "JPEG"
    assert await of_media(hass, f"media-source://{platform}/{shown}") == face


@pytest.mark.parametrize("shown", ["lock.intercom_door", "camera.nobody", "camera", "image.x y"])
async def test_an_entity_without_pictures_is_refused(
    hass: HomeAssistant, media: Path, shown: str
) -> None:
    key = "face_no_picture" if shown == "camera.nobody" else "face_not_found"
    await refused(hass, key, entity_id=shown)

"""A picture of Home Assistant's becomes a face that a terminal takes.

Whether somebody's face is in it nobody looks: the terminal finds that out, and its command fails.
"""

from pathlib import Path
from typing import Final

from homeassistant.components import image, media_source
from homeassistant.components.media_source import MediaSourceError, PlayMedia
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, split_entity_id, valid_entity_id
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.importlib import async_import_module

from ..album.imaging import NotAPictureError, inspected, thumbnail
from ..captures.folders import Picture, find
from ..const import DOMAIN

BIGGEST_SOURCE: Final = 20 * 1024 * 1024
AIM: Final = 300 * 1024
"""Tuya takes a JPEG of at most 1 MB; even noise is below that at the smallest of our sizes."""
SMALLEST: Final = 200
"""Shorter sides (pixels) than this no terminal makes a face out."""
_LONGEST: Final = (1280, 1024, 800, 640)
_ENTITIES: Final = (Platform.CAMERA.value, Platform.IMAGE.value)
_OURS: Final = f"media-source://{DOMAIN}/"
_WEBP_FLAGS, _WEBP_ANIMATED = 20, 0x02


async def async_face(hass: HomeAssistant, *, media: str | None, entity_id: str | None) -> bytes:
    """Return a face from a media-source id, or from an image or camera entity.

    Raises ServiceValidationError for what is no picture of use, HomeAssistantError where none
    is to be had now.
    """
    data = await (_of_media(hass, media) if media else _of_entity(hass, entity_id or ""))
    if len(data) > BIGGEST_SOURCE:
        raise _unfit("face_too_large")
    return await hass.async_add_executor_job(prepared, data)


def prepared(data: bytes) -> bytes:
    """Return an upright JPEG without metadata, within Tuya's limits; blocking.

    Raises ServiceValidationError.
    """
    try:
        look = inspected(data)
        if not look.whole:
            raise _unfit("face_not_a_picture")
        if is_animated(data):
            raise _unfit("face_animated")
        sides = sorted((look.width, look.height))
        if sides[0] < SMALLEST or sides[0] * _LONGEST[0] < SMALLEST * sides[1]:
            raise _unfit("face_too_small")
        return _small_enough(data, sides)
    except NotAPictureError:
        raise _unfit("face_not_a_picture") from None


def _small_enough(data: bytes, sides: list[int]) -> bytes:
    made = b""
    for longest in _LONGEST:
        if made and sides[0] * longest < SMALLEST * sides[1]:
            break
        made = thumbnail(data, longest)
        if len(made) <= AIM:
            break
    return made


def is_animated(data: bytes) -> bool:
    """Tell whether a PNG or WEBP shows more than one picture."""
    if data.startswith(b"RIFF"):
        extended = data[12:16] == b"VP8X"
        return extended and bool(data[_WEBP_FLAGS] & _WEBP_ANIMATED)
    return data.startswith(b"\x89PNG") and b"acTL" in data[: data.find(b"IDAT")]


async def _of_media(hass: HomeAssistant, media: str) -> bytes:
    """Read what has this name: files that Home Assistant resolves, and pictures of entities."""
    for domain in _ENTITIES:
        prefix = f"media-source://{domain}/"
        if media.startswith(prefix):
            return await _of_entity(hass, media.removeprefix(prefix))
    if media.startswith(_OURS):
        # A capture may be in memory only.
        return await _of_capture(hass, media.removeprefix(_OURS))
    if not media_source.is_media_source_id(media):
        raise _unfit("face_not_found")
    try:
        found: PlayMedia = await media_source.async_resolve_media(hass, media, None)
    except MediaSourceError:
        raise _unfit("face_not_found") from None
    if found.path is None:
        raise _unfit("face_not_local")
    try:
        return await hass.async_add_executor_job(_read, found.path)
    except OSError:
        raise _unfit("face_not_found") from None


async def _of_capture(hass: HomeAssistant, name: str) -> bytes:
    found = find(hass, name)
    if not isinstance(found, Picture):
        raise _unfit("face_not_found")
    picture = await found.entry.runtime_data.captures.picture(found.capture)
    if picture is None:
        raise _unfit("face_not_found")
    return picture


def _read(path: Path) -> bytes:
    """Read a file, and of one that is too large only as much as tells so."""
    with path.open("rb") as file:
        return file.read(BIGGEST_SOURCE + 1)


async def _of_entity(hass: HomeAssistant, entity_id: str) -> bytes:
    domain = split_entity_id(entity_id)[0] if valid_entity_id(entity_id) else ""
    if domain not in _ENTITIES or domain not in hass.config.components:
        raise _unfit("face_not_found")
    shot = _camera if domain == Platform.CAMERA else _image
    try:
        return await shot(hass, entity_id)
    except HomeAssistantError:
        raise _unable("face_no_picture") from None


async def _camera(hass: HomeAssistant, entity_id: str) -> bytes:
    # Its requirements are installed where there are cameras: this module must load without them.
    camera = await async_import_module(hass, "homeassistant.components.camera")
    shot: bytes = (await camera.async_get_image(hass, entity_id)).content
    return shot


async def _image(hass: HomeAssistant, entity_id: str) -> bytes:
    return (await image.async_get_image(hass, entity_id)).content


def _unfit(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _unable(key: str) -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)

"""A picture of Home Assistant's as Tuya takes one: an upright JPEG without metadata.

Read from an image or camera entity; whose picture it is, and what for, is others' matter.
"""

from typing import Final

from homeassistant.components import image
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, split_entity_id, valid_entity_id
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.importlib import async_import_module

from ..album.imaging import NotAPictureError, inspected, thumbnail
from ..const import DOMAIN

BIGGEST_SOURCE: Final = 20 * 1024 * 1024
AIM: Final = 300 * 1024
"""Tuya takes a JPEG of at most 1 MB; even noise is below that at the smallest of our sizes."""
SMALLEST: Final = 200
"""Shorter sides (pixels) than this no terminal makes a face out."""
_LONGEST: Final = (1280, 1024, 800, 640)
ENTITIES: Final = (Platform.CAMERA.value, Platform.IMAGE.value)
_WEBP_FLAGS, _WEBP_ANIMATED = 20, 0x02


async def async_still(hass: HomeAssistant, data: bytes) -> bytes:
    """Return a picture that Tuya takes, made of another; raises ServiceValidationError."""
    if len(data) > BIGGEST_SOURCE:
        raise unfit("face_too_large")
    return await hass.async_add_executor_job(prepared, data)


def prepared(data: bytes) -> bytes:
    """Return an upright JPEG without metadata, within Tuya's limits; blocking.

    Raises ServiceValidationError.
    """
    try:
        look = inspected(data)
        if not look.whole:
            raise unfit("face_not_a_picture")
        if is_animated(data):
            raise unfit("face_animated")
        sides = sorted((look.width, look.height))
        if sides[0] < SMALLEST or sides[0] * _LONGEST[0] < SMALLEST * sides[1]:
            raise unfit("face_too_small")
        return _small_enough(data, sides)
    except NotAPictureError:
        raise unfit("face_not_a_picture") from None


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


async def async_of_entity(hass: HomeAssistant, entity_id: str) -> bytes:
    """Read the picture of an image or camera; raises HomeAssistantError if there is none now."""
    domain = split_entity_id(entity_id)[0] if valid_entity_id(entity_id) else ""
    if domain not in ENTITIES or domain not in hass.config.components:
        raise unfit("face_not_found")
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


def unfit(key: str) -> ServiceValidationError:
    """Return the error for what cannot be used."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _unable(key: str) -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)

"""A picture of Home Assistant's becomes a face that a terminal takes.

Whether somebody's face is in it nobody looks: the terminal finds that out, and its command fails.
"""

from pathlib import Path
from typing import Final

from homeassistant.components import media_source
from homeassistant.components.media_source import MediaSourceError, PlayMedia
from homeassistant.core import HomeAssistant

from ..captures.folders import Picture, find
from ..const import DOMAIN
from ..served.stills import BIGGEST_SOURCE, ENTITIES, async_of_entity, async_still, unfit

_OURS: Final = f"media-source://{DOMAIN}/"


async def async_face(hass: HomeAssistant, *, media: str | None, entity_id: str | None) -> bytes:
    """Return a face from a media-source id, or from an image or camera entity.

    Raises ServiceValidationError for what is no picture of use, HomeAssistantError where none
    is to be had now.
    """
    data = await (_of_media(hass, media) if media else async_of_entity(hass, entity_id or ""))
    return await async_still(hass, data)


async def _of_media(hass: HomeAssistant, media: str) -> bytes:
    """Read what has this name: files that Home Assistant resolves, and pictures of entities."""
    for domain in ENTITIES:
        prefix = f"media-source://{domain}/"
        if media.startswith(prefix):
            return await async_of_entity(hass, media.removeprefix(prefix))
    if media.startswith(_OURS):
        # A capture may be in memory only.
        return await _of_capture(hass, media.removeprefix(_OURS))
    if not media_source.is_media_source_id(media):
        raise unfit("face_not_found")
    try:
        found: PlayMedia = await media_source.async_resolve_media(hass, media, None)
    except MediaSourceError:
        raise unfit("face_not_found") from None
    if found.path is None:
        raise unfit("face_not_local")
    try:
        return await hass.async_add_executor_job(_read, found.path)
    except OSError:
        raise unfit("face_not_found") from None


async def _of_capture(hass: HomeAssistant, name: str) -> bytes:
    found = find(hass, name)
    if not isinstance(found, Picture):
        raise unfit("face_not_found")
    picture = await found.entry.runtime_data.captures.picture(found.capture)
    if picture is None:
        raise unfit("face_not_found")
    return picture


def _read(path: Path) -> bytes:
    """Read a file, and of one that is too large only as much as tells so."""
    with path.open("rb") as file:
        return file.read(BIGGEST_SOURCE + 1)

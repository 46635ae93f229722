"""Where pictures are fetched: by a login or by a path that Home Assistant signed for a while.

Names are looked up, never joined to a path. Whatever is unknown, gone or not for this user is
not found, one like the other.
"""

from abc import abstractmethod
from http import HTTPStatus
from typing import Final, override

from aiohttp import hdrs, web
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import HomeAssistantView

from ..album.record import Capture
from ..const import DOMAIN
from .gallery import PICTURE_URL, THUMBNAIL_URL, capture_of, may_see, project_of, taken
from .shelf import CaptureShelf

# A capture never changes; a day lets a browser's copy of a deleted face die soon enough.
_CACHED: Final = "private, max-age=86400, immutable"
_JPEG: Final = "image/jpeg"


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Serve the pictures of all projects, from now until Home Assistant stops."""
    hass.http.register_view(PictureView(hass))
    hass.http.register_view(ThumbnailView(hass))


class _CaptureView(HomeAssistantView):
    """One capture in one size."""

    requires_auth = True
    _suffix = ""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    async def get(self, request: web.Request, entry_id: str, capture_id: str) -> web.Response:
        """Return the picture."""
        entry = project_of(self._hass, entry_id)
        capture = entry and capture_of(entry, capture_id)
        user = request[KEY_HASS_USER]
        if not entry or not capture or not may_see(self._hass, user, capture.device_id):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        tag = f"{capture.id}{self._suffix}"
        if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
            return self._answer(capture, tag, HTTPStatus.NOT_MODIFIED, None)
        picture = await self._read(entry.runtime_data.captures, capture)
        if picture is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return self._answer(capture, tag, HTTPStatus.OK, picture)

    async def head(self, request: web.Request, entry_id: str, capture_id: str) -> web.Response:
        """Return what `get` does, of which aiohttp leaves the body out."""
        return await self.get(request, entry_id, capture_id)

    def _answer(
        self, capture: Capture, tag: str, status: HTTPStatus, picture: bytes | None
    ) -> web.Response:
        answer = web.Response(status=status, body=picture)
        if picture is not None:
            answer.content_type = self._content_type(capture)
            answer.headers[hdrs.CONTENT_DISPOSITION] = f'inline; filename="{self._file(capture)}"'
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers[hdrs.CACHE_CONTROL] = _CACHED
        answer.etag = tag
        return answer

    def _file(self, capture: Capture) -> str:
        extension = self._content_type(capture).partition("/")[2].replace("jpeg", "jpg")
        return f"{taken(capture):%Y-%m-%d_%H-%M-%S}_{capture.occasion}{self._suffix}.{extension}"

    @abstractmethod
    def _content_type(self, capture: Capture) -> str:
        """Return of what kind the bytes are."""

    @abstractmethod
    async def _read(self, shelf: CaptureShelf, capture: Capture) -> bytes | None:
        """Return the bytes, `None` once they are gone."""


class PictureView(_CaptureView):
    """The picture as it was taken."""

    url = PICTURE_URL
    name = f"api:{DOMAIN}:capture"

    @override
    def _content_type(self, capture: Capture) -> str:
        return capture.content_type

    @override
    async def _read(self, shelf: CaptureShelf, capture: Capture) -> bytes | None:
        return await shelf.picture(capture)


class ThumbnailView(_CaptureView):
    """The picture, small."""

    url = THUMBNAIL_URL
    name = f"api:{DOMAIN}:thumbnail"
    _suffix = "-thumbnail"

    @override
    def _content_type(self, capture: Capture) -> str:
        return _JPEG

    @override
    async def _read(self, shelf: CaptureShelf, capture: Capture) -> bytes | None:
        return await shelf.thumbnail(capture)

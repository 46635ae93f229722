"""Where Tuya's side fetches a picture: whatever is not served now is not found."""

from http import HTTPStatus

from aiohttp import hdrs, web
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import HomeAssistantView

from ..captures.gallery import projects
from ..const import DOMAIN
from .room import PATH, PictureRoom


@callback
def async_register_served_view(hass: HomeAssistant) -> None:
    """Serve the pictures of all projects, from now until Home Assistant stops."""
    hass.http.register_view(PictureView(hass))


class PictureView(HomeAssistantView):
    """One picture, for who knows its token."""

    url = f"{PATH}{{token}}.jpg"
    name = f"api:{DOMAIN}:served"
    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    async def get(self, _request: web.Request, token: str) -> web.Response:
        """Return the picture."""
        for room in self._rooms:
            if (picture := room.find(token)) is not None:
                room.fetched(picture)
                return _answer(HTTPStatus.OK, picture.jpeg)
        return _answer(HTTPStatus.NOT_FOUND)

    async def head(self, _request: web.Request, token: str) -> web.Response:
        """Tell whether there is one, which uses none of its fetches up."""
        found = any(room.find(token) for room in self._rooms)
        return _answer(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)

    @property
    def _rooms(self) -> list[PictureRoom]:
        parts = [entry.runtime_data for entry in projects(self._hass)]
        return [room for part in parts for room in (part.faces, part.pictures)]


def _answer(status: HTTPStatus, jpeg: bytes | None = None) -> web.Response:
    answer = web.Response(status=status, body=jpeg)
    if status == HTTPStatus.OK:
        answer.content_type = "image/jpeg"
    answer.headers[hdrs.CACHE_CONTROL] = "no-store"
    return answer

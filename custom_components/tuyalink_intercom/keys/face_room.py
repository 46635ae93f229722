"""Faces that Tuya's cloud may fetch now, each by an address that nobody can guess.

Tuya takes a face by its address only and cannot log in. A picture is held in memory while the
command about it runs, for a few fetches and minutes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import logging
import re
import secrets
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import http as ha_http
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.network import NoURLAvailableError, get_url

from ..api import CUSTOM
from ..connection import sleeper
from ..const import CONF_REGION, DOMAIN
from .pace import Pace

LONGEST: Final = 600.0
"""A face is served for at most so many seconds."""
FETCHES: Final = 5
MOST: Final = 10
"""Faces that are served at once."""
_BYTES: Final = 32
PATH: Final = f"/api/{DOMAIN}/face/"
_TOKEN: Final = re.compile(rf"({re.escape(PATH)})[^\s\"?#]+")
_LOGGERS: Final = (ha_http.__name__, "aiohttp.access")
"""Who writes the path of a request where a user switches that on; it is off in both."""


class _Mask(logging.Filter):
    """Leaves the tokens out of what is logged of requests."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if PATH in (message := record.getMessage()):
            record.msg, record.args = _TOKEN.sub(r"\1****", message), None
            # The access log hands on the parts of its line beside the line.
            for name in ("first_request_line", "request_header"):
                record.__dict__.pop(name, None)
        return True


@dataclass(slots=True, kw_only=True)
class ShownFace:
    """A picture that is served."""

    token: str = field(repr=False)
    url: str = field(repr=False)
    jpeg: bytes = field(repr=False)
    left: int = FETCHES
    forget: Callable[[], None] = field(repr=False, default=lambda: None)


class FaceRoom:
    """The faces of one project that are served now."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, now: Callable[[], float]) -> None:
        self._hass = hass
        self._entry = entry
        self.pace = Pace(now, sleeper(hass))
        self._shown: dict[str, ShownFace] = {}
        self._mask = _Mask()

    @property
    def served(self) -> int:
        """How many are served."""
        return len(self._shown)

    @callback
    def start(self) -> None:
        """Serve until the entry is unloaded; until then no token is logged, dead or alive."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._mask)
        self._entry.async_on_unload(self._close)

    @callback
    def show(self, jpeg: bytes) -> ShownFace:
        """Serve a picture; HomeAssistantError if nobody could reach it, or too many are served."""
        if len(self._shown) >= MOST:
            raise _unable("faces_busy")
        token = secrets.token_hex(_BYTES)
        face = ShownFace(token=token, url=f"{self._base()}{PATH}{token}.jpg", jpeg=jpeg)
        job = HassJob[[object], None](lambda _now: self.end(face), cancel_on_shutdown=True)
        face.forget = async_call_later(self._hass, LONGEST, job)
        self._shown[token] = face
        return face

    @callback
    def end(self, face: ShownFace) -> None:
        """Serve it no more."""
        if self._shown.pop(face.token, None) is not None:
            face.forget()

    def find(self, token: str) -> ShownFace | None:
        """Return what is served under a token."""
        return self._shown.get(token)

    @callback
    def fetched(self, face: ShownFace) -> None:
        """Count a fetch; after the last one the address is dead."""
        face.left -= 1
        if face.left <= 0:
            self.end(face)

    def _base(self) -> str:
        # A private cloud may stand in the same house.
        private = self._entry.data[CONF_REGION] == CUSTOM
        try:
            return get_url(
                self._hass, allow_internal=private, prefer_external=True, require_ssl=not private
            )
        except NoURLAvailableError:
            raise _unable("faces_no_address") from None

    def _close(self) -> None:
        for face in [*self._shown.values()]:
            self.end(face)
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._mask)


def _unable(key: str) -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)

"""Pictures that Tuya's side may fetch now, each by an address that nobody can guess.

Tuya takes a picture by its address only and cannot log in. It is held in memory for a few fetches
and minutes, or until who shows it ends that.
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
from ..const import CONF_REGION, DOMAIN

LONGEST: Final = 600.0
"""A picture is served for at most so many seconds."""
_BYTES: Final = 32
PATH: Final = f"/api/{DOMAIN}/served/"
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
class ServedPicture:
    """A picture that is served."""

    token: str = field(repr=False)
    url: str = field(repr=False)
    jpeg: bytes = field(repr=False)
    left: int
    forget: Callable[[], None] = field(repr=False, default=lambda: None)


class PictureRoom:
    """The pictures of one project that are served now, for one purpose.

    `most`: of them at once. `fetches`: after so many the address of one is dead.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, *, most: int, fetches: int) -> None:
        self._hass = hass
        self._entry = entry
        self._most = most
        self._fetches = fetches
        self._shown: dict[str, ServedPicture] = {}
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
    def show(self, jpeg: bytes) -> ServedPicture:
        """Serve a picture; HomeAssistantError if nobody could reach it, or too many are served."""
        if len(self._shown) >= self._most:
            raise _unable("pictures_busy")
        token = secrets.token_hex(_BYTES)
        url = f"{self._base()}{PATH}{token}.jpg"
        picture = ServedPicture(token=token, url=url, jpeg=jpeg, left=self._fetches)
        job = HassJob[[object], None](lambda _now: self.end(picture), cancel_on_shutdown=True)
        picture.forget = async_call_later(self._hass, LONGEST, job)
        self._shown[token] = picture
        return picture

    @callback
    def end(self, picture: ServedPicture) -> None:
        """Serve it no more."""
        if self._shown.pop(picture.token, None) is not None:
            picture.forget()

    def find(self, token: str) -> ServedPicture | None:
        """Return what is served under a token."""
        return self._shown.get(token)

    @callback
    def fetched(self, picture: ServedPicture) -> None:
        """Count a fetch; after the last one the address is dead."""
        picture.left -= 1
        if picture.left <= 0:
            self.end(picture)

    def _base(self) -> str:
        # A private cloud may stand in the same house.
        private = self._entry.data[CONF_REGION] == CUSTOM
        try:
            return get_url(
                self._hass, allow_internal=private, prefer_external=True, require_ssl=not private
            )
        except NoURLAvailableError:
            raise _unable("pictures_no_address") from None

    def _close(self) -> None:
        for picture in [*self._shown.values()]:
            self.end(picture)
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._mask)


def _unable(key: str) -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)

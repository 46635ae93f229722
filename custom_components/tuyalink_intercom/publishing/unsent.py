"""What happened at a published door and Tuya was not told yet: a crash does not lose it.

Most is told within a second: only what is not is written, and again when it was.
"""

from collections.abc import Callable, Iterable
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import DOMAIN
from ..kept.publications import Publications
from ..model.happenings import Happening

SOON: Final = 5.0
"""What waits for longer (s) is written."""


class Unsent:
    """The unsent happenings of one door on disk; `waiting` tells those that wait."""

    def __init__(
        self,
        hass: HomeAssistant,
        publications: Publications,
        third_id: str,
        waiting: Callable[[], Iterable[Happening]],
    ) -> None:
        self._hass = hass
        self._publications = publications
        self._third_id = third_id
        self._waiting = waiting
        self._timer: CALLBACK_TYPE | None = None
        self._job = HassJob(self._due, f"{DOMAIN} unsent", cancel_on_shutdown=True)
        self._begun = False

    @callback
    def begin(self) -> tuple[Happening, ...]:
        """Return what waited when Home Assistant ended, however it did: from now on that waits."""
        self._begun = True
        return self._publications.unsent(self._third_id)

    @callback
    def more(self) -> None:
        """Something happened: look soon whether it still waits."""
        if self._timer is None:
            self._timer = async_call_later(self._hass, SOON, self._job)

    @callback
    def fewer(self) -> None:
        """Something was told, or is given up: what is on disk must not be told again."""
        if self._publications.unsent(self._third_id):
            self._write()

    @callback
    def end(self) -> None:
        """Write what waits at the end."""
        if self._timer is not None:
            self._timer()
            self._timer = None
        if self._begun:
            self._write()

    @callback
    def _due(self, _now: object) -> None:
        self._timer = None
        self._write()

    def _write(self) -> None:
        self._publications.leave_unsent(self._third_id, self._waiting())

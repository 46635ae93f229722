"""The newest picture of a published door, where Tuya's app can fetch it for some minutes.

Only of the entity that the user chose for it: an image when it has a new one, a camera when
somebody rings. Served by an address that nobody can guess.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
    split_entity_id,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..model.publication import Part, Publication, Role, Value
from ..served.room import PictureRoom, ServedPicture
from ..served.stills import async_of_entity, async_still
from .hearing import NOTHING
from .own import is_own

_UNKNOWN: Final = "failed"


class Pictures:
    """Shows the pictures of one published door while its entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        publication: Publication,
        *,
        report: Callable[[Mapping[str, Value]], None],
        room: Callable[[], PictureRoom],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._code = publication.code(Role.PICTURE)
        self._entity_id = publication.entity(Part.PICTURE)
        self._report = report
        self._room = room
        self._shown: ServedPicture | None = None
        self._last = dt_util.utcnow()
        """The time of the newest picture that is known."""
        self._wanted = self._busy = False
        self._counts: Counter[str] = Counter()

    @property
    def _platform(self) -> str | None:
        if self._entity_id is None or is_own(self._hass, self._entry, self._entity_id):
            return None
        return split_entity_id(self._entity_id)[0]

    @callback
    def watch(self) -> Callable[[], None]:
        """Show what comes from now on; returns what ends it."""
        if self._entity_id is None or self._platform != Platform.IMAGE:
            return lambda: None
        # One that comes back with an old picture after the start has none that is new.
        self._last = _taken(self._hass.states.get(self._entity_id)) or dt_util.utcnow()
        return async_track_state_change_event(self._hass, [self._entity_id], self._changed)

    @callback
    def rang(self) -> None:
        """Somebody stands before the camera."""
        if self._platform == Platform.CAMERA:
            self._want()

    def as_told(self) -> dict[str, int]:
        """Return how many were shown, and why others were not, for diagnostics."""
        return dict(self._counts)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        """Look for a new picture: the entity's state is the time of its picture."""
        time = _taken(event.data["new_state"])
        if time is not None and time > self._last:
            self._last = time
            self._want()

    def _want(self) -> None:
        self._wanted = True
        if not self._busy:
            self._busy = True
            self._entry.async_create_background_task(
                self._hass, self._work(), f"{DOMAIN} published picture"
            )

    async def _work(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._show()
        finally:
            self._busy = False

    async def _show(self) -> None:
        try:
            data = await async_of_entity(self._hass, self._entity_id or "")
            jpeg = await async_still(self._hass, data)
            # The one before makes room: there is little, and who looks wants the newest.
            if self._shown is not None:
                self._room().end(self._shown)
            self._shown = self._room().show(jpeg)
        except HomeAssistantError as error:
            self._counts[error.translation_key or _UNKNOWN] += 1
            return
        self._counts["shown"] += 1
        if self._code is not None:
            self._report({self._code: self._shown.url})


def _taken(state: State | None) -> datetime | None:
    if state is None or state.state in NOTHING:
        return None
    time = dt_util.parse_datetime(state.state)
    return None if time is None else dt_util.as_utc(time)

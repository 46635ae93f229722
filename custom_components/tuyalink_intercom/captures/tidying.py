"""Tidying the shelf: what became too old, and what devices left behind.

A device that is missing from one list may be back in the next: Tuya answers with short lists
while an app account is linked anew, and pictures cannot be had again. So nothing is deleted
because of a failed poll or an empty list, nor before a device was missing for long.
"""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.signs import Poll
from .shelf import CaptureShelf

_NAME: Final = f"{DOMAIN} pictures"
EVERY: Final = timedelta(hours=1)
MISSED_POLLS: Final = 3
"""After so many lists in a row without a device its captures go,"""
MISSED_FOR: Final = 3600.0
"""if that has lasted so long (s)."""


async def async_open_shelf(
    hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
) -> CaptureShelf:
    """Return the shelf of a project, with what is kept, and keep it tidy until the entry goes."""
    shelf = CaptureShelf(hass, entry, coordinator)
    await shelf.load()
    Tidying(hass, entry, coordinator, shelf).start()
    return shelf


class Tidying:
    """Keeps the shelf of one project tidy while the entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        shelf: CaptureShelf,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._shelf = shelf
        self._missing: dict[str, list[float]] = {}
        """When a device was not in the list, the first times of it."""

    @callback
    def start(self) -> None:
        """Tidy from now on; ends with the entry."""
        self._entry.async_on_unload(self._coordinator.watch_polls(self._polled))
        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass, self._tidy, EVERY, name=_NAME, cancel_on_shutdown=True
            )
        )

    @callback
    def _tidy(self, _now: datetime) -> None:
        # Not a background task: one that deletes is waited for when the entry goes.
        self._entry.async_create_task(self._hass, self._shelf.tidy(), _NAME)

    @callback
    def _polled(self, poll: Poll) -> None:
        listed = self._coordinator.inventory.names.keys()
        if not listed:
            return
        gone = self._shelf.device_ids - listed
        self._missing = {
            key: [*self._missing.get(key, ()), poll.time][:MISSED_POLLS] for key in gone
        }
        for key, times in self._missing.items():
            if len(times) >= MISSED_POLLS and poll.time - times[0] >= MISSED_FOR:
                self._shelf.forget_device(key)

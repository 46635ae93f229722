"""History on its way to Home Assistant's bus: kept over restarts, told in the order of time.

Each moment becomes one `tuyalink_intercom_history` event that carries its own time.
"""

from collections import Counter

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..chronicle import as_event_data
from ..const import EVENT_HISTORY
from ..kept.remembered import RememberedFacts
from ..model.state import Device
from ..telling import Telling

MOST = 1000
"""Moments told at a time: of more nobody would read the oldest."""


class Untold:
    """The moments of one project that wait to be told."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, remembered: RememberedFacts
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._remembered = remembered
        self.counts: Counter[str] = Counter()
        """Moments that were told, and those that were dropped as too many."""

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._remembered.untold)

    @callback
    def add(self, device: Device, told: Telling) -> None:
        """Let a moment wait."""
        data = as_event_data(self._hass, self._entry, device, told)
        if told.key == "access":
            self._replace(told.attributes["event_id"])
        self._remembered.untold.append({"time": told.time, "data": data})
        if len(self) >= 2 * MOST:
            self._sort()
        self._remembered.history_changed()

    @callback
    def tell(self) -> None:
        """Tell everything that waits."""
        self._sort()
        for moment in self._remembered.untold:
            self._hass.bus.async_fire(EVENT_HISTORY, moment["data"], time_fired=moment["time"])
        self.counts["told"] += len(self)
        self._remembered.untold.clear()
        self._remembered.history_changed()

    def _replace(self, event_id: str) -> None:
        """Forget a passage that waits: word of duress made another event of it."""
        for moment in self._remembered.untold:
            if moment["data"]["event_id"] == event_id and moment["data"]["key"] == "access":
                self._remembered.untold.remove(moment)
                return

    def _sort(self) -> None:
        """Put the newest last, and forget the oldest if they are too many."""
        untold = self._remembered.untold
        untold.sort(key=lambda one: one["time"])
        self.counts["dropped"] += max(0, len(untold) - MOST)
        del untold[:-MOST]

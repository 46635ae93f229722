"""Notices that this computer's clock was set, and has the cloud's clock read anew.

The age of a ring is judged by the cloud's clock, which is known as an offset to our own. A
computer without a battery gets its time from the network minutes after its start: until the
offset is measured again, every ring would look as old as the step is long.
"""

from datetime import datetime, timedelta
import time

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import TuyaLinkCoordinator

_EVERY = timedelta(minutes=1)
_STEP = 5.0
"""Smaller corrections (s) make no ring old."""


class ClockWatch:
    """Compares the clock with the time that has passed, while the entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._began = began()

    @callback
    def start(self) -> None:
        """Watch until the entry is unloaded."""
        self._entry.async_on_unload(
            async_track_time_interval(self._hass, self._look, _EVERY, cancel_on_shutdown=True)
        )

    @callback
    def _look(self, _now: datetime) -> None:
        before, self._began = self._began, began()
        if abs(self._began - before) >= _STEP:
            self._entry.async_create_task(
                self._hass, self._coordinator.async_request_refresh(), f"{DOMAIN} clock"
            )


def began() -> float:
    """Return when time began to pass, by the clock: the same as long as nobody sets it."""
    return dt_util.utcnow().timestamp() - time.monotonic()

"""The clock of calls: ends by time what no device tells the end of.

One timer per project, for the call that is next; what it ends goes the way of any message.
"""

from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .coordinator import TuyaLinkCoordinator
from .model.timeouts import next_end, timed_out

_AT_LEAST = 2.0
"""A ring from the backlog may be followed at once by what became of its call (s)."""
_EARLY = 0.5
"""The cloud's clock is known only this well (s): a call due by then is due."""


class CallClock:
    """Watches the calls of a project while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._job = HassJob(self._rang_out, "tuyalink_intercom call", cancel_on_shutdown=True)
        self._end: float | None = None
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Watch until the entry is unloaded."""
        self._entry.async_on_unload(self._stop)
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._wind))
        self._wind()

    @callback
    def _wind(self) -> None:
        end = next_end(self._coordinator.data)
        if end == self._end:
            return
        self._stop()
        if end is not None:
            self._end = end
            seconds = max(end - self._coordinator.cloud.now(), _AT_LEAST)
            self._cancel = async_call_later(self._hass, seconds, self._job)

    @callback
    def _rang_out(self, _now: datetime) -> None:
        # Clocks are set now and then; what was waited for is over all the same.
        now = max(self._coordinator.cloud.now() + _EARLY, self._end or 0.0)
        self._end = self._cancel = None
        for changes in timed_out(self._coordinator.data, now):
            self._coordinator.take(changes)
        self._wind()

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self._end = self._cancel = None

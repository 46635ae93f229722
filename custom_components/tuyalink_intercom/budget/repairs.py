"""Repairs about the budget: where the month is heading, what Tuya refuses, when a trial ends.

Each closes itself: at the next success, with a better forecast, or when the date is moved.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.util import dt as dt_util

from ..api import Called, Reason
from ..const import CONF_TRIAL_END
from ..coordinator import TuyaLinkCoordinator
from ..issues import async_close, async_close_hint, async_raise
from ..model.budget import ALLOWED, DAY, Billed, is_over, pot_share
from .account import Budget

WARN_BEFORE: Final = timedelta(days=7)
_POOL_FOR: Final = DAY
"""Owners report that Tuya gives a place in the pool back after about a day (s)."""
_CONSOLE: Final = "setting-up-tuyas-console"
_ACCOUNT: Final = "the-months-account"

_PROJECT: Final = frozenset({"project"})
_COURSE: Final = frozenset({"project", "used", "forecast", "allowed", "device", "share", "pot"})
_DATE: Final = frozenset({"project", "date"})
_TOO_MANY: Final[Mapping[Billed, str]] = {
    Billed.CALLS: "too_many_calls",
    Billed.MESSAGES: "too_many_messages",
}
_STOPPED: Final[Mapping[Reason, str]] = {
    Reason.QUOTA_USED_UP: "stopped_quota_used_up",
    Reason.PLAN_EXPIRED: "stopped_plan_expired",
    Reason.PLAN_MISSING: "stopped_plan_missing",
    Reason.PLAN_UNPAID: "stopped_plan_unpaid",
    Reason.API_EXPIRED: "stopped_api_expired",
    Reason.API_NOT_AUTHORIZED: "stopped_api_not_authorized",
    Reason.API_NOT_SUBSCRIBED: "stopped_api_not_subscribed",
    Reason.DATA_CENTER_SUSPENDED: "stopped_data_center_suspended",
}
_POOL: Final = "device_pool_used_up"
_ENDS, _ENDED = "trial_ends", "trial_ended"
ISSUES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(_TOO_MANY.values(), _COURSE),
    **dict.fromkeys(_STOPPED.values(), _PROJECT),
    _POOL: _PROJECT,
    _ENDS: _DATE,
    _ENDED: _DATE,
}
"""Every repair that may be raised here, and what its words name."""


class BudgetRepairs:
    """Watches over the account of an entry, from before its first call to its unload."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        budget: Budget,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._budget = budget
        self._raised: set[str] = set()
        self._pool: tuple[str, str | None] | None = None
        self._pool_until = 0.0

    @callback
    def start(self) -> None:
        """Count and watch until the entry is unloaded; set-up may fail meanwhile."""
        unload = self._entry.async_on_unload
        self._coordinator.cloud.on_call = self._called
        self._coordinator.polling.breaker.told = self._tried
        # What made a set-up fail has to stay on the wall, until the project is unloaded.
        self._coordinator.polling.breaker.left = self._left
        unload(self._coordinator.watch(self._budget.arrived))
        unload(self._budget.listen(self._foresee))
        if self._trial_end is not None:
            unload(
                async_track_time_interval(
                    self._hass, self._look_at_trial, timedelta(days=1), cancel_on_shutdown=True
                )
            )
        self._look_at_trial()

    @callback
    def _called(self, call: Called) -> None:
        self._budget.called(call)
        if call.reason is Reason.DEVICE_POOL_USED_UP:
            self._pool, self._pool_until = (call.call, call.device_id), self._now() + _POOL_FOR
            self._raise(_POOL, IssueSeverity.WARNING, {})
        elif call.reason is None and (call.call, call.device_id) == self._pool:
            self._close_pool()

    @callback
    def _left(self) -> None:
        for key in ISSUES:
            self._close(key)

    def _close_pool(self) -> None:
        self._pool = None
        self._close(_POOL)

    @callback
    def _tried(self) -> None:
        """Show why polling stands still, or nothing once it goes on."""
        error = self._coordinator.polling.breaker.error
        shown = None if error is None else _STOPPED.get(error.reason)
        for key in _STOPPED.values():
            if key != shown:
                self._close(key)
        if shown is not None:
            self._raise(shown, IssueSeverity.ERROR, {})

    @callback
    def _foresee(self) -> None:
        """Warn of a month that will end beyond a trial's allowance."""
        if self._pool is not None and self._now() >= self._pool_until:
            self._close_pool()
        for billed, key in _TOO_MANY.items():
            told = key in self._raised
            going, allowed = self._budget.course(billed), ALLOWED[billed]
            if is_over(going, allowed, self._budget.watched, told=told):
                self._raise(key, IssueSeverity.WARNING, self._course(billed))
            else:
                self._close(key)

    def _course(self, billed: Billed) -> dict[str, str]:
        going = self._budget.course(billed)
        device, share = self._budget.noisiest(billed) or ("", 0.0)
        pot = pot_share(self._budget.calls.forecast, self._budget.messages.forecast)
        return {
            "used": f"{_rounded(going.used):,}",
            "forecast": f"{_rounded(going.forecast):,}",
            "allowed": f"{ALLOWED[billed]:,}",
            "device": self._coordinator.inventory.names.get(device) or device or "-",
            "share": f"{share:.0%}",
            "pot": f"{pot:.0%}",
        }

    @property
    def _trial_end(self) -> date | None:
        """The day on which the trial ends, as the user said."""
        return dt_util.parse_date(self._entry.options.get(CONF_TRIAL_END) or "")

    @callback
    def _look_at_trial(self, _now: datetime | None = None) -> None:
        end, today = self._trial_end, dt_util.now().date()
        shown = None
        if end is not None and today >= end - WARN_BEFORE:
            shown = _ENDED if today > end else _ENDS
        for key in (_ENDS, _ENDED):
            if key != shown:
                self._close(key)
        if shown is not None and end is not None:
            self._raise(shown, IssueSeverity.WARNING, {"date": end.isoformat()})

    def _now(self) -> float:
        return self._coordinator.cloud.now()

    def _raise(self, key: str, severity: IssueSeverity, told: Mapping[str, str]) -> None:
        self._raised.add(key)
        chapter = _ACCOUNT if key in _TOO_MANY.values() else _CONSOLE
        async_raise(self._hass, self._entry, key, told=told, chapter=chapter, severity=severity)

    def _close(self, key: str) -> None:
        self._raised.discard(key)
        close = async_close_hint if key in _TOO_MANY.values() else async_close
        close(self._hass, self._entry, key)


def _rounded(count: int) -> int:
    """Keep two digits: what is told must not change every minute."""
    return int(float(f"{count:.2g}"))

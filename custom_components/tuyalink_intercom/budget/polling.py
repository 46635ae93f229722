"""When to ask the cloud: as often as the month allows, and not at all while Tuya refuses all.

Decides only; the coordinator asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import callback

from ..api import Reason, TuyaError
from ..model.budget import ALLOWED, PLANS, Billed, Demand, Pace, is_over, pace
from ..model.health import Rung
from ..model.state import AccessState
from .account import Budget

_HOUR: Final = 3600.0
TRY_AGAIN: Final[Mapping[Reason, float]] = {
    # A month's end or a larger plan cures it; every try may cost again.
    Reason.QUOTA_USED_UP: 6 * _HOUR,
    # Cured by hand in Tuya's console; whoever did it reloads, the others wait.
    Reason.PLAN_EXPIRED: 12 * _HOUR,
    Reason.PLAN_UNPAID: 12 * _HOUR,
    Reason.PLAN_MISSING: _HOUR,
    Reason.API_EXPIRED: _HOUR,
    Reason.API_NOT_AUTHORIZED: _HOUR,
    Reason.API_NOT_SUBSCRIBED: _HOUR,
    Reason.DATA_CENTER_SUSPENDED: _HOUR,
}
"""Refusals that concern the project as a whole and last: seconds until the next try."""


@dataclass(slots=True)
class Breaker:
    """Keeps polls from being made while Tuya refuses all; the queue has another door."""

    error: TuyaError | None = None
    """The refusal of the last try, `None` if it succeeded."""
    next_try: float = 0.0
    """Unix seconds by the cloud's clock."""
    told: Callable[[], None] | None = None
    """Called after every try."""
    left: Callable[[], None] | None = None
    """Called when the project is unloaded, after a failed set-up too."""

    def holding(self, now: float) -> TuyaError | None:
        """Return the refusal for whose sake nothing is to be asked now."""
        return self.error if now < self.next_try else None

    def tried(self, error: TuyaError | None, now: float) -> bool:
        """Take in how a try ended; tell whether its refusal concerns all there is to ask."""
        wait = None if error is None else TRY_AGAIN.get(error.reason)
        if wait is None and error is not None:
            # Nothing is said about the project: it goes on as it was, and is asked again soon.
            return False
        self.error, self.next_try = error, now + (wait or 0.0)
        if self.told is not None:
            self.told()
        return wait is not None

    def forget(self) -> None:
        """Ask again at once: a user has reloaded the project, or changed its options."""
        if self.left is not None:
            self.left()
        self.error, self.next_try, self.told, self.left = None, 0.0, None, None


_BREAKERS: WeakKeyDictionary[ConfigEntry, Breaker] = WeakKeyDictionary()


def breaker_of(entry: ConfigEntry) -> Breaker:
    """Return the one breaker of an entry, which outlives its failed set-ups.

    Home Assistant retries those every ten minutes at least, each with parts made anew, while a
    used-up quota is asked for every six hours.
    """
    if (known := _BREAKERS.get(entry)) is not None:
        return known
    breaker = _BREAKERS[entry] = Breaker()

    @callback
    def changed() -> None:
        # A retry of Home Assistant's own does not pass through this state.
        if entry.state is ConfigEntryState.NOT_LOADED:
            breaker.forget()

    entry.async_on_state_change(changed)
    return breaker


class Polling:
    """The pace of one project."""

    def __init__(self, budget: Budget, breaker: Breaker) -> None:
        self._budget = budget
        self.breaker = breaker
        self._read_at = 0.0

    def pace(self, rung: Rung, state: AccessState, skipped: int, now: float) -> Pace:
        """Return how often to ask; `skipped` devices are listed, but make no sense."""
        custom = _custom(state)
        ours = len(state.devices)
        listed = ours + len(state.others) + skipped
        demand = Demand(listed=listed, standard=ours - custom, custom=custom)
        return pace(rung, demand, self._budget.calls_this_month, now)

    def running_out(self, *, told: bool) -> bool:
        """Tell whether the month's calls will not last, so that what can wait should.

        `told`: whether that was said before; it is not taken back at once.
        """
        budget = self._budget
        return is_over(budget.calls, ALLOWED[Billed.CALLS], budget.watched, told=told)

    def shadows_due(self, interval: float, now: float) -> bool:
        """Tell whether to read the values that only the shadow tells, a call each."""
        return now - self._read_at >= interval

    def shadows_read(self, now: float) -> None:
        """Remember when they were read."""
        self._read_at = now

    def as_told(self) -> dict[str, Any]:
        """Return what keeps polls from being made, for diagnostics."""
        error = self.breaker.error
        return {"stopped_by": error and str(error), "next_try": self.breaker.next_try}

    def back(self, state: AccessState, now: float) -> None:
        """Push is back: what happened meanwhile is only known by asking.

        Unless it was asked a moment ago: a line that flickers must not cost a round each time.
        """
        if now - self._read_at >= PLANS[Rung.DOWN].shadow_interval(_custom(state)):
            self._read_at = 0.0


def _custom(state: AccessState) -> int:
    """Count the devices of whose values only the shadow tells all."""
    return sum(device.codes.custom for device in state.devices.values())

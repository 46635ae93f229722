"""Asking the cloud, some seconds after something happened, for what its message left out.

What waits is asked for in one call. Calls are bounded, as each counts towards the project's
quota; a cloud that refuses, or never knows anything, is left alone for hours.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, CoreState, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import TuyaConnectionError, TuyaError
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator

_LOGGER = logging.getLogger(__name__)

_ENDING = frozenset({CoreState.stopping, CoreState.final_write, CoreState.stopped})
_WAITING = 50
_PAUSE = 600.0
"""While Tuya refuses everything it is looked this often (s) whether it still does."""
_TOO_LATE = 3600.0
"""What waited longer (s), because calls are limited, is not asked for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How often may be asked."""

    tries: tuple[float, ...]
    """Seconds after the first and each further try at which is asked (again)."""
    at_most: tuple[tuple[int, float], ...]
    """So many calls within so many seconds."""
    apart: float = 10.0
    in_vain: int = 5
    """After so many in a row of which the cloud knew nothing it is left alone for a while."""
    rest: float = 6 * 3600.0
    """How long (s) it is left alone then, or when it refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted[T]:
    what: T
    due: float
    tries: int = 0
    known: bool = False
    """Whether the cloud knows of it, though not what is wanted."""


class Inquiry[T]:
    """Asks for things by name until it has them, or they are not to be had."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        name: str,
        bounds: Bounds,
        ask: Callable[[Mapping[str, T]], Awaitable[None]],
    ) -> None:
        """`ask` makes one call for all that is wanted and may raise `TuyaError`."""
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._name = f"{DOMAIN} {name}"
        self._bounds = bounds
        self._ask = ask
        self._waiting: dict[str, _Wanted[T]] = {}
        self._asked: deque[float] = deque(maxlen=max(most for most, _ in bounds.at_most))
        self._not_before = 0.0
        self._in_vain = 0
        self._asking = False
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self._due, self._name, cancel_on_shutdown=True)

    @property
    def rests(self) -> bool:
        """Whether the cloud is left alone, because it refused or knew nothing."""
        return self._now() < self._not_before

    @callback
    def want(self, key: str, what: T) -> None:
        """Ask for something soon; what waits already keeps its turn."""
        if key in self._waiting or self.rests:
            return
        self._waiting[key] = _Wanted(what=what, due=self._now() + self._bounds.tries[0])
        while len(self._waiting) > _WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._wind()

    @callback
    def answered(self) -> None:
        """Note that the cloud knows something: it is worth asking."""
        self._in_vain = 0

    @callback
    def has(self, key: str) -> None:
        """Ask no more for something: it is there."""
        self._waiting.pop(key, None)

    @callback
    def once_more(self, key: str) -> None:
        """Ask one last time for what the cloud knows of, but has not got yet."""
        if (one := self._waiting.get(key)) is not None:
            tries = max(one.tries, len(self._bounds.tries) - 2)
            self._waiting[key] = replace(one, tries=tries, known=True)

    @callback
    def stop(self) -> None:
        """Ask for nothing more."""
        self._waiting.clear()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _now(self) -> float:
        return self._coordinator.cloud.now()

    @callback
    def _wind(self) -> None:
        """Wait for the next call, unless one is under way or waited for."""
        if self._waiting and not self._asking and self._cancel is None:
            first = min(wanted.due for wanted in self._waiting.values())
            delay = max(first, *self._allowed()) - self._now()
            self._cancel = async_call_later(self._hass, max(delay, 0.0), self._job)

    def _allowed(self) -> Iterator[float]:
        """Yield the times before which there may be no other call."""
        if self._coordinator.asking_is_vain:
            yield self._now() + _PAUSE
        yield self._asked[-1] + self._bounds.apart if self._asked else 0.0
        for most, seconds in self._bounds.at_most:
            yield self._asked[-most] + seconds if len(self._asked) >= most else 0.0

    @callback
    def _due(self, _now: datetime) -> None:
        self._cancel = None
        # Home Assistant's shutdown overlooks the timers of `async_call_later`.
        if self._hass.state in _ENDING:
            return
        if self._coordinator.asking_is_vain:
            self._wind()
            return
        self._asking = True
        self._entry.async_create_background_task(self._hass, self._ask_now(), self._name)

    async def _ask_now(self) -> None:
        asked = self._now()
        self._waiting = {
            key: one for key, one in self._waiting.items() if asked - one.due < _TOO_LATE
        }
        wanted = {key: one.what for key, one in self._waiting.items()}
        if wanted:
            self._asked.append(asked)
            await self._ask_for(wanted, asked)
        self._asking = False
        self._wind()

    async def _ask_for(self, wanted: Mapping[str, T], asked: float) -> None:
        try:
            await self._ask(wanted)
        except TuyaConnectionError:
            self._later(wanted, asked, vain=False)
        except TuyaError as error:
            _LOGGER.debug("%s is not to be had: %s", self._name, error)
            self._leave()
        else:
            self._later(wanted, asked, vain=True)

    def _later(self, wanted: Iterable[str], asked: float, *, vain: bool) -> None:
        """Ask again for what the cloud did not tell yet, some times."""
        tries = self._bounds.tries
        for key in wanted:
            one = self._waiting.get(key)
            if one is None or one.due > asked:
                continue
            done = one.tries + 1
            if done < len(tries):
                self._waiting[key] = replace(one, tries=done, due=asked + tries[done])
            else:
                del self._waiting[key]
                self._in_vain += vain and not one.known
        if self._in_vain >= self._bounds.in_vain:
            self._leave()

    def _leave(self) -> None:
        self._waiting.clear()
        self._in_vain = 0
        self._not_before = self._now() + self._bounds.rest

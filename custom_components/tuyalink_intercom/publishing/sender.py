"""What a published door tells Tuya: one call at a time, in order, until Tuya has taken it.

What is told when is `model.outbox`; here it meets the cloud, Home Assistant's timers and the end.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import Reason, TuyaConnectionError, TuyaError
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.happenings import ActionAnswer, Happening
from ..model.outbox import Outbox
from ..model.publication import Value
from ..model.sendables import Sendable
from ..model.thing_model import ThingModel
from .dispatch import (
    DOING,
    command_is_over,
    dispatch,
    fate_of,
    fitted,
    is_address,
    is_for_a_person,
)
from .troubles import Doing

_LOGGER = logging.getLogger(__name__)

_LOOK_AGAIN: Final = 60.0
"""While Tuya refuses everything it is looked this often (s) whether it still does."""
_LAST_WORD: Final = 3.0
"""So long (s) Home Assistant's end may wait for Tuya to hear of it."""


class Sender:
    """Sends for one published door while its entry is loaded; without a device id nothing yet.

    `urgent`: codes that do not wait when calls are to be saved. `refused` is told of every refusal
    that trying again does not cure, `accepted` of everything that Tuya took.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        coordinator: TuyaLinkCoordinator,
        device_id: str,
        *,
        model: Callable[[], ThingModel],
        urgent: frozenset[str] = frozenset(),
        refused: Callable[[TuyaError, Doing], None] = lambda _error, _doing: None,
        accepted: Callable[[Doing], None] = lambda _doing: None,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._cloud = coordinator.cloud
        self._device_id = device_id
        self._model = model
        self._refused = refused
        self._accepted = accepted
        self._outbox = Outbox(urgent)
        self._task: asyncio.Task[None] | None = None
        self._timer: CALLBACK_TYPE | None = None
        self._job = HassJob(self._due, f"{DOMAIN} published", cancel_on_shutdown=True)
        self._said: tuple[Reason, int | None] | None = None
        self._closed = False
        entry.async_on_unload(self._unloaded)

    @property
    def told_online(self) -> bool | None:
        """What Tuya was last told of the door being there; `None`: nothing yet, or not for sure."""
        return self._outbox.told_online

    @property
    def told(self) -> Mapping[str, Value]:
        """The values that Tuya has taken, by code; one may be an address that is a secret."""
        return self._outbox.values.told

    @property
    def refused_codes(self) -> frozenset[str]:
        """Codes of properties and events that Tuya does not take."""
        return frozenset(self._outbox.refused_events).union(self._outbox.values.refused)

    @property
    def unsent(self) -> tuple[Happening, ...]:
        """What happened and Tuya has not taken, the oldest first."""
        return self._outbox.unsent

    @callback
    def be(self, *, online: bool, again: bool = False) -> None:
        """Say whether the door is there; `again`: even if Tuya was told so."""
        self._outbox.be(self._now(), online=online, again=again)
        self._look()

    @callback
    def report(self, values: Mapping[str, Value], *, force: bool = False) -> None:
        """Say what the properties are; what Tuya knows already is not sent unless forced."""
        self._outbox.values.wish(fitted(self._model(), values), self._now(), force=force)
        self._look()

    @callback
    def report_points(self, values: Mapping[int, Value]) -> None:
        """Say what data points are, as a command by number is answered."""
        self._outbox.report_points(values, self._now())
        self._look()

    @callback
    def learn(self, values: Mapping[str, Value]) -> None:
        """Take in what Tuya was found to hold: what differs goes out with the next report."""
        self._outbox.values.learn(values)

    @callback
    def tell(self, happening: Happening) -> None:
        """Say what happened."""
        self._outbox.tell(happening, self._now())
        self._look()

    @callback
    def hand_on(self, happenings: Iterable[Happening]) -> None:
        """Say what happened before and still waits."""
        for happening in happenings:
            self._outbox.keep(happening)
        self._look()

    @callback
    def answer(self, answer: ActionAnswer) -> None:
        """Answer an action, before anything else."""
        self._outbox.answer(answer, self._now())
        self._look()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Send no properties while a command is carried out: what it comes to is told once."""
        self._outbox.held += 1
        try:
            yield
        finally:
            self._outbox.held -= 1
            self._look()

    @callback
    def retry(self) -> None:
        """Try everything now: somebody has mended something."""
        self._outbox.mended(self._now())
        self._look()

    async def close(self, *, away: bool) -> None:
        """Send nothing more, but, if `away`, that the door is: Tuya has seconds to hear of it."""
        task = self._end()
        if task is not None:
            with suppress(asyncio.CancelledError):
                await task
        nobody = not self._device_id or self._coordinator.asking_is_vain
        if not away or nobody or self.told_online is False:
            return
        self._outbox.told_online = False
        try:
            async with asyncio.timeout(_LAST_WORD):
                await self._cloud.cloud_to_cloud.offline(self._device_id)
        except (TimeoutError, TuyaError) as error:
            _LOGGER.debug("Tuya does not know that a door went away: %s", type(error).__name__)

    def as_told(self) -> dict[str, Any]:
        """Return what was told and what waits, for diagnostics; addresses are secrets."""
        return {
            "online": self.told_online,
            "told": {code: _shown(value) for code, value in self.told.items()},
            "waiting": {lane.value: count for lane, count in self._outbox.waiting.items()},
            "refused": sorted(self.refused_codes),
            "lost": {why.value: count for why, count in self._outbox.lost.items()},
            "sparing": self._outbox.tight,
        }

    @callback
    def _unloaded(self) -> None:
        self._end()

    def _end(self) -> asyncio.Task[None] | None:
        """Let nothing begin any more; return what was under way, which is given up."""
        self._closed = True
        self._unwind()
        task, self._task = self._task, None
        if task is None or task is asyncio.current_task():
            return None
        task.cancel()
        return task

    def _unwind(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _due(self, _now: object) -> None:
        self._timer = None
        self._look()

    def _look(self) -> None:
        """Send what is due, or come back when something is; after a call it is looked anyway."""
        if self._closed or self._task is not None or not self._device_id:
            return
        self._unwind()
        found = self._next()
        if isinstance(found, float):
            self._timer = async_call_later(self._hass, found, self._job)
        elif found is not None:
            self._task = self._entry.async_create_background_task(
                self._hass, self._send_all(found), f"{DOMAIN} published", eager_start=False
            )

    def _next(self) -> Sendable | float | None:
        if self._coordinator.asking_is_vain:
            return None if self._outbox.idle else _LOOK_AGAIN
        self._outbox.tight = self._coordinator.polling.running_out(told=self._outbox.tight)
        return self._outbox.next(self._now())

    async def _send_all(self, first: Sendable) -> None:
        found: Sendable | float | None = first
        while found is not None and not isinstance(found, float):
            await self._try(found)
            found = None if self._closed else self._next()
        self._task = None
        self._look()

    async def _try(self, sent: Sendable) -> None:
        doing = DOING[sent.lane]
        try:
            await dispatch(self._cloud, self._device_id, self._model(), sent)
        except TuyaError as error:
            self._failed(sent, error, doing)
            return
        self._outbox.done()
        if self._said is not None:
            self._said = None
            _LOGGER.info("Tuya takes what a published door tells again")
        self._accepted(doing)

    def _failed(self, sent: Sendable, error: TuyaError, doing: Doing) -> None:
        fate, wait = fate_of(error, sent.lane)
        final = self._outbox.failed(fate, self._now(), wait)
        if error.reason is Reason.DEVICE_OFFLINE:
            # It was told otherwise once, and has forgotten.
            self._outbox.told_online = None
        if command_is_over(error, sent.lane):
            return
        self._say(error)
        if is_for_a_person(error) and (final or wait is not None):
            self._refused(error, doing)

    def _say(self, error: TuyaError) -> None:
        """Log what is wrong once, not at every try."""
        wrong = (error.reason, error.code)
        if wrong != self._said:
            self._said = wrong
            # An outage is told by the coordinator.
            level = logging.DEBUG if isinstance(error, TuyaConnectionError) else logging.WARNING
            _LOGGER.log(level, "Tuya does not take what a published door tells: %s", error)

    def _now(self) -> float:
        return self._cloud.now()


def _shown(value: Value) -> Value:
    return "**REDACTED**" if is_address(value) else value

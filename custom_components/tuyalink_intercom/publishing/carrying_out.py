"""The service calls that commands of Tuya's side come to, kept outside their published door.

A door goes when its project is reloaded; a call that is under way does not: half of it may be at
the lock already. The door that comes next waits for it, or joins it.
"""

import asyncio
from collections.abc import Callable
from functools import partial
import logging
from typing import Any
from weakref import WeakKeyDictionary

from homeassistant.components.lock.const import LockState
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ASSUMED_STATE
from homeassistant.core import CALLBACK_TYPE, Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later, async_track_state_change_event

from ..const import DOMAIN
from .handled import Outcome, Result
from .orders import REACHED, Order
from .why import Why

_LOGGER = logging.getLogger(__name__)

ANSWER_IN = 3.0
"""An action that nobody answers has failed; Tuya does not say after how many seconds."""
HANGS_AFTER = 60.0
"""A call that is not over after this long (s) keeps no later command from trying."""


class Deed:
    """One service call."""

    def __init__(self, hass: HomeAssistant, order: Order) -> None:
        self._order = order
        self.ended: asyncio.Future[bool] = hass.loop.create_future()
        """Whether Home Assistant did it, once it is over, or nobody waits for it any more."""
        self._stop_waiting: CALLBACK_TYPE | None = None

    @callback
    def start(self, hass: HomeAssistant) -> None:
        """Call the service at once: nothing comes between the checks and the call."""
        given_up = HassJob(self._given_up, cancel_on_shutdown=True)
        self._stop_waiting = async_call_later(hass, HANGS_AFTER, given_up)
        name = f"{DOMAIN} published {self._order.service}"
        task = hass.async_create_task(self._call(hass), name, eager_start=True)
        task.add_done_callback(self._over)

    @property
    def over(self) -> bool:
        """Whether Home Assistant is done with it, or it hangs."""
        return self.ended.done()

    @property
    def failed(self) -> bool:
        """Whether it ended in an error."""
        return self.over and not self.ended.result()

    @callback
    def _over(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, HomeAssistantError):
            _LOGGER.warning("A published door's own integration failed: %s", type(error).__name__)
        if self._stop_waiting is not None:
            self._stop_waiting()
        if not self.ended.done():
            self.ended.set_result(error is None and not task.cancelled())

    @callback
    def _given_up(self, _now: object) -> None:
        # It is not cancelled: what it has begun, it may also have to end.
        self._stop_waiting = None
        self.ended.set_result(False)

    def does(self, order: Order) -> bool:
        """Tell whether an order wants of the lock just this."""
        return order.unlocked is not None and order.unlocked is self._order.unlocked

    async def _call(self, hass: HomeAssistant) -> None:
        order = self._order
        await hass.services.async_call(
            order.domain,
            order.service,
            dict(order.data),
            blocking=True,
            context=Context(),
            target={"entity_id": order.entity_id},
        )


class Hand:
    """What is being done to one entity."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        self._hass = hass
        self._entity_id = entity_id
        self._deed: Deed | None = None

    @property
    def deed(self) -> Deed | None:
        """The call that is under way."""
        return None if self._deed is None or self._deed.over else self._deed

    @callback
    def start(self, order: Order) -> Deed:
        """Call the service; there must be none under way."""
        deed = self._deed = Deed(self._hass, order)
        deed.start(self._hass)
        return deed

    def stands_as(self, order: Order) -> bool:
        """Tell whether the lock is known to be as an order wants it."""
        state = self._hass.states.get(self._entity_id)
        assumed = state is None or bool(state.attributes.get(ATTR_ASSUMED_STATE))
        return not assumed and self._is_reached(order)

    async def end_of(self, order: Order, deed: Deed) -> Result:
        """Wait for a call and what it brings about, but no longer than Tuya does."""
        await within(self._hass, ANSWER_IN, partial(self._watch, order, deed))
        if not deed.over:
            return Outcome.FAILED, Why.NOT_CONFIRMED
        if deed.failed:
            return Outcome.FAILED, Why.FAILED
        state = self._hass.states.get(self._entity_id)
        if order.unlocked is not None and state is not None and state.state == LockState.JAMMED:
            return Outcome.FAILED, Why.JAMMED
        return done_with(order)

    def _watch(self, order: Order, deed: Deed, ended: Callable[[], None]) -> CALLBACK_TYPE:
        @callback
        def look(_event: object = None) -> None:
            if deed.over and (deed.failed or order.unlocked is None or self._is_reached(order)):
                ended()

        deed.ended.add_done_callback(look)
        look()
        return async_track_state_change_event(self._hass, self._entity_id, look)

    def _is_reached(self, order: Order) -> bool:
        state = self._hass.states.get(self._entity_id)
        return order.unlocked is not None and (
            state is not None and state.state in REACHED[order.unlocked]
        )


_HANDS: WeakKeyDictionary[ConfigEntry[Any], dict[str, Hand]] = WeakKeyDictionary()


def hand_of(hass: HomeAssistant, entry: ConfigEntry[Any], entity_id: str) -> Hand:
    """Return the hand at an entity: one for as long as Home Assistant runs."""
    hands = _HANDS.setdefault(entry, {})
    if entity_id not in hands:
        hands[entity_id] = Hand(hass, entity_id)
    return hands[entity_id]


def done_with(order: Order) -> Result:
    """Return the result of an order that was obeyed."""
    return Outcome.DONE, Why.REST_IGNORED if order.rest else None


async def within(
    hass: HomeAssistant,
    seconds: float,
    watch: Callable[[Callable[[], None]], CALLBACK_TYPE],
) -> bool:
    """Wait until something is so, no longer than this; tell whether it became so.

    `watch` is given what to call then, and returns what ends the watch.
    """
    became: asyncio.Future[bool] = hass.loop.create_future()

    @callback
    def so() -> None:
        if not became.done():
            became.set_result(True)

    @callback
    def too_late(_now: object) -> None:
        if not became.done():
            became.set_result(False)

    end = watch(so)
    cancel = async_call_later(hass, seconds, HassJob(too_late, cancel_on_shutdown=True))
    try:
        return await became
    finally:
        cancel()
        end()

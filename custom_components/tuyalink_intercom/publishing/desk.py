"""Commands from Tuya's side: checked, carried out at most once, answered.

The commands of one door are carried out one after another. What is done is on disk before it is
done. The service call itself belongs to `carrying_out`: it outlives this desk.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from functools import partial
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import DOMAIN
from ..kept.done_commands import DoneCommand, DoneCommands
from ..model.publication import Publication
from ..model.thing_commands import ActionWanted, Command
from ..model.thing_model import ThingModel
from .answers import Answers
from .carrying_out import Deed, Hand, done_with, hand_of, within
from .handled import Handled, Outcome, Result, result_of
from .orders import Order, order_of, what_of
from .permission import STALE_AFTER, is_stale, objection
from .why import Why

__all__ = ["CommandDesk", "Handled", "Outcome"]

_LOGGER = logging.getLogger(__name__)

WAITING = 5
"""So many commands may wait at a door; nobody sends more in earnest."""
_SAME_TAP = 2.0
"""Where both of Tuya's dialects are let through, one tap is two commands, this close (s)."""
_NOT_NOTED: Result = (Outcome.FAILED, Why.FAILED)


class CommandDesk:
    """Takes the commands for one published door."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        publication: Publication,
        answers: Answers,
        *,
        now: Callable[[], float | None],
        handled: Callable[[Handled], None],
        done: DoneCommands,
        model: Callable[[], ThingModel],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._publication = publication
        self._now = now
        self._handled = handled
        self._done = done
        self._model = model
        self._answers = answers
        self._line: deque[Order] = deque()
        self._taken: set[str] = set()
        self._current: tuple[Order, asyncio.Future[Result]] | None = None
        self._closed = False
        self.counts = Counter[str]()
        """How many commands came to what, for diagnostics."""

    @callback
    def take(self, command: Command) -> None:
        """Take a command; what comes of it is told later."""
        if self._closed or command.id in self._taken:
            return
        if self._done.known(command.device_id, command.id) is not None:
            self.repeat(command)
            return
        if is_stale(command.time, self._now()):
            self._over(command, (Outcome.REFUSED, Why.STALE))
            return
        order = order_of(command, self._publication, self._model)
        if isinstance(order, Why):
            self._over(command, (Outcome.REFUSED, order))
        elif why := self._objection(order) or self._is_full():
            self._over(command, (Outcome.REFUSED, why))
        else:
            self._admit(order)

    @callback
    def repeat(self, command: Command) -> None:
        """Take a command that came again: its answer may be lost, so that is given once more."""
        if self._closed or not isinstance(command, ActionWanted):
            return
        known = self._done.to_repeat(command.device_id, command.id, command.action)
        if known is not None:
            self._answers.send(command, result_of(known)[1], known.state)

    @callback
    def close(self) -> None:
        """Take nothing more, and begin nothing more of what waits."""
        self._closed = True
        self._line.clear()

    def _admit(self, order: Order) -> None:
        self._taken.add(order.command.id)
        if self._current is not None and not self._line and _same(order, self._current[0]):
            self._start(self._follow(order, self._current[1]))
            return
        self._line.append(order)
        if self._current is None:
            self._start(self._work())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._entry.async_create_background_task(
            self._hass, work, f"{DOMAIN} command", eager_start=True
        )

    async def _work(self) -> None:
        try:
            while self._line:
                order = self._line.popleft()
                over: asyncio.Future[Result] = self._hass.loop.create_future()
                self._current = order, over
                await self._carry_out(order, over)
        finally:
            self._current = None

    async def _follow(self, order: Order, first: asyncio.Future[Result]) -> None:
        """Have one call do for a command and for the one that came before it."""
        try:
            noted = await self._begin(order)
            self._over(order.command, await asyncio.shield(first) if noted else _NOT_NOTED)
        finally:
            self._taken.discard(order.command.id)

    async def _carry_out(self, order: Order, over: asyncio.Future[Result]) -> None:
        try:
            if why := await self._turn(order):
                over.set_result((Outcome.REFUSED, why))
                self._over(order.command, over.result())
                return
            with self._answers.sender.held():
                over.set_result(await self._result(order))
                self._over(order.command, over.result())
        finally:
            over.cancel()
            self._taken.discard(order.command.id)

    async def _turn(self, order: Order) -> Why | None:
        """Wait until nothing else is done there; return what speaks against the order then."""
        hand = self._hand(order)
        while (deed := hand.deed) is not None and not deed.does(order):
            if order.unlocked is None:
                # Whatever it does takes its time: other commands do not wait for that.
                return Why.BUSY
            if not await within(self._hass, self._left(order), partial(_ending, deed)):
                return Why.STALE
        return self._objection(order)

    async def _result(self, order: Order) -> Result:
        if (tap := self._same_tap(order)) is not None:
            return result_of(tap)
        joined = self._hand(order).deed
        if not await self._begin(order):
            return _NOT_NOTED
        if joined is None:
            if why := await self._turn(order):
                return Outcome.REFUSED, why
            # No waiting between here and the call: what was checked still holds.
            hand = self._hand(order)
            if hand.deed is None and hand.stands_as(order):
                return done_with(order)
            joined = hand.deed or hand.start(order)
        return await self._hand(order).end_of(order, joined)

    def _left(self, order: Order) -> float:
        now, time = self._now(), order.command.time
        return 0.0 if now is None or time is None else max(0.0, time + STALE_AFTER - now)

    async def _begin(self, order: Order) -> bool:
        command = order.command
        noted = await self._done.begin(
            command.device_id,
            command.id,
            command.time or 0.0,
            kind=type(command).__name__,
            what=order.what,
            unlocked=order.unlocked,
        )
        if not noted:
            # Done all the same, it could be done once more after a crash.
            _LOGGER.warning("A command of Tuya's side cannot be written down: it is not done")
        return noted

    def _objection(self, order: Order) -> Why | None:
        """Return what speaks against an order now."""
        if self._closed:
            return Why.STOPPING
        if is_stale(order.command.time, self._now()):
            return Why.STALE
        if self._is_superseded(order):
            return Why.SUPERSEDED
        return objection(self._hass, self._entry, self._publication, order)

    def _is_superseded(self, order: Order) -> bool:
        if order.unlocked is None or order.command.time is None or self._same_tap(order):
            return False
        newest = self._newest(order)
        return newest is not None and newest.time > order.command.time

    def _same_tap(self, order: Order) -> DoneCommand | None:
        """Return the command of which this is only the other form."""
        newest, command = self._newest(order), order.command
        if newest is None or command.time is None or newest.unlocked is not order.unlocked:
            return None
        twins = newest.kind != type(command).__name__
        return newest if twins and abs(newest.time - command.time) <= _SAME_TAP else None

    def _newest(self, order: Order) -> DoneCommand | None:
        return self._done.newest(order.command.device_id, but=order.command.id)

    def _is_full(self) -> Why | None:
        return Why.BUSY if len(self._taken) > WAITING else None

    def _hand(self, order: Order) -> Hand:
        return hand_of(self._hass, self._entry, order.entity_id)

    @callback
    def _over(self, command: Command, result: Result) -> None:
        outcome, why = result
        what = what_of(command, self._model())
        state = self._answers.state(command)
        if command.time is not None and why is not Why.STALE:
            self._done.finish(
                command.device_id,
                command.id,
                command.time,
                what=what,
                outcome=outcome,
                reason=why,
                state=state,
            )
        if self._closed:
            return
        self._answers.send(command, why, state)
        said = f"{outcome} {why or ''}".rstrip()
        self.counts[said] += 1
        _LOGGER.info("Told by Tuya's side: %s: %s", what or "?", said)
        self._handled(Handled(command=command, what=what, outcome=outcome, reason=why))


def _same(order: Order, other: Order) -> bool:
    return order.unlocked is not None and order.unlocked is other.unlocked


def _ending(deed: Deed, ended: Callable[[], None]) -> CALLBACK_TYPE:
    @callback
    def over(_task: object) -> None:
        ended()

    @callback
    def end() -> None:
        deed.ended.remove_done_callback(over)

    deed.ended.add_done_callback(over)
    return end

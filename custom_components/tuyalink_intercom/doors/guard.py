"""One click, one opening: what a door is doing, kept outside its entity.

An entity goes when its project is reloaded; a press that is under way does not, nor does the
time for which a door is released. The entity that comes next joins both.
"""

import asyncio
from asyncio import Future, Task
from collections.abc import Coroutine
from typing import Any
from weakref import WeakKeyDictionary

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..kept.openings import Openings, Release, openings_of
from ..model.state import Device
from ..model.strategies import Experience
from .opening import UncertainError, lock_door, no_answer, not_confirmed, open_door, succeeded
from .refusals import async_settle
from .view import DoorView, Moving
from .ways import Opening, Sent

CONFIRMATION = 10.0
"""A door that reports its openings has this long (s) to report ours."""
_LONGEST = 3600.0
"""No door is released for longer (s), whatever the clock says after a restart."""


class DoorGuard:
    """One door."""

    def __init__(self, hass: HomeAssistant, openings: Openings, unique_id: str) -> None:
        self._hass = hass
        self._openings = openings
        self._unique_id = unique_id
        self._view: DoorView | None = None
        self._press: Task[None] | None = None
        self._awaited: Future[bool] | None = None
        self._target = True
        self._timer: CALLBACK_TYPE | None = None
        release = openings.released(unique_id)
        self._until = release.until if release else 0.0
        self.released = release is not None
        """Whether it is open from here, and will lock by itself."""
        self.as_open = release is not None and release.as_open
        self.moving: Moving | None = None
        self.changed_by = release.by if release else None
        """Who or what the device said opened it last."""
        self._by_key = release.by_key if release else None

    def experience(self, device: Device) -> Experience:
        """Return what is remembered of the doors of a device's product."""
        return self._openings.experience(_product(device))

    @callback
    def attach(self, view: DoorView) -> None:
        """Show the door by this entity from now on."""
        self._view = view
        if self.released:
            left = min(self._until - _now(), _LONGEST)
            if left > 0:
                self._relock_in(left)
            else:
                self._relocked()
        if view.stands(unlocked=self._target):
            # It was told while nobody listened.
            self.told(unlocked=self._target)

    @callback
    def detach(self, view: DoorView) -> None:
        """Go on without an entity; one that was replaced meanwhile has no say."""
        if self._view is view:
            self._view = None
            self._stop_timer()

    async def open(self, opening: Opening, *, as_open: bool) -> bool:
        """Send one release, or join the one under way or in effect; tell whether one was sent."""
        while self._press is not None:
            if self._target:
                await asyncio.shield(self._press)
                return False
            await asyncio.wait([self._press])
        if self._joins(opening):
            return False
        self._target, self.as_open = True, as_open and opening.door.momentary
        self.moving = Moving.OPENING if self.as_open else Moving.UNLOCKING
        await self._run(self._open(opening))
        return True

    async def lock(self, opening: Opening) -> None:
        """Throw the bolt, after a press that is under way."""
        while self._press is not None:
            await asyncio.wait([self._press])
        self._target, self.moving = False, Moving.LOCKING
        await self._run(self._lock(opening))

    def _joins(self, opening: Opening) -> bool:
        if not self.released:
            return False
        # A bolt that is back before its time can be opened again.
        return opening.door.momentary or self._stands(unlocked=True)

    async def _run(self, act: Coroutine[Any, Any, None]) -> None:
        """Run a press that nobody's leaving ends: half of it may be at the door already."""
        # Known before it starts: what it shows may make an automation press the same door.
        press = self._hass.async_create_task(self._whole(act), f"{DOMAIN} press", eager_start=False)
        self._press = press
        press.add_done_callback(self._pressed)
        await asyncio.shield(press)

    async def _whole(self, act: Coroutine[Any, Any, None]) -> None:
        # Listening starts before the command: a fast device reports before Tuya answers.
        self._awaited = self._hass.loop.create_future()
        self._show()
        try:
            await act
        finally:
            self._awaited, self.moving = None, None
            self._show()

    @callback
    def _pressed(self, press: Task[None]) -> None:
        if self._press is press:
            self._press = None
        if not press.cancelled():
            # Retrieved here, for who pressed may have left.
            press.exception()

    async def _open(self, opening: Opening) -> None:
        door, product = opening.door, _product(opening.device)
        sent = await open_door(opening)
        if door.reports and not self._is_told(sent, opening):
            try:
                await self._confirm(opening, sent.sn)
            except HomeAssistantError:
                # What Tuya did not take, or nobody could hear, tells nothing of the way.
                if sent.certain and self._view is not None:
                    self._openings.doubt(product, sent.way)
                raise
        elif not sent.certain and not door.reports:
            raise no_answer()
        self._openings.worked(product, sent.way)
        async_settle(self._hass, opening.entry, opening.device, door)
        if not (door.momentary and self.released):
            self.release(opening.relock)

    def _is_told(self, sent: Sent, opening: Opening) -> bool:
        if opening.door.momentary:
            return sent.confirmed
        return self._stands(unlocked=True)

    async def _lock(self, opening: Opening) -> None:
        try:
            await lock_door(opening)
        except UncertainError:
            if not opening.door.reports:
                raise no_answer() from None
            # The door itself will tell.
        if opening.door.reports and not self._stands(unlocked=False):
            await self._confirm(opening, None)

    async def _confirm(self, opening: Opening, sn: str | None) -> None:
        """Wait for the door's own report; without one say so, and read its state once."""
        awaited = self._awaited
        if awaited is None:
            return

        @callback
        def too_late(_now: object) -> None:
            if not awaited.done():
                awaited.set_result(False)

        cancel = async_call_later(self._hass, CONFIRMATION, HassJob(too_late))
        try:
            confirmed = await awaited
        finally:
            cancel()
        if confirmed or (sn and await succeeded(opening.coordinator.cloud, sn)):
            return
        if self._view is not None:
            await self._view.read()
        raise not_confirmed()

    @callback
    def told(self, *, unlocked: bool) -> None:
        """Take the door's own word."""
        awaited = self._awaited
        if awaited is not None and not awaited.done() and unlocked is self._target:
            awaited.set_result(True)
        if not unlocked and self._press is None and self.released:
            self._relocked()

    @callback
    def opened(self, by: str | None, key: str | None, *, relock: float | None) -> None:
        """Take an opening that the device told, whoever made it; `key`: of that person's name.

        `relock`: seconds after which it is locked again, `None` for a bolt.
        """
        self.changed_by, self._by_key = by, key
        if relock is not None:
            # The report of our own release may come late: it stays what it was.
            if self._press is None and not self.released:
                self.as_open = False
            self.release(relock)
        elif self.released:
            self._keep()
        self.told(unlocked=True)

    @callback
    def named(self, key: str, name: str) -> None:
        """Take the name of who opened it, which is told later."""
        if key == self._by_key:
            self.changed_by = name
            if self.released:
                self._keep()
            self._show()

    def release(self, wait: float) -> None:
        """Show the door released, and locked again after this time (s)."""
        self._until, self.released, self.moving = _now() + wait, True, None
        self._keep()
        if self._view is not None:
            self._relock_in(wait)
            self._view.show()

    def _keep(self) -> None:
        self._openings.release(
            self._unique_id,
            Release(
                until=self._until, as_open=self.as_open, by=self.changed_by, by_key=self._by_key
            ),
        )

    def _relock_in(self, wait: float) -> None:
        self._stop_timer()
        self._timer = async_call_later(self._hass, wait, HassJob(self._relocked))

    @callback
    def _relocked(self, _now: object = None) -> None:
        self._stop_timer()
        self.released, self.as_open = False, False
        self._openings.locked(self._unique_id)
        self._show()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

    def _stands(self, *, unlocked: bool) -> bool:
        return self._view is not None and self._view.stands(unlocked=unlocked)

    def _show(self) -> None:
        if self._view is not None:
            self._view.show()


def _product(device: Device) -> str:
    return device.product_id or device.id


def _now() -> float:
    return dt_util.utcnow().timestamp()


_GUARDS: WeakKeyDictionary[ConfigEntry[Any], dict[str, DoorGuard]] = WeakKeyDictionary()


def guard_of(hass: HomeAssistant, entry: ConfigEntry[Any], unique_id: str) -> DoorGuard:
    """Return the guard of a door, by the unique id of its entity: one for as long as HA runs."""
    guards = _GUARDS.setdefault(entry, {})
    if unique_id not in guards:
        guards[unique_id] = DoorGuard(hass, openings_of(hass, entry), unique_id)
    return guards[unique_id]

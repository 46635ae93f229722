"""Keeps a published door known to Tuya, and what Tuya has of it true.

Registers it where Tuya does not know it, tells its name, reads its product's model, and compares
what Tuya shows with what is. Tries again with growing patience; while Tuya refuses all, not at all.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval

from ..api import Reason, TuyaError
from ..connection import sleeper
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.publication import Value
from ..model.thing_model import ThingModel
from ..snapshot import Values as Rows
from .door import PublishedDoor
from .models import Models, lacks
from .registration import Registration
from .troubles import Doing, Trouble, code_of

WAITS: Final = (0.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0)
"""Seconds before a try, the last again and again: a licence may be bought, an outage may end."""
FIRST_LOOK: Final = 60.0
LOOK_EVERY: Final = timedelta(hours=6)
"""What Tuya shows is compared a moment after the start (s), then this often: a call each."""
_MODEL_AGAIN: Final = 3600.0


class Upkeep:
    """The upkeep of one door; `adopted` is told when Tuya knows it by a new id."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        door: PublishedDoor,
        registration: Registration,
        models: Models,
        adopted: Callable[[PublishedDoor], None],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._door = door
        self._registration = registration
        self._models = models
        self._adopted = adopted
        self._sleep = sleeper(hass)
        self._task: asyncio.Task[None] | None = None
        self._lost: TuyaError | None = None
        self._tries = 0
        self._model_asked = 0.0
        self._waiting = False
        door.doubted = self._doubted

    @callback
    def start(self) -> None:
        """Begin, until the entry is unloaded."""
        unload = self._entry.async_on_unload
        look = HassJob(self._look_soon, f"{DOMAIN} upkeep", cancel_on_shutdown=True)
        unload(async_call_later(self._hass, FIRST_LOOK, look))
        unload(
            async_track_time_interval(
                self._hass, self._look_soon, LOOK_EVERY, cancel_on_shutdown=True
            )
        )
        self.wake()

    @callback
    def wake(self) -> None:
        """See to it that Tuya knows the door; once, however often this is asked for."""
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._settled(), f"{DOMAIN} published door"
            )

    @callback
    def hurry(self) -> None:
        """Try again now: what stood in the way may be gone."""
        self._tries = 0
        if self._waiting and self._task is not None:
            self._task.cancel()
            self._task = None
        self.wake()

    @callback
    def _doubted(self, trouble: Trouble, error: TuyaError) -> None:
        if trouble is Trouble.GONE:
            self._lost = error
        self.wake()

    async def _settled(self) -> None:
        while True:
            self._waiting = True
            await self._sleep(WAITS[min(self._tries, len(WAITS) - 1)])
            self._waiting = False
            looked_for = self._lost is not None or not self._door.publication.device_id
            over = not self._coordinator.asking_is_vain and await self._settle()
            if looked_for or not over:
                # Found is not yet taken: only a look from time to time shows that all is well.
                self._tries += 1
            if over:
                return

    async def _settle(self) -> bool:
        """Do what is to be done; tell whether all of it is."""
        doing = Doing.REGISTER
        door = self._door
        try:
            if self._lost is not None or not door.publication.device_id:
                await self._find()
            doing = Doing.UPDATE
            await self._registration.rename(door.publication)
            doing = Doing.READ
            await self._describe()
        except TuyaError as error:
            if doing is Doing.REGISTER:
                door.troubles.refused(error, doing)
            # Names and models can wait for the next start, registration cannot.
            return doing is not Doing.REGISTER
        return True

    async def _find(self) -> None:
        door, lost = self._door, self._lost
        found = await self._registration.register(door.publication)
        self._lost = None
        door.troubles.accepted(Doing.REGISTER)
        if found.device_id != door.publication.device_id:
            await door.adopt(found.device_id)
            self._adopted(door)
        elif lost is not None:
            # Tuya knows it and yet takes nothing of it.
            product = lost.reason is Reason.NOT_LINKED
            trouble = Trouble.PRODUCT if product else Trouble.GONE
            door.troubles.show(trouble, code=code_of(lost))
            door.sender.retry()

    async def _describe(self) -> None:
        door, now = self._door, self._coordinator.cloud.now()
        model = await self._model(fresh=False)
        doubtful = door.trouble is Trouble.MODEL or lacks(door.publication, model)
        if doubtful and now - self._model_asked >= _MODEL_AGAIN:
            self._model_asked = now
            model = await self._model(fresh=True)
        changed = model != door.model
        door.described(model)
        if changed:
            door.sender.retry()

    async def _model(self, *, fresh: bool) -> ThingModel:
        publication = self._door.publication
        return await self._models.get(publication.device_id, publication.product_id, fresh=fresh)

    @callback
    def _look_soon(self, _now: datetime) -> None:
        self._door.look_for_entities()
        self._entry.async_create_background_task(self._hass, self._look(), f"{DOMAIN} look")

    async def _look(self) -> None:
        """Report what Tuya shows otherwise than it is."""
        door = self._door
        if self._coordinator.asking_is_vain or not door.publication.device_id:
            return
        try:
            rows = await self._coordinator.cloud.devices.shadow(door.publication.device_id)
        except TuyaError as error:
            if door.troubles.refused(error, Doing.READ) is Trouble.GONE:
                self._doubted(Trouble.GONE, error)
            return
        door.sender.learn(_values(rows))
        door.sender.report(door.reading.values())
        if door.trouble not in {Trouble.GONE, Trouble.PRODUCT}:
            self._tries = 0
        # A name that Tuya did not hear, a model that is a week old.
        self.wake()


def _values(rows: Rows) -> dict[str, Value]:
    found = ((row.get("code"), row.get("value")) for row in rows)
    return {
        code: value
        for code, value in found
        if isinstance(code, str) and isinstance(value, bool | int | float | str)
    }

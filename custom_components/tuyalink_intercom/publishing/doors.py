"""The published doors of a project, from set-up to unload."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Any, Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started

from ..api import RegisteredDevice
from ..arrivals import Arrival, Source
from ..coordinator import TuyaLinkCoordinator
from ..issues import async_close, async_raise
from ..kept.publications import Registered
from ..kept.stores import Stores
from ..model.publication import DEVICE_ID, Publication
from ..model.signs import Poll
from ..model.thing_model import ThingModel
from .door import PublishedDoor
from .leavers import Leavers
from .models import Models
from .registration import Registration
from .subentries import (
    SUBENTRY_TYPE,
    leaving,
    published_in,
    readable,
    seen_in,
    underway_of,
)
from .troubles import CHAPTER, UNUSABLE
from .upkeep import Upkeep

__all__ = ["SUBENTRY_TYPE", "PublishedDoors"]

_LOGGER = logging.getLogger(__name__)

_CURRENT: Final = frozenset({ConfigEntryState.LOADED, ConfigEntryState.SETUP_IN_PROGRESS})
AWAY_S: Final = 3.0
"""Home Assistant does not wait longer for Tuya when it stops."""


class PublishedDoors:
    """The doors that a project's subentries publish."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        stores: Stores,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._publications = stores.publications
        self._registration = Registration(coordinator.cloud, stores.publications, self._announce)
        self._models = Models(coordinator.cloud, stores.publications)
        self._leavers = Leavers(hass, entry, coordinator, self._registration, self._leaving)
        self._unusable: list[str] = []
        self._closed = False
        self._seen = seen_in(entry)
        self.doors: Mapping[str, PublishedDoor] = {
            key: PublishedDoor(hass, entry, coordinator, stores, key, publication)
            for key, publication in self._readable().items()
        }
        """By the id of their subentry."""
        self._upkeeps = {
            key: Upkeep(
                hass,
                entry,
                coordinator,
                door,
                self._registration,
                self._models,
                self._adopted,
            )
            for key, door in self.doors.items()
        }

    def _readable(self) -> Mapping[str, Publication]:
        doors, unusable = readable(self._entry)
        for subentry in unusable:
            _LOGGER.warning("What is stored of a published door cannot be read: it is left out")
            self._unusable.append(name := f"{UNUSABLE}_{subentry.subentry_id}")
            told = {"door": subentry.title}
            async_raise(self._hass, self._entry, UNUSABLE, name=name, told=told, chapter=CHAPTER)
        return doors

    @callback
    def start(self) -> None:
        """Begin once Home Assistant has started: before, entities are only on their way."""
        unload = self._entry.async_on_unload
        for door in self.doors.values():
            underway_of(self._entry).pop(door.publication.third_id, None)
            self._registration.keep(door.publication)
        self._announce()
        unload(self._unloaded)
        unload(self._coordinator.watch(self._arrived))
        unload(self._coordinator.watch_polls(self._polled))
        unload(
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)
        )
        # One may have been added while platforms were set up.
        self._entry_changed(ConfigEntryChange.UPDATED, self._entry)
        unload(async_at_started(self._hass, self._started))

    @callback
    def _started(self, _hass: HomeAssistant) -> None:
        unload = self._entry.async_on_unload
        unload(self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._stopped))
        for key, door in self.doors.items():
            unload(door.start())
            self._upkeeps[key].start()
        self._leavers.look()

    async def register(self, publication: Publication, *, anew: bool = False) -> RegisteredDevice:
        """Make a door known to Tuya, or find it there; raises TuyaError.

        One that Tuya knows as another product, or is to know `anew`, is removed before.
        """
        underway_of(self._entry)[publication.third_id] = publication.product_id
        return await self._registration.register(publication, anew=anew)

    async def model(self, device_id: str, product_id: str, *, fresh: bool = False) -> ThingModel:
        """Return the thing model of a product; raises TuyaError if it is not to be had."""
        model = await self._models.get(device_id, product_id, fresh=fresh)
        for door in self.doors.values():
            if door.publication.product_id == product_id and model != door.model:
                door.described(model)
                door.sender.retry()
        return model

    @callback
    def forsake(self, third_id: str) -> None:
        """Let a door go that a flow has registered, unless it was published after all."""
        underway_of(self._entry).pop(third_id, None)
        self._announce()
        self._leavers.look()

    def by_device(self, device_id: str) -> PublishedDoor | None:
        """Return a door by Tuya's id."""
        if not device_id:
            return None
        doors = self.doors.values()
        return next((one for one in doors if one.publication.device_id == device_id), None)

    def as_told(self) -> dict[str, Any]:
        """Return what is known beside the doors, for diagnostics."""
        return {"unusable": len(self._unusable), **self._leavers.as_told()}

    def _leaving(self) -> list[Registered]:
        return leaving(self._entry, self._publications)

    @callback
    def _announce(self) -> None:
        self._coordinator.published = published_in(self._entry, self._publications)

    @callback
    def _adopted(self, door: PublishedDoor) -> None:
        """Keep the id by which Tuya knows a door now; those behind it may follow."""
        subentry = self._entry.subentries.get(door.subentry_id)
        if subentry is None:
            return
        device_id = door.publication.device_id
        data = {**subentry.data, DEVICE_ID: device_id}
        # It is in force already: no reason to load anew.
        self._seen[door.subentry_id] = subentry.title, data
        self._hass.config_entries.async_update_subentry(self._entry, subentry, data=data)
        for key, other in self.doors.items():
            if other.publication.gateway == door.publication.third_id:
                self._upkeeps[key].hurry()

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry is not self._entry or change is not ConfigEntryChange.UPDATED:
            return
        if entry.state in _CURRENT and (seen := seen_in(entry)) != self._seen:
            self._seen = seen
            self._hass.config_entries.async_schedule_reload(entry.entry_id)

    @callback
    def _arrived(self, arrival: Arrival) -> None:
        if arrival.source is Source.TEST:
            return
        if (door := self.by_device(arrival.message.device_id)) is not None:
            door.arrived(arrival)

    @callback
    def _polled(self, poll: Poll) -> None:
        listed = self._coordinator.inventory.online
        for door in self.doors.values():
            if (online := listed.get(door.publication.device_id)) is not None:
                door.listed(poll.time, online=online)
        self._leavers.look()

    async def _stopped(self, _event: Event) -> None:
        await self._close(away=True)

    async def _unloaded(self) -> None:
        self._leavers.end()
        for name in self._unusable:
            async_close(self._hass, self._entry, name)
        # Loaded anew a moment later, nobody has to know.
        await self._close(away=self._entry.disabled_by is not None)

    async def _close(self, *, away: bool) -> None:
        if self._closed:
            return
        self._closed = True
        # At once: what is stored is written next.
        for door in self.doors.values():
            door.end()
        closing = [door.close(away=away) for door in self.doors.values()]
        try:
            async with asyncio.timeout(AWAY_S):
                await asyncio.gather(*closing)
        except TimeoutError:
            _LOGGER.debug("Tuya did not take in time that the published doors are away")

"""Doors that are published no more: Tuya is asked to let them go until it has.

A subentry that was removed, a flow that was abandoned after it had registered its door, or a whole
project that is removed.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..api import EndpointError, TuyaAuthError, TuyaConnectionError, TuyaError
from ..connection import cloud_of, sleeper
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..issues import async_close, async_raise, async_tell_of_removed
from ..kept.publications import Publications, Registered
from .registration import Registration, registered_as
from .subentries import readable
from .troubles import CHAPTER, LEFT, Doing, code_of, trouble_of

WAITS: Final = (60.0, 300.0, 1800.0, 7200.0, 21600.0)
"""Seconds from one try to the next while Tuya does not answer; the last again and again."""
PARTING_S: Final = 10.0
LEFT_BEHIND: Final = "published_left_behind"
ISSUES: Final = {LEFT_BEHIND: frozenset({"project", "doors"})}
"""Every repair that may be raised here, and what its words name."""


class Leavers:
    """The doors of a loaded project that Tuya is to forget."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        coordinator: TuyaLinkCoordinator,
        registration: Registration,
        leaving: Callable[[], Iterable[Registered]],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._registration = registration
        self._leaving = leaving
        self._refused: dict[str, str] = {}
        self._sleep = sleeper(hass)
        self._task: asyncio.Task[None] | None = None

    @callback
    def look(self) -> None:
        """Begin to let doors go, if there are any."""
        waiting = self._task is not None and not self._task.done()
        if not waiting and self._open():
            self._task = self._entry.async_create_background_task(
                self._hass, self._let_go(), f"{DOMAIN} leavers"
            )

    @callback
    def end(self) -> None:
        """Close the repairs: the next start tries again."""
        for third_id in self._refused:
            async_close(self._hass, self._entry, f"{LEFT}_{third_id}")

    def as_told(self) -> dict[str, Any]:
        """Return how many there are, for diagnostics."""
        return {"leaving": len(self._open()), "refused": sorted(self._refused.values())}

    def _open(self) -> list[Registered]:
        found = [one for one in self._leaving() if one.third_id not in self._refused]
        # A gateway goes after what is behind it.
        return sorted(found, key=lambda one: one.gateway is None)

    async def _let_go(self) -> None:
        tries = 0
        while self._open():
            if not self._coordinator.asking_is_vain:
                for one in self._open():
                    await self._try(one)
            if self._open():
                await self._sleep(WAITS[min(tries, len(WAITS) - 1)])
                tries += 1

    async def _try(self, one: Registered) -> None:
        try:
            await self._registration.remove(one.third_id, one.device_id)
        except TuyaConnectionError, TuyaAuthError:
            return
        except TuyaError as error:
            if trouble_of(error, Doing.REMOVE) is None and error.retry_after is not None:
                return
            self._refused[one.third_id] = code = code_of(error)
            async_raise(
                self._hass,
                self._entry,
                LEFT,
                name=f"{LEFT}_{one.third_id}",
                told={"door": one.name, "code": code},
                chapter=CHAPTER,
            )


async def async_part(
    hass: HomeAssistant, entry: ConfigEntry[Any], publications: Publications
) -> None:
    """Make Tuya forget all doors of a project that is removed; tell which ones it did not."""
    for door in readable(entry)[0].values():
        # What is stored may be lost, the subentries are not.
        if door.device_id and publications.get(door.third_id) is None:
            publications.keep(registered_as(door, door.device_id, door.name))
    if not publications.all():
        return
    await _part(hass, entry, publications)
    if left := publications.all():
        names = ", ".join(sorted(one.name for one in left))
        async_tell_of_removed(hass, entry, LEFT_BEHIND, {"doors": names}, CHAPTER)


async def _part(hass: HomeAssistant, entry: ConfigEntry[Any], publications: Publications) -> None:
    try:
        cloud = cloud_of(hass, entry.data)
    except EndpointError:
        return
    registration = Registration(cloud, publications, lambda: None)
    inner = [one for one in publications.all() if one.gateway is not None]
    gateways = [one for one in publications.all() if one.gateway is None]
    try:
        async with asyncio.timeout(PARTING_S):
            for doors in (inner, gateways):
                await asyncio.gather(*(_parted(registration, one) for one in doors))
    except TimeoutError:
        # What is left is told of.
        return


async def _parted(registration: Registration, one: Registered) -> None:
    try:
        await registration.remove(one.third_id, one.device_id)
    except TuyaError:
        # It stays among those that are told of.
        return

"""The way out to pictures: what `api` needs of Home Assistant to download them."""

import socket
from typing import cast, override

from aiohttp.abc import AbstractResolver, ResolveResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.aiohttp_client import HomeAssistantTCPConnector, async_get_clientsession
from homeassistant.util.ssl import get_default_context

from ..api import Endpoints, PictureStorage


def picture_storage(
    hass: HomeAssistant, entry: ConfigEntry, endpoints: Endpoints
) -> PictureStorage:
    """Return what downloads a project's pictures; it is closed with the entry.

    It looks names up and checks certificates as Home Assistant does. Home Assistant's sessions
    themselves do not serve: their sockets reach the home's own machines, and their guard against
    redirects knows loopback only.
    """
    storage = PictureStorage(endpoints, get_default_context(), _HomeNames(hass))
    entry.async_on_unload(storage.close)

    async def close(_event: Event) -> None:
        await storage.close()

    # Entries are not unloaded when Home Assistant stops.
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_CLOSE, close))
    return storage


class _HomeNames(AbstractResolver):
    """Home Assistant's own way of looking names up, which ends with Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        connector = async_get_clientsession(hass).connector
        self._connector = cast("HomeAssistantTCPConnector", connector)

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._connector.async_resolve_host(host)
        return [ResolveResult(**{**one, "port": port}) for one in found]

    @override
    async def close(self) -> None:
        pass

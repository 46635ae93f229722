"""An entry's data as what they name: the endpoints, the cloud, the identity."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .api import CUSTOM, REGIONS, Endpoints, TuyaCloud, custom_endpoints
from .const import CONF_ACCESS_ID, CONF_ACCESS_SECRET, CONF_OPENAPI, CONF_QUEUE, CONF_REGION


def endpoints_of(data: Mapping[str, Any]) -> Endpoints:
    """Return the data center of an entry; raise `EndpointError` on an unusable custom one."""
    if data[CONF_REGION] == CUSTOM:
        return custom_endpoints(data[CONF_OPENAPI], data[CONF_QUEUE])
    return REGIONS[data[CONF_REGION]]


def sleeper(hass: HomeAssistant) -> Callable[[float], Awaitable[None]]:
    """Return a sleep by Home Assistant's timers, which end with Home Assistant."""

    async def sleep(seconds: float) -> None:
        over = hass.loop.create_future()

        @callback
        def wake(_now: object) -> None:
            if not over.done():
                over.set_result(None)

        cancel = async_call_later(hass, seconds, HassJob(wake))
        try:
            await over
        finally:
            cancel()

    return sleep


def _clock() -> float:
    return dt_util.utcnow().timestamp()


def cloud_of(hass: HomeAssistant, data: Mapping[str, Any]) -> TuyaCloud:
    """Return a client of the project that the keys name."""
    return TuyaCloud(
        async_get_clientsession(hass),
        endpoints_of(data),
        data[CONF_ACCESS_ID],
        data[CONF_ACCESS_SECRET],
        now=_clock,
        sleep=sleeper(hass),
    )


def unique_id_of(data: Mapping[str, Any]) -> str:
    """Return what identifies a project: its Access ID, and where that is valid."""
    place = data[CONF_REGION]
    if place == CUSTOM:
        openapi = endpoints_of(data).openapi
        place = f"{openapi.host}:{openapi.port}"
    return f"{data[CONF_ACCESS_ID]}@{place}"

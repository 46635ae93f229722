"""Words for tests: which entity belongs to which simulated device, and how time passes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, event
from homeassistant.util.async_ import get_scheduled_timer_handles
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from tests.simulator import Sent, SimDevice, TuyaSimulator

DOMAIN = "tuyalink_intercom"
AHEAD_S = event.RANDOM_MICROSECOND_MAX / 1e6 + 0.05
"""How far ahead the harness looks for what is due, and a little."""


def entry_of(
    cloud: TuyaSimulator, *subentries: ConfigSubentryData, **options: object
) -> MockConfigEntry:
    """Return an entry of a simulated project, which Home Assistant does not know yet."""
    host = cloud.openapi.removeprefix("http://").rstrip("/")
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home doors",
        unique_id=f"{cloud.access_id}@{host}",
        data={
            "access_id": cloud.access_id,
            "access_secret": cloud.access_secret,
            "region": "custom",
            "openapi": cloud.openapi,
            "queue": cloud.queue,
        },
        options={"delivery": "production", "suffix": "sub", **options},
        subentries_data=subentries,
    )


def device_named(simulator: TuyaSimulator, name: str) -> SimDevice:
    """Return the simulated device with this name."""
    return next(device for device in simulator.devices.values() if device.name == name)


def entity_id(hass: HomeAssistant, platform: str, device: SimDevice, key: str) -> str:
    """Return the entity of a device by its key."""
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{device.id}_{key}")
    assert found is not None, f"no {platform} {key} for {device.name}"
    return found


def state_of(hass: HomeAssistant, platform: str, device: SimDevice, key: str) -> State:
    """Return the state of an entity of a device by its key."""
    state = hass.states.get(entity_id(hass, platform, device, key))
    assert state is not None
    return state


async def arrived(hass: HomeAssistant, simulator: TuyaSimulator, sent: Sent) -> None:
    """Wait until everything of a scenario was taken and shown."""
    await simulator.acked(sent.event_id)
    await hass.async_block_till_done()


async def later(hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    """Let time jump, and what was due happen."""
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def while_time_passes[T](
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, awaitable: Awaitable[T]
) -> T:
    """Let time flow, quickly, until something has happened."""
    task = asyncio.ensure_future(awaitable)
    await _flow(hass, freezer, task.done)
    return task.result()


async def until(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, condition: Callable[[], bool]
) -> None:
    """Let time flow, quickly, until something is so."""
    await _flow(hass, freezer, condition)
    await hass.async_block_till_done()


async def _flow(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, over: Callable[[], bool]
) -> None:
    """Let the loop turn, 20 ms a turn; what is due is looked for in every fifth: it takes long."""
    turns = 0
    while not over():
        freezer.tick(timedelta(milliseconds=20))
        if turns % 5 == 0 and _is_due(hass):
            async_fire_time_changed(hass)
        turns += 1
        await asyncio.sleep(0)


def _is_due(hass: HomeAssistant) -> bool:
    """Tell whether any timer may be due: the harness asks the frozen clock twice for each."""
    soon = hass.loop.time() + AHEAD_S
    return any(timer.when() <= soon for timer in get_scheduled_timer_handles(hass.loop))

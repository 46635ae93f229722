"""Words for tests: play a scenario, hear what Home Assistant makes of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.changes import CaptureKept, Change
from tests.simulator import Sent, SimDevice, TuyaSimulator


async def play(
    hass: HomeAssistant, simulator: TuyaSimulator, device: SimDevice, name: str, **options: Any
) -> Sent:
    """Play a scenario and wait until it has arrived."""
    sent = simulator.scenario(name, device.id, **options)
    await arrived(hass, simulator, sent)
    return sent


async def report(
    hass: HomeAssistant, simulator: TuyaSimulator, device: SimDevice, values: dict[str, Any]
) -> Sent:
    """Let a device report values and wait until they have arrived."""
    sent = simulator.report(device.id, values)
    await arrived(hass, simulator, sent)
    return sent


async def arrived(hass: HomeAssistant, simulator: TuyaSimulator, sent: Sent) -> None:
    """Wait until every message of an event has been taken in."""
    await simulator.acked(sent.event_id)
    await hass.async_block_till_done()


async def photographed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    device: SimDevice,
    name: str,
    **options: Any,
) -> Sent:
    """Play a scenario and wait until its picture is there."""
    with pictured(entry, device) as picture:
        sent = await play(hass, simulator, device, name, **options)
        await picture
    await hass.async_block_till_done()
    return sent


@contextmanager
def pictured(entry: MockConfigEntry, device: SimDevice) -> Iterator[asyncio.Future[CaptureKept]]:
    """Give what becomes the next picture of a device."""
    kept: asyncio.Future[CaptureKept] = asyncio.get_running_loop().create_future()

    def take(change: Change) -> None:
        if isinstance(change, CaptureKept) and not kept.done():
            kept.set_result(change)

    remove = entry.runtime_data.coordinator.subscribe(device.id, take)
    yield kept
    remove()


def heard(hass: HomeAssistant, entity_id: str, *, pictures: bool = False) -> list[State]:
    """Collect every new state of an entity from now on; of events not `picture` unless asked."""
    states: list[State] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and (pictures or new.attributes.get("event_type") != "picture"):
            states.append(new)

    async_track_state_change_event(hass, entity_id, changed)
    return states

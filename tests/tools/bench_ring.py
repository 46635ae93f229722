"""How long a ring takes from the queue's frame to the doorbell's new state in Home Assistant.

Core and simulator share this process and its event loop, so the simulator's share counts too.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
import tempfile
import time
from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.tuyalink_intercom.const import DOMAIN
from tests.simulator import SimDevice, TuyaSimulator

from .bench_home import mixed_home
from .core import Project, running_core, set_up

DEVICES = 20
PRESSES_APART_S = 2
LOST_S = 10


async def ring_milliseconds(rings: int, warm_up: int) -> list[float]:
    """Ring the bells of a home in turn, each press at its own time; return each ring's time.

    A ring is one `event_notify`, as most video devices send it first.
    """
    cloud = TuyaSimulator(devices=mixed_home(DEVICES))
    await cloud.start()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            async with running_core(Path(folder)) as hass:
                await set_up(hass, Project.of(cloud))
                await cloud.connected()
                await hass.async_block_till_done()
                return (await _ring(hass, cloud, warm_up + rings))[warm_up:]
    finally:
        await cloud.stop()


async def _ring(hass: HomeAssistant, cloud: TuyaSimulator, rings: int) -> list[float]:
    bells = [device for device in cloud.devices.values() if device.category == "sp"]
    # Presses of the last minutes: a device's clock may lag that much.
    first = int(time.time()) - PRESSES_APART_S * rings // len(bells)
    measured: list[float] = []
    with stamped_frames(cloud) as written, _heard_rings(hass, bells) as heard:
        for number, bell in enumerate(islice(cycle(bells), rings)):
            press_time = first + PRESSES_APART_S * (number // len(bells))
            written.clear()
            sent = cloud.scenario("ring", bell.id, carrier="event_notify", press_time=press_time)
            async with asyncio.timeout(LOST_S):
                shown = await heard.get()
            measured.append((shown - written[0]) * 1000)
            await cloud.acked(sent.event_id)
            await hass.async_block_till_done()
    return measured


@contextmanager
def stamped_frames(cloud: TuyaSimulator) -> Iterator[list[float]]:
    """Note when each frame is handed to the consumer's socket writer."""
    written: list[float] = []
    (consumer,) = cloud.broker.consumers()
    send = consumer.send

    def stamped(frame: dict[str, Any]) -> None:
        written.append(time.perf_counter())
        send(frame)

    consumer.send = stamped
    yield written
    consumer.send = send


@contextmanager
def _heard_rings(hass: HomeAssistant, bells: list[SimDevice]) -> Iterator[asyncio.Queue[float]]:
    """Note when the doorbell of one of the devices shows `ring`."""
    heard: asyncio.Queue[float] = asyncio.Queue()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.attributes.get("event_type") == "ring":
            heard.put_nowait(time.perf_counter())

    stop: Callable[[], None] = async_track_state_change_event(
        hass, [_doorbell(hass, bell) for bell in bells], changed
    )
    yield heard
    stop()


def _doorbell(hass: HomeAssistant, bell: SimDevice) -> str:
    found = er.async_get(hass).async_get_entity_id("event", DOMAIN, f"{bell.id}_doorbell")
    if found is None:
        raise LookupError(f"{bell.name} has no doorbell")
    return found

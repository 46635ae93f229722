"""What a flood of messages costs: a backlog drained, a ring in its midst, strangers at the webhook.

Core and simulator share this process and its event loop, so the simulator's share counts too.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
import json
from pathlib import Path
import tempfile
import time
from typing import Any
from unittest.mock import patch

from aiohttp import ClientWebSocketResponse
from homeassistant.components.webhook import async_handle_webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.util.aiohttp import MockRequest

from custom_components.tuyalink_intercom.api import pulsar
from custom_components.tuyalink_intercom.api.frames import Frame, open_frame
from custom_components.tuyalink_intercom.const import CONF_WEBHOOK
from custom_components.tuyalink_intercom.runtime import RuntimeData
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.pulsar import Consumer
from tests.simulator.wire import compact

from .bench_home import mixed_home
from .core import Project, running_core, set_up

DEVICES = 20
PRESSES_APART_S = 2
RING_EVERY = 100
MICROSECONDS, MILLISECONDS = 1e6, 1e3


@dataclass(slots=True)
class Flood:
    """What was measured while a backlog was drained."""

    seconds: float = 0.0
    """From the first frame read to the last acknowledgement taken."""
    ring_ms: list[float] = field(default_factory=list)
    """From a ring's frame read to `ring` in Home Assistant."""
    ack_ms: list[float] = field(default_factory=list)
    """From a frame read to its acknowledgement written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A core with the integration, and the cloud that it is connected to."""

    hass: HomeAssistant
    cloud: TuyaSimulator
    entry: ConfigEntry[RuntimeData]

    @property
    def locks(self) -> list[SimDevice]:
        """The locks among the devices."""
        return [device for device in self.cloud.devices.values() if device.category == "ms"]

    @property
    def bells(self) -> list[SimDevice]:
        """The video bells and intercoms among the devices."""
        return [device for device in self.cloud.devices.values() if device.category == "sp"]


@asynccontextmanager
async def home() -> AsyncIterator[Home]:
    """Run a home of twenty devices, its queue connected and its webhook open."""
    cloud = TuyaSimulator(devices=mixed_home(DEVICES))
    await cloud.start()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            async with running_core(Path(folder)) as hass:
                entry = await set_up(hass, Project.of(cloud))
                options = {**entry.options, CONF_WEBHOOK: True}
                hass.config_entries.async_update_entry(entry, options=options)
                await hass.config_entries.async_reload(entry.entry_id)
                await cloud.connected()
                await hass.async_block_till_done()
                yield Home(hass=hass, cloud=cloud, entry=entry)
    finally:
        await cloud.stop()


async def flooded(home: Home, messages: int) -> Flood:
    """Let messages wait on the queue while nobody reads it, then drain them."""
    hass, cloud = home.hass, home.cloud
    await hass.config_entries.async_unload(home.entry.entry_id)
    await cloud.disconnected()
    last = _filled(home, messages)
    with _watched(hass) as flood:
        await hass.config_entries.async_setup(home.entry.entry_id)
        await cloud.acked(last)
        flood.seconds += time.perf_counter()
    await hass.async_block_till_done()
    return flood


def _filled(home: Home, messages: int) -> str:
    """Fill the queue: chatter, people who come in, and a ring now and then."""
    cloud, last = home.cloud, ""
    bells, locks = home.bells, home.locks
    first = int(cloud.now()) - PRESSES_APART_S * (messages // RING_EVERY // len(bells) + 1)
    for number in range(messages):
        if number % RING_EVERY == RING_EVERY - 1:
            ring = number // RING_EVERY
            pressed = first + PRESSES_APART_S * (ring // len(bells))
            bell = bells[ring % len(bells)]
            sent = cloud.scenario("ring", bell.id, carrier="event_notify", press_time=pressed)
            last = sent.message_ids[-1]
        elif number % 2:
            lock = locks[number % len(locks)]
            last = cloud.report(lock.id, {"unlock_card": number}).message_ids[-1]
        else:
            chatter = {"bizCode": "upgradeProcess", "bizData": {"progress": number}}
            last = cloud.publish(bells[0].id, chatter)
    return last


@contextmanager
def _watched(hass: HomeAssistant) -> Iterator[Flood]:
    """Note when frames are read, acknowledgements written and rings shown."""
    flood, read = Flood(), dict[str | None, float]()
    newest = 0.0
    send = ClientWebSocketResponse.send_str

    def opened(raw: bytes, access_secret: str) -> Frame:
        nonlocal newest
        newest = time.perf_counter()
        if not read:
            flood.seconds = -newest
        frame = open_frame(raw, access_secret)
        read[frame.ack_id] = newest
        return frame

    async def sent(socket: ClientWebSocketResponse[bool], text: str, **options: Any) -> None:
        await send(socket, text, **options)
        begun = read[json.loads(text)["messageId"]]
        flood.ack_ms.append((time.perf_counter() - begun) * MILLISECONDS)

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        state, old = event.data["new_state"], event.data["old_state"]
        if state is None or old is None or old.state == "unavailable":
            return
        if state.domain == "event" and state.attributes.get("event_type") == "ring":
            flood.ring_ms.append((time.perf_counter() - newest) * MILLISECONDS)

    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    with (
        patch.object(pulsar, "open_frame", opened),
        patch.object(ClientWebSocketResponse, "send_str", sent),
    ):
        yield flood
    stop()


async def reject_microseconds(home: Home, requests: int) -> float:
    """Return what one forged request costs, from Home Assistant's handler to the answer."""
    key = home.entry.data["webhook_id"]
    body = compact({"devId": home.bells[0].id, "status": [{"code": "x", "value": "y" * 900}]})
    headers = {
        "client-id": home.cloud.access_id,
        "timestamp": str(home.cloud.now_ms()),
        "sign": "0" * 64,
    }
    forged = [
        MockRequest(body.encode(), "bench", method="POST", headers=headers) for _ in range(requests)
    ]
    refused = home.entry.runtime_data.coordinator.cloud.counters.webhook
    before = refused["refused"]
    started = time.perf_counter()
    for request in forged:
        await async_handle_webhook(home.hass, key, request)
    seconds = time.perf_counter() - started
    if refused["refused"] - before != requests:
        raise LookupError("a forged request was not refused")
    return seconds / requests * MICROSECONDS


def events_per_second(home: Home, events: int) -> float:
    """Return how many passages a second become states, from frame to Home Assistant."""
    frames = [compact(frame).encode() for frame in _passages(home, events)]
    secret, receive = home.cloud.access_secret, home.entry.runtime_data.coordinator.receive
    shown = count()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"].endswith("_access"):
            next(shown)

    stop = home.hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    started = time.perf_counter()
    for raw in frames:
        message = open_frame(raw, secret).message
        if message is not None:
            receive(message)
    seconds = time.perf_counter() - started
    stop()
    if next(shown) != events:
        raise LookupError("a passage was not shown")
    return events / seconds


def _passages(home: Home, events: int) -> list[dict[str, Any]]:
    """Let people open the locks, each with a finger of their own."""
    frames: list[dict[str, Any]] = []
    # Another cloud of the same project: nobody else reads its queue.
    cloud = TuyaSimulator(devices=mixed_home(DEVICES))
    reader = Consumer(name="bench", kind="Failover", send=frames.append, close=lambda: None)
    cloud.broker.subscription("event", f"{cloud.access_id}-bench").join(reader)
    for number in range(events):
        lock = home.locks[number % len(home.locks)]
        body = {"devId": lock.id, "status": [{"code": "unlock_fingerprint", "value": number}]}
        reader.unacked.clear()
        cloud.publish(lock.id, body)
    # Both clouds count their messages from one.
    return [{**frame, "messageId": f"passage {number}"} for number, frame in enumerate(frames)]

"""What happened while nobody listened: found in Tuya's logs, told on Home Assistant's bus.

No event entity changes for it. Each fact becomes one `tuyalink_intercom_history` event with its
own time, in the order of time once the logs were read and the queue's backlog has come.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval

from ..arrivals import Arrival, Source
from ..const import CONF_WEBHOOK, DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..kept.remembered import RememberedFacts
from ..model.changes import Change
from ..model.context import LIVE
from ..model.health import Rung
from ..model.history import replayed, tells
from ..model.state import Device
from ..push import PushDelivery
from ..telling import moment
from .log_reader import Found, Hole, LogReader
from .untold import Untold

SHORTEST = 5 * 60.0
"""A shorter absence (s) is left to the queue, which redelivers for two hours: no call is spent."""
LONGEST = 7 * 24 * 3600.0
"""Tuya keeps the logs of devices this long (s)."""
SLACK = 120.0
"""A line may be dead for so long (s) before it is known to be."""
RECENT = LIVE + 30.0
"""What is this young (s) may still come as news by push: the logs do not tell it."""
QUIET = 5.0
"""The queue's backlog comes at once: after this long (s) without a message it has come."""
STEADY = 60.0
"""A line that held for a shorter time (s) may not have brought its backlog."""
PATIENCE = 60.0
"""After this long (s) what was found is told, whether or not the queue is back."""
BEAT = timedelta(minutes=15)
"""How often it is noted that we listened: what a crash makes us look up again."""
_LOGGER = logging.getLogger(__name__)
_AGAIN, _AGAIN_AT_MOST = 600.0, 6 * 3600.0
_LOOK = 1.0


class History:
    """The history of one project while its entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        push: PushDelivery,
        remembered: RememberedFacts,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._push = push
        self._remembered = remembered
        self._reader = LogReader(
            coordinator.cloud,
            remembered.refused_logs,
            remembered.history_changed,
            lambda: coordinator.asking_is_vain,
        )
        self._was = False, False
        """Whether we were connected, and whether we listened, when we looked last."""
        self._since = 0.0
        """When we were connected."""
        self._holes: dict[str, Hole] = {}
        self._reading: asyncio.Task[Found] | None = None
        self._began: float | None = None
        """When the fill at hand began; `None` while what comes late is told at once."""
        self._heard_at = coordinator.cloud.now()
        """When the last message came, of whatever device."""
        self._again = _AGAIN
        self._timers: dict[str, CALLBACK_TYPE] = {}
        self._untold = Untold(hass, entry, remembered)
        self.counts = self._untold.counts

    def as_told(self) -> dict[str, Any]:
        """Return counts for diagnostics; logs and reasons are a fixed vocabulary."""
        return {**self.counts, "waiting": len(self._untold), "refused": {**self._reader.refusals}}

    async def look_up(self, holes: Sequence[Hole], most: int) -> Found:
        """Read the logs of these times for somebody who asks: nothing of it is told or kept."""
        return await self._reader.for_somebody(most).read(holes)

    @property
    def filling(self) -> bool:
        """Whether what was missed is being looked up."""
        return self._began is not None

    @callback
    def start(self) -> None:
        """Look up what was missed, and take what comes late, until the entry is unloaded."""
        entry, coordinator = self._entry, self._coordinator
        entry.async_on_unload(self._stop)
        entry.async_on_unload(coordinator.subscribe(None, self._happened))
        entry.async_on_unload(coordinator.watch(self._arrived))
        entry.async_on_unload(coordinator.async_add_listener(self._looked))
        entry.async_on_unload(self._push.watch(lambda _: self._looked(), lambda _: None))
        entry.async_on_unload(
            async_track_time_interval(self._hass, self._beat, BEAT, cancel_on_shutdown=True)
        )
        entry.async_on_unload(self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._stopping))
        self._fill()
        self._looked()

    @property
    def _connected(self) -> bool:
        """Whether messages can reach us."""
        webhook = self._entry.options.get(CONF_WEBHOOK, False)
        return self._push.connected or (self._push.topic is None and bool(webhook))

    @property
    def _listening(self) -> bool:
        """Whether every message reaches us now, as far as anybody can tell."""
        return self._connected and self._coordinator.rung is Rung.FRESH

    @callback
    def _looked(self) -> None:
        before, now = self._was, (self._connected, self._listening)
        self._was = now
        began, began_to_listen = (one and not was for one, was in zip(now, before, strict=True))
        if before[1] and not now[1]:
            self._lost()
        if began:
            self._since = self._coordinator.cloud.now()
        if began or began_to_listen:
            self._fill()

    def _lost(self) -> None:
        """Note until when we listened."""
        if self._connected:
            # Nothing came for too long: nobody knows since when something is missing.
            heard = self._remembered.heard
            heard.update({key: min(at, self._heard_at) for key, at in heard.items()})
        elif self._coordinator.cloud.now() - self._since >= STEADY:
            self._hear(self._devices())

    @callback
    def _arrived(self, arrival: Arrival) -> None:
        if arrival.source is Source.TEST:
            return
        self._heard_at = arrival.time
        device = self._coordinator.device(arrival.message.device_id)
        if device is not None and self._listening:
            self._hear([device])

    @callback
    def _beat(self, _now: datetime | None = None) -> None:
        if self._listening:
            self._hear(self._devices())

    def _devices(self) -> Iterator[Device]:
        return (one for one in self._coordinator.data.devices.values() if tells(one))

    def _hear(self, devices: Iterable[Device]) -> None:
        """Note that these devices were heard until now, unless something before is missing."""
        now = self._coordinator.cloud.now()
        for device in devices:
            if device.id not in self._holes:
                self._remembered.heard[device.id] = now
        self._remembered.history_changed()

    @callback
    def _fill(self, _now: datetime | None = None) -> None:
        """Look up what was missed, if that is more than the queue brings again."""
        self._cancel("again")
        if self.filling:
            return
        self._holes = {hole.device.id: hole for hole in self._missed()}
        if not self._holes and not self._untold:
            return
        self._began = self._coordinator.cloud.now()
        if self._holes:
            self._reading = self._entry.async_create_background_task(
                self._hass, self._reader.read([*self._holes.values()]), f"{DOMAIN} history"
            )
        self._after("look", _LOOK, self._look)

    def _missed(self) -> Iterator[Hole]:
        now = self._coordinator.cloud.now()
        for device in self._devices():
            # Nothing was missed of a device that was not there.
            heard = self._remembered.heard.setdefault(device.id, now)
            if now - heard >= SHORTEST:
                since = max(heard - SLACK, now - LONGEST)
                yield Hole(device=device, since=since, until=now - RECENT)

    @callback
    def _look(self, _now: datetime) -> None:
        """Tell what was found once it is complete."""
        now = self._coordinator.cloud.now()
        if self._reading is not None and not self._reading.done():
            waits = True
        else:
            began = now if self._began is None else self._began
            quiet = now - max(self._heard_at, began) >= QUIET
            came = quiet and (self._listening or self._push.topic is None)
            waits = not came and now - began < PATIENCE
        if waits:
            self._after("look", _LOOK, self._look)
        else:
            self._finish()

    def _finish(self) -> None:
        """Take the rows in and tell everything, in one go: nothing can come between."""
        found = self._read()
        for device_id, rows in found.rows.items():
            device = self._coordinator.device(device_id)
            if device is not None and device_id not in found.failed:
                now = self._coordinator.cloud.now()
                self._coordinator.take(replayed(device, rows, now))
        for hole in self._holes.values():
            if hole.device.id not in found.failed:
                self._remembered.heard[hole.device.id] = hole.until
        self._holes = {}
        self._began = None
        self._untold.tell()
        self.counts["fills"] += 1
        if found.failed:
            self.counts["failed"] += 1
            self._after("again", self._again, self._fill)
            self._again = min(2 * self._again, _AGAIN_AT_MOST)
        else:
            self._again = _AGAIN
        self._holes = {
            hole.device.id: hole for hole in self._missed() if hole.device.id in found.failed
        }
        self._beat()

    def _read(self) -> Found:
        """Return what the logs told."""
        reading, self._reading = self._reading, None
        if reading is None:
            return Found()
        if reading.cancelled():
            return Found(failed={*self._holes})
        error = reading.exception()
        if error is None:
            return reading.result()
        _LOGGER.error("Reading what was missed failed: %s", type(error).__name__)
        return Found(failed={*self._holes})

    @callback
    def _happened(self, change: Change) -> None:
        device = self._coordinator.device(change.device_id)
        told = moment(device, change) if device is not None else None
        if device is not None and told is not None and not told.live:
            self._untold.add(device, told)
            if not self.filling:
                self._untold.tell()

    def _after(self, name: str, seconds: float, action: Callable[[datetime], None]) -> None:
        self._cancel(name)
        job = HassJob(action, f"{DOMAIN} history {name}", cancel_on_shutdown=True)
        self._timers[name] = async_call_later(self._hass, seconds, job)

    def _cancel(self, name: str) -> None:
        if (cancel := self._timers.pop(name, None)) is not None:
            cancel()

    @callback
    def _stopping(self, _event: Event) -> None:
        self._beat()

    @callback
    def _stop(self) -> None:
        self._beat()
        for name in [*self._timers]:
            self._cancel(name)

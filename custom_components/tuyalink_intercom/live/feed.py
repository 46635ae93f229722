"""A view that lasts: supplies one stream of Home Assistant's with addresses while it is viewed.

The worker opens the address that it has again and again, but Tuya's open only once: what it is
to open next is put in its place in time. Nobody views, and there is neither call nor timer.
"""

import asyncio
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.components.stream import Stream
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .addresses import StreamAddresses

_LOGGER = logging.getLogger(__name__)

RENEW_AFTER: Final = timedelta(minutes=9)
"""Tuya cuts an address ten minutes after it was opened, to the second."""
LOOK_EVERY: Final = timedelta(seconds=30)
TRIES: Final = 3
"""Home Assistant's worker waits 10 s, then 20 s, then 30 s before it opens again. An address that
is asked for when it begins to wait lives for half a minute.
"""


class StreamFeed:
    """Supplies a stream from the first view on; a view begins with `begin`."""

    def __init__(
        self, entry: ConfigEntry, stream: Stream, addresses: StreamAddresses, name: str
    ) -> None:
        self._hass = stream.hass
        self._entry = entry
        self._stream = stream
        self._addresses = addresses
        self._name = name
        self._cancel: CALLBACK_TYPE | None = None
        self._task: asyncio.Task[None] | None = None
        self._given = dt_util.utcnow()
        self._seen = -1
        self._failures = 0
        stream.set_update_callback(self._changed)

    @callback
    def begin(self) -> None:
        """Take note that the stream has been given a fresh address for somebody who views."""
        self._failures = 0
        self._note()
        if self._cancel is None:
            self._cancel = async_track_time_interval(
                self._hass, self._look, LOOK_EVERY, cancel_on_shutdown=True
            )

    async def stop(self) -> None:
        """End the view, whoever looks."""
        self._end()
        # A stream that is to be preloaded would go on.
        self._stream.dynamic_stream_settings.preload_stream = False
        # A worker that was given a new source and has not opened it yet would open it after all,
        # and Home Assistant would wait for its end for ever: the new source undoes the stop.
        self._stream._fast_restart_once = False  # noqa: SLF001 - Stream has no call for it
        for output in self._stream.outputs().values():
            # Who waits for the next piece of video is told that there is none.
            await self._stream.remove_provider(output)
        await self._stream.stop()

    @callback
    def _look(self, now: datetime) -> None:
        """Renew the address in time while somebody views, else end."""
        outputs = self._stream.outputs().values()
        if all(output.idle for output in outputs):
            self._stop_soon()
        # A worker that waits after many failures may wait for longer than its address lives.
        elif not self._stream.available or now - self._given >= RENEW_AFTER:
            self._renew()

    @callback
    def _changed(self) -> None:
        """Hear that the worker has begun to open its address, or has failed and waits."""
        stream = self._stream
        if stream.available or self._task is not None or not stream.outputs():
            return
        if self._sequence() > self._seen:
            self._failures = 0
        else:
            self._addresses.doubt()
        self._seen = self._sequence()
        self._failures += 1
        if self._failures > TRIES:
            self._give_up()
        else:
            self._renew()

    def _give_up(self) -> None:
        _LOGGER.warning(
            "Live video of %s is given up: no address plays. Who views it again gets a new one",
            self._name,
        )
        self._stop_soon()

    def _renew(self) -> None:
        if self._task is None:
            self._task = self._entry.async_create_task(
                self._hass, self._supply(), "tuyalink_intercom live video", eager_start=False
            )

    async def _supply(self) -> None:
        """Give the stream a fresh address; if there is none now, it is tried again.

        The next look tries, half a minute later, or the worker's next failure.
        """
        try:
            address = await self._addresses.fresh()
        except HomeAssistantError as error:
            _LOGGER.debug("No address to go on with: %s", error)
            return
        finally:
            self._task = None
        stream = self._stream
        if self._cancel is None or not stream.outputs():
            return
        if stream.available:
            stream.update_source(address)
        else:
            # The worker waits: to be told of a new source now would end it.
            stream.source = address
        self._note()

    def _note(self) -> None:
        self._given = dt_util.utcnow()
        self._seen = self._sequence()

    def _sequence(self) -> int:
        """Return the number of the newest piece of video; it grows while an address plays."""
        outputs = self._stream.outputs().values()
        return max((output.last_sequence for output in outputs), default=-1)

    def _stop_soon(self) -> None:
        self._end()
        self._entry.async_create_task(self._hass, self.stop(), "tuyalink_intercom live video ends")

    def _end(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        if self._task is not None:
            self._task.cancel()

"""Waiting for what a device itself says of one data point, after something was written to it."""

from asyncio import Event
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import TuyaError, unix_seconds
from ..arrivals import Arrival
from ..coordinator import TuyaLinkCoordinator
from ..model.items import values_of
from ..model.reports import code_of, value_of
from ..model.state import Device

_SLACK = 2.0
"""Tuya's clocks differ by up to this time (s)."""


class Reports[T]:
    """What is reported of a data point, as far as `read` makes sense of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: TuyaLinkCoordinator,
        device: Device,
        code: str,
        read: Callable[[object], T | None],
        *,
        dated: bool = True,
    ) -> None:
        """`dated`: whether what the cloud kept counts only if it came after the writing."""
        self._hass = hass
        self._coordinator = coordinator
        self._device = device
        self._code = code
        self._read = read
        self._dated = dated
        self._since = coordinator.cloud.now()
        self._last: T | None = None
        self._came = Event()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take in what comes: this begins before the writing, as a fast device reports first."""
        remove = self._coordinator.watch(self._arrived)
        try:
            yield
        finally:
            remove()

    @callback
    def begin(self) -> None:
        """Forget what came so far: something is written again."""
        self._since = self._coordinator.cloud.now()
        self._last = None
        self._came.clear()

    async def within(self, seconds: float) -> T | None:
        """Return the device's answer; if none comes in time, what the cloud kept of it since."""
        over = async_call_later(self._hass, seconds, HassJob(self._over))
        try:
            await self._came.wait()
        finally:
            over()
        return await self._stored() if self._last is None else self._last

    @callback
    def _over(self, _now: object) -> None:
        self._came.set()

    @callback
    def _arrived(self, arrival: Arrival) -> None:
        message, device = arrival.message, self._device
        if message.device_id != device.id or not arrival.fresh:
            return
        for value in values_of(message, device.codes, self._code):
            if (found := self._read(value)) is not None:
                self._last = found
                self._came.set()

    async def _stored(self) -> T | None:
        try:
            rows = await self._coordinator.cloud.devices.shadow(self._device.id)
        except TuyaError:
            return None
        for row in rows:
            if code_of(row, self._device.codes) != self._code:
                continue
            told = unix_seconds(row.get("time"))
            if not self._dated or (told is not None and told >= self._since - _SLACK):
                return self._read(value_of(row))
        return None

"""Addresses of Tuya's streaming service, a fresh one for each view.

Tuya's addresses open once, within half a minute, and are cut after ten minutes: none is kept.
"""

import asyncio
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..api import Reason, TuyaCloud, TuyaError
from ..api.errors import error_for
from .refusals import async_settle, refusal_of

_CALL: Final = "POST /v1.0/devices/{device_id}/stream/actions/allocate"
PATIENCE: Final = 9.0
"""Home Assistant gives a camera ten seconds, and then has no words of ours."""
_KINDS: Final = ("rtsp", "hls")
_TRY_THE_OTHER: Final = frozenset({Reason.NOT_SUPPORTED, Reason.MALFORMED_ANSWER})


class StreamAddresses:
    """Asks for addresses to view one device; remembers of which kind they play.

    `patience`: seconds that Tuya has for an answer.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        cloud: TuyaCloud,
        device_id: str,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._cloud = cloud
        self._device_id = device_id
        self._patience = patience
        self._kinds = _KINDS

    async def fresh(self) -> str:
        """Return an address to open at once. It is secret.

        Raises HomeAssistantError in the user's language; what they can cure becomes a repair,
        until an address is had again.
        """
        try:
            address = await self._allocate()
        except TuyaError as error:
            async_settle(self._hass, self._entry, error)
            raise refusal_of(error) from None
        async_settle(self._hass, self._entry, None)
        return address

    def doubt(self) -> None:
        """Ask for the other kind next: some devices give addresses that never play."""
        first, second = self._kinds
        self._kinds = (second, first)

    async def _allocate(self) -> str:
        try:
            async with asyncio.timeout(self._patience):
                return await self._of_either_kind()
        except TimeoutError:
            raise error_for(Reason.TIMED_OUT, _CALL) from None

    async def _of_either_kind(self) -> str:
        first, second = self._kinds
        try:
            if address := await self._of(first):
                return address
        except TuyaError as error:
            if error.reason not in _TRY_THE_OTHER:
                raise
        if address := await self._of(second):
            self.doubt()
            return address
        raise error_for(Reason.NOT_SUPPORTED, _CALL)

    async def _of(self, kind: str) -> str:
        return await self._cloud.devices.stream(self._device_id, kind)

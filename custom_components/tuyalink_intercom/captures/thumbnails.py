"""Pictures in small: made when they are looked at, a few at a time, and held while they fit."""

import asyncio
from collections.abc import Awaitable, Callable

from homeassistant.core import HomeAssistant, callback

from ..album.imaging import NotAPictureError, thumbnail
from .recent import RecentPictures

_MOST = 4 * 1024 * 1024
_AT_ONCE = 2
"""A page of the media browser asks for dozens; decoding is work for the computer."""


class Thumbnails:
    """Small pictures by capture id."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._held = RecentPictures(_MOST)
        self._making = asyncio.Semaphore(_AT_ONCE)

    async def of(
        self, capture_id: str, picture: Callable[[], Awaitable[bytes | None]]
    ) -> bytes | None:
        """Return a small JPEG, `None` if there is no picture."""
        if (held := self._held.get(capture_id)) is not None:
            return held
        async with self._making:
            # Somebody else may have asked for the same.
            if (held := self._held.get(capture_id)) is not None:
                return held
            if (data := await picture()) is None:
                return None
            try:
                small = await self._hass.async_add_executor_job(thumbnail, data)
            except NotAPictureError:
                return None
            self._held.put(capture_id, small)
            return small

    @callback
    def drop(self, capture_id: str) -> None:
        """Hold one no longer."""
        self._held.drop(capture_id)

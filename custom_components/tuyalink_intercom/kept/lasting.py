"""A file of an entry that is the same object over reloads, and is not written after removal.

What is under way while its entry is reloaded, or removed, still knows where to note it.
"""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers.storage import Store

from ..const import DOMAIN

_SAVE_DELAY: Final = 1.0
_VERSION: Final = 1

type Document = dict[str, Any]


class LastingFile:
    """One file; `document` returns what is to be in it."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, name: str, document: Callable[[], Document]
    ) -> None:
        self._store = Store[Document](
            hass, _VERSION, f"{DOMAIN}.{entry_id}.{name}", private=True, atomic_writes=True
        )
        self._document = document
        self._loaded = False
        self.removed = False

    async def load(self) -> object:
        """Return what was stored, the first time; later, and where there is nothing, `None`."""
        if self._loaded:
            return None
        self._loaded = True
        return await self.read()

    async def read(self) -> object:
        """Return what is on disk, `None` where another version wrote it: one to come, or gone.

        Raises HomeAssistantError or OSError where it cannot be read.
        """
        try:
            return await self._store.async_load()
        except UnsupportedStorageVersionError, NotImplementedError:
            return None

    @callback
    def save_soon(self) -> None:
        """Write, together with what else changes in this second."""
        if not self.removed:
            self._store.async_delay_save(self._document, _SAVE_DELAY)

    async def save(self) -> None:
        """Write now."""
        if not self.removed:
            await self._store.async_save(self._document())

    async def remove(self) -> None:
        """Delete it."""
        self.removed = True
        await self._store.async_remove()

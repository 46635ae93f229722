"""One file of an entry, for stores that others may still speak with when their entry is gone.

What is under way while its entry is reloaded, or removed, may note what it likes: once the file is
closed nothing is written.
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


class EntryFile:
    """One file; `document` returns what is to be in it."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, name: str, document: Callable[[], Document]
    ) -> None:
        self._store = Store[Document](
            hass, _VERSION, f"{DOMAIN}.{entry_id}.{name}", private=True, atomic_writes=True
        )
        self._document = document
        self._loaded = self._unsaved = False
        self.closed = False
        """Whether nothing is written any more."""

    async def load(self) -> object:
        """Return what was stored, the first time; later, and where there is nothing, `None`."""
        if self._loaded:
            return None
        self._loaded = True
        return await self.read()

    async def read(self) -> object:
        """Return what is on disk; raises HomeAssistantError or OSError where it cannot be read.

        `None` for what a later version wrote: who went back to this one does without.
        """
        try:
            return await self._store.async_load()
        except UnsupportedStorageVersionError:
            return None

    @callback
    def save_soon(self) -> None:
        """Write, together with what else changes in this second."""
        if not self.closed:
            self._unsaved = True
            self._store.async_delay_save(self._written, _SAVE_DELAY)

    async def save(self) -> None:
        """Write now."""
        if not self.closed:
            await self._store.async_save(self._written())

    async def close(self) -> None:
        """Write what is new, and nothing more from then on."""
        self.closed = True
        if self._unsaved:
            await self._store.async_save(self._written())

    async def remove(self) -> None:
        """Delete it."""
        self.closed = True
        await self._store.async_remove()

    def _written(self) -> Document:
        self._unsaved = False
        return self._document()

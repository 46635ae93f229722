"""The devices of a project as the last successful poll knew them, kept over restarts.

With them Home Assistant can start while Tuya's cloud does not answer: the message queue delivers
all the same, and a bell that nobody knows cannot ring. Bounded, and written lazily.
"""

from collections.abc import Collection, Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..model.codes import Description
from ..model.roster import Entry, device_of, entry_of
from ..model.signs import Poll
from ..model.state import AccessState, Device
from .products import Product, ProductStore

KEPT = 500
_SAVE_DELAY = 10.0
_VERSION = 1


class Roster:
    """The devices of one entry, by id."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = Store[dict[str, Entry]](
            hass, _VERSION, f"{DOMAIN}.{entry_id}.devices", private=True, atomic_writes=True
        )
        self._entries: dict[str, Entry] = {}
        self._unsaved = False

    async def load(self) -> None:
        """Read what was stored."""
        self._entries = await self._store.async_load() or {}

    @callback
    def polled(self, poll: Poll) -> None:
        """Keep the devices that a poll found, and no others."""
        devices = [*poll.after.devices.values()][:KEPT]
        entries: dict[str, Entry] = {device.id: entry_of(device) for device in devices}
        if entries != self._entries:
            self._entries = entries
            self._unsaved = True
            self._store.async_delay_save(self._as_stored, _SAVE_DELAY)

    def state(
        self,
        products: ProductStore,
        *,
        excluded: Collection[str],
        learned: Mapping[str, Collection[str]],
    ) -> AccessState:
        """Return the devices, of whose values nothing is known; none if none was ever found.

        Those left to others are not among them: who asks for them has to ask the cloud.
        """
        found = (
            _device(entry, products, learned.get(key, ()))
            for key, entry in self._entries.items()
            if key not in excluded
        )
        return AccessState(devices={device.id: device for device in found if device is not None})

    async def save(self) -> None:
        """Write what is new now, instead of soon."""
        if self._unsaved:
            await self._store.async_save(self._as_stored())

    async def remove(self) -> None:
        """Delete what was stored."""
        await self._store.async_remove()

    def _as_stored(self) -> dict[str, Entry]:
        self._unsaved = False
        return dict(self._entries)


def _device(entry: Entry, products: ProductStore, learned: Collection[str]) -> Device | None:
    product = products.stored(entry["productId"] or entry["id"]) or Product(fetched=0.0)
    description = Description(specification=product.specification, model=product.model)
    return device_of(entry, description, points=product.points, learned=learned)

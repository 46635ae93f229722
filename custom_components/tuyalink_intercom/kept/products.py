"""What Tuya says of products, stored by product id: it changes about never and costs calls."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from hashlib import blake2s
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN

FRESH = timedelta(days=7)
"""A product is described anew this often: a firmware update may add data points."""
_KEPT = 500
_SAVE_DELAY = 10.0
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The descriptions of a product, as the OpenAPI returns them."""

    fetched: float
    specification: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    """Function points, which only building terminals have."""


class ProductStore:
    """The product descriptions of one project: bounded, and kept over restarts.

    The config flow fills it before there is an entry, so it goes by the entry's unique id.
    """

    def __init__(self, hass: HomeAssistant, unique_id: str) -> None:
        name = blake2s(unique_id.encode(), digest_size=8).hexdigest()
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.products.{name}", atomic_writes=True
        )
        self._products: dict[str, Product] = {}
        self._unsaved = False

    async def load(self) -> None:
        """Read what was stored."""
        stored = await self._store.async_load() or {}
        self._products = {
            key: Product(**{**found, "points": tuple(found["points"])})
            for key, found in stored.items()
        }

    def get(self, product_id: str, now: float) -> Product | None:
        """Return a product that is fresh enough at this Unix time."""
        product = self._products.get(product_id)
        if product is None or abs(now - product.fetched) > FRESH.total_seconds():
            return None
        return product

    def stored(self, product_id: str) -> Product | None:
        """Return what is known of a product, however old it is."""
        return self._products.get(product_id)

    @callback
    def put(self, product_id: str, product: Product) -> None:
        """Keep a description; the oldest goes when there are too many."""
        self._products.pop(product_id, None)
        self._products[product_id] = product
        while len(self._products) > _KEPT:
            del self._products[next(iter(self._products))]
        self._unsaved = True
        self._store.async_delay_save(self._as_stored, _SAVE_DELAY)

    async def save(self) -> None:
        """Write what is new now, instead of soon."""
        if self._unsaved:
            await self._store.async_save(self._as_stored())

    async def remove(self) -> None:
        """Delete what was stored."""
        await self._store.async_remove()

    def _as_stored(self) -> dict[str, Any]:
        self._unsaved = False
        return {key: asdict(product) for key, product in self._products.items()}

"""Reading a project's devices with few calls: the list, the products, the values.

A read never touches the tree; it yields a `Snapshot` that is merged into whatever the
tree has become meanwhile, because messages are pushed while calls are under way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
import logging

from .api import OF_SERVICE, Reason, TuyaCloud, TuyaError
from .kept.products import Product, ProductStore
from .model import dpcodes
from .model.codes import Description, read_codes
from .model.records import (
    SenselessDeviceError,
    category,
    device_from,
    device_id,
    is_online,
    name_of,
    owner_of,
    product_id,
)
from .model.state import AccessState, Device
from .model.worlds import world_of
from .snapshot import RawDevice, Record, Snapshot, Values

_LOGGER = logging.getLogger(__name__)

_AT_ONCE = 4
"""Calls in parallel: Tuya allows ten thing-model calls a second."""


class Inventory:
    """The devices of a project, as the OpenAPI tells them."""

    def __init__(self, cloud: TuyaCloud, products: ProductStore) -> None:
        self._cloud = cloud
        self._products = products
        self._limit = asyncio.Semaphore(_AT_ONCE)
        self._senseless: dict[str, str] = {}
        self.names: dict[str, str] = {}
        """Of every device in the project, those left to others too, by id."""
        self.owners: dict[str, str] = {}
        """App account of each device whose record tells it."""
        self.online: dict[str, bool] = {}
        """Whether Tuya is connected to a device, of every one whose record tells it."""

    async def read(
        self,
        known: AccessState | None = None,
        *,
        excluded: Collection[str] = (),
        products_excluded: Collection[str] = (),
        learned: Mapping[str, Collection[str]] | None = None,
        shadows: bool = True,
    ) -> Snapshot:
        """Read the list, the products of new devices, and values; raise `TuyaError`.

        Values of custom data points cost a call per device; without `shadows` they are
        read for new devices only.
        """
        known = known or AccessState()
        asked = self._cloud.now()
        listed = {device_id(record): record for record in await self._cloud.devices.list()}
        self.names = {key: name_of(record) for key, record in listed.items()}
        self.owners = {key: uid for key, one in listed.items() if (uid := owner_of(one))}
        told = {key: is_online(one) for key, one in listed.items()}
        self.online = {key: online for key, online in told.items() if online is not None}
        ours = {
            key: record
            for key, record in listed.items()
            if key not in excluded and product_id(record) not in products_excluded
        }
        products = await self._described(
            {k: r for k, r in ours.items() if k not in known.devices and k not in known.others}
        )
        # Asked for one device that left, Tuya refuses the values of all.
        still = [device for key, device in known.devices.items() if key in ours]
        values = await self._values(still, products, shadows=shadows)
        fresh: dict[str, Device] = {}
        for key, product in products.items():
            rows = values.get(key, ())
            hides = _hides(product)
            description = (
                _description(product, shadow=rows) if hides else _description(product, status=rows)
            )
            features = (learned or {}).get(key, ())
            device = self._device(ours[key], description, asked, product.points, features)
            if device is not None:
                fresh[key] = device
        kept = {device.id for device in still}
        return Snapshot(
            asked=asked,
            records={key: ours[key] for key in ours if key in kept or key in fresh},
            fresh=fresh,
            values=values,
            others=frozenset(listed.keys() - kept - fresh.keys() - self._senseless.keys()),
            skipped=len(self._senseless),
        )

    async def values_of(self, device: Device) -> Values:
        """Read the values of one device; raise `TuyaError`."""
        if device.codes.custom:
            return await self._cloud.devices.shadow(device.id)
        return (await self._cloud.devices.status([device.id])).get(device.id, ())

    async def raw(self, wanted: Callable[[str], bool]) -> list[RawDevice]:
        """Return the devices whose product was ever described, by id; raise `TuyaError`."""
        listed = {device_id(record): record for record in await self._cloud.devices.list()}
        products = {
            key: product
            for key, record in listed.items()
            if wanted(key)
            and (product := self._products.stored(product_id(record) or key)) is not None
        }
        values = await self._values((), products, shadows=True)
        return [
            RawDevice(record=listed[key], product=product, values=values.get(key, ()))
            for key, product in products.items()
        ]

    def described(self, device: Device) -> Product:
        """Return what is stored of a device's product."""
        return self._products.stored(device.product_id or device.id) or Product(fetched=0.0)

    def _device(
        self,
        record: Record,
        description: Description,
        asked: float,
        points: Collection[str],
        learned: Collection[str],
    ) -> Device | None:
        try:
            return device_from(
                record,
                description,
                now=asked,
                read_at=self._cloud.now(),
                points=points,
                learned=learned,
            )
        except SenselessDeviceError as error:
            self._skip(record, error)
            return None

    def _skip(self, record: Record, error: SenselessDeviceError) -> None:
        """Do without a device until its data make sense; say so once."""
        if self._senseless.get(key := device_id(record)) != str(error):
            self._senseless[key] = str(error)
            _LOGGER.warning("Skipping a device of category %r: %s", category(record), error)

    async def _described(self, records: Mapping[str, Record]) -> dict[str, Product]:
        """Describe the products of devices that may be ours, each product once."""
        wanted: dict[str, list[str]] = {}
        for key, record in records.items():
            if category(record) not in dpcodes.NEVER_DOORS:
                wanted.setdefault(product_id(record) or key, []).append(key)
        described = await asyncio.gather(
            *(self._product(name, records[keys[0]]) for name, keys in wanted.items())
        )
        return {
            key: product
            for product, keys in zip(described, wanted.values(), strict=True)
            for key in keys
            if product is not None
        }

    async def _product(self, name: str, record: Record) -> Product | None:
        now = self._cloud.now()
        if (stored := self._products.get(name, now)) is not None:
            return stored
        async with self._limit:
            try:
                product = await self._fetch(record, now)
            except SenselessDeviceError as error:
                self._skip(record, error)
                return None
        self._senseless.pop(device_id(record), None)
        if product.specification or product.model or product.points:
            self._products.put(name, product)
        return product

    async def _fetch(self, record: Record, now: float) -> Product:
        key, devices = device_id(record), self._cloud.devices
        product = Product(
            fetched=now,
            specification=await _or_nothing(devices.specification(key)) or {},
            model=await _or_nothing(devices.model(key)) or {},
        )
        codes = read_codes(_description(product)).known
        if world_of(category(record), codes) is None and dpcodes.ALARM_HOST not in codes:
            points = await _or_nothing(devices.function_points(key))
            return replace(product, points=points or ())
        return product

    async def _values(
        self, known: Collection[Device], products: Mapping[str, Product], *, shadows: bool
    ) -> dict[str, Values]:
        custom = {device.id for device in known if device.codes.custom}
        standard = {device.id for device in known} - custom
        standard |= {key for key, product in products.items() if not _hides(product)}
        hidden = products.keys() - standard
        if shadows:
            hidden |= custom
        values: dict[str, Values] = {}
        if standard:
            values.update(await self._cloud.devices.status(sorted(standard)))
        shadowed = await asyncio.gather(*(self._shadow(key) for key in hidden))
        values.update(zip(hidden, shadowed, strict=True))
        return values

    async def _shadow(self, key: str) -> Values:
        async with self._limit:
            try:
                return await _or_nothing(self._cloud.devices.shadow(key)) or ()
            except SenselessDeviceError:
                return ()


def _hides(product: Product) -> bool:
    """Tell whether only the shadow shows all of a product's values."""
    return not product.model or read_codes(_description(product)).custom


def _description(product: Product, *, shadow: Values = (), status: Values = ()) -> Description:
    return Description(
        specification=product.specification,
        model=product.model,
        shadow=tuple(shadow),
        status=tuple(status),
    )


_NO_ANSWER = OF_SERVICE.union(
    {
        Reason.NOT_FOUND,
        Reason.NOT_LINKED,
        Reason.NOT_SUPPORTED,
        Reason.UNKNOWN,
    }
)


async def _or_nothing[T](call: Awaitable[T]) -> T | None:
    """Await a call; a refusal that concerns only this device or service is no answer."""
    try:
        return await call
    except TuyaError as error:
        if error.reason in _NO_ANSWER:
            return None
        if error.reason is Reason.MALFORMED_ANSWER:
            raise SenselessDeviceError(str(error)) from None
        raise

"""What one read of a project found, to be merged into whatever the tree has become meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from .kept.products import Product
from .model.changes import OnlineChanged, Renamed
from .model.publication import Published
from .model.records import is_online, name_of, product_id, with_values
from .model.reduce import applied
from .model.roster import confirmed
from .model.state import AccessState, Device

type Record = Mapping[str, Any]
type Values = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the cloud said at `asked` (Unix seconds, cloud time)."""

    asked: float
    records: Mapping[str, Record]
    fresh: Mapping[str, Device]
    values: Mapping[str, Values]
    others: frozenset[str]
    skipped: int

    def without(self, published: Published) -> Self:
        """Leave out what Home Assistant publishes itself."""
        own = {
            key
            for key, record in self.records.items()
            if key in published.devices or product_id(record) in published.products
        }
        records = {key: record for key, record in self.records.items() if key not in own}
        return replace(self, records=records, others=self.others | own)

    def merged(self, current: AccessState) -> AccessState:
        """Bring the tree up to date; what was pushed after `asked` stays."""
        devices: dict[str, Device] = {}
        for key, record in self.records.items():
            device, fresh = current.devices.get(key), self.fresh.get(key)
            if fresh is not None:
                devices[key] = confirmed(fresh, device, self.asked) if device else fresh
            elif device is not None:
                devices[key] = self._refreshed(device, record)
        return AccessState(devices=devices, others=self.others)

    def _refreshed(self, device: Device, record: Record) -> Device:
        device = applied(
            device, Renamed(device_id=device.id, time=self.asked, name=name_of(record))
        )
        if (online := is_online(record)) is not None:
            change = OnlineChanged(device_id=device.id, time=self.asked, online=online)
            device = applied(device, change)
        return with_values(device, self.values.get(device.id, ()), self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDevice:
    """A device in Tuya's own words. They hold secrets: only diagnostics ask, and sift them."""

    record: Record
    product: Product
    values: Values

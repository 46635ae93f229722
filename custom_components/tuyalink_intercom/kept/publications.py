"""What of Home Assistant's doors Tuya knows, and what it was not told yet: kept over restarts.

Also what Tuya says of their products. Whatever is in the file that makes no sense is left out: at
worst a model is asked for anew, or a door is looked up. Bounded, and written lazily.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final, TypeIs

from homeassistant.core import HomeAssistant, callback

from ..model.happenings import Happening, new_msg_id
from ..model.publication import Value
from .entry_file import EntryFile

FRESH: Final = timedelta(days=7)
"""A product is described anew this often; sooner where it does not fit its door."""
DOORS: Final = 200
MODELS: Final = 50
UNSENT: Final = 100
"""Happenings of one door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A door that Tuya knows, or may know: no device id, while it is being registered."""

    third_id: str
    device_id: str
    product_id: str
    name: str
    gateway: str | None = None
    """Our own id of the door that it is behind."""


class Publications:
    """The published doors of one entry, by our own ids."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._file = EntryFile(hass, entry_id, "published", self._as_stored)
        self._registered: dict[str, Registered] = {}
        self._models: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self._unsent: dict[str, list[Happening]] = {}

    async def load(self) -> None:
        """Read what was stored."""
        stored = await self._file.load()
        doors = (_registered(key, row) for key, row in _part(stored, "registered"))
        self._registered = {one.third_id: one for one in doors if one is not None}
        models = ((key, _model(row)) for key, row in _part(stored, "models"))
        self._models = {key: found for key, found in models if found is not None}
        unsent = stored.get("unsent") if isinstance(stored, Mapping) else None
        for key, rows in unsent.items() if isinstance(unsent, Mapping) else ():
            if found := [*_happenings(rows)]:
                self._unsent[key] = found[-UNSENT:]

    def all(self) -> tuple[Registered, ...]:
        """Return every door that Tuya knows, or may know."""
        return tuple(self._registered.values())

    def get(self, third_id: str) -> Registered | None:
        """Return what Tuya knows of a door."""
        return self._registered.get(third_id)

    def has_room(self, third_id: str) -> bool:
        """Tell whether one more door can be remembered: none may be forgotten."""
        return third_id in self._registered or len(self._registered) < DOORS

    @callback
    def keep(self, door: Registered) -> None:
        """Remember a door."""
        if self._registered.get(door.third_id) != door:
            self._registered[door.third_id] = door
            self._file.save_soon()

    @callback
    def forget(self, third_id: str) -> None:
        """Forget a door: Tuya knows it no more."""
        known = self._registered.pop(third_id, None)
        if (self._unsent.pop(third_id, None) or known) is not None:
            self._file.save_soon()

    def model(self, product_id: str, now: float | None = None) -> Mapping[str, Any] | None:
        """Return the thing model of a product as Tuya told it, if it is fresh at this time."""
        fetched, raw = self._models.get(product_id, (0.0, None))
        stale = now is not None and abs(now - fetched) > FRESH.total_seconds()
        return None if stale else raw

    @callback
    def describe(self, product_id: str, raw: Mapping[str, Any], now: float) -> None:
        """Keep the thing model of a product; the oldest goes when there are too many."""
        self._models.pop(product_id, None)
        self._models[product_id] = now, raw
        while len(self._models) > MODELS:
            del self._models[next(iter(self._models))]
        self._file.save_soon()

    def unsent(self, third_id: str) -> tuple[Happening, ...]:
        """Return what Tuya was not told yet."""
        return tuple(self._unsent.get(third_id, ()))

    @callback
    def leave_unsent(self, third_id: str, happenings: Iterable[Happening]) -> None:
        """Keep what Tuya was not told yet, instead of what was kept before."""
        found = [*happenings][-UNSENT:]
        if found == self._unsent.get(third_id, []):
            return
        if found:
            self._unsent[third_id] = found
        else:
            del self._unsent[third_id]
        self._file.save_soon()

    async def save(self) -> None:
        """Write now."""
        await self._file.save()

    async def close(self) -> None:
        """Write what is new, and nothing more from then on: another is kept by then, or none."""
        await self._file.close()

    async def remove(self) -> None:
        """Delete what was stored."""
        await self._file.remove()

    def _as_stored(self) -> dict[str, Any]:
        return {
            "registered": {key: asdict(one) for key, one in self._registered.items()},
            "models": {
                key: {"fetched": fetched, "model": raw}
                for key, (fetched, raw) in self._models.items()
            },
            "unsent": {key: [asdict(one) for one in kept] for key, kept in self._unsent.items()},
        }


def _part(stored: object, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    part = stored.get(name) if isinstance(stored, Mapping) else None
    for key, row in part.items() if isinstance(part, Mapping) else ():
        if isinstance(key, str) and isinstance(row, Mapping):
            yield key, row


def _registered(third_id: str, row: Mapping[str, Any]) -> Registered | None:
    device_id, product_id, name = row.get("device_id"), row.get("product_id"), row.get("name")
    gateway = row.get("gateway")
    if not (isinstance(device_id, str) and isinstance(product_id, str) and isinstance(name, str)):
        return None
    return Registered(
        third_id=third_id,
        device_id=device_id,
        product_id=product_id,
        name=name,
        gateway=gateway if isinstance(gateway, str) else None,
    )


def _model(row: Mapping[str, Any]) -> tuple[float, Mapping[str, Any]] | None:
    fetched, raw = row.get("fetched"), row.get("model")
    return (float(fetched), raw) if _is_number(fetched) and isinstance(raw, Mapping) else None


def _happenings(listed: object) -> Iterator[Happening]:
    for row in listed if isinstance(listed, list) else ():
        told = row if isinstance(row, Mapping) else {}
        code, time, good_for = told.get("code"), told.get("time"), told.get("good_for")
        if isinstance(code, str) and _is_number(time) and _is_number(good_for):
            msg_id = told.get("msg_id")
            yield Happening(
                code=code,
                time=float(time),
                good_for=float(good_for),
                outputs=dict(_outputs(told.get("outputs"))),
                msg_id=msg_id if isinstance(msg_id, str) else new_msg_id(),
            )


def _outputs(told: object) -> Iterator[tuple[str, Value]]:
    for key, value in told.items() if isinstance(told, Mapping) else ():
        if isinstance(key, str) and isinstance(value, bool | int | float | str):
            yield key, value


def _is_number(value: object) -> TypeIs[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)

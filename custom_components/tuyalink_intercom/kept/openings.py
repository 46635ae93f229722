"""Which way opened the doors of a product, and which doors are released: kept over restarts.

Whatever is in the file that makes no sense is left out: at worst a way is tried anew, or a door
that was released shows as locked. Bounded, and written lazily.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from weakref import WeakKeyDictionary

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..model.strategies import Experience, Strategy
from .entry_file import EntryFile

PRODUCTS = 200
DOORS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A door that is open from here until `until` (Unix seconds, this computer's clock)."""

    until: float
    as_open: bool = False
    """Whether it was released by "open"."""
    by: str | None = None
    """Who or what the device says opened it."""
    by_key: str | None = None
    """Under which the name of that person is known."""


class Openings:
    """The openings of one entry."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._file = EntryFile(hass, entry_id, "openings", self._as_stored)
        self._products: dict[str, Experience] = {}
        self._releases: dict[str, Release] = {}

    async def load(self) -> None:
        """Read what was stored, once: this outlives a reload of its entry."""
        products, releases = _parts(await self._file.load(), "products", "releases")
        self._products |= {key: _experience(one) for key, one in products}
        found = ((key, _release(one)) for key, one in releases)
        self._releases |= {key: release for key, release in found if release is not None}

    def experience(self, product: str) -> Experience:
        """Return what is remembered of a product."""
        return self._products.get(product, Experience())

    @callback
    def worked(self, product: str, way: Strategy) -> None:
        """Remember the way by which a door of a product opened."""
        doubted = self.experience(product).doubted - {way}
        self._learn(product, Experience(worked=way, doubted=doubted))

    @callback
    def doubt(self, product: str, way: Strategy) -> None:
        """Remember that Tuya accepted a way and the door did not confirm it."""
        before = self.experience(product)
        doubted = before.doubted | {way}
        self._learn(product, Experience(worked=before.worked, doubted=doubted))

    def _learn(self, product: str, experience: Experience) -> None:
        if self._products.get(product) != experience:
            _put(self._products, product, experience, PRODUCTS)
            self._file.save_soon()

    def released(self, door: str) -> Release | None:
        """Return how a door was released last, `None` if it is locked."""
        return self._releases.get(door)

    @callback
    def release(self, door: str, release: Release) -> None:
        """Remember that a door is released."""
        _put(self._releases, door, release, DOORS)
        self._file.save_soon()

    @callback
    def locked(self, door: str) -> None:
        """Remember that a door is locked again."""
        if self._releases.pop(door, None) is not None:
            self._file.save_soon()

    async def save(self) -> None:
        """Write now: the entry is being unloaded."""
        await self._file.save()

    async def remove(self) -> None:
        """Delete what was stored; a press that is still under way stores nothing any more."""
        await self._file.remove()

    def _as_stored(self) -> dict[str, Any]:
        products = {
            key: {"worked": one.worked, "doubted": sorted(one.doubted)}
            for key, one in self._products.items()
        }
        releases = {key: asdict(one) for key, one in self._releases.items()}
        return {"products": products, "releases": releases}


_OPENINGS: WeakKeyDictionary[ConfigEntry, Openings] = WeakKeyDictionary()


def openings_of(hass: HomeAssistant, entry: ConfigEntry) -> Openings:
    """Return the openings of an entry: the same while Home Assistant runs.

    A press that is under way while its entry is reloaded still knows whom to tell.
    """
    known = _OPENINGS.get(entry)
    if known is None:
        known = _OPENINGS[entry] = Openings(hass, entry.entry_id)
    return known


def _put[T](kept: dict[str, T], key: str, value: T, most: int) -> None:
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]


def _parts(stored: object, *names: str) -> Iterable[Iterable[tuple[str, Mapping[str, Any]]]]:
    """Return the objects in some members of what was stored."""
    document = stored if isinstance(stored, Mapping) else {}
    for name in names:
        part = document.get(name)
        rows = part.items() if isinstance(part, Mapping) else ()
        yield [(key, row) for key, row in rows if isinstance(row, Mapping)]


def _experience(row: Mapping[str, Any]) -> Experience:
    doubted = row.get("doubted")
    ways = doubted if isinstance(doubted, list) else []
    worked = row.get("worked")
    return Experience(
        worked=Strategy(worked) if worked in set(Strategy) else None,
        doubted=frozenset(Strategy(way) for way in ways if way in set(Strategy)),
    )


def _release(row: Mapping[str, Any]) -> Release | None:
    until = row.get("until")
    if isinstance(until, bool) or not isinstance(until, int | float):
        return None
    return Release(
        until=float(until),
        as_open=row.get("as_open") is True,
        by=_text(row.get("by")),
        by_key=_text(row.get("by_key")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

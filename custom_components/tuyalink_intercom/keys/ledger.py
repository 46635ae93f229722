"""The keys of a project that were handed out from here, kept over restarts. Bounded."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from itertools import islice
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..model.keys import Key, KeyKind, KeyState

KEPT = 2000
_SAVE_DELAY = 1.0
_VERSION = 1
ENDED = frozenset({KeyState.USED, KeyState.EXPIRED, KeyState.FAILED})
"""Keys that open nothing any more, which make room for others."""
_STATES = ("state", "done", "undone")
_MEMBERS = frozenset(member.name for member in fields(Key))

type _Identity = tuple[str, str, str, str]


class KeyLedger:
    """What is remembered of keys, oldest first."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.{entry_id}.keys", private=True, atomic_writes=True
        )
        self._keys: dict[_Identity, Key] = {}
        self._shared: set[str] = set()
        self._listeners: list[Callable[[], None]] = []
        self.closed = False
        """The entry was unloaded: another ledger is kept by now, or none."""

    async def load(self) -> None:
        """Read what was stored."""
        stored = await self._store.async_load() or {}
        keys = map(_key, stored.get("keys", ()))
        self._keys = {key.identity: key for key in keys if key is not None}
        self._shared = {*stored.get("shared", ())}

    def all(
        self, device_id: str | None = None, kind: KeyKind | None = None, person: str | None = None
    ) -> Iterator[Key]:
        """Yield the keys of a device, of a kind, of a person; of all where none is given."""
        for key in [*self._keys.values()]:
            if (
                device_id in {None, key.device_id}
                and kind in {None, key.kind}
                and person in {None, key.person}
            ):
                yield key

    @callback
    def put(self, *keys: Key) -> None:
        """Remember keys, or how they stand now."""
        self._keys |= {key.identity: key for key in keys}
        if (surplus := len(self._keys) - KEPT) > 0:
            ended = (one for one, key in self._keys.items() if key.state in ENDED)
            # Those that still open go last: nobody else knows of them.
            for identity in [*islice(dict.fromkeys([*ended, *self._keys]), surplus)]:
                del self._keys[identity]
        self._changed()

    def has_room(self, count: int = 1) -> bool:
        """Tell whether so many more can be remembered without forgetting any that opens."""
        return sum(key.state not in ENDED for key in self._keys.values()) + count <= KEPT

    @callback
    def forget(self, key: Key, *, alone: bool = False) -> None:
        """Forget a key that is no more; with a person all that the person carried.

        `alone` for a person who is not gone, but was never told from here.
        """
        gone = {key.identity}
        if key.kind is KeyKind.PERSON and not alone:
            gone |= {one.identity for one in self.all(key.device_id, person=key.id)}
        for identity in gone:
            self._keys.pop(identity, None)
        self._changed()

    @callback
    def stands(self, key: Key, state: KeyState) -> Key:
        """Note how a key stands, and return it so."""
        key = replace(key, state=state)
        self.put(key)
        return key

    def is_shared(self, device_id: str) -> bool:
        """Tell whether others made codes for a lock too, by Tuya's last list of them."""
        return device_id in self._shared

    @callback
    def note_shared(self, device_id: str, *, shared: bool) -> None:
        """Note whether others made codes for a lock."""
        if shared is not self.is_shared(device_id):
            self._shared ^= {device_id}
            self._changed()

    @callback
    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Tell a listener of every change; returns its remover."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def save(self) -> None:
        """Write now: Tuya is about to be told of a key that nobody else would know."""
        if not self.closed:
            await self._store.async_save(self._as_stored())

    async def close(self) -> None:
        """Write the last time: the entry is being unloaded."""
        self.closed = True
        await self._store.async_save(self._as_stored())

    async def remove(self) -> None:
        """Delete what was stored."""
        await self._store.async_remove()

    def _changed(self) -> None:
        if not self.closed:
            self._store.async_delay_save(self._as_stored, _SAVE_DELAY)
        for listener in [*self._listeners]:
            listener()

    def _as_stored(self) -> dict[str, Any]:
        keys = [asdict(key) for key in self._keys.values()]
        return {"keys": keys, "shared": sorted(self._shared)}


def _key(row: dict[str, Any]) -> Key | None:
    """Read a key; `None` for one that only another version of this can read."""
    row = {name: value for name, value in row.items() if name in _MEMBERS}
    try:
        states = {name: row[name] and KeyState(row[name]) for name in _STATES if name in row}
        hours = tuple(map(tuple, row.get("hours", ())))
        return Key(**{**row, **states, "kind": KeyKind(row["kind"]), "hours": hours})
    except KeyError, TypeError, ValueError:
        return None

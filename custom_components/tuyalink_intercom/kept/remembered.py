"""What an entry must know again after a restart, so that nothing rings twice.

Seen message ids, the last presses and facts of each device, and features that a
device showed though its data did not promise them. Bounded, and written lazily.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..model.calls import resumed
from ..model.changes import Change, FlatCalled, Learned, Remembered
from ..model.state import AccessState, Device, Memory, Press

SEEN_FOR = 2 * 3600 + 600.0
"""Tuya redelivers for two hours; ids are kept a little longer (s)."""
SEEN_AT_MOST = 16_384
FLATS_AT_MOST = 100
_SAVE_DELAY = 5.0
_VERSION = 1


class RememberedFacts:
    """Seen ids and device memories of one entry; `now` gives cloud time."""

    def __init__(self, hass: HomeAssistant, entry_id: str, now: Callable[[], float]) -> None:
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.{entry_id}", private=True, atomic_writes=True
        )
        self._now = now
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._memories: dict[str, Memory] = {}
        self._saving = False
        self.learned: dict[str, list[str]] = {}
        self.heard: dict[str, float] = {}
        """Device → cloud time up to which nothing of it was missed."""
        self.untold: list[dict[str, Any]] = []
        """History that waits to be told, as `history` wrote it. Bounded there."""
        self.refused_logs: dict[str, float] = {}
        """Log → when Tuya refused it."""
        self.former_people: dict[str, dict[str, str]] = {}
        """Names that were kept here before people had a registry."""
        self.flats: list[str] = []
        """Addresses that terminals called, the latest at the end."""
        self.names_read: dict[str, float] = {}
        """When the names of each lock were asked for last; under "" when Tuya refused it."""

    async def load(self) -> None:
        """Read what was stored."""
        stored = await self._store.async_load() or {}
        self._seen.update(stored.get("seen", {}))
        self.learned = stored.get("learned", {})
        self.heard = stored.get("heard", {})
        self.untold = stored.get("untold", [])
        self.refused_logs = stored.get("refused_logs", {})
        self.former_people = stored.get("people", {})
        self.flats = stored.get("flats", [])
        self.names_read = stored.get("names_read", {})
        self._memories = {key: _memory(found) for key, found in stored.get("memories", {}).items()}

    @callback
    def first_time(self, ids: Iterable[str]) -> bool:
        """Tell whether none of these identities of a message was seen, and keep them."""
        ids = tuple(ids)
        fresh = not any(identity in self._seen for identity in ids)
        now = self._now()
        for identity in ids:
            self._seen[identity] = now
            self._seen.move_to_end(identity)
        while self._seen and (
            len(self._seen) > SEEN_AT_MOST or next(iter(self._seen.values())) < now - SEEN_FOR
        ):
            self._seen.popitem(last=False)
        self._save_soon()
        return fresh

    @callback
    def keep(self, changes: Iterable[Change]) -> None:
        """Keep what changes say of memories and learned features."""
        for change in changes:
            match change:
                case Remembered(device_id=key, memory=memory):
                    self._memories[key] = memory
                    self._save_soon()
                case Learned(device_id=key, feature=feature):
                    features = self.learned.setdefault(key, [])
                    if feature not in features:
                        features.append(feature)
                case FlatCalled(address=address):
                    others = [flat for flat in self.flats if flat != address]
                    self.flats = [*others, address][-FLATS_AT_MOST:]
                    self._save_soon()

    @callback
    def names_were_read(self, key: str, time: float) -> None:
        """Keep when a lock's names were asked for, or with "" when Tuya refused to tell any."""
        self.names_read[key] = time
        self._save_soon()

    def restored(self, state: AccessState, fresh: Collection[str]) -> AccessState:
        """Give fresh devices their memories back; forget devices that left the project."""
        self._forget(state)
        return self.recalled(state, fresh)

    def recalled(self, state: AccessState, fresh: Collection[str]) -> AccessState:
        """Give fresh devices their memories back."""
        devices = {
            key: self._resumed(device) if key in fresh else device
            for key, device in state.devices.items()
        }
        return replace(state, devices=devices)

    def _forget(self, state: AccessState) -> None:
        known = state.devices.keys() | state.others
        self.learned = {key: kept for key, kept in self.learned.items() if key in known}
        self.heard = {key: at for key, at in self.heard.items() if key in known}
        self._memories = {key: kept for key, kept in self._memories.items() if key in known}
        known = known | {""}
        self.names_read = {key: at for key, at in self.names_read.items() if key in known}

    def _resumed(self, device: Device) -> Device:
        memory = self._memories.get(device.id, device.memory)
        return resumed(replace(device, memory=memory), self._now())

    @callback
    def history_changed(self) -> None:
        """Write soon what `history` changed."""
        self._save_soon()

    async def save(self) -> None:
        """Write now: the entry is being unloaded."""
        await self._store.async_save(self._as_stored())

    async def remove(self) -> None:
        """Delete what was stored."""
        await self._store.async_remove()

    def _save_soon(self) -> None:
        # Asking again would put the writing off, for ever under a chatty stream.
        if not self._saving:
            self._saving = True
            self._store.async_delay_save(self._as_stored, _SAVE_DELAY)

    def _as_stored(self) -> dict[str, Any]:
        self._saving = False
        return {
            "seen": dict(self._seen),
            "learned": self.learned,
            "heard": dict(self.heard),
            "untold": [*self.untold],
            "refused_logs": dict(self.refused_logs),
            "flats": self.flats,
            "names_read": dict(self.names_read),
            "memories": {key: asdict(memory) for key, memory in self._memories.items()},
        }


def _memory(stored: Mapping[str, Any]) -> Memory:
    return Memory(
        presses=tuple(Press(**press) for press in stored["presses"]),
        facts=tuple((key, time) for key, time in stored["facts"]),
    )

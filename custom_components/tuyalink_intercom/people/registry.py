"""The people of one entry, kept over restarts: the source of what devices show of names.

Words about names come as changes, whoever has them; the registry answers with what is to be shown
where. What it knows is `model.registry`, which bounds it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..model.changes import Change, PersonNamed
from ..model.naming import heard, news
from ..model.registry import Registry, Subject, restored, stored, taken_over
from ..model.state import AccessState, Device

_SAVE_DELAY = 5.0
_VERSION = 1

type Names = Mapping[str, Mapping[str, str]]


class PersonRegistry:
    """Persons and numbers of locks, what each is called, and by whose word."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.{entry_id}.people", private=True, atomic_writes=True
        )
        self.known = Registry()
        self.read: dict[str, float] = {}
        """When what else Tuya knows of people was asked for last, by what."""
        self._saving = False
        self._untold = False
        self._closed = False
        """The entry was unloaded: another registry is kept by now, or none."""

    async def load(self, former: Names | None = None) -> None:
        """Read what was stored; `former`: names as they were kept before, taken over once."""
        found = await self._store.async_load()
        if found is not None:
            self.known, self.read = restored(found["people"]), found.get("read", {})
        elif former:
            self.known = taken_over(former)
            # At once: where they were kept they are not written again.
            await self._save()

    @callback
    def heard(self, changes: Sequence[Change], state: AccessState) -> Sequence[Change]:
        """Take what changes say of people; return them with what is to be shown of it instead."""
        known = self.known
        for change in changes:
            known = heard(known, change)
        said = [at for at, change in enumerate(changes) if isinstance(change, PersonNamed)]
        if known is not self.known:
            self._know(known)
        if not said and not self._untold:
            return changes
        self._untold = False
        at = said[0] if said else len(changes)
        rest = [change for change in changes if not isinstance(change, PersonNamed)]
        time = max((change.time for change in changes), default=0.0)
        return [*rest[:at], *news(self.known, state.devices.values(), time), *rest[at:]]

    def restored(self, state: AccessState, fresh: Collection[str]) -> AccessState:
        """Give fresh devices their names; forget the numbers of those that left the project."""
        known = self.known.within(state.devices.keys() | state.others)
        if known is not self.known:
            self._know(known)
        return self.recalled(state, fresh)

    def recalled(self, state: AccessState, fresh: Collection[str]) -> AccessState:
        """Give fresh devices their names."""
        devices = {
            key: self._named(device) if key in fresh else device
            for key, device in state.devices.items()
        }
        return replace(state, devices=devices)

    @callback
    def forget(self, subjects: Collection[Subject]) -> None:
        """Forget people; what is shown of them goes with the next changes that are taken."""
        self._know(self.known.without(subjects))
        self._untold = True

    @callback
    def was_read(self, what: str, time: float) -> None:
        """Keep when something was asked for."""
        self.read[what] = time
        self._save_soon()

    async def close(self) -> None:
        """Write for the last time: the entry is being unloaded."""
        self._closed = True
        await self._save()

    async def remove(self) -> None:
        """Delete what was stored."""
        await self._store.async_remove()

    def _named(self, device: Device) -> Device:
        names = self.known.names(device.id)
        return replace(
            device,
            people={key: name for key, (name, _) in names.items()},
            owner_named=frozenset(key for key, (_, by_owner) in names.items() if by_owner),
        )

    def _know(self, known: Registry) -> None:
        self.known = known
        self._save_soon()

    async def _save(self) -> None:
        await self._store.async_save(self._as_stored())

    def _save_soon(self) -> None:
        # Asking again would put the writing off, for ever under a chatty stream.
        if not self._saving and not self._closed:
            self._saving = True
            self._store.async_delay_save(self._as_stored, _SAVE_DELAY)

    def _as_stored(self) -> dict[str, Any]:
        self._saving = False
        return {"people": stored(self.known), "read": dict(self.read)}

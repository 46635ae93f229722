"""What a terminal is told of persons and their keys, followed to its end and remembered.

Tuya has no list of them: the ledger is all that is known. A terminal does as told later, so a
key is pending until its command was done; whatever gets lost on the way leaves it so.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..api import TuyaError
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import PersonNamed
from ..model.keys import Key, KeyKind, KeyState
from ..model.persons import PersonProblem, PersonRefusedError, is_id
from ..model.registry import Origin
from ..model.state import Device
from ..runtime import TuyaLinkConfigEntry
from ..served.room import PictureRoom
from ..translated import translation_of
from .code_errors import refused
from .commands import fate_of, followed_all
from .ledger import KeyLedger
from .pace import Pace

REMOVED: Final = "removed"
FORGOTTEN: Final = "forgotten"
_ASKED: Final = 20

type Send = Callable[[], Awaitable[Sequence[str]]]
"""Tells Tuya; returns the serial numbers of the commands, none where it acted at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Somebody a key is for."""

    id: str
    name: str


class TerminalKeys:
    """The persons and keys of one terminal."""

    def __init__(self, hass: HomeAssistant, entry: TuyaLinkConfigEntry, device: Device) -> None:
        self._hass = hass
        self._entry = entry
        self.device = device
        self.cloud = entry.runtime_data.coordinator.cloud
        self.calls = self.cloud.persons

    # After a reload these are others.
    @property
    def faces(self) -> PictureRoom:
        """The faces that are served now."""
        return self._entry.runtime_data.faces

    @property
    def face_pace(self) -> Pace:
        """Lets calls about faces pass."""
        return self._entry.runtime_data.face_pace

    @property
    def _ledger(self) -> KeyLedger:
        return self._entry.runtime_data.keys

    @property
    def _coordinator(self) -> TuyaLinkCoordinator:
        return self._entry.runtime_data.coordinator

    def persons(self) -> list[Key]:
        """Return who was told to the terminal from here, by name."""
        found = self._ledger.all(self.device.id, KeyKind.PERSON)
        return sorted(found, key=lambda key: (key.name.casefold(), key.id))

    def strangers(self) -> dict[str, str]:
        """Return the names, by id, of those who carry keys from here but were told by others."""
        known = {key.id for key in self.persons()}
        keys = self._ledger.all(self.device.id)
        return {key.person: key.name for key in keys if key.person and key.person not in known}

    def person(self, person_id: str) -> Key | None:
        """Return a person by id."""
        return next((key for key in self.persons() if key.id == person_id), None)

    def person_key(self, carrier: Carrier) -> Key:
        """Return a person as known, also one whom only the terminal's log has told of."""
        return self.person(carrier.id) or Key(
            device_id=self.device.id,
            kind=KeyKind.PERSON,
            id=carrier.id,
            made=self.cloud.now(),
            name=carrier.name,
            state=KeyState.FAILED,
        )

    def carrier(self, told: str) -> Carrier:
        """Return who is meant by an id, or a name that only one person has.

        Raises PersonRefusedError.
        """
        people = self._people()
        if told in people:
            return Carrier(id=told, name=people[told])
        found = [key for key, name in people.items() if name.casefold() == told.casefold()]
        if len(found) > 1:
            raise PersonRefusedError(PersonProblem.NOT_UNIQUE)
        if not found:
            raise PersonRefusedError(PersonProblem.UNKNOWN)
        return Carrier(id=found[0], name=people[found[0]])

    def _people(self) -> dict[str, str]:
        """Return names by id: of those told from here, and of whom the log has told."""
        known = self._coordinator.device(self.device.id) or self.device
        heard = {key: name for key, name in known.people.items() if is_id(key)}
        return {**heard, **{key.id: key.name for key in self.persons()}}

    def carried(self, person: str, kind: KeyKind | None = None) -> list[Key]:
        """Return what a person carries."""
        return [*self._ledger.all(self.device.id, kind, person)]

    def key(self, kind: KeyKind, carrier: Carrier, key_id: str) -> Key:
        """Return a key of a person as it is known, or a new one."""
        known = (one for one in self.carried(carrier.id, kind) if one.id == key_id)
        new = Key(
            device_id=self.device.id,
            kind=kind,
            id=key_id,
            made=self.cloud.now(),
            name=carrier.name,
            person=carrier.id,
            state=KeyState.FAILED,
        )
        return next(known, new)

    async def write(self, keys: Sequence[Key], send: Send) -> list[str]:
        """Tell Tuya of keys, follow that to its end; return how each stands then.

        Raises a translated HomeAssistantError where Tuya refused, and nothing has changed.
        """
        self.require_loaded()
        before = [self._known(key) for key in keys]
        new = [key for key, known in zip(keys, before, strict=True) if known is None and key.done]
        if not self._ledger.has_room(len(new)):
            raise refused("code_too_many")
        self._ledger.put(*(replace(key, state=KeyState.PENDING, sn="") for key in keys))
        # Tuya has no list of persons: what a crash loses now nobody would ever find again.
        await self._ledger.save()
        try:
            sns = await send()
        except TuyaError as error:
            if error.uncertain:
                return [KeyState.PENDING.value] * len(keys)
            for key, known in zip(keys, before, strict=True):
                self._restore(key, known)
            raise HomeAssistantError(**translation_of(error)) from None
        if not sns:
            return [self._settle(key, KeyState.ACTIVE) for key in keys]
        return await self._followed(keys, sns)

    async def _followed(self, keys: Sequence[Key], sns: Sequence[str]) -> list[str]:
        if len(sns) == 1:
            # One command about all of them.
            sns = [sns[0]] * len(keys)
        if len(sns) != len(keys):
            # Whose are they? All may have been told, and none is known to have done it.
            return [KeyState.PENDING.value] * len(keys)
        told = [replace(key, sn=sn) for key, sn in zip(keys, sns, strict=True)]
        for key in told:
            self._note(replace(key, state=KeyState.PENDING))
        fates = await followed_all(self._hass, self.cloud, sns)
        return [self._settle(key, fate) for key, fate in zip(told, fates, strict=True)]

    async def give_up(self, keys: Sequence[Key], send: Send) -> list[str]:
        """Tell Tuya that keys are no more, and forget them whatever comes of it."""
        try:
            states = await self.write(keys, send)
        except HomeAssistantError:
            if not self._loaded:
                raise
            states = [KeyState.FAILED.value] * len(keys)
        for key, state in zip(keys, states, strict=True):
            if state != REMOVED:
                self._ledger.forget(key)
        return [state if state == REMOVED else FORGOTTEN for state in states]

    async def ask_again(self) -> None:
        """Ask once what became of what was pending; the newest, if it is much."""
        # What no terminal will ever do again must not keep the others from being asked for.
        for key in [*self._pending()][-_ASKED:]:
            if (fate := await fate_of(self.cloud, key.sn)) is not None:
                self._settle(key, fate)

    def _pending(self) -> Iterator[Key]:
        for key in self._ledger.all(self.device.id):
            if key.state is KeyState.PENDING and key.sn:
                yield key

    def _settle(self, key: Key, fate: KeyState) -> str:
        """Note what became of a command; return how the key stands."""
        if not self._loaded:
            # Unloaded meanwhile: it stays pending.
            return KeyState.PENDING.value
        if fate is KeyState.PENDING:
            known = self._known(key)
            if known is not None and known.state is KeyState.PENDING:
                # Reloaded meanwhile it has not heard of the serial number yet.
                self._ledger.put(replace(key, state=fate))
            return fate.value
        failed = fate is KeyState.FAILED
        state = key.undone if failed else key.done
        if state is None:
            self._ledger.forget(key, alone=failed)
        else:
            self._ledger.put(replace(key, state=state, sn=""))
        if failed:
            return fate.value
        if state is not None and key.kind is KeyKind.PERSON:
            self._tell_name(key)
        return REMOVED if state is None else state.value

    def require_loaded(self) -> None:
        """Raise if the project was unloaded meanwhile: nobody would remember what is told now."""
        if not self._loaded:
            raise refused("project_not_loaded")

    @property
    def _loaded(self) -> bool:
        return self._entry.state is ConfigEntryState.LOADED

    def _note(self, key: Key) -> None:
        """Remember a key, unless the project was unloaded meanwhile: its store is closed."""
        if self._loaded:
            self._ledger.put(key)

    def _tell_name(self, key: Key) -> None:
        told = PersonNamed(
            device_id=self.device.id,
            time=self.cloud.now(),
            person=key.id,
            name=key.name,
            origin=Origin.PUSHED,
        )
        self._coordinator.take([told])

    def _known(self, key: Key) -> Key | None:
        found = self._ledger.all(key.device_id, key.kind, key.person)
        return next((one for one in found if one.id == key.id), None)

    def _restore(self, key: Key, known: Key | None) -> None:
        if known is not None:
            self._note(known)
        elif self._loaded:
            self._ledger.forget(key, alone=True)


async def one(call: Awaitable[str]) -> Sequence[str]:
    """Send something that is one command."""
    return (await call,)


async def at_once(call: Awaitable[None]) -> Sequence[str]:
    """Send something that Tuya does itself, at once."""
    await call
    return ()


def to_be(key: Key, state: KeyState | None) -> Key:
    """Return a key as it is to stand, `None` to be no more; if that fails, as it stood before."""
    # One whose fate is not known stood as it does if that order failed.
    before = key.undone if key.state is KeyState.PENDING else key.state
    if before in {None, KeyState.FAILED}:
        # Of what was never told from here nothing is kept that did not come about.
        before = KeyState.FAILED if state is KeyState.ACTIVE else None
    return replace(key, done=state, undone=before)

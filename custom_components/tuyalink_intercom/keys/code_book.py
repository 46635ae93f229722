"""Which codes a lock has: those that were handed out from here, joined with Tuya's list."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import uuid4

from ..api import TuyaCloud, TuyaError
from ..model.keys import Key, KeyKind, KeyState
from ..model.listed_codes import ListedCode, after_listing, read_listed
from ..model.lock_codes import LATE, CodeRules, Link, Span, Wanted
from ..model.state import Device
from .code_errors import asking, refused
from .ledger import KeyLedger

LIVE = frozenset({KeyState.ACTIVE, KeyState.FROZEN, KeyState.PENDING})
_UNCONFIRMED = "?"
"""Begins the id of a code of which Tuya's number is not known: its answer is due, or was lost."""


class CodeBook:
    """The codes of one lock."""

    def __init__(
        self, cloud: TuyaCloud, ledger: KeyLedger, device: Device, rules: CodeRules
    ) -> None:
        self._cloud = cloud
        self._ledger = ledger
        self._device = device
        self._rules = rules

    def ours(self) -> list[Key]:
        """Return what was handed out from here, oldest first."""
        return [*self._ledger.all(self._device.id, KeyKind.CODE)]

    def check_room(self, name: str) -> None:
        """Raise if there is a code of this name, or no room to remember another."""
        now = self._cloud.now()
        check_room(self._ledger)
        if any(_is(key, name) and is_live(key, now) for key in self.ours()):
            raise refused("code_name_taken")

    def begin(self, wanted: Wanted, span: Span) -> Key:
        """Remember a code before Tuya is asked for it, so that no lost answer loses it."""
        key = Key(
            device_id=self._device.id,
            kind=KeyKind.CODE,
            id=f"{_UNCONFIRMED}{uuid4().hex[:8]}",
            made=self._cloud.now(),
            name=wanted.name,
            state=KeyState.PENDING,
            start=float(span.start),
            end=float(span.end),
            once=wanted.once,
            hours=tuple(one.row for one in wanted.hours or ()),
        )
        self._ledger.put(key)
        return key

    def confirm(self, key: Key, code_id: str) -> Key:
        """Note the number that Tuya gave a code."""
        self._ledger.forget(key)
        key = replace(key, id=code_id, state=KeyState.PENDING)
        self._ledger.put(key)
        return key

    async def look_after(self, key: Key) -> Key:
        """Look how a code stands; where Tuya does not say, as it was."""
        try:
            await self._read()
        except TuyaError:
            return key
        return self._now(key)

    async def listed(self) -> list[Key]:
        """Return all codes, those that others made at the end; raises translated errors."""
        with asking():
            others = await self._read()
        return [*self.ours(), *(self._as_key(code) for code in others)]

    async def chosen(self, code_id: str | None, name: str | None) -> Key:
        """Return the one code that is meant; a live one before those that are over."""
        # A template may come out empty, and some codes of others have no name.
        code_id, name = code_id or None, (name or "").strip() or None
        if code_id is None and name is None:
            raise refused("code_which")
        found = [*self._matching(self.ours(), code_id, name)]
        if not found or any(not is_confirmed(key) for key in found):
            listed = await self.listed()
            # What was just confirmed goes by another id now.
            same = [self._now(key) for key in found]
            found = [*self._matching(listed, code_id, name)] or same
        now = self._cloud.now()
        meant = [key for key in found if is_live(key, now)] or found
        if not meant:
            raise refused("code_unknown")
        if len(meant) > 1:
            raise refused("code_ambiguous")
        return meant[0]

    def is_ours(self, key: Key) -> bool:
        """Tell whether a code is remembered here."""
        return any(one.identity == key.identity for one in self.ours())

    def _matching(self, keys: list[Key], code_id: str | None, name: str | None) -> Iterator[Key]:
        for key in keys:
            if key.id == code_id or (code_id is None and name is not None and _is(key, name)):
                yield key

    async def _read(self) -> list[ListedCode]:
        """Ask Tuya, take in how ours stand, and return the codes that others made."""
        rows = await self._cloud.codes.list(self._device.id)
        told = (read_listed(row, self._rules.link) for row in rows)
        listed = {code.id: code for code in told if code is not None}
        for key in self.ours():
            if is_confirmed(key):
                self._stands(key, listed.get(key.id))
            else:
                self._adopt(key, listed)
        known = {key.id for key in self.ours()}
        others = [code for code in listed.values() if code.id not in known and code.state]
        self._ledger.note_shared(self._device.id, shared=any(code.state in LIVE for code in others))
        return others

    def _stands(self, key: Key, listed: ListedCode | None) -> None:
        zigbee = self._rules.link is Link.ZIGBEE
        stands = after_listing(key, listed, self._cloud.now(), zigbee=zigbee)
        if stands is None:
            self._ledger.forget(key)
        elif stands != key:
            self._ledger.put(stands)

    def _adopt(self, key: Key, listed: Mapping[str, ListedCode]) -> None:
        """Find a code in Tuya's list whose number was lost: by its name and its times."""
        known = {one.id for one in self.ours()}
        for code in listed.values():
            if code.id not in known and _same(key, code):
                self._stands(self.confirm(key, code.id), code)
                return
        now = self._cloud.now()
        if key.end is not None and key.end <= now:
            self._ledger.forget(key)
        elif key.state is KeyState.PENDING and now - key.made >= LATE:
            # Should Tuya list it later, it is taken up all the same.
            self._ledger.stands(key, KeyState.FAILED)

    def _now(self, key: Key) -> Key:
        """Return a code as it is remembered by now, whatever number it has got."""
        return next(
            (one for one in self.ours() if one.id == key.id),
            next((one for one in self.ours() if one.made == key.made and _is(one, key.name)), key),
        )

    def _as_key(self, code: ListedCode) -> Key:
        return Key(
            device_id=self._device.id,
            kind=KeyKind.CODE,
            id=code.id,
            made=code.start or 0.0,
            name=code.name,
            state=code.state or KeyState.ACTIVE,
            start=code.start,
            end=code.end,
            slot=code.slot,
        )


def check_room(ledger: KeyLedger) -> None:
    """Raise if no further key can be remembered: one that is forgotten could not be taken back."""
    if ledger.closed:
        raise refused("project_not_loaded")
    if not ledger.has_room():
        raise refused("code_too_many")


def is_live(key: Key, now: float) -> bool:
    """Tell whether a code opens or may still open."""
    return key.state in LIVE and (key.end is None or now < key.end)


def is_confirmed(key: Key) -> bool:
    """Tell whether Tuya's number of a code is known."""
    return not key.id.startswith(_UNCONFIRMED)


def _is(key: Key, name: str) -> bool:
    return key.name.casefold() == name.casefold()


def _same(key: Key, code: ListedCode) -> bool:
    # The call that takes no name leaves the times to know it by.
    times = ((key.start, code.start), (key.end, code.end))
    return code.name in {key.name, ""} and all(
        mine is None or theirs is None or abs(mine - theirs) < LATE for mine, theirs in times
    )

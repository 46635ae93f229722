"""Codes for guests: made, changed, frozen and taken back at Tuya, and remembered without digits.

A code is remembered before Tuya is asked for it. Nothing is sent twice: after a lost answer
Tuya's list tells what came of it.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
import math
from uuid import uuid4

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..api import CodeDraft, CodeHours, OfflineKind, Reason, Ticket, TuyaCloud, TuyaError
from ..model.hours import Hours, hours_of, offset_text, working_day
from ..model.keys import Key, KeyKind, KeyState
from ..model.lock_codes import (
    CodeRules,
    Span,
    Wanted,
    check,
    check_name,
    code_rules,
    new_code,
    span_of,
)
from ..model.state import Device
from .code_book import CodeBook, check_room, is_confirmed, is_live
from .code_errors import UncertainError, asking, checked, failed, refused, writing
from .ledger import KeyLedger

DYNAMIC_S = 300
_HOUR = 3600
_ONE_TIME_HOURS, _MULTIPLE_HOURS = 6, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """A code as it stands; `digits` only if they were made here and nobody knows them yet."""

    key: Key
    digits: str = field(default="", repr=False)


class LockCodes:
    """The codes of one lock; what goes wrong is raised in the user's language."""

    def __init__(self, cloud: TuyaCloud, ledger: KeyLedger, device: Device) -> None:
        with checked():
            self._rules: CodeRules = code_rules(device)
        self._cloud = cloud
        self._ledger = ledger
        self._device = device
        self._book = CodeBook(cloud, ledger, device, self._rules)

    def check(self, wanted: Wanted) -> Span:
        """Return from when to when a code is to be good; raise for what cannot be."""
        zone = dt_util.get_default_time_zone()
        with checked():
            span = check(wanted, self._rules, self._cloud.now(), zone)
        self._book.check_room(wanted.name)
        return span

    async def add(self, wanted: Wanted) -> HandedOut:
        """Make a code, once; it is pending where Tuya or the lock has not confirmed it."""
        span = self.check(wanted)
        digits = wanted.code or new_code(self._rules.digits)
        key = self._book.begin(wanted, span)
        draft = _draft(wanted, digits, span)
        await self._ledger.save()
        try:
            ticket = await self._ticket()
            with writing(self._rules, digits):
                code_id = await self._cloud.codes.create(self._device.id, ticket, draft)
            key = self._book.confirm(key, code_id)
        except HomeAssistantError:
            self._ledger.forget(key)
            raise
        except UncertainError:
            pass
        key = await self._book.look_after(key)
        return HandedOut(key=key, digits="" if wanted.code else digits)

    async def all(self) -> list[Key]:
        """Return all codes of the lock, ours first."""
        return await self._book.listed()

    async def freeze(self, code_id: str | None, name: str | None) -> Key:
        """Let a code open nothing until it is thawed."""
        key = await self._live(code_id, name)
        with asking():
            await self._cloud.codes.freeze(self._device.id, key.id)
        return self._note(key, KeyState.FROZEN)

    async def unfreeze(self, code_id: str | None, name: str | None) -> Key:
        """Let a frozen code open again."""
        key = await self._live(code_id, name)
        with asking():
            await self._cloud.codes.unfreeze(self._device.id, key.id)
        return self._note(key, KeyState.ACTIVE)

    async def change(self, code_id: str | None, wanted: Wanted) -> HandedOut:
        """Give a code other digits, times or hours; Tuya wants digits with every change."""
        key = await self._live(code_id, None if code_id else wanted.name)
        if not self._book.is_ours(key):
            # Tuya wants all of a code anew and does not tell what it is good for.
            raise refused("code_made_elsewhere")
        hours = tuple(map(hours_of, key.hours)) if wanted.hours is None else wanted.hours
        wanted = replace(wanted, name=key.name, once=key.once, hours=hours or None)
        now = self._cloud.now()
        start = max(key.start or now, now) if wanted.start is None else wanted.start
        wanted = replace(wanted, start=start, end=key.end if wanted.end is None else wanted.end)
        with checked():
            span = check(wanted, self._rules, now, dt_util.get_default_time_zone())
        digits = wanted.code or new_code(self._rules.digits)
        ticket = await self._ticket()
        key = replace(key, hours=tuple(one.row for one in hours))
        told = "" if wanted.code else digits
        try:
            with writing(self._rules, digits):
                draft = _draft(wanted, digits, span)
                await self._cloud.codes.change(self._device.id, key.id, ticket, draft)
        except UncertainError:
            # The list tells the times by now, and nothing whether the old digits open or the new.
            self._ledger.put(key)
            key = await self._book.look_after(key)
            return HandedOut(key=replace(key, state=KeyState.PENDING), digits=told)
        state = key.state if key.state is KeyState.FROZEN else KeyState.PENDING
        key = replace(key, start=float(span.start), end=float(span.end), state=state)
        self._ledger.put(key)
        return HandedOut(key=await self._book.look_after(key), digits=told)

    async def delete(self, code_id: str | None, name: str | None) -> Key:
        """Take a code back; one that Tuya no longer has is forgotten."""
        key = await self._book.chosen(code_id, name)
        if is_confirmed(key):
            await self._delete(key)
        if self._book.is_ours(key):
            self._ledger.forget(key)
        return key

    async def offline(
        self, kind: OfflineKind, name: str, start: float | None, end: float | None
    ) -> HandedOut:
        """Return a code that the lock works out itself: in whole hours, as Tuya wants them."""
        now = self._cloud.now()
        hours = _ONE_TIME_HOURS if kind is OfflineKind.ONE_TIME else _MULTIPLE_HOURS
        with checked():
            check_name(name)
            span = span_of(start, end, now)
        check_room(self._ledger)
        begin = span.start // _HOUR * _HOUR
        until = math.ceil((begin + hours * _HOUR if end is None else span.end) / _HOUR) * _HOUR
        with asking():
            digits = await self._cloud.codes.offline(self._device.id, kind, name, begin, until)
        last = begin + hours * _HOUR if kind is OfflineKind.ONE_TIME else until
        key = Key(
            device_id=self._device.id,
            kind=KeyKind.OFFLINE_CODE,
            id=uuid4().hex[:8],
            made=now,
            name=name,
            start=float(begin),
            end=float(last),
            once=kind is OfflineKind.ONE_TIME,
        )
        if kind is not OfflineKind.CLEAR:
            self._ledger.put(key)
        return HandedOut(key=key, digits=digits)

    async def dynamic(self) -> tuple[str, float]:
        """Return a code that opens for five minutes, and until when (Unix seconds)."""
        with asking():
            digits = await self._cloud.codes.dynamic(self._device.id)
        return digits, self._cloud.now() + DYNAMIC_S

    async def _ticket(self) -> Ticket:
        with asking():
            return await self._cloud.access.ticket(self._device.id)

    async def _live(self, code_id: str | None, name: str | None) -> Key:
        key = await self._book.chosen(code_id, name)
        if not is_confirmed(key):
            raise refused("code_unconfirmed")
        if not is_live(key, self._cloud.now()):
            raise refused("code_over")
        return key

    def _note(self, key: Key, state: KeyState) -> Key:
        """Remember how a code stands; one that others made is not ours to remember."""
        if self._book.is_ours(key):
            return self._ledger.stands(key, state)
        return replace(key, state=state)

    async def _delete(self, key: Key) -> None:
        try:
            await self._cloud.codes.delete(self._device.id, key.id)
        except TuyaError as error:
            over = not is_live(key, self._cloud.now()) and error.definite
            if error.reason is Reason.NOT_FOUND or over:
                return
            if error.uncertain and await self._gone(key):
                return
            raise failed(error) from None

    async def _gone(self, key: Key) -> bool:
        """Look whether a code went although the answer was lost."""
        try:
            rows = await self._cloud.codes.list(self._device.id)
        except TuyaError:
            return False
        return key.id not in {str(row.get("id")) for row in rows}


def _draft(wanted: Wanted, digits: str, span: Span) -> CodeDraft:
    start = datetime.fromtimestamp(span.start, UTC).astimezone(dt_util.get_default_time_zone())
    return CodeDraft(
        name=wanted.name,
        digits=digits,
        start=span.start,
        end=span.end,
        once=wanted.once,
        hours=tuple(_hours(one) for one in wanted.hours or ()),
        time_zone=offset_text(start),
    )


def _hours(hours: Hours) -> CodeHours:
    return CodeHours(start=hours.start, end=hours.end, days=working_day(hours.weekdays))

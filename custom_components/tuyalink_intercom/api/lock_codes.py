"""Calls about temporary codes of locks: made, listed, changed, frozen, deleted; codes for offline.

A code travels encrypted with a ticket. Tuya hands codes out only when it makes them itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .access import Ticket
from .calls import Request, Rows, as_accepted, as_object, as_rows, malformed
from .crypto import ticket_password
from .errors import TuyaError
from .message import JsonObject

_LOCK = "/v1.0/devices/{device_id}/door-lock"
_CREATE = f"{_LOCK}/temp-password"
_CREATE_NAMELESS = "/v2.0/devices/{device_id}/door-lock/temp-password"
_LIST = f"{_LOCK}/temp-passwords"
_ONE = f"{_LOCK}/temp-password/{{code_id}}"
_CHANGE = f"{_LIST}/{{code_id}}/modify-password"
_FREEZE = f"{_LIST}/{{code_id}}/freeze-password"
_UNFREEZE = f"{_LIST}/{{code_id}}/unfreeze-password"
_DELETE = f"{_LIST}/{{code_id}}"
_OFFLINE = "/v1.1/devices/{device_id}/door-lock/offline-temp-password"
_OFFLINE_OLDER = f"{_LOCK}/offline-temp-password"
_DYNAMIC = f"{_LOCK}/dynamic-password"
_WRONG_PARAMETER = 1109


class OfflineKind(StrEnum):
    """What a code is good for that a lock works out without being told."""

    ONE_TIME = "one_time"
    MULTIPLE = "multiple"
    CLEAR = "clear"
    """Typed at the lock, it ends all codes of this sort."""


_WORDS: Mapping[OfflineKind, str] = {OfflineKind.ONE_TIME: "once", OfflineKind.MULTIPLE: "multiple"}
_NUMBERS: Mapping[OfflineKind, int] = {
    OfflineKind.MULTIPLE: 0,
    OfflineKind.ONE_TIME: 1,
    OfflineKind.CLEAR: 9,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeHours:
    """Hours of the week: minutes of the day, days as bits from Sunday."""

    start: int
    end: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDraft:
    """A code to be made; times in Unix seconds, `time_zone` as `+02:00`."""

    name: str
    digits: str = field(repr=False)
    start: int
    end: int
    once: bool = False
    hours: tuple[CodeHours, ...] = ()
    time_zone: str = "+00:00"


class LockCodeCalls:
    """The calls about codes of one project; every method raises TuyaError."""

    def __init__(self, request: Request, access_secret: str) -> None:
        self._request = request
        self._secret = access_secret

    async def create(self, device_id: str, ticket: Ticket, draft: CodeDraft) -> str:
        """Make a code and return its number; DecryptError for a ticket that is not ours.

        The newer call, which takes no name, is tried after a refusal that was not about the
        code itself. A refused call has not used the ticket up.
        """
        body = self._body(ticket, draft)
        try:
            return await self._created(_CREATE, device_id, body)
        except TuyaError as error:
            if not error.definite or error.code == _WRONG_PARAMETER:
                raise
        nameless = {key: value for key, value in body.items() if key != "name"}
        return await self._created(_CREATE_NAMELESS, device_id, nameless)

    async def list(self, device_id: str, *, valid: bool = True) -> Rows:
        """Return the codes that are good, or those that were; never their digits."""
        query = {"valid": "true" if valid else "false"}
        ids = {"device_id": device_id}
        return as_rows(await self._request("GET", _LIST, ids=ids, query=query), "GET", _LIST)

    async def get(self, device_id: str, code_id: str) -> JsonObject:
        """Return one code as it is listed."""
        return as_object(
            await self._request("GET", _ONE, ids=_ids(device_id, code_id)), "GET", _ONE
        )

    async def change(self, device_id: str, code_id: str, ticket: Ticket, draft: CodeDraft) -> None:
        """Replace a code: Tuya wants all of it anew, the digits too. DecryptError as `create`."""
        body = self._body(ticket, draft)
        result = await self._request("PUT", _CHANGE, ids=_ids(device_id, code_id), body=body)
        as_accepted(result, "PUT", _CHANGE)

    async def freeze(self, device_id: str, code_id: str) -> None:
        """Let a code open nothing until it is thawed."""
        await self._put(_FREEZE, device_id, code_id)

    async def unfreeze(self, device_id: str, code_id: str) -> None:
        """Let a frozen code open again."""
        await self._put(_UNFREEZE, device_id, code_id)

    async def delete(self, device_id: str, code_id: str) -> None:
        """Take a code back."""
        result = await self._request("DELETE", _DELETE, ids=_ids(device_id, code_id))
        as_accepted(result, "DELETE", _DELETE)

    async def offline(
        self, device_id: str, kind: OfflineKind, name: str, start: int, end: int
    ) -> str:
        """Return a code that the lock knows without being told; times in whole hours.

        The newer call names kinds by words; only the older one is known to end codes.
        """
        body: JsonObject = {"name": name, "effective_time": start, "invalid_time": end}
        if kind in _WORDS:
            try:
                return await self._offline(_OFFLINE, device_id, {**body, "type": _WORDS[kind]})
            except TuyaError as error:
                if not error.definite:
                    raise
        older = {**body, "type": _NUMBERS[kind], "lang": "en"}
        return await self._offline(_OFFLINE_OLDER, device_id, older)

    async def dynamic(self, device_id: str) -> str:
        """Return a code that opens for five minutes."""
        result = await self._request("GET", _DYNAMIC, ids={"device_id": device_id})
        return _digits(as_object(result, "GET", _DYNAMIC).get("dynamic_password"), "GET", _DYNAMIC)

    def _body(self, ticket: Ticket, draft: CodeDraft) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": draft.name,
            "password": ticket_password(self._secret, ticket.key, draft.digits),
            "password_type": "ticket",
            "ticket_id": ticket.id,
            "effective_time": draft.start,
            "invalid_time": draft.end,
            "type": 1 if draft.once else 0,
        }
        if draft.hours:
            body["time_zone"] = draft.time_zone
            body["schedule_list"] = [
                {"effective_time": one.start, "invalid_time": one.end, "working_day": one.days}
                for one in draft.hours
            ]
        return body

    async def _created(self, path: str, device_id: str, body: JsonObject) -> str:
        result = await self._request("POST", path, ids={"device_id": device_id}, body=body)
        code_id = as_object(result, "POST", path).get("id")
        if isinstance(code_id, bool) or not isinstance(code_id, int | str) or not code_id:
            raise malformed("POST", path)
        return str(code_id)

    async def _put(self, path: str, device_id: str, code_id: str) -> None:
        result = await self._request("PUT", path, ids=_ids(device_id, code_id))
        as_accepted(result, "PUT", path)

    async def _offline(self, path: str, device_id: str, body: JsonObject) -> str:
        result = await self._request("POST", path, ids={"device_id": device_id}, body=body)
        return _digits(as_object(result, "POST", path).get("offline_temp_password"), "POST", path)


def _ids(device_id: str, code_id: str) -> dict[str, str]:
    return {"device_id": device_id, "code_id": code_id}


def _digits(value: object, method: str, path: str) -> str:
    """Return a code that Tuya made; it comes as text, as a number it has lost its zeros."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return value
    raise malformed(method, path)

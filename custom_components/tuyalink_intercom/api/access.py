"""Calls about opening: lock tickets, remote unlocking, W4 doors, and who may open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .calls import Request, Rows, as_accepted, as_object, as_rows, as_text, malformed

_REMOTE_UNLOCKS = "/v1.0/devices/{device_id}/door-lock/remote-unlocks"
_TICKET = "/v1.0/devices/{device_id}/door-lock/password-ticket"
_OPERATE = "/v1.0/smart-lock/devices/{device_id}/password-free/door-operate"
_OPEN_DOOR = "/v1.0/devices/{device_id}/door-lock/password-free/open-door"
_OPEN_WITH_PASSWORD = "/v1.0/devices/{device_id}/door-lock/open-door"
_OPEN_AS = "/v1.0/access-control/{device_id}/persons/{person_id}/actions/open"
_OPEN_AS_OLDER = "/v1.0/iot-02/third/doors/{device_id}/persons/{person_id}/actions/open"
_COMMAND = "/v1.0/expand/cmds/{sn}"
_USERS = "/v1.0/devices/{device_id}/users"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Leave for one lock operation, good for minutes: never kept, never logged."""

    id: str = field(repr=False)
    key: str = field(repr=False)


class AccessCalls:
    """The door calls of one project; every method raises TuyaError."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def remote_unlocks(self, device_id: str) -> Mapping[str, bool]:
        """Return which kinds of remote unlocking the owner has allowed in the app."""
        result = await self._request("GET", _REMOTE_UNLOCKS, ids={"device_id": device_id})
        rows = as_rows(result, "GET", _REMOTE_UNLOCKS)
        return {str(row.get("remote_unlock_type")): row.get("open") is True for row in rows}

    async def ticket(self, device_id: str) -> Ticket:
        """Fetch a ticket for one operation on a lock."""
        result = as_object(await self._post(_TICKET, device_id), "POST", _TICKET)
        ticket_id = as_text(result.get("ticket_id"), "POST", _TICKET)
        return Ticket(id=ticket_id, key=as_text(result.get("ticket_key"), "POST", _TICKET))

    async def operate(self, device_id: str, ticket_id: str, *, unlock: bool = True) -> None:
        """Unlock or lock without password; accepted is not yet executed."""
        body = {"ticket_id": ticket_id, "open": unlock}
        as_accepted(await self._post(_OPERATE, device_id, body), "POST", _OPERATE)

    async def open_door(self, device_id: str, ticket_id: str) -> None:
        """Unlock without password, in the older way that access controllers take."""
        body = {"ticket_id": ticket_id}
        as_accepted(await self._post(_OPEN_DOOR, device_id, body), "POST", _OPEN_DOOR)

    async def open_with_password(self, device_id: str, ticket_id: str, sealed: str) -> None:
        """Unlock with the lock's own password, `sealed` for this ticket (`ticket_password`)."""
        body = {"password": sealed, "password_type": "ticket", "ticket_id": ticket_id}
        answer = await self._post(_OPEN_WITH_PASSWORD, device_id, body)
        as_accepted(answer, "POST", _OPEN_WITH_PASSWORD)

    async def open_as(self, device_id: str, person_id: str, *, older: bool = False) -> str:
        """Open a terminal's door in the name of a person; the serial number asks for its fate.

        The device does not check whether the person may pass. `older`: by the call that projects
        of the older public-area service have.
        """
        path = _OPEN_AS_OLDER if older else _OPEN_AS
        ids = {"device_id": device_id, "person_id": person_id}
        result = as_object(await self._request("POST", path, ids=ids), "POST", path)
        return as_text(result.get("sn"), "POST", path)

    async def command_status(self, sn: str) -> int:
        """Return the fate of a command: 1 sending, 2 sent, 3 succeeded, 4 failed, 5 unknown."""
        result = as_object(await self._request("GET", _COMMAND, ids={"sn": sn}), "GET", _COMMAND)
        status = result.get("process_status")
        if isinstance(status, bool) or not isinstance(status, int):
            raise malformed("GET", _COMMAND)
        return status

    async def lock_users(self, device_id: str) -> Rows:
        """Return who may open a lock; Tuya's page for the shape of a user could not be read."""
        result = await self._request("GET", _USERS, ids={"device_id": device_id})
        return as_rows(result, "GET", _USERS)

    async def _post(self, path: str, device_id: str, body: Mapping[str, Any] | None = None) -> Any:
        return await self._request("POST", path, ids={"device_id": device_id}, body=body)

"""Calls about the persons of building terminals and what they carry: faces, cards, codes.

A terminal does as told later: an answer carries serial numbers that ask for the fate of what was
told. Password, card number and QR value stand in the path; errors name the template only.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .calls import Request, Rows, as_accepted, as_object, as_rows, malformed
from .errors import TuyaError
from .message import JsonObject

_TERMINAL = "/v1.0/access-control/{device_id}/persons"
_PERSON = f"{_TERMINAL}/{{person_id}}"
_FACE = f"{_PERSON}/faces/{{face_id}}"
_CARD = f"{_PERSON}/card/{{number}}"
_QR_CODE = f"{_PERSON}/qrcodes/{{value}}"
_PASSWORD = f"{_PERSON}/passpwd/{{password}}"
_CALL = f"{_TERMINAL}/actions/call"
_PERMISSION = "/v1.0/expand/spaces/{device_id}/persons/{person_id}"
_OLDER_TERMINAL = "/v1.0/iot-02/third/doors/{device_id}/persons"
# Tuya's older service does the same under other names; cards and codes it does not know.
_OLDER: Mapping[str, str] = {
    _PERSON: f"{_OLDER_TERMINAL}/{{person_id}}",
    _FACE: f"{_OLDER_TERMINAL}/{{person_id}}/faces/{{face_id}}",
    _CALL: f"{_OLDER_TERMINAL}/actions/call",
    _PERMISSION: "/v1.0/iot-02/third/spaces/{device_id}/persons/{person_id}",
}
_OLDER_NAMES: Mapping[str, str] = {
    "door_time_rule_list": "doorTimeRuleList",
    "rule_name": "ruleName",
    "allowed_date": "allowedDate",
    "denied_date": "deniedDate",
}
_GROUPS = "/v1.0/iot-02/access-controls"
_GROUP_USERS = "/v1.0/iot-02/access-controls/{group_id}/users"
_FACES = "/v1.0/iot-02/faces"
_PAGE, _MOST_PAGES = 50, 20
_LISTS = ("list", "records", "users", "faces", "data")
_NO_SUCH_PATH = 1108


class PersonCalls:
    """The person calls of one project; every method raises TuyaError."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def add(self, device_id: str, person_id: str, body: JsonObject) -> str:
        """Tell a terminal of a person; one it knows already is taken as told anew.

        `body`: `name`, then either `begin_time` and `end_time` in ms or `door_time_rule_list`:
        Tuya lets a span of validity override all rules.
        """
        return await self._told("POST", _PERSON, _person(device_id, person_id), body)

    async def update(self, device_id: str, person_id: str, body: JsonObject) -> str:
        """Change what a terminal knows of a person."""
        return await self._told("PUT", _PERSON, _person(device_id, person_id), body)

    async def remove(self, device_id: str, person_id: str) -> str:
        """Delete a person and all that the person carries."""
        return await self._told("DELETE", _PERSON, _person(device_id, person_id))

    async def add_many(self, device_id: str, rows: Iterable[JsonObject]) -> tuple[str, ...]:
        """Tell a terminal of persons, each a body with its `person_id`."""
        return await self._told_many("POST", _TERMINAL, device_id, {"person_list": [*rows]})

    async def remove_many(self, device_id: str, person_ids: Iterable[str]) -> tuple[str, ...]:
        """Delete persons and all that they carry."""
        body = {"person_id_list": [*person_ids]}
        return await self._told_many("DELETE", _TERMINAL, device_id, body)

    async def add_face(self, device_id: str, person_id: str, face_id: str, url: str) -> str:
        """Let a terminal fetch the picture of a face: a JPEG of at most 1 MB."""
        ids = _person(device_id, person_id, face_id=face_id)
        return await self._told("POST", _FACE, ids, {"url": url})

    async def replace_face(self, device_id: str, person_id: str, face_id: str, url: str) -> str:
        """Let a terminal fetch another picture of a face it knows."""
        ids = _person(device_id, person_id, face_id=face_id)
        return await self._told("PUT", _FACE, ids, {"url": url})

    async def remove_face(self, device_id: str, person_id: str, face_id: str) -> str:
        """Delete a face."""
        return await self._told("DELETE", _FACE, _person(device_id, person_id, face_id=face_id))

    async def add_card(self, device_id: str, person_id: str, number: str) -> str:
        """Give a person a card."""
        return await self._told("POST", _CARD, _person(device_id, person_id, number=number))

    async def remove_card(self, device_id: str, person_id: str, number: str) -> str:
        """Delete a card."""
        return await self._told("DELETE", _CARD, _person(device_id, person_id, number=number))

    async def freeze_card(self, device_id: str, person_id: str, number: str) -> str:
        """Let a card open nothing for a while."""
        ids = _person(device_id, person_id, number=number)
        return await self._told("PUT", f"{_CARD}/freeze", ids)

    async def unfreeze_card(self, device_id: str, person_id: str, number: str) -> str:
        """Let a frozen card open again."""
        ids = _person(device_id, person_id, number=number)
        return await self._told("PUT", f"{_CARD}/unfreeze", ids)

    async def add_qr_code(self, device_id: str, person_id: str, value: str) -> str:
        """Give a person a QR code that says `value`."""
        return await self._told("POST", _QR_CODE, _person(device_id, person_id, value=value))

    async def remove_qr_code(self, device_id: str, person_id: str, value: str) -> str:
        """Delete a QR code."""
        return await self._told("DELETE", _QR_CODE, _person(device_id, person_id, value=value))

    async def add_password(self, device_id: str, person_id: str, password: str) -> str:
        """Give a person a password."""
        return await self._told("POST", _PASSWORD, _person(device_id, person_id, password=password))

    async def change_password(self, device_id: str, person_id: str, password: str, new: str) -> str:
        """Change a password, which has to be known."""
        ids = _person(device_id, person_id, password=password)
        return await self._told("PUT", _PASSWORD, ids, {"new_pass_pwd": new})

    async def remove_password(self, device_id: str, person_id: str, password: str) -> str:
        """Delete a password, which has to be known."""
        ids = _person(device_id, person_id, password=password)
        return await self._told("DELETE", _PASSWORD, ids)

    async def allow(self, device_id: str, person_id: str) -> None:
        """Let a person's app be called by a terminal and open it; takes effect at once."""
        result = await self._sent("POST", _PERMISSION, _person(device_id, person_id))
        as_accepted(result, "POST", _PERMISSION)

    async def disallow(self, device_id: str, person_id: str) -> None:
        """Take that leave back."""
        result = await self._sent("DELETE", _PERMISSION, _person(device_id, person_id))
        as_accepted(result, "DELETE", _PERMISSION)

    async def call(
        self, device_id: str, sn: str, kind: int, address: str, person_ids: Iterable[str]
    ) -> None:
        """Let the apps of up to three persons ring; `sn`, `kind`, `address` as the call says."""
        body = {
            "sn": sn,
            "type": kind,
            "target_address": address,
            "person_id_list": [*person_ids],
        }
        as_accepted(await self._sent("POST", _CALL, {"device_id": device_id}, body), "POST", _CALL)

    async def groups(self) -> Rows:
        """Return the groups of doors of the newer service."""
        return await self._listed(_GROUPS, {})

    async def group_users(self, group_id: str) -> Rows:
        """Return who belongs to a group of doors."""
        return await self._listed(_GROUP_USERS, {"group_id": group_id})

    async def faces(self) -> Rows:
        """Return the face database of the newer service."""
        return await self._listed(_FACES, {})

    async def _listed(self, path: str, ids: Mapping[str, str]) -> Rows:
        """Read all pages; Tuya's pages for the shape could not be read, so several are taken."""
        rows: Rows = []
        for page in range(1, _MOST_PAGES + 1):
            query = {"page_no": page, "page_size": _PAGE}
            result = await self._request("GET", path, ids=ids, query=query)
            found = _rows(result, path)
            rows += found
            if not found or not isinstance(result, dict) or result.get("has_more") is not True:
                break
        return rows

    async def _told(
        self, method: str, path: str, ids: Mapping[str, str], body: JsonObject | None = None
    ) -> str:
        """Send something for the terminal to do; return its serial number."""
        result = as_object(await self._sent(method, path, ids, body), method, path)
        return _serial(result.get("sn"), method, path)

    async def _told_many(
        self, method: str, path: str, device_id: str, body: JsonObject
    ) -> tuple[str, ...]:
        ids = {"device_id": device_id}
        result = as_object(await self._sent(method, path, ids, body), method, path)
        listed = result.get("sn_list", [result.get("sn")])
        if not isinstance(listed, list) or not listed:
            raise malformed(method, path)
        return tuple(_serial(sn, method, path) for sn in listed)

    async def _sent(
        self, method: str, path: str, ids: Mapping[str, str], body: JsonObject | None = None
    ) -> Any:
        """Send; where the project does not have the service, by the older one."""
        try:
            return await self._request(method, path, ids=ids, body=body)
        except TuyaError as error:
            if error.code != _NO_SUCH_PATH or path not in _OLDER:
                raise
        return await self._request(method, _OLDER[path], ids=ids, body=_in_older_words(body))


def _person(device_id: str, person_id: str, **others: str) -> Mapping[str, str]:
    return {"device_id": device_id, "person_id": person_id, **others}


def _serial(value: Any, method: str, path: str) -> str:
    """Return a serial number as text: some are told as numbers."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise malformed(method, path)
    return str(value)


def _rows(result: Any, path: str) -> Rows:
    if isinstance(result, dict):
        result = next((result[name] for name in _LISTS if name in result), [])
    return as_rows(result or [], "GET", path)


def _in_older_words(value: Any) -> Any:
    """Spell a body as the older service does."""
    if isinstance(value, dict):
        return {_OLDER_NAMES.get(name, name): _in_older_words(value[name]) for name in value}
    return [_in_older_words(each) for each in value] if isinstance(value, list) else value

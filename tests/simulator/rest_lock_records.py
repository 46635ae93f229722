"""OpenAPI calls of the lock service that look back: openings, alarms, records, users.

Times are milliseconds in openings and records, seconds in alarms, as Tuya's own examples have
them.  ``status`` is an object in the examples and a list in the text: both are served.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .answers import Refused
from .codes import TEMPORARY
from .history import LogRow
from .people import KINDS, Person
from .query import MS_DIGITS, SECONDS_DIGITS, listed, ms, number, page, span
from .records import STATUS_LIST, STATUS_MIXED
from .rest import Call, get
from .rest_locks import lock
from .slots import owner_kind, slot_of

MOST = 100
OPENINGS = frozenset(
    f"unlock_{word}"
    for word in (
        *("fingerprint", "password", "temporary", "dynamic", "card", "face", "key"),
        *("identity_card", "emergency"),
    )
)
ALARMS = frozenset({"hijack", "alarm_lock", "doorbell"})
DURESS_BEFORE_MS = 10_000


def open_logs(call: Call) -> Any:
    """Return openings, newest first; controllers' raw ``_kit`` codes are listed too [inferred]."""
    lock(call)
    start, end = span(call, (SECONDS_DIGITS, MS_DIGITS))
    rows = [row for row in _rows(call, (), start, end) if _is_opening(row)]
    shown, _, _ = page(call, rows, MOST)
    return {"logs": [_opening(call, row, nth) for nth, row in enumerate(shown)], "total": len(rows)}


def alarm_logs(call: Call) -> Any:
    """Return alarms by ``codes``, which Tuya's example spells ``dp_codes``."""
    lock(call)
    codes = [*listed(call, "codes"), *listed(call, "dp_codes")] or ["alarm_lock"]
    if not set(codes) <= ALARMS:
        raise Refused(1109)
    rows = _rows(call, codes)
    shown, _, _ = page(call, rows, MOST)
    return {
        "records": [_alarm(call, row, nth) for nth, row in enumerate(shown)],
        "total": len(rows),
    }


def records(call: Call) -> Any:
    """Return records of any code; ``end_time`` 0 has no end.

    Of a record Tuya documents the names of its members only: ``dps`` and ``union_unlock_info``
    are filled by guess [inferred].
    """
    lock(call)
    start, end = number(call, "start_time", 0), number(call, "end_time", 0)
    until = ms(end) if end else None
    if until is not None and ms(start) > until:
        raise Refused(1109)
    codes = listed(call, "target_standard_dp_codes")
    rows = _rows(call, codes, ms(start), until)
    if not codes:
        rows = [row for row in rows if _is_opening(row)]
    shown, wanted, pages = page(call, rows, MOST)
    return {
        "has_more": wanted < pages,
        "records": [_record(call, row) for row in shown],
        "total": len(rows),
        "total_pages": pages,
        "unread_count": 0,
    }


def users(call: Call) -> Any:
    """Return who may open a lock, with the slots of each.

    Tuya's page for this answer could not be read: the whole shape is [inferred] from the
    members that its newer sibling is known to have.
    """
    device = lock(call)
    found: dict[str, dict[str, Any]] = {}
    for person, kind, slot in call.cloud.people.owners(device.id):
        if not device.codes & {f"unlock_{kind}", f"unlock_{kind}_kit"}:
            continue
        user = found.setdefault(person.user_id, _user(person))
        one = {"unlock_name": f"{person.name} {slot}", "unlock_sn": slot}
        user["unlock_detail"].append(
            {"count": 1, "dp_code": f"unlock_{kind}", "unlock_list": [one]}
        )
    return list(found.values())


def _rows(
    call: Call, codes: Iterable[str], start_ms: int = 0, end_ms: int | None = None
) -> list[LogRow]:
    history = call.device.history
    return history.rows(
        call.cloud.now_ms(), codes=frozenset(codes), start_ms=start_ms, end_ms=end_ms
    )


def _is_opening(row: LogRow) -> bool:
    return row.code.removesuffix("_kit") in OPENINGS


def _opening(call: Call, row: LogRow, nth: int) -> dict[str, Any]:
    return {
        **_names(_owner(call, row)),
        **_guest(call, row),
        "status": _status(call, row.code, row.text, nth),
        "update_time": row.at_ms,
    }


def _guest(call: Call, row: LogRow) -> dict[str, str]:
    """Return the name of a temporary code, which has no user [inferred]."""
    if not row.code.startswith(TEMPORARY):
        return {}
    return {"unlock_name": call.cloud.codes.name_of(call.device.id, slot_of(row))}


def _alarm(call: Call, row: LogRow, nth: int) -> dict[str, Any]:
    person, text = None, row.text
    if row.code == "hijack":
        opening = _opening_before(call, row)
        kind, slot = (owner_kind(opening), slot_of(opening)) if opening else (KINDS[0], 1)
        text = f"unlock_{kind}-{slot:02d}"
        person = call.cloud.people.owner(call.device.id, kind, slot)
    return {
        "nick_name": person.name if person else "",
        "status": _status(call, row.code, text, nth),
        "update_time": row.at_ms // 1000,
    }


def _opening_before(call: Call, alarm: LogRow) -> LogRow | None:
    """Return the opening that a duress alarm is about: the last one, some seconds before it."""
    rows = _rows(call, (), alarm.at_ms - DURESS_BEFORE_MS, alarm.at_ms)
    return next((row for row in rows if _is_opening(row) and owner_kind(row)), None)


def _record(call: Call, row: LogRow) -> dict[str, Any]:
    names = _names(_owner(call, row))
    return {
        "avatar": "",
        "dps": [{row.code: row.text}],
        "gmt_create": row.at_ms,
        "media_info_list": [],
        "member_bindable_flag": not names["user_id"],
        "record_id": f"{call.device.id}{row.key}",
        "union_unlock_info": {},
        **names,
    }


def _status(call: Call, code: str, value: str, nth: int) -> Any:
    one = {"code": code, "value": value}
    shape = call.cloud.records.status_shape
    return [one] if shape == STATUS_LIST or (shape == STATUS_MIXED and nth % 2) else one


def _owner(call: Call, row: LogRow) -> Person | None:
    return call.cloud.people.owner(call.device.id, owner_kind(row), slot_of(row))


def _names(person: Person | None) -> dict[str, str]:
    return {
        "nick_name": person.name if person else "",
        "unlock_name": person.name if person else "",
        "user_id": person.user_id if person else "",
    }


def _user(person: Person) -> dict[str, Any]:
    details: list[Mapping[str, Any]] = []
    return {
        "avatar_url": "",
        "nick_name": person.name,
        "sex": 0,
        "unlock_detail": details,
        "user_id": person.user_id,
        "user_type": 10,
    }


ROUTES = (
    get("/v1.0/devices/{id}/door-lock/open-logs", open_logs),
    get("/v1.0/devices/{id}/door-lock/alarm-logs", alarm_logs),
    get("/v1.0/devices/{id}/door-lock/records", records),
    get("/v1.0/devices/{id}/users", users),
)

"""Bodies of person calls as both services spell them, checked; what is wrong is Refused(1109)."""

from collections.abc import Mapping
import json
from typing import Any

from .answers import Refused
from .persons import Rule, Span

LONGEST_ID, LONGEST_NAME, LONGEST_ID_CARD = 32, 64, 32
PHONE_DIGITS, SECRET_KEY, MOST_RULES = 11, 32, 3
FIRST_MS, LAST_MS, DAY_MS = 10**12, 10**13 - 1, 86_400_000
# The spelling of the newer service, then of the older.
NEWER: Mapping[str, str] = {
    "rules": "door_time_rule_list",
    "allowed": "allowed_date",
    "denied": "denied_date",
}
OLDER: Mapping[str, str] = {
    "rules": "doorTimeRuleList",
    "allowed": "allowedDate",
    "denied": "deniedDate",
}


def checked_id(value: Any, longest: int = LONGEST_ID) -> str:
    """Return an id or value of acceptable length."""
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise Refused(1109)
    return value


def person(body: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return what a body tells of a person, as members of ``Known``."""
    _text(body, "id_card", LONGEST_ID_CARD)
    phone = _text(body, "phone", PHONE_DIGITS)
    _text(body, "secret_key", SECRET_KEY)
    if not isinstance(body.get("extend", ""), str):
        raise Refused(1109)
    for name in ("person_floor", "refresh_time"):
        _whole(body.get(name, 1), 0 if name == "refresh_time" else -1000, LAST_MS)
    if words is OLDER and (len(phone or "1" * PHONE_DIGITS) != PHONE_DIGITS or "name" not in body):
        raise Refused(1109)
    told: dict[str, Any] = {}
    if "name" in body:
        told["name"] = _text(body, "name", LONGEST_NAME)
    for name, member in (("begin_time", "start_ms"), ("end_time", "end_ms")):
        if name in body:
            told[member] = _whole(body[name], FIRST_MS, LAST_MS)
    if told.get("start_ms", FIRST_MS) >= told.get("end_ms", LAST_MS + 1):
        raise Refused(1109)
    if words["rules"] in body:
        told["rules"] = _rules(body[words["rules"]], words)
    return told


def _rules(value: Any, words: Mapping[str, str]) -> tuple[Rule, ...]:
    rows = _list(value)
    if len(rows) > MOST_RULES:
        raise Refused(1109)
    return tuple(
        Rule(
            hours=_hours(row.get("period")),
            allowed=_spans(row.get(words["allowed"]), FIRST_MS, LAST_MS),
            denied=_spans(row.get(words["denied"]), FIRST_MS, LAST_MS),
        )
        for row in rows
    )


def _hours(value: Any) -> tuple[tuple[int, Span], ...]:
    return tuple(
        (_whole(day.get("weekDay"), 1, 7), span)
        for day in _list(value)
        for span in _spans(day.get("weekTime"), 0, DAY_MS)
    )


def _spans(value: Any, first: int, last: int) -> tuple[Span, ...]:
    spans = [
        (_whole(row.get("start"), first, last), _whole(row.get("end"), first, last))
        for row in _list(value)
    ]
    if any(start >= end for start, end in spans):
        raise Refused(1109)
    return tuple(spans)


def _list(value: Any) -> list[dict[str, Any]]:
    """Read a list of objects, which usually comes as JSON text."""
    if isinstance(value, str):
        value = json.loads(value) if value else []
    rows = [] if value is None else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(1109)
    return rows


def _whole(value: Any, first: int, last: int) -> int:
    """Read a number, which may come as text."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not first <= value <= last:
        raise Refused(1109)
    return value


def _text(body: Mapping[str, Any], name: str, longest: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise Refused(1109)
    return value

"""Facts about values: the shadow of a device and the log of its reports."""

from collections.abc import Mapping
from itertools import pairwise

from custom_components.tuyalink_intercom.model.presses import pressed_at
from custom_components.tuyalink_intercom.model.values import raw

from .verify_fact import Basis, Fact, Finding, every, is_milliseconds, page_taken, shapes
from .verify_seen import Json, Seen, properties_of

_TYPES: Mapping[str, type] = {"bool": bool, "enum": str, "string": str, "value": int}
_SLOT_END = 4
_LAST_SLOT = 999


def _shadow_rows(seen: Seen) -> list[Json]:
    return [row for one in seen.of("shadow") for row in properties_of(one)]


def _shadow_time(seen: Seen) -> Finding:
    told = [row.get("time") for row in _shadow_rows(seen)]
    return every(told, is_milliseconds, what="times", bad=shapes(told))


def _shadow_number(seen: Seen) -> Finding:
    told = [row.get("dp_id") for row in _shadow_rows(seen)]
    return every(told, lambda one: isinstance(one, int), what="numbers", bad=shapes(told))


def _shadow_typed(seen: Seen) -> Finding:
    rows = [
        row
        for row in _shadow_rows(seen)
        if row.get("type") in _TYPES and row.get("value") is not None
    ]
    return every(
        rows,
        lambda row: type(row.get("value")) is _TYPES[str(row.get("type"))],
        what="values of their declared type",
        bad=f"values are {shapes(row.get('value') for row in rows)}",
    )


def _shadow_raw(seen: Seen) -> Finding:
    told = [
        row["value"] for row in _shadow_rows(seen) if row.get("type") == "raw" and row.get("value")
    ]
    bad = shapes(told)
    return every(told, lambda one: raw(one) is not None, what="raw values", bad=bad)


def _log_rows(seen: Seen) -> list[Json]:
    return [*seen.rows("report_logs", "logs")]


def _log_text(seen: Seen) -> Finding:
    told = [row.get("value") for row in _log_rows(seen)]
    return every(told, lambda one: isinstance(one, str), what="logged values", bad=shapes(told))


def _log_time(seen: Seen) -> Finding:
    told = [row.get("event_time") for row in _log_rows(seen)]
    return every(told, is_milliseconds, what="logged times", bad=shapes(told))


def _log_order(seen: Seen) -> Finding:
    times = [
        [row.get("event_time") for row in listed if isinstance(row.get("event_time"), int)]
        for one in seen.results("report_logs")
        if isinstance(one, dict) and isinstance(listed := one.get("logs"), list)
    ]
    pairs = [pair for one in times for pair in pairwise(one)]
    return every(
        pairs, lambda two: two[0] >= two[1], what="neighbours in the log", bad="the older first"
    )


def _kit_records(seen: Seen) -> Finding:
    told = [
        raw(row.get("value"))
        for row in _shadow_rows(seen)
        if str(row.get("code")).startswith("unlock_") and str(row.get("code")).endswith("_kit")
    ]
    records = [record for record in told if record]
    return every(
        records,
        lambda one: len(one) >= _SLOT_END and int.from_bytes(one[2:_SLOT_END]) <= _LAST_SLOT,
        what="records of access controllers",
        bad=f"they have {sorted({len(one) for one in records})} bytes, or no such slot there",
    )


def _active(seen: Seen) -> Finding:
    told = [
        row.get("value")
        for row in _shadow_rows(seen)
        if row.get("code") == "doorbell_active" and row.get("value")
    ]
    return every(
        told, lambda one: pressed_at(one) is not None, what="last presses", bad=shapes(told)
    )


FACTS = (
    Fact(
        "shadow.time",
        "`time` in a shadow is when the value was told, in milliseconds.",
        Basis.REPORTED,
        "model/reports.py: stored_changes",
        _shadow_time,
        tolerated=True,
    ),
    Fact(
        "shadow.number",
        "Each data point of a shadow has its number `dp_id`.",
        Basis.REPORTED,
        "model/codes.py",
        _shadow_number,
        tolerated=True,
    ),
    Fact(
        "shadow.typed",
        "Values in a shadow are typed: `true`, `5`, not text of it.",
        Basis.REPORTED,
        "model/reports.py",
        _shadow_typed,
        tolerated=True,
    ),
    Fact(
        "shadow.raw",
        "Raw data points are base64.",
        Basis.REPORTED,
        "model/values.py: raw",
        _shadow_raw,
    ),
    Fact(
        "value.kit_slot",
        "In an access controller's records bytes 2 and 3 are the slot, the higher byte first.",
        Basis.INFERRED,
        "model/moments.py: _slot",
        _kit_records,
    ),
    Fact(
        "value.doorbell_active",
        "`doorbell_active` holds the press time, or an object with it.",
        Basis.REPORTED,
        "model/presses.py: pressed_at",
        _active,
        tolerated=True,
    ),
    Fact(
        "log.value_text",
        "Values in the log of reports are text, whatever their type.",
        Basis.REPORTED,
        "model/values.py",
        _log_text,
        tolerated=True,
    ),
    Fact(
        "log.time",
        "`event_time` in the log of reports is in milliseconds.",
        Basis.REPORTED,
        "api/message.py: unix_seconds",
        _log_time,
        tolerated=True,
    ),
    Fact(
        "log.page",
        "The log of reports takes pages of 99.",
        Basis.REPORTED,
        "api/records.py: reports",
        page_taken("report_logs", 99),
    ),
    Fact(
        "log.newest_first",
        "The log of reports begins with the newest.",
        Basis.REPORTED,
        "api/records.py: reports",
        _log_order,
    ),
)

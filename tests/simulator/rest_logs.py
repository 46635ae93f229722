"""OpenAPI calls that tell what devices reported: report logs and device logs, values as text."""

from collections.abc import Mapping
from typing import Any

from .answers import Refused
from .devices import World
from .history import OFFLINE, ONLINE, REPORT, LogRow
from .query import listed, number, span
from .rest import Call, get

SIZE, MOST = 20, 100
# Rows about the connection itself carry neither code nor value.
FROM_DEVICE = "1"


def report_logs(call: Call) -> Any:
    """Return reported values by code, newest first; ``last_row_key`` goes on after a row.

    Terminals have none: what they say carries no code.
    """
    codes = listed(call, "codes")
    if not codes:
        raise Refused(1100)
    start, end = span(call)
    device, size = call.device, _size(call)
    found = device.history.rows(call.cloud.now_ms(), codes=codes, start_ms=start, end_ms=end)
    rows = [] if device.world is World.TERMINAL else found
    shown, more = _after(rows, call.query.get("last_row_key", ""), size)
    return {
        "device_id": device.id,
        "has_more": more,
        "last_row_key": shown[-1].key if shown else "",
        "logs": [{"code": r.code, "event_time": r.at_ms, "value": r.text} for r in shown],
        "total": len(rows),
    }


def home_logs(call: Call) -> Any:
    """Return device logs by ``type``; the next page starts at ``next_row_key``."""
    rows = _of_types(call, "type")
    first = call.query.get("start_row_key", "")
    waiting = [row for row in rows if not first or row.key <= first]
    size = min(number(call, "size", SIZE), MOST)
    if size < 1:
        raise Refused(1109)
    shown, rest = waiting[:size], waiting[size:]
    return {
        "count": len(shown),
        "current_row_key": shown[0].key if shown else "",
        "device_id": call.device.id,
        "has_next": bool(rest),
        "logs": [_log(row) for row in shown],
        "next_row_key": rest[0].key if rest else "",
    }


def thing_logs(call: Call) -> Any:
    """Return device logs the IoT Core way; ``query_type`` is 1 for free, 2 for paid logs."""
    if number(call, "query_type") not in {1, 2}:
        raise Refused(1109)
    return home_logs(call)


def industry_logs(call: Call) -> Any:
    """Return device logs the industry way: by ``event_types``, on from ``last_row_key``."""
    rows, size = _of_types(call, "event_types"), _size(call)
    shown, more = _after(rows, call.query.get("last_row_key", ""), size)
    return {
        "device_id": call.device.id,
        "has_more": more,
        "has_next": more,
        "last_row_key": shown[-1].key if shown else "",
        "logs": [_log(row) for row in shown],
    }


def _of_types(call: Call, name: str) -> list[LogRow]:
    types = listed(call, name)
    if not types:
        raise Refused(1100)
    if not all(one.isdecimal() for one in types):
        raise Refused(1109)
    start, end = span(call)
    kinds = {int(one) for one in types}
    if call.device.world is World.TERMINAL:
        kinds.discard(REPORT)
    return call.device.history.rows(
        call.cloud.now_ms(), kinds=kinds, start_ms=start, end_ms=end, codes=listed(call, "codes")
    )


def _log(row: LogRow) -> Mapping[str, Any]:
    shown = {"event_from": FROM_DEVICE, "event_id": row.kind, "event_time": row.at_ms}
    if row.kind in {ONLINE, OFFLINE}:
        return shown
    return {"code": row.code, **shown, "value": row.text}


def _size(call: Call) -> int:
    size = number(call, "size", SIZE)
    if not 1 <= size <= MOST:
        raise Refused(1109)
    return size


def _after(rows: list[LogRow], last: str, size: int) -> tuple[list[LogRow], bool]:
    if last and not last.isdecimal():
        raise Refused(1109)
    waiting = [row for row in rows if not last or row.key < last]
    return waiting[:size], len(waiting) > size


ROUTES = (
    get("/v2.0/cloud/thing/{id}/report-logs", report_logs),
    get("/v2.1/cloud/thing/{id}/report-logs", report_logs),
    get("/v1.0/iot-03/devices/{id}/report-logs", report_logs),
    get("/v1.0/devices/{id}/logs", home_logs),
    get("/v2.0/cloud/thing/{id}/logs", thing_logs),
    get("/v1.0/iot-03/devices/{id}/logs", industry_logs),
)

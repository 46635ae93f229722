"""Calls that look back: who passed, what devices reported, what locks and terminals noted.

Each answers page by page, the newest rows first, for as long as its caller goes on asking.
Calls of terminals and the call pushes of intercoms are in none of Tuya's logs.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping

from .calls import Request, Rows, as_object, as_rows
from .message import JsonObject, unix_seconds
from .signing import Query

_PASSAGES = "/v1.0/iot-02/access-control-logs"
_REPORTS = "/v2.0/cloud/thing/{device_id}/report-logs"
_OPENINGS = "/v1.0/devices/{device_id}/door-lock/open-logs"
_ALARMS = "/v1.0/devices/{device_id}/door-lock/alarm-logs"
_RECORDS = "/v1.0/devices/{device_id}/door-lock/records"

_PASSAGE_PAGE = 200
_PAGE = 99
"""Of the device log's pages Tuya says "keep below 100"; of lock records nobody says."""
_LOCK_PAGE = 50
_MOST_PAGES = 50


class RecordCalls:
    """The looking back of one project; times are Unix seconds; every page may raise TuyaError."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def passages(
        self,
        device_ids: Iterable[str],
        start: float,
        end: float,
        *,
        pictures: bool = False,
        most_pages: int = _MOST_PAGES,
    ) -> AsyncGenerator[Rows]:
        """Yield the passages of terminals, refused ones excepted: they are not in the log.

        With `pictures` each row carries the signed address of one.
        """
        query: Query = {
            "device_ids": ",".join(device_ids),
            "start_time": int(start * 1000),
            "end_time": int(end * 1000),
            "page_size": _PASSAGE_PAGE,
        }
        if not pictures:
            # The rows have them unless told otherwise.
            query = {**query, "export_face_img": "false"}
        for page in range(1, most_pages + 1):
            log = await self._object(_PASSAGES, {}, {**query, "page_no": page})
            rows = as_rows(log.get("list") or [], "GET", _PASSAGES)
            yield rows
            if not rows or log.get("has_more") is not True:
                return

    async def reports(
        self, device_id: str, codes: Iterable[str], start: float, end: float
    ) -> AsyncGenerator[Rows]:
        """Yield `{code, value, event_time}` rows of data points; values are always text."""
        query: Query = {
            "codes": ",".join(codes),
            "start_time": int(start * 1000),
            "end_time": int(end * 1000),
            "size": _PAGE,
        }
        for _ in range(_MOST_PAGES):
            log = await self._object(_REPORTS, {"device_id": device_id}, query)
            rows = as_rows(log.get("logs") or [], "GET", _REPORTS)
            yield rows
            key = log.get("last_row_key")
            if not rows or log.get("has_more") is not True or not isinstance(key, str) or not key:
                return
            query = {**query, "last_row_key": key}

    async def openings(
        self, device_id: str, start: float, end: float, *, most_pages: int = _MOST_PAGES
    ) -> AsyncGenerator[Rows]:
        """Yield `{update_time, status, nick_name}` rows of a lock's openings.

        Tuya's page says that this call is for older locks; its times are of 10 digits.
        """
        query: Query = {"start_time": int(start), "end_time": int(end) + 1}
        async for rows in self._lock_pages(_OPENINGS, device_id, query, "logs", most_pages):
            yield rows

    async def alarms(
        self, device_id: str, codes: Iterable[str], start: float
    ) -> AsyncGenerator[Rows]:
        """Yield `{update_time, status}` rows of a lock's alarms; the call knows no times."""
        listed = ",".join(codes)
        # Tuya's table has the one name, its example the other.
        query: Query = {"codes": listed, "dp_codes": listed}
        async for rows in self._lock_pages(_ALARMS, device_id, query, "records"):
            yield rows
            if _older(rows, "update_time", start):
                return

    async def records(
        self, device_id: str, codes: Iterable[str], start: float
    ) -> AsyncGenerator[Rows]:
        """Yield `{gmt_create, dps, nick_name}` rows of a lock, openings and alarms alike.

        Nobody says in which unit it takes times; 0 is without bound.
        """
        query: Query = {
            "target_standard_dp_codes": ",".join(codes),
            "start_time": 0,
            "end_time": 0,
        }
        async for rows in self._lock_pages(_RECORDS, device_id, query, "records"):
            yield rows
            if _older(rows, "gmt_create", start):
                return

    async def _lock_pages(
        self,
        path: str,
        device_id: str,
        query: Query,
        member: str,
        most_pages: int = _MOST_PAGES,
    ) -> AsyncGenerator[Rows]:
        for page in range(1, most_pages + 1):
            asked: Query = {**query, "page_no": page, "page_size": _LOCK_PAGE}
            log = await self._object(path, {"device_id": device_id}, asked)
            rows = as_rows(log.get(member) or [], "GET", path)
            yield rows
            if len(rows) < _LOCK_PAGE or log.get("total") == page * _LOCK_PAGE:
                return

    async def _object(self, path: str, ids: Mapping[str, str], query: Query) -> JsonObject:
        return as_object(await self._request("GET", path, ids=ids, query=query), "GET", path)


def _older(rows: Rows, member: str, start: float) -> bool:
    """Tell whether a page, the newest row first, reaches back far enough."""
    times = [time for row in rows if (time := unix_seconds(row.get(member))) is not None]
    return bool(times) and min(times) < start

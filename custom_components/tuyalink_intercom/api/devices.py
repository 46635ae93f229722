"""Calls about devices: list, describe, read, write, and the pictures and streams they offer.

Results are Tuya's own JSON; the model decodes them. Specification and status know only the
standard instruction set, which hides custom data points; model and shadow know all.
"""

from collections.abc import Iterable, Mapping
from itertools import batched
import json
from typing import Any

from .calls import Request, Rows, as_accepted, as_object, as_rows, as_text, malformed
from .json_text import MalformedJsonError, decode_json
from .message import JsonObject

_LIST = "/v2.0/cloud/thing/device"
_STATUS = "/v1.0/iot-03/devices/status"
_SPECIFICATION = "/v1.0/iot-03/devices/{device_id}/specification"
_DETAIL = "/v2.0/cloud/thing/{device_id}"
_MODEL = "/v2.0/cloud/thing/{device_id}/model"
_SHADOW = "/v2.0/cloud/thing/{device_id}/shadow/properties"
_FUNCTION_POINTS = "/v1.0/expand/devices/{device_id}/functions"
_COMMANDS = "/v1.0/iot-03/devices/{device_id}/commands"
_ISSUE = "/v2.0/cloud/thing/{device_id}/shadow/properties/issue"
_ACTION = "/v2.0/cloud/thing/{device_id}/shadow/actions"
_STREAM = "/v1.0/devices/{device_id}/stream/actions/allocate"
_MOVEMENT = "/v1.0/devices/{device_id}/movement-configs"
_WEBRTC = "/v1.0/devices/{device_id}/webrtc-configs"

# Tuya takes no larger page, and no more ids at once.
_PAGE = 20
_MOST_PAGES = 500


class DeviceCalls:
    """The device calls of one project; every method raises TuyaError."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def list(self) -> Rows:
        """Return every device of the project, each once, in Tuya's order."""
        devices: dict[str, JsonObject] = {}
        last: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            result = await self._request("GET", _LIST, query={"page_size": _PAGE, **last})
            fresh = {_id(row): row for row in as_rows(result, "GET", _LIST)}
            fresh = {id_: row for id_, row in fresh.items() if id_ and id_ not in devices}
            devices.update(fresh)
            # Tuya marks no end: a short page is it, or one that brings nothing new.
            if len(result) < _PAGE or not fresh:
                break
            last = {"last_id": [*fresh][-1]}
        return [*devices.values()]

    async def detail(self, device_id: str) -> JsonObject:
        """Return what the list has of one device, in `snake_case`; it holds secrets."""
        return as_object(await self._get(_DETAIL, device_id), "GET", _DETAIL)

    async def status(self, device_ids: Iterable[str]) -> Mapping[str, Rows]:
        """Return `{code, value}` rows by device id, in one call per 20 devices."""
        found: dict[str, Rows] = {}
        for ids in batched(device_ids, _PAGE, strict=False):
            query = {"device_ids": ",".join(ids)}
            for row in as_rows(await self._request("GET", _STATUS, query=query), "GET", _STATUS):
                states = row.get("status")
                found[_id(row)] = as_rows(states or [], "GET", _STATUS)
        return found

    async def specification(self, device_id: str) -> JsonObject:
        """Return `{category, functions, status}`; `values` inside stay JSON strings."""
        result = await self._get(_SPECIFICATION, device_id)
        return as_object(result, "GET", _SPECIFICATION)

    async def model(self, device_id: str) -> JsonObject:
        """Return the thing model `{modelId, services}`, which Tuya sends as a JSON string."""
        model = as_object(await self._get(_MODEL, device_id), "GET", _MODEL).get("model")
        try:
            model = decode_json(model) if isinstance(model, str) else model
        except MalformedJsonError:
            raise malformed("GET", _MODEL) from None
        return as_object(model, "GET", _MODEL)

    async def shadow(self, device_id: str) -> Rows:
        """Return `{code, dp_id, time, value}` rows of every data point, custom ones included."""
        result = as_object(await self._get(_SHADOW, device_id), "GET", _SHADOW)
        return as_rows(result.get("properties"), "GET", _SHADOW)

    async def function_points(self, device_id: str) -> tuple[str, ...]:
        """Return the public-area function points of an access terminal; no list means none.

        Tuya's page does not show the shape: codes, or objects with a code or an id, are taken.
        """
        result = await self._get(_FUNCTION_POINTS, device_id)
        points = result.get("functions") if isinstance(result, dict) else result
        codes = [_point(point) for point in points] if isinstance(points, list) else []
        return tuple(code for code in codes if code)

    async def send(self, device_id: str, values: JsonObject) -> None:
        """Send standard instructions `{code: value}`; accepted is not yet executed."""
        body = {"commands": [{"code": code, "value": value} for code, value in values.items()]}
        as_accepted(await self._post(_COMMANDS, device_id, body), "POST", _COMMANDS)

    async def issue(self, device_id: str, values: JsonObject) -> None:
        """Send properties `{code: value}` of the thing model, custom data points included."""
        body = {"properties": json.dumps(values, separators=(",", ":"))}
        as_accepted(await self._post(_ISSUE, device_id, body), "POST", _ISSUE)

    async def act(
        self, device_id: str, code: str, values: JsonObject, *, as_text: bool = True
    ) -> None:
        """Do an action of the thing model; accepted is not yet executed.

        Tuya does not say how `values` travel: as JSON text, as properties do, or as an object.
        """
        given = json.dumps(values, separators=(",", ":")) if as_text else values
        body = {"code": code, "input_params": given}
        as_accepted(await self._post(_ACTION, device_id, body), "POST", _ACTION)

    async def stream(self, device_id: str, kind: str) -> str:
        """Return a stream address ("rtsp", "hls") for one view, to be opened within 30 s.

        Empty where nothing streams behind it: Tuya tells that by an empty stream id.
        """
        result = as_object(await self._post(_STREAM, device_id, {"type": kind}), "POST", _STREAM)
        if result.get("url") == "" or result.get("stream_id") == "":
            return ""
        return as_text(result.get("url"), "POST", _STREAM)

    async def movement_url(self, device_id: str, bucket: str, path: str) -> str:
        """Return the signed address of a stored capture; `path` whole, its query included."""
        query = {"bucket": bucket, "file_path": path}
        result = await self._get(_MOVEMENT, device_id, query)
        url = result.get("url") if isinstance(result, dict) else result
        return as_text(url, "GET", _MOVEMENT)

    async def webrtc_config(self, device_id: str) -> JsonObject:
        """Return the live-video configuration; it holds secrets."""
        return as_object(await self._get(_WEBRTC, device_id), "GET", _WEBRTC)

    async def _get(self, path: str, device_id: str, query: Mapping[str, str] | None = None) -> Any:
        return await self._request("GET", path, ids={"device_id": device_id}, query=query)

    async def _post(self, path: str, device_id: str, body: JsonObject) -> Any:
        return await self._request("POST", path, ids={"device_id": device_id}, body=body)


def _id(row: JsonObject) -> str:
    id_ = row.get("id")
    return id_ if isinstance(id_, str) else ""


def _point(point: object) -> str:
    if isinstance(point, dict):
        point = point.get("code") or point.get("id")
    return point if isinstance(point, str) else ""

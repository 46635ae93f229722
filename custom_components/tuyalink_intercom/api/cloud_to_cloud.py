"""Calls of the Device Cloud-to-Cloud Integration Service: devices of ours that Tuya is told of.

Registering and looking up take our own id of a device, all others the one that Tuya gave it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .calls import Request, as_accepted, as_object, as_text
from .message import Json, JsonObject

_DEVICES = "/v1.0/iot-03/3rdcloud/devices"
_REGISTER = f"{_DEVICES}/{{third_cloud_device_id}}/register"
_REGISTER_SUB = f"{_DEVICES}/{{third_cloud_device_id}}/sub/register"
_GET = f"{_DEVICES}/{{third_cloud_device_id}}"
_UPDATE = f"{_DEVICES}/{{device_id}}"
_ONLINE = f"{_DEVICES}/{{device_id}}/online"
_OFFLINE = f"{_DEVICES}/{{device_id}}/offline"
_REMOVE = f"{_DEVICES}/{{device_id}}/remove"
_PROPERTIES = f"{_DEVICES}/{{device_id}}/property/report"
_EVENT = f"{_DEVICES}/{{device_id}}/event/report"
_ACTION = f"{_DEVICES}/{{device_id}}/action-resp/report"
_UNBIND = "/v1.0/cloud/thing/devices/{device_id}/unbind"
_POINTS = "/v1.0/cloud/thing/devices/{device_id}/datapoint/report"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDraft:
    """A device to be registered.

    `name`: 4 to 50 characters. `gateway_id`: Tuya's id of the device it is behind. `group_id`: of
    a home or an asset that it is to belong to; `has_qrcode`: or who scans a code binds it.
    """

    name: str
    product_id: str
    gateway_id: str | None = None
    group_id: str | None = None
    has_qrcode: bool = False
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredDevice:
    """A device that Tuya knows. `short_url`: what the code to scan holds, if one was asked for."""

    device_id: str
    name: str | None = None
    product_id: str | None = None
    short_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedValue:
    """A property's value at a time in Unix seconds."""

    value: Json
    time: float


class CloudToCloudCalls:
    """The southbound calls of one project; every method raises TuyaError."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def register(self, third_id: str, draft: DeviceDraft) -> RegisteredDevice:
        """Make a device known under our own id: up to 32 letters and digits."""
        body: dict[str, Any] = {"device_name": draft.name, "product_id": draft.product_id}
        path = _REGISTER
        if draft.gateway_id is not None:
            path, body["gateway_id"] = _REGISTER_SUB, draft.gateway_id
        if draft.options:
            body["options"] = dict(draft.options)
        if draft.group_id is not None:
            body["group_id"] = draft.group_id
        elif draft.has_qrcode:
            body["has_qrcode"] = True
        result = await self._request("POST", path, ids=_third(third_id), body=body)
        return _registered(result, "POST", path)

    async def get(self, third_id: str) -> RegisteredDevice:
        """Look a device up by our own id."""
        return _registered(await self._request("GET", _GET, ids=_third(third_id)), "GET", _GET)

    async def update(self, device_id: str, name: str, options: JsonObject | None = None) -> None:
        """Change a device's name, and what is told of it."""
        body = {"device_name": name, **({"options": dict(options)} if options else {})}
        await self._tell("PUT", _UPDATE, device_id, body)

    async def online(self, device_id: str) -> None:
        """Tell that a device is there."""
        await self._tell("PUT", _ONLINE, device_id)

    async def offline(self, device_id: str) -> None:
        """Tell that a device is away."""
        await self._tell("PUT", _OFFLINE, device_id)

    async def unbind(self, device_id: str) -> None:
        """Take a device away from the app user who has it."""
        await self._tell("POST", _UNBIND, device_id)

    async def remove(self, device_id: str) -> None:
        """Make Tuya forget a device."""
        await self._tell("DELETE", _REMOVE, device_id)

    async def report_properties(
        self, device_id: str, msg_id: str, values: Mapping[str, ReportedValue]
    ) -> None:
        """Report values by code; `msg_id`: up to 32 characters, a new one for each report."""
        data = {code: _timed(reported) for code, reported in values.items()}
        await self._tell("POST", _PROPERTIES, device_id, {"msg_id": msg_id, "data": data})

    async def report_event(
        self, device_id: str, msg_id: str, code: str, time: float, outputs: Mapping[str, Json]
    ) -> None:
        """Report that something happened at a time in Unix seconds."""
        data = {"event_code": code, "event_time": _milliseconds(time)}
        if outputs:
            data["output_params"] = dict(outputs)
        await self._tell("POST", _EVENT, device_id, {"msg_id": msg_id, "data": data})

    async def report_action(
        self, device_id: str, msg_id: str, action: str, code: int, outputs: Mapping[str, Json]
    ) -> None:
        """Answer the action command `msg_id`; `code` 0: it was done. Without one it has failed."""
        data = {"action_code": action, "output_params": dict(outputs)}
        body = {"msg_id": msg_id, "code": code, "data": data}
        await self._tell("POST", _ACTION, device_id, body)

    async def report_points(self, device_id: str, values: Mapping[int, ReportedValue]) -> None:
        """Report values by data point number, as products without a thing model want them."""
        data = {str(number): _timed(reported) for number, reported in values.items()}
        await self._tell("POST", _POINTS, device_id, {"data": data})

    async def _tell(
        self, method: str, path: str, device_id: str, body: JsonObject | None = None
    ) -> None:
        ids = {"device_id": device_id}
        as_accepted(await self._request(method, path, ids=ids, body=body), method, path)


def _third(third_id: str) -> Mapping[str, str]:
    return {"third_cloud_device_id": third_id}


def _registered(result: Any, method: str, path: str) -> RegisteredDevice:
    told = as_object(result, method, path)
    return RegisteredDevice(
        device_id=as_text(told.get("device_id"), method, path),
        name=_text(told.get("device_name")),
        product_id=_text(told.get("product_id")),
        short_url=_text(told.get("short_url")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _timed(reported: ReportedValue) -> JsonObject:
    return {"value": reported.value, "time": _milliseconds(reported.time)}


def _milliseconds(time: float) -> int:
    return round(time * 1000)

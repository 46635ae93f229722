"""OpenAPI calls that read devices: lists, details, status, specification, model, shadow."""

from collections.abc import Callable, Iterable
from typing import Any

from . import describe
from .answers import Refused
from .devices import SimDevice
from .query import listed
from .rest import Call, Route, get

MAX_PAGE = 20


def token(call: Call) -> Any:
    """Hand out the project's token; only the simple mode is known here."""
    if call.query.get("grant_type") != "1":
        raise Refused(1003)
    return call.cloud.tokens.get()


def refresh(call: Call) -> Any:
    """Exchange the token pair."""
    return call.cloud.tokens.refresh(call.ids["refresh_token"])


def project_devices(call: Call) -> Any:
    """Page through all devices of the project; ends when a page is not full."""
    size = _page_size(call)
    found = [
        device
        for device in _linked(call)
        if _among(call, "categories", device.category)
        and _among(call, "product_ids", device.file.product_id)
    ]
    ids = [device.id for device in found]
    last = call.query.get("last_id", "")
    start = ids.index(last) + 1 if last in ids else 0
    return [describe.list_item(device) for device in found[start : start + size]]


def batch_details(call: Call) -> Any:
    """Return details of up to 20 devices."""
    return [describe.detail(device) for device in _chosen(call)]


def detail(call: Call) -> Any:
    """Return one device in the IoT Core form."""
    return describe.detail(call.device)


def home_device(call: Call) -> Any:
    """Return one device in the smart-home form."""
    return describe.home_device(call.device)


def home_devices(call: Call) -> Any:
    """Return up to 20 given devices in the smart-home form."""
    devices = [describe.home_device(device) for device in _chosen(call)]
    return {"devices": devices, "has_more": False, "last_row_key": "", "total": len(devices)}


def user_devices(call: Call) -> Any:
    """Return the devices of the one linked app account."""
    if call.ids["uid"] != describe.APP_UID:
        raise Refused(1106)
    return [describe.home_device(device) for device in _linked(call)]


def associated_devices(call: Call) -> Any:
    """Page through the devices of all linked app accounts."""
    page, more = _rows(call, "size", 50)
    return {
        "devices": [describe.home_device(device) for device in page],
        "has_more": more,
        "last_row_key": page[-1].id if page else "",
        "total": len(_linked(call)),
    }


def industry_devices(call: Call) -> Any:
    """Page through the devices the industry way."""
    page, more = _rows(call, "page_size", 20)
    return {
        "list": [describe.industry_device(device) for device in page],
        "has_more": more,
        "last_row_key": page[-1].id if page else "",
        "total": len(_linked(call)),
    }


def industry_device(call: Call) -> Any:
    """Return one device in the industry form."""
    return describe.industry_device(call.device)


def status(call: Call) -> Any:
    """Return the standard set's values of one device."""
    return describe.status(call.device)


def batch_status(call: Call) -> Any:
    """Return the standard set's values of up to 20 devices."""
    return [{"id": device.id, "status": describe.status(device)} for device in _chosen(call)]


def functions(call: Call) -> Any:
    """Return what can be commanded; raises Refused(2009) without a standard set."""
    return describe.functions(_with_standard_set(call))


def specification(call: Call) -> Any:
    """Return the standard set; raises Refused(2009) without one."""
    return describe.specification(_with_standard_set(call))


def numbered_specification(call: Call) -> Any:
    """Return the standard set with dp ids."""
    return describe.specification(_with_standard_set(call), with_dp_id=True)


def model(call: Call) -> Any:
    """Return the thing model as a JSON string."""
    return {"model": describe.model(call.device)}


def shadow(call: Call) -> Any:
    """Return every reported data point, or those of ``codes``."""
    return {"properties": describe.shadow(call.device, frozenset(listed(call, "codes")))}


def sub_devices(call: Call) -> Any:
    """Return what was registered behind a device; none of the others is a gateway."""
    south, gateway_id = call.cloud.southbound, call.ids["id"]
    behind = [one for one in south.devices.values() if one.gateway_id == gateway_id]
    return [describe.sub_device(call.cloud.devices[one.device_id], one.third_id) for one in behind]


def factory_infos(call: Call) -> Any:
    """Return hardware ids."""
    return [
        {"id": device.id, "mac": "", "sn": "", "uuid": describe.uuid(device)}
        for device in _chosen(call)
    ]


def _page_size(call: Call) -> int:
    size = call.query.get("page_size", "")
    if not size:
        raise Refused(1100)
    if not size.isdecimal() or not 1 <= int(size) <= MAX_PAGE:
        raise Refused(1101)
    return int(size)


def _rows(call: Call, name: str, default: int) -> tuple[list[SimDevice], bool]:
    wanted = call.query.get(name, "")
    size = max(1, min(int(wanted), 200)) if wanted.isdecimal() else default
    found, last = _linked(call), call.query.get("last_row_key", "")
    ids = [device.id for device in found]
    start = ids.index(last) + 1 if last in ids else 0
    return found[start : start + size], start + size < len(found)


def _linked(call: Call) -> list[SimDevice]:
    return [device for device in call.cloud.devices.values() if device.linked]


def _chosen(call: Call) -> Iterable[SimDevice]:
    wanted = listed(call, "device_ids")
    if not wanted:
        raise Refused(1100)
    if len(wanted) > MAX_PAGE:
        raise Refused(1101)
    return [call.linked(device_id) for device_id in wanted]


def _among(call: Call, name: str, value: str) -> bool:
    wanted = listed(call, name)
    return not wanted or value in wanted


def _with_standard_set(call: Call) -> SimDevice:
    device = call.device
    if not device.file.functions and not device.file.status_range:
        raise Refused(2009)
    return device


def _each(paths: Iterable[str], answer: Callable[[Call], Any]) -> tuple[Route, ...]:
    return tuple(get(path, answer) for path in paths)


ROUTES = (
    get("/v1.0/token", token, token=True),
    get("/v1.0/token/{refresh_token}", refresh, token=True),
    get("/v2.0/cloud/thing/device", project_devices),
    get("/v2.0/cloud/thing/batch", batch_details),
    get("/v2.0/cloud/thing/{id}", detail),
    get("/v2.0/cloud/thing/{id}/model", model),
    get("/v2.0/cloud/thing/{id}/shadow/properties", shadow),
    get("/v1.0/devices", home_devices),
    get("/v1.0/devices/factory-infos", factory_infos),
    get("/v1.0/iot-03/devices/factory-infos", factory_infos),
    get("/v1.0/devices/{id}", home_device),
    get("/v1.0/users/{uid}/devices", user_devices),
    get("/v1.0/iot-01/associated-users/devices", associated_devices),
    *_each(("/v1.2/iot-03/devices", "/v1.3/iot-03/devices"), industry_devices),
    get("/v1.0/iot-03/devices/status", batch_status),
    *_each(("/v1.0/iot-03/devices/{id}", "/v1.1/iot-03/devices/{id}"), industry_device),
    *_each(("/v1.0/devices/{id}/status", "/v1.0/iot-03/devices/{id}/status"), status),
    *_each(("/v1.0/devices/{id}/functions", "/v1.0/iot-03/devices/{id}/functions"), functions),
    get("/v1.0/devices/{id}/specifications", specification),
    get("/v1.0/iot-03/devices/{id}/specification", specification),
    get("/v1.1/devices/{id}/specifications", numbered_specification),
    *_each(
        ("/v1.0/devices/{id}/sub-devices", "/v1.0/iot-03/devices/{id}/sub-devices"), sub_devices
    ),
)

"""OpenAPI calls of the Device Cloud-to-Cloud Integration Service.

Registering and looking up take the partner's id, all others the one that Tuya gave.
"""

from collections.abc import Mapping
import re
from typing import Any

from . import messages, southbound
from .answers import Refused
from .devices import SimDevice
from .rest import Call, Route, delete, get, post, put
from .southbound import ILLEGAL, Foreign, Happened, SimProduct, fits

BASE = "/v1.0/iot-03/3rdcloud/devices"
THIRD_ID = re.compile(r"[A-Za-z0-9]{1,64}")
LONGEST_NAME, LONGEST_MSG_ID = 50, 32
MISSING, UNKNOWN = 1100, 1000


def register(call: Call) -> Any:
    """Make a device known; who registers again is told the id it has."""
    return _registered(call, gateway_id="")


def register_sub(call: Call) -> Any:
    """Make a device behind another one known."""
    gateway_id = _text(call, "gateway_id")
    call.cloud.southbound.foreign(gateway_id)
    return _registered(call, gateway_id=gateway_id)


def look_up(call: Call) -> Any:
    """Return a device by the partner's id."""
    cloud = call.cloud
    device_id = cloud.southbound.ids.get(call.ids["third_id"], "")
    if device_id not in cloud.southbound.devices:
        raise Refused(southbound.NOT_FOUND)
    foreign, device = cloud.southbound.devices[device_id], cloud.devices[device_id]
    return {
        "create_time": foreign.created_ms,
        "device_id": device_id,
        "device_name": device.name,
        "product_id": foreign.product_id,
        "short_url": foreign.short_url,
        "uuid": f"{device_id[2:20]}",
    }


def update(call: Call) -> bool:
    """Change a device's name or options."""
    foreign, device = _foreign(call)
    if "device_name" in call.fields:
        device.name = _name(call)
    foreign.options = {**foreign.options, **call.fields.get("options", {})}
    return True


def online(call: Call) -> bool:
    """Take a device for there."""
    return _present(call, online=True)


def offline(call: Call) -> bool:
    """Take a device for away."""
    return _present(call, online=False)


def remove(call: Call) -> bool:
    """Forget a device; its licence is not given back."""
    foreign, _ = _foreign(call)
    del call.cloud.southbound.devices[foreign.device_id]
    del call.cloud.southbound.ids[foreign.third_id]
    del call.cloud.devices[foreign.device_id]
    return True


def unbind(call: Call) -> bool:
    """Take a device away from its user."""
    foreign, _ = _foreign(call)
    foreign.bound, foreign.group_id = False, ""
    return True


def report_properties(call: Call) -> bool:
    """Take values; all of them fit the thing model, or none is taken."""
    foreign, device = _foreign(call)
    product = call.cloud.southbound.products[foreign.product_id]
    _msg_id(call)
    data = call.fields["data"]
    values = {code: _reported(product, code, told) for code, told in data.items()}
    if not values:
        raise Refused(ILLEGAL)
    call.cloud.southbound.reports.append({"device_id": device.id, **call.fields})
    _take(call, device, values)
    return True


def report_points(call: Call) -> bool:
    """Take values by data point number."""
    foreign, device = _foreign(call)
    product = call.cloud.southbound.products[foreign.product_id]
    codes = {str(one["abilityId"]): one["code"] for one in product.properties}
    data = call.fields["data"]
    if not data or not codes.keys() >= data.keys():
        raise Refused(ILLEGAL)
    _take(call, device, {codes[n]: _reported(product, codes[n], data[n]) for n in data})
    return True


def report_event(call: Call) -> bool:
    """Take an event that the thing model has."""
    foreign, device = _foreign(call)
    product = call.cloud.southbound.products[foreign.product_id]
    _msg_id(call)
    data = call.fields["data"]
    declared = product.event(data["event_code"])
    if declared is None or not _is_time(data["event_time"]):
        raise Refused(ILLEGAL)
    outputs = data.get("output_params") or {}
    _check_parameters(declared, outputs)
    cloud = call.cloud
    cloud.southbound.events.append(
        Happened(
            device_id=device.id,
            code=data["event_code"],
            time_ms=data["event_time"],
            received_ms=cloud.now_ms(),
            outputs=outputs,
        )
    )
    body = messages.event_message(device, data["event_code"], outputs, data["event_time"])
    cloud.publish(device.id, body, protocol=messages.CORE_DATA)
    cloud.changed()
    return True


def report_action(call: Call) -> bool:
    """Take the answer to an action."""
    _foreign(call)
    command = call.cloud.southbound.commands.get(_msg_id(call))
    if command is None or command.device_id != call.ids["id"]:
        raise Refused(UNKNOWN)
    if command.answer is not None or command.at < call.cloud.now() - southbound.ANSWER_S:
        return True
    command.answer = {"code": call.fields.get("code", 0), **call.fields["data"]}
    call.cloud.changed()
    return True


def _registered(call: Call, *, gateway_id: str) -> dict[str, Any]:
    cloud, south = call.cloud, call.cloud.southbound
    third_id, name = call.ids["third_id"], _name(call)
    if not THIRD_ID.fullmatch(third_id):
        raise Refused(ILLEGAL)
    product = south.product_for(_text(call, "product_id"))
    device_id = south.ids.get(third_id)
    if device_id is None:
        device_id = _new(call, product, name, third_id, gateway_id)
    foreign = south.devices[device_id]
    if foreign.product_id != product.id:
        raise Refused(ILLEGAL)
    cloud.devices[device_id].name = name
    foreign.options = call.fields.get("options") or {}
    foreign.group_id = str(call.fields.get("group_id") or "")
    foreign.bound = foreign.bound or bool(foreign.group_id)
    if call.fields.get("has_qrcode") is True:
        foreign.short_url = southbound.short_url(device_id)
    cloud.changed()
    answer = {"device_id": device_id}
    return {**answer, "short_url": foreign.short_url} if foreign.short_url else answer


def _new(call: Call, product: SimProduct, name: str, third_id: str, gateway_id: str) -> str:
    if product.licences <= 0:
        raise Refused(southbound.NO_LICENCE, "license insufficient")
    product.licences -= 1
    cloud, south = call.cloud, call.cloud.southbound
    device_id = southbound.new_device_id()
    file = southbound.device_file(product, device_id, name, sub=bool(gateway_id))
    cloud.devices[device_id] = SimDevice(file, cloud.now_ms())
    south.ids[third_id] = device_id
    south.devices[device_id] = Foreign(
        third_id=third_id,
        device_id=device_id,
        product_id=product.id,
        gateway_id=gateway_id,
        created_ms=cloud.now_ms(),
    )
    return device_id


def _present(call: Call, *, online: bool) -> bool:
    _, device = _foreign(call)
    cloud, at_ms = call.cloud, call.cloud.now_ms()
    device.connect(online=online, at_ms=at_ms, late=False)
    protocol, body = messages.presence(device, at_ms, online=online, core=True)
    cloud.publish(device.id, body, protocol=protocol)
    cloud.changed()
    return True


def _take(call: Call, device: SimDevice, values: Mapping[str, tuple[Any, int]]) -> None:
    cloud = call.cloud
    for code, (value, at_ms) in values.items():
        device.store({code: value}, at_ms, cloud.now_ms())
    told = {code: value for code, (value, _) in values.items()}
    at_ms = max(at_ms for _, at_ms in values.values())
    body = messages.property_message(device, told, at_ms, messages.data_id())
    cloud.publish(device.id, body, protocol=messages.CORE_DATA)
    cloud.changed()


def _foreign(call: Call) -> tuple[Foreign, SimDevice]:
    foreign = call.cloud.southbound.foreign(call.ids["id"])
    return foreign, call.cloud.devices[foreign.device_id]


def _reported(product: SimProduct, code: str, told: Mapping[str, Any]) -> tuple[Any, int]:
    declared = product.property(code)
    if declared is None or not fits(declared, told["value"]) or not _is_time(told["time"]):
        raise Refused(ILLEGAL)
    return told["value"], told["time"]


def _check_parameters(declared: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    known = {one["code"]: one for one in declared.get("outputParams", ())}
    if not all(code in known and fits(known[code], value) for code, value in outputs.items()):
        raise Refused(ILLEGAL)


def _is_time(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and len(str(value)) == 13


def _msg_id(call: Call) -> str:
    msg_id = _text(call, "msg_id")
    if len(msg_id) > LONGEST_MSG_ID:
        raise Refused(ILLEGAL)
    return msg_id


def _name(call: Call) -> str:
    name = _text(call, "device_name")
    if len(name) > LONGEST_NAME:
        raise Refused(ILLEGAL)
    return name


def _text(call: Call, name: str) -> str:
    value = call.fields.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(MISSING)
    return value


ROUTES: tuple[Route, ...] = (
    post(f"{BASE}/{{third_id}}/register", register),
    post(f"{BASE}/{{third_id}}/sub/register", register_sub),
    get(f"{BASE}/{{third_id}}", look_up),
    put(f"{BASE}/{{id}}", update),
    put(f"{BASE}/{{id}}/online", online),
    put(f"{BASE}/{{id}}/offline", offline),
    delete(f"{BASE}/{{id}}/remove", remove),
    post(f"{BASE}/{{id}}/property/report", report_properties),
    post(f"{BASE}/{{id}}/event/report", report_event),
    post(f"{BASE}/{{id}}/action-resp/report", report_action),
    post("/v1.0/cloud/thing/devices/{id}/unbind", unbind),
    post("/v1.0/cloud/thing/devices/{id}/datapoint/report", report_points),
)

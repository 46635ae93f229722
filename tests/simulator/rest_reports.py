"""OpenAPI calls by which devices of other clouds tell their values, events and answers."""

from collections.abc import Mapping
from typing import Any

from . import messages
from .answers import Refused
from .devices import SimDevice
from .rest import Call, Route, post
from .rest_southbound import BASE, MISSING, RANGE, served, text
from .southbound import EXECUTE, ILLEGAL, TIMEOUT, Command, Happened
from .thing_products import SimProduct, fits

LONGEST_MSG_ID, TIME_DIGITS = 32, 13
UNKNOWN = 1000
type Reported = Mapping[str, tuple[Any, int]]


def report_properties(call: Call) -> bool:
    """Take values; all of them fit the thing model, or none is taken."""
    foreign, device = served(call)
    south = call.cloud.southbound
    product, msg_id, data = south.products[foreign.product_id], _msg_id(call), _data(call)
    values = {code: _reported(product, code, told) for code, told in data.items()}
    if _repeated(call, msg_id):
        return True
    south.reports.append({"device_id": device.id, "msg_id": msg_id, "data": data})
    _take(call, device, values)
    return True


def report_points(call: Call) -> bool:
    """Take values by data point number."""
    foreign, device = served(call)
    south, data = call.cloud.southbound, _data(call)
    product = south.products[foreign.product_id]
    codes = {number: product.code_of(number) or "" for number in data}
    values = {codes[number]: _reported(product, codes[number], data[number]) for number in data}
    south.reports.append({"device_id": device.id, "points": data})
    _take(call, device, values)
    return True


def report_event(call: Call) -> bool:
    """Take an event that the thing model has."""
    foreign, device = served(call)
    cloud, msg_id, data = call.cloud, _msg_id(call), _data(call)
    if "event_code" not in data or "event_time" not in data:
        raise Refused(MISSING)
    code, at_ms = data["event_code"], data["event_time"]
    declared = cloud.southbound.products[foreign.product_id].event(code)
    if declared is None or not _is_time(at_ms):
        raise Refused(ILLEGAL)
    outputs = _outputs(declared, data)
    if _repeated(call, msg_id):
        return True
    happened = Happened(
        device_id=device.id,
        code=code,
        time_ms=at_ms,
        received_ms=cloud.now_ms(),
        outputs=outputs,
    )
    cloud.southbound.events.append(happened)
    body = messages.event_message(device, code, outputs, at_ms)
    cloud.publish(device.id, body, protocol=messages.CORE_DATA)
    cloud.changed()
    return True


def report_action(call: Call) -> bool:
    """Take the answer to an action, once; one that comes too late is refused [design]."""
    foreign, _ = served(call)
    cloud, product = call.cloud, call.cloud.southbound.products[foreign.product_id]
    command, data = _command(call), _data(call)
    code = call.fields.get("code", 0)
    declared = product.action(data.get("action_code") or "")
    if declared is None or isinstance(code, bool) or not isinstance(code, int):
        raise Refused(ILLEGAL)
    answer = {
        "action_code": declared["code"],
        "code": code,
        "output_params": _outputs(declared, data),
    }
    if command is None or command.device_id != foreign.device_id or command.kind != EXECUTE:
        raise Refused(UNKNOWN)
    if command.asked["actionCode"] != declared["code"]:
        raise Refused(ILLEGAL)
    if command.status(cloud.now()) == TIMEOUT:
        command.late = answer
        cloud.changed()
        raise Refused(UNKNOWN)
    if command.answer is None:
        command.answer = answer
        cloud.changed()
    return True


def _command(call: Call) -> Command | None:
    """Return the command that is answered; its id is as long as it was when it was given."""
    known = call.cloud.southbound.commands.get(text(call, "msg_id"))
    return known or call.cloud.southbound.commands.get(_msg_id(call))


def _repeated(call: Call, msg_id: str) -> bool:
    """Tell whether a report was taken before; what a real cloud does then is not known [design]."""
    cloud = call.cloud
    foreign = cloud.southbound.foreign(call.ids["id"])
    if msg_id in foreign.taken:
        cloud.southbound.repeats.append(msg_id)
        cloud.changed()
        return True
    foreign.note(msg_id)
    return False


def _take(call: Call, device: SimDevice, values: Reported) -> None:
    """Keep values, but none that is older than what is known, and tell of the kept ones."""
    cloud = call.cloud
    told: dict[str, Any] = {}
    for code, (value, at_ms) in values.items():
        if at_ms >= device.times.get(code, 0):
            device.store({code: value}, at_ms, cloud.now_ms())
            told[code] = value
    if told:
        at_ms = max(values[code][1] for code in told)
        body = messages.property_message(device, told, at_ms, messages.data_id())
        cloud.publish(device.id, body, protocol=messages.CORE_DATA)
    reported = {code: value for code, (value, _) in values.items()}
    cloud.southbound.reached(device.id, reported, cloud.now())
    cloud.changed()


def _data(call: Call) -> Mapping[str, Any]:
    data = call.fields.get("data")
    if data is None:
        raise Refused(MISSING)
    if not isinstance(data, dict) or not data:
        raise Refused(ILLEGAL)
    return data


def _reported(product: SimProduct, code: str, told: Any) -> tuple[Any, int]:
    declared = product.property(code)
    if declared is None or not isinstance(told, dict):
        raise Refused(ILLEGAL)
    if "value" not in told or "time" not in told:
        raise Refused(MISSING)
    if not fits(declared, told["value"]) or not _is_time(told["time"]):
        raise Refused(ILLEGAL)
    return told["value"], told["time"]


def _outputs(declared: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    outputs = data.get("output_params") or {}
    known = {one["code"]: one for one in declared.get("outputParams", ())}
    if not isinstance(outputs, dict) or not outputs.keys() <= known.keys():
        raise Refused(ILLEGAL)
    if not all(fits(known[code], value) for code, value in outputs.items()):
        raise Refused(ILLEGAL)
    return outputs


def _is_time(value: Any) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and len(str(value)) == TIME_DIGITS


def _msg_id(call: Call) -> str:
    msg_id = text(call, "msg_id")
    if len(msg_id) > LONGEST_MSG_ID:
        raise Refused(RANGE)
    return msg_id


ROUTES: tuple[Route, ...] = (
    post(f"{BASE}/{{id}}/property/report", report_properties),
    post(f"{BASE}/{{id}}/event/report", report_event),
    post(f"{BASE}/{{id}}/action-resp/report", report_action),
    post("/v1.0/cloud/thing/devices/{id}/datapoint/report", report_points),
)

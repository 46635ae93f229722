"""OpenAPI calls that write to a device: standard commands, thing-model properties and actions."""

from collections.abc import Mapping
import json
from typing import Any

from . import commanding, doors
from .answers import Refused
from .devices import SimDevice
from .files import Point
from .rest import Call, post

MAX_CODES = 20


def commands(call: Call) -> Any:
    """Send standard instructions; accepted is not executed, but here it is."""
    listed = call.fields.get("commands")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_CODES:
        raise Refused(1109)
    device = call.awake()
    if not device.file.functions:
        raise Refused(2009)
    values: dict[str, Any] = {}
    for item in listed:
        code = item.get("code") if isinstance(item, dict) else None
        if code not in device.file.functions or "value" not in item:
            raise Refused(2008)
        values[code] = item["value"]
    _check_values(device, values)
    if device.file.foreign:
        commanding.set_properties(call.cloud, device.id, values)
    else:
        doors.write(call.cloud, device, values)
    return True


def issue(call: Call) -> Any:
    """Write properties, standard or not; they travel as a JSON string."""
    text = call.fields.get("properties")
    if not isinstance(text, str):
        raise Refused(1109)
    try:
        values = json.loads(text)
    except ValueError as error:
        raise Refused(1109) from error
    if not isinstance(values, dict) or not values:
        raise Refused(1109)
    device = call.awake()
    _check_values(device, values)
    if device.file.foreign:
        commanding.set_properties(call.cloud, device.id, values)
    else:
        doors.write(call.cloud, device, values)
    return {}


def act(call: Call) -> Any:
    """Do an action of the thing model; each knows one form of its input."""
    fields, device = call.fields, call.awake()
    given = fields.get("input_params")
    form = "text" if isinstance(given, str) else "object"
    known = {action.get("code") for action in device.file.actions}
    if fields.get("code") not in known or form != device.action_form:
        raise Refused(1109)
    if device.file.foreign:
        inputs = json.loads(given) if isinstance(given, str) else given
        commanding.execute(call.cloud, device.id, fields["code"], inputs)
    else:
        doors.act(call.cloud, device)
    return {}


def _check_values(device: SimDevice, values: Mapping[str, Any]) -> None:
    for code, value in values.items():
        if code not in device.codes or not _fits(device.point(code), value):
            raise Refused(2008)


def _fits(point: Point, value: Any) -> bool:
    if point.type == "Boolean":
        return isinstance(value, bool)
    if point.type in {"Integer", "Bitmap"}:
        return _fits_number(point, value)
    if point.type == "Enum":
        return isinstance(value, str) and (not point.range or value in point.range)
    return isinstance(value, str)


def _fits_number(point: Point, value: Any) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    low, high = point.limits.get("min"), point.limits.get("max")
    above = not isinstance(low, int | float) or value >= low
    return above and (not isinstance(high, int | float) or value <= high)


ROUTES = (
    post("/v1.0/devices/{id}/commands", commands, command=True),
    post("/v1.0/iot-03/devices/{id}/commands", commands, command=True),
    post("/v2.0/cloud/thing/{id}/shadow/properties/issue", issue, command=True),
    post("/v2.0/cloud/thing/{id}/shadow/actions", act, command=True),
)

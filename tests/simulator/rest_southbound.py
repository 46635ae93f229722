"""OpenAPI calls of the Device Cloud-to-Cloud Integration Service that are about devices.

Registering and looking up take the partner's id, all others the one that Tuya gave.
"""

import re
from typing import Any

from . import describe, messages, registry, southbound
from .answers import Refused
from .devices import SimDevice
from .rest import Call, Route, delete, get, post, put
from .southbound import ILLEGAL, NO_PERMISSION, Foreign
from .wire import compact

BASE = "/v1.0/iot-03/3rdcloud/devices"
THIRD_ID = re.compile(r"[A-Za-z0-9]{1,64}")
SHORTEST_NAME, LONGEST_NAME = 4, 50
LONGEST_GROUP, LONGEST_OPTIONS = 64, 4096
MISSING, RANGE = 1100, 1101


def register(call: Call) -> Any:
    """Make a device known; who registers again is told the id it has."""
    return _registered(call, gateway_id="")


def register_sub(call: Call) -> Any:
    """Make a device behind another one known."""
    gateway_id = text(call, "gateway_id")
    call.cloud.southbound.foreign(gateway_id)
    return _registered(call, gateway_id=gateway_id)


def look_up(call: Call) -> Any:
    """Return a device by the partner's id."""
    south = call.cloud.southbound
    foreign = south.foreign(south.ids.get(call.ids["third_id"], ""))
    south.product_for(foreign.product_id)
    device = call.cloud.devices[foreign.device_id]
    return {
        "create_time": foreign.created_ms,
        "device_id": device.id,
        "device_name": device.name,
        "product_id": foreign.product_id,
        "short_url": foreign.short_url,
        "uuid": describe.uuid(device),
    }


def update(call: Call) -> bool:
    """Change a device's name or options."""
    foreign, device = served(call)
    options = _options(call)
    if "device_name" in call.fields:
        registry.rename(call.cloud, device.id, _name(call))
    foreign.options = {**foreign.options, **options}
    call.cloud.changed()
    return True


def online(call: Call) -> bool:
    """Take a device for there."""
    return _present(call, online=True)


def offline(call: Call) -> bool:
    """Take a device for away."""
    return _present(call, online=False)


def remove(call: Call) -> bool:
    """Forget a device."""
    registry.forget(call.cloud, call.ids["id"])
    return True


def unbind(call: Call) -> bool:
    """Take a device away from its user."""
    foreign = call.cloud.southbound.foreign(call.ids["id"])
    foreign.bound, foreign.group_id = False, ""
    call.cloud.changed()
    return True


def served(call: Call) -> tuple[Foreign, SimDevice]:
    """Return the device of the path, if the project may use its product; raises Refused."""
    south = call.cloud.southbound
    foreign = south.foreign(call.ids["id"])
    if not south.products[foreign.product_id].authorized:
        raise Refused(NO_PERMISSION)
    return foreign, call.cloud.devices[foreign.device_id]


def text(call: Call, name: str) -> str:
    """Return a member of the body that has to be text; raises Refused."""
    value = call.fields.get(name)
    if value is None or value == "":
        raise Refused(MISSING)
    if not isinstance(value, str):
        raise Refused(ILLEGAL)
    return value


def _registered(call: Call, *, gateway_id: str) -> dict[str, Any]:
    cloud, south = call.cloud, call.cloud.southbound
    third_id, name, options = call.ids["third_id"], _name(call), _options(call)
    group_id, has_qrcode = _binding(call)
    if not THIRD_ID.fullmatch(third_id):
        raise Refused(RANGE)
    product = south.product_for(text(call, "product_id"))
    if third_id not in south.ids:
        registry.add(cloud, product, third_id, name, gateway_id)
    foreign = south.devices[south.ids[third_id]]
    if (foreign.product_id, foreign.gateway_id) != (product.id, gateway_id):
        raise Refused(ILLEGAL)
    registry.rename(cloud, foreign.device_id, name)
    foreign.options = options
    foreign.group_id = group_id or foreign.group_id
    if group_id:
        registry.take_home(cloud, foreign)
    if has_qrcode and not foreign.short_url:
        foreign.short_url = southbound.short_url()
        # Whoever has it can take the door into a home of theirs.
        cloud.issued.note(foreign.short_url)
    cloud.changed()
    answer = {"device_id": foreign.device_id}
    return {**answer, "short_url": foreign.short_url} if has_qrcode else answer


def _binding(call: Call) -> tuple[str, bool]:
    """Return the home or asset that it is bound to, or whether a code is to be scanned."""
    group_id, has_qrcode = call.fields.get("group_id", ""), call.fields.get("has_qrcode", False)
    right = isinstance(group_id, str) and isinstance(has_qrcode, bool)
    if not right or (group_id and has_qrcode):
        raise Refused(ILLEGAL)
    if len(group_id) > LONGEST_GROUP:
        raise Refused(RANGE)
    return group_id, has_qrcode


def _present(call: Call, *, online: bool) -> bool:
    _, device = served(call)
    cloud, at_ms = call.cloud, call.cloud.now_ms()
    device.connect(online=online, at_ms=at_ms, late=False)
    protocol, body = messages.presence(device, at_ms, online=online, core=True)
    cloud.publish(device.id, body, protocol=protocol)
    cloud.changed()
    return True


def _options(call: Call) -> dict[str, Any]:
    options = call.fields.get("options") or {}
    if not isinstance(options, dict):
        raise Refused(ILLEGAL)
    if len(compact(options)) > LONGEST_OPTIONS:
        raise Refused(RANGE)
    return options


def _name(call: Call) -> str:
    name = text(call, "device_name")
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise Refused(RANGE)
    return name


ROUTES: tuple[Route, ...] = (
    post(f"{BASE}/{{third_id}}/register", register),
    post(f"{BASE}/{{third_id}}/sub/register", register_sub),
    get(f"{BASE}/{{third_id}}", look_up),
    put(f"{BASE}/{{id}}", update),
    put(f"{BASE}/{{id}}/online", online),
    put(f"{BASE}/{{id}}/offline", offline),
    delete(f"{BASE}/{{id}}/remove", remove),
    post("/v1.0/cloud/thing/devices/{id}/unbind", unbind),
)

"""How Tuya shows a device: list items, details, specification, thing model, shadow, status.

The v1 calls know only the standard instruction set; the thing model and the shadow know all.
"""

from collections.abc import Iterable
import hashlib
from typing import Any

from .devices import SimDevice
from .files import Point
from .wire import compact

APP_UID = "ay1700000000000Sim0"
CREATED = 1_700_000_000
THING_TYPES = {
    "Bitmap": "bitmap",
    "Boolean": "bool",
    "Enum": "enum",
    "Integer": "value",
    "Json": "string",
    "Raw": "raw",
    "String": "string",
}
# What product schemas of the app give for reading and writing; device files tell it of few.
SETTINGS = frozenset(
    {
        *("alarm_time", "arming_switch", "auto_lock_time", "automatic_lock", "beep_volume"),
        *("basic_anti_flicker", "basic_device_volume", "basic_flip", "basic_indicator"),
        *("basic_nightvision", "basic_osd", "basic_private", "basic_wdr", "child_lock"),
        *("chime_ring_tune", "chime_ring_volume", "device_restart", "do_not_disturb"),
        *("dormant_switch", "doorbell_ring_value", "doorbell_ringtone", "doorbell_song"),
        *("doorbell_volume", "doorbell_volume_value", "key_tone", "language"),
        *("lock_motor_direction", "motion_area_switch", "motion_sensitivity", "motion_switch"),
        *("motor_torque", "normal_open_switch", "photo_again", "pir_switch", "record_mode"),
        *("record_switch", "unlock_switch"),
    }
)
WRITABLE = SETTINGS | {
    "bluetooth_unlock",
    "ipc_c_lock",
    "ipc_c_switch_channel",
    "manual_lock",
    "remote_no_dp_key",
    "remote_no_pd_setkey",
    "remote_unlock",
    "reply_unlock_request",
}


def list_item(device: SimDevice) -> dict[str, Any]:
    """Return the item of the project's device list: camelCase, unlike most other answers."""
    file = device.file
    return {
        "activeTime": CREATED,
        "bindSpaceId": "170000000",
        "category": device.category,
        "createTime": CREATED,
        "customName": device.name,
        "icon": "smart/icon/simulated.png",
        "id": device.id,
        "ip": "127.0.0.1",
        "isOnline": device.online,
        "lat": "0",
        "localKey": local_key(device),
        "lon": "0",
        "model": file.model,
        "name": file.product_name or device.name,
        "productId": file.product_id,
        "productName": file.product_name,
        "sub": file.sub,
        "timeZone": "+00:00",
        "updateTime": CREATED,
        "uuid": uuid(device),
    }


def sub_device(device: SimDevice, node_id: str) -> dict[str, Any]:
    """Return a device behind a gateway, as lists of these have it."""
    known = detail(device)
    names = ("id", "name", "active_time", "update_time", "product_id", "category", "icon")
    told = {name: known[name] for name in names}
    return {**told, "asset_id": "", "node_id": node_id, "online": device.online}


def detail(device: SimDevice) -> dict[str, Any]:
    """Return the detail of the IoT Core family: snake_case, ``is_online``, no status."""
    item = list_item(device)
    names = {
        "activeTime": "active_time",
        "bindSpaceId": "bind_space_id",
        "createTime": "create_time",
        "customName": "custom_name",
        "isOnline": "is_online",
        "localKey": "local_key",
        "productId": "product_id",
        "productName": "product_name",
        "timeZone": "time_zone",
        "updateTime": "update_time",
    }
    return {names.get(key, key): value for key, value in item.items()}


def home_device(device: SimDevice) -> dict[str, Any]:
    """Return the smart-home form: ``online``, the app user's uid and the status inside."""
    shown = detail(device)
    return {
        "active_time": CREATED,
        "biz_type": 18,
        "category": device.category,
        "create_time": CREATED,
        "icon": shown["icon"],
        "id": device.id,
        "ip": shown["ip"],
        "local_key": shown["local_key"],
        "model": device.file.model,
        "name": device.name,
        "online": device.online,
        "owner_id": "170000001",
        "product_id": device.file.product_id,
        "product_name": device.file.product_name,
        "status": status(device),
        "sub": device.file.sub,
        "time_zone": "+00:00",
        "uid": APP_UID,
        "update_time": CREATED,
        "uuid": uuid(device),
    }


def industry_device(device: SimDevice) -> dict[str, Any]:
    """Return the industry form: no uid, no status, an asset."""
    shown = home_device(device)
    for key in ("status", "uid", "biz_type"):
        del shown[key]
    return {**shown, "asset_id": "170000002", "gateway_id": "", "node_id": ""}


def status(device: SimDevice) -> list[dict[str, Any]]:
    """Return the standard set's values that were ever reported."""
    standard = device.file.standard
    return [
        {"code": code, "value": value} for code, value in device.values.items() if code in standard
    ]


def functions(device: SimDevice) -> dict[str, Any]:
    """Return what can be commanded through the standard set."""
    listed = [{**_instruction(device.points[code]), "desc": "{}"} for code in device.file.functions]
    return {"category": device.category, "functions": listed}


def specification(device: SimDevice, *, with_dp_id: bool = False) -> dict[str, Any]:
    """Return both halves of the standard set; ``with_dp_id`` as the v1.1 call does."""
    points = device.points
    return {
        "category": device.category,
        "functions": _instructions(
            (points[c] for c in device.file.functions), with_dp_id=with_dp_id
        ),
        "status": _instructions(
            (points[c] for c in device.file.status_range), with_dp_id=with_dp_id
        ),
    }


def model(device: SimDevice) -> str:
    """Return the thing model, which travels as a JSON string."""
    told = [dict(one) for one in device.file.properties]
    properties = told or [_property(device, point) for point in device.file.points]
    service = {
        "actions": [dict(action) for action in device.file.actions],
        "code": "",
        "description": "",
        "events": [dict(event) for event in device.file.events],
        "name": "默认服务",
        "properties": properties,
    }
    return compact({"modelId": model_id(device), "services": [service]})


def shadow(device: SimDevice, codes: frozenset[str]) -> list[dict[str, Any]]:
    """Return the reported points with id and time; ``codes`` empty = all."""
    named = [
        _shadow_item(point, device.values[code], device.times.get(code, CREATED * 1000))
        for code, point in device.points.items()
        if code in device.values and (not codes or code in codes)
    ]
    unnamed = [
        _shadow_item(point, device.file.unnamed[point.dp_id], CREATED * 1000)
        for point in device.file.points
        if not point.code and point.dp_id in device.file.unnamed and not codes
    ]
    return named + unnamed


def local_key(device: SimDevice) -> str:
    """Return the device's LAN key, which diagnostics must never show."""
    return hashlib.sha256(b"local" + device.id.encode()).hexdigest()[:16]


def uuid(device: SimDevice) -> str:
    """Return the hardware's own id."""
    return hashlib.sha256(b"uuid" + device.id.encode()).hexdigest()[:20]


def model_id(device: SimDevice) -> str:
    """Return the id of the product's thing model."""
    return hashlib.sha256(device.file.product_id.encode()).hexdigest()[:10]


def _shadow_item(point: Point, value: Any, at_ms: int) -> dict[str, Any]:
    return {
        "code": point.code,
        "custom_name": "",
        "dp_id": point.dp_id,
        "time": at_ms,
        "type": THING_TYPES[point.type],
        "value": value,
    }


def _instructions(points: Iterable[Point], *, with_dp_id: bool) -> list[dict[str, Any]]:
    return [
        {**_instruction(point), **({"dp_id": point.dp_id} if with_dp_id else {})}
        for point in points
    ]


def _instruction(point: Point) -> dict[str, Any]:
    return {
        "code": point.code,
        "name": point.code.replace("_", " "),
        "type": point.type,
        "values": point.values,
    }


def _property(device: SimDevice, point: Point) -> dict[str, Any]:
    code = point.code
    writable = code in device.file.functions or code in WRITABLE
    return {
        "abilityId": point.dp_id,
        "accessMode": "rw" if writable or code.startswith("accessory_lock") else "ro",
        "code": code,
        "description": "",
        "extensions": {},
        "name": code.replace("_", " ") or f"DP {point.dp_id}",
        "typeSpec": {**point.limits, "type": THING_TYPES[point.type]},
    }

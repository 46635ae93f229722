"""Bodies of pushed messages, before the envelope: both dialects and the terminals' own form."""

from collections.abc import Mapping
import secrets
from typing import Any

from . import describe
from .devices import SimDevice
from .wire import compact

LEGACY_DATA = 4
LEGACY_MANAGEMENT = 20
CORE_DATA = 1000
CORE_MANAGEMENT = 1001
NOTICE = 10000
# Terminals report under an empty code; the number beside it differs by product.
TERMINAL_DP = "4"


def data_id() -> str:
    """Return the unique id of one report."""
    return secrets.token_hex(16).upper()


def status_report(
    device: SimDevice, values: Mapping[str, Any], at_ms: int, report_id: str
) -> dict[str, Any]:
    """Return a legacy report: each item carries its value under the code and under the number."""
    items = [
        {"code": code, "t": at_ms, "value": value, str(device.point(code).dp_id): value}
        for code, value in values.items()
    ]
    return _report(device, items, report_id)


def property_message(
    device: SimDevice, values: Mapping[str, Any], at_ms: int, report_id: str
) -> dict[str, Any]:
    """Return an IoT Core report: the device id is inside ``bizData`` only."""
    properties = [
        {"code": code, "dpId": device.point(code).dp_id, "time": at_ms, "value": value}
        for code, value in values.items()
    ]
    data = {
        "dataId": report_id,
        "devId": device.id,
        "productId": device.file.product_id,
        "properties": properties,
    }
    return {"bizCode": "devicePropertyMessage", "bizData": data, "ts": at_ms}


def terminal_report(device: SimDevice, fact: Mapping[str, Any], at_ms: int) -> dict[str, Any]:
    """Return a terminal's fact: JSON text under an empty code and again under a number."""
    text = compact(fact)
    return _report(device, [{"code": "", "t": at_ms, "value": text, TERMINAL_DP: text}], data_id())


def event_notify(
    device: SimDevice, etype: str, edata: str, at_ms: int, channel: int | None = None
) -> dict[str, Any]:
    """Return the call push of a video device; ``edata`` ends in the press time in seconds."""
    data = {"devId": device.id, "edata": edata, "etype": etype}
    return {
        "bizCode": "event_notify",
        "bizData": data if channel is None else {**data, "cid": str(channel)},
        "devId": device.id,
        "productKey": device.file.product_id,
        "ts": at_ms,
        "uuid": describe.uuid(device),
    }


def presence(
    device: SimDevice, at_ms: int, *, online: bool, core: bool
) -> tuple[int, dict[str, Any]]:
    """Return protocol and body of an online or offline notice."""
    if core:
        data = {
            "devId": device.id,
            "productId": device.file.product_id,
            "time": at_ms,
            "uid": describe.APP_UID,
        }
        name = "deviceOnline" if online else "deviceOffline"
        return CORE_MANAGEMENT, {"bizCode": name, "bizData": data, "ts": at_ms}
    name = "online" if online else "offline"
    return LEGACY_MANAGEMENT, management(device, name, {"time": at_ms // 1000}, 0)


def management(device: SimDevice, name: str, data: Mapping[str, Any], at_ms: int) -> dict[str, Any]:
    """Return a legacy management message such as ``nameUpdate`` or ``delete``."""
    return {
        "bizCode": name,
        "bizData": dict(data),
        "devId": device.id,
        "productKey": device.file.product_id,
        "ts": at_ms,
    }


def backlog_notice(access_id: str, backlog: int, at_ms: int) -> dict[str, Any]:
    """Return the warning that messages pile up; what it says is JSON text."""
    event = {
        "backLogNum": backlog,
        "dataCenter": "EU",
        "subscription": f"{access_id}-sub",
        "topic": f"{access_id}/out/event",
    }
    data = {"eventData": compact(event), "eventType": "pulsar_backlog_notice"}
    return {"bizCode": "HighPriorityNotice", "bizData": data, "ts": at_ms}


def _report(device: SimDevice, items: list[dict[str, Any]], report_id: str) -> dict[str, Any]:
    return {
        "dataId": report_id,
        "devId": device.id,
        "productKey": device.file.product_id,
        "status": items,
    }


def event_message(
    device: SimDevice, code: str, outputs: Mapping[str, Any], at_ms: int
) -> dict[str, Any]:
    """Return an IoT Core event of a thing model."""
    data = {
        "devId": device.id,
        "eventCode": code,
        "eventTime": at_ms,
        "outputParams": dict(outputs),
        "productId": device.file.product_id,
    }
    return {"bizCode": "deviceEventMessage", "bizData": data, "ts": at_ms}


def thing_command(
    device: SimDevice, name: str, msg_id: str, asked: Mapping[str, Any], at_ms: int
) -> dict[str, Any]:
    """Return a command to a device of another cloud; Tuya does not publish its form."""
    data = {
        "data": dict(asked),
        "devId": device.id,
        "msgId": msg_id,
        "productId": device.file.product_id,
    }
    return {"bizCode": name, "bizData": data, "ts": at_ms}


def point_command(device: SimDevice, asked: Mapping[str, Any], at_ms: int) -> dict[str, Any]:
    """Return a command by data point numbers, as Tuya's Java SDK reads it."""
    return {
        "bizCode": "deviceDpCommand",
        "command": [{"dpId": int(number), "value": value} for number, value in asked.items()],
        "devId": device.id,
        "productKey": device.file.product_id,
        "ts": at_ms,
        "uuid": describe.uuid(device),
    }

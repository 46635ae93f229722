"""Devices as files: what Tuya says of a device, sifted so that an owner can publish it.

Built from what is known to be harmless; everything else stays behind. The form is that of the
device files which the simulator and `scripts/inspect` read.
"""

from collections.abc import Iterable, Iterator, Mapping
import json
import re
from typing import Any

from .kept.products import Product
from .model import dpcodes
from .model.codes import model_properties
from .model.records import category, device_id, is_online, name_of, product_id
from .model.reports import read_channels
from .model.state import Device, World
from .model.values import mapping, text
from .snapshot import RawDevice

REDACTED = "**REDACTED**"

_SETTINGS = frozenset(
    {
        "arming_switch",
        "auto_lock_time",
        "automatic_lock",
        "basic_flip",
        "basic_indicator",
        "basic_nightvision",
        "basic_osd",
        "beep_volume",
        "charge_state",
        "child_lock",
        "doorbell_volume",
        "key_tone",
        "master_mode",
        "master_state",
        "motion_switch",
        "pir_switch",
        "record_switch",
        "reverse_lock",
    }
)
_HARMLESS = frozenset(
    {
        *_SETTINGS,
        *dpcodes.ALARM_CODES,
        *dpcodes.ALARM_FLAGS,
        *dpcodes.BATTERIES,
        *dpcodes.BATTERY_STATES,
        *dpcodes.BELL_FLAGS,
        *dpcodes.BOLTS,
        *dpcodes.CHIME_CODES,
        *dpcodes.LEAVES,
        *dpcodes.PANEL_BELLS,
        *dpcodes.RELAYS,
        *dpcodes.SLEEP_CODES,
        dpcodes.LINKAGE,
        dpcodes.UNLOCK_REQUEST,
        "doorbell_active",
        "doorbell_call",
    }
)
"""Codes whose values say nothing of a person and open nothing."""
_NEVER_REPORTED = frozenset({"", "$"})
_SHORT = re.compile(r"[\w+./=-]{1,32}", re.ASCII)
_LIMITS = frozenset({"label", "max", "maxlen", "min", "range", "scale", "step", "unit"})
_KINDS: Mapping[World | None, str] = {
    World.INTERCOM: "video intercom or doorbell",
    World.LOCK: "lock",
    World.CONTROLLER: "access controller",
    World.TERMINAL: "building terminal",
    None: "left to other integrations",
}

type Entry = Mapping[str, Any]


def device_file(raw: RawDevice, world: World | None, *, complete: bool) -> dict[str, Any]:
    """Return a device as a file; `complete` tells that its values were read just now."""
    record, product = raw.record, raw.product
    functions = list(_entries(product.specification.get("functions")))
    standard = list(_entries(product.specification.get("status")))
    model = list(model_properties(product.model))
    shown = {point.get("code") for point in (*functions, *standard)}
    hidden = [point for point in model if point.get("code") not in shown]
    numbers = _numbers((*functions, *standard, *model, *raw.values))
    return {
        "source": "diagnostics",
        "category": category(record),
        "category_inferred": False,
        "product_id": product_id(record) or None,
        "name": name_of(record),
        "product_name": _text(record, "productName", "product_name"),
        "model": _text(record, "model"),
        "online": is_online(record),
        "sub": record.get("sub") is True,
        "kind": _KINDS[world],
        "functions": [_point(point, numbers) for point in functions],
        "status_range": [_point(point, numbers) for point in (*standard, *hidden)],
        "status": [_status(row, numbers) for row in _entries(raw.values)],
        "function_points": list(product.points),
        "completeness": "full" if complete else "spec",
        "notes": "Values that are not known to be harmless were left out.",
    }


def raw_from(device: Device, product: Product) -> RawDevice:
    """Return a device as it is remembered, for when Tuya cannot be asked."""
    record = {
        "id": device.id,
        "category": device.category,
        "productId": device.product_id,
        "customName": device.name,
        "productName": device.product_name,
        "model": device.model,
        "isOnline": device.online,
        "sub": device.gateway_id is not None,
    }
    return RawDevice(record=record, product=product, values=())


def id_of(raw: RawDevice) -> str:
    """Return Tuya's id of a device."""
    return device_id(raw.record)


def _entries(value: object) -> Iterator[Entry]:
    if isinstance(value, list | tuple):
        yield from (entry for entry in value if isinstance(entry, Mapping))


def _numbers(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the data point number of each code, where any description tells it."""
    return {
        code: number
        for entry in entries
        if (code := _text(entry, "code")) and (number := _number(entry)) is not None
    }


def _number(entry: Entry) -> int | None:
    number = entry.get("dp_id", entry.get("abilityId"))
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _point(entry: Entry, numbers: Mapping[str, int]) -> dict[str, Any]:
    code = _text(entry, "code") or ""
    typed = mapping(entry.get("typeSpec")) or {}
    limits = mapping(entry.get("values")) or typed
    return {
        "code": code,
        "type": _text(entry, "type") or _text(typed, "type"),
        "values": {key: limits[key] for key in limits if key in _LIMITS},
        **_numbered(entry, code, numbers),
    }


def _status(row: Entry, numbers: Mapping[str, int]) -> dict[str, Any]:
    code = _text(row, "code") or ""
    time = row.get("time")
    return {
        "code": code,
        "value": _sifted(code, row.get("value")),
        **_numbered(row, code, numbers),
        **({"time": time} if isinstance(time, int) else {}),
    }


def _numbered(entry: Entry, code: str, numbers: Mapping[str, int]) -> dict[str, int]:
    number = _number(entry)
    number = numbers.get(code) if number is None else number
    return {} if number is None else {"dp_id": number}


def _sifted(code: str, value: object) -> object:
    """Keep a value that is harmless by its code and by its shape."""
    if value is None or (isinstance(value, str) and value in _NEVER_REPORTED):
        return value
    if code == dpcodes.CHANNELS and (found := read_channels(value)):
        names, current = found
        panels = [{"id": number, "n": name} for number, name in names.items()]
        return json.dumps({"cc": current, "chs": panels})
    if code not in _HARMLESS:
        return REDACTED
    if isinstance(value, bool | int | float):
        return value
    return value if isinstance(value, str) and _SHORT.fullmatch(value) else REDACTED


def _text(entry: Entry, *names: str) -> str | None:
    return next((found for name in names if (found := text(entry.get(name)))), None)

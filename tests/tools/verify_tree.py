"""The devices that were looked at, as the integration understands them."""

from collections.abc import Mapping
import json
from typing import Any

from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import AccessState, Device

from .verify_seen import Json, Seen, properties_of


def tree(seen: Seen) -> AccessState:
    """Build the tree of the devices that were described; others are not in it."""
    described = {one.device for one in seen.of("model", "specification")}
    found = [_device(seen, row) for row in seen.devices if row.get("id") in described]
    return AccessState(devices={device.id: device for device in found if device})


def _device(seen: Seen, row: Json) -> Device | None:
    key = str(row["id"])
    shadows = [one for one in seen.of("shadow") if one.device == key and one.ok]
    model = _told(seen, "model", key).get("model")
    points = next((one.result for one in seen.of("function_points") if one.device == key), None)
    return device_from(
        row,
        Description(
            specification=_told(seen, "specification", key),
            model=json.loads(model) if isinstance(model, str) else model or {},
            shadow=tuple(point for one in shadows for point in properties_of(one)),
        ),
        now=max((one.received for one in seen.exchanges), default=0.0),
        points=_points(points),
    )


def _told(seen: Seen, step: str, key: str) -> Mapping[str, Any]:
    found = (one.result for one in seen.of(step) if one.device == key and one.ok)
    return next((one for one in found if isinstance(one, dict)), {})


def _points(told: object) -> list[str]:
    listed = told.get("functions") if isinstance(told, dict) else told
    points = listed if isinstance(listed, list) else []
    codes = [one.get("code") or one.get("id") if isinstance(one, dict) else one for one in points]
    return [code for code in codes if isinstance(code, str)]

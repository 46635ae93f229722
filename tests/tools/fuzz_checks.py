"""What every parser is held to under fire: sizes, times and text that can be kept and shown."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
import json
from math import isfinite
from random import Random
from typing import Any

from custom_components.tuyalink_intercom.api.json_text import MalformedJsonError, decode_json
from custom_components.tuyalink_intercom.api.message import Json, Message
from custom_components.tuyalink_intercom.model.changes import Change
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.facts import KEPT as FACTS_KEPT
from custom_components.tuyalink_intercom.model.presses import KEPT as PRESSES_KEPT
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import Device

from .fuzz_food import NOW, mutated, text_of

LONGEST_NAME = 40
LONGEST_VALUE = 255
_LONGEST_ID = 160
_LARGEST_MEMORY = 100_000
A_DAY = 86_400


class HarmError(Exception):
    """A parser let something through that grows, cannot be stored or is no number."""


def body_of(random: Random, valid: Any) -> Json:
    """Return a damaged message as our reader of JSON lets it through."""
    try:
        return decode_json(text_of(random, mutated(random, valid)))
    except MalformedJsonError:
        return None


def device_of(random: Random, document: Any) -> Device | None:
    """Return the device of a file, damaged or not; `None` if it is left to others."""
    found: Mapping[str, Any] = document if isinstance(document, dict) else {}
    record = {
        "id": "simdevice",
        "category": found.get("category"),
        "name": found.get("name"),
        "isOnline": found.get("online"),
        "productId": found.get("product_id"),
    }
    description = Description(
        specification={"functions": found.get("functions"), "status": found.get("status_range")},
        model={"services": [{"properties": found.get("functions")}, found.get("dps")]},
        shadow=tuple(objects(found.get("status"))),
    )
    points = random.choice(((), ("tyabinmc7h",)))
    return device_from(record, description, now=NOW, points=points, learned=("rings", "x"))


def objects(value: object) -> list[dict[str, Any]]:
    """Return what is an object in a list, as the layer below lets it through."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def check_message(message: Message) -> None:
    """Hold a message to its bounds."""
    require(all(0 < len(one) <= _LONGEST_ID for one in message.ids), "long or empty id")
    require(message.time is None or isfinite(message.time), "endless time")
    json.dumps(message.ids, allow_nan=False).encode()
    "".join((*message.ids, message.kind, message.device_id)).encode()


def check_changes(changes: Iterable[Change]) -> None:
    """Hold changes to times that are numbers."""
    for change in changes:
        require(isfinite(change.time), "endless time")


def check_device(device: Device) -> None:
    """Hold a device, and what is stored of it, to its bounds."""
    memory = device.memory
    require(len(memory.presses) <= PRESSES_KEPT, "too many presses")
    require(len(memory.facts) <= FACTS_KEPT, "too many facts")
    stored = json.dumps(asdict(memory), allow_nan=False, ensure_ascii=False).encode()
    require(len(stored) <= _LARGEST_MEMORY, "large memory")
    require(len(device.name) <= LONGEST_VALUE, "long name")
    for reading in device.readings.values():
        require(len(str(reading.value)) <= LONGEST_VALUE, "long value")
        require(reading.until is None or reading.until <= NOW + A_DAY, "state without end")
    for text in (device.name, *device.channels, *device.channels.values()):
        text.encode()


def require(condition: object, what: str) -> None:
    """Raise `HarmError` where something does harm."""
    if not condition:
        raise HarmError(what)

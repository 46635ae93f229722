"""The device and message files of the fixtures, as Tuya's calls and queue would tell them.

The source's own spelling of types and ranges stays, so that the model meets all of them.
"""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Any

from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import Device

FIXTURES = Path(__file__).parent.parent / "fixtures"
DEVICE_FILES = tuple(sorted(path.stem for path in (FIXTURES / "devices").glob("*.json")))
MESSAGE_FILES = tuple(sorted(path.stem for path in (FIXTURES / "messages").glob("*.json")))
NOW = 1_763_800_000.0


def read(folder: str, name: str) -> Any:
    """Return one fixture."""
    return json.loads((FIXTURES / folder / f"{name}.json").read_text(encoding="utf-8"))


def description_of(name: str) -> Description:
    """Return what the specification, the thing model and the shadow say of a device file."""
    document = read("devices", name)
    values = tuple(item for item in document["status"] if item.get("value") is not None)
    return Description(
        specification={
            "functions": document["functions"],
            "status": document["status_range"],
        },
        model={"services": [{"properties": [*_properties(document)]}]},
        shadow=values,
    )


def codes_of(name: str) -> frozenset[str]:
    """Return every code that a device file names, wherever it does."""
    document = read("devices", name)
    lists = (document["functions"], document["status_range"], document["status"])
    listed = {item["code"] for items in lists for item in items if item.get("code")}
    return frozenset(listed | {item["code"] for item in _properties(document)})


def found(name: str, *, category: str | None = None, now: float = NOW) -> Device | None:
    """Build the device of a file; its id is the file's name."""
    document = read("devices", name)
    record = {
        "id": name,
        "name": document["name"],
        "category": document["category"] if category is None else category,
        "productId": document["product_id"],
        "productName": document["product_name"],
        "model": document["model"],
        "isOnline": document["online"],
    }
    return device_from(record, description_of(name), now=now)


def device(name: str, *, now: float = NOW) -> Device:
    """Build a device that is one of ours."""
    built = found(name, now=now)
    assert built is not None, name
    return built


def _properties(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for group in document.get("dps", ()):
        for item in group["dps"]:
            if item.get("likely_code"):
                yield {
                    "code": item["likely_code"],
                    "abilityId": item["dp_id"],
                    "typeSpec": {"type": item["type"], "range": item.get("values", [])},
                }
    for code, number in document.get("dp_ids", {}).items():
        yield {"code": code, "abilityId": number}
    for number, item in document.get("local_strategy", {}).items():
        yield {"code": item["status_code"], "abilityId": int(number)}

"""Device files: what a real device was seen to be, read leniently into one plain value.

One JSON file describes one device (or, as Home Assistant's diagnostics download, several).
Types and ranges come in every style that people published; this module makes them uniform.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
import hashlib
import json
from pathlib import Path
import re
from typing import Any

from .wire import compact

CODE = re.compile(r"[a-z][a-z0-9_]*")
FIRST_INVENTED_DP = 401
TYPES = {
    "base64": "Raw",
    "bitfield": "Bitmap",
    "bitmap": "Bitmap",
    "bool": "Boolean",
    "boolean": "Boolean",
    "enum": "Enum",
    "hex": "Raw",
    "integer": "Integer",
    "json": "Json",
    "raw": "Raw",
    "string": "String",
    "utf16b64": "Raw",
    "value": "Integer",
}


class DeviceFileError(ValueError):
    """A path that holds no device; the text names the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One data point.  ``code`` is "" where only the number is known; ``values`` is JSON text."""

    code: str
    dp_id: int
    type: str
    values: str

    @property
    def range(self) -> tuple[str, ...]:
        """Return the allowed words of an enum, empty where the source does not tell."""
        listed = self.limits.get("range", ())
        return tuple(str(word) for word in listed) if isinstance(listed, list) else ()

    @property
    def limits(self) -> dict[str, Any]:
        """Return ``values`` decoded; sources also carry text that is no JSON."""
        try:
            decoded = json.loads(self.values)
        except ValueError:
            return {}
        return decoded if isinstance(decoded, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFile:
    """One device as its file tells it.

    ``functions`` and ``status_range`` are the standard set; ``unnamed`` holds values of points
    whose number alone is known.  A ``foreign`` device is one of another cloud, which registered it;
    its ``properties`` are the product's own words.
    """

    device_id: str
    name: str
    category: str = ""
    product_id: str = ""
    product_name: str = ""
    model: str = ""
    online: bool = True
    sub: bool = False
    functions: tuple[str, ...] = ()
    status_range: tuple[str, ...] = ()
    standard: frozenset[str] = frozenset()
    points: tuple[Point, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)
    unnamed: Mapping[int, Any] = field(default_factory=dict)
    function_points: tuple[str, ...] = ()
    actions: tuple[Mapping[str, Any], ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    properties: tuple[Mapping[str, Any], ...] = ()
    foreign: bool = False


def device_id_for(file_name: str) -> str:
    """Return the simulated device id of a file name."""
    return "sim" + hashlib.sha256(file_name.encode()).hexdigest()[:17]


def load(paths: Iterable[Path]) -> list[DeviceFile]:
    """Read device files and folders of them; raises DeviceFileError for what is neither.

    Files of one name in two folders are told apart.
    """
    found: dict[str, DeviceFile] = {}
    for path in paths:
        for device in _load_path(path):
            device_id, number = device.device_id, 1
            while device_id in found:
                number += 1
                device_id = device_id_for(f"{path / device.name}#{number}")
            found[device_id] = replace(device, device_id=device_id)
    return list(found.values())


def read_document(document: Any, file_name: str) -> list[DeviceFile]:
    """Return the devices of one decoded file: the plain schema or a diagnostics download."""
    found = [entry for entry in _devices_of(document) if isinstance(entry, dict)]
    names = [file_name, *(f"{file_name}#{number}" for number in range(1, len(found)))]
    return [_read(entry, name) for entry, name in zip(found, names, strict=False)]


def _load_path(path: Path) -> Iterator[DeviceFile]:
    if path.is_dir():
        for child in sorted(path.glob("*.json")):
            yield from _load_path(child)
        return
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DeviceFileError(f"{path}: {error}") from error
    devices = read_document(document, path.name)
    if not devices:
        raise DeviceFileError(f"{path}: no device in it")
    yield from devices


def _devices_of(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        return []
    data = document.get("data")
    if not isinstance(data, dict):
        return [document]
    listed = data.get("devices", data.get("device", []))
    if isinstance(listed, dict):
        return [listed] if "status" in listed or "functions" in listed else list(listed.values())
    return listed if isinstance(listed, list) else []


def _read(document: Mapping[str, Any], file_name: str) -> DeviceFile:
    functions = _entries(document, "functions")
    status_range = _entries(document, "status_range")
    status = _entries(document, "status")
    known = [entry for entry in status if entry.get("value") is not None and _code(entry)]
    product_name = _text(document, "product_name")
    return DeviceFile(
        device_id=device_id_for(file_name),
        name=_text(document, "name") or product_name or Path(file_name).stem,
        category=_text(document, "category"),
        product_id=_text(document, "product_id"),
        product_name=product_name,
        model=_text(document, "model"),
        online=document.get("online") is not False,
        sub=document.get("sub") is True,
        functions=_codes(functions),
        status_range=_codes(status_range),
        standard=frozenset(_codes([*functions, *status_range, *status])),
        points=tuple(_points(document, [*functions, *status_range, *status])),
        values={_code(entry): entry["value"] for entry in known},
        times={_code(entry): entry["time"] for entry in known if _is_int(entry.get("time"))},
        unnamed={
            entry["dp_id"]: entry["value"]
            for entry in status
            if not _code(entry) and _is_int(entry.get("dp_id")) and entry.get("value") is not None
        },
        function_points=_function_points(document),
        actions=tuple(_entries(document, "actions")),
    )


def _points(document: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> Iterator[Point]:
    """Yield every data point once: what is stated first, what is only likely after it."""
    stated = [_with_label(entry) for entry in entries]
    likely = [*_mapped(document), *_likely(document)]
    merged: dict[tuple[str, int | None], dict[str, Any]] = {}
    for entry in [*stated, *likely]:
        code, dp_id = _code(entry), entry.get("dp_id")
        if code or _is_int(dp_id):
            kept = merged.setdefault((code, None if code else dp_id), {})
            for key, value in entry.items():
                if kept.get(key) is None:
                    kept[key] = value
    taken = {entry["dp_id"] for entry in merged.values() if _is_int(entry.get("dp_id"))}
    invented = (number for number in range(FIRST_INVENTED_DP, 100_000) if number not in taken)
    for (code, _), entry in merged.items():
        dp_id = entry["dp_id"] if _is_int(entry.get("dp_id")) else next(invented)
        yield Point(code=code, dp_id=dp_id, type=_type(entry, code), values=_values(entry))


def _with_label(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an entry without a code its label, where the label can be one."""
    label = entry.get("label")
    if not _code(entry) and isinstance(label, str) and CODE.fullmatch(label):
        return {**entry, "code": label}
    return entry


def _mapped(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    mapped = document.get("dp_ids")
    for code, dp_id in mapped.items() if isinstance(mapped, dict) else ():
        if CODE.fullmatch(code) and _is_int(dp_id):
            yield {"code": code, "dp_id": dp_id}


def _likely(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for group in _entries(document, "dps"):
        for entry in _entries(group, "dps"):
            code = entry.get("likely_code")
            if isinstance(code, str) and CODE.fullmatch(code):
                yield {**entry, "code": code}


def _type(entry: Mapping[str, Any], code: str) -> str:
    value, listed = entry.get("value"), entry.get("values")
    named = TYPES.get(str(entry.get("type")).lower())
    if isinstance(listed, list) and named == "String" and any(listed):
        return "Enum"
    if named:
        return named
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer"
    return "Raw" if code.endswith("_kit") else "String"


def _values(entry: Mapping[str, Any]) -> str:
    values = entry.get("values")
    if isinstance(values, str):
        return values
    # A bare list (in maps of data points) holds the values that somebody used, not the range.
    return compact(values) if isinstance(values, dict) else "{}"


def _function_points(document: Mapping[str, Any]) -> tuple[str, ...]:
    listed = document.get("function_points")
    return tuple(str(code) for code in listed) if isinstance(listed, list) else ()


def _entries(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    listed = document.get(key)
    return (
        [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    )


def _codes(entries: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for entry in entries if (code := _code(entry))))


def _code(entry: Mapping[str, Any]) -> str:
    code = entry.get("code")
    return code if isinstance(code, str) else ""


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

"""Which device files are meant by the paths on a command line, and what is in them."""

from collections.abc import Iterable, Iterator
import json
from pathlib import Path
from typing import Any

from tests.simulator import DeviceFile, read_document

DEVICE_KEYS = frozenset(
    {
        *("category", "product_id", "name", "product_name", "functions", "status_range"),
        *("status", "dps", "dp_ids", "local_dps", "local_strategy", "function_points"),
    }
)


class UnreadableError(Exception):
    """A path without a device; the text names the path."""


class Reading:
    """Devices by the name that they are shown under, and a line for each path without one.

    That is the file's name; a second file of that name goes by its path, and the further devices
    of one diagnostics download by a number: `x.json`, `x.json#2`.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.devices: dict[str, DeviceFile] = {}
        self.errors: list[str] = []
        self._seen: set[Path] = set()
        for path in paths:
            try:
                self._take(path)
            except UnreadableError as error:
                self.errors.append(str(error))

    def batches(self) -> list[list[DeviceFile]]:
        """Part the devices so that no two of a product are together.

        A project describes each product once, but two files may tell of it differently.
        """
        batches: list[dict[str, DeviceFile]] = []
        for device in self.devices.values():
            product = device.product_id or device.device_id
            batch = next((one for one in batches if product not in one), None)
            if batch is None:
                batches.append(batch := {})
            batch[product] = device
        return [list(batch.values()) for batch in batches]

    def _take(self, path: Path) -> None:
        if not path.is_dir():
            return self._read(path)
        files = sorted(child for child in path.glob("*.json") if child.is_file())
        if not files:
            raise UnreadableError(f"{path}: no device file in this folder")
        for file in files:
            try:
                self._read(file)
            except UnreadableError as error:
                self.errors.append(str(error))
        return None

    def _read(self, path: Path) -> None:
        place = path.resolve()
        if place in self._seen:
            return
        self._seen.add(place)
        document = _document(path)
        names = (path.name, str(path), str(place))
        shown = next(name for name in names if name not in self.devices)
        devices = read_document(document, shown) if _tells_of_devices(document) else []
        if not devices:
            raise UnreadableError(f"{path}: no device in it")
        for number, device in enumerate(devices, 1):
            self.devices[shown if number == 1 else f"{shown}#{number}"] = device


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableError(f"{path}: not UTF-8 text") from None
    except ValueError as error:
        raise UnreadableError(f"{path}: not JSON: {error}") from None
    except RecursionError:
        raise UnreadableError(f"{path}: not JSON of a device: nested too deep") from None


def _tells_of_devices(document: Any) -> bool:
    return any(DEVICE_KEYS & entry.keys() for entry in _entries(document))


def _entries(document: Any) -> Iterator[dict[str, Any]]:
    """Yield what may be a device: the document, or what a diagnostics download lists."""
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        yield from (document,) if isinstance(document, dict) else ()
        return
    listed = data.get("devices", data.get("device", []))
    inside = listed.values() if isinstance(listed, dict) else listed
    for entry in (listed, *inside) if isinstance(inside, Iterable) else ():
        if isinstance(entry, dict):
            yield entry

"""``scripts/inspect``: which entities Home Assistant has for the devices of device files.

A core in this process, the simulator with these devices beside it, and the integration between
them as in any home: nothing here knows how the integration chooses.
"""

import argparse
import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
import json
from pathlib import Path
import sys
import tempfile
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import json_dumps

from custom_components.tuyalink_intercom.const import DOMAIN
from custom_components.tuyalink_intercom.runtime import RuntimeData
from tests.simulator import DeviceFile, TuyaSimulator

from .core import ErrorLines, Project, SetupError, running_core, set_up
from .inspect_files import Reading

# They hold an access token.
SECRET_ATTRIBUTES = frozenset({"access_token", "entity_picture"})
COLUMNS = ("platform", "key", "name", "device_class", "category", "state")

type Shown = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Print what each device gets; 1 if a path has no device or anything went wrong."""
    options = _options(argv)
    log = ErrorLines.installed()
    reading = Reading(options.paths)
    for error in reading.errors:
        sys.stderr.write(f"error: {error}\n")
    try:
        shown = asyncio.run(inspect(reading))
    except (SetupError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    text = json.dumps(shown, indent=2) if options.json else as_text(shown)
    _print(text)
    return 1 if reading.errors or log.count else 0


async def inspect(reading: Reading) -> dict[str, Shown]:
    """Return what `--json` prints; raises SetupError."""
    by_id: dict[str, Shown] = {}
    with tempfile.TemporaryDirectory(prefix="inspect-") as folder:
        async with running_core(Path(folder)) as hass:
            for devices in reading.batches():
                by_id |= await _inspect(hass, devices)
    return {name: by_id[device.device_id] for name, device in reading.devices.items()}


async def _inspect(hass: HomeAssistant, devices: Sequence[DeviceFile]) -> dict[str, Shown]:
    cloud = TuyaSimulator(devices=devices)
    await cloud.start()
    try:
        entry = await set_up(hass, Project.of(cloud), delivery="off")
        return {device.device_id: _shown(hass, entry, device) for device in devices}
    finally:
        await cloud.stop()


def _shown(hass: HomeAssistant, entry: ConfigEntry[RuntimeData], file: DeviceFile) -> Shown:
    """Return a device and its entities; of a device that is not ours, what its file says."""
    registry = dr.async_get(hass)
    known = registry.async_get_device_by_identifier((DOMAIN, file.device_id), entry.entry_id)
    ours = entry.runtime_data.coordinator.device(file.device_id)
    device = {
        "name": known.name if known else file.name,
        "model": known.model if known else file.product_name or file.model or None,
        "world": ours.world.value if ours else None,
    }
    return {"device": device, "entities": list(_entities(hass, entry, file.device_id))}


def _entities(hass: HomeAssistant, entry: ConfigEntry[Any], device_id: str) -> Iterator[Shown]:
    prefix = f"{device_id}_"
    entries = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    for known in sorted(entries, key=lambda one: (one.domain, one.unique_id)):
        if known.unique_id.startswith(prefix):
            state = hass.states.get(known.entity_id)
            yield {
                "platform": known.domain,
                "key": known.unique_id.removeprefix(prefix),
                "name": known.original_name,
                "device_class": known.original_device_class,
                "category": known.entity_category,
                "enabled": known.disabled_by is None,
                "state": state.state if state else None,
                "attributes": _plain(state.attributes) if state else {},
            }


def _plain(attributes: Mapping[str, Any]) -> Any:
    shown = {key: value for key, value in attributes.items() if key not in SECRET_ATTRIBUTES}
    return json.loads(json_dumps(shown))


def as_text(shown: Mapping[str, Shown]) -> str:
    """Return the form for people: a paragraph for each file."""
    return "\n\n".join("\n".join(_paragraph(name, one)) for name, one in shown.items())


def _paragraph(name: str, one: Shown) -> Iterator[str]:
    device = one["device"]
    model = f" ({device['model']})" if device["model"] else ""
    yield f"{name}: {device['name']}{model}, {device['world'] or 'left to other integrations'}"
    rows = [COLUMNS, *(_row(entity) for entity in one["entities"])]
    if one["entities"]:
        yield from _table(rows)


def _row(entity: Shown) -> tuple[str, ...]:
    told = {**entity, "name": entity["name"] or "(as the device)"}
    if not entity["enabled"]:
        told["state"] = "(disabled)"
    return tuple(str(told[column] or "") for column in COLUMNS)


def _table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(map(str.ljust, row, widths, strict=True)).rstrip()


def _print(text: str) -> None:
    """Write UTF-8, as names are in all alphabets; a reader that has seen enough may leave."""
    with suppress(BrokenPipeError), open(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(f"{text}\n".encode(errors="replace"))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/inspect", description="Show which entities each device gets."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="a device file or a folder of them"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

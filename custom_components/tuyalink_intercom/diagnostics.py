"""Diagnostics: everything a bug report needs, and nothing that its owner must hide.

Devices come as device files. Ids become pseudonyms, the same in every download of an entry.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from hashlib import blake2s
import re
from typing import Any

from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .api import TuyaError
from .api.counters import Counters
from .const import (
    CONF_ACCESS_ID,
    CONF_ACCESS_SECRET,
    CONF_APP_UID,
    CONF_DELIVERY,
    CONF_EXCLUDED,
    CONF_FLATS,
    CONF_INVERTED,
    CONF_KEEP_COUNT,
    CONF_KEEP_DAYS,
    CONF_KEEP_MEGABYTES,
    CONF_KEEP_PICTURES,
    CONF_REGION,
    CONF_RELOCK,
    CONF_SUFFIX,
    CONF_TAUGHT,
    CONF_TRIAL_END,
    CONF_WEBHOOK,
    DOMAIN,
)
from .device_files import REDACTED, device_file, id_of, raw_from
from .publishing.diagnosis import diagnosis_of, groups_of, ids_of
from .runtime import TuyaLinkConfigEntry
from .stock import stock_of

_KEPT = frozenset(
    {CONF_REGION, CONF_DELIVERY, CONF_RELOCK, CONF_SUFFIX, CONF_TRIAL_END, CONF_WEBHOOK}
    | {CONF_KEEP_COUNT, CONF_KEEP_DAYS, CONF_KEEP_MEGABYTES, CONF_KEEP_PICTURES}
    # Ids in these are replaced by pseudonyms.
    | {CONF_EXCLUDED, CONF_INVERTED, CONF_TAUGHT}
)
_SHORTEST_SECRET = 6
_NAME = re.compile(r"[\w.:-]{1,60}", re.ASCII)
_DIGITS = re.compile(r"\d{5,}")

type Wanted = Callable[[str], bool]


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry
) -> dict[str, Any]:
    """Return what can be said of a project and all its devices."""
    return await _report(hass, entry, lambda _: True)


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, device: dr.AnyDeviceEntry
) -> dict[str, Any]:
    """Return the same with one device only."""
    ids = {key for domain, key in device.identifiers if domain == DOMAIN}
    return await _report(hass, entry, ids.__contains__)


async def _report(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, wanted: Wanted
) -> dict[str, Any]:
    coordinator, push = entry.runtime_data.coordinator, entry.runtime_data.push
    devices, problem = await _devices(entry, wanted)
    report = {
        "devices": list(devices.values()),
        "entry": {"data": _sifted(entry.data), "options": _sifted(entry.options)},
        "counters": _counted(coordinator.cloud.counters),
        "push": {"topic": push.topic, "state": push.state, "connected": push.connected},
        "health": entry.runtime_data.health.as_told(),
        "poll": {
            "reachable": coordinator.reachable,
            "by_heart": coordinator.by_heart,
            "last_update_success": coordinator.last_update_success,
            "interval_s": coordinator.update_interval and coordinator.update_interval.seconds,
        },
        "budget": entry.runtime_data.budget.as_told() | coordinator.polling.as_told(),
        **stock_of(
            hass, entry, (one for key, one in coordinator.data.devices.items() if wanted(key))
        ),
        "names_known": sum(len(device.people) for device in coordinator.data.devices.values()),
        "flats": {
            "answered": CONF_FLATS in entry.options,
            "called": len(coordinator.known_flats),
        },
        "published": await diagnosis_of(entry, wanted),
        "pictures": entry.runtime_data.captures.as_told() | entry.runtime_data.fetcher.as_told(),
        "history": entry.runtime_data.history.as_told(),
        "not_understood": _cleaned(coordinator.not_understood),
        "clock_offset": round(coordinator.cloud.clock_offset, 1),
        "skipped": coordinator.skipped,
        "devices_not_read": problem,
    }
    scrubbed = _scrubbed(report, *_replacements(entry, devices))
    return dict(scrubbed)


async def _devices(
    entry: TuyaLinkConfigEntry, wanted: Wanted
) -> tuple[dict[str, dict[str, Any]], str | None]:
    """Return device files by id, and why Tuya could not be asked for values."""
    coordinator = entry.runtime_data.coordinator
    known = coordinator.data.devices
    excluded = {*entry.options.get(CONF_EXCLUDED, ()), *coordinator.published.devices}
    problem = None
    try:
        found = await coordinator.inventory.raw(lambda key: key not in excluded and wanted(key))
    except TuyaError as error:
        problem = str(error)
        found = [
            raw_from(device, coordinator.inventory.described(device))
            for key, device in known.items()
            if wanted(key)
        ]
    files: dict[str, dict[str, Any]] = {}
    for raw in found:
        key = id_of(raw)
        world = known[key].world if key in known else None
        shown = device_file(raw, world, complete=problem is None)
        files[key] = {"id": _pseudonym(entry, key), **shown}
    return files, problem


def _sifted(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value if key in _KEPT or not value else REDACTED for key, value in settings.items()
    }


def _counted(counters: Counters) -> dict[str, Any]:
    told = {field.name: getattr(counters, field.name) for field in fields(counters)}
    return {key: dict(v) if isinstance(v, Counter) else v for key, v in told.items()}


def _cleaned(names: Mapping[str, int]) -> dict[str, int]:
    """Devices choose some of these names: what does not look like one is only counted."""
    cleaned: Counter[str] = Counter()
    for name, count in names.items():
        cleaned[_DIGITS.sub("#", name) if _NAME.fullmatch(name) else "other"] += count
    return dict(cleaned)


def _pseudonym(entry: TuyaLinkConfigEntry, device_id: str) -> str:
    key = entry.entry_id.encode()[:32]
    return f"device_{blake2s(device_id.encode(), digest_size=5, key=key).hexdigest()}"


def _replacements(
    entry: TuyaLinkConfigEntry, devices: Mapping[str, Any]
) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return what finds ids and secrets wherever they stand, and what to show for each."""
    coordinator = entry.runtime_data.coordinator
    data = coordinator.data
    ids = {*devices, *data.devices, *data.others, *entry.options.get(CONF_EXCLUDED, ())}
    ids |= {*entry.options.get(CONF_TAUGHT, {})} | entry.runtime_data.budget.device_ids
    ids |= {*ids_of(entry)}
    secrets = (
        entry.data[CONF_ACCESS_ID],
        entry.data[CONF_ACCESS_SECRET],
        entry.data.get(CONF_WEBHOOK_ID, ""),
        entry.options.get(CONF_APP_UID, ""),
        coordinator.cloud.uid or "",
        *groups_of(entry),
    )
    shown = {key: _pseudonym(entry, key) for key in ids} | dict.fromkeys(secrets, REDACTED)
    shown = {found: said for found, said in shown.items() if len(found) >= _SHORTEST_SECRET}
    longest_first = sorted(shown, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), shown


def _scrubbed(value: Any, pattern: re.Pattern[str], shown: Mapping[str, str]) -> Any:
    match value:
        case str():
            return pattern.sub(lambda found: shown[found[0]], value)
        case Mapping():
            return {
                _scrubbed(key, pattern, shown): _scrubbed(member, pattern, shown)
                for key, member in value.items()
            }
        case list() | tuple():
            return [_scrubbed(member, pattern, shown) for member in value]
    return value

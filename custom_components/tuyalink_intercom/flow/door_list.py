"""Which doors an entry has, and what can be asked of each: by its devices, else by its entities."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..api import TuyaError
from ..const import CONF_EXCLUDED
from ..model.doors import Door, Opener
from ..model.dpcodes import REMOTE_KEY
from ..model.records import device_id
from ..model.state import Device

_BETWEEN = " \N{EN DASH} "


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDoor:
    """A door to choose; while its project is not loaded, no more is known than its name."""

    label: str
    has_bolt: bool = False
    momentary: bool = False
    takes_remote_key: bool = False
    takes_password: bool = False


def shown_doors(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, ShownDoor]:
    """Return the doors of an entry by the unique id of their lock entity."""
    if entry.state is not ConfigEntryState.LOADED:
        return _registered(hass, entry)
    return {
        f"{key}_{door.key}": _shown(device, door)
        for key, device in entry.runtime_data.coordinator.data.devices.items()
        for door in device.features.doors
    }


async def gone_doors(entry: ConfigEntry, unique_ids: Iterable[str]) -> frozenset[str]:
    """Return those of the doors whose device has left the project.

    One that is left out, or of which no sense can be made for now, has not left. Tuya is asked
    once more: a list that is short for a moment must not cost a door its PIN.
    """
    if entry.state is not ConfigEntryState.LOADED:
        return frozenset()
    coordinator = entry.runtime_data.coordinator
    known = {*coordinator.data.devices, *entry.options.get(CONF_EXCLUDED, ())}
    missing = _missing(unique_ids, {*known, *coordinator.inventory.names})
    if not missing:
        return missing
    try:
        listed = {device_id(record) for record in await coordinator.cloud.devices.list()}
    except TuyaError:
        return frozenset()
    return _missing(missing, listed) if listed else frozenset()


def _missing(unique_ids: Iterable[str], devices: Collection[str]) -> frozenset[str]:
    return frozenset(
        one for one in unique_ids if not any(one.startswith(f"{key}_") for key in devices)
    )


def _shown(device: Device, door: Door) -> ShownDoor:
    named = len(device.features.doors) > 1
    return ShownDoor(
        label=f"{device.name}{_BETWEEN}{door.name or door.number}" if named else device.name,
        has_bolt=door.bolt is not None,
        momentary=door.momentary,
        # With several doors nobody could say which one a key opens.
        takes_remote_key=REMOTE_KEY in device.codes.known and not named,
        takes_password=door.opener is Opener.LOCK_SERVICE,
    )


def _registered(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, ShownDoor]:
    devices, entities = dr.async_get(hass), er.async_get(hass)
    found: dict[str, ShownDoor] = {}
    for lock in er.async_entries_for_config_entry(entities, entry.entry_id):
        if lock.domain == Platform.LOCK:
            device = devices.async_get(lock.device_id or "")
            names = [device.name_by_user or device.name] if device else []
            label = _BETWEEN.join(filter(None, [*names, lock.name or lock.original_name]))
            found[lock.unique_id] = ShownDoor(label=label or lock.entity_id)
    return found

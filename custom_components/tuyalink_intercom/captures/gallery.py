"""The captures of all projects, for those who ask by names that come from outside.

No name is trusted: what is not loaded, not ours or not there any more is `None`, and no part of
a name ever becomes a part of a path.
"""

from datetime import datetime
from typing import Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util

from ..album.record import CAPTURE_ID, Capture
from ..const import DOMAIN
from ..runtime import TuyaLinkConfigEntry

PICTURE_URL: Final = f"/api/{DOMAIN}/captures/{{entry_id}}/{{capture_id}}"
THUMBNAIL_URL: Final = f"{PICTURE_URL}/thumbnail"


def projects(hass: HomeAssistant) -> list[TuyaLinkConfigEntry]:
    """Return the projects that run, by name."""
    loaded: list[TuyaLinkConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    return sorted(loaded, key=lambda entry: (entry.title.casefold(), entry.entry_id))


def project_of(hass: HomeAssistant, entry_id: str) -> TuyaLinkConfigEntry | None:
    """Return a project of this integration that runs."""
    entry: TuyaLinkConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN or entry.state is not ConfigEntryState.LOADED:
        return None
    return entry


def capture_of(entry: TuyaLinkConfigEntry, capture_id: str) -> Capture | None:
    """Return a capture of a project."""
    if CAPTURE_ID.fullmatch(capture_id) is None:
        return None
    return entry.runtime_data.captures.get(capture_id)


def device_of(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, device_id: str
) -> dr.DeviceEntry | None:
    """Return a device of a project by Home Assistant's id of it."""
    device = dr.async_get(hass).async_get(device_id, include_child_devices=False)
    return None if device is None or device.config_entry_id != entry.entry_id else device


def devices_of(hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> dict[str, dr.DeviceEntry]:
    """Return the devices of a project by Tuya's id."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {tuya_id(device): device for device in devices if isinstance(device, dr.DeviceEntry)}


def tuya_id(device: dr.DeviceEntry) -> str:
    """Return Tuya's id of a device; of the project's own one, which takes no pictures, its key."""
    return next((key for domain, key in device.identifiers if domain == DOMAIN), "")


def name_of(device: dr.DeviceEntry) -> str:
    """Return what the user calls a device."""
    return device.name_by_user or device.name or device.id


def taken(capture: Capture) -> datetime:
    """Return when a capture was taken, by the clock on the user's wall."""
    return datetime.fromtimestamp(capture.time, dt_util.get_default_time_zone())


def picture_url(entry: TuyaLinkConfigEntry, capture: Capture) -> str:
    """Return where a picture is; to open it takes a login, or Home Assistant's signature."""
    return PICTURE_URL.format(entry_id=entry.entry_id, capture_id=capture.id)


def thumbnail_url(entry: TuyaLinkConfigEntry, capture: Capture) -> str:
    """Return where the small picture is."""
    return THUMBNAIL_URL.format(entry_id=entry.entry_id, capture_id=capture.id)


def may_see(hass: HomeAssistant, user: User, device_id: str) -> bool:
    """Tell whether a user may see the camera of a device (Tuya's id), and so its pictures."""
    return may_read(hass, user, Platform.CAMERA, f"{device_id}_camera")


def may_read(hass: HomeAssistant, user: User, platform: str, unique_id: str) -> bool:
    """Tell whether a user may read an entity of ours; one that is not there is nobody's to read."""
    if user.permissions.access_all_entities(POLICY_READ):
        return True
    entity = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    return entity is not None and user.permissions.check_entity(entity, POLICY_READ)

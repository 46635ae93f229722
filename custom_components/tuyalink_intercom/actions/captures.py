"""The action that answers which pictures there are: what is known of each, never the picture."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError, UnknownUser
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

import voluptuous as vol

from ..album.record import Capture
from ..captures.folders import Picture, everything, of_device, of_project
from ..captures.gallery import may_see, name_of, picture_url, projects
from ..const import DOMAIN
from ..model.changes import Occasion
from ..runtime import TuyaLinkConfigEntry

_LONGEST: Final = 256
_MOST: Final = 100
_USUAL: Final = 20
_TEXT = vol.All(cv.string, vol.Length(min=1, max=_LONGEST))

_GET_CAPTURES: Final = vol.Schema(
    {
        vol.Optional(ATTR_DEVICE_ID): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_ENTITY_ID): cv.entity_ids,
        vol.Optional("occasion"): vol.All(cv.ensure_list, [vol.Coerce(Occasion)]),
        vol.Optional("start"): cv.datetime,
        vol.Optional("end"): cv.datetime,
        vol.Optional("event_id"): _TEXT,
        vol.Optional("person"): _TEXT,
        vol.Optional("limit", default=_USUAL): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=_MOST)
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which captures are asked for; what is not set is open."""

    occasions: frozenset[Occasion]
    since: float
    until: float
    event_id: str | None
    person: str | None

    def takes(self, capture: Capture) -> bool:
        """Tell whether a capture is one of them."""
        return (
            self.since <= capture.time < self.until
            and (not self.occasions or capture.occasion in self.occasions)
            and self.event_id in {None, capture.event_id}
            and self.person in {None, (capture.person or "").casefold()}
        )


@callback
def async_register_captures(hass: HomeAssistant) -> None:
    """Register the action about pictures."""
    hass.services.async_register(
        DOMAIN,
        "get_captures",
        _get_captures,
        schema=_GET_CAPTURES,
        supports_response=SupportsResponse.ONLY,
    )


async def _get_captures(call: ServiceCall) -> ServiceResponse:
    """Answer which captures there are, the newest first, and how many in all."""
    wanted = _wanted(call.data)
    asked = await _allowed(call, _asked(call.hass, call.data))
    found = [picture for picture in asked if wanted.takes(picture.capture)]
    told: list[JsonValueType] = [_told(picture) for picture in found[: call.data["limit"]]]
    return {"captures": told, "total": len(found)}


def _wanted(data: dict[str, Any]) -> Wanted:
    since, until = _seconds(data.get("start"), 0.0), _seconds(data.get("end"), float("inf"))
    if since > until:
        raise _refusal("start_after_end")
    person = data.get("person")
    return Wanted(
        occasions=frozenset(data.get("occasion", ())),
        since=since,
        until=until,
        event_id=data.get("event_id"),
        person=person and person.casefold(),
    )


def _seconds(moment: datetime | None, unset: float) -> float:
    return unset if moment is None else dt_util.as_utc(moment).timestamp()


def _asked(hass: HomeAssistant, data: dict[str, Any]) -> list[Picture]:
    """Return the pictures of the devices that are named, of all if none is."""
    if ATTR_DEVICE_ID not in data and ATTR_ENTITY_ID not in data:
        if not projects(hass):
            raise _refusal("no_project")
        return everything(hass).pictures
    named = {*data.get(ATTR_DEVICE_ID, ()), *_devices(hass, data.get(ATTR_ENTITY_ID, ()))}
    found = {picture.path: picture for one in sorted(named) for picture in _of(hass, one)}
    return sorted(found.values(), key=lambda picture: picture.capture.time, reverse=True)


def _devices(hass: HomeAssistant, entity_ids: list[str]) -> set[str]:
    found: set[str] = set()
    for entity_id in entity_ids:
        entity = er.async_get(hass).async_get(entity_id)
        if entity is None or entity.platform != DOMAIN or entity.device_id is None:
            raise _refusal("not_our_entity")
        found.add(entity.device_id)
    return found


def _of(hass: HomeAssistant, device_id: str) -> list[Picture]:
    """Return the pictures of a device; the project's own stands for all of its devices."""
    device, owner = async_get_device_and_config_entry(
        hass, DOMAIN, device_id, include_child_devices=False
    )
    entry: TuyaLinkConfigEntry = owner
    if device.id == entry.runtime_data.hub_id:
        return of_project(hass, entry)
    return of_device(entry, device)


async def _allowed(call: ServiceCall, pictures: list[Picture]) -> list[Picture]:
    """Leave out what the user who asks may not see; automations see all."""
    if (user_id := call.context.user_id) is None:
        return pictures
    if (user := await call.hass.auth.async_get_user(user_id)) is None:
        raise UnknownUser(context=call.context)
    devices = {picture.capture.device_id for picture in pictures}
    seen = {device_id for device_id in devices if may_see(call.hass, user, device_id)}
    return [picture for picture in pictures if picture.capture.device_id in seen]


def _told(picture: Picture) -> dict[str, JsonValueType]:
    capture = picture.capture
    return {
        "capture_id": capture.id,
        "media_content_id": f"media-source://{DOMAIN}/{'/'.join(picture.path)}",
        "media_content_type": capture.content_type,
        "url": picture_url(picture.entry, capture),
        "device_id": picture.device.id,
        "device_name": name_of(picture.device),
        "occasion": capture.occasion.value,
        "time": dt_util.utc_from_timestamp(capture.time).isoformat(),
        "event_id": capture.event_id,
        "person": capture.person,
        "door": capture.door,
    }


def _refusal(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)

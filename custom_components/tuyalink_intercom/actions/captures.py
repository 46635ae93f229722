"""The action that answers which pictures there are: what is known of each, never the picture."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

import voluptuous as vol

from ..album.record import Capture
from ..captures.folders import Picture, of_device
from ..captures.gallery import may_see, name_of, picture_url
from ..const import DOMAIN
from ..model.changes import Occasion
from .devices import DEVICES, named_devices
from .targets import async_user, refusal

_LONGEST: Final = 256
_MOST: Final = 100
_USUAL: Final = 20
_TEXT = vol.All(cv.string, vol.Length(min=1, max=_LONGEST))

_GET_CAPTURES: Final = vol.Schema(
    {
        **DEVICES,
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
        raise refusal("start_after_end")
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
    found = [
        picture
        for named in named_devices(hass, data)
        for picture in of_device(named.entry, named.device)
    ]
    return sorted(found, key=lambda picture: picture.capture.time, reverse=True)


async def _allowed(call: ServiceCall, pictures: list[Picture]) -> list[Picture]:
    """Leave out what the user who asks may not see; automations see all."""
    if (user := await async_user(call)) is None:
        return pictures
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

"""The action that answers what happened: passages, calls and alarms, out of Tuya's own logs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.const import Platform
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

import voluptuous as vol

from ..captures.gallery import may_read, name_of
from ..const import DOMAIN
from ..model.state import Device
from ..model.told_records import Record, RecordKind
from ..records.answers import Answer, Query, Untold, async_records
from ..runtime import TuyaLinkConfigEntry
from ..telling import telling
from ..translated import translation_of
from .devices import DEVICES, Named, named_devices
from .targets import async_user, refusal

_LONGEST: Final = 256
_MOST: Final = 1000
_USUAL: Final = 100
_SPAN: Final = timedelta(days=1)
_LONGEST_SPAN: Final = timedelta(days=31)
_TOLD_BY: Final[Mapping[RecordKind, str]] = {
    RecordKind.ACCESS: "access",
    RecordKind.ALARM: "alarm",
    RecordKind.CALL: "doorbell",
}
"""The event entity that tells a kind when it happens: who may not read it gets no record of it."""
_DETAILS: Final = ("method", "person", "slot", "door", "channel", "address")

_GET_RECORDS: Final = vol.Schema(
    {
        **DEVICES,
        vol.Optional("kind"): vol.All(cv.ensure_list, [vol.Coerce(RecordKind)]),
        vol.Optional("start"): cv.datetime,
        vol.Optional("end"): cv.datetime,
        vol.Optional("person"): vol.All(cv.string, vol.Length(min=1, max=_LONGEST)),
        vol.Optional("limit", default=_USUAL): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=_MOST)
        ),
    }
)

type Asked = dict[str, tuple[TuyaLinkConfigEntry, dict[str, frozenset[RecordKind]]]]


@dataclass(slots=True)
class _All:
    """What all projects answered; `names` are Home Assistant's id and name by Tuya's id."""

    names: Mapping[str, tuple[str, str]]
    answers: list[Answer]

    def records(self) -> Iterator[tuple[Device, Record]]:
        for answer in self.answers:
            yield from answer.records

    def of(self, device: Device) -> dict[str, JsonValueType]:
        device_id, name = self.names[device.id]
        return {"device_id": device_id, "device_name": name}


@callback
def async_register_records(hass: HomeAssistant) -> None:
    """Register the action about what happened."""
    hass.services.async_register(
        DOMAIN,
        "get_records",
        _get_records,
        schema=_GET_RECORDS,
        supports_response=SupportsResponse.ONLY,
    )


async def _get_records(call: ServiceCall) -> ServiceResponse:
    """Answer what happened, the newest first, and what Tuya's logs could not tell."""
    query = _query(call.data)
    named = named_devices(call.hass, call.data)
    asked = await _asked(call, named)
    answers = [
        await async_records(call.hass, entry, devices, query) for entry, devices in asked.values()
    ]
    _raise_if_refused(answers)
    names = {one.tuya_id: (one.device.id, name_of(one.device)) for one in named}
    return _told(_All(names=names, answers=answers), query.limit)


def _query(data: Mapping[str, Any]) -> Query:
    now = dt_util.utcnow()
    until = min(_utc(data.get("end"), now), now)
    since = _utc(data.get("start"), until - _SPAN)
    if since > until:
        raise refusal("start_after_end")
    if until - since > _LONGEST_SPAN:
        raise refusal("span_too_long")
    return Query(
        since=since.timestamp(),
        until=until.timestamp(),
        limit=data["limit"],
        person=data.get("person"),
        to_now=until == now,
    )


def _utc(moment: datetime | None, unset: datetime) -> datetime:
    return unset if moment is None else dt_util.as_utc(moment)


async def _asked(call: ServiceCall, named: Iterable[Named]) -> Asked:
    """Return what to ask of which project: what the user who asks may see; automations see all."""
    user = await async_user(call)
    kinds = frozenset(call.data.get("kind", RecordKind))
    asked: Asked = {}
    for one in named:
        seen = kinds
        if user is not None:
            seen = frozenset(
                kind
                for kind in kinds
                if may_read(call.hass, user, Platform.EVENT, f"{one.tuya_id}_{_TOLD_BY[kind]}")
            )
        if seen:
            devices = asked.setdefault(one.entry.entry_id, (one.entry, {}))[1]
            devices[one.tuya_id] = seen
    return asked


def _raise_if_refused(answers: Iterable[Answer]) -> None:
    """Raise the first refusal if no log at all has answered."""
    refusals = [answer.refusal for answer in answers if answer.refusal is not None]
    if refusals and not any(answer.answered for answer in answers):
        raise HomeAssistantError(**translation_of(refusals[0]))


def _told(found: _All, limit: int) -> dict[str, JsonValueType]:
    newest = sorted(found.records(), key=lambda one: one[1].happened.time, reverse=True)
    records: list[JsonValueType] = [_record(found, *one) for one in newest[:limit]]
    untold: list[JsonValueType] = [
        _gap(found, one) for answer in found.answers for one in answer.untold
    ]
    truncated = len(newest) > limit or any(answer.cut for answer in found.answers)
    return {"records": records, "truncated": truncated, "untold": untold}


def _record(found: _All, device: Device, record: Record) -> dict[str, JsonValueType]:
    told = telling(device, record.happened)
    attributes = told.attributes if told else {}
    return {
        **found.of(device),
        "kind": record.kind.value,
        "time": dt_util.utc_from_timestamp(record.happened.time).isoformat(),
        "type": told.event_type if told else None,
        **{name: attributes.get(name) for name in _DETAILS},
        "event_id": record.event_id,
        "source": record.log,
    }


def _gap(found: _All, untold: Untold) -> dict[str, JsonValueType]:
    source: dict[str, JsonValueType] = {} if untold.source is None else {"source": untold.source}
    return {**found.of(untold.device), "reason": untold.reason, **source}

"""Events: rings and what became of the call, passages, alarms.

A moment is handed over once, when it happens. What a poll reads is history and fires nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.event import (
    DoorbellEventType,
    EventDeviceClass,
    EventEntity,
    EventEntityDescription,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entity import TuyaLinkEntity, add_as_discovered
from .model.changes import AlarmRaised, CallMoved, CallStep, Change, Outcome, Passed, Rang
from .model.state import Alarm, Device, Features
from .runtime import TuyaLinkConfigEntry

PARALLEL_UPDATES = 0

type Told = tuple[str, dict[str, Any]]
"""An event type, and what else is told of it; `None` among the values is left out."""


@dataclass(frozen=True, kw_only=True)
class TuyaLinkEventDescription(EventEntityDescription):
    """What an event entity tells of, and which devices have it."""

    exists_fn: Callable[[Features], bool]
    told_fn: Callable[[Device, Change], Told | None]


def _call(device: Device, change: Change) -> Told | None:
    match change:
        case Rang(live=True, channel=channel):
            name = device.channels.get(channel, channel) if channel else None
            told = {"channel": name, "address": change.address, "presses": change.presses}
            return DoorbellEventType.RING.value, told
        case CallMoved(live=True, reason=reason):
            return change.step.value, {"reason": reason and reason.value}
    return None


def _passage(_device: Device, change: Change) -> Told | None:
    match change:
        case Passed(live=True):
            return change.outcome.value, {
                "door": change.door,
                "method": change.method.value,
                "person": change.person,
                "slot": change.slot,
            }
    return None


def _alarm(_device: Device, change: Change) -> Told | None:
    match change:
        case AlarmRaised(live=True, alarm=alarm):
            return alarm.value, {"method": change.method and change.method.value}
    return None


DESCRIPTIONS = (
    TuyaLinkEventDescription(
        key="doorbell",
        translation_key="doorbell",
        device_class=EventDeviceClass.DOORBELL,
        event_types=[DoorbellEventType.RING.value, *(step.value for step in CallStep)],
        exists_fn=lambda features: features.rings,
        told_fn=_call,
    ),
    TuyaLinkEventDescription(
        key="access",
        translation_key="access",
        event_types=[outcome.value for outcome in Outcome],
        exists_fn=lambda features: features.accesses,
        told_fn=_passage,
    ),
    TuyaLinkEventDescription(
        key="alarm",
        translation_key="alarm",
        event_types=[alarm.value for alarm in Alarm],
        exists_fn=lambda features: features.alarms,
        told_fn=_alarm,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of all devices."""
    add_as_discovered(
        entry,
        async_add_entities,
        lambda device: [
            TuyaLinkEvent(entry, device, description)
            for description in DESCRIPTIONS
            if description.exists_fn(device.features)
        ],
    )


class TuyaLinkEvent(TuyaLinkEntity, EventEntity):
    """What happens at a device."""

    entity_description: TuyaLinkEventDescription

    def __init__(
        self, entry: TuyaLinkConfigEntry, device: Device, description: TuyaLinkEventDescription
    ) -> None:
        super().__init__(entry, device, description.key)
        self.entity_description = description

    @property
    @override
    def available(self) -> bool:
        """Always: triggers ignore an event that comes straight from "unavailable"."""
        return True

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        """Write nothing: states are not moments."""

    @override
    @callback
    def _happened(self, change: Change) -> None:
        match change:
            case Rang() | CallMoved() | Passed() | AlarmRaised():
                told = self.entity_description.told_fn(self._device, change)
            case _:
                return
        if told is None:
            return
        event_type, attributes = told
        time = dt_util.utc_from_timestamp(change.time).isoformat()
        known = {key: value for key, value in attributes.items() if value is not None}
        self._trigger_event(event_type, {"event_id": change.event_id, "time": time, **known})
        self.async_write_ha_state()

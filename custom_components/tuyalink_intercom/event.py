"""Events: rings and what became of the call, passages, alarms.

A moment is handed over once, when it happens. What a poll reads is history and fires nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

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
from .model.changes import CallStep, Change, Outcome
from .model.state import Alarm, Device, Features
from .published_entity import PublishedEntity, add_published
from .publishing import handled as commands
from .publishing.door import PublishedDoor
from .runtime import TuyaLinkConfigEntry
from .telling import PICTURE, telling

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class TuyaLinkEventDescription(EventEntityDescription):
    """Which devices have an event entity; what it tells is what `telling` gives its key."""

    exists_fn: Callable[[Features], bool]


DESCRIPTIONS = (
    TuyaLinkEventDescription(
        key="doorbell",
        translation_key="doorbell",
        device_class=EventDeviceClass.DOORBELL,
        event_types=[DoorbellEventType.RING.value, *(step.value for step in CallStep), PICTURE],
        exists_fn=lambda features: features.rings,
    ),
    TuyaLinkEventDescription(
        key="access",
        translation_key="access",
        event_types=[*(outcome.value for outcome in Outcome), PICTURE],
        exists_fn=lambda features: features.accesses,
    ),
    TuyaLinkEventDescription(
        key="alarm",
        translation_key="alarm",
        event_types=[*(alarm.value for alarm in Alarm), PICTURE],
        exists_fn=lambda features: features.alarms,
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
    add_published(entry, async_add_entities, lambda door: [PublishedCommandEvent(entry, door)])


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
        told = telling(self._device, change)
        if told is not None and told.live and told.key == self.entity_description.key:
            self._trigger_event(told.event_type, told.attributes)
            self.async_write_ha_state()


class PublishedCommandEvent(PublishedEntity, EventEntity):
    """What Tuya's side told a published door to do, and what became of it."""

    _attr_translation_key = "command"

    def __init__(self, entry: TuyaLinkConfigEntry, door: PublishedDoor) -> None:
        super().__init__(entry, door, "command")
        self._attr_event_types = [outcome.value for outcome in commands.Outcome]

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of every command that is over."""
        await super().async_added_to_hass()
        self.async_on_remove(self._door.watch(self._handled))

    @callback
    def _handled(self, handled: commands.Handled) -> None:
        told = {"what": handled.what, "reason": handled.reason, "time": _asked_at(handled)}
        known = {name: value for name, value in told.items() if value is not None}
        self._trigger_event(handled.outcome.value, known)
        self.async_write_ha_state()


def _asked_at(handled: commands.Handled) -> str | None:
    """Return when it was asked for, if Tuya told."""
    time = handled.command.time
    return None if time is None else dt_util.utc_from_timestamp(time).isoformat()

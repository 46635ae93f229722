"""Values: the battery, the call, who came in last and how; of the project, how push does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfRatio, UnitOfTime
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .entity import TuyaLinkEntity, TuyaLinkHubEntity, add_as_discovered
from .model.budget import ALLOWED, Billed
from .model.calls import makes_calls, phase_of
from .model.health import Way
from .model.state import CallPhase, Device, Fact, Method, Reading, Scalar
from .runtime import RuntimeData, TuyaLinkConfigEntry

PARALLEL_UPDATES = 0

_QUIET = 60.0
"""What changes with every message is written this often (s): the recorder keeps each state."""


@dataclass(frozen=True, kw_only=True)
class TuyaLinkSensorDescription(SensorEntityDescription):
    """What a sensor shows, and which devices have it."""

    reading_fn: Callable[[Device], Reading | None]
    exists_fn: Callable[[Device], bool]
    only_told: bool = False
    """Messages tell it, but no poll: it has to be remembered over a restart."""


DESCRIPTIONS = (
    TuyaLinkSensorDescription(
        key=Fact.BATTERY.value,
        translation_key=Fact.BATTERY.value,
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        entity_category=EntityCategory.DIAGNOSTIC,
        reading_fn=lambda device: device.readings.get(Fact.BATTERY),
        exists_fn=lambda device: Fact.BATTERY in device.features.facts,
    ),
    TuyaLinkSensorDescription(
        key="call",
        translation_key="call",
        device_class=SensorDeviceClass.ENUM,
        options=[phase.value for phase in CallPhase],
        reading_fn=lambda device: Reading(phase_of(device).value, 0.0),
        exists_fn=lambda device: device.features.rings and makes_calls(device),
    ),
    TuyaLinkSensorDescription(
        key=Fact.OPENED_BY.value,
        translation_key=Fact.OPENED_BY.value,
        reading_fn=lambda device: device.readings.get(Fact.OPENED_BY),
        exists_fn=lambda device: Fact.OPENED_BY in device.features.facts,
        only_told=True,
    ),
    TuyaLinkSensorDescription(
        key=Fact.OPENED_HOW.value,
        translation_key=Fact.OPENED_HOW.value,
        device_class=SensorDeviceClass.ENUM,
        options=[method.value for method in Method],
        reading_fn=lambda device: device.readings.get(Fact.OPENED_HOW),
        exists_fn=lambda device: Fact.OPENED_HOW in device.features.facts,
        only_told=True,
    ),
)


def _course(data: RuntimeData, billed: Billed) -> dict[str, int]:
    return {"forecast": data.budget.course(billed).forecast, "budget": ALLOWED[billed]}


@dataclass(frozen=True, kw_only=True)
class TuyaLinkHubSensorDescription(SensorEntityDescription):
    """What a sensor of the project shows."""

    value_fn: Callable[[RuntimeData], Scalar | datetime | None]
    attributes_fn: Callable[[RuntimeData], dict[str, int]] = lambda _: {}
    chatty: bool = True
    """It changes with every message, or nearly."""


HUB_DESCRIPTIONS = (
    TuyaLinkHubSensorDescription(
        key="push_delay",
        translation_key="push_delay",
        device_class=SensorDeviceClass.DURATION,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.health.delay,
    ),
    TuyaLinkHubSensorDescription(
        key="last_message",
        translation_key="last_message",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.health.last_message,
    ),
    TuyaLinkHubSensorDescription(
        key="source",
        translation_key="source",
        device_class=SensorDeviceClass.ENUM,
        options=[way.value for way in Way],
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda data: data.health.assessment.way.value,
        chatty=False,
    ),
    TuyaLinkHubSensorDescription(
        key="calls_this_month",
        translation_key="calls_this_month",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.budget.calls_this_month,
        attributes_fn=lambda data: _course(data, Billed.CALLS),
    ),
    TuyaLinkHubSensorDescription(
        key="messages_this_month",
        translation_key="messages_this_month",
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.budget.messages_this_month,
        attributes_fn=lambda data: _course(data, Billed.MESSAGES),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the values of all devices, and of the project."""
    async_add_entities(TuyaLinkHubSensor(entry, description) for description in HUB_DESCRIPTIONS)
    add_as_discovered(
        entry,
        async_add_entities,
        lambda device: [
            (TuyaLinkToldSensor if description.only_told else TuyaLinkSensor)(
                entry, device, description
            )
            for description in DESCRIPTIONS
            if description.exists_fn(device)
        ],
    )


class TuyaLinkSensor(TuyaLinkEntity, SensorEntity):
    """One value of a device."""

    entity_description: TuyaLinkSensorDescription

    def __init__(
        self, entry: TuyaLinkConfigEntry, device: Device, description: TuyaLinkSensorDescription
    ) -> None:
        super().__init__(entry, device, description.key)
        self.entity_description = description

    @property
    @override
    def native_value(self) -> Scalar | None:
        """What the device said last."""
        reading = self.entity_description.reading_fn(self._device)
        return self._before if reading is None else reading.value

    @property
    def _before(self) -> Scalar | None:
        """What was so before the device said anything."""
        return None


class TuyaLinkToldSensor(TuyaLinkSensor, RestoreSensor):
    """A value of which the cloud keeps no copy to ask for."""

    _restored: Scalar | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Take up what was shown before the restart."""
        await super().async_added_to_hass()
        stored = await self.async_get_last_sensor_data()
        if stored is not None and isinstance(stored.native_value, str):
            self._restored = stored.native_value

    @property
    @override
    def _before(self) -> Scalar | None:
        return self._restored


class TuyaLinkHubSensor(TuyaLinkHubEntity, SensorEntity):
    """One value of the project."""

    entity_description: TuyaLinkHubSensorDescription

    def __init__(
        self, entry: TuyaLinkConfigEntry, description: TuyaLinkHubSensorDescription
    ) -> None:
        super().__init__(entry, description.key)
        self.entity_description = description
        self._data = entry.runtime_data
        self._timer: CALLBACK_TYPE | None = None
        self._read()

    def _read(self) -> None:
        self._attr_native_value = self.entity_description.value_fn(self._data)
        self._attr_extra_state_attributes = {**self.entity_description.attributes_fn(self._data)}

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to messages, too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._stop)
        self.async_on_remove(self._data.health.listen(self._handle_coordinator_update))
        self.async_on_remove(self._data.budget.listen(self._handle_coordinator_update))
        if self.entity_description.chatty:
            self._rest()

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        if self._timer is None and self._is_news:
            self._write()
            if self.entity_description.chatty:
                self._rest()

    @property
    def _is_news(self) -> bool:
        return self.entity_description.value_fn(self._data) != self._attr_native_value

    def _write(self) -> None:
        self._read()
        self.async_write_ha_state()

    def _rest(self) -> None:
        job = HassJob(self._rested, "tuyalink_intercom sensor", cancel_on_shutdown=True)
        self._timer = async_call_later(self.hass, _QUIET, job)

    @callback
    def _rested(self, _now: datetime) -> None:
        self._timer = None
        self._handle_coordinator_update()

    @callback
    def _stop(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

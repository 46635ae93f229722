"""Values: the battery, the call, and who came in last and how."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfRatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import TuyaLinkEntity, add_as_discovered
from .model.calls import makes_calls, phase_of
from .model.state import CallPhase, Device, Fact, Method, Reading, Scalar
from .runtime import TuyaLinkConfigEntry

PARALLEL_UPDATES = 0


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


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the values of all devices."""
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

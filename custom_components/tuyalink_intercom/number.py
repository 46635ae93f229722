"""Settings that are numbers: how long, how loud."""

from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfRatio, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .model.setting import Setting, SettingKind
from .model.state import Device
from .runtime import TuyaLinkConfigEntry
from .setting_entity import TuyaLinkSettingEntity, add_settings, meanings

PARALLEL_UPDATES = 0
"""Writes go through Tuya's cloud, which limits them itself."""

_TIMES = {"s": UnitOfTime.SECONDS, "min": UnitOfTime.MINUTES}
_UNITS = {**_TIMES, "%": UnitOfRatio.PERCENTAGE}
_SLIDER = 100
"""More steps than these are typed in, not slid to."""

DESCRIPTIONS = tuple(
    NumberEntityDescription(
        key=meaning.key,
        translation_key=meaning.key,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=not meaning.rare,
    )
    for meaning in meanings(SettingKind.NUMBER)
)
_BY_KEY = {one.key: one for one in DESCRIPTIONS}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the numbers of all devices."""
    add_settings(
        entry,
        async_add_entities,
        SettingKind.NUMBER,
        lambda device, setting: TuyaLinkNumber(entry, device, setting),
    )


class TuyaLinkNumber(TuyaLinkSettingEntity, NumberEntity):
    """One number, within the limits that the device's description tells."""

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device, setting: Setting) -> None:
        super().__init__(entry, device, setting)
        self.entity_description = _BY_KEY[setting.key]
        self._attr_native_min_value = setting.scaled(setting.low)
        self._attr_native_max_value = setting.scaled(setting.high)
        self._attr_native_step = setting.scaled(setting.step)
        self._attr_native_unit_of_measurement = _UNITS.get(setting.unit)
        if setting.unit in _TIMES:
            self._attr_device_class = NumberDeviceClass.DURATION
        steps = (setting.high - setting.low) / setting.step
        self._attr_mode = NumberMode.SLIDER if steps <= _SLIDER else NumberMode.BOX

    @property
    @override
    def native_value(self) -> float | None:
        """What the device said last."""
        value = self._value
        return value if isinstance(value, int | float) else None

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the number."""
        await self._set(value)

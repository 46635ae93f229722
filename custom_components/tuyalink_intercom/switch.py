"""Settings that are on or off."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .model.setting import Setting, SettingKind
from .model.state import Device
from .runtime import TuyaLinkConfigEntry
from .setting_entity import TuyaLinkSettingEntity, add_settings, meanings

PARALLEL_UPDATES = 0
"""Writes go through Tuya's cloud, which limits them itself."""

DESCRIPTIONS = tuple(
    SwitchEntityDescription(
        key=meaning.key,
        translation_key=meaning.key,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=not meaning.rare,
    )
    for meaning in meanings(SettingKind.SWITCH)
)
_BY_KEY = {one.key: one for one in DESCRIPTIONS}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of all devices."""
    add_settings(
        entry,
        async_add_entities,
        SettingKind.SWITCH,
        lambda device, setting: TuyaLinkSwitch(entry, device, setting),
    )


class TuyaLinkSwitch(TuyaLinkSettingEntity, SwitchEntity):
    """One setting that is on or off."""

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device, setting: Setting) -> None:
        super().__init__(entry, device, setting)
        self.entity_description = _BY_KEY[setting.key]

    @property
    @override
    def is_on(self) -> bool | None:
        """What the device said last."""
        value = self._value
        return value if isinstance(value, bool) else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch it on."""
        await self._set(value=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch it off."""
        await self._set(value=False)

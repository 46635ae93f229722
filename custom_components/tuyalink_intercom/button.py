"""What a device does once when it is told to: take a photo, restart."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .model.setting import Setting, SettingKind
from .model.state import Device
from .runtime import TuyaLinkConfigEntry
from .setting_entity import TuyaLinkSettingEntity, add_settings, meanings
from .writing import write

PARALLEL_UPDATES = 0
"""Writes go through Tuya's cloud, which limits them itself."""

_CLASSES = {"restart": ButtonDeviceClass.RESTART}

DESCRIPTIONS = tuple(
    ButtonEntityDescription(
        key=meaning.key,
        translation_key=meaning.key,
        device_class=_CLASSES.get(meaning.key),
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=not meaning.rare,
    )
    for meaning in meanings(SettingKind.BUTTON)
)
_BY_KEY = {one.key: one for one in DESCRIPTIONS}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of all devices."""
    add_settings(
        entry,
        async_add_entities,
        SettingKind.BUTTON,
        lambda device, setting: TuyaLinkButton(entry, device, setting),
    )


class TuyaLinkButton(TuyaLinkSettingEntity, ButtonEntity):
    """One thing that a device can be told to do."""

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device, setting: Setting) -> None:
        super().__init__(entry, device, setting)
        self.entity_description = _BY_KEY[setting.key]

    @override
    async def async_press(self) -> None:
        """Set it off."""
        code = self._setting.code
        await self._tell(write(self.coordinator.cloud, self._device, code, value=True))

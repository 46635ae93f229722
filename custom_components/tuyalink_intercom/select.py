"""Settings with a choice: how loud, which tune, which panel a monitor shows."""

from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .model.panels import panel_names, panel_shown
from .model.setting import Setting, SettingKind
from .model.settings import PANEL
from .model.state import Device
from .runtime import TuyaLinkConfigEntry
from .setting_entity import TuyaLinkSettingEntity, add_settings, meanings
from .writing import panel_turn, switch_panel

PARALLEL_UPDATES = 0
"""Writes go through Tuya's cloud, which limits them itself."""

DESCRIPTIONS = (
    *(
        SelectEntityDescription(
            key=meaning.key,
            translation_key=meaning.key,
            entity_category=EntityCategory.CONFIG,
            entity_registry_enabled_default=not meaning.rare,
            # Those that have words of ours; a device's other options are shown as it tells them.
            options=[*dict.fromkeys(meaning.words.values())],
        )
        for meaning in meanings(SettingKind.SELECT)
    ),
    SelectEntityDescription(
        key=PANEL,
        translation_key=PANEL,
        entity_category=EntityCategory.CONFIG,
    ),
)
_BY_KEY = {one.key: one for one in DESCRIPTIONS}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the choices of all devices."""
    add_settings(
        entry,
        async_add_entities,
        SettingKind.SELECT,
        lambda device, setting: (TuyaLinkPanelSelect if setting.key == PANEL else TuyaLinkSelect)(
            entry, device, setting
        ),
    )


class TuyaLinkSelect(TuyaLinkSettingEntity, SelectEntity):
    """One choice among the words that the device's description lists."""

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device, setting: Setting) -> None:
        super().__init__(entry, device, setting)
        self.entity_description = _BY_KEY[setting.key]
        self._attr_options = [option for option, _ in setting.words]

    @property
    @override
    def current_option(self) -> str | None:
        """What the device said last."""
        value = self._value
        return value if isinstance(value, str) else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose."""
        await self._set(option)


class TuyaLinkPanelSelect(TuyaLinkSelect):
    """The panel that a monitor shows."""

    @property
    @override
    def options(self) -> list[str]:
        """The panels by the names that the monitor tells."""
        return [*panel_names(self._device)]

    @property
    @override
    def current_option(self) -> str | None:
        """The panel it showed last."""
        return panel_shown(self._device)

    @override
    async def async_select_option(self, option: str) -> None:
        """Let it show another panel."""
        panel = panel_names(self._device)[option]
        async with panel_turn(self._entry, self._device):
            await self._tell(switch_panel(self.coordinator, self._device, panel))

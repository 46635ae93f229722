"""What entities of settings share: which a device has, and how one is written.

Nothing is shown before the device says that it is so.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import override

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .doors.options import DoorOptions
from .doors.safety import DoorSafety
from .entity import TuyaLinkEntity, add_as_discovered, cloud_action
from .model.changes import Change, ChannelsReported
from .model.dpcodes import CHANNELS
from .model.meanings import MEANINGS, Meaning
from .model.setting import Setting, SettingKind
from .model.setting_changes import SettingReported
from .model.state import Device, Scalar
from .runtime import TuyaLinkConfigEntry
from .writing import write

PATIENCE = 5.0
"""A device has this long (s) to report what was set; then it is read once."""


def meanings(kind: SettingKind) -> Iterator[Meaning]:
    """Return the settings that may be shown in this way."""
    return (meaning for meaning in MEANINGS if kind in meaning.kinds)


@callback
def add_settings(
    entry: TuyaLinkConfigEntry,
    add_entities: AddConfigEntryEntitiesCallback,
    kind: SettingKind,
    build: Callable[[Device, Setting], Entity],
) -> None:
    """Create the entities of one kind of setting, of devices that have a door or a bell."""

    def built(device: Device) -> Iterable[Entity]:
        if device.features.doors or device.features.rings:
            yield from (build(device, one) for one in device.features.settings if one.kind is kind)

    add_as_discovered(entry, add_entities, built)


class TuyaLinkSettingEntity(TuyaLinkEntity):
    """One setting of a device."""

    hass: HomeAssistant

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device, setting: Setting) -> None:
        super().__init__(entry, device, setting.key)
        self._entry = entry
        self._setting = setting
        self._answered = False
        self._timer: CALLBACK_TYPE | None = None

    @property
    def _value(self) -> Scalar | None:
        """What the device said last, as it is shown."""
        reading = self._device.settings.get(self._setting.key)
        return None if reading is None else reading.value

    async def _set(self, value: Scalar) -> None:
        """Tell the device a value as it is shown. Raises translated errors."""
        setting = self._setting
        if setting.leaves_open(value, self._value):
            await self._ask_leave()
        cloud = self.coordinator.cloud
        await self._tell(write(cloud, self._device, setting.code, setting.told(value)))

    async def _ask_leave(self) -> None:
        """Raise a translated error if the owner of a door of this device forbids it."""
        context = self._context
        for door in self._device.features.doors:
            unique_id = f"{self._device_id}_{door.key}"
            options = DoorOptions.of(self._entry.options, unique_id)
            await DoorSafety(self.hass, unique_id, options).allow_standing_open(context)

    async def _tell(self, writing: Awaitable[None]) -> None:
        """Await a write; if the device does not answer it is read, whatever came of the write."""
        # A fast device reports before Tuya answers.
        self._answered = False
        try:
            await cloud_action(writing)
        finally:
            if not self._answered and self._setting.kind is not SettingKind.BUTTON:
                self._stop()
                self._timer = async_call_later(self.hass, PATIENCE, HassJob(self._unanswered))

    @override
    @callback
    def _happened(self, change: Change) -> None:
        match change:
            case SettingReported(setting=key) if key == self._setting.key:
                self._answer()
            case ChannelsReported() if self._setting.code == CHANNELS:
                self._answer()

    def _answer(self) -> None:
        self._answered = True
        self._stop()

    @callback
    def _unanswered(self, _now: object) -> None:
        self._timer = None
        reading = self.coordinator.async_read_device(self._device_id)
        self._entry.async_create_task(self.hass, reading, f"{DOMAIN} setting")

    @override
    async def async_added_to_hass(self) -> None:
        """End the timer with the entity."""
        await super().async_added_to_hass()
        self.async_on_remove(self._stop)

    @callback
    def _stop(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

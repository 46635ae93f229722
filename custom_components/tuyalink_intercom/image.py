"""Pictures per occasion: of the last ring, the last passage, the last alarm.

The state is the time at which the picture was taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .album.record import Capture
from .entity import TuyaLinkEntity, add_as_discovered
from .model.changes import CaptureKept, Change, Occasion
from .model.state import Device, Features
from .runtime import TuyaLinkConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class TuyaLinkImageDescription(ImageEntityDescription):
    """The occasion of a picture, and which devices have such."""

    occasion: Occasion
    exists_fn: Callable[[Features], bool]


DESCRIPTIONS = (
    TuyaLinkImageDescription(
        key="last_ring",
        translation_key="last_ring",
        occasion=Occasion.RING,
        exists_fn=lambda features: features.captures and features.rings,
    ),
    TuyaLinkImageDescription(
        key="last_access",
        translation_key="last_access",
        occasion=Occasion.ACCESS,
        exists_fn=lambda features: features.captures and features.accesses,
    ),
    TuyaLinkImageDescription(
        key="last_alarm",
        translation_key="last_alarm",
        occasion=Occasion.ALARM,
        exists_fn=lambda features: features.captures and features.alarms,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the pictures of all devices."""
    add_as_discovered(
        entry,
        async_add_entities,
        lambda device: [
            TuyaLinkImage(hass, entry, device, description)
            for description in DESCRIPTIONS
            if description.exists_fn(device.features)
        ],
    )


class TuyaLinkImage(TuyaLinkEntity, ImageEntity):
    """The newest picture of one occasion."""

    entity_description: TuyaLinkImageDescription

    def __init__(
        self,
        hass: HomeAssistant,
        entry: TuyaLinkConfigEntry,
        device: Device,
        description: TuyaLinkImageDescription,
    ) -> None:
        TuyaLinkEntity.__init__(self, entry, device, description.key)
        ImageEntity.__init__(self, hass)
        self.entity_description = description
        self._captures = entry.runtime_data.captures
        self._shown_id: str | None = None

    @property
    @override
    def available(self) -> bool:
        """A picture stays what it was, whatever became of the device since."""
        return self.coordinator.device(self._device_id) is not None

    @override
    async def async_added_to_hass(self) -> None:
        """Show the picture that is there, and no longer than it is."""
        await super().async_added_to_hass()
        self.async_on_remove(self._captures.watch(self._device_id, self._changed))
        self._show()

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture, with its type."""
        occasion = self.entity_description.occasion
        if (found := await self._captures.newest_picture(self._device_id, occasion)) is None:
            return None
        capture, picture = found
        self._attr_content_type = capture.content_type
        return picture

    @property
    def _newest(self) -> Capture | None:
        return self._captures.newest(self._device_id, self.entity_description.occasion)

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        """Write nothing: only a new picture is news."""

    @override
    @callback
    def _happened(self, change: Change) -> None:
        if isinstance(change, CaptureKept):
            self._show_now()

    @callback
    def _changed(self, _capture: Capture) -> None:
        self._show_now()

    @callback
    def _show_now(self) -> None:
        """Show the newest picture; one of long ago that arrives now is not it."""
        before = self._shown_id
        self._show()
        if self._shown_id != before:
            self.async_write_ha_state()

    def _show(self) -> None:
        newest = self._newest
        self._shown_id = newest.id if newest else None
        taken = None if newest is None else dt_util.utc_from_timestamp(newest.time)
        self._attr_image_last_updated = taken
        if newest is not None:
            self._attr_content_type = newest.content_type

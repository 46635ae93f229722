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

    @property
    @override
    def available(self) -> bool:
        """A picture stays what it was, whatever became of the device since."""
        return self.coordinator.device(self._device_id) is not None

    @override
    async def async_added_to_hass(self) -> None:
        """Show the picture that is there."""
        await super().async_added_to_hass()
        self._show(self._newest)

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        capture = self._newest
        return None if capture is None else await self._captures.picture(capture)

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
        newest = self._newest
        if isinstance(change, CaptureKept) and newest and newest.id == change.capture_id:
            self._show(newest)
            self.async_write_ha_state()

    def _show(self, capture: Capture | None) -> None:
        if capture is not None:
            self._attr_content_type = capture.content_type
            self._attr_image_last_updated = dt_util.utc_from_timestamp(capture.time)

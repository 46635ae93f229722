"""Cameras: the newest picture at once, and live video where the device can.

A still never waits and never wakes a device. A camera is of one class for good: Home
Assistant concludes from the class how a camera streams.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import override

from homeassistant.components.camera import Camera
from homeassistant.components.camera.const import CameraEntityFeature
from homeassistant.components.camera.prefs import get_dynamic_camera_stream_settings
from homeassistant.components.stream import DOMAIN as STREAM_DOMAIN, Stream
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import TuyaLinkEntity, add_as_discovered
from .live.addresses import StreamAddresses
from .live.feed import StreamFeed
from .live.masking import mask_addresses
from .live.refusals import no_preload, no_stream_integration
from .model.state import Device
from .runtime import TuyaLinkConfigEntry

PARALLEL_UPDATES = 0

_KIND_OF_ADDRESS = "rtsp://"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the cameras of all devices that take pictures."""
    add_as_discovered(
        entry,
        async_add_entities,
        lambda device: [class_for(device)(entry, device)] if device.features.captures else [],
    )


class TuyaLinkCamera(TuyaLinkEntity, Camera):
    """The pictures that a device takes."""

    _attr_name = None
    _attr_brand = "Tuya"

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device) -> None:
        TuyaLinkEntity.__init__(self, entry, device, "camera")
        Camera.__init__(self)
        self._captures = entry.runtime_data.captures
        self._attr_model = device.product_name or device.model or None

    @property
    @override
    def available(self) -> bool:
        """A picture stays what it was, whatever became of the device since."""
        return self.coordinator.device(self._device_id) is not None

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the newest picture, of whatever occasion."""
        if (found := await self._captures.newest_picture(self._device_id)) is None:
            return None
        capture, picture = found
        self.content_type = capture.content_type
        return picture


class TuyaLinkStreamCamera(TuyaLinkCamera):
    """A camera whose live video can be viewed, by addresses that Tuya gives for each view."""

    _attr_supported_features = CameraEntityFeature.STREAM
    _kind_is_enough = False

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device) -> None:
        super().__init__(entry, device)
        self._entry = entry
        cloud = self.coordinator.cloud
        self._addresses = StreamAddresses(self.coordinator.hass, entry, cloud, device.id)
        self._feed: StreamFeed | None = None
        self._unmask: Callable[[], None] | None = None
        self._opening = asyncio.Lock()

    @override
    async def async_added_to_hass(self) -> None:
        """Keep addresses out of the log while the entity is there."""
        await super().async_added_to_hass()
        self._unmask = mask_addresses(self.entity_id)

    @override
    async def async_will_remove_from_hass(self) -> None:
        """End the view with the entity."""
        await super().async_will_remove_from_hass()
        if self._feed is not None:
            await self._feed.stop()
        if self._unmask is not None:
            # Last of all: a worker that is being ended may still complain.
            self._unmask()

    @override
    async def stream_source(self) -> str | None:
        """Return a fresh address: each opens once, and only for half a minute."""
        if self._kind_is_enough:
            return _KIND_OF_ADDRESS
        if await self._decline_preload():
            # Nobody views yet: what asks now would hold the video open from now on.
            raise no_preload()
        return await self._addresses.fresh()

    @override
    async def _async_get_supported_webrtc_provider[T](
        self, fn: Callable[[HomeAssistant, Camera], Coroutine[None, None, T | None]]
    ) -> T | None:
        """Show providers the kind of address only: a real one costs a call and wakes the camera."""
        # A provider that finds the preference set opens the video as soon as it is chosen.
        await self._decline_preload()
        self._kind_is_enough = True
        try:
            return await super()._async_get_supported_webrtc_provider(fn)
        finally:
            self._kind_is_enough = False

    @override
    async def async_create_stream(self) -> Stream | None:
        """Return the stream that is viewed already, or give it a fresh address to be viewed.

        It is one for good, as Home Assistant forgets no stream that it has made.
        """
        if STREAM_DOMAIN not in self.hass.config.components:
            raise no_stream_integration()
        async with self._opening:
            if self.stream is not None and self.stream.outputs():
                return self.stream
            await self._decline_preload()
            if self.stream is not None and self._feed is not None:
                # The worker of the last view may not have ended yet, and would take this one along.
                await self._feed.stop()
                self.stream.source = await self._addresses.fresh()
            elif (stream := await super().async_create_stream()) is not None:
                self._feed = StreamFeed(self._entry, stream, self._addresses, self.entity_id)
            if self._feed is not None:
                self._feed.begin()
            return self.stream

    async def _decline_preload(self) -> bool:
        """Switch off the wish to have video ready before anybody views; tell whether it was on.

        It would keep a camera awake and cost a call every nine minutes, day and night, and video
        that is open can end a call that nobody has answered yet.
        """
        settings = await get_dynamic_camera_stream_settings(self.hass, self.entity_id)
        wished, settings.preload_stream = settings.preload_stream, False
        return wished


def class_for(device: Device) -> type[TuyaLinkCamera]:
    """Choose the class of a device's camera by what the device can do.

    Home Assistant concludes from the class how a camera streams: one that overrides
    `async_handle_async_webrtc_offer` shows native WebRTC and nothing else. So each way of
    streaming is a class of its own here, chosen once, never a switch within one.
    """
    return TuyaLinkStreamCamera if device.features.streams else TuyaLinkCamera

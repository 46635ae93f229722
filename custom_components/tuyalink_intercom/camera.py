"""Cameras: the newest picture at once, and live video where the device can.

A still never waits and never wakes a device. A camera is of one class for good: Home
Assistant concludes from the class how a camera streams.
"""

from collections.abc import Callable, Coroutine
from typing import override

from homeassistant.components.camera import Camera
from homeassistant.components.camera.const import CameraEntityFeature
from homeassistant.components.stream import Stream
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import TuyaLinkEntity, add_as_discovered, cloud_action
from .model.state import Device
from .runtime import TuyaLinkConfigEntry
from .streams import stream_address

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
        lambda device: [_class_for(device)(entry, device)] if device.features.captures else [],
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
        capture = self._captures.newest(self._device_id)
        if capture is None:
            return None
        self.content_type = capture.content_type
        return await self._captures.picture(capture)


class TuyaLinkStreamCamera(TuyaLinkCamera):
    """A camera whose live video can be viewed."""

    _attr_supported_features = CameraEntityFeature.STREAM
    _kind_is_enough = False

    @override
    async def stream_source(self) -> str | None:
        """Return a fresh address: each opens once, and only for half a minute."""
        if self._kind_is_enough:
            return _KIND_OF_ADDRESS
        return await cloud_action(stream_address(self.coordinator.cloud, self._device_id))

    @override
    async def _async_get_supported_webrtc_provider[T](
        self, fn: Callable[[HomeAssistant, Camera], Coroutine[None, None, T | None]]
    ) -> T | None:
        """Show providers the kind of address only: a real one costs a call and wakes the camera."""
        self._kind_is_enough = True
        try:
            return await super()._async_get_supported_webrtc_provider(fn)
        finally:
            self._kind_is_enough = False

    @override
    async def async_create_stream(self) -> Stream | None:
        """Return the running stream, or a new one: an address cannot be opened again."""
        if self.stream is not None and not self.stream.outputs():
            self.stream = None
        stream = await super().async_create_stream()
        if stream is not None:
            stream.set_update_callback(self._stream_changed)
        return stream

    @callback
    def _stream_changed(self) -> None:
        """Give up a stream that was cut: its worker would try the spent address for ever."""
        stream = self.stream
        if stream is None or stream.available:
            return
        self.stream = None
        stream.dynamic_stream_settings.preload_stream = False
        self.coordinator.config_entry.async_create_task(
            self.hass, stream.stop(), "tuyalink_intercom stream"
        )

    @override
    async def async_will_remove_from_hass(self) -> None:
        """End the stream with the entity."""
        await super().async_will_remove_from_hass()
        if self.stream is not None:
            await self.stream.stop()
            self.stream = None


def _class_for(device: Device) -> type[TuyaLinkCamera]:
    return TuyaLinkStreamCamera if device.features.streams else TuyaLinkCamera

"""Tells the user why a bell shows no pictures: only Tuya can open them, and does not for us.

Many devices tell a picture twice, sealed and readable; then there is nothing to explain.
"""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..coordinator import TuyaLinkCoordinator
from ..issues import async_close_hint, async_raise
from ..model.changes import CaptureKept, CaptureSealed, CaptureTaken, Change
from ..model.pictures import PictureForm

SEALED_PICTURES: Final = "sealed_pictures"
ISSUES: Final[Mapping[str, frozenset[str]]] = {
    SEALED_PICTURES: frozenset({"project", "devices"}),
}
"""The repair that may be raised here, and what its words name."""

_OTHER_CARRIER: Final = 60.0
"""A readable picture this close (s) to a sealed one is the same, told by another carrier."""
_WORTH_READING: Final = "pictures-that-only-tuya-can-open"


class SealedPictures:
    """Watches the pictures of one project while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._readable: dict[str, float] = {}
        """When each device last told of a picture that can be read (cloud time)."""
        self._doubted: dict[str, CALLBACK_TYPE] = {}
        """Devices with a sealed picture, until another carrier had its time."""
        self._named: set[str] = set()

    @callback
    def start(self) -> None:
        """Watch until the entry is unloaded: changed options may change what can be read."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._happened))
        self._entry.async_on_unload(self._stop)

    @callback
    def _happened(self, change: Change) -> None:
        match change:
            case CaptureSealed(device_id=device_id, live=True):
                self._doubt(device_id)
            case CaptureTaken(device_id=device_id, picture=picture):
                if picture.form is not PictureForm.SEALED:
                    self._read(device_id)
            case CaptureKept(device_id=device_id):
                self._read(device_id)
                if device_id in self._named:
                    self._named.discard(device_id)
                    self._show()

    def _doubt(self, device_id: str) -> None:
        now = self._coordinator.cloud.now()
        read = now - self._readable.get(device_id, 0.0) <= _OTHER_CARRIER
        if read or device_id in self._doubted or device_id in self._named:
            return

        @callback
        def believe(_now: object) -> None:
            del self._doubted[device_id]
            self._named.add(device_id)
            self._show()

        job = HassJob(believe, cancel_on_shutdown=True)
        self._doubted[device_id] = async_call_later(self._hass, _OTHER_CARRIER, job)

    def _read(self, device_id: str) -> None:
        devices = self._coordinator.data.devices
        self._readable[device_id] = self._coordinator.cloud.now()
        self._readable = {key: at for key, at in self._readable.items() if key in devices}
        if (cancel := self._doubted.pop(device_id, None)) is not None:
            cancel()

    def _show(self) -> None:
        devices = self._coordinator.data.devices
        names = sorted(devices[key].name for key in self._named if key in devices)
        if not names:
            async_close_hint(self._hass, self._entry, SEALED_PICTURES)
            return
        told = {"devices": ", ".join(names)}
        async_raise(self._hass, self._entry, SEALED_PICTURES, told=told, chapter=_WORTH_READING)

    @callback
    def _stop(self) -> None:
        for cancel in self._doubted.values():
            cancel()
        self._doubted.clear()
        async_close_hint(self._hass, self._entry, SEALED_PICTURES)

"""The published doors of a project, from set-up to unload."""

from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.start import async_at_started

from ..api import DeviceDraft, RegisteredDevice
from ..arrivals import Arrival, Source
from ..coordinator import TuyaLinkCoordinator
from ..model.publication import DEVICE_ID, PRODUCT_ID, Binding, Publication, Published
from .door import PublishedDoor

SUBENTRY_TYPE = "published_door"


class PublishedDoors:
    """The doors that a project's subentries publish."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self.doors: Mapping[str, PublishedDoor] = {
            subentry.subentry_id: PublishedDoor(
                hass,
                entry,
                coordinator,
                subentry.subentry_id,
                Publication.of(subentry.title, subentry.data),
            )
            for subentry in entry.get_subentries_of_type(SUBENTRY_TYPE)
        }
        """By the id of their subentry."""

    @callback
    def start(self) -> None:
        """Begin once Home Assistant has started: before, entities are only on their way."""
        self._entry.async_on_unload(self._coordinator.watch(self._arrived))
        self._entry.async_on_unload(async_at_started(self._hass, self._started))

    @callback
    def _started(self, _hass: HomeAssistant) -> None:
        for door in self.doors.values():
            self._entry.async_on_unload(door.start())

    async def register(self, publication: Publication) -> RegisteredDevice:
        """Make a door known to Tuya, or find it there; raises TuyaError."""
        draft = DeviceDraft(
            name=publication.name,
            product_id=publication.product_id,
            group_id=publication.group_id,
            has_qrcode=publication.binding is Binding.QR_CODE,
        )
        return await self._coordinator.cloud.cloud_to_cloud.register(publication.third_id, draft)

    @callback
    def _arrived(self, arrival: Arrival) -> None:
        if arrival.source is Source.TEST:
            return
        for door in self.doors.values():
            if door.publication.device_id == arrival.message.device_id:
                door.arrived(arrival)


def published_in(entry: ConfigEntry) -> Published:
    """Return what the subentries of a project publish."""
    found = entry.get_subentries_of_type(SUBENTRY_TYPE)
    return Published(
        devices=frozenset(one.data[DEVICE_ID] for one in found if one.data.get(DEVICE_ID)),
        products=frozenset(one.data[PRODUCT_ID] for one in found),
    )

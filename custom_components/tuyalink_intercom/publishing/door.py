"""One published door: its entities on one side, Tuya on the other."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..arrivals import Arrival
from ..coordinator import TuyaLinkCoordinator
from ..model.happenings import Happening
from ..model.publication import Publication
from ..model.thing_commands import command_of
from ..subscriptions import Subscriptions
from .desk import CommandDesk, Handled
from .reading import Reading
from .sender import Sender


class PublishedDoor:
    """A door while its entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        subentry_id: str,
        publication: Publication,
    ) -> None:
        self.subentry_id = subentry_id
        self.publication = publication
        self.reading = Reading(hass, publication)
        self.sender = Sender(hass, entry, coordinator.cloud, publication.device_id)
        self._handled = Subscriptions[Handled]()
        self.desk = CommandDesk(
            hass,
            entry,
            publication,
            self.reading,
            self.sender,
            now=coordinator.cloud.now,
            handled=lambda handled: self._handled.emit("", handled),
        )

    @callback
    def watch(self, listener: Callable[[Handled], None]) -> Callable[[], None]:
        """Tell a listener of every command that is over; returns its remover."""
        return self._handled.add(None, listener)

    @callback
    def start(self) -> Callable[[], None]:
        """Tell Tuya how the door is, and of every change; returns what ends it."""
        end = self.reading.watch(self._changed, self._happened)
        self._changed()
        return end

    @callback
    def arrived(self, arrival: Arrival) -> None:
        """Look at a message about the door: only commands are of interest."""
        if arrival.fresh and (command := command_of(arrival.message)) is not None:
            self.desk.take(command)

    def as_told(self) -> dict[str, Any]:
        """Return what is known of the publication, for diagnostics."""
        return {"sender": self.sender.as_told()}

    @callback
    def _changed(self) -> None:
        self.sender.be(online=self.reading.available)
        self.sender.report(self.reading.values())

    @callback
    def _happened(self, happening: Happening) -> None:
        self.sender.tell(happening)

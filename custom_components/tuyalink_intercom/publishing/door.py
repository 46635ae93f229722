"""One published door: its entities on one side, Tuya on the other."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..api import TuyaError
from ..arrivals import Arrival
from ..coordinator import TuyaLinkCoordinator
from ..kept.stores import Stores
from ..model.happenings import Happening
from ..model.publication import Publication, Role, Value
from ..model.thing_commands import command_of
from ..model.thing_model import ThingModel
from ..subscriptions import Subscriptions
from .answers import Answers
from .desk import CommandDesk, Handled
from .models import lacks
from .pictures import Pictures
from .reading import Reading
from .sender import Sender
from .troubles import Doing, Trouble, Troubles
from .unsent import Unsent

_AGAIN: Final = 600.0
"""Tuya's list may not know for a while what Tuya was told: it is not said at each poll (s)."""
_NAMED: Final = 10
"""Entities that a repair names."""


class PublishedDoor:
    """A door while its entry is loaded.

    `doubted` is told when a refusal casts doubt on what Tuya knows: of the device, of its model.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        stores: Stores,
        subentry_id: str,
        publication: Publication,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._stores = stores
        self.subentry_id = subentry_id
        self.publication = publication
        self.model = ThingModel()
        self.troubles = Troubles(
            hass, entry, publication.name, publication.third_id, publication.product_id
        )
        self.doubted: Callable[[Trouble, TuyaError], None] = lambda _trouble, _error: None
        self.reading = Reading(hass, entry, coordinator, publication)
        self._handled = Subscriptions[Handled]()
        self._shown = Subscriptions[None]()
        self._arrivals = Subscriptions[Arrival]()
        self._seen: tuple[bool, float] | None = None
        self._said_again = 0.0
        self.sender, self.desk = self._made()
        self._unsent = Unsent(
            hass, stores.publications, publication.third_id, lambda: self.sender.unsent
        )
        self.pictures = Pictures(
            hass,
            entry,
            publication,
            report=self._pictured,
            room=lambda: entry.runtime_data.pictures,
        )

    def _made(self) -> tuple[Sender, CommandDesk]:
        sender = Sender(
            self._hass,
            self._entry,
            self._coordinator,
            self.publication.device_id,
            model=lambda: self.model,
            urgent=self.publication.urgent,
            refused=self._refused,
            accepted=self._accepted,
        )
        desk = CommandDesk(
            self._hass,
            self._entry,
            self.publication,
            Answers(self._hass, self.publication, self.reading, sender, lambda: self.model),
            now=self._cloud_time,
            handled=lambda handled: self._handled.emit("", handled),
            done=self._stores.commands,
            model=lambda: self.model,
        )
        return sender, desk

    def _cloud_time(self) -> float | None:
        cloud = self._coordinator.cloud
        return cloud.now() if cloud.knows_time else None

    @property
    def trouble(self) -> Trouble | None:
        """What keeps it from working, the worst; `None`: nothing that is known."""
        return self.troubles.worst

    @property
    def seen_online(self) -> bool | None:
        """Whether Tuya takes it for online, by its list or as it was told last."""
        return self._seen and self._seen[0]

    @callback
    def watch(self, listener: Callable[[Handled], None]) -> Callable[[], None]:
        """Tell a listener of every command that is over; returns its remover."""
        return self._handled.add(None, listener)

    @callback
    def watch_arrivals(self, listener: Callable[[Arrival], None]) -> Callable[[], None]:
        """Tell a listener of every message about the door; returns its remover."""
        return self._arrivals.add(None, listener)

    @callback
    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Tell a listener when anything that is shown changed; returns its remover."""
        return self._shown.add(None, lambda _: listener())

    @callback
    def start(self) -> Callable[[], None]:
        """Tell Tuya how the door is, and of every change; returns what ends it."""
        ends = (self.reading.watch(self._changed, self._happened), self.pictures.watch())
        self.sender.hand_on(self._unsent.begin())
        self._changed()

        @callback
        def end() -> None:
            for one in ends:
                one()

        return end

    async def adopt(self, device_id: str) -> None:
        """Be known to Tuya by another id: all is told anew, and what it was not told yet."""
        old, desk = self.sender, self.desk
        self.publication = replace(self.publication, device_id=device_id)
        self.sender, self.desk = self._made()
        desk.close()
        self._seen = None
        self.sender.hand_on(old.unsent)
        self._changed()
        await old.close(away=False)

    @callback
    def end(self) -> None:
        """Begin nothing more; what Tuya was not told is kept."""
        self._unsent.end()
        self.desk.close()
        self.troubles.end()

    async def close(self, *, away: bool) -> None:
        """Send nothing more; `away`: but that the door is away."""
        await self.sender.close(away=away)

    @callback
    def arrived(self, arrival: Arrival) -> None:
        """Look at a message about the door: only commands are of interest here."""
        if (command := command_of(arrival.message)) is not None:
            self.troubles.close(Trouble.RULE)
            take = self.desk.take if arrival.fresh else self.desk.repeat
            take(command)
        self._arrivals.emit("", arrival)

    @callback
    def listed(self, asked: float, *, online: bool) -> None:
        """Take what Tuya's list of devices, `asked` for then, says; say again what differs."""
        if self._seen is not None and asked < self._seen[1]:
            return
        self._see(asked, online=online)
        told = self.sender.told_online
        if told is not None and told != online and asked >= self._said_again + _AGAIN:
            self._said_again = asked
            self.sender.be(online=self.reading.available, again=True)

    @callback
    def described(self, model: ThingModel) -> None:
        """Take the product's thing model."""
        before, self.model = self.model, model
        self.troubles.lacks(lacks(self.publication, model))
        if model != before:
            # What did not fit is told as it does.
            self._changed()
        self._shown.emit("", None)

    @callback
    def look_for_entities(self) -> None:
        """Say which of its entities are gone: what these told is as it was last in Tuya."""
        self.troubles.missing(", ".join(self.reading.missing[:_NAMED]))
        self._shown.emit("", None)

    @callback
    def rule_missing(self, *, missing: bool) -> None:
        """Take what was found of the message rule."""
        if missing:
            self.troubles.show(Trouble.RULE)
        else:
            self.troubles.close(Trouble.RULE)

    def as_told(self) -> dict[str, Any]:
        """Return what is known of the publication, for diagnostics."""
        return {
            "sender": self.sender.as_told(),
            "commands": dict(self.desk.counts),
            "troubles": self.troubles.as_told(),
            "model_known": self.model.known,
            "lacking": [*filter(None, lacks(self.publication, self.model).split(", "))],
            "seen_online": self.seen_online,
            "pictures": self.pictures.as_told(),
        }

    @callback
    def _changed(self) -> None:
        self.sender.be(online=self.reading.available)
        self.sender.report(self.reading.values())
        if self.troubles.has(Trouble.MISSING):
            self.look_for_entities()

    @callback
    def _happened(self, happening: Happening) -> None:
        self.sender.tell(happening)
        self._unsent.more()
        if happening.code == self.publication.code(Role.RING):
            self.pictures.rang()

    @callback
    def _pictured(self, values: Mapping[str, Value]) -> None:
        self.sender.report(values)

    @callback
    def _refused(self, error: TuyaError, doing: Doing) -> None:
        trouble = self.troubles.refused(error, doing)
        if doing is Doing.EVENT:
            self._unsent.fewer()
        if trouble in {Trouble.GONE, Trouble.MODEL}:
            self.doubted(trouble, error)
        self._shown.emit("", None)

    @callback
    def _accepted(self, doing: Doing) -> None:
        self.troubles.accepted(doing)
        if doing is Doing.EVENT:
            self._unsent.fewer()
        if doing is Doing.ONLINE and (told := self.sender.told_online) is not None:
            self._see(self._coordinator.cloud.now(), online=told)

    def _see(self, time: float, *, online: bool) -> None:
        before, self._seen = self.seen_online, (online, time)
        if before is not online:
            self._shown.emit("", None)

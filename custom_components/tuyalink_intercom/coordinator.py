"""The coordinator: holds the tree, takes pushed messages, reconciles by polling.

What happens comes through `receive` (both push transports), a poll, or by time (`calls`). State
goes into `data`; moments go once to those who subscribed to the device.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .api import Message, TuyaAuthError, TuyaCloud, TuyaError
from .arrivals import Arrival, Source
from .budget.account import Budget
from .budget.polling import Polling, breaker_of
from .const import CONF_EXCLUDED, DOMAIN
from .inventory import Inventory
from .kept.products import ProductStore
from .kept.remembered import RememberedFacts
from .kept.roster import Roster
from .model.budget import Pace
from .model.changes import Change, RegistryChanged
from .model.decode import decode
from .model.health import Rung
from .model.publication import Published
from .model.records import with_values
from .model.reduce import back_first, reduce
from .model.rehearsal import rehearsed
from .model.signs import Poll
from .model.state import AccessState, Device
from .people.registry import PersonRegistry
from .preferences import with_preferences
from .snapshot import Snapshot
from .subscriptions import Subscriptions
from .translated import translation_of

_LOGGER = logging.getLogger(__name__)

AUTH_GRACE = timedelta(minutes=10)
"""Running fine, refused keys are believed after this long: Tuya's gateways hiccup."""
_MISSED_POLLS = 3
"""After this many failed polls in a row nothing shown can be believed any more."""
_UNKNOWN_KINDS = 200
_SOON = 10.0
"""A poll that is overdue by a new pace comes after this (s): a line may only flicker."""
_FIRST_RETRY = 30.0
"""Started without the cloud, it is asked again after this (s), then after twice as long, and so on:
most outages are short, and until it answers nothing is known of any state."""


class TuyaLinkCoordinator(DataUpdateCoordinator[AccessState]):
    """The devices of one project, as last heard."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        cloud: TuyaCloud,
        inventory: Inventory,
        remembered: RememberedFacts,
        budget: Budget,
        people: PersonRegistry,
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=DOMAIN,
            always_update=False,
        )
        self.data = AccessState()
        self.cloud = cloud
        self.not_understood: Counter[str] = Counter()
        self.skipped = 0
        self.inventory = inventory
        self._remembered = remembered
        self.people = people
        self._subscriptions = Subscriptions[Change]()
        self._arrivals = Subscriptions[Arrival]()
        self._polls = Subscriptions[Poll]()
        self._missed = 0
        self._refused_since: float | None = None
        self._polled_at = 0.0
        self.polling = Polling(budget, breaker_of(entry))
        self.rung = Rung.DOUBTFUL
        self._retry = _FIRST_RETRY
        self.published = Published()
        """What Home Assistant publishes itself: nothing of it becomes a device here."""
        self.by_heart = False
        """Whether the devices are only remembered: the cloud has not answered since the start."""

    @property
    def known_flats(self) -> tuple[str, ...]:
        """Addresses that terminals called so far; empty while none did."""
        return tuple(sorted(self._remembered.flats))

    @property
    def reachable(self) -> bool:
        """Whether what is shown was confirmed by one of the last polls."""
        return self._missed < _MISSED_POLLS

    @property
    def asking_is_vain(self) -> bool:
        """Whether Tuya refuses everything for now: a call would only cost."""
        return self.polling.breaker.holding(self.cloud.now()) is not None

    async def async_begin(self, roster: Roster, products: ProductStore) -> None:
        """Ask the cloud for the devices; while it has no answer, begin with those of the roster.

        Raises ConfigEntryNotReady if there are none, ConfigEntryAuthFailed if keys are refused.
        """
        try:
            await self.async_config_entry_first_refresh()
        except ConfigEntryNotReady:
            excluded = self._excluded
            learned = self._remembered.learned
            known = roster.state(products, excluded=excluded, learned=learned)
            if not known.devices or not isinstance(self.last_exception, UpdateFailed):
                raise
            self._begin_by_heart(known, self.last_exception)

    @property
    def _excluded(self) -> frozenset[str]:
        left_out = self.config_entry.options.get(CONF_EXCLUDED, ())
        return self.published.devices.union(left_out)

    def _begin_by_heart(self, known: AccessState, error: UpdateFailed) -> None:
        _LOGGER.warning(
            "Tuya's cloud has no answer (%s): starting with the %d devices known from before",
            error.translation_key,
            len(known.devices),
        )
        self.by_heart = True
        self._missed = _MISSED_POLLS
        self.inventory.names = {key: device.name for key, device in known.devices.items()}
        fresh = known.devices.keys()
        known = self.people.recalled(self._remembered.recalled(known, fresh), fresh)
        self.data = with_preferences(known, self.config_entry.options)
        self.update_interval = self._interval()

    @callback
    def receive(self, message: Message, source: Source = Source.QUEUE) -> None:
        """Take one message from any transport; a repeat is a no-op."""
        now = self.cloud.now()
        fresh = self._remembered.first_time(message.ids)
        changes: tuple[Change, ...] = ()
        if fresh:
            changes = decode(message, self.data, now, self._count)
            if source is Source.TEST:
                changes = rehearsed(changes)
            else:
                self._heard()
            self.take(changes)
        arrival = Arrival(message=message, source=source, time=now, fresh=fresh, changes=changes)
        self._arrivals.emit(message.device_id, arrival)

    def _heard(self) -> None:
        """Believe again what is shown, before anything new is: triggers ignore what comes first."""
        lost, self._missed = not self.reachable, 0
        if lost:
            self.async_update_listeners()

    @callback
    def watch(self, listener: Callable[[Arrival], None]) -> Callable[[], None]:
        """Tell a listener of every message that comes, repeats too; returns its remover."""
        return self._arrivals.add(None, listener)

    @callback
    def watch_polls(self, listener: Callable[[Poll], None]) -> Callable[[], None]:
        """Tell a listener what each poll found; returns its remover."""
        return self._polls.add(None, listener)

    @callback
    def take(self, changes: Sequence[Change]) -> None:
        """Remember, show and tell what happened."""
        changes = self.people.heard(changes, self.data)
        self._remembered.keep(changes)
        # Triggers ignore a change that comes straight from "unavailable", so the old state is
        # shown once more before the new one.
        for part in back_first(changes):
            self._publish(reduce(self.data, part))
        for change in changes:
            self._emit(change)

    @callback
    def subscribe(
        self, device_id: str | None, listener: Callable[[Change], None]
    ) -> Callable[[], None]:
        """Hand the changes of a device, or of all, to a listener; returns its remover."""
        return self._subscriptions.add(device_id, listener)

    @callback
    def pushing(self, rung: Rung) -> None:
        """Poll slowly while messages arrive, faster while they may not."""
        if rung is Rung.FRESH and self.rung is not Rung.FRESH:
            self.polling.back(self.data, self.cloud.now())
        self.rung = rung
        before, interval = self.update_interval, self._interval()
        if before is not None and interval < before:
            # Counted from the last poll: a flickering line must not put the next one off for ever.
            waited = self.cloud.now() - self._polled_at
            self.update_interval = max(interval - timedelta(seconds=waited), timedelta(0))
            self.update_interval += timedelta(seconds=_SOON)
            self._schedule_refresh()
        self.update_interval = interval

    def _interval(self) -> timedelta:
        pace = self._pace(self.cloud.now()).poll
        eager = self.by_heart and not self.asking_is_vain
        return timedelta(seconds=min(pace, self._retry) if eager else pace)

    def _pace(self, now: float) -> Pace:
        return self.polling.pace(self.rung, self.data, self.skipped, now)

    @override
    async def _async_update_data(self) -> AccessState:
        now = self.cloud.now()
        if (refusal := self.polling.breaker.holding(now)) is not None:
            raise self._paused(refusal)
        self._polled_at = now
        shadows = self.polling.shadows_due(self._pace(now).shadows, now)
        try:
            snapshot = await self.inventory.read(
                # What is only remembered is described anew, as at any start.
                None if self.by_heart else self.data,
                excluded=self._excluded,
                products_excluded=self.published.products,
                learned=self._remembered.learned,
                shadows=shadows,
            )
        except TuyaAuthError as error:
            raise self._refused(error) from None
        except TuyaError as error:
            if self.polling.breaker.tried(error, now):
                raise self._paused(error) from None
            self._unanswered()
            raise UpdateFailed(retry_after=error.retry_after, **translation_of(error)) from None
        self.polling.breaker.tried(None, now)
        if shadows:
            self.polling.shadows_read(now)
        restored = self._taken_in(snapshot, now)
        self.update_interval = self._interval()
        return restored

    def _taken_in(self, snapshot: Snapshot, now: float) -> AccessState:
        """Take in what a poll found."""
        self._missed = 0
        self._refused_since = None
        self.by_heart = False
        self.skipped = snapshot.skipped
        # A door may have been published while the cloud was asked.
        merged = snapshot.without(self.published).merged(self.data)
        self._polls.emit("", Poll(time=now, before=self.data, after=merged))
        fresh = merged.devices.keys() - self.data.devices.keys()
        restored = self.people.restored(self._remembered.restored(merged, fresh), fresh)
        restored = with_preferences(restored, self.config_entry.options)
        self._remove_stale(restored)
        return restored

    def _unanswered(self) -> None:
        if not self.by_heart:
            self._miss()
            return
        # Polls have confirmed nothing yet that this could cast doubt on.
        self._retry *= 2
        self.update_interval = self._interval()

    def _paused(self, refusal: TuyaError) -> Exception:
        """Tell why nothing is asked; what messages keep up to date stays believed."""
        if self.rung is not Rung.FRESH:
            self._miss()
        if self.by_heart:
            self.update_interval = self._interval()
        return UpdateFailed(**translation_of(refusal))

    async def async_read_device(self, device_id: str) -> None:
        """Read the values of one device now; keep what is known if the cloud does not answer."""
        asked = self.cloud.now()
        device = self.device(device_id)
        if device is None or self.asking_is_vain:
            return
        try:
            rows = await self.inventory.values_of(device)
        except TuyaError:
            return
        if (device := self.device(device_id)) is not None:
            devices = {**self.data.devices, device_id: with_values(device, rows, asked)}
            self._publish(replace(self.data, devices=devices))

    def _refused(self, error: TuyaAuthError) -> Exception:
        """Doubt refused keys while they worked a moment ago."""
        self._miss()
        now = self.cloud.now()
        self._refused_since = self._refused_since or now
        if self.data.devices and now - self._refused_since < AUTH_GRACE.total_seconds():
            return UpdateFailed(**translation_of(error))
        return ConfigEntryAuthFailed(**translation_of(error))

    def _miss(self) -> None:
        self._missed += 1
        if self._missed == _MISSED_POLLS:
            # The base class told its listeners at the first failure only.
            self.async_update_listeners()

    def _publish(self, data: AccessState) -> None:
        """Show new data without touching the poll timer: the base class would put it off."""
        if data != self.data:
            self.data = data
            self.async_update_listeners()

    def _emit(self, change: Change) -> None:
        if isinstance(change, RegistryChanged) and change.device_id not in self.published.devices:
            self.config_entry.async_create_task(
                self.hass, self.async_request_refresh(), "tuyalink_intercom list"
            )
        self._subscriptions.emit(change.device_id, change)

    def _count(self, name: str) -> None:
        """Count what was not understood; a flood of names is one name."""
        if name not in self.not_understood and len(self.not_understood) >= _UNKNOWN_KINDS:
            name = "more"
        self.not_understood[name] += 1

    @callback
    def _remove_stale(self, data: AccessState) -> None:
        """Take devices out of the registry that left the project or are left to others."""
        registry = dr.async_get(self.hass)
        entry = self.config_entry
        kept = {*data.devices, *entry.subentries, entry.unique_id, entry.entry_id}
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            if not any(domain == DOMAIN and key in kept for domain, key in device.identifiers):
                registry.async_remove_device(device.id)

    def device(self, device_id: str) -> Device | None:
        """Return a device, `None` once it left the project."""
        return self.data.devices.get(device_id)

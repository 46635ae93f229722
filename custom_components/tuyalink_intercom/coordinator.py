"""The coordinator: holds the tree, takes pushed messages, reconciles by polling.

What happens comes through `receive` (both push transports), a poll, or by time (`calls`). State
goes into `data`; moments go once to those who subscribed to the device.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .api import Message, TuyaAuthError, TuyaCloud, TuyaError
from .arrivals import Arrival, Source
from .const import (
    CONF_EXCLUDED,
    DOMAIN,
    POLL_BESIDE_PUSH,
    POLL_WITHOUT_PUSH,
    SHADOW_MINUTES_PER_DEVICE,
    SHADOWS_BESIDE_PUSH,
)
from .inventory import Inventory
from .model.changes import Change, OnlineChanged, RegistryChanged
from .model.decode import decode
from .model.records import with_values
from .model.reduce import reduce
from .model.state import AccessState, Device
from .preferences import with_preferences
from .remembered import RememberedFacts
from .subscriptions import Subscriptions
from .translated import translation_of

_LOGGER = logging.getLogger(__name__)

AUTH_GRACE = timedelta(minutes=10)
"""Running fine, refused keys are believed after this long: Tuya's gateways hiccup."""
_MISSED_POLLS = 3
"""After this many failed polls in a row nothing shown can be believed any more."""
_UNKNOWN_KINDS = 200


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
    ) -> None:
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=DOMAIN,
            update_interval=POLL_WITHOUT_PUSH,
            always_update=False,
        )
        self.data = AccessState()
        self.cloud = cloud
        self.not_understood: Counter[str] = Counter()
        self.skipped = 0
        self.inventory = inventory
        self._remembered = remembered
        self._subscriptions = Subscriptions[Change]()
        self._arrivals = Subscriptions[Arrival]()
        self._missed = 0
        self._refused_since: float | None = None
        self._shadows_at = 0.0
        self._pushed = False

    @property
    def reachable(self) -> bool:
        """Whether what is shown was confirmed by one of the last polls."""
        return self._missed < _MISSED_POLLS

    @callback
    def receive(self, message: Message, source: Source = Source.QUEUE) -> None:
        """Take one message from any transport; a repeat is a no-op."""
        now = self.cloud.now()
        fresh = self._remembered.first_time(message.ids)
        changes: tuple[Change, ...] = ()
        if fresh:
            self._missed = 0
            changes = decode(message, self.data, now, self._count)
            self.take(changes)
        arrival = Arrival(message=message, source=source, time=now, fresh=fresh, changes=changes)
        self._arrivals.emit(message.device_id, arrival)

    @callback
    def watch(self, listener: Callable[[Arrival], None]) -> Callable[[], None]:
        """Tell a listener of every message that comes, repeats too; returns its remover."""
        return self._arrivals.add(None, listener)

    @callback
    def take(self, changes: Sequence[Change]) -> None:
        """Remember, show and tell what happened."""
        self._remembered.keep(changes)
        # Triggers ignore a change that comes straight from "unavailable", so the old state is
        # shown once more before the new one.
        for part in _back_first(changes):
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
    def pushing(self, *, healthy: bool) -> None:
        """Poll slowly while messages arrive, faster while they do not."""
        if healthy and not self._pushed:
            # What happened while nothing arrived is only known by asking.
            self._shadows_at = 0.0
        self._pushed = healthy
        interval = POLL_BESIDE_PUSH if healthy else POLL_WITHOUT_PUSH
        if interval != self.update_interval:
            self.update_interval = interval
            self._schedule_refresh()

    @override
    async def _async_update_data(self) -> AccessState:
        now = self.cloud.now()
        shadows = now - self._shadows_at >= self._shadow_interval()
        try:
            snapshot = await self.inventory.read(
                self.data,
                excluded=self.config_entry.options.get(CONF_EXCLUDED, ()),
                learned=self._remembered.learned,
                shadows=shadows,
            )
        except TuyaAuthError as error:
            raise self._refused(error) from None
        except TuyaError as error:
            self._miss()
            raise UpdateFailed(retry_after=error.retry_after, **translation_of(error)) from None
        if shadows:
            self._shadows_at = now
        self._missed = 0
        self._refused_since = None
        self.skipped = snapshot.skipped
        merged = snapshot.merged(self.data)
        fresh = merged.devices.keys() - self.data.devices.keys()
        restored = self._remembered.restored(merged, fresh)
        restored = with_preferences(restored, self.config_entry.options)
        self._remove_stale(restored)
        return restored

    async def async_read_device(self, device_id: str) -> None:
        """Read the values of one device now; keep what is known if the cloud does not answer."""
        if (device := self.device(device_id)) is None:
            return
        asked = self.cloud.now()
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

    def _shadow_interval(self) -> float:
        """Return seconds between reads of values that only the shadow tells, a call each."""
        if self._pushed:
            return SHADOWS_BESIDE_PUSH.total_seconds()
        custom = sum(device.codes.custom for device in self.data.devices.values())
        return custom * SHADOW_MINUTES_PER_DEVICE * 60.0

    def _publish(self, data: AccessState) -> None:
        """Show new data without touching the poll timer: the base class would put it off."""
        if data != self.data:
            self.data = data
            self.async_update_listeners()

    def _emit(self, change: Change) -> None:
        if isinstance(change, RegistryChanged):
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
        kept = {*data.devices, entry.unique_id, entry.entry_id}
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            if not any(domain == DOMAIN and key in kept for domain, key in device.identifiers):
                registry.async_remove_device(device.id)

    def device(self, device_id: str) -> Device | None:
        """Return a device, `None` once it left the project."""
        return self.data.devices.get(device_id)


def _back_first(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Part the changes where a device comes back online before it tells something."""
    match changes:
        case [OnlineChanged(online=True) as back, *rest] if rest:
            yield (back,)
            yield rest
        case _:
            yield changes

"""Doors as locks: bolts that report themselves, and strikes that are released for a moment."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.lock import LockEntity
from homeassistant.components.lock.const import LockEntityFeature
from homeassistant.const import ATTR_CODE
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .call_control import stop_ringing
from .const import CONF_APP_UID, DOMAIN
from .doors.guard import guard_of
from .doors.options import DoorOptions
from .doors.safety import DoorSafety
from .doors.view import Moving
from .doors.ways import Opening
from .entity import TuyaLinkEntity, add_as_discovered
from .model.changes import BoltReported, Change, Opened, PersonNamed
from .model.context import LIVE
from .model.doors import Door
from .model.registry import stand_in
from .model.state import Device, Fact
from .model.strategies import Allowed, Strategy, strategies_for
from .runtime import TuyaLinkConfigEntry

PARALLEL_UPDATES = 0
"""Presses at one door join each other here; different doors never wait for one another."""

ATTR_STRATEGY: Final = "strategy"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: TuyaLinkConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the doors of all devices."""
    add_as_discovered(
        entry,
        async_add_entities,
        lambda device: [TuyaLinkLock(entry, device, door) for door in device.features.doors],
    )


class TuyaLinkLock(TuyaLinkEntity, LockEntity):
    """One door."""

    _unrecorded_attributes = frozenset({ATTR_STRATEGY})

    def __init__(self, entry: TuyaLinkConfigEntry, device: Device, door: Door) -> None:
        super().__init__(entry, device, door.key)
        self._entry = entry
        self._door_key = door.key
        if door.name:
            self._attr_name = door.name
        else:
            self._attr_translation_key = "door" if door.number == 1 else "door_number"
            self._attr_translation_placeholders = {"number": str(door.number)}
        unique_id = f"{device.id}_{door.key}"
        self._options = DoorOptions.of(entry.options, unique_id)
        self._safety = DoorSafety(entry.runtime_data.coordinator.hass, unique_id, self._options)
        self._attr_code_format = self._safety.code_format
        self._attr_assumed_state = door.momentary
        if door.momentary:
            self._attr_supported_features = LockEntityFeature.OPEN
        self._guard = guard_of(self.coordinator.hass, entry, unique_id)

    @property
    def _door(self) -> Door:
        door = self._device.door(self._door_key)
        if door is None:
            raise ValueError(self._door_key)
        return door

    @property
    @override
    def available(self) -> bool:
        """A press is tried even if the cloud has not answered yet: it answers by what it does."""
        if super().available:
            return True
        device = self.coordinator.device(self._device_id)
        return self.coordinator.by_heart and device is not None and device.online is not False

    @property
    @override
    def is_locked(self) -> bool | None:
        """A momentary door is locked unless it was just released."""
        if self._attr_assumed_state:
            return not self._guard.released
        reading = self._device.bolts.get(self._door_key)
        if reading is None or reading.value is None:
            return None
        return bool(reading.value) is self._options.inverted

    @property
    @override
    def is_open(self) -> bool:
        """Whether the door was released by "open"."""
        return self._attr_assumed_state and self._guard.released and self._guard.as_open

    @property
    @override
    def changed_by(self) -> str | None:
        """Who or what opened it last."""
        return self._guard.changed_by

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """The way that would be tried first; none where it cannot be opened from afar."""
        return {ATTR_STRATEGY: next((way.value for way in self._strategies()), None)}

    @override
    async def async_added_to_hass(self) -> None:
        """Join what the door was doing before this entity was there."""
        await super().async_added_to_hass()
        self._guard.attach(self)

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Leave the door to the entity that comes next."""
        self._guard.detach(self)
        await super().async_will_remove_from_hass()

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        """Open the door."""
        await self._open(kwargs.get(ATTR_CODE), as_open=False)

    @override
    async def async_open(self, **kwargs: Any) -> None:
        """Release the strike."""
        await self._open(kwargs.get(ATTR_CODE), as_open=True)

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        """Lock a bolt; a strike locks by itself."""
        await self._safety.allow_locking(kwargs.get(ATTR_CODE))
        if not self._door.momentary:
            await self._guard.lock(self._opening())
        elif self._guard.released:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="locks_by_itself"
            )

    async def _open(self, code: str | None, *, as_open: bool) -> None:
        """Send one release, if the owner lets this user; raise translated errors."""
        await self._safety.allow(code, self._context)
        opening = self._opening(code if self._options.own_password else None)
        if not await self._guard.open(opening, as_open=as_open):
            return
        self._safety.opened()
        self._entry.async_create_background_task(
            self.hass, stop_ringing(self.coordinator, self._device), f"{DOMAIN} stop ringing"
        )

    def _opening(self, password: str | None = None) -> Opening:
        return Opening(
            hass=self.hass,
            entry=self._entry,
            coordinator=self.coordinator,
            device=self._device,
            door=self._door,
            strategies=self._strategies(),
            relock=self._relock,
            person=self._entry.options.get(CONF_APP_UID, ""),
            password=password or "",
        )

    def _strategies(self) -> tuple[Strategy, ...]:
        device, options = self._device, self._options
        return strategies_for(
            device,
            self._door,
            now=self.coordinator.cloud.now(),
            allowed=Allowed(remote_key=options.remote_key, own_password=options.own_password),
            experience=self._guard.experience(device),
        )

    @property
    def _relock(self) -> float:
        """Seconds for which it is released: the device's own, else the owner's."""
        told = self._device.readings.get(Fact.RELOCK_TIME)
        seconds = told.value if told and isinstance(told.value, int) else None
        return seconds or self._options.relock

    def stands(self, *, unlocked: bool) -> bool:
        """Whether its bolt is reported to be so."""
        return not self._attr_assumed_state and self.is_locked is (not unlocked)

    @callback
    def show(self) -> None:
        """Write the state."""
        moving = self._guard.moving
        self._attr_is_opening = moving is Moving.OPENING
        self._attr_is_unlocking = moving is Moving.UNLOCKING
        self._attr_is_locking = moving is Moving.LOCKING
        self.async_write_ha_state()

    async def read(self) -> None:
        """Ask the cloud for the state."""
        await self.coordinator.async_read_device(self._device_id)

    def _is_past(self, change: BoltReported) -> bool:
        told = change.time if change.seen is None else change.seen
        return self.coordinator.cloud.now() - told > LIVE

    @override
    @callback
    def _happened(self, change: Change) -> None:
        match change:
            case BoltReported(unlocked=unlocked) if change.door == self._door_key:
                if self._is_past(change):
                    # A backlog confirms no press of now.
                    return
                self._guard.told(unlocked=unlocked is not self._options.inverted)
            case PersonNamed(person=person, name=name):
                self._guard.named(person, name or stand_in(person))
            case Opened(live=True) if change.door == self._door_key:
                by = change.by or (change.method.value if change.method else None)
                relock = self._relock if self._door.momentary else None
                self._guard.opened(by, change.by_key, relock=relock)
                self.async_write_ha_state()

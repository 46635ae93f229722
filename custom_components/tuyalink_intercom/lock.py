"""Doors as locks: bolts that report themselves, and strikes that are released for a moment."""

import asyncio
from typing import Any, override

from homeassistant.components.lock import LockEntity
from homeassistant.components.lock.const import LockEntityFeature
from homeassistant.const import ATTR_CODE
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .call_control import stop_ringing
from .const import CONF_APP_UID, DOMAIN
from .doors.opening import UncertainError, lock_door, open_door, succeeded
from .doors.options import DoorOptions
from .doors.safety import DoorSafety
from .entity import TuyaLinkEntity, add_as_discovered
from .model.changes import BoltReported, Change, Opened, PersonNamed
from .model.doors import Door
from .model.state import Device, Fact
from .runtime import TuyaLinkConfigEntry

PARALLEL_UPDATES = 0
"""Presses at one door join each other here; different doors never wait for one another."""

CONFIRMATION = 10.0
"""A door that reports its openings has this long (s) to report ours."""


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
        self._press: asyncio.Future[None] | None = None
        self._awaited: asyncio.Future[bool] | None = None
        self._target_unlocked = True
        self._as_open = False
        self._relock: CALLBACK_TYPE | None = None
        self._changed_by: str | None = None

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
            return self._relock is None
        reading = self._device.bolts.get(self._door_key)
        if reading is None or reading.value is None:
            return None
        return bool(reading.value) is self._options.inverted

    @property
    @override
    def is_open(self) -> bool:
        """Whether the door was released by "open"."""
        return self._relock is not None and self._as_open

    @property
    @override
    def changed_by(self) -> str | None:
        """Who or what opened it last."""
        return self._changed_by

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        """Open the door."""
        await self._allow(kwargs)
        await self._press_once(as_open=False)

    @override
    async def async_open(self, **kwargs: Any) -> None:
        """Release the strike."""
        await self._allow(kwargs)
        await self._press_once(as_open=True)

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        """Lock a bolt; a strike locks by itself."""
        if self._door.momentary:
            if self._relock is not None:
                raise ServiceValidationError(
                    translation_domain=DOMAIN, translation_key="locks_by_itself"
                )
            return
        await self._act(unlock=False)

    async def _allow(self, asked: dict[str, Any]) -> None:
        """Raise a translated error where the owner does not let this user open now."""
        await self._safety.allow(asked.get(ATTR_CODE), self._context)

    async def _press_once(self, *, as_open: bool) -> None:
        """Send one release; a press while one is under way or in effect joins it."""
        if self._press is not None:
            await asyncio.shield(self._press)
            return
        if self._relock is not None:
            return
        self._as_open = as_open
        self._press = self.hass.loop.create_future()
        try:
            await self._act(unlock=True)
        except HomeAssistantError as error:
            self._press.set_exception(error)
            # Retrieved here, so that nobody's having joined is no "never retrieved" error.
            self._press.exception()
            raise
        else:
            self._press.set_result(None)
            self._entry.async_create_background_task(
                self.hass, stop_ringing(self.coordinator, self._device), f"{DOMAIN} stop ringing"
            )
        finally:
            if not self._press.done():
                self._press.cancel()
            self._press = None

    async def _act(self, *, unlock: bool) -> None:
        """Send a command and wait for the device's word where it gives one."""
        self._show_moving(unlock=unlock)
        self._target_unlocked = unlock
        # Listening starts before the command: a fast device reports before Tuya answers.
        self._awaited = self.hass.loop.create_future()
        try:
            sn = await self._send(unlock=unlock)
            if self._door.reports and not self._already(unlock=unlock):
                await self._confirm(sn)
            if unlock and self._door.momentary and self._relock is None:
                self._release()
        finally:
            self._awaited = None
            self._show_moving(unlock=None)

    async def _send(self, *, unlock: bool) -> str | None:
        cloud, device, door = self.coordinator.cloud, self._device, self._door
        try:
            if unlock:
                person = self._entry.options.get(CONF_APP_UID, "")
                return await open_door(cloud, device, door, person)
            await lock_door(cloud, device, door)
        except UncertainError:
            if not door.reports:
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="no_answer_may_have_opened"
                ) from None
            # The door itself will tell.
        return None

    async def _confirm(self, sn: str | None) -> None:
        """Wait for the door's own report; without one say so, and read its state once."""
        awaited = self._awaited
        if awaited is None:
            return

        @callback
        def too_late(_now: object) -> None:
            if not awaited.done():
                awaited.set_result(False)

        cancel = async_call_later(self.hass, CONFIRMATION, HassJob(too_late))
        try:
            confirmed = await awaited
        finally:
            cancel()
        if confirmed or (sn and await succeeded(self.coordinator.cloud, sn)):
            return
        await self.coordinator.async_read_device(self._device_id)
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_confirmed")

    def _already(self, *, unlock: bool) -> bool:
        """Whether a bolt was where it should go, so that no report need come."""
        return not self._door.momentary and self.is_locked is (not unlock)

    @override
    @callback
    def _happened(self, change: Change) -> None:
        match change:
            case BoltReported(unlocked=unlocked) if change.door == self._door_key:
                self._confirmed(unlocked=unlocked is not self._options.inverted)
            case PersonNamed(person=person, name=name) if name and person == self._changed_by:
                self._changed_by = name
                self.async_write_ha_state()
            case Opened(live=True) if change.door == self._door_key:
                self._changed_by = change.by or (change.method.value if change.method else None)
                if self._door.momentary:
                    # The report of our own release may come late: it stays what it was.
                    if self._press is None and self._relock is None:
                        self._as_open = False
                    self._release()
                self._confirmed(unlocked=True)
                self.async_write_ha_state()

    def _confirmed(self, *, unlocked: bool) -> None:
        awaited = self._awaited
        if awaited is not None and not awaited.done() and unlocked is self._target_unlocked:
            awaited.set_result(True)

    def _release(self) -> None:
        """Show the door released, and locked again after its own time."""
        if self._relock is not None:
            self._relock()
        told = self._device.readings.get(Fact.RELOCK_TIME)
        seconds = told.value if told and isinstance(told.value, int) else None
        wait = seconds or self._options.relock
        self._relock = async_call_later(self.hass, wait, HassJob(self._relocked))
        self._attr_is_unlocking = self._attr_is_opening = False
        self.async_write_ha_state()

    @callback
    def _relocked(self, _now: object) -> None:
        self._relock = None
        self._as_open = False
        self.async_write_ha_state()

    def _show_moving(self, *, unlock: bool | None) -> None:
        momentary_open = self._as_open and unlock is True
        self._attr_is_opening = momentary_open
        self._attr_is_unlocking = unlock is True and not momentary_open
        self._attr_is_locking = unlock is False
        self.async_write_ha_state()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """End the timer with the entity."""
        if self._relock is not None:
            self._relock()
            self._relock = None

"""Whose a lock's credentials are: names by number, read now and then in the background.

Locks tell the number of a finger or a card. Tuya's lock service knows whose it is, where
the owner said so in the app. Read well after set-up, weekly, and when a number is new.
"""

from collections.abc import AsyncIterator, Awaitable, Iterator
from datetime import datetime, timedelta
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import JsonObject, Reason, TuyaCommandError, TuyaConnectionError, TuyaError
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..kept.remembered import RememberedFacts
from ..model.changes import Change, Passed, PersonNamed
from ..model.people import SlotOwner, key_of, slot_owners
from ..model.registry import Origin
from ..model.state import Device, World

_LOGGER = logging.getLogger(__name__)

_AFTER_SET_UP = 60.0
_APART = 15.0
_WEEK = timedelta(weeks=1).total_seconds()
_DAY = timedelta(days=1).total_seconds()
_HOUR = 3600.0
_LOOK_BACK = timedelta(days=30).total_seconds()
_NEW_NUMBERS = 200
type Rows = list[JsonObject]

_LOCKS = frozenset({World.LOCK, World.CONTROLLER})
_REFUSED = ""


class LockNames:
    """Reads the names of one project's locks while its entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        remembered: RememberedFacts,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._remembered = remembered
        self._not_before = coordinator.cloud.now() + _AFTER_SET_UP
        self._new: dict[str, None] = {}
        """Locks that told a number that nobody is known for."""
        self._numbers: dict[tuple[str, str], None] = {}
        """Such numbers: each is asked for once."""
        self._reading = False
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self._due, f"{DOMAIN} names", cancel_on_shutdown=True)

    @callback
    def start(self) -> None:
        """Read names until the entry is unloaded."""
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._happened))
        self._entry.async_on_unload(self._stop)
        self._wind()

    @callback
    def _happened(self, change: Change) -> None:
        if not isinstance(change, Passed) or change.slot is None or not change.live:
            return
        device = self._coordinator.device(change.device_id)
        key = key_of(change.method, change.slot)
        number = (change.device_id, key)
        if device is None or device.world not in _LOCKS or key in device.people:
            return
        if number not in self._numbers:
            self._numbers[number] = None
            while len(self._numbers) > _NEW_NUMBERS:
                del self._numbers[next(iter(self._numbers))]
            self._new[device.id] = None
            self._not_before = max(self._not_before, self._coordinator.cloud.now() + _APART)
            self._stop()
            self._wind()

    def _dues(self) -> Iterator[tuple[float, str]]:
        """Yield when each lock's names are to be read."""
        refused = self._remembered.names_read.get(_REFUSED)
        start = self._not_before if refused is None else max(self._not_before, refused + _DAY)
        for device in self._coordinator.data.devices.values():
            if device.world in _LOCKS and device.features.accesses:
                read = self._remembered.names_read.get(device.id)
                again = _HOUR if device.id in self._new else _WEEK
                yield max(start, 0.0 if read is None else read + again), device.id

    @callback
    def _wind(self) -> None:
        if not self._reading and self._cancel is None:
            now = self._coordinator.cloud.now()
            # A lock that comes to the project meanwhile is seen at the latest in a day.
            first = min((at for at, _ in self._dues()), default=now + _DAY)
            delay = min(max(first - now, 0.0), _DAY)
            self._cancel = async_call_later(self._hass, delay, self._job)

    @callback
    def _due(self, _now: datetime) -> None:
        self._cancel = None
        first, device_id = min(self._dues(), default=(0.0, ""))
        now = self._coordinator.cloud.now()
        if self._coordinator.asking_is_vain:
            self._not_before = first = now + _HOUR
        if not device_id or first > now:
            self._wind()
            return
        self._reading = True
        self._entry.async_create_background_task(
            self._hass, self._read(device_id), f"{DOMAIN} names"
        )

    async def _read(self, device_id: str) -> None:
        now = self._coordinator.cloud.now()
        self._not_before = now + _APART
        try:
            owners = await self._owners(device_id, now)
        except TuyaConnectionError:
            self._not_before = now + _HOUR
        except TuyaError as error:
            _LOGGER.debug("Names of lock users are not to be had: %s", error)
            self._remembered.names_were_read(_REFUSED, now)
        else:
            self._remembered.names_were_read(device_id, now)
            self._new.pop(device_id, None)
            if (device := self._coordinator.device(device_id)) is not None:
                self._coordinator.take([*_news(device, owners, now)])
        self._reading = False
        self._wind()

    async def _owners(self, device_id: str, now: float) -> dict[str, SlotOwner]:
        """Ask both calls that know names; a lock that only one of them suits has the other's."""
        cloud = self._coordinator.cloud
        users = await _told(cloud.access.lock_users(device_id))
        newest = cloud.records.openings(device_id, now - _LOOK_BACK, now, most_pages=1)
        return slot_owners(users, await _told(_rows(newest)))

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None


async def _rows(pages: AsyncIterator[Rows]) -> Rows:
    return [row async for page in pages for row in page]


async def _told(call: Awaitable[Rows]) -> Rows:
    """Await rows; there are none if the lock has them not, or Tuya tells them in another shape."""
    try:
        return await call
    except TuyaError as error:
        if isinstance(error, TuyaCommandError) or error.reason is Reason.MALFORMED_ANSWER:
            return []
        raise


def _news(device: Device, owners: dict[str, SlotOwner], now: float) -> Iterator[Change]:
    """Tell the persons, then whose the numbers are."""
    persons = {owner.person: owner.name for owner in owners.values() if owner.person}
    told = {**{key: SlotOwner(name) for key, name in persons.items()}, **owners}
    for key, owner in told.items():
        yield PersonNamed(
            device_id=device.id,
            time=now,
            person=key,
            name=owner.name,
            origin=Origin.LOCK_USERS,
            holder=owner.person,
        )

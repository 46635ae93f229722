"""Who belongs to a project's groups of doors and its face database, read weekly.

Only newer projects of building terminals have these; where Tuya refuses, it is left alone for a
day. What it tells are names of persons, who are the same at every terminal.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..api import JsonObject, TuyaConnectionError, TuyaError
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import PersonNamed
from ..model.people import member
from ..model.registry import Origin
from ..model.state import World
from ..model.values import text

_LOGGER = logging.getLogger(__name__)

_AFTER_SET_UP = 6 * 3600.0
"""Long after what users wait for: a restart or a short outage costs no call of these."""
_WEEK = timedelta(weeks=1).total_seconds()
_DAY = timedelta(days=1).total_seconds()
_HOUR = 3600.0
_GROUPS = 20
_READ, _REFUSED = "terminals", "terminals_refused"


class TerminalNames:
    """Reads the names of one project while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._people = coordinator.people
        self._not_before = coordinator.cloud.now() + _AFTER_SET_UP
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self._due, f"{DOMAIN} persons", cancel_on_shutdown=True)

    @callback
    def start(self) -> None:
        """Read names until the entry is unloaded."""
        self._entry.async_on_unload(self._stop)
        self._wind()

    @property
    def _wait(self) -> float:
        """Seconds until names are to be read; none or less: now."""
        read = self._people.read
        times = (self._not_before, read.get(_READ, 0.0) + _WEEK, read.get(_REFUSED, 0.0) + _DAY)
        return max(times) - self._coordinator.cloud.now()

    @callback
    def _wind(self) -> None:
        self._cancel = async_call_later(self._hass, min(max(self._wait, 0.0), _DAY), self._job)

    @callback
    def _due(self, _now: datetime) -> None:
        self._cancel = None
        devices = self._coordinator.data.devices.values()
        if self._wait > 0:
            self._wind()
        elif self._coordinator.asking_is_vain:
            self._put_off(_HOUR)
        elif not any(device.world is World.TERMINAL for device in devices):
            self._put_off(_DAY)
        else:
            self._entry.async_create_background_task(self._hass, self._read(), f"{DOMAIN} persons")

    def _put_off(self, seconds: float) -> None:
        self._not_before = self._coordinator.cloud.now() + seconds
        self._wind()

    async def _read(self) -> None:
        now = self._coordinator.cloud.now()
        try:
            told = await self._told()
        except TuyaConnectionError:
            self._put_off(_HOUR)
            return
        except TuyaError as error:
            _LOGGER.debug("Groups of doors are not to be had: %s", error)
            self._people.was_read(_REFUSED, now)
        else:
            self._people.was_read(_READ, now)
            self._coordinator.take(told)
        self._wind()

    async def _told(self) -> list[PersonNamed]:
        """Ask for both; a project may have one of them. Raises TuyaError if it has neither."""
        now = self._coordinator.cloud.now()
        found: list[PersonNamed] = []
        refusals: list[TuyaError] = []
        for origin, rows in (
            (Origin.FACE_DATABASE, self._coordinator.cloud.persons.faces),
            (Origin.GROUP_USERS, self._members),
        ):
            try:
                found += _named(await rows(), origin, now)
            except TuyaConnectionError:
                raise
            except TuyaError as error:
                refusals.append(error)
        if len(refusals) > 1:
            raise refusals[0]
        return found

    async def _members(self) -> list[JsonObject]:
        calls = self._coordinator.cloud.persons
        groups = [group for row in await calls.groups() if (group := _group(row)) is not None]
        return [row for group in groups[:_GROUPS] for row in await calls.group_users(group)]

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None


def _group(row: JsonObject) -> str | None:
    # Tuya's page for the shape of a group could not be read.
    return text(row.get("group_id")) or text(row.get("id")) or text(row.get("access_control_id"))


def _named(rows: list[JsonObject], origin: Origin, now: float) -> Iterator[PersonNamed]:
    for row in rows:
        if (found := member(row)) is not None:
            person, name = found
            yield PersonNamed(device_id="", time=now, person=person, name=name, origin=origin)

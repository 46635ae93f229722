"""The ways to a door, each a real one: what is asked first, what is sent, and that it is sent once.

What fails before anything goes to the door is raised as `NotSentError`; an error of the sending
itself as it is. Both are TuyaError's of Tuya's refusals or of the way to Tuya.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..api import (
    DecryptError,
    Reason,
    Ticket,
    TuyaCommandError,
    TuyaConnectionError,
    TuyaError,
    ticket_password,
)
from ..const import CONF_ACCESS_SECRET
from ..coordinator import TuyaLinkCoordinator
from ..model import dpcodes
from ..model.doors import Door
from ..model.panels import panel_of
from ..model.reports import code_of, read_channels, value_of
from ..model.state import Device
from ..model.strategies import LOCK_SERVICE, Strategy
from ..model.values import boolean
from ..writing import switch_panel, write
from .refusals import Unopened, UnopenedError
from .remote_keys import open_with_key
from .reports import Reports

PANEL_WAIT = 5.0
"""A monitor shows another panel within this time (s)."""
_NO_PASSWORD, _PASSWORD = "remoteUnlockWithoutPwd", "remoteUnlockWithPwd"
_PASSWORD_FORM = re.compile(r"[0-9]{6}")
_ILLEGAL_PARAMETER = 1109


class NotSentError(Exception):
    """Tuya failed before anything was sent to the door: it is certainly as it was."""

    def __init__(self, error: TuyaError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What one press is to do, and what was known when it was made."""

    hass: HomeAssistant
    entry: ConfigEntry[Any]
    coordinator: TuyaLinkCoordinator
    device: Device
    door: Door
    strategies: tuple[Strategy, ...]
    relock: float
    """Seconds for which it is released."""
    person: str = ""
    """In whose name a terminal opens; the project's own id if empty."""
    password: str = field(default="", repr=False)
    """The lock's own password, where the owner wants it checked by Tuya."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a command went out."""

    way: Strategy
    certain: bool = True
    """Whether Tuya answered; if not, the command may have reached the door all the same."""
    sn: str | None = None
    """Serial number of the command, where Tuya tells one."""
    confirmed: bool = False
    """Whether the lock itself has said that it opened."""


class Ways:
    """The ways of one press; what several of them need is asked once."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._cloud = opening.coordinator.cloud
        self._device = opening.device
        self._door = opening.door
        self._allowed: dict[str, bool] | None = None
        self._value: bool | None = None

    async def go(self, way: Strategy) -> Sent:
        """Send the command by one way. Raises TuyaError, NotSentError, UnopenedError."""
        if way in LOCK_SERVICE:
            await self._check_allowed(way)
        sn, confirmed = None, False
        match way:
            case Strategy.DOOR_OPERATE:
                await self._cloud.access.operate(self._device.id, (await self._ticket()).id)
            case Strategy.OPEN_DOOR:
                await self._cloud.access.open_door(self._device.id, (await self._ticket()).id)
            case Strategy.OPEN_WITH_PASSWORD:
                await self._with_password()
            case Strategy.COMMAND | Strategy.PROPERTY:
                await self._relay(way)
            case Strategy.REPLY_REQUEST:
                await write(self._cloud, self._device, dpcodes.UNLOCK_REPLY, value=True)
            case Strategy.REMOTE_KEY:
                confirmed = await self._remote_key()
            case Strategy.ACTION:
                await self._action()
            case Strategy.PERSON:
                sn = await self._as_person()
        return Sent(way=way, sn=sn, confirmed=confirmed)

    async def _check_allowed(self, way: Strategy) -> None:
        """Stop where the owner switched remote unlocking off; no answer proves nothing."""
        if self._allowed is None:
            self._allowed = await self._asked_leave()
        allowed = self._allowed
        if way is Strategy.OPEN_WITH_PASSWORD:
            if allowed.get(_PASSWORD) is False:
                raise UnopenedError(Unopened.REMOTE_PASSWORD_OFF)
        elif allowed.get(_NO_PASSWORD) is False:
            other = allowed.get(_PASSWORD) is True
            raise UnopenedError(Unopened.NEEDS_PASSWORD if other else Unopened.REMOTE_OFF)

    async def _asked_leave(self) -> dict[str, bool]:
        try:
            return dict(await self._cloud.access.remote_unlocks(self._device.id))
        except TuyaCommandError:
            return {}
        except TuyaError as error:
            # Tuya does not publish this answer's shape: another one says nothing of the owner.
            if not error.definite and error.reason is not Reason.MALFORMED_ANSWER:
                raise NotSentError(error) from None
            return {}

    async def _ticket(self) -> Ticket:
        """Fetch the leave for one operation; a ticket serves once."""
        return await before(self._cloud.access.ticket(self._device.id))

    async def _with_password(self) -> None:
        password = self._opening.password
        if not _PASSWORD_FORM.fullmatch(password):
            raise UnopenedError(Unopened.NO_PASSWORD)
        ticket = await self._ticket()
        secret = self._opening.entry.data[CONF_ACCESS_SECRET]
        try:
            sealed = ticket_password(secret, ticket.key, password)
        except DecryptError:
            error = TuyaConnectionError(Reason.MALFORMED_ANSWER, "password-ticket")
            raise NotSentError(error) from None
        await self._cloud.access.open_with_password(self._device.id, ticket.id, sealed)

    async def _relay(self, way: Strategy) -> None:
        code, devices = self._door.code, self._cloud.devices
        if code is None:
            raise UnopenedError(Unopened.NOT_OPENABLE)
        if self._value is None:
            self._value = await self._prepared(code)
        value: bool | str = self._value
        if code in self._device.codes.text:
            value = "1" if value else "0"
        send = devices.send if way is Strategy.COMMAND else devices.issue
        await send(self._device.id, {code: value})

    async def _prepared(self, code: str) -> bool:
        """Let the monitor show the door's panel; return what to write to the relay.

        A toggle acts on each change of its value, so it is read first; unread, it gets `true`.
        """
        toggles = code in dpcodes.TOGGLES
        panel = panel_of(self._device, self._door)
        rows = await self._rows() if toggles or panel else {}
        if panel and _panel(rows.get(dpcodes.CHANNELS)) != panel:
            await self._show_panel(panel)
        return not (toggles and boolean(rows.get(code)))

    async def _rows(self) -> dict[str, object]:
        try:
            rows = await self._cloud.devices.shadow(self._device.id)
        except TuyaError:
            return {}
        return {code_of(row, self._device.codes): value_of(row) for row in rows}

    async def _show_panel(self, panel: str) -> None:
        """Bring a panel to the front: the relay of another one would open another door."""
        opening = self._opening

        def read(value: object) -> str | None:
            return panel if _panel(value) == panel else None

        reports = Reports(
            opening.hass, opening.coordinator, self._device, dpcodes.CHANNELS, read, dated=False
        )
        with reports.listening():
            try:
                await switch_panel(opening.coordinator, self._device, panel)
            except TuyaError as error:
                if error.definite:
                    if self._shares_relay():
                        raise UnopenedError(Unopened.OTHER_PANEL) from None
                    # It cannot be told to: then its relays are those of its doors.
                    return
                if not error.uncertain:
                    raise NotSentError(error) from None
            if await reports.within(PANEL_WAIT) is None:
                raise UnopenedError(Unopened.OTHER_PANEL)

    def _shares_relay(self) -> bool:
        """Whether one relay serves all panels, so that only the one shown tells what it opens."""
        return len({door.code for door in self._device.features.doors}) == 1

    async def _remote_key(self) -> bool:
        opening = self._opening

        async def put(code: str, value: str) -> None:
            await write(self._cloud, self._device, code, value)

        return await open_with_key(opening.hass, opening.coordinator, self._device, put)

    async def _action(self) -> None:
        code, values = next(iter(self._device.codes.actions.items()))
        try:
            await self._cloud.devices.act(self._device.id, code, values)
        except TuyaError as error:
            if error.code != _ILLEGAL_PARAMETER:
                raise
            await self._cloud.devices.act(self._device.id, code, values, as_text=False)

    async def _as_person(self) -> str:
        person = self._opening.person or self._cloud.uid or "0"
        try:
            return await self._cloud.access.open_as(self._device.id, person)
        except TuyaError as error:
            if not error.definite:
                raise
        return await self._cloud.access.open_as(self._device.id, person, older=True)


def _panel(value: object) -> str | None:
    found = read_channels(value)
    return found[1] if found else None


async def before[T](call: Awaitable[T]) -> T:
    """Await what comes before the command; only a refusal for certain lets the next way follow."""
    try:
        return await call
    except TuyaError as error:
        if error.definite:
            raise
        raise NotSentError(error) from None

"""One press, one opening: the ways to open a door, and how far a failure may go on.

The next way is tried only after a refusal by code before delivery. After a time-out, a
dropped connection, a busy cloud or a sleeping device nothing more is sent.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..api import Reason, TuyaCloud, TuyaCommandError, TuyaError
from ..const import DOMAIN
from ..model.doors import Door, Opener
from ..model.state import Device, World
from ..model.values import boolean
from ..translated import translation_of

type Way = Callable[[], Awaitable[str | None]]

_UNDER_WAY = frozenset({1, 2})
_SUCCEEDED, _FAILED = 3, 4
_ASKED_AT_MOST = 3
_NO_PASSWORD = "remoteUnlockWithoutPwd"

_UNCERTAIN = frozenset(
    {
        Reason.MALFORMED_ANSWER,
        Reason.NOT_DELIVERED,
        Reason.SERVER_ERROR,
        Reason.TIMED_OUT,
        Reason.UNREACHABLE,
    }
)
"""After these the command may have reached the door all the same."""


class UncertainError(Exception):
    """No telling whether the command reached the door."""


class _NotSentError(Exception):
    """Tuya failed before anything was sent to the door: it is certainly as it was."""

    def __init__(self, error: TuyaError) -> None:
        super().__init__(str(error))
        self.error = error


async def open_door(cloud: TuyaCloud, device: Device, door: Door, person: str) -> str | None:
    """Release a door once; return the serial number of the command where Tuya tells one.

    `person` is the id in whose name a terminal opens; the project's own one if empty. Raises
    `UncertainError`, and translated errors when the door is certainly as it was.
    """
    with _translated():
        refused: TuyaError | None = None
        async for way in _ways(cloud, device, door, person or cloud.uid or "0"):
            try:
                return await way()
            except TuyaError as error:
                if not error.definite:
                    raise
                refused = error
        if refused is None:
            raise _impossible("not_openable")
        raise refused


async def lock_door(cloud: TuyaCloud, device: Device, door: Door) -> None:
    """Throw the bolt once. Raises as `open_door`."""
    with _translated():
        if door.lock_code is not None:
            await _written(cloud, device, door.lock_code, value=True)
        else:
            await cloud.access.operate(device.id, await _ticket(cloud, device), unlock=False)


async def succeeded(cloud: TuyaCloud, sn: str) -> bool:
    """Ask what became of a command by its serial number; raise when the door refused it."""
    try:
        for _ in range(_ASKED_AT_MOST):
            status = await cloud.access.command_status(sn)
            if status not in _UNDER_WAY:
                break
    except TuyaError:
        return False
    if status == _FAILED:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="door_refused")
    return status == _SUCCEEDED


@contextmanager
def _translated() -> Iterator[None]:
    """Turn Tuya's errors into what a user is told, or into a doubt."""
    try:
        yield
    except _NotSentError as stopped:
        raise HomeAssistantError(**translation_of(stopped.error)) from None
    except TuyaError as error:
        if error.reason in _UNCERTAIN:
            raise UncertainError from None
        raise HomeAssistantError(**translation_of(error)) from None


def _impossible(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


async def _ways(cloud: TuyaCloud, device: Device, door: Door, person: str) -> AsyncIterator[Way]:
    match door.opener:
        case Opener.RELAY | Opener.TOGGLE if door.code:
            value = await _release_value(cloud, device, door)
            for way in _writes(cloud, device, door.code, value=value):
                yield way
        case Opener.LOCK_SERVICE:
            await _check_allowed(cloud, device)
            operate, older = _operate(cloud, device), _open(cloud, device)
            # Access controllers take the older call; locks the newer one.
            first = older if device.world is World.CONTROLLER else operate
            yield first
            yield operate if first is older else older
        case Opener.PERSON:
            yield lambda: cloud.access.open_as(device.id, person)


async def _release_value(cloud: TuyaCloud, device: Device, door: Door) -> bool:
    """Return what to write: a toggle acts on each change, so its value is read first."""
    if door.opener is not Opener.TOGGLE:
        return True
    try:
        rows = await cloud.devices.shadow(device.id)
    except TuyaError:
        return True
    values = [boolean(row.get("value")) for row in rows if row.get("code") == door.code]
    return not (values and values[0])


def _writes(cloud: TuyaCloud, device: Device, code: str, *, value: bool) -> Iterator[Way]:
    """Yield the two calls that write a data point, the one that knows the code first."""
    told = ("1" if value else "0") if code in device.codes.text else value

    async def standard() -> None:
        await cloud.devices.send(device.id, {code: told})

    async def thing_model() -> None:
        await cloud.devices.issue(device.id, {code: told})

    yield from (
        (standard, thing_model)
        if code in device.codes.commandable
        else (
            thing_model,
            standard,
        )
    )


async def _written(cloud: TuyaCloud, device: Device, code: str, *, value: bool) -> None:
    first, second = _writes(cloud, device, code, value=value)
    try:
        await first()
    except TuyaError as error:
        if not error.definite:
            raise
        await second()


async def _check_allowed(cloud: TuyaCloud, device: Device) -> None:
    """Stop where the owner switched remote unlocking off; no answer proves nothing."""
    try:
        allowed = await cloud.access.remote_unlocks(device.id)
    except TuyaCommandError:
        return
    except TuyaError as error:
        # Tuya does not publish this answer's shape: another one says nothing of the owner's will.
        if not error.definite and error.reason is not Reason.MALFORMED_ANSWER:
            raise _NotSentError(error) from None
        return
    if allowed.get(_NO_PASSWORD) is False:
        raise _impossible("remote_unlock_off")


async def _ticket(cloud: TuyaCloud, device: Device) -> str:
    """Fetch the leave for one operation; a ticket serves once."""
    try:
        return (await cloud.access.ticket(device.id)).id
    except TuyaError as error:
        if error.definite:
            raise
        raise _NotSentError(error) from None


def _operate(cloud: TuyaCloud, device: Device) -> Way:
    async def way() -> None:
        await cloud.access.operate(device.id, await _ticket(cloud, device))

    return way


def _open(cloud: TuyaCloud, device: Device) -> Way:
    async def way() -> None:
        await cloud.access.open_door(device.id, await _ticket(cloud, device))

    return way

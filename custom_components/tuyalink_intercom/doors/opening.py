"""One press, one opening: which way is taken, and how far a failure may go on.

The next way is tried only after a refusal by code before delivery. After a time-out, a
dropped connection, a busy cloud or a sleeping device nothing more is sent.
"""

from homeassistant.exceptions import HomeAssistantError

from ..api import TuyaCloud, TuyaError
from ..model.panels import panel_of
from ..model.strategies import Strategy
from ..translated import translation_of
from ..writing import panel_turn, write
from .refusals import Unopened, UnopenedError, async_complain, told, told_of
from .ways import NotSentError, Opening, Sent, Ways, before

_UNDER_WAY = frozenset({1, 2})
_SUCCEEDED, _FAILED = 3, 4
_ASKED_AT_MOST = 3


class UncertainError(Exception):
    """No telling whether the command reached the door."""


async def open_door(opening: Opening) -> Sent:
    """Release a door once. Raises translated errors when the door is certainly as it was."""
    if panel_of(opening.device, opening.door) is None:
        return await _open_door(opening)
    # Another door's press would bring its own panel to the front in between.
    async with panel_turn(opening.entry, opening.device):
        return await _open_door(opening)


async def _open_door(opening: Opening) -> Sent:
    way: Strategy | None = None
    refused: TuyaError | UnopenedError = UnopenedError(Unopened.NOT_OPENABLE)
    ways = Ways(opening)
    try:
        for way in opening.strategies:
            try:
                return await ways.go(way)
            except TuyaError as error:
                if error.uncertain:
                    return Sent(way=way, certain=False)
                refused = error
                if not error.definite:
                    break
    except NotSentError as stopped:
        refused = stopped.error
    except UnopenedError as stopped:
        refused = stopped
    async_complain(opening.hass, opening.entry, opening.device, opening.door, refused)
    if isinstance(refused, TuyaError):
        raise told_of(refused, opening.device, opening.door, way)
    raise told(refused)


async def lock_door(opening: Opening) -> None:
    """Throw the bolt once. Raises UncertainError, and translated errors if it did not move."""
    cloud, device, door = opening.coordinator.cloud, opening.device, opening.door
    try:
        if door.lock_code is not None:
            await write(cloud, device, door.lock_code, value=True)
        else:
            ticket = await before(cloud.access.ticket(device.id))
            await cloud.access.operate(device.id, ticket.id, unlock=False)
    except NotSentError as stopped:
        raise HomeAssistantError(**translation_of(stopped.error)) from None
    except TuyaError as error:
        if error.uncertain:
            raise UncertainError from None
        raise HomeAssistantError(**translation_of(error)) from None


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
        raise told(UnopenedError(Unopened.REFUSED))
    return status == _SUCCEEDED


def no_answer() -> HomeAssistantError:
    """Return what is told when Tuya gave no answer and the door tells nothing."""
    return told(UnopenedError(Unopened.NO_ANSWER))


def not_confirmed() -> HomeAssistantError:
    """Return what is told when a door that tells its openings has told none."""
    return told(UnopenedError(Unopened.NOT_SURE))

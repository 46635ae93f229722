"""Opening with a key that is written into the lock for this one press.

Writing a key opens nothing, so it may be written twice; it is used once. It is good for ten
minutes and one opening, and the lock forgets it then.
"""

from collections.abc import Awaitable, Callable
import secrets

from homeassistant.core import HomeAssistant

from ..api import TuyaError
from ..coordinator import TuyaLinkCoordinator
from ..model import dpcodes
from ..model.remote_key import DIGITS, RemoteKey, Status, reply_of, set_value, use_value
from ..model.state import Device
from .refusals import Unopened, UnopenedError, by_status
from .reports import Reports

WAIT = 5.0
"""A lock replies to a key within this time (s)."""
_VALID = 300
"""Seconds before and after now: a lock's clock may be minutes off."""
_IN_EFFECT = (1, 0)
"""Products disagree which of these means that a key counts."""

type Write = Callable[[str, str], Awaitable[None]]


async def open_with_key(
    hass: HomeAssistant, coordinator: TuyaLinkCoordinator, device: Device, write: Write
) -> bool:
    """Write a key, use it, and tell whether the lock said that it opened.

    `write` writes a data point. Raises UnopenedError if the lock says no, TuyaError.
    """
    key = _fresh(int(coordinator.cloud.now()))
    await _store(hass, coordinator, device, write, key)
    replies = Reports(hass, coordinator, device, dpcodes.REMOTE_KEY, reply_of)
    with replies.listening():
        await write(dpcodes.REMOTE_KEY, use_value(key))
        status = await replies.within(WAIT)
    if status not in {None, Status.SUCCESS}:
        raise by_status(status)
    return status is not None


async def _store(
    hass: HomeAssistant,
    coordinator: TuyaLinkCoordinator,
    device: Device,
    write: Write,
    key: RemoteKey,
) -> None:
    """Write the key until the lock takes it, in the two spellings there are."""
    replies = Reports(hass, coordinator, device, dpcodes.REMOTE_KEY_SET, reply_of)
    status: int | None = None
    with replies.listening():
        for validity in _IN_EFFECT:
            replies.begin()
            try:
                await write(dpcodes.REMOTE_KEY_SET, set_value(key, validity))
            except TuyaError as error:
                if not error.uncertain:
                    raise
            status = await replies.within(WAIT)
            if status is None:
                raise UnopenedError(Unopened.LEFT_ASLEEP)
            if status == Status.SUCCESS:
                return
    raise UnopenedError(Unopened.KEY_NOT_TAKEN)


def _fresh(now: int) -> RemoteKey:
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    return RemoteKey(digits=digits, start=now - _VALID, end=now + _VALID)

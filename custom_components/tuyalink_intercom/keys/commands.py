"""What became of what a terminal was told: asked by its serial number, for a bounded time."""

import asyncio
from collections.abc import Iterable
from typing import Final

from homeassistant.core import HomeAssistant

from ..api import TuyaCloud, TuyaError
from ..connection import sleeper
from ..model.keys import KeyState

PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each question; a terminal that is online needs one or two."""
_AT_ONCE = 4
# Tuya's numbers: 1 sending, 2 sent, 3 succeeded, 4 failed, 5 unknown.
_ENDS: Final = {3: KeyState.ACTIVE, 4: KeyState.FAILED}


async def followed(hass: HomeAssistant, cloud: TuyaCloud, sn: str) -> KeyState:
    """Follow a command to its end; pending where that is not to be learned in time.

    A terminal that sleeps or is out of reach may do it later. A question that goes unanswered
    ends the following: the command was taken all the same.
    """
    sleep = sleeper(hass)
    for pause in PAUSES:
        await sleep(pause)
        fate = await fate_of(cloud, sn)
        if fate is not None:
            return fate
    return KeyState.PENDING


async def fate_of(cloud: TuyaCloud, sn: str) -> KeyState | None:
    """Ask once what became of a command; `None` while it is under way."""
    try:
        status = await cloud.access.command_status(sn)
    except TuyaError:
        return KeyState.PENDING
    return _ENDS.get(status)


async def followed_all(
    hass: HomeAssistant, cloud: TuyaCloud, sns: Iterable[str]
) -> tuple[KeyState, ...]:
    """Follow several commands, a few at a time; the answers are in the order of `sns`."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def follow(sn: str) -> KeyState:
        async with turns:
            return await followed(hass, cloud, sn)

    return tuple(await asyncio.gather(*(follow(sn) for sn in sns)))

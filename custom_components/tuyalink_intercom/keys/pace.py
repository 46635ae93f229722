"""A limit to how many calls go out in a span of time; who comes too early waits."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

CALLS = 5
"""Tuya takes five calls about faces per second and account."""
SPAN = 1.0


class Pace:
    """Lets callers pass, in order; `now` and `sleep` are in seconds."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._now = now
        self._sleep = sleep
        self._passed: deque[float] = deque(maxlen=CALLS)
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until one more call may go out."""
        async with self._turn:
            while (early := self._early()) > 0:
                await self._sleep(early)
            self._passed.append(self._now())

    def _early(self) -> float:
        if len(self._passed) < CALLS:
            return 0.0
        waited = self._now() - self._passed[0]
        # A clock that was put back must not let anybody wait for longer.
        return SPAN - waited if waited >= 0 else 0.0

"""Waiting for what a client does, instead of for time: tests wait on these."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from typing import Any

from .pulsar import EVENTS, Broker
from .video import Video

REMEMBER = 20_000


class Waiting:
    """What a cloud lets others wait for."""

    broker: Broker
    calls: Counter[str]
    holding: int
    video: Video

    def __init__(self) -> None:
        self._sent: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._acked: OrderedDict[str, None] = OrderedDict()
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def note_ack(self, identity: str) -> None:
        """Remember an acknowledged message and wake who waits for it."""
        self._acked[identity] = None
        trim(self._acked)
        self.changed()

    def is_acked(self, identity: str) -> bool:
        """Tell whether every message of an event, or one message, has been acknowledged."""
        return all(one in self._acked for one in self._sent.get(identity, (identity,)))

    async def acked(self, identity: str) -> None:
        """Wait until an event or message has been acknowledged."""
        await self.until(lambda: self.is_acked(identity))

    async def connected(self, count: int = 1, topics: Collection[str] = EVENTS) -> None:
        """Wait until that many consumers are connected, of events unless told otherwise."""
        await self.until(lambda: len(self.broker.consumers(topics)) >= count)

    async def disconnected(self) -> None:
        """Wait until no consumer of events is connected."""
        await self.until(lambda: not self.broker.consumers())

    async def called(self, template: str, count: int = 1) -> None:
        """Wait until an OpenAPI call was made that often."""
        await self.until(lambda: self.calls[template] >= count)

    async def held(self, count: int = 1) -> None:
        """Wait until that many answers are held back by ``timeout`` or ``held_picture``."""
        await self.until(lambda: self.holding >= count)

    async def viewed(self, count: int = 1) -> None:
        """Wait until that many addresses of live video are open."""
        await self.until(lambda: self.video.viewed() >= count)

    def changed(self) -> None:
        """Look again at what callers wait for."""
        for condition, future in self._waiters:
            if condition() and not future.done():
                future.set_result(None)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so; looked at whenever this cloud has changed."""
        if condition():
            return
        waiter = (condition, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            await waiter[1]
        finally:
            self._waiters.remove(waiter)


def trim(kept: OrderedDict[str, Any]) -> None:
    """Forget the oldest."""
    while len(kept) > REMEMBER:
        kept.popitem(last=False)

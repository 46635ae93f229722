"""A consumer at work, and the owner it hands things to."""

import asyncio
from collections.abc import Callable

from yarl import URL

from custom_components.tuyalink_intercom.api.message import Message
from custom_components.tuyalink_intercom.api.pulsar import (
    QueueConsumer,
    QueueState,
)
from custom_components.tuyalink_intercom.api.regions import Endpoints

PING, REFUSED = 30.0, 300.0
NOWHERE = "ws://127.0.0.1:1/"

type Start = Callable[..., Running]


def reached(*queues: str) -> Endpoints:
    """Return a data center with these queue hosts."""
    return Endpoints("custom", URL("http://127.0.0.1:1/"), tuple(URL(queue) for queue in queues))


class Owner:
    """The side that uses a consumer: what it was handed, in order."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self.states: asyncio.Queue[QueueState] = asyncio.Queue()
        self.faults: list[Exception] = []

    def receive(self, message: Message) -> None:
        """Take a message, and fail if there is a fault to fail with."""
        self.messages.put_nowait(message)
        if self.faults:
            raise self.faults.pop(0)

    async def sees(self, *states: QueueState) -> None:
        """Check that the next states are these."""
        for state in states:
            assert await self.states.get() is state


class Running:
    """A consumer at work."""

    def __init__(self, consumer: QueueConsumer, owner: Owner) -> None:
        self.consumer = consumer
        self.owner = owner
        self.counters = consumer.counters
        self.task = asyncio.create_task(consumer.run())

    async def stop(self) -> None:
        """Cancel the consumer and wait for its end."""
        self.task.cancel()
        await asyncio.wait([self.task])

"""The message queue over WebSocket: consume, acknowledge, come back after a loss.

The queue holds a message until it is acknowledged or two hours old, and repeats it meanwhile. So
a message is acknowledged when its receiver has returned or raised, a frame that cannot be read at
once, and nothing is kept here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
import json
import logging
import random
import time
from typing import Final

from aiohttp import ClientError, ClientSession, WSMsgType

from .counters import Counters
from .faults import fault_of
from .frames import Frame, open_frame
from .message import Message
from .queue_line import Line, QueueState, Socket, probe_queue
from .regions import Endpoints

__all__ = ["QueueConsumer", "QueueState", "backoff_delay", "probe_queue"]

_LOGGER = logging.getLogger(__name__)

_LONGEST_BACKOFF: Final = 60.0
_DOUBLINGS: Final = 6
_REFUSED_SECONDS: Final = 300.0
_DOUBTED: Final = 2
_REFUSED: Final = frozenset(
    {
        QueueState.REFUSED_CREDENTIALS,
        QueueState.REFUSED_SERVICE,
        QueueState.REFUSED_ENVIRONMENT,
    }
)


def backoff_delay(attempt: int, jitter: float) -> float:
    """Seconds before the next try: 1 doubling to 60; `jitter` (0 to 1) takes off up to half."""
    return min(_LONGEST_BACKOFF, 2.0 ** min(attempt, _DOUBLINGS)) * (1 - jitter / 2)


def _jittered(attempt: int) -> float:
    return backoff_delay(attempt, random.SystemRandom().random())


@dataclass(slots=True, eq=False, repr=False)
class QueueConsumer:
    """One consumer of one subscription, with one socket at a time.

    `receive` and `on_state` are called in the event loop, are quick, and may raise. `backoff`
    tells the seconds before the next try from the number of tries that brought nothing; refused
    logins wait `refused_seconds` instead. A ping goes out every `ping_interval` seconds.
    """

    session: ClientSession
    endpoints: Endpoints
    access_id: str
    access_secret: str
    _: KW_ONLY
    topic: str = "event"
    suffix: str = "sub"
    receive: Callable[[Message], None]
    on_state: Callable[[QueueState], None]
    counters: Counters
    now: Callable[[], float] = time.time
    ping_interval: float = 30.0
    backoff: Callable[[int], float] = _jittered
    refused_seconds: float = _REFUSED_SECONDS
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    state: QueueState | None = field(default=None, init=False)
    heard_at: float | None = field(default=None, init=False)
    """When the queue last sent anything, in Unix seconds of our clock."""
    _attempt: int = field(default=0, init=False)
    _refusals: int = field(default=0, init=False)
    _unanswered: bool = field(default=False, init=False)
    _complained: set[str] = field(default_factory=set, init=False)

    async def run(self) -> None:
        """Consume until cancelled; the socket is closed by then."""
        line = Line(
            self.session,
            self.endpoints,
            self.access_id,
            self.access_secret,
            self.topic,
            self.suffix,
        )
        while True:
            if self.state in {None, QueueState.LOST}:
                # A refusal stays in force, and on show, while it is tried again.
                self._tell(QueueState.CONNECTING)
            answer = await line.dial()
            if isinstance(answer, QueueState):
                delay = self._refused(answer)
            else:
                delay = await self._connected(answer)
            self._attempt += 1
            await self.sleep(delay)

    def _refused(self, answer: QueueState) -> float:
        """Show a failed try; return the seconds to wait."""
        delay = self.backoff(self._attempt)
        if answer in {QueueState.REFUSED_CREDENTIALS, QueueState.REFUSED_SERVICE}:
            self._refusals += 1
            if self._refusals < _DOUBTED:
                # One refusal may be a hiccup of Tuya's gateway.
                answer = QueueState.LOST
        if answer in _REFUSED:
            delay = self.refused_seconds
        self._tell(answer)
        return delay

    async def _connected(self, socket: Socket) -> float:
        """Consume one connection to its end; return the seconds to wait."""
        self._refusals = 0
        self.counters.connections += 1
        async with socket:
            self._tell(QueueState.CONNECTED)
            await self._consume(socket)
        self._tell(QueueState.LOST)
        return self.backoff(self._attempt)

    async def _consume(self, socket: Socket) -> None:
        self._unanswered = False
        pinger = asyncio.create_task(self._keep_alive(socket))
        try:
            # The socket may break under an acknowledgement too.
            with suppress(ClientError, OSError):
                async for frame in socket:
                    if frame.type is WSMsgType.TEXT or frame.type is WSMsgType.BINARY:
                        await self._take(socket, frame.data)
                    elif frame.type is WSMsgType.PING:
                        await socket.pong(frame.data)
                    elif frame.type is WSMsgType.PONG:
                        self._unanswered = False
                        self._heard()
        finally:
            pinger.cancel()
            await asyncio.wait([pinger])

    async def _keep_alive(self, socket: Socket) -> None:
        """Ping; close the socket when the last ping is still unanswered."""
        with suppress(ClientError, OSError):
            await self.sleep(self.ping_interval)
            while not self._unanswered:
                self._unanswered = True
                await socket.ping()
                await self.sleep(self.ping_interval)
            self.counters.missed_pongs += 1
            await socket.close()

    async def _take(self, socket: Socket, raw: bytes) -> None:
        frame = open_frame(raw, self.access_secret)
        self._heard()
        self._count(frame)
        if frame.message is not None:
            self._call(self.receive, frame.message)
        if frame.ack_id is not None:
            await socket.send_str(json.dumps({"messageId": frame.ack_id}))
        # A backlog arrives at once; others get their turn between its messages.
        await asyncio.sleep(0)

    def _heard(self) -> None:
        """Only what the queue sends proves the line; an accepted connection alone does not."""
        self._attempt = 0
        self.heard_at = self.now()

    def _count(self, frame: Frame) -> None:
        self.counters.redelivered += frame.redelivered
        self.counters.sign_mismatches += not frame.signed
        if frame.poison is None:
            self.counters.messages += 1
            return
        self.counters.poison[frame.poison] += 1
        self._complain(frame.poison, "A queue message cannot be read: %s")

    def _tell(self, state: QueueState) -> None:
        if state is not self.state:
            self.state = state
            self._call(self.on_state, state)

    def _call[T](self, owner: Callable[[T], None], argument: T) -> None:
        """Hand something over; the owner's fault must not stop the queue."""
        try:
            owner(argument)
        except Exception as error:  # noqa: BLE001 - a poisonous message must not end the queue
            self.counters.owner_faults += 1
            self._complain(fault_of(error), "A queue message was not taken: %s")

    def _complain(self, kind: str, text: str) -> None:
        """Log each kind once, never what was in the message."""
        if kind not in self._complained:
            self._complained.add(kind)
            _LOGGER.warning(text, kind)

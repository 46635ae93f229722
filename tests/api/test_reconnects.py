"""Coming back, however often and from whatever: the back-off, and fifty losses in a row."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
import gc
from itertools import pairwise
from random import Random

from aiohttp import ClientSession
import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.errors import TuyaConnectionError
from custom_components.tuyalink_intercom.api.message import Message
from custom_components.tuyalink_intercom.api.pulsar import (
    QueueConsumer,
    QueueState,
    backoff_delay,
)
from custom_components.tuyalink_intercom.api.regions import custom_endpoints
from tests.simulator import TuyaSimulator

from .conftest import Sleeper
from .consumers import PING, Start
from .lines import QueueLine
from .small_queue import SmallQueue, report

FAILURES = 1000
LOSSES = 50
FIRST = 14
"""Losses after which everything has been in use that ever will: each kind came twice."""
CLOSING = 5.0
"""Longer than we wait for a dead line to say goodbye (s)."""
type PassTime = Callable[[float], None]

OURS = ("custom_components.", "aiohttp.", "asyncio.", "_asyncio")


# --- the back-off ---------------------------------------------------------------------------


def test_over_a_thousand_failures_the_wait_stays_between_half_and_the_whole_of_its_ceiling() -> (
    None
):
    random = Random(1)  # noqa: S311 - seeded, so that it can be repeated
    ceilings = [backoff_delay(attempt, 0.0) for attempt in range(FAILURES)]
    assert ceilings[0] == 1
    assert all(early <= late <= 2 * early for early, late in pairwise(ceilings))
    assert set(ceilings[6:]) == {60}
    for attempt, ceiling in enumerate(ceilings):
        assert backoff_delay(attempt, 1.0) == ceiling / 2
        jitters = sorted(random.random() for _ in range(5))
        waits = [backoff_delay(attempt, jitter) for jitter in jitters]
        assert waits == sorted(waits, reverse=True)
        assert all(ceiling / 2 <= wait <= ceiling for wait in waits)


async def test_only_what_the_queue_says_ends_the_growing_not_that_it_answers(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    running = start()
    for number in range(3):
        peer = await small_queue.peers.get()
        await peer.send(report(str(number), devId="d1"))
        await peer.acked()
        small_queue.refusals.append(503)
        await peer.socket.close()
        await sleeper.wake(1.0)
        await sleeper.wake(2.0)
        # It is accepted again, but says nothing before it closes.
        await (await small_queue.peers.get()).socket.close()
        await sleeper.wake(3.0)
    assert running.counters.connections >= 6


# --- fifty losses ---------------------------------------------------------------------------


class Home:
    """A client of both sides of a project, and what its queue brought."""

    def __init__(
        self,
        session: ClientSession,
        simulator: TuyaSimulator,
        line: QueueLine,
        pass_time: PassTime,
    ) -> None:
        self.simulator, self.line = simulator, line
        self.heard: Counter[object] = Counter()
        self.told = 0
        self._unacked: list[str] = []
        self._pings = asyncio.Semaphore(0)
        self._pass_time, self._passed = pass_time, 0.0
        endpoints = custom_endpoints(simulator.openapi, line.origin)
        keys = simulator.access_id, simulator.access_secret
        self.cloud = TuyaCloud(session, endpoints, *keys, sleep=self._nap)
        self.consumer = QueueConsumer(
            session,
            endpoints,
            *keys,
            receive=self._receive,
            on_state=lambda _: None,
            counters=self.cloud.counters,
            ping_interval=PING,
            backoff=lambda attempt: backoff_delay(attempt, 0.0),
            sleep=self._nap,
        )

    def tell(self) -> None:
        """Put one more message on the queue."""
        self.told += 1
        body = {"bizCode": "upgradeProcess", "bizData": {"progress": self.told}}
        identity = self.simulator.publish(next(iter(self.simulator.devices)), body)
        self._unacked.append(identity)

    async def all_heard(self) -> None:
        """Wait until everything told was heard and acknowledged."""
        for identity in self._unacked:
            await self.simulator.acked(identity)
        self._unacked.clear()
        assert set(self.heard) == set(range(1, self.told + 1))

    async def goes_dead(self) -> None:
        """Let the line carry nothing any more, until the consumer gives it up."""
        self.line.freeze()
        for _ in range(2):
            self._pings.release()
        while self.consumer.state is QueueState.CONNECTED:
            self._passed += CLOSING
            self._pass_time(self._passed)
            await _turn()

    async def is_refused(self, *statuses: int) -> None:
        """Cut the line, and refuse the next tries."""
        self.line.refusals.extend(statuses)
        self.line.cut()

    async def topic_is_off(self) -> None:
        """Cut the line, and answer the next try as if another environment was meant."""
        self.simulator.fault("topic_off")
        self.line.cut()

    async def is_dropped(self, *, times: int) -> None:
        """Let the queue drop the connection, and the next ones as soon as they are there."""
        self.simulator.fault("drop_queue", times)

    def _receive(self, message: Message) -> None:
        self.heard[message.payload["bizData"]["progress"]] += 1

    async def _nap(self, seconds: float) -> None:
        """Wait for a ping as long as the test says, for another try not at all."""
        if seconds == PING:
            await self._pings.acquire()
        else:
            await _turn()


@pytest.fixture
async def home(session: ClientSession, pass_time: PassTime) -> AsyncIterator[Home]:
    simulator = TuyaSimulator(encryption="mixed")
    await simulator.start()
    async with QueueLine(simulator.port).laid() as line:
        home = Home(session, simulator, line, pass_time)
        task = asyncio.create_task(home.consumer.run())
        await simulator.connected()
        yield home
        task.cancel()
        await asyncio.wait([task])
    await simulator.stop()


async def _turn() -> None:
    """Let others have theirs."""
    await asyncio.sleep(0)


def _is_cancelled_timer(one: object) -> bool:
    return type(one) is asyncio.TimerHandle and one.cancelled()


def objects() -> Counter[str]:
    """Count what is in memory of ours and of what we use."""
    gc.collect()
    # The loop throws cancelled timers away when it likes.
    alive = (one for one in gc.get_objects() if not _is_cancelled_timer(one))
    kinds = map(type, alive)
    return Counter(
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in kinds
        if str(kind.__module__).startswith(OURS)
    )


async def test_after_fifty_losses_of_every_kind_nothing_is_lost_and_nothing_is_left_over(
    home: Home,
) -> None:
    lost: list[Callable[[], Awaitable[None]]] = [
        home.goes_dead,
        home.topic_is_off,
        home.is_refused,
        lambda: home.is_refused(503, 502, 504),
        lambda: home.is_refused(401),
        lambda: home.is_refused(401, 401, 409),
        lambda: home.is_dropped(times=2),
    ]
    tasks, kept = 0, Counter[str]()
    for loss in range(LOSSES):
        connections = home.cloud.counters.connections
        await lost[loss % len(lost)]()
        home.tell()
        home.simulator.expire_tokens()
        if loss % 3 == 0:
            home.simulator.fault("http_503")
            with pytest.raises(TuyaConnectionError):
                await home.cloud.devices.list()
        await home.all_heard()
        assert home.cloud.counters.connections > connections
        assert home.consumer.state is QueueState.CONNECTED
        home.tell()
        await home.all_heard()
        assert await home.cloud.devices.list()
        if loss == FIRST - 1:
            tasks, kept = len(asyncio.all_tasks()), objects()
    assert len(asyncio.all_tasks()) == tasks
    assert objects() - kept == Counter()
    assert home.cloud.counters.missed_pongs == len(range(0, LOSSES, len(lost)))
    # Frames that were cut off come again: what is heard twice has the id that it had.
    assert home.cloud.counters.redelivered >= home.heard.total() - home.told

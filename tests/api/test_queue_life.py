"""Keeping the queue alive over a real socket: pings, losses, coming back, stopping."""

import asyncio
from contextlib import suppress

from aiohttp import ClientSession
import pytest

from custom_components.tuyalink_intercom.api.counters import Counters
from custom_components.tuyalink_intercom.api.frames import FRAME_LIMIT
from custom_components.tuyalink_intercom.api.message import Message
from custom_components.tuyalink_intercom.api.pulsar import (
    QueueConsumer,
    QueueState,
    backoff_delay,
)

from .conftest import Sleeper
from .consumers import NOWHERE, PING, Owner, Running, Start, reached
from .small_cloud import ACCESS_ID, ACCESS_SECRET
from .small_queue import Peer, SmallQueue, report


async def test_a_ping_is_answered(start: Start, small_queue: SmallQueue) -> None:
    start()
    peer = await small_queue.peers.get()
    await peer.socket.ping(b"PING")
    assert await peer.pongs.get() == b"PING"


async def test_a_line_that_answers_pings_is_kept(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    for number in range(3):
        await sleeper.wake(PING)
        await peer.pings.get()
        # An acknowledged message shows that the pong before it has arrived.
        await peer.send(report(str(number), devId="d1"))
        await peer.acked()
    assert running.counters.missed_pongs == 0
    assert not peer.gone.is_set()


async def test_a_line_that_leaves_a_ping_unanswered_is_given_up(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    peer.answers_pings = False
    await sleeper.wake(PING)
    await peer.pings.get()
    await sleeper.wake(PING)
    await peer.gone.wait()
    await running.owner.sees(QueueState.CONNECTING, QueueState.CONNECTED, QueueState.LOST)
    assert running.counters.missed_pongs == 1
    await sleeper.wake(1.0)
    await small_queue.peers.get()
    await running.owner.sees(QueueState.CONNECTING, QueueState.CONNECTED)
    assert small_queue.most_open == 1


async def test_the_wait_grows_until_the_queue_has_said_something(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    start()
    for seconds in (1.0, 2.0, 3.0):
        peer = await small_queue.peers.get()
        await peer.socket.close()
        await sleeper.wake(seconds)
    peer = await small_queue.peers.get()
    await peer.send(report(devId="d1"))
    await peer.acked()
    peer.drop()
    await sleeper.wake(1.0)
    await small_queue.peers.get()
    assert len(small_queue.targets) == 5


async def test_an_answered_ping_counts_as_something_said(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    start()
    await (await small_queue.peers.get()).socket.close()
    await sleeper.wake(1.0)
    peer = await small_queue.peers.get()
    await sleeper.wake(PING)
    await peer.pings.get()
    await peer.socket.close()
    await sleeper.wake(1.0)
    await small_queue.peers.get()
    assert len(small_queue.targets) == 3


async def test_a_line_that_breaks_under_an_acknowledgement_is_dialled_again(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    peers: list[Peer] = []

    def receive(_: Message) -> None:
        peers[0].drop()
        ours = running.consumer.session.connector
        assert ours is not None
        for connection in tuple(ours._acquired):  # noqa: SLF001 - no public way to break it
            assert connection.transport is not None
            connection.transport.abort()

    running = start(receive=receive)
    peers.append(await small_queue.peers.get())
    await peers[0].send(report(devId="d1"))
    await sleeper.wake(1.0)
    await small_queue.peers.get()
    assert running.counters.owner_faults == 0


async def test_a_frame_beyond_all_bounds_ends_the_line_not_the_consumer(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    with suppress(ConnectionError):
        await peer.socket.send_str("x" * (8 * FRAME_LIMIT + 1))
    await sleeper.wake(1.0)
    await small_queue.peers.get()
    assert running.owner.messages.empty()


async def test_stopping_closes_the_socket(start: Start, small_queue: SmallQueue) -> None:
    running = start()
    peer = await small_queue.peers.get()
    await running.owner.sees(QueueState.CONNECTING, QueueState.CONNECTED)
    await running.stop()
    assert running.task.cancelled()
    await peer.gone.wait()
    assert peer.close_code == 1000


async def test_stopping_while_waiting_to_try_again_is_clean(
    start: Start, small_queue: SmallQueue
) -> None:
    running = start(NOWHERE)
    await running.owner.sees(QueueState.CONNECTING, QueueState.LOST)
    await running.stop()
    assert running.task.cancelled()
    assert small_queue.targets == []


@pytest.mark.parametrize(
    ("attempt", "jitter", "seconds"),
    [(0, 0, 1), (1, 0, 2), (5, 0, 32), (6, 0, 60), (9999, 0, 60), (0, 1, 0.5), (9999, 0.5, 45)],
)
def test_the_wait_doubles_to_a_minute(attempt: int, jitter: float, seconds: float) -> None:
    assert backoff_delay(attempt, jitter) == seconds


async def test_by_default_the_first_wait_is_between_half_a_second_and_one(
    session: ClientSession,
) -> None:
    owner, waits = Owner(), asyncio.Queue[float]()

    async def sleep(seconds: float) -> None:
        waits.put_nowait(seconds)
        await asyncio.Event().wait()

    consumer = QueueConsumer(
        session,
        reached(NOWHERE),
        ACCESS_ID,
        ACCESS_SECRET,
        receive=owner.receive,
        on_state=owner.states.put_nowait,
        counters=Counters(),
        sleep=sleep,
    )
    running = Running(consumer, owner)
    assert 0.5 <= await waits.get() <= 1
    assert ACCESS_SECRET not in repr(consumer)
    await running.stop()

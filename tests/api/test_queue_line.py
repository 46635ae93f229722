"""Logging in to the queue over a real socket: addresses, refusals, sibling hosts."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import ClientSession, web
import pytest
from yarl import URL

from custom_components.tuyalink_intercom.api.pulsar import (
    QueueState,
    probe_queue,
)
from custom_components.tuyalink_intercom.api.queue_line import queue_url

from .conftest import Listen, Sleeper
from .consumers import NOWHERE, REFUSED, Start, reached
from .small_cloud import ACCESS_ID, ACCESS_SECRET
from .small_queue import SmallQueue
from .vectors import messages


@pytest.mark.parametrize("vector", messages("url"))
def test_the_address_is_that_of_tuyas_programs(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], URL(vector["expected"]["url"])
    url = queue_url(URL(inputs["ws_endpoint"]), inputs["access_id"], inputs["topic"], "sub")
    assert (url.origin(), url.raw_path) == (expected.origin(), expected.raw_path)
    assert url.query == {**expected.query, "ackTimeoutMillis": "30000"}


async def test_topic_and_suffix_are_the_users(start: Start, small_queue: SmallQueue) -> None:
    start(topic="event-test", suffix="home assistant/2")
    peer = await small_queue.peers.get()
    path = f"/ws/v2/consumer/persistent/{ACCESS_ID}/out/event-test/{ACCESS_ID}-"
    query = "ackTimeoutMillis=30000&subscriptionType=Failover"
    assert peer.target == f"{path}home%20assistant%2F2?{query}"


async def test_one_refused_login_is_doubted_two_are_told(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    small_queue.refusals.extend([401, 401, 403])
    running = start()
    await sleeper.wake(1.0)
    await running.owner.sees(QueueState.CONNECTING, QueueState.LOST)
    await sleeper.wake(REFUSED)
    await running.owner.sees(QueueState.CONNECTING, QueueState.REFUSED_CREDENTIALS)
    await sleeper.wake(REFUSED)
    await small_queue.peers.get()
    await running.owner.sees(QueueState.REFUSED_SERVICE, QueueState.CONNECTED)
    assert len(small_queue.targets) == 4


async def test_a_wrong_secret_is_refused(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    running = start(access_secret="f" * 32)
    await sleeper.wake(1.0)
    await running.owner.sees(
        QueueState.CONNECTING,
        QueueState.LOST,
        QueueState.CONNECTING,
        QueueState.REFUSED_CREDENTIALS,
    )


@pytest.mark.parametrize("access_id", ["id\r\nx: y", "ïd"])
async def test_an_access_id_that_cannot_be_sent_is_refused(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper, access_id: str
) -> None:
    running = start(access_id=access_id)
    await sleeper.wake(1.0)
    await sleeper.wake(REFUSED)
    assert running.consumer.state is QueueState.REFUSED_CREDENTIALS
    assert small_queue.targets == []


@pytest.mark.parametrize("status", [500, 404])
async def test_a_topic_of_the_other_environment_is_told_and_tried_rarely(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper, status: int
) -> None:
    small_queue.refusals.append(status)
    running = start()
    await running.owner.sees(QueueState.CONNECTING, QueueState.REFUSED_ENVIRONMENT)
    await sleeper.wake(REFUSED)
    await running.owner.sees(QueueState.CONNECTED)


async def test_a_busy_subscription_is_tried_again_soon(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper
) -> None:
    small_queue.refusals.extend([409, 409])
    running = start()
    await running.owner.sees(QueueState.CONNECTING, QueueState.BUSY)
    await sleeper.wake(1.0)
    await sleeper.wake(2.0)
    await running.owner.sees(QueueState.CONNECTED)


@pytest.mark.parametrize("status", [400, 429, 499, 503])
async def test_any_other_refusal_is_a_lost_line(
    start: Start, small_queue: SmallQueue, sleeper: Sleeper, status: int
) -> None:
    small_queue.refusals.append(status)
    running = start()
    await running.owner.sees(QueueState.CONNECTING, QueueState.LOST)
    await sleeper.wake(1.0)
    await running.owner.sees(QueueState.CONNECTING, QueueState.CONNECTED)


async def test_a_handshake_that_never_ends_is_given_up(
    start: Start, listen: Listen, pass_time: Callable[[float], None]
) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        arrived.set()
        await never.wait()
        return web.Response()

    running = start(f"ws://127.0.0.1:{await listen(hang)}/")
    await arrived.wait()
    pass_time(16)
    await running.owner.sees(QueueState.CONNECTING, QueueState.LOST)
    never.set()


@pytest.fixture
async def sibling(listen: Listen) -> SmallQueue:
    queue = SmallQueue()
    queue.origin = f"ws://127.0.0.1:{await listen(queue.handle)}/"
    return queue


async def test_the_sibling_host_is_asked_before_a_login_counts_as_refused(
    start: Start, small_queue: SmallQueue, sibling: SmallQueue, sleeper: Sleeper
) -> None:
    small_queue.refusals.append(401)
    running = start(small_queue.origin, sibling.origin)
    peer = await sibling.peers.get()
    await running.owner.sees(QueueState.CONNECTING, QueueState.CONNECTED)
    await peer.socket.close()
    await sleeper.wake(1.0)
    await sibling.peers.get()
    assert (len(small_queue.targets), len(sibling.targets)) == (1, 2)


async def test_a_login_both_hosts_refuse_is_one_refusal(
    start: Start, small_queue: SmallQueue, sibling: SmallQueue, sleeper: Sleeper
) -> None:
    small_queue.refusals.extend([401, 401])
    sibling.refusals.extend([401, 401])
    running = start(small_queue.origin, sibling.origin)
    await sleeper.wake(1.0)
    await sleeper.wake(REFUSED)
    assert running.consumer.state is QueueState.REFUSED_CREDENTIALS
    assert (len(small_queue.targets), len(sibling.targets)) == (2, 2)


async def test_a_host_that_does_not_exist_has_a_sibling(
    start: Start, small_queue: SmallQueue
) -> None:
    start(NOWHERE, small_queue.origin)
    assert await small_queue.peers.get()


async def test_a_wrong_environment_is_not_the_siblings_business(
    start: Start, small_queue: SmallQueue, sibling: SmallQueue
) -> None:
    small_queue.refusals.append(500)
    running = start(small_queue.origin, sibling.origin)
    await running.owner.sees(QueueState.CONNECTING, QueueState.REFUSED_ENVIRONMENT)
    assert sibling.targets == []


async def test_a_probe_connects_says_nothing_and_leaves(
    session: ClientSession, small_queue: SmallQueue
) -> None:
    probe = probe_queue(
        session, reached(small_queue.origin), ACCESS_ID, ACCESS_SECRET, topic="event", suffix="sub"
    )
    assert await probe is QueueState.CONNECTED
    peer = await small_queue.peers.get()
    await peer.gone.wait()
    assert peer.said.empty()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (401, QueueState.REFUSED_CREDENTIALS),
        (403, QueueState.REFUSED_SERVICE),
        (500, QueueState.REFUSED_ENVIRONMENT),
        (409, QueueState.BUSY),
        (503, QueueState.LOST),
    ],
)
async def test_a_probe_tells_why_it_was_refused(
    session: ClientSession, small_queue: SmallQueue, status: int, state: QueueState
) -> None:
    small_queue.refusals.append(status)
    endpoints = reached(small_queue.origin)
    assert await probe_queue(session, endpoints, ACCESS_ID, ACCESS_SECRET) is state


async def test_a_data_center_without_a_queue_cannot_be_reached(session: ClientSession) -> None:
    assert await probe_queue(session, reached(), ACCESS_ID, ACCESS_SECRET) is QueueState.LOST

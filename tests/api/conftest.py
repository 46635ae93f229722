"""Servers, sessions and clocks for the tests of Tuya's wire."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.counters import Counters
from custom_components.tuyalink_intercom.api.pulsar import QueueConsumer
from custom_components.tuyalink_intercom.api.regions import Endpoints, custom_endpoints
from tests.simulator.hostile import Canary

from .consumers import PING, Owner, Running, Start, reached
from .internet import World
from .small_cloud import ACCESS_ID, ACCESS_SECRET, NOON, SmallCloud
from .small_queue import SmallQueue

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type Listen = Callable[[Handler], Awaitable[int]]


class Clock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        """Tell the time in Unix seconds."""
        return self.time


class Sleeper:
    """Sleeps until the test says so, told apart by their seconds."""

    def __init__(self) -> None:
        self._asleep: defaultdict[float, asyncio.Queue[asyncio.Event]] = defaultdict(asyncio.Queue)
        self._cancelled: set[asyncio.Event] = set()

    async def __call__(self, seconds: float) -> None:
        """Sleep until woken."""
        wake = asyncio.Event()
        self._asleep[seconds].put_nowait(wake)
        try:
            await wake.wait()
        except asyncio.CancelledError:
            self._cancelled.add(wake)
            raise

    async def wake(self, seconds: float) -> None:
        """Wait until something sleeps for these seconds, and wake it."""
        while (wake := await self._asleep[seconds].get()) in self._cancelled:
            pass
        wake.set()


class Naps:
    """Sleeps that are over at once, remembered by their seconds."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Do not sleep."""
        self.seconds.append(seconds)


@pytest.fixture
async def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the event loop believe that seconds have passed."""
    loop = asyncio.get_running_loop()
    real = loop.time

    def skip(seconds: float) -> None:
        monkeypatch.setattr(loop, "time", lambda: real() + seconds)

    return skip


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
async def listen(socket_enabled: None) -> AsyncGenerator[Listen]:
    """Serve handlers on ports of 127.0.0.1."""
    async with AsyncExitStack() as stack:

        async def start(handler: Handler) -> int:
            app = web.Application(client_max_size=0)
            app.router.add_route("*", "/{path:.*}", handler)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return int(runner.addresses[0][1])

        yield start


@pytest.fixture
async def session(listen: Listen) -> AsyncGenerator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
async def small_cloud(listen: Listen) -> SmallCloud:
    cloud = SmallCloud()
    cloud.origin = f"http://127.0.0.1:{await listen(cloud.handle)}"
    return cloud


@pytest.fixture
async def small_queue(listen: Listen) -> SmallQueue:
    queue = SmallQueue()
    queue.origin = f"ws://127.0.0.1:{await listen(queue.handle)}/"
    return queue


@pytest.fixture
def endpoints(small_cloud: SmallCloud) -> Endpoints:
    return custom_endpoints(small_cloud.origin, "ws://127.0.0.1:1/")


@pytest.fixture
def cloud(session: ClientSession, endpoints: Endpoints, clock: Clock, naps: Naps) -> TuyaCloud:
    return TuyaCloud(session, endpoints, ACCESS_ID, ACCESS_SECRET, now=clock, sleep=naps)


@pytest.fixture
async def start(
    session: ClientSession, small_queue: SmallQueue, sleeper: Sleeper, clock: Clock
) -> AsyncGenerator[Start]:
    """Start consumers; each try after a loss waits 1, 2, 3 … seconds by the sleeper."""
    running: list[Running] = []

    def begin(*queues: str, **options: Any) -> Running:
        owner = options.pop("owner", None) or Owner()
        consumer = QueueConsumer(
            session,
            reached(*(queues or (small_queue.origin,))),
            options.pop("access_id", ACCESS_ID),
            options.pop("access_secret", ACCESS_SECRET),
            receive=options.pop("receive", owner.receive),
            on_state=options.pop("on_state", owner.states.put_nowait),
            counters=Counters(),
            now=clock,
            ping_interval=PING,
            backoff=lambda attempt: attempt + 1.0,
            sleep=sleeper,
            **options,
        )
        running.append(Running(consumer, owner))
        return running[-1]

    yield begin
    for each in running:
        await each.stop()


@pytest.fixture
async def world(socket_enabled: None, tmp_path: Path) -> AsyncIterator[World]:
    """Run it."""
    made = World(tmp_path)
    await made.internet.start()
    await made.private.start()
    yield made
    for storage in made.storages:
        await storage.close()
    await made.internet.server.close()
    await made.private.server.close()


@pytest.fixture
async def canary(socket_enabled: None) -> AsyncIterator[Canary]:
    """Be a machine in the home that nobody may visit."""
    async with Canary() as made:
        yield made

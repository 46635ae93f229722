"""The queue as ``scripts/verify`` looks at it: connected for a while, nothing acknowledged.

A second consumer takes devices away from the first while it is connected. What it does not
acknowledge goes back when it leaves, as a redelivery of the same message. So a running Home
Assistant gets everything, but up to `LONGEST` seconds late: less than the 60 s after which a
ring is history. Whether Tuya counts the redelivery against the quota is not known.
"""

import asyncio
from base64 import b64decode
import json
import time
from typing import Any

from aiohttp import ClientSession, WSMsgType

from custom_components.tuyalink_intercom.api import Endpoints
from custom_components.tuyalink_intercom.api.frames import open_frame
from custom_components.tuyalink_intercom.api.queue_line import Line, QueueState, Socket

from .verify_calls import Keys
from .verify_seen import Json, Seen, SeenFrame

LONGEST = 45.0
MOST_FRAMES = 200
_SUBSCRIPTION = "sub"
_ALIVE = 25.0


async def look(
    session: ClientSession,
    endpoints: Endpoints,
    keys: Keys,
    seen: Seen,
    *,
    seconds: float,
    most: int = MOST_FRAMES,
    offset: float = 0.0,
) -> None:
    """Try each queue host in its order until one takes the keys, and look at its frames."""
    seen.host_count = len(endpoints.queues)
    for host in endpoints.queues:
        alone = Endpoints(endpoints.key, endpoints.openapi, (host,))
        line = Line(session, alone, keys.access_id, keys.access_secret, "event", _SUBSCRIPTION)
        answer = await line.dial()
        if isinstance(answer, QueueState):
            seen.hosts.append(answer)
            continue
        seen.hosts.append(QueueState.CONNECTED)
        try:
            await _listen(answer, keys, seen, seconds, most, offset)
        finally:
            await answer.close()
        return


async def _listen(
    socket: Socket, keys: Keys, seen: Seen, seconds: float, most: int, offset: float
) -> None:
    end = time.monotonic() + min(seconds, LONGEST)
    while len(seen.frames) < most and (left := end - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(min(left, _ALIVE)):
                message = await socket.receive()
        except TimeoutError:
            await socket.ping()
            continue
        if message.type is WSMsgType.PING:
            await socket.pong(message.data)
        elif message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            seen.frames.append(_frame(message.data, keys, time.time() + offset))
        elif message.type is not WSMsgType.PONG:
            return


def _frame(raw: bytes, keys: Keys, received: float) -> SeenFrame:
    outer = _object(raw)
    payload = outer.get("payload")
    try:
        envelope = _object(b64decode(payload)) if isinstance(payload, str) else {}
    except ValueError:
        envelope = {}
    opened = open_frame(raw, keys.access_secret)
    return SeenFrame(outer=outer, envelope=envelope, opened=opened, received=received)


def _object(raw: bytes) -> Json:
    try:
        found: Any = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

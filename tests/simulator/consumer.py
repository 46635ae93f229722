"""The queue's WebSocket door: handshake, refusals as Tuya answers them, frames and acks."""

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from . import wire
from .cloud import Cloud
from .pulsar import EVENTS, TYPES, Consumer, Subscription

MIN_ACK_TIMEOUT_MS = 1000
MAX_FRAME = 1_048_576
PATH = "/ws/v2/consumer/persistent/{tenant}/out/{topic}/{subscription}"
UNAUTHORIZED = """<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
<title>Error 401 Authentication required</title>
</head>
<body><h2>HTTP ERROR 401 Authentication required</h2>
<table>
<tr><th>URI:</th><td>/ws/v2/consumer/persistent</td></tr>
<tr><th>STATUS:</th><td>401</td></tr>
<tr><th>MESSAGE:</th><td>Authentication required</td></tr>
</table>
<hr><a href="https://eclipse.org/jetty">Powered by Jetty:// 9.4.35.v20201120</a><hr/>
</body>
</html>
"""


class QueueDoor:
    """Serves the consumers of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._count = 0
        self.closing = False
        """Whether the cloud is stopping: who comes in the last moment is sent away."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Upgrade, deliver until the socket ends, hand back what was not acknowledged."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        subscription = self._subscription(request)
        kind = request.query.get("subscriptionType", "Exclusive")
        if not subscription.accepts(kind):
            return _plain(409, "Consumer is busy")
        if self._takes(request, "topic_off"):
            return _plain(500, "Topic is not enabled")
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME)
        await socket.prepare(request)
        await self._serve(request, socket, subscription, kind)
        return socket

    def _refusal(self, request: web.Request) -> web.Response | None:
        cloud, names = self._cloud, request.match_info
        password = wire.queue_password(cloud.access_id, cloud.access_secret)
        given = request.headers.get("username", ""), request.headers.get("password", "")
        if given[0] != cloud.access_id or not wire.same(given[1], password):
            return _unauthorized()
        if names["tenant"] != cloud.access_id:
            return _plain(403, "Not authorized")
        if not names["subscription"].startswith(f"{cloud.access_id}-"):
            return _plain(403, "Not authorized")
        if names["topic"] not in cloud.broker.topics:
            return _plain(500, "Topic is not enabled")
        if not _good_query(request):
            return _plain(400, "Invalid query parameter")
        return None

    def _takes(self, request: web.Request, fault: str) -> bool:
        """Use a fault up: they are about events, the topic of notices knows none."""
        events = request.match_info["topic"] in EVENTS
        return events and self._cloud.faults.take(fault) is not None

    def _subscription(self, request: web.Request) -> Subscription:
        names = request.match_info
        return self._cloud.broker.subscription(names["topic"], names["subscription"])

    async def _serve(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        subscription: Subscription,
        kind: str,
    ) -> None:
        self._count += 1
        outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        consumer = Consumer(
            name=request.query.get("consumerName", f"c{self._count:08d}"),
            kind=kind,
            send=lambda frame: outbox.put_nowait(self._cloud.facts.framed(frame)),
            close=lambda: _abort(request),
        )
        writer = asyncio.create_task(_write(socket, outbox))
        subscription.join(consumer)
        self._cloud.changed()
        if self.closing or self._takes(request, "drop_connection"):
            consumer.close()
        try:
            await self._read(socket, subscription)
        finally:
            writer.cancel()
            subscription.leave(consumer)
            self._cloud.changed()

    async def _read(self, socket: web.WebSocketResponse, subscription: Subscription) -> None:
        async for message in socket:
            frame = _decode(message.data) if message.type is WSMsgType.TEXT else None
            if frame is None:
                await socket.close(code=1003, message=b"Failed to deserialize")
                return
            identity = frame.get("messageId")
            if frame.get("type") == "negativeAcknowledge" and not self._cloud.old_proxy:
                continue
            if isinstance(identity, str) and subscription.ack(identity):
                self._cloud.note_ack(identity)


async def _write(socket: web.WebSocketResponse, outbox: asyncio.Queue[dict[str, Any]]) -> None:
    while True:
        frame = await outbox.get()
        try:
            await socket.send_str(wire.compact(frame))
        except ConnectionError:
            return


def _decode(text: str) -> dict[str, Any] | None:
    try:
        frame = json.loads(text)
    except ValueError:
        return None
    return frame if isinstance(frame, dict) else None


def _good_query(request: web.Request) -> bool:
    kind = request.query.get("subscriptionType", "Exclusive")
    timeout = request.query.get("ackTimeoutMillis", "0")
    if kind not in TYPES or not timeout.isdecimal():
        return False
    return int(timeout) == 0 or int(timeout) >= MIN_ACK_TIMEOUT_MS


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _unauthorized() -> web.Response:
    headers = {"server": "Jetty(9.4.35.v20201120)", "x-protected-by": "Tuya-Sec"}
    return web.Response(
        status=401,
        text=UNAUTHORIZED,
        content_type="text/html",
        charset="iso-8859-1",
        headers=headers,
    )


def _plain(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text)

"""A small message queue on a socket: checks the login, hands each consumer to the test."""

import asyncio
from base64 import b64encode
from collections import deque
import json

from aiohttp import WSMsgType, web
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from .small_cloud import ACCESS_ID, ACCESS_SECRET

PASSWORD = "aac928d72b5b7513"


class Peer:
    """One consumer as the queue sees it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.target = request.raw_path
        self._transport = request.transport
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.pings: asyncio.Queue[bytes] = asyncio.Queue()
        self.pongs: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.answers_pings = True
        self.close_code: int | None = None

    async def send(self, frame: object) -> None:
        """Send one frame as JSON."""
        await self.socket.send_str(json.dumps(frame))

    async def acked(self) -> str:
        """Return the next acknowledged message id."""
        return str(json.loads(await self.said.get())["messageId"])

    def drop(self) -> None:
        """Cut the connection without a word."""
        assert self._transport is not None
        self._transport.abort()


class SmallQueue:
    """The queue of one project; `refusals` are HTTP statuses for the next upgrades."""

    def __init__(self) -> None:
        self.refusals: deque[int] = deque()
        self.targets: list[str] = []
        self.peers: asyncio.Queue[Peer] = asyncio.Queue()
        self.open: set[Peer] = set()
        self.most_open = 0
        self.origin = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take any request."""
        self.targets.append(request.raw_path)
        if self.refusals:
            return web.Response(status=self.refusals.popleft(), text="<html>Refused</html>")
        login = (request.headers.get("username"), request.headers.get("password"))
        if login != (ACCESS_ID, PASSWORD):
            return web.Response(status=401, text="<html>Authentication required</html>")
        socket = web.WebSocketResponse(autoping=False, autoclose=False)
        await socket.prepare(request)
        await self._serve(Peer(socket, request))
        return socket

    async def _serve(self, peer: Peer) -> None:
        self.open.add(peer)
        self.most_open = max(self.most_open, len(self.open))
        self.peers.put_nowait(peer)
        async for message in peer.socket:
            if message.type is WSMsgType.TEXT:
                peer.said.put_nowait(message.data)
            elif message.type is WSMsgType.PING:
                peer.pings.put_nowait(message.data)
                if peer.answers_pings:
                    await peer.socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                peer.pongs.put_nowait(message.data)
        self.open.discard(peer)
        peer.close_code = peer.socket.close_code
        peer.gone.set()


def encrypted_ecb(body: object) -> str:
    """Encrypt a business body as projects do by default."""
    cipher = AES.new(ACCESS_SECRET[8:24].encode(), AES.MODE_ECB)
    return b64encode(cipher.encrypt(pad(json.dumps(body).encode(), 16))).decode()


def encrypted_gcm(body: object) -> str:
    """Encrypt a business body as projects do after the switch to GCM."""
    cipher = AES.new(ACCESS_SECRET[8:24].encode(), AES.MODE_GCM, nonce=bytes(range(12)))
    text, tag = cipher.encrypt_and_digest(json.dumps(body).encode())
    return b64encode(bytes(range(12)) + text + tag).decode()


def frame(envelope: object, message_id: str = "CAE=", **members: object) -> dict[str, object]:
    """Wrap an envelope into a queue frame."""
    payload = envelope if isinstance(envelope, str) else json.dumps(envelope)
    return {
        "messageId": message_id,
        "payload": b64encode(payload.encode()).decode(),
        "properties": {},
        "publishTime": "2026-11-22T12:00:00.180Z",
        "redeliveryCount": 0,
        **members,
    }


def report(message_id: str = "CAE=", em: str | None = "aes_ecb", **body: object) -> object:
    """Make the frame of a report."""
    data = encrypted_gcm(body) if em == "aes_gcm" else encrypted_ecb(body)
    envelope = {"data": data, "protocol": 4, "pv": "2.0", "t": 1795348800178}
    return frame(envelope, message_id, properties={"em": em} if em else {})

"""A plain client of the simulator, for its own tests: signs, calls, reads the queue.

It speaks with the same ``wire`` as the server; golden vectors and Tuya's own SDK keep both right.
"""

import base64
import json
from typing import Any, Self

from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, WSMsgType

from . import wire
from .server import TuyaSimulator

type Query = dict[str, str]


class Clock:
    """A clock that stands until it is moved; Unix seconds."""

    def __init__(self, time: float = 1_795_000_000.0) -> None:
        self.time = time

    def __call__(self) -> float:
        """Return the time."""
        return self.time


class Client:
    """Calls the OpenAPI and the control side; every answer is the decoded JSON."""

    def __init__(self, cloud: TuyaSimulator) -> None:
        self.cloud = cloud
        self.token = ""
        self.secret = cloud.access_secret
        self.session = ClientSession()

    async def __aenter__(self) -> Self:
        """Fetch a token."""
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.session.close()

    async def connect(self) -> dict[str, Any]:
        """Fetch a token and return the whole answer."""
        answer = await self.call("GET", "/v1.0/token", {"grant_type": "1"})
        self.token = answer.get("result", {}).get("access_token", "")
        return answer

    async def get(self, path: str, **query: str) -> Any:
        """Return the result of a reading call; asserts success."""
        answer = await self.call("GET", path, query)
        assert answer["success"], answer
        return answer["result"]

    async def post(self, path: str, body: Any = None) -> dict[str, Any]:
        """Return the whole answer of a writing call."""
        return await self.call("POST", path, body=body)

    async def call(
        self, method: str, path: str, query: Query | None = None, body: Any = None, **changed: str
    ) -> dict[str, Any]:
        """Send one signed call; ``changed`` replaces headers after signing."""
        async with await self.send(method, path, query, body, **changed) as answer:
            assert answer.status == 200, answer.status
            decoded: dict[str, Any] = await answer.json()
            return decoded

    async def send(
        self, method: str, path: str, query: Query | None = None, body: Any = None, **changed: str
    ) -> ClientResponse:
        """Send one signed call and return the raw answer."""
        data = b"" if body is None else json.dumps(body).encode()
        stamp = str(self.cloud.now_ms())
        token = "" if path.startswith("/v1.0/token") else self.token
        url = wire.signed_url(path, (query or {}).items())
        message = self.cloud.access_id + token + stamp
        message += wire.string_to_sign(method, data, (), url)
        headers = {
            "client_id": self.cloud.access_id,
            "t": stamp,
            "sign_method": "HMAC-SHA256",
            "sign": wire.request_sign(self.secret, message),
            "access_token": token,
            "Content-Type": "application/json",
        }
        return await self.session.request(
            method,
            self.cloud.openapi + path,
            params=query or {},
            data=data,
            headers={name: text for name, text in (headers | changed).items() if text},
        )

    async def control(self, path: str, body: Any = None, status: int = 200) -> Any:
        """POST to the control side (GET without a body) and return the JSON."""
        method = "GET" if body is None else "POST"
        url = self.cloud.control + path
        async with self.session.request(method, url, json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def read(self, *, suffix: str = "sub", topic: str = "event", **query: str) -> Reader:
        """Open a consumer."""
        cloud = self.cloud
        path = f"ws/v2/consumer/persistent/{cloud.access_id}/out/{topic}/"
        options = {"subscriptionType": "Failover", "ackTimeoutMillis": "30000"} | query
        url = f"{cloud.queue}{path}{cloud.access_id}-{suffix}"
        password = wire.queue_password(cloud.access_id, self.secret)
        headers = {"username": cloud.access_id, "password": password}
        return Reader(await self.session.ws_connect(url, params=options, headers=headers), cloud)


class Reader:
    """One consumer of the queue."""

    def __init__(self, socket: ClientWebSocketResponse, cloud: TuyaSimulator) -> None:
        self.socket = socket
        self.cloud = cloud

    async def frame(self, *, ack: bool = True) -> dict[str, Any]:
        """Return the next frame, acknowledged unless told otherwise."""
        message = await self.socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise ConnectionError(message.type.name)
        frame: dict[str, Any] = json.loads(message.data)
        if ack:
            await self.ack(frame)
        return frame

    async def ack(self, frame: dict[str, Any]) -> None:
        """Acknowledge a frame."""
        await self.socket.send_str(json.dumps({"messageId": frame["messageId"]}))

    async def body(self, *, ack: bool = True) -> dict[str, Any]:
        """Return the next message's decrypted body."""
        return self.open(await self.frame(ack=ack))

    def open(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Decrypt a frame, checking the envelope's signature."""
        secret = self.cloud.access_secret
        envelope = json.loads(base64.b64decode(frame["payload"]))
        assert envelope["sign"] == wire.envelope_sign(envelope, secret)
        em = frame.get("properties", {}).get("em")
        text = wire.decrypt_message(envelope["data"], em, wire.message_key(secret))
        body: dict[str, Any] = json.loads(text)
        return body

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()

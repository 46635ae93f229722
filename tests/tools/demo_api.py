"""Home Assistant from outside: signing in, config flows, and its WebSocket.

Only what a browser would send; everything that goes wrong is a DemoError.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
import itertools
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType

from .demo_error import DemoError

USER = PASSWORD = "demo"
ANSWER_S = 30.0

type Json = Any


class HomeAssistant:
    """One Home Assistant, signed in as the demo's user once `sign_in` returned."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = ClientSession(address, timeout=ClientTimeout(total=ANSWER_S))
        self._client = {"client_id": f"{address}/"}
        self.tokens: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        """Return itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._session.close()

    async def listens(self, path: str) -> bool:
        """Tell whether a path is served yet."""
        try:
            async with self._session.get(path) as answer:
                return answer.status == HTTPStatus.OK
        except ClientError:
            return False

    async def onboard(self) -> None:
        """Answer the first-run questions that are still open."""
        steps = await self.get("/api/onboarding")
        open_steps = {step["step"] for step in steps if not step["done"]}
        if "user" in open_steps:
            user = {"name": "Demo", "username": USER, "password": PASSWORD, "language": "en"}
            await self.post("/api/onboarding/users", {**self._client, **user})
        await self.sign_in()
        if "analytics" in open_steps:
            await self.post("/api/onboarding/analytics", {})
        if "integration" in open_steps:
            back = {**self._client, "redirect_uri": f"{self.address}/"}
            await self.post("/api/onboarding/integration", back)

    async def sign_in(self) -> None:
        """Sign in through the login form."""
        handler = {"handler": ["homeassistant", None], "redirect_uri": f"{self.address}/"}
        flow = await self.post("/auth/login_flow", {**self._client, **handler})
        login = {"username": USER, "password": PASSWORD}
        done = await self.post(f"/auth/login_flow/{flow['flow_id']}", {**self._client, **login})
        if done["type"] != "create_entry":
            raise DemoError(f"user {USER} with password {PASSWORD} cannot sign in any more")
        grant = {"grant_type": "authorization_code", "code": done["result"]}
        async with self._session.post("/auth/token", data={**self._client, **grant}) as answer:
            self.tokens = await answer.json()

    async def get(self, path: str) -> Json:
        """Return what a path answers."""
        return await self._request("GET", path)

    async def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """Post JSON; return the answer."""
        return await self._request("POST", path, json=body)

    async def delete(self, path: str) -> Json:
        """Delete what a path names."""
        return await self._request("DELETE", path)

    async def read(self, path: str, *, stranger: bool = False) -> bytes:
        """Return the bytes that a path answers, to somebody who has not signed in if asked so."""
        headers = {} if stranger else self._headers()
        async with self._session.get(path, headers=headers) as answer:
            return await answer.read() if answer.ok else b""

    async def deliver(self, url: str, headers: Mapping[str, str], body: str) -> int:
        """Post a body as a stranger does; return the status of the answer."""
        headers = {**headers, "Content-Type": "application/json"}
        async with self._session.post(url, data=body.encode(), headers=headers) as answer:
            return answer.status

    async def act(self, domain: str, action: str, entity_id: str) -> None:
        """Perform an action on one entity."""
        await self.post(f"/api/services/{domain}/{action}", {"entity_id": entity_id})

    async def ask(self, domain: str, action: str, **data: Any) -> Json:
        """Perform an action that answers; return the answer."""
        done = await self.post(f"/api/services/{domain}/{action}?return_response", data)
        return done["service_response"]

    async def flow(self, handler: str, answers: Mapping[str, Mapping[str, Any]]) -> None:
        """Go through a config flow, answering each form by its step."""
        result = await self.post("/api/config/config_entries/flow", {"handler": handler})
        while result["type"] == "form" and not result["errors"]:
            step = result["step_id"]
            if step not in answers:
                raise DemoError(f"the config flow asks an unknown question: {step}")
            path = f"/api/config/config_entries/flow/{result['flow_id']}"
            result = await self.post(path, answers[step])
        if result["type"] != "create_entry":
            raise DemoError(f"the config flow ended with {_ending(result)}")

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """Open an authenticated WebSocket."""
        async with self._session.ws_connect("/api/websocket", max_msg_size=0) as line:
            await line.receive_json()
            token = {"type": "auth", "access_token": self.tokens["access_token"]}
            await line.send_json(token)
            if (await line.receive_json())["type"] != "auth_ok":
                raise DemoError("Home Assistant's WebSocket refuses its own token")
            socket = Socket(line)
            try:
                yield socket
            finally:
                await socket.close()

    async def _request(self, method: str, path: str, **kwargs: Any) -> Json:
        request = self._session.request(method, path, headers=self._headers(), **kwargs)
        try:
            async with request as answer:
                if not answer.ok:
                    text = (await answer.text())[:300]
                    raise DemoError(f"{method} {path} answered {answer.status}: {text}")
                return await answer.json()
        except ClientError as error:
            raise DemoError(f"{method} {path} failed: {error}") from None
        except TimeoutError:
            raise DemoError(f"{method} {path} was not answered in time") from None

    def _headers(self) -> dict[str, str]:
        token = self.tokens.get("access_token")
        return {"Authorization": f"Bearer {token}"} if token else {}


class Socket:
    """Commands and events over one WebSocket."""

    def __init__(self, line: ClientWebSocketResponse) -> None:
        self._line = line
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._events: dict[int, asyncio.Queue[Json]] = {}
        self._reader = asyncio.create_task(self._read())

    async def command(self, kind: str, **fields: Any) -> Json:
        """Send a command; return its result."""
        return await self._send(kind, fields)

    async def events(self, event_type: str) -> asyncio.Queue[Json]:
        """Subscribe to an event type; its events arrive in the queue."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        await self._send("subscribe_events", {"event_type": event_type}, queue)
        return queue

    async def close(self) -> None:
        """End the reader; the connection is the owner's."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _send(
        self, kind: str, fields: Mapping[str, Any], events: asyncio.Queue[Json] | None = None
    ) -> Json:
        number = next(self._ids)
        pending = self._answers[number] = asyncio.get_running_loop().create_future()
        if events is not None:
            self._events[number] = events
        await self._line.send_json({"id": number, "type": kind, **fields})
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await pending
        except TimeoutError:
            raise DemoError(f"{kind} was not answered in time") from None
        finally:
            del self._answers[number]
        if not answer["success"]:
            raise DemoError(f"{kind}: {answer['error']['message']}")
        return answer["result"]

    async def _read(self) -> None:
        async for frame in self._line:
            if frame.type is not WSMsgType.TEXT:
                break
            message = frame.json()
            if message["type"] == "result" and message["id"] in self._answers:
                self._answers[message["id"]].set_result(message)
            elif message["type"] == "event":
                self._events[message["id"]].put_nowait(message["event"])


def _ending(result: Mapping[str, Any]) -> str:
    words = [result["type"], result.get("step_id"), result.get("reason")]
    errors = result.get("errors") or {}
    return " ".join(str(word) for word in (*words, *errors.values()) if word)

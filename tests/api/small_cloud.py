"""A small OpenAPI on a socket: checks every signature in its own way, answers as told.

It shares no code with the client; the full simulator is another program.
"""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import hashlib
import hmac
from typing import Any
from urllib.parse import unquote

from aiohttp import web

ACCESS_ID = "qx7demo3kfy5accessid"
ACCESS_SECRET = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
NOON = 1_795_348_800.0
_TOLERANCE = 300_000

type Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it came over the wire."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str]

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class SmallCloud:
    """The cloud of one project; `clock` is its time in Unix seconds."""

    def __init__(self) -> None:
        self.clock = NOON
        self.life: object = 7200
        self.uid = "bay1600000000000uid"
        self.token = "token-0"
        self.seen: list[Seen] = []
        self.origin = ""
        self._signed_in = 0
        self._replies: defaultdict[str, deque[Reply]] = defaultdict(deque)

    def answer(self, path: str, *results: object) -> None:
        """Answer calls to a path with these results, one after the other; the last one stays."""
        for result in results:
            self.reply(path, self._replier({"success": True, "result": result}))

    def refuse(self, path: str, *codes: object) -> None:
        """Refuse calls to a path with these codes."""
        for code in codes:
            self.reply(path, self._replier({"success": False, "code": code, "msg": "no"}))

    def reply(self, path: str, *replies: Reply) -> None:
        """Answer calls to a path in ways that Tuya's envelope does not cover."""
        self._replies[path].extend(replies)

    def forget(self, path: str) -> None:
        """Answer calls to a path as if nothing had been told."""
        self._replies.pop(path, None)

    def raw(self, body: bytes, status: int = 200, **headers: str) -> Reply:
        """Make an answer of bytes."""
        shown = {name.replace("_", "-"): value for name, value in headers.items()}

        async def reply(_: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status, headers=shown)

        return reply

    def end_tokens(self) -> None:
        """Let another program's refresh end the token in use."""
        self.token = f"token-{self.token}"

    def paths(self) -> list[str]:
        """Return the paths called so far."""
        return [seen.path for seen in self.seen]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take any request."""
        body = await request.read()
        seen = Seen(
            method=request.method,
            target=request.raw_path,
            body=body,
            headers=dict(request.headers),
        )
        self.seen.append(seen)
        refusal = self._refusal(seen)
        if refusal:
            return self._envelope({"success": False, "code": refusal, "msg": "no"})
        replies = self._replies[unquote(seen.path)]
        if replies:
            reply = replies[0] if len(replies) == 1 else replies.popleft()
            return await reply(request)
        if seen.path == "/v1.0/token":
            return self._envelope({"success": True, "result": self._new_token()})
        return self._envelope({"success": False, "code": 1108, "msg": "uri path invalid"})

    def _new_token(self) -> dict[str, object]:
        self._signed_in += 1
        return {
            "access_token": self.token,
            "expire_time": self.life,
            "refresh_token": "never-used",
            "uid": self.uid,
        }

    def _refusal(self, seen: Seen) -> int | None:
        signs_in = seen.path == "/v1.0/token"
        token = "" if signs_in else seen.headers.get("access_token", "")
        if seen.headers["client_id"] != ACCESS_ID:
            return 1005
        if abs(int(seen.headers["t"]) - self.clock * 1000) > _TOLERANCE:
            return 1013
        if not signs_in and token != self.token:
            return 1010
        return None if seen.headers["sign"] == _sign(seen, token) else 1004

    def _replier(self, envelope: dict[str, Any]) -> Reply:
        async def reply(_: web.Request) -> web.StreamResponse:
            return self._envelope(envelope)

        return reply

    def _envelope(self, envelope: dict[str, Any]) -> web.Response:
        return web.json_response({**envelope, "t": int(self.clock * 1000), "tid": "trace0001"})


def _sign(seen: Seen, token: str) -> str:
    path, _, query = seen.target.partition("?")
    pairs = sorted(pair.split("=", 1) for pair in query.split("&")) if query else []
    clear = "&".join(f"{unquote(key)}={unquote(value)}" for key, value in pairs)
    url = f"{path}?{clear}" if pairs else path
    digest = hashlib.sha256(seen.body).hexdigest()
    text = f"{ACCESS_ID}{token}{seen.headers['t']}{seen.method}\n{digest}\n\n{url}"
    return hmac.new(ACCESS_SECRET.encode(), text.encode(), "sha256").hexdigest().upper()

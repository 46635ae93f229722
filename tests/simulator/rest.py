"""The OpenAPI's front desk: routes, the order of refusals, faults, counting, the envelope.

Business errors leave with HTTP 200, as Tuya's do; only faults make real HTTP errors.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import inspect
import json
from typing import Any

from aiohttp import web

from . import answers, wire
from .answers import Refused
from .cloud import Cloud
from .devices import SimDevice
from .doors import settle
from .faults import AFTER, CODES, STATUSES

REQUIRED = ("client_id", "sign", "t")
EMPTY_BODY = b"{}"
BEFORE = frozenset(CODES) | frozenset(STATUSES) | {"malformed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One checked request: path ids, decoded query, decoded JSON body."""

    cloud: Cloud
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def device(self) -> SimDevice:
        """Return the device of the path; raises Refused(1106) for one not in the project."""
        return self.linked(self.ids["id"])

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the body as an object; raises Refused(1109) for anything else."""
        if not isinstance(self.body, dict):
            raise Refused(1109)
        return self.body

    def linked(self, device_id: str) -> SimDevice:
        """Return a device of the project; raises Refused(1106)."""
        device = self.cloud.devices.get(device_id)
        if device is None or not device.linked:
            raise Refused(1106)
        settle(self.cloud, device)
        return device

    def awake(self) -> SimDevice:
        """Return the device if it can be reached; raises Refused(2001)."""
        if not self.device.online:
            raise Refused(2001)
        return self.device


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One path; ``command`` marks those that move a door or write to a device."""

    method: str
    path: str
    answer: Callable[[Call], Any]
    command: bool = False
    token: bool = False


def get(path: str, answer: Callable[[Call], Any], *, token: bool = False) -> Route:
    """Return a reading route."""
    return Route(method="GET", path=path, answer=answer, token=token)


def post(path: str, answer: Callable[[Call], Any], *, command: bool = False) -> Route:
    """Return a writing route."""
    return Route(method="POST", path=path, answer=answer, command=command)


def put(path: str, answer: Callable[[Call], Any], *, command: bool = False) -> Route:
    """Return a replacing route."""
    return Route(method="PUT", path=path, answer=answer, command=command)


def delete(path: str, answer: Callable[[Call], Any], *, command: bool = False) -> Route:
    """Return a deleting route."""
    return Route(method="DELETE", path=path, answer=answer, command=command)


class Gateway:
    """Checks and answers OpenAPI calls of one cloud."""

    def __init__(self, cloud: Cloud, routes: tuple[Route, ...]) -> None:
        self._cloud = cloud
        self._routes = routes
        cloud.templates = frozenset(
            name for route in routes for name in (route.path, f"{route.method} {route.path}")
        )
        self._released = asyncio.Event()
        self._answered: dict[str, web.Response] = {}

    def add_to(self, app: web.Application) -> None:
        """Register every path, and one answer for all others."""
        for route in self._routes:
            app.router.add_route(route.method, route.path, self._handler(route))
        app.router.add_route("*", "/{tail:.*}", self._unknown)

    def release(self) -> None:
        """Let held answers go."""
        self._released.set()
        self._released = asyncio.Event()

    def _handler(self, route: Route) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(route, request)

        return handle

    async def _unknown(self, request: web.Request) -> web.Response:
        await request.read()
        return self._failure(Refused(1108))

    async def _handle(self, route: Route, request: web.Request) -> web.StreamResponse:
        cloud, sign = self._cloud, request.headers.get("sign", "")
        cloud.calls[f"{route.method} {route.path}"] += 1
        cloud.changed()
        body = await request.read()
        if sign in self._answered:
            return self._answered.pop(sign)
        try:
            self._check(route, request, body)
            broken = self._before(route, request)
            if broken is not None:
                return broken
            answered = route.answer(self._call(request, body))
            if inspect.isawaitable(answered):
                answered = await answered
            result = cloud.facts.told(route.path, answered)
        except Refused as refused:
            return self._failure(refused)
        except (KeyError, TypeError, ValueError) as error:
            return self._failure(Refused(1109, f"param is illegal: {type(error).__name__}"))
        answer = web.json_response(answers.success(result, cloud.now_ms()))
        return await self._after(route, request, answer, sign)

    def _before(self, route: Route, request: web.Request) -> web.Response | None:
        """Refuse by an armed fault: nothing is executed."""
        faults, path = self._cloud.faults, request.path
        code = faults.refusals.code(route.method, route.path, command=route.command)
        if code is not None:
            raise Refused(code)
        fault = faults.take_call(BEFORE, path, route.method, command=route.command)
        if fault is None:
            return None
        if fault.name in STATUSES:
            return web.Response(status=STATUSES[fault.name], text="upstream error")
        if fault.name == "malformed":
            return web.Response(text="<html>not JSON</html>", content_type="text/html")
        raise Refused(fault.code)

    async def _after(
        self, route: Route, request: web.Request, answer: web.Response, sign: str
    ) -> web.StreamResponse:
        """Lose, hold or falsify the answer of a call that was executed."""
        faults = self._cloud.faults
        fault = faults.take_call(AFTER, request.path, route.method, command=route.command)
        if fault is None:
            return answer
        if fault.name == "timeout":
            await self.hold()
        elif fault.name == "lost_reply" and request.transport is not None:
            request.transport.abort()
        elif fault.name == "doubled_reply":
            # The same signed request again is the gateway's own repeat: executed once only.
            self._answered = {sign: answer}
            return self._failure(Refused(500))
        return answer

    async def hold(self) -> None:
        """Hold an answer back until `release`."""
        self._cloud.holding += 1
        self._cloud.changed()
        try:
            await self._released.wait()
        finally:
            self._cloud.holding -= 1

    def _call(self, request: web.Request, body: bytes) -> Call:
        try:
            decoded = json.loads(body) if body.strip() else None
        except ValueError as error:
            raise Refused(1109) from error
        return Call(
            cloud=self._cloud,
            ids=dict(request.match_info),
            query=dict(request.query),
            body=decoded,
        )

    def _check(self, route: Route, request: web.Request, body: bytes) -> None:
        """Refuse in the order in which Tuya is believed to."""
        cloud, headers = self._cloud, request.headers
        if any(not headers.get(name) for name in REQUIRED):
            raise Refused(1105)
        if headers["client_id"] != cloud.access_id:
            raise Refused(1005)
        if not _is_near(headers["t"], cloud.now_ms(), cloud.clock_tolerance):
            raise Refused(1013)
        if body and route.method == "POST" and "json" not in headers.get("Content-Type", ""):
            raise Refused(1006)
        if not route.token:
            cloud.tokens.check(headers.get("access_token", ""))
        if not self._signed(route, request, body):
            raise Refused(1004)

    def _signed(self, route: Route, request: web.Request, body: bytes) -> bool:
        headers = request.headers
        signed_names = [name for name in headers.get("Signature-Headers", "").split(":") if name]
        named = [(name, headers.get(name, "")) for name in signed_names]
        token = "" if route.token else headers.get("access_token", "")
        prefix = headers["client_id"] + token + headers["t"] + headers.get("nonce", "")
        # Tuya's Python SDK signs an empty object as nothing but sends the two bytes.
        bodies = {body, b""} if body == EMPTY_BODY else {body}
        urls = {wire.signed_url(path, request.query.items()) for path in _paths(request)}
        expected = [
            wire.request_sign(
                self._cloud.access_secret,
                prefix + wire.string_to_sign(request.method, content, named, url),
            )
            for content in bodies
            for url in urls
        ]
        return any(wire.same(headers["sign"], one) for one in expected)

    def _failure(self, refused: Refused) -> web.Response:
        return web.json_response(answers.failure(refused, self._cloud.now_ms()))


def _paths(request: web.Request) -> set[str]:
    """Return the path as sent and decoded: SDKs differ in which one they sign."""
    return {request.path, request.raw_path.partition("?")[0]}


def _is_near(stamp: str, now_ms: int, tolerance_s: float) -> bool:
    return stamp.isdecimal() and abs(int(stamp) - now_ms) <= tolerance_s * 1000

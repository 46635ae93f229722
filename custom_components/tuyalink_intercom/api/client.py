"""TuyaCloud: the one choke point for OpenAPI calls of one project.

Signs with the cloud's clock, sends, times out, maps errors, unwraps, and repeats only what is
safe to repeat. The session is lent and never closed here; nothing runs between calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import json
import time
from typing import Any, Final
from urllib.parse import quote

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, StreamReader
from yarl import URL

from .access import AccessCalls
from .auth import SIGN_IN, SIGN_IN_QUERY, Token, TokenKeeper, token_from
from .cloud_clock import CloudClock
from .cloud_to_cloud import CloudToCloudCalls
from .counters import Called, Counters
from .devices import DeviceCalls
from .envelope import Answer, read_answer
from .errors import Reason, TuyaError, error_for
from .lock_codes import LockCodeCalls
from .media import MediaCalls
from .message import JsonObject
from .persons import PersonCalls
from .records import RecordCalls
from .regions import Endpoints
from .sending import sent_once
from .signing import Query, signature, signature_message, signed_url, string_to_sign, wire_url

_TIMEOUT: Final = ClientTimeout(total=15)
_ANSWER_LIMIT: Final = 8 * 1024 * 1024
# Servers on the way drop these from a path: the call would mean another thing.
_NO_SEGMENTS: Final = frozenset({"", ".", ".."})
_CHUNK: Final = 64 * 1024
_FIRST_BACKOFF: Final = 2.0
# Tuya's two texts for an Access ID it does not know: a code of its own, and on the token call
# the code that elsewhere means an unsuitable device.
_UNKNOWN_CLIENT: Final = 2009


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request before it is signed; `template` names it in counters and errors."""

    method: str
    template: str
    path: str = field(repr=False)
    query: Query = field(repr=False)
    body: bytes = field(repr=False)
    repeatable: bool
    device_id: str | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def signs_in(self) -> bool:
        return self.template == SIGN_IN


class TuyaCloud:
    """The OpenAPI of one cloud project in one data center."""

    def __init__(
        self,
        session: ClientSession,
        endpoints: Endpoints,
        access_id: str,
        access_secret: str,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._origin = str(endpoints.openapi.origin())
        self._access_id = access_id
        self._access_secret = access_secret
        self._now = now
        self._sleep = sleep
        self._tokens = TokenKeeper(self._sign_in, self.now)
        self._clock = CloudClock(now)
        self.counters = Counters()
        self.on_call: Callable[[Called], None] = _unheard
        """Told of every try once it is over, sign-ins and repeats among them."""
        self.devices = DeviceCalls(self.request)
        self.access = AccessCalls(self.request)
        self.cloud_to_cloud = CloudToCloudCalls(self.request)
        self.codes = LockCodeCalls(self.request, access_secret)
        self.media = MediaCalls(self.request)
        self.records = RecordCalls(self.request)
        self.persons = PersonCalls(self.request)

    def now(self) -> float:
        """Return the cloud's time in Unix seconds."""
        return self._clock.now()

    @property
    def knows_time(self) -> bool:
        """Whether `now` is the cloud's time, and not just ours."""
        return self._clock.is_known

    @property
    def clock_offset(self) -> float:
        """Seconds the cloud's clock is ahead of ours, learned from every answer."""
        return self._clock.offset

    @property
    def uid(self) -> str | None:
        """The project's own uid, told with the token; not an app user's."""
        return self._tokens.uid

    async def connect(self) -> None:
        """Sign in, which proves the keys; TuyaAuthError when Tuya does not take them."""
        await self._tokens.renew()

    async def request(
        self,
        method: str,
        path: str,
        *,
        ids: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: JsonObject | None = None,
        repeatable: bool | None = None,
    ) -> Any:
        """Make one call and return its `result`; TuyaError names `path` without the `ids`.

        Only a repeatable call (by default: GET) is sent again when Tuya is busy. Any call is sent
        again once after a refused token or clock, because Tuya refuses these before it acts.
        """
        call = _Call(
            method=method,
            template=path,
            path=path.format_map({key: _segment(value) for key, value in (ids or {}).items()}),
            query=query or {},
            body=_encoded(body),
            repeatable=method == "GET" if repeatable is None else repeatable,
            device_id=(ids or {}).get("device_id"),
        )
        if ids and not _NO_SEGMENTS.isdisjoint(ids.values()):
            raise self._failed(Reason.NOT_SUPPORTED, call)
        return (await self._perform(call)).result

    async def _sign_in(self) -> Token:
        call = _Call(
            method="GET",
            template=SIGN_IN,
            path=SIGN_IN,
            query=SIGN_IN_QUERY,
            body=b"",
            repeatable=True,
        )
        if not (self._access_id.isascii() and self._access_id.isprintable()):
            # It could not even stand in a header.
            raise self._failed(Reason.UNKNOWN_ACCESS_ID, call)
        answer = await self._perform(call)
        token = token_from(answer.result, answer.time or self.now())
        if token is None:
            raise self._failed(Reason.MALFORMED_ANSWER, call)
        return token

    async def _perform(self, call: _Call) -> Answer:
        repeats = _repeats(call)
        backoff = _FIRST_BACKOFF
        while True:
            token = "" if call.signs_in else await self._tokens.token()
            answer = await self._exchange(call, token)
            reason = answer.reason
            if reason is None:
                return answer
            if not repeats.get(reason):
                raise self._refusal(call, answer)
            repeats[reason] -= 1
            if reason is Reason.THROTTLED:
                await self._sleep(backoff)
                backoff *= 2
            elif reason is not Reason.CLOCK_SKEW:
                self._tokens.refused(token)

    async def _exchange(self, call: _Call, token: str) -> Answer:
        """Send once; the caller decides about repeats."""
        self.counters.calls[call.name] += 1
        sent = self._now()
        reason: Reason | None = Reason.UNKNOWN
        try:
            answer = await self._send(call, self._headers(call, token))
            reason = answer.reason
        except TuyaError as error:
            reason = error.reason
            raise
        finally:
            # One that was given up on the way counts too.
            self.on_call(Called(call=call.name, device_id=call.device_id, reason=reason))
        if answer.time is not None:
            self._clock.learn(answer.time, sent)
        return answer

    async def _send(self, call: _Call, headers: Mapping[str, str]) -> Answer:
        url = URL(self._origin + wire_url(call.path, call.query), encoded=True)
        try:
            async with self._session.request(
                call.method,
                url,
                data=call.body or None,
                headers=headers,
                timeout=_TIMEOUT,
                allow_redirects=False,
                middlewares=None if call.method == "GET" else (sent_once(),),
            ) as response:
                raw = await _read(response.content)
                return read_answer(response.status, raw, response.headers.get("Retry-After"))
        except TimeoutError:
            reason, unsent = Reason.TIMED_OUT, False
        except (ClientError, OSError) as error:
            reason, unsent = Reason.UNREACHABLE, isinstance(error, ClientConnectorError)
        # Raised here, not above: aiohttp's errors carry the URL, also as a hidden context.
        raise self._failed(reason, call, unsent=unsent)

    def _headers(self, call: _Call, token: str) -> dict[str, str]:
        milliseconds = str(int(self.now() * 1000))
        url = signed_url(call.path, call.query)
        request = string_to_sign(call.method, url, call.body)
        message = signature_message(self._access_id, milliseconds, request, token=token)
        headers = {
            "client_id": self._access_id,
            "sign": signature(self._access_secret, message),
            "sign_method": "HMAC-SHA256",
            "t": milliseconds,
            "lang": "en",
        }
        if token:
            headers["access_token"] = token
        if call.method != "GET":
            headers["Content-Type"] = "application/json"
        return headers

    def _refusal(self, call: _Call, answer: Answer) -> TuyaError:
        reason = answer.reason or Reason.UNKNOWN
        if call.signs_in and answer.code == _UNKNOWN_CLIENT:
            reason = Reason.UNKNOWN_ACCESS_ID
        return self._failed(reason, call, answer)

    def _failed(
        self, reason: Reason, call: _Call, answer: Answer | None = None, *, unsent: bool = False
    ) -> TuyaError:
        self.counters.errors[reason] += 1
        answer = answer or Answer()
        return error_for(
            reason,
            call.name,
            code=answer.code,
            trace_id=answer.trace_id,
            retry_after=answer.retry_after,
            # Without a token the call that it is for does not leave.
            unsent=unsent or call.signs_in,
        )


def _unheard(_called: Called) -> None:
    """Nobody counts."""


def _repeats(call: _Call) -> dict[Reason, int]:
    """How often a call may be sent again, by what Tuya said."""
    repeats = {Reason.CLOCK_SKEW: 1}
    if not call.signs_in:
        repeats[Reason.TOKEN_REJECTED] = 1
    if call.repeatable:
        repeats[Reason.THROTTLED] = 2
        if not call.signs_in:
            # A signature refused in service is doubted once: a sign-in tells if the keys are bad.
            repeats[Reason.INVALID_SECRET] = 1
    return repeats


def _segment(value: str) -> str:
    """Quote an id; text that UTF-8 cannot hold is passed on, as an error would print all of it."""
    return quote(value, safe="", errors="surrogatepass")


def _encoded(body: JsonObject | None) -> bytes:
    if body is None:
        return b""
    return json.dumps(body, separators=(",", ":")).encode()


async def _read(content: StreamReader) -> bytes:
    """Read an answer; one too large to be Tuya's reads as empty, which is malformed."""
    raw = bytearray()
    async for chunk in content.iter_chunked(_CHUNK):
        raw += chunk
        if len(raw) > _ANSWER_LIMIT:
            return b""
    return bytes(raw)

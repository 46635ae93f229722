"""What one look at a live cloud gathered: answers, frames, pictures. It is never printed.

`RecordingSession` stands where the integration's own client expects a session, so that what is
kept is what that client was told.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
import time
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from custom_components.tuyalink_intercom.api.auth import SIGN_IN
from custom_components.tuyalink_intercom.api.errors import THROTTLE_CODES, TOKEN_CODES
from custom_components.tuyalink_intercom.api.frames import Frame
from custom_components.tuyalink_intercom.api.queue_line import QueueState

type Json = Mapping[str, Any]

_REPEATED = TOKEN_CODES | THROTTLE_CODES
# Steps that sign in, and one that is made wrong on purpose.
_SIGN_INS = {"token", "late", "wrong_secret"}
_WRONG = {"bad_token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call and its answer; `sent` and `received` by this machine's clock."""

    step: str
    device: str
    asked: Json
    status: int
    answer: Json
    sent: float
    received: float

    @property
    def ok(self) -> bool:
        """Tell whether Tuya did as asked."""
        return self.answer.get("success") is True

    @property
    def code(self) -> object:
        """Return Tuya's code of a refusal."""
        return None if self.ok else self.answer.get("code")

    @property
    def result(self) -> Any:
        """Return what Tuya told."""
        return self.answer.get("result")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFrame:
    """One frame of the queue: as it came, its envelope, and what our reader made of it."""

    outer: Json
    envelope: Json
    opened: Frame
    received: float

    @property
    def body(self) -> Json:
        """Return the message in clear, empty if it could not be read."""
        return self.opened.message.payload if self.opened.message else {}

    @property
    def kind(self) -> str:
        """Return Tuya's name for the kind of message."""
        return self.opened.message.kind if self.opened.message else ""

    @property
    def device(self) -> str:
        """Return the device it is about."""
        return self.opened.message.device_id if self.opened.message else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPicture:
    """One capture file as the storage keeps it; `opened` tells whether a picture was inside."""

    raw: bytes
    key: str
    opened: bool


@dataclass(slots=True)
class Seen:
    """Everything that was seen.

    `devices` are rows of the device list, all there are if it is the `whole_list`; `hosts` is what
    the queue hosts said, of as many as the data center has in `host_count`.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    devices: list[Json] = field(default_factory=list)
    frames: list[SeenFrame] = field(default_factory=list)
    hosts: list[QueueState] = field(default_factory=list)
    host_count: int = 0
    whole_list: bool = False
    pictures: list[SeenPicture] = field(default_factory=list)

    def of(self, *steps: str) -> list[Exchange]:
        """Return the exchanges of these steps, without refusals after which the client repeats."""
        return [
            one
            for one in self.exchanges
            if one.step in steps and (one.code not in _REPEATED or one.step in _WRONG)
        ]

    def results(self, *steps: str) -> list[Any]:
        """Return what Tuya told in these steps, refusals left out."""
        return [one.result for one in self.of(*steps) if one.ok]

    def rows(self, step: str, *path: str) -> Iterator[Json]:
        """Yield the objects of a step's lists, which stand under `path` in the result."""
        for result in self.results(step):
            listed = result
            for name in path:
                listed = listed.get(name) if isinstance(listed, Mapping) else None
            if isinstance(listed, list):
                yield from (row for row in listed if isinstance(row, Mapping))

    def category_of(self, device_id: str) -> str:
        """Return Tuya's category of a device."""
        found = (row.get("category") for row in self.devices if row.get("id") == device_id)
        return str(next(found, ""))

    def terminals(self) -> set[str]:
        """Return the devices that have function points, as building terminals do."""
        return {one.device for one in self.of("function_points") if one.ok and one.result}


def properties_of(exchange: Exchange) -> list[Json]:
    """Return the data points of a device's shadow."""
    listed = exchange.result.get("properties") if isinstance(exchange.result, Mapping) else None
    return [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []


@dataclass(frozen=True, slots=True)
class _Replay:
    """An answer that was read already, in the parts of a response that our client uses."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def content(self) -> _Replay:
        return self

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        """Yield the body."""
        yield self.raw


class RecordingSession:
    """Passes calls on and keeps what came back, under the step that is announced."""

    def __init__(self, session: ClientSession, seen: Seen) -> None:
        self._session = session
        self._seen = seen
        self._about: tuple[str, str, Json] = ("", "", {})

    def announce(self, step: str, device: str = "", asked: Json | None = None) -> None:
        """Name the step that the next calls belong to."""
        self._about = step, device, asked or {}

    @asynccontextmanager
    async def request(self, method: str, url: URL, **options: Any) -> AsyncIterator[_Replay]:
        """Make an OpenAPI call."""
        sent = time.time()
        async with self._session.request(method, url, **options) as response:
            replay = _Replay(response.status, response.headers, await response.read())
        step, device, asked = self._about
        if url.path == SIGN_IN and step not in _SIGN_INS:
            step, device, asked = "sign_in", "", {}
        exchange = Exchange(
            step=step,
            device=device,
            asked=asked,
            status=replay.status,
            answer=_object(replay.raw),
            sent=sent,
            received=time.time(),
        )
        self._seen.exchanges.append(exchange)
        yield replay


def _object(raw: bytes) -> Json:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

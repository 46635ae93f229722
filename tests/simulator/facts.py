"""Facts about Tuya that can be turned into their opposite, to see who notices.

What is known of Tuya's cloud rests partly on inference.  A flipped fact makes this cloud answer
as Tuya might after all: same calls, same meaning, another shape.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
import hashlib
import json
import re
from typing import Any

from . import wire
from .tokens import Tokens

SECONDS = 1000
TYPES: Mapping[str, Any] = {"true": True, "false": False}
CAMEL = re.compile(r"(?<=[a-z])([A-Z])")
type Change = Callable[[Any], Any]
type Frame = dict[str, Any]


class UnknownFactError(ValueError):
    """A fact that cannot be flipped."""


def snake_case(rows: list[dict[str, Any]]) -> Any:
    """Spell the rows of the device list as most other answers are."""
    return [
        {CAMEL.sub(lambda found: f"_{found[1].lower()}", name): row[name] for name in row}
        for row in rows
    ]


def typed_values(result: dict[str, Any]) -> Any:
    """Log values as they are instead of as text."""
    return _each(result, "logs", lambda row: {**row, "value": _typed(row["value"])})


def seconds(listed: str, name: str) -> Change:
    """Tell the times in a list in seconds."""
    return lambda result: _each(result, listed, lambda row: {**row, name: row[name] // SECONDS})


def text_values(result: dict[str, Any]) -> Any:
    """Tell the values of a shadow as text, whatever their type."""
    return _each(result, "properties", lambda row: {**row, "value": _text(row["value"])})


def plain_model(result: dict[str, Any]) -> Any:
    """Tell the thing model as an object."""
    return {"model": json.loads(result["model"])}


def status_text(result: dict[str, Any]) -> Any:
    """Tell the status of a lock's opening as text."""
    return _each(result, "logs", lambda row: {**row, "status": wire.compact(row["status"])})


def by_kind(rows: list[dict[str, Any]]) -> Any:
    """Tell the kinds of remote unlocking as one object."""
    return {row["remote_unlock_type"]: row["open"] for row in rows}


def short_page(rows: list[dict[str, Any]]) -> Any:
    """End a page before it is full."""
    return rows[:3]


# What a fact is called, the call it is about, and how the result is changed.
ANSWERS: Mapping[str, tuple[str, Change]] = {
    "access_log.time": ("/v1.0/iot-02/access-control-logs", seconds("list", "access_time")),
    "list.camel_case": ("/v2.0/cloud/thing/device", snake_case),
    "list.short_page": ("/v2.0/cloud/thing/device", short_page),
    "lock.opening_status": ("/v1.0/devices/{id}/door-lock/open-logs", status_text),
    "lock.remote_unlocks": ("/v1.0/devices/{id}/door-lock/remote-unlocks", by_kind),
    "log.time": ("/v2.0/cloud/thing/{id}/report-logs", seconds("logs", "event_time")),
    "log.value_text": ("/v2.0/cloud/thing/{id}/report-logs", typed_values),
    "model.text": ("/v2.0/cloud/thing/{id}/model", plain_model),
    "picture.address": ("/v1.0/devices/{id}/movement-configs", lambda url: {"url": url}),
    "shadow.time": (
        "/v2.0/cloud/thing/{id}/shadow/properties",
        seconds("properties", "time"),
    ),
    "shadow.typed": ("/v2.0/cloud/thing/{id}/shadow/properties", text_values),
}
NEW_TOKEN, TOKEN = "token.same", "/v1.0/token"
MODE, SIGN = "frame.em", "envelope.sign"
PUBLISHED, PUSHED = "frame.publish_time", "envelope.time"
NAMES = frozenset(ANSWERS) | {NEW_TOKEN, MODE, SIGN, PUBLISHED, PUSHED}


class Facts:
    """The facts that this cloud has flipped."""

    def __init__(self, tokens: Tokens, access_secret: str) -> None:
        self._tokens = tokens
        self._secret = access_secret
        self._flipped: frozenset[str] = frozenset()

    def flip(self, names: Iterable[str]) -> None:
        """Flip exactly these facts; raises UnknownFactError."""
        flipped = frozenset(names)
        if unknown := flipped - NAMES:
            raise UnknownFactError(f"no such fact: {', '.join(sorted(unknown))}")
        self._flipped = flipped

    def told(self, path: str, result: Any) -> Any:
        """Return the result of a call as this cloud tells it."""
        if not self._flipped:
            return result
        if path == TOKEN and NEW_TOKEN in self._flipped:
            self._tokens.expire()
            result = self._tokens.get()
        for name in sorted(self._flipped & ANSWERS.keys()):
            template, change = ANSWERS[name]
            if template == path:
                result = change(result)
        return result

    def framed(self, frame: Frame) -> Frame:
        """Return a frame of the queue as this cloud sends it."""
        if not self._flipped:
            return frame
        frame = dict(frame)
        if MODE in self._flipped:
            frame.pop("properties", None)
        if PUBLISHED in self._flipped:
            frame["publishTime"] = frame["publishTime"].rstrip("Z").replace("T", " ")
        if self._flipped & {SIGN, PUSHED}:
            frame["payload"] = self._sealed(frame["payload"])
        return frame

    def _sealed(self, payload: str) -> str:
        """Sign an envelope again, by another formula or with its time in seconds."""
        try:
            envelope = json.loads(base64.b64decode(payload))
        except ValueError:
            return payload
        if PUSHED in self._flipped:
            envelope["t"] = int(envelope["t"]) // SECONDS
            envelope["sign"] = wire.envelope_sign(envelope, self._secret)
        if SIGN in self._flipped:
            told = f"{envelope['data']}{self._secret}{envelope['t']}"
            envelope["sign"] = hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()
        return base64.b64encode(wire.compact(envelope).encode()).decode()


def _each(result: dict[str, Any], name: str, change: Change) -> dict[str, Any]:
    return {**result, name: [change(row) for row in result[name]]}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else wire.compact(value)


def _typed(text: str) -> Any:
    return TYPES.get(text, int(text) if text.isdecimal() else text)

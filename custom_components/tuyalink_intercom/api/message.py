"""One pushed item, whatever carried it: the only type the push transports yield.

The meaning of a message belongs to the model. Here it gets its identities, so that the same item
coming twice (redelivery, two transports, two dialects) can be recognised, and its cloud time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import json
from typing import Any

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
type JsonObject = Mapping[str, Any]

_ID_LENGTH = 128
_DEVICE_KEYS = ("devId", "deviceId", "device_id")
_DATA_KEYS = ("dataId", "data_id")
_CLOCK_KEYS = frozenset({"ts", "t", "time", "eventTime", "event_time", "operTime"})
_CALL_KEY = "edata"
_CALL_DIGITS = 10
"""A call push ends its id in the seconds of the press; an id without them may stay the same."""
_EARLIEST, _LATEST = 1e9, 1e11


class MalformedMessageError(ValueError):
    """The body is not something a Tuya message can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One pushed item in clear.

    `ids`: every identity under which it may come again. `time`: cloud time in Unix seconds, None
    when the transport told none. `kind`: Tuya's bizCode, empty for a legacy status report.
    `device_id`: empty when the item is about no device. `payload`: the business body as sent.
    """

    ids: tuple[str, ...]
    time: float | None
    kind: str
    device_id: str
    payload: JsonObject
    protocol: int | None = None


def message_from(
    body: Json,
    *,
    time: float | None,
    protocol: int | None = None,
    transport_id: str | None = None,
) -> Message:
    """Build a message from a decrypted body; MalformedMessageError unless it is an object."""
    if not isinstance(body, dict):
        raise MalformedMessageError("body is not an object")
    device_id = _first_text(body, _DEVICE_KEYS)
    ids = [_bounded(transport_id)] if transport_id else []
    if data_id := _first_text(body, _DATA_KEYS):
        ids.append(_bounded(f"{device_id}:{data_id}"))
    else:
        ids.append(_fingerprint(body, time))
    return Message(
        ids=tuple(ids),
        time=time,
        kind=_text(body.get("bizCode")),
        device_id=device_id,
        payload=body,
        protocol=protocol,
    )


def unix_seconds(value: object) -> float | None:
    """Read a time of 10 (seconds) or 13 digits (milliseconds), number or text; else None.

    Tuya sends 0 for "no time", and digits as text on some paths.
    """
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if _LATEST < value < _LATEST * 1000:
        value = value / 1000
    return float(value) if _EARLIEST <= value < _LATEST else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _first_text(body: JsonObject, keys: tuple[str, ...]) -> str:
    """Find an id at the top, else inside: IoT Core has it in bizData only, older clouds in data."""
    for part in (body, body.get("bizData"), body.get("data")):
        if isinstance(part, dict):
            for key in keys:
                if text := _text(part.get(key)):
                    return text
    return ""


def _text(value: object) -> str:
    if isinstance(value, str) and value.isprintable() and len(value) <= _ID_LENGTH:
        return value
    return ""


def _bounded(identity: str) -> str:
    """Keep an identity short: it is remembered and stored."""
    return identity if len(identity) <= _ID_LENGTH else f"long:{_digest(identity)}"


def _fingerprint(body: dict[str, Json], time: float | None) -> str:
    # Two presses may have equal bodies when these carry no time; only the cloud's time parts them.
    moment = None if _tells_time(body) else time
    return f"body:{_digest(json.dumps([body, moment], sort_keys=True))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _tells_time(body: dict[str, Json]) -> bool:
    parts: list[Json] = [body]
    while parts:
        part = parts.pop()
        if isinstance(part, list):
            parts.extend(part)
        elif isinstance(part, dict):
            call = part.get(_CALL_KEY)
            if any(part.get(key) for key in _CLOCK_KEYS) or (
                isinstance(call, str) and unix_seconds(call[-_CALL_DIGITS:]) is not None
            ):
                return True
            parts.extend(part.values())
    return False

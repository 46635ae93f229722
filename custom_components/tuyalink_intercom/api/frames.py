"""One frame of the message queue, opened: what to acknowledge, and the message inside.

A frame is JSON around a base64 envelope around encrypted JSON. Anything may be wrong with it, as
Tuya's formats differ by age and product; a frame that cannot be read is poison, never an error.
"""

from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, auto
import re

from .crypto import DecryptError, envelope_sign_matches, open_message
from .json_text import MalformedJsonError, decode_json
from .message import Json, MalformedMessageError, Message, message_from, unix_seconds

# The queue's own limit for a frame; a larger one cannot be Tuya's.
FRAME_LIMIT = 1024 * 1024
_ACK_LENGTH = 1024
_ACK_ID = re.compile(rb'"messageId"\s*:\s*"([!#-\[\]-~]{1,1024})"')


class Poison(StrEnum):
    """Why a frame cannot be read."""

    TOO_LARGE = auto()
    NOT_JSON = auto()
    NO_PAYLOAD = auto()
    NO_ENVELOPE = auto()
    NOT_DECRYPTABLE = auto()
    NO_OBJECT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An opened frame; exactly one of `message` and `poison` is set.

    `ack_id` is None when the frame tells no usable id. `signed` is False when the envelope's
    signature differs from Tuya's formula.
    """

    ack_id: str | None
    message: Message | None = None
    poison: Poison | None = None
    signed: bool = True
    redelivered: bool = False


def open_frame(raw: bytes, access_secret: str) -> Frame:
    """Open one frame; never raises."""
    if len(raw) > FRAME_LIMIT:
        return Frame(ack_id=_salvaged(raw), poison=Poison.TOO_LARGE)
    outer = _object(raw)
    if outer is None:
        # Unacknowledged, a broken frame would return for two hours.
        return Frame(ack_id=_salvaged(raw), poison=Poison.NOT_JSON)
    count = outer.get("redeliveryCount")
    frame = Frame(
        ack_id=_ack_id(outer.get("messageId")),
        redelivered=isinstance(count, int) and count > 0,
    )
    payload = outer.get("payload")
    if not isinstance(payload, str):
        return replace(frame, poison=Poison.NO_PAYLOAD)
    envelope = _envelope(payload)
    if envelope is None:
        return replace(frame, poison=Poison.NO_ENVELOPE)
    time = _publish_time(outer.get("publishTime")) or unix_seconds(envelope.get("t"))
    frame = replace(frame, signed=envelope_sign_matches(envelope, access_secret))
    return _with_message(frame, envelope, _em(outer, envelope), time, access_secret)


def _with_message(
    frame: Frame, envelope: dict[str, Json], em: str | None, time: float | None, access_secret: str
) -> Frame:
    # The commercial platform's envelope carries encryptPayload instead of data.
    data = envelope.get("encryptPayload") or envelope.get("data")
    protocol = envelope.get("protocol")
    try:
        body = open_message(data if isinstance(data, str) else "", access_secret, em)
        message = message_from(
            body,
            time=time,
            protocol=protocol if isinstance(protocol, int) else None,
            transport_id=frame.ack_id,
        )
    except DecryptError:
        return replace(frame, poison=Poison.NOT_DECRYPTABLE)
    except MalformedMessageError:
        return replace(frame, poison=Poison.NO_OBJECT)
    return replace(frame, message=message)


def _em(outer: dict[str, Json], envelope: dict[str, Json]) -> str | None:
    """Find the encryption model: beside the payload, or in a commercial envelope."""
    properties = outer.get("properties")
    em = properties.get("em") if isinstance(properties, dict) else None
    em = em or envelope.get("encryptType")
    return em if isinstance(em, str) else None


def _envelope(payload: str) -> dict[str, Json] | None:
    try:
        return _object(b64decode(payload, validate=True))
    except ValueError:
        return None


def _object(raw: bytes) -> dict[str, Json] | None:
    try:
        value = decode_json(raw)
    except MalformedJsonError:
        return None
    return value if isinstance(value, dict) else None


def _ack_id(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _ACK_LENGTH else None


def _salvaged(raw: bytes) -> str | None:
    found = _ACK_ID.search(raw)
    return found[1].decode("ascii") if found else None


def _publish_time(value: object) -> float | None:
    """Read ISO-8601 with an offset; older servers send local time without one, which is none."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return unix_seconds(time.timestamp()) if time is not None and time.tzinfo else None

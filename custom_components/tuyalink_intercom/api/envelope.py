"""What Tuya answered, read from status and bytes: a result, or a reason why not."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from .errors import REASONS, Reason
from .json_text import MalformedJsonError, decode_json
from .message import Json, unix_seconds

_LONGEST_WAIT = 3600.0
_CODE_DIGITS = 16
_TRACE_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; `reason` is None on success.

    `time`: cloud time in Unix seconds, None if not told. `code`: Tuya's, else the HTTP status.
    """

    result: Any = None
    reason: Reason | None = None
    code: int | None = None
    time: float | None = None
    trace_id: str | None = None
    retry_after: float | None = None


def read_answer(status: int, raw: bytes, retry_after: str | None = None) -> Answer:
    """Read an answer; business errors come with HTTP 200, so another status is a gateway's."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Answer(reason=Reason.THROTTLED, code=status, retry_after=_seconds(retry_after))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Answer(reason=Reason.SERVER_ERROR, code=status)
    envelope = _envelope(raw) if status == HTTPStatus.OK else {}
    success, code = envelope.get("success"), _code(envelope.get("code"))
    time, trace_id = unix_seconds(envelope.get("t")), _trace_id(envelope.get("tid"))
    if success is True:
        return Answer(result=envelope.get("result"), time=time, trace_id=trace_id)
    if success is not False or code is None:
        return Answer(reason=Reason.MALFORMED_ANSWER, code=status, time=time, trace_id=trace_id)
    reason = REASONS.get(code, Reason.UNKNOWN)
    return Answer(reason=reason, code=code, time=time, trace_id=trace_id)


def _envelope(raw: bytes) -> dict[str, Json]:
    try:
        envelope = decode_json(raw)
    except MalformedJsonError:
        return {}
    return envelope if isinstance(envelope, dict) else {}


def _code(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < _CODE_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _trace_id(value: object) -> str | None:
    if isinstance(value, str) and value.isalnum() and len(value) <= _TRACE_LENGTH:
        return value
    return None


def _seconds(header: str | None) -> float | None:
    if header is None or not header.isdecimal():
        return None
    return min(float(header), _LONGEST_WAIT)

"""One signed HTTP request of the webhook door, checked and opened: pure, no sockets.

Two steps, as a receiver wants to recognise a repeat between them: `check_request` proves that
the request is the project's own, `messages_in` reads it. Errors say nothing of what was expected.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import hashlib
import hmac
import json
import re

from .crypto import DecryptError, open_message
from .json_text import MalformedJsonError, decode_json
from .message import Json, MalformedMessageError, Message, message_from, unix_seconds

BODY_LIMIT = 256 * 1024
"""A larger body cannot be a message (bytes)."""
WINDOW = 300.0
"""How far a request's time may be from the cloud's, either way (s)."""

_MILLISECONDS = 13
_TIMESTAMP = re.compile(r"[0-9]{10}|[0-9]{13}")
_SIGN = re.compile(r"[0-9a-fA-F]{64}")
_CIPHERS = ("aes_gcm", "aes_ecb")


class WebhookRefusedError(ValueError):
    """Not signed with the project's keys, or not now: HTTP 401."""


class WebhookMalformedError(ValueError):
    """What was sent holds no message: HTTP 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request that the project's keys have signed.

    `sign`: hex in lower case, the same for an exact repeat. `time`: its timestamp in Unix
    seconds. `payload`: text or bytes that were signed. `em`: encryption model, None if not told.
    """

    sign: str
    time: float
    payload: str | bytes
    em: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """The parameters as sent; `payloads` are the texts that the signature may be over."""

    client_id: str
    timestamp: str
    sign: str
    em: str | None
    payloads: tuple[str | bytes, ...]


def open_webhook(
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    access_id: str,
    access_secret: str,
    now: float,
) -> tuple[Message, ...]:
    """Check and read one request; `now` is cloud time in Unix seconds.

    Raises WebhookRefusedError on a wrong signature, id or time, else WebhookMalformedError.
    """
    request = check_request(
        headers, body, access_id=access_id, access_secret=access_secret, now=now
    )
    return messages_in(request, access_secret)


def check_request(
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    access_id: str,
    access_secret: str,
    now: float,
) -> SignedRequest:
    """Check the signature: HMAC-SHA256 in hex over client-id, timestamp and payload in a row.

    The device vendor names the parameters and not their place: they may be headers, with the
    body as payload, or all be members of a JSON body. Raises as `open_webhook` does.
    """
    claim = _from_headers(headers, body) or _from_members(body)
    time = _seconds(claim.timestamp)
    if not (
        time is not None
        and abs(now - time) <= WINDOW
        and hmac.compare_digest(_bytes(claim.client_id), _bytes(access_id))
        and _SIGN.fullmatch(claim.sign)
    ):
        raise WebhookRefusedError("refused")
    sign, signed = claim.sign.lower(), f"{claim.client_id}{claim.timestamp}"
    for payload in claim.payloads:
        text = _bytes(signed) + _bytes(payload)
        right = hmac.new(_bytes(access_secret), text, hashlib.sha256).hexdigest()
        if hmac.compare_digest(right, sign):
            return SignedRequest(sign=sign, time=time, payload=payload, em=claim.em)
    raise WebhookRefusedError("refused")


def messages_in(request: SignedRequest, access_secret: str) -> tuple[Message, ...]:
    """Read the payload: a message in clear, or the queue's envelope around an encrypted one."""
    try:
        body = decode_json(request.payload)
        data = _data_of(body)
        if data is None or not isinstance(body, dict):
            return (message_from(body, time=request.time),)
        protocol = body.get("protocol")
        message = message_from(
            _opened(data, _text(body.get("em")) or request.em, access_secret),
            time=unix_seconds(body.get("t")) or request.time,
            protocol=protocol if isinstance(protocol, int) else None,
        )
    except MalformedJsonError, DecryptError, MalformedMessageError:
        # Raised anew: what went wrong inside is nobody's business outside.
        raise WebhookMalformedError("malformed") from None
    return (message,)


def signed_headers(
    body: str, *, access_id: str, access_secret: str, now: float
) -> Mapping[str, str]:
    """Return the headers of a request that `check_request` takes at cloud time `now`."""
    timestamp = str(int(now))
    text = f"{access_id}{timestamp}{body}".encode()
    sign = hmac.new(access_secret.encode(), text, hashlib.sha256).hexdigest()
    return {"client-id": access_id, "timestamp": timestamp, "sign": sign}


def _from_headers(headers: Mapping[str, str], body: bytes | str) -> _Claim | None:
    """Read the parameters from headers; None unless a request is signed there."""
    named = {name.lower(): value for name, value in headers.items()}
    return _claim(named, (body,)) if "sign" in named else None


def _from_members(body: bytes | str) -> _Claim:
    try:
        members = decode_json(body)
    except MalformedJsonError:
        raise WebhookMalformedError("malformed") from None
    if not isinstance(members, dict):
        raise WebhookMalformedError("malformed")
    return _claim(members, tuple(_signed_texts(members.get("payload"))))


def _claim(named: Mapping[str, Json], payloads: tuple[str | bytes, ...]) -> _Claim:
    return _Claim(
        client_id=_text(named.get("client-id")) or _text(named.get("client_id")),
        timestamp=_text(named.get("timestamp")) or _text(named.get("t")),
        sign=_text(named.get("sign")),
        em=_text(named.get("em")) or None,
        payloads=payloads,
    )


def _signed_texts(payload: Json) -> Iterator[str]:
    """Yield what a sender may have signed; of an object it is not told how it was written."""
    if isinstance(payload, str):
        yield payload
    elif isinstance(payload, dict):
        for separators in ((",", ":"), None):
            for ascii_only in (False, True):
                yield json.dumps(payload, separators=separators, ensure_ascii=ascii_only)


def _data_of(body: Json) -> str | None:
    """Return the encrypted part of an envelope, None when the body is the message itself."""
    if not isinstance(body, dict):
        return None
    # The commercial platform's envelope carries encryptPayload instead of data.
    if isinstance(data := body.get("encryptPayload"), str):
        return data
    data = body.get("data")
    return data if isinstance(data, str) and ("pv" in body or "protocol" in body) else None


def _opened(data: str, em: str | None, access_secret: str) -> Json:
    if em in _CIPHERS:
        return open_message(data, access_secret, em)
    try:
        # GCM first: it proves itself by its tag, ECB by luck of its padding.
        return open_message(data, access_secret, "aes_gcm")
    except DecryptError:
        return open_message(data, access_secret, "aes_ecb")


def _seconds(timestamp: str) -> float | None:
    if not _TIMESTAMP.fullmatch(timestamp):
        return None
    return int(timestamp) / (1000 if len(timestamp) == _MILLISECONDS else 1)


def _text(value: object) -> str:
    """Return a parameter as text; a timestamp may come as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _bytes(text: str | bytes) -> bytes:
    # Headers and JSON may hold half surrogates, which strict UTF-8 refuses with an error.
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")

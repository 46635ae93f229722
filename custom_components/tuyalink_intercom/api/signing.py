"""Tuya's request signature, as pure functions of what is sent.

Tuya signs query values decoded and sorted by key, while the wire carries them percent-encoded;
and it hashes exactly the body bytes that arrive, so a body is serialised once.
"""

from collections.abc import Mapping
import hashlib
import hmac
from types import MappingProxyType
from urllib.parse import quote

type Query = Mapping[str, str | int]

_NONE: Mapping[str, str] = MappingProxyType({})


def signed_url(path: str, query: Query = _NONE) -> str:
    """Path and query as they are signed: sorted by key, values in clear."""
    pairs = "&".join(f"{key}={query[key]}" for key in sorted(query))
    return f"{path}?{pairs}" if pairs else path


def wire_url(path: str, query: Query = _NONE) -> str:
    """Path and query as they are sent: everything reserved in a value is percent-encoded."""
    pairs = "&".join(f"{_quoted(key)}={_quoted(query[key])}" for key in sorted(query))
    return f"{path}?{pairs}" if pairs else path


def string_to_sign(
    method: str, url: str, body: bytes = b"", headers: Mapping[str, str] = _NONE
) -> str:
    """Describe a request canonically; `headers` are those named in Signature-Headers, in order."""
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    return f"{method.upper()}\n{hashlib.sha256(body).hexdigest()}\n{lines}\n{url}"


def signature_message(
    access_id: str, milliseconds: str, request: str, *, token: str = "", nonce: str = ""
) -> str:
    """Join what is signed; token calls have no token, projects before July 2021 no request."""
    return f"{access_id}{token}{milliseconds}{nonce}{request}"


def signature(secret: str, message: str) -> str:
    """HMAC-SHA256 in upper-case hex."""
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest().upper()


def _quoted(value: str | int) -> str:
    return quote(str(value), safe="")

"""Tuya's ciphers, as pure functions: queue messages, capture files, lock passwords.

Errors raised here carry no data and no key.
"""

from base64 import b64decode
from collections.abc import Mapping
import hashlib
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad

from .json_text import MalformedJsonError, decode_json
from .message import Json

_BLOCK = 16
_NONCE, _TAG = 12, 16
_HEADER, _IV = 64, slice(4, 20)
_KEY_LENGTHS = (16, 24, 32)
_SIGNED_FIELDS = ("data", "protocol", "pv", "t")


class DecryptError(ValueError):
    """The data was not encrypted with this secret, or was damaged."""


class CaptureError(ValueError):
    """A capture file does not hold a picture that this key opens."""


class TruncatedCaptureError(CaptureError):
    """The end of a capture file is missing: it may still be on its way."""


def queue_password(access_id: str, access_secret: str) -> str:
    """Return the static password of the message queue's handshake."""
    return _md5(f"{access_id}{_md5(access_secret)}")[8:24]


def message_key(access_secret: str) -> bytes:
    """Return the AES-128 key of pushed messages: the middle of the secret, as text."""
    return access_secret[8:24].encode()


def decrypt_ecb(data: bytes, key: bytes) -> bytes:
    """AES-ECB with PKCS#7; DecryptError unless the padding is right."""
    try:
        return unpad(AES.new(key, AES.MODE_ECB).decrypt(data), _BLOCK)
    except ValueError:
        raise DecryptError("not decryptable") from None


def decrypt_gcm(data: bytes, key: bytes) -> bytes:
    """AES-GCM over 12 bytes nonce, ciphertext, 16 bytes tag; DecryptError unless the tag fits."""
    try:
        cipher = AES.new(key, AES.MODE_GCM, nonce=data[:_NONCE])
        return cipher.decrypt_and_verify(data[_NONCE:-_TAG], data[-_TAG:])
    except ValueError:
        raise DecryptError("not decryptable") from None


def open_message(data: str, access_secret: str, em: str | None) -> Json:
    """Decrypt the `data` of a pushed envelope and read its JSON.

    `em` is the encryption model that travels beside the envelope: "aes_gcm" is GCM, anything else
    ECB. Some transports lose it, so without a known model GCM is tried too.
    """
    raw = _base64(data)
    key = message_key(access_secret)
    if em == "aes_gcm":
        return _read(decrypt_gcm(raw, key))
    try:
        return _read(decrypt_ecb(raw, key))
    except DecryptError:
        if em == "aes_ecb":
            raise
    return _read(decrypt_gcm(raw, key))


def envelope_sign_matches(envelope: Mapping[str, Any], access_secret: str) -> bool:
    """Tell whether an envelope carries the signature that Tuya publishes a formula for.

    Tuya's page signs every field, its own SDK exactly four; either counts.
    """
    sign = envelope.get("sign")
    if sign == envelope_sign(envelope, access_secret):
        return True
    four = {name: envelope.get(name) for name in _SIGNED_FIELDS}
    return sign == envelope_sign(four, access_secret)


def envelope_sign(fields: Mapping[str, Any], access_secret: str) -> str:
    """MD5 over the sorted, non-empty fields and the whole secret, joined by "||"."""
    pairs = [
        f"{name}={fields[name]}"
        for name in sorted(fields)
        if name != "sign" and fields[name] not in (None, "")
    ]
    return _md5("||".join([*pairs, access_secret]))


def picture_type(data: bytes) -> str | None:
    """Return the media type of picture bytes, None when they are no picture Tuya sends."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def open_capture(data: bytes, key: str) -> bytes:
    """Return the picture inside a downloaded capture file; CaptureError if there is none.

    A file that is a picture already is used as it is, even if a key came with it. Else: 4 bytes
    version, 16 bytes IV, 44 bytes reserved, then AES-CBC with the key's own characters.
    """
    if picture_type(data):
        return data
    secret = key.encode()
    # The storage answers a refusal as XML, at times with HTTP 200.
    if data.startswith(b"<") or len(secret) not in _KEY_LENGTHS or len(data) <= _HEADER:
        raise CaptureError("not a picture")
    if len(data) % _BLOCK:
        raise TruncatedCaptureError("truncated")
    padded = AES.new(secret, AES.MODE_CBC, iv=data[_IV]).decrypt(data[_HEADER:])
    if not picture_type(padded):
        raise CaptureError("wrong key")
    try:
        return unpad(padded, _BLOCK)
    except ValueError:
        raise TruncatedCaptureError("truncated") from None


def ticket_password(access_secret: str, ticket_key: str, password: str) -> str:
    """Encrypt a lock password for a ticket, as upper-case hex; DecryptError on a foreign ticket.

    The ticket's key is itself encrypted with all 32 characters of the secret.
    """
    key = decrypt_ecb(_hex(ticket_key), access_secret.encode())
    if len(key) != _BLOCK:
        raise DecryptError("not a ticket key")
    return AES.new(key, AES.MODE_ECB).encrypt(pad(password.encode(), _BLOCK)).hex().upper()


def _read(plain: bytes) -> Json:
    # One wrong key in 256 leaves a valid ECB padding; only the JSON tells.
    try:
        return decode_json(plain)
    except MalformedJsonError:
        raise DecryptError("not decryptable") from None


def _base64(data: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except ValueError:
        raise DecryptError("not base64") from None


def _hex(data: str) -> bytes:
    try:
        return bytes.fromhex(data)
    except ValueError:
        raise DecryptError("not hex") from None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

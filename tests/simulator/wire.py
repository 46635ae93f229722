"""Tuya's wire as the cloud side sees it: signatures, queue login, message and file ciphers.

Pure functions written from the vendor's documents; the integration has its own.  Golden
vectors pin both, so that one wrong signer cannot be accepted by an equally wrong verifier.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
import hashlib
import hmac
import json
import struct
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad

BLOCK = 16
TAG = 16
NONCE = 12
FILE_HEADER = 64


class WireError(ValueError):
    """Bytes that cannot be what they claim to be."""


def compact(value: Any) -> str:
    """Return JSON as Tuya's servers write it: no blanks, UTF-8 text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def signed_url(path: str, query: Iterable[tuple[str, str]]) -> str:
    """Return the URL part of the string to sign: decoded values, keys in code-point order."""
    pairs = sorted(query, key=lambda pair: pair[0])
    return path + ("?" + "&".join(f"{key}={value}" for key, value in pairs) if pairs else "")


def string_to_sign(method: str, body: bytes, headers: Sequence[tuple[str, str]], url: str) -> str:
    """Return METHOD, body hash, signed headers and URL, joined by line feeds.

    Each signed header ends in a line feed and one more follows: an empty line before the URL.
    """
    lines = "".join(f"{name}:{value}\n" for name, value in headers)
    return f"{method.upper()}\n{hashlib.sha256(body).hexdigest()}\n{lines}\n{url}"


def request_sign(secret: str, message: str) -> str:
    """Return the upper-case HMAC-SHA256 that Tuya expects in the ``sign`` header."""
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest().upper()


def same(left: str, right: str) -> bool:
    """Compare two signatures without telling by time where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())


def queue_password(access_id: str, secret: str) -> str:
    """Return the queue's password: the middle of md5(id + md5(secret))."""
    inner = _md5(secret)
    return _md5(access_id + inner)[8:24]


def envelope_sign(envelope: Mapping[str, Any], secret: str) -> str:
    """Return the MD5 over the non-empty fields of a queue envelope and the whole secret."""
    fields = [
        f"{key}={value}"
        for key, value in sorted(envelope.items())
        if key != "sign" and value not in (None, "")
    ]
    return _md5("||".join([*fields, secret]))


def message_key(secret: str) -> bytes:
    """Return the AES key of queue messages: characters 8 to 23 of the Access Secret."""
    return secret[8:24].encode()


def encrypt_ecb(text: str, key: bytes) -> str:
    """Encrypt one message the default way; base64 of AES-ECB with PKCS#7."""
    cipher = AES.new(key, AES.MODE_ECB)
    return base64.b64encode(cipher.encrypt(pad(text.encode(), BLOCK))).decode()


def encrypt_gcm(text: str, key: bytes, nonce: bytes) -> str:
    """Encrypt one message the newer way; base64 of nonce, ciphertext and tag."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    sealed, tag = cipher.encrypt_and_digest(text.encode())
    return base64.b64encode(nonce + sealed + tag).decode()


def decrypt_message(data: str, em: str | None, key: bytes) -> str:
    """Return the text of one message; anything but ``aes_gcm`` means ECB.

    Raises WireError for wrong keys, tampered tags and cut data.
    """
    try:
        raw = base64.b64decode(data, validate=True)
        if em == "aes_gcm":
            nonce, sealed, tag = raw[:NONCE], raw[NONCE:-TAG], raw[-TAG:]
            return AES.new(key, AES.MODE_GCM, nonce=nonce).decrypt_and_verify(sealed, tag).decode()
        cipher = AES.new(key, AES.MODE_ECB)
        return unpad(cipher.decrypt(raw), BLOCK).decode()
    except ValueError as error:
        raise WireError(str(error)) from error


def encrypt_file(picture: bytes, key: str, iv: bytes) -> bytes:
    """Return a capture as Tuya's storage keeps it.

    Little-endian version 1, IV, 44 reserved bytes, then AES-128-CBC with PKCS#7.
    """
    cipher = AES.new(key.encode(), AES.MODE_CBC, iv=iv)
    header = struct.pack("<i", 1) + iv + bytes(FILE_HEADER - 4 - BLOCK)
    return header + cipher.encrypt(pad(picture, BLOCK))


def decrypt_file(blob: bytes, key: str) -> bytes:
    """Return the JPEG inside a stored capture; raises WireError for a wrong key or cut file."""
    if blob.startswith(b"\xff\xd8"):
        return blob
    try:
        cipher = AES.new(key.encode(), AES.MODE_CBC, iv=blob[4:20])
        picture = unpad(cipher.decrypt(blob[FILE_HEADER:]), BLOCK)
    except ValueError as error:
        raise WireError(str(error)) from error
    if not picture.startswith(b"\xff\xd8"):
        raise WireError("not a picture")
    return picture


def _ticket_secret(secret: str) -> bytes:
    """Return the 32 bytes that a ticket needs; Tuya's secrets have just that many."""
    return secret.encode()[:32].ljust(32, b"0")


def ticket_key(original_key: str, secret: str) -> str:
    """Return a lock ticket's key as the cloud hands it out: AES-256-ECB under the secret, hex."""
    cipher = AES.new(_ticket_secret(secret), AES.MODE_ECB)
    return cipher.encrypt(pad(original_key.encode(), BLOCK)).hex().upper()


def open_ticket_key(ticket_key_hex: str, secret: str) -> str:
    """Return the 16 characters inside a ticket key; raises WireError."""
    try:
        cipher = AES.new(_ticket_secret(secret), AES.MODE_ECB)
        return unpad(cipher.decrypt(bytes.fromhex(ticket_key_hex)), BLOCK).decode()
    except ValueError as error:
        raise WireError(str(error)) from error


def seal_password(digits: str, original_key: str) -> str:
    """Return a lock password encrypted with a ticket's key, as an application sends it."""
    cipher = AES.new(original_key.encode(), AES.MODE_ECB)
    return cipher.encrypt(pad(digits.encode(), BLOCK)).hex()


def open_password(password_hex: str, original_key: str) -> str:
    """Return the digits of a lock password encrypted with a ticket; raises WireError."""
    try:
        cipher = AES.new(original_key.encode(), AES.MODE_ECB)
        digits = unpad(cipher.decrypt(bytes.fromhex(password_hex)), BLOCK).decode()
    except ValueError as error:
        raise WireError(str(error)) from error
    if not digits.isdecimal():
        raise WireError("not a password")
    return digits


def webhook_sign(access_id: str, timestamp: str, payload: str, secret: str) -> str:
    """Return the signature of an HTTP push: HMAC-SHA256 over id, timestamp and payload."""
    message = (access_id + timestamp + payload).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def message_id(ledger: int, entry: int, partition: int) -> str:
    """Return Pulsar's serialised message id in base64: opaque to clients."""
    fields = ((0x08, ledger), (0x10, entry), (0x18, partition), (0x20, 0), (0x30, 1))
    return base64.b64encode(
        b"".join(bytes([tag]) + _varint(value) for tag, value in fields)
    ).decode()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)

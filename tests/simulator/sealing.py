"""Messages that only the cloud can read: their key never leaves it, but it opens them if asked.

Nobody has published what the opening call answers: ``shape`` says how this cloud tells it.
"""

import base64
from collections.abc import Callable, Mapping
import json
import secrets
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad

from .answers import Refused
from .wire import compact

BLOCK = 16


def _base64(told: str) -> str:
    return base64.b64encode(told.encode()).decode()


SHAPES: Mapping[str, Callable[[str], Any]] = {
    "text": _base64,
    "json": lambda told: told,
    "object": json.loads,
    "in_result": lambda told: {"result": _base64(told)},
    "in_message": lambda told: {"message": told, "type": 1},
    "in_data": lambda told: {"data": {"message": json.loads(told)}},
    "nothing": lambda _: "",
    "other": lambda _: {"plain": True},
}
ADDRESS = "address"
"""The shape that is no message any more, but the signed address of the picture."""


class Sealing:
    """The cloud's own key."""

    def __init__(self) -> None:
        self.shape = "text"
        self._key = secrets.token_bytes(BLOCK)

    def seal(self, told: Mapping[str, Any]) -> dict[str, str]:
        """Return a message as an entry of ``files``."""
        iv = secrets.token_bytes(BLOCK)
        data = AES.new(self._key, AES.MODE_CBC, iv=iv).encrypt(pad(compact(told).encode(), BLOCK))
        return {"data": data.hex(), "keyId": "default", "iv": iv.hex()}

    def opened(self, message: Any) -> str:
        """Return the JSON inside base64 of a sealed message; raises Refused(1109)."""
        try:
            (file, *_) = json.loads(base64.b64decode(message, validate=True))["files"]
            cipher = AES.new(self._key, AES.MODE_CBC, iv=bytes.fromhex(file["iv"]))
            return unpad(cipher.decrypt(bytes.fromhex(file["data"])), BLOCK).decode()
        except (TypeError, ValueError, KeyError) as error:
            raise Refused(1109) from error

"""Keys by data point: what is written into a lock's slot, what opens with it, what it replies.

All numbers are big endian, the key is eight ASCII digits, the whole travels in base64.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from enum import IntEnum
import struct

from .values import raw

SLOT = 7
"""A high slot: the first ones belong to the phones that were paired."""
DIGITS = 8
_SET = struct.Struct(">BHIIH8s")
_USE = struct.Struct(">BH8sH")
_SHORTEST_REPLY = 3
_UNLOCK = 1


class Status(IntEnum):
    """What a lock replies to a key, as Tuya's document of Bluetooth locks lists it."""

    SUCCESS = 0
    FAILED = 1
    WRONG_PASSWORD = 2
    TIMED_OUT = 3
    UNTIMELY = 4
    WRONG_KEY = 5
    DOUBLE_LOCKED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteKey:
    """A key of eight digits for a slot, good from `start` to `end` (Unix seconds)."""

    digits: str = field(repr=False)
    start: int
    end: int
    slot: int = SLOT
    uses: int = 1


def set_value(key: RemoteKey, validity: int) -> str:
    """Return what writes a key into its slot.

    `validity` is 1 or 0 for "in effect": which of them, products disagree about.
    """
    digits = key.digits.encode("ascii")
    return _told(_SET.pack(validity, key.slot, key.start, key.end, key.uses, digits))


def use_value(key: RemoteKey, source: int = 0) -> str:
    """Return what unlocks with a key; `source` 0 is unknown, 1 the app, 2 a voice."""
    return _told(_USE.pack(_UNLOCK, key.slot, key.digits.encode("ascii"), source))


def reply_of(value: object, slot: int = SLOT) -> int | None:
    """Return the status in a lock's reply about a slot, `None` if it is no such reply."""
    told = raw(value)
    # A written value that is merely repeated is longer than any reply.
    if told is None or not _SHORTEST_REPLY <= len(told) < _USE.size:
        return None
    return told[0] if int.from_bytes(told[1:3]) == slot else None


def _told(data: bytes) -> str:
    return b64encode(data).decode()

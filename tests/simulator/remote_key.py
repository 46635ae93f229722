"""Remote keys by data point: what a client writes into a lock's slot and opens with later.

Set key: validity u8, member u16, start u32, end u32, uses u16, 8 ASCII digits.  Unlock: action
u8 (1 unlock, 0 lock), member u16, 8 ASCII digits, source u16.  All big endian, in base64.
"""

import base64
import struct
from typing import Any

from .devices import RemoteKey, SimDevice

OK, FAIL, TIME, WRONG = 0, 1, 4, 5
SET = struct.Struct(">BHIIH8s")
USE = struct.Struct(">BHH")
UNLIMITED = 0xFFFF


def store(device: SimDevice, value: Any) -> str:
    """Keep a key and return the lock's reply."""
    raw = _bytes(value)
    if len(raw) != SET.size:
        return _reply(FAIL, 0)
    validity, member, start, end, uses, key = SET.unpack(raw)
    if device.key_validity not in {None, validity}:
        return _reply(FAIL, member)
    device.remote_keys[member] = RemoteKey(
        key=key.decode("ascii", "replace"), start=start, end=end, uses=uses
    )
    return _reply(OK, member)


def use(device: SimDevice, value: Any, now: float) -> tuple[str, bool | None]:
    """Return the lock's reply and what it does: True opens, False locks, None nothing."""
    raw = _bytes(value)
    if len(raw) != 13:
        return _reply(FAIL, 0), None
    action, member = raw[0], int.from_bytes(raw[1:3])
    known = device.remote_keys.get(member)
    if known is None or known.key.encode() != raw[3:11]:
        return _reply(WRONG, member), None
    if not known.start <= now <= known.end or known.uses == 0:
        return _reply(TIME, member), None
    if device.key_status:
        return _reply(device.key_status, member), None
    if known.uses != UNLIMITED:
        device.remote_keys[member] = RemoteKey(
            key=known.key, start=known.start, end=known.end, uses=known.uses - 1
        )
    return _reply(OK, member), action == 1


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except TypeError, ValueError:
        return b""


def _reply(status: int, member: int) -> str:
    return base64.b64encode(struct.pack(">BH", status, member)).decode()

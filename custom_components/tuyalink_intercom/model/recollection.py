"""What stored values tell of presses and pictures, so that they are not told anew.

A device that lost its connection sends its last values again when it comes back; by
then the cloud's time on the message is fresh, and only this tells it from a ring.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from . import dpcodes
from .pictures import picture_message
from .presses import pressed_at
from .reports import code_of, value_of
from .state import Codes, Recalled

_PICTURES = frozenset({dpcodes.RING_PICTURE, dpcodes.MOTION_PICTURE, *dpcodes.PICTURE_MESSAGES})


def recollected(items: Iterable[Mapping[str, Any]], codes: Codes, read_at: float) -> Recalled:
    """Return what stored values, read by `read_at` (cloud time), say of presses and pictures."""
    presses: set[float] = set()
    marks: set[str] = set()
    # A device has one value per code, however often a row says so.
    for code, value in {code_of(found, codes): value_of(found) for found in items}.items():
        if code == "doorbell_active" and (pressed := pressed_at(value)):
            presses.add(pressed)
        elif code in _PICTURES and (told := picture_message(value)):
            marks |= {told.mark} - {""}
            if told.taken and (code == dpcodes.RING_PICTURE or told.command == "ipc_doorbell"):
                presses.add(told.taken)
    return Recalled(read_at=read_at, presses=frozenset(presses), marks=frozenset(marks))

"""What stored values tell of presses and pictures, remembered so that they are not told anew.

A device that lost its connection sends its last values again when it comes back; by
then the cloud's time on the message is fresh, and only memory tells it from a ring.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..api.message import unix_seconds
from .context import KEPT, LIVE, Context
from .moments import LASTING, MOMENTS
from .presses import SAME_PRESS, kept
from .reports import code_of, value_of
from .state import Device, Memory, Press


def recollected(device: Device, items: Iterable[Mapping[str, Any]], now: float) -> Memory:
    """Add what stored values tell that are known to be older than a live message.

    A fresher one, or one without a time, may be of a press whose messages are still to come.
    """
    memory = device.memory
    for found in items:
        code, told = code_of(found, device.codes), unix_seconds(found.get("time"))
        if code in LASTING and told is not None and now - told > LIVE:
            context = Context(replace(device, memory=memory), told, live=False, memory=memory)
            MOMENTS[code](context, code, value_of(found), told)
            memory = context.memory
    return memory


def joined_memories(stored: Memory, recalled: Memory) -> Memory:
    """Join what was stored before a restart with what the cloud's values tell after it."""
    presses = (one for one in recalled.presses if not _known(one, stored.presses))
    facts = (fact for fact in recalled.facts if fact not in stored.facts)
    return Memory(kept((*presses, *stored.presses)), (*facts, *stored.facts)[-KEPT:])


def _known(press: Press, others: Iterable[Press]) -> bool:
    return any(
        other.event_id == press.event_id
        or (press.pressed and other.pressed and abs(press.pressed - other.pressed) <= SAME_PRESS)
        for other in others
    )

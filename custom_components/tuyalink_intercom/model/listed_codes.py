"""How temporary codes of locks stand, by Tuya's list of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..api.message import unix_seconds
from .keys import Key, KeyState
from .lock_codes import LATE, Link
from .values import integer, text


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCode:
    """A code as Tuya lists it; no `state`: it is gone."""

    id: str
    name: str
    state: KeyState | None
    start: float | None
    end: float | None
    slot: int | None


_GONE = None
_PHASES: Mapping[Link, Mapping[int, KeyState | None]] = {
    Link.ZIGBEE: {
        1: KeyState.PENDING,
        2: KeyState.ACTIVE,
        3: KeyState.FROZEN,
        4: _GONE,
        5: KeyState.FAILED,
    },
    Link.WIFI: {0: _GONE, 1: KeyState.PENDING, 2: KeyState.ACTIVE, 3: _GONE},
    Link.BLUETOOTH: {
        0: _GONE,
        1: KeyState.PENDING,
        2: KeyState.ACTIVE,
        3: _GONE,
        7: KeyState.FAILED,
    },
}
_DELIVERIES: Mapping[int, KeyState] = {
    1: KeyState.PENDING,
    3: KeyState.FAILED,
    4: KeyState.FAILED,
    5: KeyState.FAILED,
}


def read_listed(row: Mapping[str, Any], link: Link) -> ListedCode | None:
    """Read a row of Tuya's list; `None` for one without a number."""
    code_id = text(row.get("id"))
    if code_id is None:
        return None
    phase = integer(row.get("phase"))
    state = KeyState.ACTIVE if phase is None else _PHASES[link].get(phase, KeyState.ACTIVE)
    if link is Link.ZIGBEE and state in {KeyState.PENDING, KeyState.ACTIVE}:
        state = _DELIVERIES.get(integer(row.get("delivery_status")) or 0, state)
    slot = integer(row.get("sn"))
    return ListedCode(
        id=code_id,
        name=text(row.get("name")) or "",
        state=state,
        start=unix_seconds(row.get("effective_time")),
        end=unix_seconds(row.get("invalid_time")),
        slot=integer(row.get("slot")) if slot is None else slot,
    )


def after_listing(
    key: Key, listed: ListedCode | None, now: float, *, zigbee: bool = False
) -> Key | None:
    """Return how a code of ours stands after Tuya listed the valid ones; `None`: no more."""
    failed = key.state is KeyState.FAILED
    if key.state in {KeyState.USED, KeyState.EXPIRED}:
        return key
    if key.end is not None and key.end <= now:
        return key if failed else replace(key, state=KeyState.EXPIRED)
    if listed is None or listed.state is None:
        if failed or now - key.made < LATE:
            # The list may lag behind what was just made.
            return key
        return replace(key, state=KeyState.USED) if key.once else None
    slot = key.slot if listed.slot is None else listed.slot
    # No phase of Tuya's says frozen but a Zigbee lock's, whose 2 for "normal" stands for itself.
    frozen = key.state is KeyState.FROZEN and listed.state is KeyState.ACTIVE and not zigbee
    return replace(
        key,
        slot=slot,
        state=KeyState.FROZEN if frozen else listed.state,
        # After a change whose answer was lost only the list knows them.
        start=key.start if listed.start is None else listed.start,
        end=key.end if listed.end is None else listed.end,
    )

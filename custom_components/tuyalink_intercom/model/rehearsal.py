"""A call that nobody made, to try what a ring sets off: it goes the way of a real one.

It leaves nothing behind: no press is remembered that a real one could be taken for, nothing is
learned, and no device comes online by it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..api.message import Message
from .changes import Change, Rang
from .state import Device, World

_TERMINAL_RINGS = 1


def rehearsal(
    device: Device, now: float, *, token: str, channel: str | None = None, address: str | None
) -> Message:
    """Return the message by which a device of this kind would ring at cloud time `now`.

    `token` names the call, once; `channel` is a door panel's id, `address` the flat called.
    """
    match device.world:
        case World.TERMINAL:
            kind, body = "", _terminal(device, now, token, address)
        case World.INTERCOM:
            kind, body = "event_notify", _intercom(device, now, channel)
        case _:
            told = {"code": "doorbell", "value": True, "t": int(now * 1000)}
            kind, body = "", {"status": [told]}
    return Message(
        ids=(f"test:{token}",),
        time=now,
        kind=kind,
        device_id=device.id,
        payload={"devId": device.id, **body},
    )


def rehearsed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Keep the rings of a test, marked as one, and nothing else."""
    return tuple(replace(change, test=True) for change in changes if isinstance(change, Rang))


def _intercom(device: Device, now: float, channel: str | None) -> Mapping[str, Any]:
    told = {"devId": device.id, "edata": f"test{int(now)}", "etype": "doorbell"}
    return {"bizCode": "event_notify", "bizData": {**told, **({"cid": channel} if channel else {})}}


def _terminal(device: Device, now: float, token: str, address: str | None) -> Mapping[str, Any]:
    flat = address or min(device.flats or (), default="")
    call = {"sn": token, "type": _TERMINAL_RINGS, "target_address": flat, "time": int(now)}
    return {"data": call}

"""What becomes of calls by time alone, where the device does not tell."""

from collections.abc import Iterator

from .changes import CallMoved, CallReason, CallRested, CallStep, Change
from .context import Context
from .state import AccessState, Call, CallPhase, Device


def next_end(state: AccessState) -> float | None:
    """Return the cloud time at which the first call moves on by itself."""
    ends = (call.until for device in state.devices.values() for call in device.calls)
    return min(ends, default=None)


def timed_out(state: AccessState, now: float) -> Iterator[tuple[Change, ...]]:
    """Yield for each call whose time is over, at cloud time `now`, what becomes of it.

    One group of changes for each device.
    """
    for device in state.devices.values():
        if due := [call for call in device.calls if call.until <= now]:
            yield tuple(_ended(device, due, now))


def _ended(device: Device, due: list[Call], now: float) -> Iterator[Change]:
    ringing = [call for call in due if call.phase is CallPhase.RINGING]
    context = Context.of(device, max(call.until for call in due), now, lambda _: None)
    for call in ringing:
        context.call(CallStep.MISSED, CallReason.TIMEOUT, call.until, call.event_id)
    changes = context.finish()
    yield from changes
    missed = {change.event_id for change in changes if isinstance(change, CallMoved)}
    for call in due:
        if call.event_id not in missed:
            yield CallRested(device_id=device.id, time=call.until, event_id=call.event_id)

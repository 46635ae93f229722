"""Telling a device that its call was answered or is over, so that the other phones stop.

Only devices with a data point for it can be told; phones use the app's own connection, for which
Tuya's cloud has no call.
"""

from collections.abc import Callable, Sequence

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .coordinator import TuyaLinkCoordinator
from .entity import cloud_action
from .model.answering import answer_value, call_of, opened_to, settled
from .model.changes import Change
from .model.dpcodes import CALL_ANSWER
from .model.state import Call, CallPhase, Device
from .writing import write


async def settle_call(coordinator: TuyaLinkCoordinator, device: Device, *, answer: bool) -> None:
    """Answer the call that rings, or end the one going on. Raises translated errors."""
    if (value := answer_value(device, answer=answer)) is None:
        raise _refusal("call_only_in_app")
    phases = {CallPhase.RINGING} if answer else {CallPhase.RINGING, CallPhase.ANSWERED}
    if (call := call_of(device, phases)) is None:
        raise _refusal("no_call")
    await cloud_action(write(coordinator.cloud, device, CALL_ANSWER, value))
    now = coordinator.cloud.now()
    _take(coordinator, device.id, call, lambda there: settled(there, call, now, answer=answer))


async def stop_ringing(coordinator: TuyaLinkCoordinator, device: Device) -> None:
    """Take the call that rings, if there is one: its door was opened from here."""
    value = answer_value(device, answer=True)
    call = call_of(device, {CallPhase.RINGING})
    if value is None or call is None:
        return
    try:
        await cloud_action(write(coordinator.cloud, device, CALL_ANSWER, value))
    except HomeAssistantError:
        # The door is open, which is what was asked for; the call rings out by itself.
        return
    now = coordinator.cloud.now()
    _take(coordinator, device.id, call, lambda there: opened_to(there, call, now))


@callback
def _take(
    coordinator: TuyaLinkCoordinator,
    device_id: str,
    call: Call,
    moved: Callable[[Device], Sequence[Change]],
) -> None:
    """Move the call on, unless it is over meanwhile."""
    device = coordinator.device(device_id)
    if device is not None and any(one.event_id == call.event_id for one in device.calls):
        coordinator.take(moved(device))


def _refusal(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)

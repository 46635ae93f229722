"""Writing a data point of a device: by the call that knows its code, else by the other one."""

from asyncio import Lock
from typing import Any
from weakref import WeakKeyDictionary

from homeassistant.config_entries import ConfigEntry

from .api import Reason, TuyaCloud, TuyaError
from .coordinator import TuyaLinkCoordinator
from .model.dpcodes import CHANNELS
from .model.panels import switch_value
from .model.setting_changes import PanelChosen
from .model.state import Device, Scalar


async def write(cloud: TuyaCloud, device: Device, code: str, value: Scalar) -> None:
    """Write one value once; raise TuyaError. Accepted is not yet done: the device reports that.

    The second call is tried only after a refusal that says that the first sent nothing.
    """
    values, writes = {code: value}, (cloud.devices.issue, cloud.devices.send)
    first, second = writes[::-1] if code in device.codes.commandable else writes
    try:
        await first(device.id, values)
    except TuyaError as error:
        if not error.definite:
            raise
        await second(device.id, values)


_TURNS: WeakKeyDictionary[ConfigEntry[Any], dict[str, Lock]] = WeakKeyDictionary()


def panel_turn(entry: ConfigEntry[Any], device: Device) -> Lock:
    """Return what is held by who needs a monitor's panel until it was used.

    A monitor shows one panel at a time, and its relays act on that one. Outlives a reload, as a
    press does.
    """
    return _TURNS.setdefault(entry, {}).setdefault(device.id, Lock())


async def switch_panel(coordinator: TuyaLinkCoordinator, device: Device, panel: str) -> None:
    """Let a monitor show another of its panels; raise TuyaError."""
    # Some monitors tell a ring only by switching: what we bring about must not ring.
    now = coordinator.cloud.now()
    coordinator.take([PanelChosen(device_id=device.id, time=now, panel=panel)])
    try:
        await write(coordinator.cloud, device, CHANNELS, switch_value(device, panel))
    except TuyaError as error:
        if error.definite or error.reason is Reason.DEVICE_OFFLINE:
            coordinator.take([PanelChosen(device_id=device.id, time=now, panel=None)])
        raise

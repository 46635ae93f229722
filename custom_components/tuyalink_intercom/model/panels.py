"""The panels of a monitor: which there are, which it shows, and how it is told to show another."""

from collections import Counter
from collections.abc import Mapping
import json

from .doors import Door
from .dpcodes import CHANNELS
from .state import Device

OWN_SWITCH = 20.0
"""A monitor's report of a panel is the answer to our switching this long (s) after it."""
SAME_ANSWER = 2.0
"""So long (s) after its answer a monitor may tell the same once more."""


def panel_names(device: Device) -> Mapping[str, str]:
    """Return name → id of the panels; those of one name are told apart by their ids."""
    often = Counter(device.channels.values())
    names: dict[str, str] = {}
    for number, name in device.channels.items():
        shown = name if often[name] == 1 and name not in names else f"{name} ({number})"
        names[shown] = number
    return names


def panel_shown(device: Device) -> str | None:
    """Return the name of the panel that a monitor shows."""
    names = panel_names(device).items()
    return next((name for name, number in names if number == device.channel), None)


def panel_of(device: Device, door: Door) -> str | None:
    """Return the panel that has to be shown for a door, `None` where there is no choice.

    A monitor may name its panels only after its doors were concluded.
    """
    if door.panel is None and CHANNELS in device.codes.known and len(device.channels) > 1:
        number = str(door.number)
        return number if number in device.channels else None
    return door.panel


def switch_value(device: Device, panel: str) -> str:
    """Return what makes a monitor show a panel: its own report with a command in it."""
    panels = [{"id": _number(number), "n": name} for number, name in device.channels.items()]
    told = {"res": 1, "err": 0, "cmd": 1, "cc": _number(panel), "chs": panels}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _number(panel: str) -> int | str:
    return int(panel) if panel.isdecimal() else panel

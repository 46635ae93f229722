"""How a terminal is told something: a command with a serial number, done when it is online."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .answers import Refused
from .cloud import Cloud
from .devices import SimDevice, World
from .persons import Terminal
from .records import Command
from .rest import Call, Route

MOST_AT_ONCE = 100
type Change = Callable[[Terminal], bool]


def is_terminal(device: SimDevice) -> bool:
    """Tell whether a device is a building terminal."""
    return device.world is World.TERMINAL


def terminal(call: Call) -> SimDevice:
    """Return the terminal of the path; raises Refused(2009) for other devices."""
    if not is_terminal(call.device):
        raise Refused(2009)
    return call.device


def memory(cloud: Cloud, device: SimDevice) -> Terminal:
    """Return a terminal's memory, after it did what it could."""
    found = cloud.persons.of(device.id)
    if device.online:
        found.work()
    return found


def settle(cloud: Cloud) -> None:
    """Let every terminal do what it was told, as far as it can be reached."""
    for device in cloud.devices.values():
        if is_terminal(device):
            memory(cloud, device)


def one(call: Call, change: Change) -> Any:
    """Tell a terminal one thing."""
    return {"sn": _order(call, change)}


def many(call: Call, changes: Sequence[Change]) -> Any:
    """Tell a terminal several things, each by a command of its own."""
    return {"sn_list": [_order(call, change) for change in changes]}


def give(call: Call, act: Callable[[Command], None]) -> str:
    """Tell a terminal to act; return the serial number."""
    cloud, device = call.cloud, terminal(call)
    fails = cloud.faults.take("command_failed") is not None
    command = cloud.records.new_command(device.id, fails=fails)
    if cloud.faults.take("command_pending"):
        command.waits = True
    else:
        cloud.persons.of(device.id).give(command, act)
        memory(cloud, device)
    return command.sn


def rows(call: Call, name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list in the body; raises Refused(1109)."""
    listed = call.fields.get(name)
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AT_ONCE:
        raise Refused(1109)
    if not all(isinstance(row, dict) for row in listed):
        raise Refused(1109)
    return listed


def write(method: str, path: str, answer: Callable[[Call], Any]) -> Route:
    """Return a writing route."""
    return Route(method=method, path=path, answer=answer, command=True)


def _order(call: Call, change: Change) -> str:
    told = call.cloud.persons.of(terminal(call).id)

    def act(command: Command) -> None:
        command.fails = not change(told)

    return give(call, act)

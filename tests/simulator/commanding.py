"""Commands from Tuya's app or console to a device of another cloud: messages of the queue."""

from collections.abc import Mapping
import secrets
from typing import Any

from . import messages
from .cloud import Cloud
from .southbound import Command

EXECUTE, SET, POINTS = "execThingAction", "setThingProperties", "deviceDpCommand"


def execute(
    cloud: Cloud, device_id: str, action: str, inputs: Mapping[str, Any] | None = None
) -> Command:
    """Tell a device to do something."""
    data = {"actionCode": action, "inputParams": dict(inputs or {})}
    return _issued(cloud, device_id, EXECUTE, data)


def set_properties(cloud: Cloud, device_id: str, values: Mapping[str, Any]) -> Command:
    """Tell a device to take values."""
    return _issued(cloud, device_id, SET, dict(values))


def set_points(cloud: Cloud, device_id: str, values: Mapping[int, Any]) -> Command:
    """Tell a device to take values by data point number, as older products are told."""
    return _issued(cloud, device_id, POINTS, {str(number): values[number] for number in values})


def send(cloud: Cloud, command: Command, *, publish_time: float | None = None) -> str:
    """Put a command on the queue, again if it was there before; returns the messageId."""
    device = cloud.devices[command.device_id]
    at_ms = int(command.at * 1000)
    if command.kind == POINTS:
        body = messages.point_command(device, command.asked, at_ms)
        protocol = messages.LEGACY_MANAGEMENT
    else:
        body = messages.thing_command(device, command.kind, command.msg_id, command.asked, at_ms)
        protocol = messages.CORE_DATA
    return cloud.publish(
        command.device_id, body, protocol=protocol, publish_time=publish_time or command.at
    )


def _issued(cloud: Cloud, device_id: str, kind: str, asked: Mapping[str, Any]) -> Command:
    cloud.southbound.foreign(device_id)
    command = Command(
        msg_id=secrets.token_hex(16),
        device_id=device_id,
        kind=kind,
        asked=asked,
        at=cloud.now(),
    )
    cloud.southbound.note(command)
    command.message_id = send(cloud, command)
    return command

"""Commands from Tuya's app or console to a device of another cloud: messages of the queue."""

from collections.abc import Mapping
import secrets
from typing import Any

from . import messages
from .answers import Refused
from .cloud import Cloud
from .command_forms import FORMS, POINT_FORMS
from .southbound import EXECUTE, POINTS, SET, Command, codes_of
from .wire import compact

__all__ = ["EXECUTE", "FORMS", "POINTS", "SET", "execute", "send", "set_points", "set_properties"]

LONGEST, TOO_LONG = 8192, 1101


def execute(
    cloud: Cloud,
    device_id: str,
    action: str,
    inputs: Mapping[str, Any] | None = None,
    **how: Any,
) -> Command:
    """Tell a device to do something; ``how`` as in ``issued``."""
    data = {"actionCode": action, "inputParams": dict(inputs or {})}
    return issued(cloud, device_id, EXECUTE, data, **how)


def set_properties(cloud: Cloud, device_id: str, values: Mapping[str, Any], **how: Any) -> Command:
    """Tell a device to take values; ``how`` as in ``issued``."""
    return issued(cloud, device_id, SET, dict(values), **how)


def set_points(cloud: Cloud, device_id: str, values: Mapping[int, Any], **how: Any) -> Command:
    """Tell a device to take values by data point number, as older products are told."""
    return issued(cloud, device_id, POINTS, {str(n): told for n, told in values.items()}, **how)


def issued(
    cloud: Cloud,
    device_id: str,
    kind: str,
    asked: Mapping[str, Any],
    *,
    form: str = "plain",
    age_s: float = 0.0,
    msg_id: str | None = None,
) -> Command:
    """Note a command and put it on the queue.

    ``form``: how its body is spelled, one of ``FORMS``. ``age_s``: it was given so long ago.
    Raises Refused for a device that is not registered, and for what is too long.
    """
    foreign = cloud.southbound.foreign(device_id)
    if len(compact(asked)) > LONGEST:
        raise Refused(TOO_LONG)
    product = cloud.southbound.products[foreign.product_id]
    command = Command(
        msg_id=msg_id or secrets.token_hex(16),
        device_id=device_id,
        kind=kind,
        asked=asked,
        at=cloud.now() - age_s,
        form=form,
        codes=codes_of(product, kind, asked),
    )
    cloud.southbound.note(command)
    command.message_id = send(cloud, command)
    cloud.changed()
    return command


def send(cloud: Cloud, command: Command, *, publish_time: float | None = None) -> str:
    """Put a command on the queue, again if it was there before; returns the messageId."""
    at = command.at if publish_time is None else publish_time
    protocol, body = _body(cloud, command)
    return cloud.publish(command.device_id, body, protocol=protocol, publish_time=at)


def status(cloud: Cloud, command: Command) -> str:
    """Return how a command stands now: waiting, done, failed or timeout."""
    return command.status(cloud.now())


def _body(cloud: Cloud, command: Command) -> tuple[int, dict[str, Any]]:
    device, at_ms = cloud.devices[command.device_id], int(command.at * 1000)
    if command.kind == POINTS:
        body = messages.point_command(device, command.asked, at_ms)
        spelled = POINT_FORMS.get(command.form, FORMS["plain"])
        return messages.LEGACY_MANAGEMENT, spelled(body)
    body = messages.thing_command(device, command.kind, command.msg_id, command.asked, at_ms)
    return messages.CORE_DATA, FORMS[command.form](body)

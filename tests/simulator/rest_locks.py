"""OpenAPI calls of the lock service: remote unlock with a ticket."""

from typing import Any

from . import doors, wire
from .answers import Refused
from .devices import SimDevice, World
from .records import TICKET_S
from .rest import Call, get, post

TRUE = frozenset({True, "true"})
FALSE = frozenset({False, "false"})
PASSWORD_DIGITS = 6


def remote_unlocks(call: Call) -> Any:
    """Tell which kinds of remote unlock the owner has switched on in the app."""
    lock(call)
    if call.cloud.faults.take("remote_unlock_empty"):
        return []
    faults = call.cloud.faults
    with_password = faults.take("remote_unlock_password") is not None
    plain = not with_password and faults.take("remote_unlock_closed") is None
    return [
        {"remote_unlock_type": "remoteUnlockWithoutPwd", "open": plain},
        {"remote_unlock_type": "remoteUnlockWithPwd", "open": with_password},
    ]


def password_ticket(call: Call) -> Any:
    """Make a ticket: single use, five minutes, its key encrypted with the Access Secret."""
    ticket = call.cloud.records.new_ticket(lock(call).id)
    return {
        "ticket_id": ticket.id,
        "ticket_key": wire.ticket_key(ticket.key, call.cloud.access_secret),
        "expire_time": int(TICKET_S),
    }


def door_operate(call: Call) -> Any:
    """Open or lock without a password; ``open`` comes as a bool or as text."""
    wanted = call.fields.get("open", True)
    if not isinstance(wanted, bool | str) or wanted not in TRUE | FALSE:
        raise Refused(1109)
    return _operate(call, opens=wanted in TRUE)


def open_door(call: Call) -> Any:
    """Open without a password."""
    return _operate(call, opens=True)


def open_with_password(call: Call) -> Any:
    """Open with a password of six digits, encrypted with the ticket's key."""
    device, cloud = _reachable(call), call.cloud
    fields = call.fields
    ticket = cloud.records.use_ticket(fields.get("ticket_id"), device.id)
    try:
        digits = wire.open_password(str(fields.get("password", "")), ticket.key)
    except wire.WireError as error:
        raise Refused(1109) from error
    cloud.issued.note(digits)
    if fields.get("password_type") != "ticket" or len(digits) != PASSWORD_DIGITS:
        raise Refused(1109)
    if device.own_passwords and digits not in device.own_passwords:
        raise Refused(1109)
    doors.operate(cloud, device)
    return True


def _operate(call: Call, *, opens: bool) -> bool:
    device = _reachable(call)
    call.cloud.records.use_ticket(call.fields.get("ticket_id"), device.id)
    doors.operate(call.cloud, device, opens=opens)
    return True


def _reachable(call: Call) -> SimDevice:
    device = lock(call)
    if not device.online:
        raise Refused(2001)
    return device


def lock(call: Call) -> SimDevice:
    """Return the lock or controller of the path; raises Refused(2009) for other devices."""
    if call.device.world not in {World.LOCK, World.CONTROLLER}:
        raise Refused(2009)
    return call.device


ROUTES = (
    get("/v1.0/devices/{id}/door-lock/remote-unlocks", remote_unlocks),
    post("/v1.0/devices/{id}/door-lock/password-ticket", password_ticket),
    post("/v1.0/smart-lock/devices/{id}/password-ticket", password_ticket),
    post("/v1.0/smart-lock/devices/{id}/password-free/door-operate", door_operate, command=True),
    post("/v1.0/devices/{id}/door-lock/password-free/open-door", open_door, command=True),
    post("/v1.1/devices/{id}/door-lock/password-free/open-door", open_door, command=True),
    post("/v1.0/devices/{id}/door-lock/open-door", open_with_password, command=True),
)

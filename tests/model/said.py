"""What devices say, as the queue delivers it, and a listener that keeps up with it."""

from collections.abc import Mapping
from typing import Any

from custom_components.tuyalink_intercom.api.message import message_from, unix_seconds
from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    CallMoved,
    CaptureTaken,
    Change,
    Opened,
    Passed,
    Rang,
)
from custom_components.tuyalink_intercom.model.decode import decode
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.state import AccessState, Device

from .files import NOW, device

MOMENTS = (AlarmRaised, CallMoved, CaptureTaken, Opened, Passed, Rang)


def legacy(values: Mapping[str, Any], *, t: object = None) -> dict[str, Any]:
    """Return a status report of the older dialect, for a device named later."""
    stamp = {} if t is None else {"t": t}
    return {"status": [{"code": code, "value": value, **stamp} for code, value in values.items()]}


def core(values: Mapping[str, Any], *, time: object = None) -> dict[str, Any]:
    """Return the same report in the dialect of IoT Core."""
    stamp = {} if time is None else {"time": time}
    properties = [{"code": code, "value": value, **stamp} for code, value in values.items()]
    return {"bizCode": "devicePropertyMessage", "bizData": {"properties": properties}}


def notify(pressed: float, *, etype: str = "ac_doorbell", cid: str | None = None) -> dict[str, Any]:
    """Return the call push of a press at that time."""
    data = {"etype": etype, "edata": f"617bdf7a{int(pressed):010d}"}
    return {"bizCode": "event_notify", "bizData": data if cid is None else {**data, "cid": cid}}


def managed(kind: str, **data: object) -> dict[str, Any]:
    """Return a management message such as `online`."""
    return {"bizCode": kind, "bizData": data}


class Listener:
    """Hears the messages of one device in order, as the coordinator does."""

    def __init__(self, whom: Device | str) -> None:
        self.id = whom if isinstance(whom, str) else whom.id
        first = device(whom) if isinstance(whom, str) else whom
        self.state = AccessState({first.id: first})
        self.unknown: list[str] = []
        self.changes: list[Change] = []

    @property
    def device(self) -> Device:
        """The device as last heard."""
        return self.state.devices[self.id]

    def hears(
        self, body: Mapping[str, Any], at: float | None = NOW, *, now: float | None = None
    ) -> tuple[Change, ...]:
        """Take a message sent at cloud time `at`, heard `now` (default: at once)."""
        message = message_from({"devId": self.id, **body}, time=at)
        heard = now if now is not None else NOW if at is None else at
        changes = decode(message, self.state, heard, self.unknown.append)
        self.state = reduce(self.state, changes)
        self.changes.extend(changes)
        return changes

    def of[T: Change](self, kind: type[T]) -> list[T]:
        """Return everything of one kind that was heard so far."""
        return [change for change in self.changes if isinstance(change, kind)]

    @property
    def rings(self) -> list[Rang]:
        """The rings heard so far."""
        return self.of(Rang)

    @property
    def moments(self) -> list[Change]:
        """Everything heard that is an event and no state."""
        return [change for change in self.changes if isinstance(change, MOMENTS)]


def heard(whom: Device | str, *bodies: Mapping[str, Any], at: float = NOW) -> Listener:
    """Let a listener hear messages, all sent at the same time."""
    listener = Listener(whom)
    for body in bodies:
        listener.hears(body, at)
    return listener


def seconds(value: object) -> float:
    """Return a time that must be readable."""
    told = unix_seconds(value)
    assert told is not None
    return told

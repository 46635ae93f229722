"""What the cloud remembers besides devices: lock tickets, command records, passages."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
import secrets
from typing import Any

from .answers import Refused
from .issued import Issued

TICKET_S = 300.0
KEEP = 500
# How lock records show a status: Tuya's example and its text disagree.
STATUS_OBJECT, STATUS_LIST, STATUS_MIXED = "object", "list", "mixed"
STATUS_SHAPES = (STATUS_OBJECT, STATUS_LIST, STATUS_MIXED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A lock-service ticket: for one device, for one use, for five minutes."""

    id: str
    device_id: str
    key: str
    made: float


@dataclass(slots=True, kw_only=True)
class Command:
    """A terminal command; each look at it moves it from sending over sent to its end."""

    sn: str
    device_id: str
    happen_time: int
    fails: bool
    waits: bool = False
    """The device has not done it yet."""
    status: int = 0


class Records:
    """Bounded ledgers."""

    def __init__(self, now: Callable[[], float], issued: Issued) -> None:
        self._issued = issued
        self.passages: deque[dict[str, Any]] = deque(maxlen=2000)
        self.localized = True
        self.status_shape = STATUS_MIXED
        self._now = now
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()
        self._commands: OrderedDict[str, Command] = OrderedDict()

    def new_ticket(self, device_id: str) -> Ticket:
        """Make a ticket with a random 16-character key."""
        ticket = Ticket(
            id=secrets.token_urlsafe(6),
            device_id=device_id,
            key=secrets.token_hex(8),
            made=self._now(),
        )
        self._tickets[ticket.id] = ticket
        self._issued.note(ticket.id, ticket.key)
        if len(self._tickets) > KEEP:
            self._tickets.popitem(last=False)
        return ticket

    def use_ticket(self, ticket_id: Any, device_id: str) -> Ticket:
        """Use a ticket up; raises Refused(1109) for an unknown, used, foreign or old one."""
        ticket = self._tickets.get(ticket_id) if isinstance(ticket_id, str) else None
        if ticket is None or ticket.device_id != device_id:
            raise Refused(1109)
        del self._tickets[ticket.id]
        if self._now() - ticket.made > TICKET_S:
            raise Refused(1109)
        return ticket

    def new_command(self, device_id: str, *, fails: bool) -> Command:
        """Note a command that was accepted for a terminal."""
        command = Command(
            sn=str(13 * 10**8 + secrets.randbelow(10**8)),
            device_id=device_id,
            happen_time=int(self._now() * 1000),
            fails=fails,
        )
        self._commands[command.sn] = command
        if len(self._commands) > KEEP:
            self._commands.popitem(last=False)
        return command

    def command(self, sn: str) -> Command:
        """Look at a command: sending, sent, then succeeded or failed; Refused(1000) if unknown."""
        if sn not in self._commands:
            raise Refused(1000)
        command = self._commands[sn]
        end = 4 if command.fails else 3
        command.status = min(command.status + 1, 2 if command.waits else 3)
        if command.status == 3:
            command.status = end
        return command

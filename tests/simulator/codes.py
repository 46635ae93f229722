"""The temporary codes of simulated locks: who made them, when they open, what became of them.

What Tuya does not document is [inferred]: how many codes a lock holds, and that a second code
with the same digits is refused (Zigbee locks tell that later, by the code's delivery).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import secrets
from typing import Any

from .answers import Refused
from .devices import SimDevice
from .issued import Issued

KEEP = 2000
LIMIT = 20
FIRST_SLOT = 11
LATE_S = 60.0
DYNAMIC_S = 300.0
RADIO = frozenset({"jtmspro", "jtmsbh"})
DELIVERED, EXISTS, FULL = 2, 4, 5
TEMPORARY, OFFLINE, DYNAMIC = "unlock_temporary", "unlock_offline_pd", "unlock_dynamic"


@dataclass(slots=True, kw_only=True)
class SimCode:
    """A code; times in Unix seconds, ``hours`` as sent, ``delivery`` as Zigbee locks tell it."""

    id: int
    device_id: str
    digits: str = field(repr=False)
    name: str
    start: float
    end: float
    slot: int
    once: bool = False
    hours: Sequence[Mapping[str, int]] = ()
    time_zone: str = "+00:00"
    way: str = TEMPORARY
    delivery: int = DELIVERED
    sent: bool = True
    frozen: bool = False
    used: bool = False
    deleted: bool = False

    def valid(self, now: float) -> bool:
        """Tell whether it is still listed as good."""
        return not (self.deleted or self.used) and now < self.end

    def opens(self, now: float) -> bool:
        """Tell whether it opens at this moment."""
        there = self.sent and self.delivery == DELIVERED and not self.frozen
        return there and self.valid(now) and self.start <= now and self._in_hours(now)

    def _in_hours(self, now: float) -> bool:
        local = datetime.fromtimestamp(now, UTC) + offset(self.time_zone)
        minute, bit = local.hour * 60 + local.minute, 1 << local.isoweekday() % 7
        return not self.hours or any(
            one["working_day"] & bit and one["effective_time"] <= minute < one["invalid_time"]
            for one in self.hours
        )


class Codes:
    """All codes of a project."""

    def __init__(self, now: Callable[[], float], issued: Issued) -> None:
        self.tells_slot = False
        """Whether lists tell the number under which a lock reports a code's use."""
        self.wrong: dict[str, int] = {}
        """Wrong codes typed in a row, by device."""
        self._now = now
        self._issued = issued
        self._codes: OrderedDict[int, SimCode] = OrderedDict()

    def add(self, device: SimDevice, code: SimCode) -> SimCode:
        """Take a code; raises Refused(1109) for digits that are in use, or one too many."""
        self._issued.note(code.digits)
        others = [one for one in self.of(device.id) if one.valid(self._now()) and one is not code]
        if any(one.digits == code.digits for one in others):
            code.delivery = _later(device, EXISTS)
        elif len(others) >= LIMIT:
            code.delivery = _later(device, FULL)
        # A sleeping or absent lock has it once it is back.
        code.sent = device.online
        self._codes[code.id] = code
        while len(self._codes) > KEEP:
            self._codes.popitem(last=False)
        return code

    def new(self, device: SimDevice, digits: str, **rest: Any) -> SimCode:
        """Make a code with a number and the lowest slot that is free."""
        taken = {one.slot for one in self.of(device.id) if one.valid(self._now())}
        slot = next(slot for slot in range(FIRST_SLOT, KEEP * 2) if slot not in taken)
        number = 10**8 + secrets.randbelow(9 * 10**8)
        return SimCode(id=number, device_id=device.id, digits=digits, slot=slot, **rest)

    def of(self, device_id: str) -> Iterator[SimCode]:
        """Yield the codes of a lock that were made through the cloud or for it, oldest first."""
        yield from (code for code in self._codes.values() if code.device_id == device_id)

    def find(self, device_id: str, number: str) -> SimCode:
        """Return a temporary code that is not deleted; raises Refused(1000)."""
        code = self._codes.get(int(number)) if number.isdecimal() else None
        if code is None or code.device_id != device_id or code.deleted or code.way != TEMPORARY:
            raise Refused(1000)
        return code

    def opening(self, device: SimDevice, digits: str) -> SimCode | None:
        """Return the code that opens a lock now when these digits are typed."""
        self.deliver(device)
        found = (one for one in self.of(device.id) if one.digits == digits)
        return next((one for one in found if one.opens(self._now())), None)

    def name_of(self, device_id: str, slot: int) -> str:
        """Return the name of the newest code that has, or had, a slot."""
        names = [one.name for one in self.of(device_id) if one.slot == slot]
        return names[-1] if names else ""

    def deliver(self, device: SimDevice) -> None:
        """Let a lock that is back fetch what waited for it."""
        for code in self.of(device.id):
            code.sent = code.sent or device.online


def is_radio(device: SimDevice) -> bool:
    """Tell whether a lock speaks Zigbee or Bluetooth, behind a gateway or by its category."""
    return device.file.sub or device.category in RADIO


def digits_of(device: SimDevice) -> int:
    """Return how many digits the codes of a lock have."""
    return 6 if is_radio(device) else 7


def offset(time_zone: str) -> timedelta:
    """Read a time zone as ``-03:00``; raises Refused(1109)."""
    try:
        moment = datetime.strptime(time_zone, "%z")
    except ValueError as error:
        raise Refused(1109) from error
    return moment.utcoffset() or timedelta(0)


def _later(device: SimDevice, delivery: int) -> int:
    """Return how a Zigbee lock tells a failure afterwards; a Wi-Fi lock's is told at once."""
    if not is_radio(device):
        raise Refused(1109)
    return delivery

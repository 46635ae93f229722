"""Keys that were handed out from here: codes of locks, persons of terminals and what they carry.

Tuya has no list of a terminal's persons, cards and faces: who wrote them has to remember them.
A code or password itself is never remembered, only that there is one.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class KeyKind(StrEnum):
    """What was handed out."""

    CODE = "code"
    """A temporary code of a lock; `id` is Tuya's number of it."""
    OFFLINE_CODE = "offline_code"
    """A code that the lock knows without being told; nobody can take it back by its number."""
    PERSON = "person"
    """Somebody a terminal knows; `id` is the person's."""
    FACE = "face"
    CARD = "card"
    """`id` is the card's number, which Tuya's calls about it take."""
    PASSWORD = "password"
    """`id` is our own name of it: the password is part of Tuya's calls and is not kept."""
    QR_CODE = "qr_code"
    """`id` is our own name of it, as with a password."""
    PERMISSION = "permission"
    """Leave to be called by a terminal and to open it from the app."""


class KeyState(StrEnum):
    """How a key stands; the value is told in answers."""

    PENDING = "pending"
    """Tuya took it and the device has not said that it has it."""
    ACTIVE = "active"
    FROZEN = "frozen"
    USED = "used"
    """Good for one opening, which was made."""
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key, known by its device, kind, person and id. Times are Unix seconds."""

    device_id: str
    kind: KeyKind
    id: str = field(repr=False)
    """Of a card its number."""
    made: float
    name: str = ""
    """Whose it is, or what for."""
    person: str = ""
    """Id of the person who carries it; empty for codes."""
    state: KeyState = KeyState.ACTIVE
    start: float | None = None
    end: float | None = None
    once: bool = False
    hours: tuple[tuple[int, int, int], ...] = ()
    """Hours of the week in which a code opens or a person may pass, as `Hours.row`."""
    slot: int | None = None
    """Number under which the lock tells of its use, as far as known."""
    sn: str = ""
    """Serial number of a command to the device whose fate is not known yet."""
    done: KeyState | None = KeyState.ACTIVE
    """How it stands once that command succeeded; `None`: it is no more."""
    undone: KeyState | None = KeyState.FAILED
    """How it stands if that command failed; `None`: it never was."""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What tells it from others."""
        return self.device_id, self.kind.value, self.person, self.id

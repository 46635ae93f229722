"""Who is who: the owners of lock slots, and the names of persons on terminals.

Locks report slot numbers; a name is known only where the owner gave a slot to somebody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import hashlib

PERSON = "ay1700000000000Anna"
KINDS = ("fingerprint", "password", "card", "face")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a name."""

    name: str

    @property
    def user_id(self) -> str:
        """Return the id that records show."""
        return "ay17" + hashlib.sha256(self.name.encode()).hexdigest()[:16]


class People:
    """The table of names.  From the start slot 1 of every lock is Anna's, whatever its kind."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, str, int], Person | None] = {("", "", 1): Person(name="Anna")}
        self._names = {PERSON: "Anna"}

    def assign(self, device_id: str, slot: int, name: str, kind: str = "") -> None:
        """Give a slot to somebody; ``kind`` "" = of every kind; ``name`` "" takes it back."""
        self._slots[device_id, kind, slot] = Person(name=name) if name else None

    def call(self, person_id: str, name: str) -> None:
        """Name a person of terminals."""
        self._names[person_id] = name

    def named(self) -> dict[str, str]:
        """Return the persons of terminals that have a name, by id."""
        return dict(self._names)

    def owner(self, device_id: str, kind: str, slot: int) -> Person | None:
        """Return who owns a slot of a lock."""
        for key in ((device_id, kind, slot), (device_id, "", slot), ("", "", slot)):
            if key in self._slots:
                return self._slots[key] if kind in KINDS else None
        return None

    def name(self, person_id: str) -> str:
        """Return the name of a person of terminals; one without a name shows as the id."""
        return self._names.get(person_id, person_id)

    def owners(self, device_id: str) -> Iterator[tuple[Person, str, int]]:
        """Yield who may open a lock, by which kind and slot."""
        slots = sorted({slot for known, _, slot in self._slots if known in {"", device_id}})
        for slot in slots:
            for kind in KINDS:
                person = self.owner(device_id, kind, slot)
                if person is not None:
                    yield person, kind, slot

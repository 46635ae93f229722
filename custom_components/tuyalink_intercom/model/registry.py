"""Who is known, who said so, and whose a number at a lock is. Values only.

Somebody is known by an id of Tuya's, the same at every device. Locks tell only numbers, of which
each has an owner of its own. What the owner of the home said beats everything else.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from .state import Method

KEPT = 2000
"""Persons and numbers together; what the owner said is the last to go."""
NAMELESS = 100
"""Of these, seen and nothing more."""


class Origin(StrEnum):
    """Who says what somebody is called; the value is told in answers."""

    ACCESS_LOG = "access_log"
    """A record of a passage, or of an opening."""
    LOCK_USERS = "lock_users"
    GROUP_USERS = "group_users"
    FACE_DATABASE = "face_database"
    PUSHED = "pushed"
    """Handed out from here."""
    OWNER = "owner"
    """The owner of the home, here."""


type Subject = tuple[str, str]
"""A person is ("", id), a number at a lock (device id, `<method>:<slot>`)."""


def subject_of(device_id: str, key: str) -> Subject:
    """Return what a device's name for somebody stands for."""
    return (device_id, key) if credential(key) else ("", key)


def credential(key: str) -> tuple[Method, int | None] | None:
    """Return method and number of a key; `None` for a person's id, no number where none is told."""
    method, separator, slot = key.partition(":")
    if not separator or method not in Method:
        return None
    return Method(method), int(slot) if slot.isdecimal() else None


def stand_in(key: str) -> str:
    """Return what is shown of who passed while there is no name: the id, else only the method."""
    told = credential(key)
    return key if told is None else told[0].value


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a person or of a number."""

    said: Mapping[Origin, str] = field(default_factory=dict)
    """What others than the owner say, who said something new last at the end."""
    owner: str = ""
    """What the owner says; empty while they say nothing."""
    person: str = ""
    """Of a number: the id of the person whose it is."""
    seen: float | None = None
    """When it came in without anybody knowing its name (Unix seconds)."""

    @property
    def told(self) -> str:
        """Return the name by the word of others."""
        return [*self.said.values()][-1] if self.said else ""

    def hearing(self, origin: Origin, name: str, person: str) -> Known:
        """Take a word; an empty one of others takes back all that they said."""
        if origin is Origin.OWNER:
            return replace(self, owner=name)
        if not name:
            return replace(self, said={}, person="")
        known = (
            self if self.said.get(origin) == name else replace(self, said=self._with(origin, name))
        )
        return replace(known, person=person)

    def _with(self, origin: Origin, name: str) -> Mapping[Origin, str]:
        others = {one: word for one, word in self.said.items() if one is not origin}
        return {**others, origin: name}


NOBODY = Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person, or a name to which numbers belong; `id` is empty where only numbers are known."""

    id: str
    name: str
    origins: frozenset[Origin]
    numbers: tuple[Subject, ...] = ()
    seen: float | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """Everybody who is known; the newest at the end."""

    known: Mapping[Subject, Known] = field(default_factory=dict)

    def name(self, subject: Subject) -> str:
        """Return what somebody is called, empty if nobody says. A number is called as its owner."""
        known, holder = self._both(subject)
        return known.owner or holder.owner or holder.told or known.told

    def by_owner(self, subject: Subject) -> bool:
        """Tell whether that is the owner's word."""
        known, holder = self._both(subject)
        return bool(known.owner or holder.owner)

    def names(self, device_id: str) -> dict[str, tuple[str, bool]]:
        """Return, for a device, name by id and by number, and whether it is the owner's word."""
        return {
            key: (name, self.by_owner((place, key)))
            for place, key in self.known
            if place in {"", device_id} and (name := self.name((place, key)))
        }

    def hearing(self, subject: Subject, origin: Origin, name: str, person: str = "") -> Registry:
        """Take a word about somebody; `person`: whose a number is."""
        known, holder = self._both(subject)
        if not person and name in {known.told, holder.told}:
            # Not everyone who tells a name tells whose id it is.
            person = known.person
        return self._with(subject, known.hearing(origin, name, person))

    def seeing(self, subject: Subject, time: float) -> Registry:
        """Take that somebody came in whom nobody knows by name; of others it is not noted."""
        if self.name(subject):
            return self
        known = replace(self.known.get(subject, NOBODY), seen=time)
        others = {one: what for one, what in self.known.items() if one != subject}
        return Registry(_bounded({**others, subject: known}))

    def without(self, subjects: Collection[Subject]) -> Registry:
        """Forget somebody, and that numbers are theirs."""
        return Registry(
            {
                one: replace(known, person="") if ("", known.person) in subjects else known
                for one, known in self.known.items()
                if one not in subjects
            }
        )

    def within(self, device_ids: Collection[str]) -> Registry:
        """Forget the numbers of all other devices."""
        kept = {
            one: known for one, known in self.known.items() if not one[0] or one[0] in device_ids
        }
        return self if len(kept) == len(self.known) else Registry(kept)

    def called(self, who: str) -> tuple[Subject, ...]:
        """Return whom an id, else a name, stands for: each with a name of its own to change."""
        if ("", who) in self.known:
            return (("", who),)
        wanted = who.strip().casefold()
        return tuple(one for one in self.known if wanted and self._own(one).casefold() == wanted)

    def _own(self, subject: Subject) -> str:
        """Return the name of somebody that is not only the name of whose number it is."""
        known, holder = self._both(subject)
        return known.owner or ("" if holder.told or holder.owner else known.told)

    def _both(self, subject: Subject) -> tuple[Known, Known]:
        known = self.known.get(subject, NOBODY)
        return known, self.known.get(("", known.person), NOBODY) if known.person else NOBODY

    def _with(self, subject: Subject, after: Known) -> Registry:
        before = self.known.get(subject)
        if after == (before or NOBODY):
            return self
        others = {one: known for one, known in self.known.items() if one != subject}
        if after == NOBODY:
            return Registry(others)
        return Registry(_bounded({**others, subject: after}))


def everybody(registry: Registry) -> Iterator[Somebody]:
    """Yield the persons, then the names that only numbers have, by name."""
    carried: dict[str, list[Subject]] = {}
    groups: dict[str, list[Subject]] = {}
    for one, known in registry.known.items():
        if one[0] and ("", known.person) in registry.known:
            carried.setdefault(known.person, []).append(one)
        elif one[0] and (name := registry.name(one)):
            groups.setdefault(name, []).append(one)
    persons = [
        _person(registry, key, tuple(carried.get(key, ())))
        for place, key in registry.known
        if not place
    ]
    numbers = (
        Somebody(id="", name=name, origins=_origins(registry, ones), numbers=tuple(ones))
        for name, ones in groups.items()
    )
    yield from sorted(persons, key=lambda one: (not one.name, one.name.casefold(), one.id))
    yield from sorted(numbers, key=lambda one: one.name.casefold())


def nameless(registry: Registry) -> Iterator[tuple[Subject, float]]:
    """Yield who came in without a name, the last first, and when."""
    seen = [
        (one, known.seen)
        for one, known in registry.known.items()
        if known.seen is not None and not registry.name(one)
    ]
    yield from sorted(seen, key=lambda one: -one[1])


def stored(registry: Registry) -> list[dict[str, Any]]:
    """Return a registry as it is written."""
    return [
        {
            "device": place,
            "key": key,
            "said": [[origin.value, name] for origin, name in known.said.items()],
            "owner": known.owner,
            "person": known.person,
            "seen": known.seen,
        }
        for (place, key), known in registry.known.items()
    ]


def restored(rows: Iterable[Mapping[str, Any]]) -> Registry:
    """Return a registry as it was written, without what only another version of this can read."""
    known: dict[Subject, Known] = {}
    for row in rows:
        with suppress(KeyError, TypeError, ValueError):
            known[row["device"], row["key"]] = Known(
                said={Origin(origin): name for origin, name in row["said"] if origin in Origin},
                owner=row["owner"],
                person=row["person"],
                seen=row["seen"],
            )
    return Registry(known)


def taken_over(people: Mapping[str, Mapping[str, str]]) -> Registry:
    """Return a registry from names by device and key, as they were kept before there was one."""
    registry = Registry()
    for device_id, names in people.items():
        for key, name in names.items():
            registry = registry.hearing(subject_of(device_id, key), Origin.ACCESS_LOG, name)
    return registry


def _person(registry: Registry, key: str, numbers: tuple[Subject, ...]) -> Somebody:
    known = registry.known["", key]
    return Somebody(
        id=key,
        name=registry.name(("", key)),
        origins=_origins(registry, (("", key), *numbers)),
        numbers=numbers,
        seen=known.seen,
    )


def _origins(registry: Registry, subjects: Iterable[Subject]) -> frozenset[Origin]:
    known = [registry.known[one] for one in subjects]
    owner = {Origin.OWNER} if any(one.owner for one in known) else set()
    return frozenset(owner | {origin for one in known for origin in one.said})


def _bounded(known: dict[Subject, Known]) -> dict[Subject, Known]:
    unnamed = [one for one, what in known.items() if not (what.said or what.owner)]
    gone = {*unnamed[: max(0, len(unnamed) - NAMELESS)]}
    surplus = len(known) - len(gone) - KEPT
    if surplus > 0:
        rest = [one for one in known if one not in gone]
        gone |= {*sorted(rest, key=lambda one: _worth(known[one]))[:surplus]}
    return {one: what for one, what in known.items() if one not in gone} if gone else known


def _worth(known: Known) -> tuple[bool, bool]:
    return bool(known.owner), bool(known.said)

"""Who is called when a terminal calls a flat: up to three persons for each, as the user said."""

from collections.abc import Iterable, Mapping
from typing import Final

from .flats import flat_of

MOST_PERSONS: Final = 3
"""Tuya rings no more persons for one call."""
LONGEST_ID: Final = 32
"""Tuya takes no longer id of a person."""
LONGEST_FLAT: Final = 64
MOST_FLATS: Final = 1000

type Routes = Mapping[str, tuple[str, ...]]


def routes_of(stored: object) -> Routes:
    """Read what is stored; keys are flats in the one spelling by which they are compared."""
    if not isinstance(stored, Mapping):
        return {}
    routes = {
        flat_of(flat): persons_of(persons)[:MOST_PERSONS]
        for flat, persons in stored.items()
        if isinstance(flat, str) and isinstance(persons, list | tuple)
    }
    return {flat: persons for flat, persons in routes.items() if flat and persons}


def persons_of(told: Iterable[object]) -> tuple[str, ...]:
    """Return the ids of persons, each once, in order."""
    ids = (one.strip() for one in told if isinstance(one, str))
    return tuple(dict.fromkeys(one for one in ids if one))


def fault_of(persons: Iterable[str]) -> str | None:
    """Return what Tuya would refuse of these ids, by the key of its sentence."""
    persons = [*persons]
    if len(persons) > MOST_PERSONS:
        return "too_many_persons"
    return "person_id_too_long" if any(len(one) > LONGEST_ID for one in persons) else None

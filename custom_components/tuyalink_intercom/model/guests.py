"""Guests: who is expected at a lock, by the number of their code or as the only one with a code.

A lock gives the number of a code that is over to the next one. So a guest's name is no name of
the number: it is only good while the guest is expected, and says nothing of the past.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .state import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestsExpected:
    """Who may come with a code of ours from now on, by what `expected_as` returns.

    An empty name is somebody with a code that others made.
    """

    device_id: str
    time: float
    guests: Mapping[str, str]


def expected_as(method: Method, slot: int | None = None) -> str:
    """Return the key of who comes with a code of that number; without one, of an unknown number."""
    return f"{method.value}:{'' if slot is None else slot}"


def guest_of(guests: Mapping[str, str], method: Method, slot: int | None) -> str | None:
    """Return the name of the guest who came in; where no number is told, if there is only one."""
    if slot is None:
        names = [name for key, name in guests.items() if key.startswith(expected_as(method))]
        return names[0] if len(names) == 1 and names[0] else None
    return guests.get(expected_as(method, slot)) or guests.get(expected_as(method)) or None

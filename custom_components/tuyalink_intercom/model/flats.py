"""Which calls of a building terminal are the user's: those to their flats.

A terminal tells the flat that was called as six groups of digits, from the community
down to the room. Only whole addresses are compared; spelling does not matter.
"""

from collections.abc import Collection, Iterable
import re

_SEPARATORS = re.compile(r"[\s\-_./:]+")


def flat_of(address: str) -> str:
    """Return an address in the one spelling by which addresses are compared.

    Zeros in front count; letters of either case and any separators are the same.
    """
    return _SEPARATORS.sub("-", address.strip().casefold()).strip("-")


def chosen(answers: Iterable[str]) -> list[str]:
    """Return what is to be stored of the flats that a user names: each once, in order."""
    return sorted({flat for answer in answers if (flat := flat_of(answer))})


def concerns(flats: Collection[str] | None, address: str) -> bool:
    """Tell whether a call to this address is the user's; all are, while they named none."""
    return not flats or flat_of(address) in {flat_of(flat) for flat in flats}

"""What a fact about Tuya's cloud is, and what a look at a live cloud says about it.

Checks are pure: from what was seen to a finding. Evidence is made of counts, codes, the names of
Tuya's own members and shapes of values, never of the values.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
import re

from custom_components.tuyalink_intercom.api import Reason
from custom_components.tuyalink_intercom.api.errors import REASONS

from .verify_seen import Seen

_NO_ANSWER = frozenset(
    {
        Reason.API_EXPIRED,
        Reason.API_NOT_AUTHORIZED,
        Reason.API_NOT_SUBSCRIBED,
        Reason.NOT_FOUND,
        Reason.NOT_LINKED,
        Reason.NOT_SUPPORTED,
        Reason.UNKNOWN,
    }
)
"""Refusals that concern one device or service only; any other ends the set-up of a home."""

_MEMBER = re.compile(r"[A-Za-z_]{1,24}")
_MOST_MEMBERS = 6
_BAD_PARAMETERS = {1100, 1101, 1102, 1104, 1109}


class Basis(StrEnum):
    """What a fact rested on when the code was written."""

    REPORTED = "reported by others"
    INFERRED = "inferred"
    UNKNOWN = "undocumented"
    DESIGN = "our choice"


class Verdict(StrEnum):
    """What this cloud showed."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and why, in words that can be shown to anybody."""

    verdict: Verdict
    evidence: str


type Check = Callable[[Seen], Finding]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the code believes of Tuya.

    `used_by` names the code that relies on it; where it is `tolerated`, that code works without
    it too.
    """

    id: str
    says: str
    basis: Basis
    used_by: str
    check: Check
    tolerated: bool = False


def confirmed(evidence: str) -> Finding:
    """Find a fact to be so."""
    return Finding(Verdict.CONFIRMED, evidence)


def contradicted(evidence: str) -> Finding:
    """Find a fact to be otherwise."""
    return Finding(Verdict.CONTRADICTED, evidence)


def not_seen(why: str) -> Finding:
    """Find nothing to decide a fact by."""
    return Finding(Verdict.NOT_SEEN, why)


def every[T](items: Iterable[T], holds: Callable[[T], bool], *, what: str, bad: str) -> Finding:
    """Find a fact so if it holds for all items; `bad` says what the others are."""
    results = [holds(item) for item in items]
    wrong = results.count(False)
    if not results:
        return not_seen(f"no {what} came")
    if wrong:
        return contradicted(f"{wrong} of {len(results)} {what}: {bad}")
    return confirmed(f"{len(results)} {what}")


def ends_set_up(code: object) -> bool:
    """Tell whether a refusal of one device's description would end the set-up of a home."""
    reason = REASONS.get(code, Reason.UNKNOWN) if isinstance(code, int) else None
    return reason not in _NO_ANSWER


def page_taken(step: str, size: int) -> Check:
    """Return the check of a page size: Tuya refuses the parameters of one that is too large."""

    def check(seen: Seen) -> Finding:
        asked = [one for one in seen.of(step) if one.ok or one.code in _BAD_PARAMETERS]
        codes = sorted({str(one.code) for one in asked if not one.ok})
        return every(
            asked,
            lambda one: one.ok,
            what=f"calls for pages of {size}",
            bad=f"refused with {', '.join(codes)}",
        )

    return check


def never_asked(why: str) -> Check:
    """Return the check of a fact that reading alone cannot decide."""
    return lambda _: not_seen(why)


def shape(value: object) -> str:
    """Return what a value is, without telling it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case int() | float():
            return f"a number of {len(str(abs(int(value))))} digits"
        case "":
            return "an empty text"
        case str() if value.isdecimal():
            return f"a text of {len(value)} digits"
        case str():
            return "a text"
        case Mapping():
            names = [name for name in value if _MEMBER.fullmatch(str(name))]
            return f"an object with {', '.join(sorted(names)[:_MOST_MEMBERS]) or 'other names'}"
        case list():
            return "a list"
    return "something else"


def shapes(values: Iterable[object]) -> str:
    """Return the shapes of several values, each once."""
    return ", ".join(sorted({shape(value) for value in values})[:4]) or "nothing"


def is_milliseconds(value: object) -> bool:
    """Tell whether this is a Unix time in milliseconds, as a number."""
    return isinstance(value, int) and not isinstance(value, bool) and 10**12 <= value < 10**13

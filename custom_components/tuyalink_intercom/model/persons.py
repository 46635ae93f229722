"""Persons of building terminals: what may be asked for, and the body that Tuya takes.

Everything that can be known to be wrong is refused here, before Tuya is asked.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum, auto
import hashlib
from itertools import combinations
import json
import re
import secrets
from typing import Any, Final

from .hours import DAY, Hours
from .keys import Key, KeyKind
from .state import Device, World

LONGEST_ID: Final = 32
LONGEST_NAME: Final = 64
LONGEST_ID_CARD: Final = 32
MOST_RULES: Final = 3
MOST_DATES: Final = 20
SHOWN_OF_CARD: Final = 4
_MILLISECONDS: Final = 1000
_MINUTE: Final = 60_000
_FIRST: Final = 10.0**9
"""Tuya takes times of 13 digits in milliseconds: from 2001 to 2286."""
_LAST: Final = 10.0**10
_FLOORS: Final = range(-99, 1000)
_ID: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}")
_PHONE: Final = re.compile(r"[0-9]{5,11}")
_CARD: Final = re.compile(r"[0-9A-Za-z]{4,32}")
_QR_CODE: Final = re.compile(r"[0-9A-Za-z_-]{8,64}")
_PASSWORD: Final = re.compile(r"[0-9]{4,16}")
_DIGITS: Final = 8
_QR_BYTES: Final = 16


class PersonProblem(StrEnum):
    """Why something cannot be as it was asked for; the value is part of the sentence's key."""

    NOT_A_TERMINAL = auto()
    NO_FACES = auto()
    NO_CARDS = auto()
    NO_QR_CODES = auto()
    NO_PASSWORDS = auto()
    UNKNOWN = auto()
    NOT_UNIQUE = auto()
    TWICE = auto()
    ID_INVALID = auto()
    NAME_MISSING = auto()
    NAME_TOO_LONG = auto()
    ID_CARD_TOO_LONG = auto()
    PHONE_INVALID = auto()
    FLOOR_INVALID = auto()
    TIME_INVALID = auto()
    END_PAST = auto()
    END_BEFORE_START = auto()
    SPAN_WITH_SCHEDULE = auto()
    TOO_MANY_RULES = auto()
    RULE_EMPTY = auto()
    RULE_ORDER = auto()
    RULES_OVERLAP = auto()
    TOO_MANY_DATES = auto()
    FACE_UNKNOWN = auto()
    CARD_INVALID = auto()
    CARD_UNKNOWN = auto()
    QR_CODE_INVALID = auto()
    PASSWORD_INVALID = auto()
    PASSWORD_SAME = auto()
    LABEL_UNKNOWN = auto()
    NEEDS_ANSWER = auto()


class PersonRefusedError(ValueError):
    """Something was asked for that no terminal could take."""

    def __init__(self, problem: PersonProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


type Span = tuple[float, float]
"""From and to, in Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When somebody may pass; denied dates win over allowed ones, these over the hours."""

    name: str = ""
    hours: Hours | None = None
    allowed: tuple[Span, ...] = ()
    denied: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom a terminal is to know. Times are Unix seconds; `None` is not told."""

    id: str
    name: str
    id_card: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    floor: int | None = None
    start: float | None = None
    end: float | None = None
    rules: tuple[Rule, ...] | None = None


def person_id_of(name: str) -> str:
    """Return the id of a person who was given none: for a name always the same.

    An action that is repeated thus tells a terminal of the same person again.
    """
    digest = hashlib.blake2s(name.casefold().encode(), digest_size=12).hexdigest()
    return f"ha{digest}"


def check_person(person: Person, now: float) -> Person:
    """Return a person whom Tuya can be told of; raise PersonRefusedError otherwise."""
    check_id(person.id)
    _require(PersonProblem.NAME_MISSING, holds=bool(person.name.strip()))
    _require(PersonProblem.NAME_TOO_LONG, holds=len(person.name) <= LONGEST_NAME)
    _require(PersonProblem.ID_CARD_TOO_LONG, holds=len(person.id_card or "") <= LONGEST_ID_CARD)
    if person.phone:
        _require(PersonProblem.PHONE_INVALID, holds=bool(_PHONE.fullmatch(person.phone)))
    if person.floor is not None:
        _require(PersonProblem.FLOOR_INVALID, holds=person.floor in _FLOORS)
    _check_span(person, now)
    _check_rules(person.rules or (), now)
    return person


def _check_span(person: Person, now: float) -> None:
    times = [time for time in (person.start, person.end) if time is not None]
    _require(PersonProblem.TIME_INVALID, holds=all(_FIRST <= time < _LAST for time in times))
    if person.end is not None:
        _require(PersonProblem.END_BEFORE_START, holds=person.end > (person.start or 0.0))
        _require(PersonProblem.END_PAST, holds=person.end > now)
    # Tuya: the span of a person is above all rules.
    _require(PersonProblem.SPAN_WITH_SCHEDULE, holds=not (times and person.rules))


def _check_rules(rules: Collection[Rule], now: float) -> None:
    _require(PersonProblem.TOO_MANY_RULES, holds=len(rules) <= MOST_RULES)
    for rule in rules:
        _check_rule(rule, now)
    hours = [rule.hours for rule in rules if rule.hours is not None]
    overlap = any(one.overlaps(other) for one, other in combinations(hours, 2))
    _require(PersonProblem.RULES_OVERLAP, holds=not overlap)


def _check_rule(rule: Rule, now: float) -> None:
    _require(PersonProblem.RULE_EMPTY, holds=bool(rule.hours or rule.allowed or rule.denied))
    _require(PersonProblem.NAME_TOO_LONG, holds=len(rule.name) <= LONGEST_NAME)
    if (hours := rule.hours) is not None:
        _require(PersonProblem.RULE_EMPTY, holds=bool(hours.weekdays))
        _require(PersonProblem.RULE_ORDER, holds=0 <= hours.start < hours.end <= DAY)
    spans = (*rule.allowed, *rule.denied)
    _require(PersonProblem.TOO_MANY_DATES, holds=len(spans) <= MOST_DATES)
    for start, end in spans:
        _require(PersonProblem.TIME_INVALID, holds=_FIRST <= start < _LAST > end)
        _require(PersonProblem.END_BEFORE_START, holds=start < end)
    _require(PersonProblem.END_PAST, holds=all(end > now for _, end in rule.allowed))


def body_of(person: Person) -> dict[str, Any]:
    """Return what Tuya is told of a person; what is not set stays as the terminal has it."""
    rules = None if person.rules is None else [*map(_rule_body, person.rules)]
    told: dict[str, Any] = {
        "name": person.name,
        "id_card": person.id_card,
        "phone": person.phone,
        "person_floor": person.floor,
        "begin_time": _milliseconds(person.start),
        "end_time": _milliseconds(person.end),
        "door_time_rule_list": rules,
    }
    return {key: value for key, value in told.items() if value is not None}


def _rule_body(rule: Rule) -> dict[str, str]:
    told = {
        "rule_name": rule.name,
        # Tuya wants lists inside a rule as JSON text, hours with their times as text too.
        "period": _json(_days(rule.hours) if rule.hours else ()),
        "allowed_date": _json(map(_dates, rule.allowed)),
        "denied_date": _json(map(_dates, rule.denied)),
    }
    return {key: value for key, value in told.items() if value}


def _days(hours: Hours) -> Iterator[dict[str, Any]]:
    span = {"start": str(hours.start * _MINUTE), "end": str(hours.end * _MINUTE)}
    for day in sorted(hours.weekdays):
        yield {"weekDay": day + 1, "weekTime": [span]}


def _dates(span: Span) -> dict[str, int | None]:
    return {"start": _milliseconds(span[0]), "end": _milliseconds(span[1])}


def _json(listed: Iterable[Any]) -> str:
    rows = [*listed]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def _milliseconds(time: float | None) -> int | None:
    return None if time is None else int(time * _MILLISECONDS)


_LACKS: Final = {
    KeyKind.FACE: PersonProblem.NO_FACES,
    KeyKind.CARD: PersonProblem.NO_CARDS,
    KeyKind.QR_CODE: PersonProblem.NO_QR_CODES,
    KeyKind.PASSWORD: PersonProblem.NO_PASSWORDS,
}


def check_device(device: Device, kind: KeyKind) -> None:
    """Refuse a device that is no terminal, or one that does not take this kind of key.

    Function points that could not be read prove nothing.
    """
    _require(PersonProblem.NOT_A_TERMINAL, holds=device.world is World.TERMINAL)
    carries = device.features.carries
    if kind in _LACKS and carries is not None:
        _require(_LACKS[kind], holds=kind in carries)


def check_id(told: str) -> str:
    """Return an id of a person or a face that Tuya takes."""
    _require(PersonProblem.ID_INVALID, holds=is_id(told))
    return told


def is_id(told: str) -> bool:
    """Tell whether this can be an id; the number of a credential at a lock cannot."""
    return _ID.fullmatch(told) is not None


def check_card(number: str) -> str:
    """Return the number of a card without the marks that are often put into it."""
    number = re.sub(r"[\s:-]+", "", number)
    _require(PersonProblem.CARD_INVALID, holds=bool(_CARD.fullmatch(number)))
    return number


def check_qr_code(value: str) -> str:
    """Return what a QR code is to say."""
    _require(PersonProblem.QR_CODE_INVALID, holds=bool(_QR_CODE.fullmatch(value)))
    return value


def check_password(password: str) -> str:
    """Return a password that can be typed at a terminal."""
    _require(PersonProblem.PASSWORD_INVALID, holds=bool(_PASSWORD.fullmatch(password)))
    return password


def new_password() -> str:
    """Return a password that nobody can guess in the tries a terminal allows."""
    return "".join(secrets.choice("0123456789") for _ in range(_DIGITS))


def new_qr_code() -> str:
    """Return what a QR code says that nobody can guess."""
    return secrets.token_hex(_QR_BYTES)


def shown_as(key: Key) -> str:
    """Return how a key is named in an answer: of a card only the last digits."""
    return f"…{key.id[-SHOWN_OF_CARD:]}" if key.kind is KeyKind.CARD else key.id


def chosen_card(cards: Collection[Key], told: str) -> str:
    """Return the number of one of these cards, by number or by the last four digits.

    A number that is not among them is taken as it is: the vendor's app may have given it.
    """
    number = check_card(told.removeprefix("…"))
    found = {card.id for card in cards if card.id == number}
    if not found and len(number) == SHOWN_OF_CARD:
        found = {card.id for card in cards if card.id.endswith(number)}
        _require(PersonProblem.CARD_UNKNOWN, holds=len(found) == 1)
    return next(iter(found), number)


def _require(problem: PersonProblem, *, holds: bool) -> None:
    if not holds:
        raise PersonRefusedError(problem)

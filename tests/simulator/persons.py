"""What building terminals have been told of persons, and whether they let somebody in.

A terminal does what it is told while it is online, and the rest when it comes back; nobody can
read from it what it knows. Times of rules are of the terminal's own day, which is UTC here.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .records import Command

MOST = 5000
SPAN = frozenset({"start_ms", "end_ms"})
CARD, QR_CODE, PASSWORD, FACE = "card", "qr_code", "password", "face"
type Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When somebody may pass: denied days over allowed days over hours of the week."""

    hours: tuple[tuple[int, Span], ...] = ()
    """Weekday, 1 for Monday, and the span in ms of the day."""
    allowed: tuple[Span, ...] = ()
    denied: tuple[Span, ...] = ()


@dataclass(slots=True, kw_only=True)
class Known:
    """Somebody a terminal knows, and what the person carries."""

    name: str = ""
    start_ms: int | None = None
    end_ms: int | None = None
    rules: tuple[Rule, ...] = ()
    enabled: bool = True
    faces: dict[str, bytes] = field(default_factory=dict)
    cards: dict[str, bool] = field(default_factory=dict)
    """By number; true while the card is frozen."""
    qr_codes: set[str] = field(default_factory=set)
    passwords: set[str] = field(default_factory=set)

    def may_pass(self, at_ms: int) -> bool:
        """Tell whether the person may pass now; a span of validity makes rules void."""
        if not self.enabled:
            return False
        if self.start_ms is not None or self.end_ms is not None:
            begins = self.start_ms is None or self.start_ms <= at_ms
            return begins and (self.end_ms is None or at_ms <= self.end_ms)
        return _by_rules(self.rules, at_ms)

    def carries(self, kind: str, value: str | bytes) -> bool:
        """Tell whether the person carries this; a face is known by its picture's bytes."""
        if kind == FACE:
            return value in self.faces.values()
        carried = {CARD: self.cards, QR_CODE: self.qr_codes, PASSWORD: self.passwords}[kind]
        return value in carried

    def opens_with(self, kind: str, value: str | bytes) -> bool:
        """Tell whether what the person carries is good: a frozen card is not."""
        return kind != CARD or not self.cards[str(value)]


class Terminal:
    """The memory of one terminal."""

    def __init__(self) -> None:
        self.people: dict[str, Known] = {}
        self._waiting: deque[tuple[Command, Callable[[Command], None]]] = deque(maxlen=MOST)

    def give(self, command: Command, act: Callable[[Command], None]) -> None:
        """Take a command; it is done when the terminal gets round to it."""
        command.waits = True
        self._waiting.append((command, act))

    def work(self) -> None:
        """Do what was told, in order; a command that is meant to fail changes nothing."""
        while self._waiting:
            command, act = self._waiting.popleft()
            command.waits = False
            if not command.fails:
                act(command)

    def add(self, person_id: str, told: Mapping[str, Any]) -> bool:
        """Learn of a person; one who is known keeps what he carries."""
        if len(self.people) >= MOST and person_id not in self.people:
            return False
        known = self.people.setdefault(person_id, Known())
        if "rules" in told and not told.keys() & SPAN:
            told = {**dict.fromkeys(SPAN), **told}
        for name, value in told.items():
            setattr(known, name, value)
        return True

    def update(self, person_id: str, told: Mapping[str, Any]) -> bool:
        """Learn better of a person; fails for a stranger."""
        return person_id in self.people and self.add(person_id, told)

    def remove(self, person_id: str) -> bool:
        """Forget a person and all that he carries; fails for a stranger."""
        return self.people.pop(person_id, None) is not None

    def change(self, person_id: str, act: Callable[[Known], bool]) -> bool:
        """Change what a person carries; fails for a stranger."""
        known = self.people.get(person_id)
        return known is not None and act(known)

    def holders(self, kind: str, value: str | bytes) -> Iterator[tuple[str, Known]]:
        """Yield who carries something."""
        for person_id, known in self.people.items():
            if known.carries(kind, value):
                yield person_id, known

    def judge(self, kind: str, value: str | bytes, at_ms: int) -> tuple[str, bool]:
        """Return whose it is, "" for nobody's, and whether it opens the door."""
        found = [
            (person_id, known.opens_with(kind, value) and known.may_pass(at_ms))
            for person_id, known in self.holders(kind, value)
        ]
        return max(found, key=lambda one: one[1], default=("", False))


class Persons:
    """The terminals of a cloud, and who may be called by which."""

    def __init__(self) -> None:
        self._terminals: dict[str, Terminal] = {}
        self.permitted: set[tuple[str, str]] = set()
        """Device and person."""
        self.rung: deque[tuple[str, tuple[str, ...]]] = deque(maxlen=MOST)
        """Calls of terminals, by their serial number, and whose phones rang for them."""

    def of(self, device_id: str) -> Terminal:
        """Return the memory of a terminal."""
        return self._terminals.setdefault(device_id, Terminal())

    def name(self, device_id: str, person_id: str) -> str:
        """Return the name a terminal was told, "" if none."""
        known = self.of(device_id).people.get(person_id)
        return known.name if known else ""

    def all(self) -> Iterator[tuple[str, Known]]:
        """Yield everybody known at any terminal, once per terminal."""
        for terminal in self._terminals.values():
            yield from terminal.people.items()


def _by_rules(rules: tuple[Rule, ...], at_ms: int) -> bool:
    if not rules:
        return True
    if any(_within(span, at_ms) for rule in rules for span in rule.denied):
        return False
    if any(_within(span, at_ms) for rule in rules for span in rule.allowed):
        return True
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    of_day = at_ms - int(midnight.timestamp() * 1000)
    hours = [one for rule in rules for one in rule.hours]
    if hours:
        return any(day == moment.isoweekday() and _within(span, of_day) for day, span in hours)
    return not any(rule.allowed for rule in rules)


def _within(span: Span, at: int) -> bool:
    return span[0] <= at <= span[1]

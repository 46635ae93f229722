"""Facts about the messages of building terminals, which no page of Tuya's shows."""

from collections.abc import Iterator, Mapping
import re

from custom_components.tuyalink_intercom.model.terminals import terminal_fact
from custom_components.tuyalink_intercom.model.values import integer

from .verify_fact import Basis, Fact, Finding, every, not_seen, shapes
from .verify_seen import Json, Seen, SeenFrame

# What the text of a terminal's alarm says, by the number it comes with.
_CALL_TYPES = range(1, 11)
_ALARM_WORDS: Mapping[str, re.Pattern[str]] = {
    "1": re.compile(r"tamper|demol|pry|dismantl", re.IGNORECASE),
    "2": re.compile(r"loiter|linger|stay", re.IGNORECASE),
    "3": re.compile(r"attempt|multiple|wrong|try", re.IGNORECASE),
    "4": re.compile(r"duress|hijack|coerc", re.IGNORECASE),
    "5": re.compile(r"open|close", re.IGNORECASE),
}


def _of_terminals(seen: Seen) -> list[SeenFrame]:
    return [
        one for one in seen.frames if one.device in seen.terminals() and "bizData" not in one.body
    ]


def _known_by_keys(seen: Seen) -> Finding:
    frames = _of_terminals(seen)
    strange = [one.body for one in frames if fact_in(one) is None]
    return every(
        frames,
        lambda one: fact_in(one) is not None,
        what="messages of terminals",
        bad=f"neither passage, call nor alarm: {shapes(strange)}",
    )


def _empty_code(seen: Seen) -> Finding:
    items = [
        item
        for one in _of_terminals(seen)
        if fact_in(one) is not None
        for item in _items(one.body.get("status"))
    ]
    return every(
        items,
        lambda one: one.get("code") == "" and isinstance(one.get("value"), str),
        what="facts as text under an empty code",
        bad=f"a fact is {shapes(items)}",
    )


def _alarm_numbers(seen: Seen) -> Finding:
    told = [
        (str(fact.get("alarm_type")), str(fact.get("content", "")))
        for one in _of_terminals(seen)
        if (fact := fact_in(one)) is not None and "alarm_type" in fact
    ]
    if told and not any(content for _, content in told):
        return not_seen(f"{len(told)} alarms without words to compare")
    numbers = ", ".join(sorted({number[:4] for number, _ in told}))
    return every(
        [(number, content) for number, content in told if content.isascii()],
        lambda two: bool((words := _ALARM_WORDS.get(two[0])) and words.search(two[1])),
        what=f"alarms in English (numbers {numbers})",
        bad=f"of the numbers {numbers} some mean something else",
    )


def _call_numbers(seen: Seen) -> Finding:
    calls = [
        fact
        for one in _of_terminals(seen)
        if (fact := fact_in(one)) is not None and "target_address" in fact
    ]
    numbers = sorted({str(fact.get("type")) for fact in calls})
    return every(
        calls,
        lambda fact: integer(fact.get("type")) in _CALL_TYPES and bool(fact.get("sn")),
        what=f"steps of calls (types {', '.join(numbers)})",
        bad=f"types {', '.join(numbers)}, or no `sn`",
    )


def fact_in(frame: SeenFrame) -> Json | None:
    """Return the passage, call or alarm in a message, by the integration's own reader."""
    listed = _items(frame.body.get("status"))
    found = (terminal_fact(item) for item in listed)
    return next((fact for fact in found if fact), None) or terminal_fact(frame.body)


def _items(listed: object) -> Iterator[Json]:
    yield from (
        one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict)
    )


FACTS = (
    Fact(
        "terminal.known_by_keys",
        "A terminal's passage, call or alarm is known by the keys inside.",
        Basis.INFERRED,
        "model/terminals.py",
        _known_by_keys,
    ),
    Fact(
        "terminal.empty_code",
        "It comes as JSON text under an empty code.",
        Basis.INFERRED,
        "model/terminals.py",
        _empty_code,
        tolerated=True,
    ),
    Fact(
        "terminal.alarm_numbers",
        "Alarms 1 to 5 of a terminal: tamper, loitering, attempts, duress, door left open.",
        Basis.UNKNOWN,
        "model/terminals.py: _ALARMS",
        _alarm_numbers,
    ),
    Fact(
        "terminal.call_types",
        "The steps of a call have the types 1 to 10 and one `sn`.",
        Basis.INFERRED,
        "model/terminals.py: _STEPS",
        _call_numbers,
    ),
)

"""The functions that a product in Tuya's console needs for a published door, ready to be entered.

And what a product's thing model lacks of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
import re
from types import MappingProxyType
from typing import Final

from .publication import ACTIONS, EVENTS, LONGEST_CODE, PROPERTIES, Publication, Role
from .thing_model import ThingFunction, ThingModel, ThingProperty

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBERS = frozenset({"value", "float", "double"})


class FunctionKind(StrEnum):
    """The three kinds of functions in Tuya's console."""

    PROPERTY = "property"
    EVENT = "event"
    ACTION = "action"


class Lack(StrEnum):
    """In what a thing model differs from what a door needs."""

    MISSING_PROPERTY = "missing_property"
    MISSING_EVENT = "missing_event"
    MISSING_ACTION = "missing_action"
    WRONG_TYPE = "wrong_type"
    READ_ONLY = "read_only"
    MISSING_OUTPUT = "missing_output"


class CodeFault(StrEnum):
    """Why Tuya takes a text for no code."""

    EMPTY = "code_empty"
    TOO_LONG = "code_too_long"
    CHARACTERS = "code_characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function to enter."""

    kind: FunctionKind
    code: str
    name: str
    """The role that it has; of an action of the user's own the entity that it runs."""
    type: str = ""
    """Of a property: `bool`, `value` or `string`."""
    limits: str = ""
    """What to enter beside the type: `0-100 %`, or the characters of a text."""
    access: str = ""
    """Of a property: `ro` or `rw`, as Tuya's models spell it."""
    outputs: tuple[str, ...] = ()
    """Of an event or action: codes of texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What a thing model lacks; of an output the code is `<function>.<output>`."""

    code: str
    what: Lack


_BOOL = Function(kind=FunctionKind.PROPERTY, code="", name="", type="bool", access="ro")
_EVENT = Function(kind=FunctionKind.EVENT, code="", name="")
_ACTION = Function(kind=FunctionKind.ACTION, code="", name="")
_READY: Final[Mapping[Role, Function]] = MappingProxyType(
    {
        Role.BOLT: replace(_BOOL, access="rw"),
        Role.LEAF: _BOOL,
        Role.ALARMING: _BOOL,
        Role.BATTERY: replace(_BOOL, type="value", limits="0-100 %"),
        Role.PICTURE: replace(_BOOL, type="string", limits="1024"),
        Role.RING: _EVENT,
        Role.ACCESS: replace(_EVENT, outputs=("result", "method", "person")),
        Role.ALARM: replace(_EVENT, outputs=("kind",)),
        Role.UNLOCK: replace(_ACTION, outputs=("state",)),
        Role.LOCK: replace(_ACTION, outputs=("state",)),
    }
)


def functions_of(publication: Publication) -> tuple[Function, ...]:
    """Return what a product needs for a door: properties, events, then actions."""
    roles = [role for role in (*PROPERTIES, *EVENTS, *ACTIONS) if role in publication.codes]
    ready = [replace(_READY[role], code=publication.codes[role], name=role) for role in roles]
    own = [replace(_ACTION, code=code, name=name) for code, name in publication.actions.items()]
    return (*ready, *own)


def as_table(functions: Iterable[Function], words: Mapping[str, str]) -> str:
    """Return a Markdown table: function, code, type, access.

    `words` by `function`, `code`, `type`, `mode` (the columns), `property`, `event`, `action`,
    `outputs`, `ro`, `rw` and the roles; a word that is not there stands for itself.
    """
    columns = [words.get(name, name) for name in ("function", "code", "type", "mode")]
    lines = [_row(columns), _row(["---"] * len(columns))]
    return "\n".join([*lines, *(_row(_cells(one, words)) for one in functions)])


def mismatches(publication: Publication, model: ThingModel) -> tuple[Mismatch, ...]:
    """Return what a thing model lacks of what a door needs; of an unknown model nothing."""
    if not model.known:
        return ()
    return tuple(
        Mismatch(code=code, what=what)
        for function in functions_of(publication)
        for code, what in _lacks(function, model, control=publication.control)
    )


def code_fault(code: str) -> CodeFault | None:
    """Return what is wrong with a code that somebody typed."""
    if not code:
        return CodeFault.EMPTY
    if len(code) > LONGEST_CODE:
        return CodeFault.TOO_LONG
    return None if _IDENTIFIER.fullmatch(code) else CodeFault.CHARACTERS


def _lacks(function: Function, model: ThingModel, *, control: bool) -> Iterator[tuple[str, Lack]]:
    match function.kind:
        case FunctionKind.PROPERTY:
            return _property_lacks(function, model.properties.get(function.code), control=control)
        case FunctionKind.EVENT:
            return _outputs_lack(function, model.events.get(function.code), Lack.MISSING_EVENT)
        case FunctionKind.ACTION:
            return _outputs_lack(function, model.actions.get(function.code), Lack.MISSING_ACTION)


def _property_lacks(
    function: Function, there: ThingProperty | None, *, control: bool
) -> Iterator[tuple[str, Lack]]:
    if there is None:
        yield function.code, Lack.MISSING_PROPERTY
    elif not _holds(there, function.type):
        yield function.code, Lack.WRONG_TYPE
    elif control and function.access == "rw" and not there.writable:
        yield function.code, Lack.READ_ONLY


def _outputs_lack(
    function: Function, there: ThingFunction | None, missing: Lack
) -> Iterator[tuple[str, Lack]]:
    if there is None:
        yield function.code, missing
        return
    for output in function.outputs:
        told = there.outputs.get(output)
        if told is None:
            yield f"{function.code}.{output}", Lack.MISSING_OUTPUT
        elif not _holds(told, "string"):
            yield f"{function.code}.{output}", Lack.WRONG_TYPE


def _holds(there: ThingProperty, kind: str) -> bool:
    """Tell whether a property can hold values of a type; texts may be listed as words, too."""
    match kind:
        case "value":
            return there.kind in _NUMBERS or not there.kind
        case "string":
            return there.kind in {"string", "enum", ""}
    return there.kind in {kind, ""}


def _cells(function: Function, words: Mapping[str, str]) -> list[str]:
    kind = " ".join(filter(None, (function.type, function.limits)))
    if function.kind is not FunctionKind.PROPERTY:
        kind = words.get(function.kind, function.kind)
    if function.outputs:
        outputs = ", ".join(f"{output} (string)" for output in function.outputs)
        kind = f"{kind}; {words.get('outputs', 'outputs')}: {outputs}"
    name = words.get(function.name, function.name)
    return [name, function.code, kind, words.get(function.access, function.access)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Keep a cell one: what ends a cell or a row in Markdown is written otherwise."""
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())

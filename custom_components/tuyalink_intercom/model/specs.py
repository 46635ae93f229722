"""What can be written to a device, and within which limits, out of Tuya's descriptions.

Specification and thing model each tell a part, each in its own spelling, and either may be missing,
broken or wrong: what one does not tell usably is taken from the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .setting import Spec
from .values import integer, mapping, text

_KINDS: Mapping[str, str] = {"boolean": "bool", "integer": "value"}
_UNUSED = frozenset({"raw", "bitmap", "struct", "array", "date"})
_MOST_WORDS = 100
_MOST_DIGITS = 6

type Row = Mapping[str, Any]


def read_specs(
    functions: Iterable[Row], status: Iterable[Row], properties: Iterable[Row]
) -> dict[str, Spec]:
    """Return the data points that can be written, by code.

    Those of the standard set's functions, and those that the thing model gives for writing; what
    is only in the status can be read alone.
    """
    functions, properties = [*functions], [*properties]
    writable = {*map(code_in, functions), *map(code_in, filter(takes_writes, properties))} - {""}
    found: dict[str, Spec] = {}
    for row in (*functions, *status, *properties):
        if (code := code_in(row)) in writable:
            found[code] = _joined(found.get(code, Spec()), row)
    return {code: spec for code, spec in found.items() if spec.kind not in _UNUSED}


def kind_of(row: Row) -> str:
    """Return a data point's type in one spelling; empty if it is not told."""
    kind = row.get("type")
    if kind is None and (spec := mapping(row.get("typeSpec"))):
        kind = spec.get("type")
    return _KINDS.get(kind.lower(), kind.lower()) if isinstance(kind, str) else ""


def code_in(row: Row) -> str:
    """Return the code that a row is about; empty if it is not told."""
    code = row.get("code")
    return code if isinstance(code, str) else ""


def takes_writes(row: Row) -> bool:
    """Tell whether a data point of a thing model can be written."""
    mode = row.get("accessMode")
    return isinstance(mode, str) and "w" in mode.lower()


def _joined(spec: Spec, row: Row) -> Spec:
    values = mapping(row.get("values")) or mapping(row.get("typeSpec")) or {}
    return replace(
        spec,
        kind=spec.kind or kind_of(row),
        words=spec.words or words_in(values),
        low=integer(values.get("min")) if spec.low is None else spec.low,
        high=integer(values.get("max")) if spec.high is None else spec.high,
        step=integer(values.get("step")) if spec.step is None else spec.step,
        scale=scale_in(values) if spec.scale is None else spec.scale,
        unit=spec.unit or text(values.get("unit")) or "",
    )


def scale_in(values: Row) -> int | None:
    """Return by which power of ten numbers are shown smaller, `None` if it is absurd or untold."""
    scale = integer(values.get("scale"))
    return scale if 0 <= (scale or 0) <= _MOST_DIGITS else None


def words_in(values: Row) -> tuple[str, ...]:
    """Return the words that a data point can take."""
    listed = values.get("range")
    if not isinstance(listed, list):
        return ()
    told = (_word(one) for one in listed[:_MOST_WORDS])
    return tuple(dict.fromkeys(word for word in told if word))


def _word(value: object) -> str | None:
    return ("true" if value else "false") if isinstance(value, bool) else text(value)

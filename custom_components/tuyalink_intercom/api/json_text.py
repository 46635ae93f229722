"""JSON from outside, read so that nothing in it can surprise the layers above.

JSON allows what text and numbers in Home Assistant cannot hold (NaN, infinities, more than 64
bits, half surrogates) and nesting that ends in a RecursionError somewhere later.
"""

from collections.abc import Iterable
import json
from math import isfinite

from .message import Json

# Tuya's deepest document, a thing model, has nine levels.
_DEEPEST = 64
_LARGEST = 2**63


class MalformedJsonError(ValueError):
    """The bytes are not JSON, or nest deeper than anything Tuya sends."""


def decode_json(raw: bytes | str) -> Json:
    """Read JSON; NaN, infinities and huge numbers become None, half surrogates U+FFFD."""
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        value: Json = _DECODER.decode(text)
        if "\\ud" in text or "\\uD" in text:
            clean = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
            value = _DECODER.decode(clean.decode("utf-16", "replace"))
        malformed = text.count("[") + text.count("{") > _DEEPEST and _is_too_deep(value)
    except ValueError, RecursionError:
        malformed = True
    if malformed:
        # Raised here: the decoder's own error holds the whole document.
        raise MalformedJsonError("not readable as JSON")
    return value


def _is_too_deep(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(_DEEPEST + 1):
        level = [child for part in level for child in _children(part)]
        if not level:
            return False
    return True


def _children(part: Json) -> Iterable[Json]:
    if isinstance(part, dict):
        return part.values()
    return part if isinstance(part, list) else ()


def _bounded(digits: str) -> int | None:
    number = int(digits)
    return number if abs(number) < _LARGEST else None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if isfinite(number) else None


# Made once: json.loads makes a new one for every document that it reads with such hooks.
_DECODER = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite, parse_int=_bounded)

"""Readings of single values as Tuya's products spell them.

Booleans come as `true`, `"true"`, `1` or `"1"`, raw data points as base64, objects
as objects or as JSON text. Each function answers `None` for what it cannot read.
"""

import base64
import binascii
from collections.abc import Mapping
import json
import math
import re
from typing import Any

_TRUE = frozenset({"true", "1", "on", "open", "yes"})
_FALSE = frozenset({"false", "0", "off", "closed", "close", "no"})
_MAX_TEXT = 65_536
_LONGEST = 255
"""What becomes a state, a name or a remembered fact is cut here, as Home Assistant's states are."""
_LARGEST = 2**63
_NAME_LENGTH = 40
_ODD = re.compile(r"[^\w:.-]")
_WHOLE = re.compile(r"[ \t\r\n]*-?[0-9]{1,19}[ \t\r\n]*")
_DECIMAL = re.compile(r"[ \t\r\n]*-?[0-9]{1,19}(\.[0-9]{1,19})?[ \t\r\n]*")


def boolean(value: object) -> bool | None:
    """Read a switch."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in {0, 1}:
        return bool(value)
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def integer(value: object) -> int | None:
    """Read a whole number; digits in text count, booleans and absurd sizes do not."""
    match value:
        case bool():
            return None
        case float() if math.isfinite(value):
            number = int(value)
        case str() if _WHOLE.fullmatch(value):
            number = int(value)
        case int():
            number = value
        case _:
            return None
    return number if abs(number) < _LARGEST else None


def number(value: object) -> float | None:
    """Read a finite number; booleans do not count, text does."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return None
    return float(value)


def text(value: object) -> str | None:
    """Read a non-empty text of bounded length; whole numbers count as their digits."""
    if isinstance(value, str):
        # Half surrogates, which JSON can spell, are no text: nothing can store or hash them.
        return value[:_LONGEST].encode(errors="replace").decode().strip() or None
    number = None if isinstance(value, float) else integer(value)
    return None if number is None else str(number)


def plain_name(name: str) -> str:
    """Return a name from outside as something that can be stored and shown."""
    return _ODD.sub("?", name[:_NAME_LENGTH])


def raw(value: object) -> bytes | None:
    """Read a raw data point (base64). Empty, `"$"` and redacted values were never reported."""
    if not isinstance(value, str) or not value or len(value) > _MAX_TEXT:
        return None
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True) or None
    except binascii.Error, ValueError:
        return None


def mapping(value: object) -> Mapping[str, Any] | None:
    """Read an object, given as one or as JSON text."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str) and value.lstrip().startswith("{") and len(value) <= _MAX_TEXT:
        try:
            decoded = json.loads(value)
            if "\\ud" in value.lower():
                # Text can hold no half surrogates, though JSON can spell them.
                whole = json.dumps(decoded, ensure_ascii=False).encode("utf-16", "surrogatepass")
                decoded = json.loads(whole.decode("utf-16", "replace"))
        except ValueError, RecursionError:
            return None
        return decoded if isinstance(decoded, dict) else None
    return None


def rows(value: object) -> list[Mapping[str, Any]]:
    """Read a list of objects; what is none is left out."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []

"""Which credential an opening tells: its kind, and the number of its slot."""

import base64
import binascii
import re

from .history import LogRow

CREDENTIAL = re.compile(r"unlock_(fingerprint|password|card|face)(?:_kit)?")
# Raw records hold the slot as an unsigned 16-bit number at offset 2.
SLOT = slice(2, 4)


def owner_kind(row: LogRow) -> str:
    """Return the kind of credential that belongs to somebody, "" for any other opening."""
    found = CREDENTIAL.fullmatch(row.code)
    return found[1] if found else ""


def slot_of(row: LogRow) -> int:
    """Return the slot number, 0 where none is told."""
    if isinstance(row.value, int):
        return int(row.value)
    try:
        record = base64.b64decode(str(row.value), validate=True)
    except binascii.Error, ValueError:
        return 0
    return int.from_bytes(record[SLOT])

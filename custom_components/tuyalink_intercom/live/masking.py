"""Keeps the addresses of streams out of the log.

Home Assistant's stream worker writes the address that it could not open, with all of its query
but a password; Tuya's addresses are signed there.
"""

from collections.abc import Callable
import logging
import re
from typing import override

from homeassistant.components import stream

_ADDRESS = re.compile(r"\b([a-z]+)://\S+", re.IGNORECASE)


class _Mask(logging.Filter):
    """Leaves of an address only of what kind it is."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _ADDRESS.sub(r"\1://****", record.getMessage())
        record.args = None
        return True


def mask_addresses(entity_id: str) -> Callable[[], None]:
    """Mask what Home Assistant logs of a camera's stream; returns what ends it."""
    logger = logging.getLogger(f"{stream.__name__}.stream.{entity_id}")
    mask = _Mask()
    logger.addFilter(mask)
    return lambda: logger.removeFilter(mask)

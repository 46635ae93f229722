"""Naming a fault of our own in a log without what it was about."""

import traceback


def fault_of(error: Exception) -> str:
    """Return kind and place of an error; its text may quote a message, a token or an address."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {place.name}:{place.lineno}"

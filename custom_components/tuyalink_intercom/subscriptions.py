"""Keyed subscriptions: whoever is interested in a device hears of it, each on its own."""

from collections.abc import Callable
import logging

from .api import fault_of

_LOGGER = logging.getLogger(__name__)


class Subscriptions[T]:
    """Listeners by key; one that fails does not cost the others anything."""

    def __init__(self) -> None:
        self._listeners: dict[str | None, list[Callable[[T], None]]] = {}

    def add(self, key: str | None, listener: Callable[[T], None]) -> Callable[[], None]:
        """Listen to a key, or to all with `None`; returns what ends it."""
        self._listeners.setdefault(key, []).append(listener)

        def remove() -> None:
            listeners = self._listeners[key]
            listeners.remove(listener)
            if not listeners:
                del self._listeners[key]

        return remove

    def emit(self, key: str, value: T) -> None:
        """Hand a value to those who listen to its key, then to those who listen to all."""
        listeners = (*self._listeners.get(key, ()), *self._listeners.get(None, ()))
        for listener in listeners:
            if fault := _handed_over(listener, value):
                # By its place, not its text or traceback: they may quote a message.
                _LOGGER.error("A listener failed on %s: %s", type(value).__name__, fault)


def _handed_over[T](listener: Callable[[T], None], value: T) -> str | None:
    """Hand a value over; return the kind and place of what went wrong, if anything did."""
    try:
        listener(value)
    except Exception as error:  # noqa: BLE001 - whatever fails in one listener, the others must still ring
        return fault_of(error)
    return None

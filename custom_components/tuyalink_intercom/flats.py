"""The question which flats are the user's: asked once a terminal has called one.

Until it is answered every call rings. What terminals called so far is offered as answers.
"""

from collections.abc import Callable, Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_FLATS
from .coordinator import TuyaLinkCoordinator
from .issues import async_close, async_raise
from .model.changes import Change, FlatCalled

WHICH_FLATS = "which_flats"
ISSUES: Mapping[str, frozenset[str]] = {WHICH_FLATS: frozenset({"project"})}


class FlatQuestion:
    """Raises the question for one project, and withdraws it once it is answered."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._remove: Callable[[], None] | None = None

    @callback
    def start(self) -> None:
        """Ask at the first call, at once if there were calls before; ends with the entry."""
        self._entry.async_on_unload(self._left)
        if CONF_FLATS in self._entry.options:
            async_close(self._hass, self._entry, WHICH_FLATS)
        elif self._coordinator.known_flats:
            self._ask()
        else:
            self._remove = self._coordinator.subscribe(None, self._happened)

    @callback
    def _happened(self, change: Change) -> None:
        if isinstance(change, FlatCalled) and change.live:
            self._stop()
            self._ask()

    def _ask(self) -> None:
        async_raise(self._hass, self._entry, WHICH_FLATS, fixable=True)

    @callback
    def _left(self) -> None:
        self._stop()
        # A reload leaves the question open, and ignored if it was.
        if self._entry.disabled_by is not None:
            async_close(self._hass, self._entry, WHICH_FLATS)

    def _stop(self) -> None:
        if self._remove is not None:
            self._remove()
            self._remove = None

"""The question which flats are the user's: asked once a terminal has called one.

Until it is answered every call rings. What terminals called so far is offered as answers.
"""

from collections.abc import Callable, Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_FLATS, DOMAIN
from .coordinator import TuyaLinkCoordinator
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
            async_withdraw(self._hass, self._entry)
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
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id(self._entry),
            data={"entry_id": self._entry.entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=WHICH_FLATS,
            translation_placeholders={"project": self._entry.title},
        )

    @callback
    def _left(self) -> None:
        self._stop()
        # A reload leaves the question open, and ignored if it was.
        if self._entry.disabled_by is not None:
            async_withdraw(self._hass, self._entry)

    def _stop(self) -> None:
        if self._remove is not None:
            self._remove()
            self._remove = None


def issue_id(entry: ConfigEntry) -> str:
    """Return the id of a project's question."""
    return f"{WHICH_FLATS}_{entry.entry_id}"


@callback
def async_withdraw(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Ask no more: it is answered, or the project is gone."""
    ir.async_delete_issue(hass, DOMAIN, issue_id(entry))

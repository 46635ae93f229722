"""Lets the phones of residents ring when a terminal calls their flat.

Tuya's cloud rings nobody by itself: the project has to name up to three persons for each call.
Which flat is whose is an option of the entry; without routes nothing is ever called.
"""

from collections.abc import Mapping
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .api import Reason, TuyaError
from .const import CONF_CALL_ROUTES, DOMAIN
from .coordinator import TuyaLinkCoordinator
from .issues import async_close, async_raise
from .model.changes import Change, FlatCalled
from .model.routes import routes_of

_LOGGER = logging.getLogger(__name__)

_RINGING: Final = 1
"""Tuya's number of the step with which a call begins."""
_REPAIR: Final = "call_routing"
"""What the one repair is known by."""
_CHAPTER: Final = "calls-to-the-phones-of-residents"
_NOT_PERMITTED: Final = "routing_not_permitted"
_NOT_SUBSCRIBED: Final = "routing_not_subscribed"
_CURABLE: Final[Mapping[Reason, str]] = {
    Reason.API_EXPIRED: _NOT_SUBSCRIBED,
    Reason.API_NOT_AUTHORIZED: _NOT_SUBSCRIBED,
    Reason.API_NOT_SUBSCRIBED: _NOT_SUBSCRIBED,
    Reason.NOT_LINKED: _NOT_PERMITTED,
    Reason.NOT_SUPPORTED: _NOT_PERMITTED,
}
"""Tuya does not say how it refuses somebody without leave: by "no permission" or "wrong value"."""
_FLAT: Final = frozenset({"project", "flat"})
ISSUES: Final[Mapping[str, frozenset[str]]] = {_NOT_PERMITTED: _FLAT, _NOT_SUBSCRIBED: _FLAT}
"""Every repair that may be raised here, and what its words name."""


class CallRouting:
    """Names the persons to ring for each call of a project, while its entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, coordinator: TuyaLinkCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._routes = routes_of(entry.options.get(CONF_CALL_ROUTES))
        self._logged: set[Reason] = set()
        self._refused: str | None = None
        """Flat whose persons could not be called last."""

    @callback
    def start(self) -> None:
        """Listen to calls until the entry is unloaded, if any flat has persons."""
        self._entry.async_on_unload(self._left)
        if self._routes:
            self._entry.async_on_unload(self._coordinator.subscribe(None, self._happened))
        else:
            async_close(self._hass, self._entry, _REPAIR)

    @callback
    def _happened(self, change: Change) -> None:
        if (
            isinstance(change, FlatCalled)
            and change.live
            and not change.again
            and change.call_id is not None
            and (persons := self._routes.get(change.address))
        ):
            # The bell at home rings first: what it sets off must not wait for Tuya.
            self._entry.async_create_background_task(
                self._hass,
                self._call(change, change.call_id, persons),
                f"{DOMAIN} call routing",
                eager_start=False,
            )

    async def _call(self, call: FlatCalled, call_id: str, persons: tuple[str, ...]) -> None:
        cloud, breaker = self._coordinator.cloud, self._coordinator.polling.breaker
        if (refusal := breaker.holding(cloud.now())) is not None:
            self._fails(call.address, refusal)
            return
        try:
            await cloud.persons.call(call.device_id, call_id, _RINGING, call.spelled, persons)
        except TuyaError as error:
            self._fails(call.address, error)
        else:
            self._works(call.address)

    def _fails(self, flat: str, error: TuyaError) -> None:
        if error.reason not in self._logged:
            self._logged.add(error.reason)
            _LOGGER.warning("The phones of a flat's residents could not be called: %s", error)
        if (key := _CURABLE.get(error.reason)) is not None:
            self._refused = flat
            told = {"flat": flat}
            async_raise(self._hass, self._entry, key, name=_REPAIR, told=told, chapter=_CHAPTER)

    def _works(self, flat: str) -> None:
        self._logged.clear()
        # One flat's persons say nothing of another's.
        if self._refused in {None, flat}:
            self._refused = None
            async_close(self._hass, self._entry, _REPAIR)

    @callback
    def _left(self) -> None:
        # A reload leaves the repair open, and ignored if it was.
        if self._entry.disabled_by is not None:
            async_close(self._hass, self._entry, _REPAIR)

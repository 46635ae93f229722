"""Whether Tuya's side may have something done here now.

A service that is called here knows of no user: who may do it is judged before.
"""

from collections.abc import Mapping
from dataclasses import replace
import re
from typing import Any, Final

from homeassistant.components.lock import CONF_DEFAULT_CODE
from homeassistant.components.lock.const import DOMAIN as LOCK
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import ATTR_CODE_FORMAT, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..doors.options import DoorOptions
from ..doors.safety import is_quiet
from ..model.publication import Publication
from .orders import Order
from .own import is_own
from .subentries import published_as
from .why import Why

STALE_AFTER = 30.0
"""Nobody expects a door to open longer (s) after asking."""
_GOING: Final = frozenset({ConfigEntryState.UNLOAD_IN_PROGRESS, ConfigEntryState.FAILED_UNLOAD})


def is_stale(time: float | None, now: float | None) -> bool:
    """Tell whether a command is too old, both by cloud time.

    One that tells no time may be any age, and so may one from the future: a clock is wrong.
    `now` is `None` while the cloud's time is not known.
    """
    return time is None or now is None or abs(now - time) > STALE_AFTER


def objection(
    hass: HomeAssistant, entry: ConfigEntry[Any], publication: Publication, order: Order
) -> Why | None:
    """Return what forbids to carry an order out now."""
    if hass.is_stopping or entry.disabled_by is not None or entry.state in _GOING:
        return Why.STOPPING
    current = published_as(entry, publication.third_id)
    if current is None or not current.control:
        return Why.NOT_ALLOWED
    if replace(current, device_id=publication.device_id) != publication:
        return Why.STOPPING
    # What a further action does nobody knows: it may well open something.
    if order.unlocked is not False and is_quiet(publication.quiet_from, publication.quiet_to):
        return Why.QUIET
    state = hass.states.get(order.entity_id)
    if state is None or state.state == STATE_UNAVAILABLE:
        return Why.UNAVAILABLE
    if is_own(hass, entry, order.entity_id):
        return Why.SAME_PROJECT
    if _is_forbidden_by_door(hass, order):
        return Why.NOT_ALLOWED_BY_DOOR
    return Why.NEEDS_CODE if _needs_code(hass, state) else None


def _is_forbidden_by_door(hass: HomeAssistant, order: Order) -> bool:
    """Tell whether it is a Tuya door of another project, whose options speak against it."""
    registered = er.async_get(hass).async_get(order.entity_id)
    if registered is None or registered.platform != DOMAIN:
        return False
    owner = hass.config_entries.async_get_entry(registered.config_entry_id or "")
    if owner is None or order.unlocked is None:
        # A switch of ours can let a door stand open.
        return True
    options = DoorOptions.of(owner.options, registered.unique_id)
    return options.pin_hash is not None or (options.admin_only and order.unlocked)


def _needs_code(hass: HomeAssistant, state: State) -> bool:
    """Tell whether Home Assistant would refuse to move the lock without a code."""
    wanted = state.attributes.get(ATTR_CODE_FORMAT) if state.domain == LOCK else None
    if not isinstance(wanted, str):
        return False
    registered = er.async_get(hass).async_get(state.entity_id)
    options: Mapping[str, Any] = registered.options.get(LOCK, {}) if registered is not None else {}
    try:
        return re.match(wanted, options.get(CONF_DEFAULT_CODE) or "") is None
    except re.error:
        return True

"""What Home Assistant's entities say of a published door: its values, and whether it is there."""

from collections.abc import Callable, Iterable, Mapping
import math
from typing import Any, Final

from homeassistant.components.lock.const import LockState
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event

from ..coordinator import TuyaLinkCoordinator
from ..model.happenings import Happening
from ..model.publication import Part, Publication, Role, Value
from .hearing import NOTHING, Hearing
from .own import is_own

_BOLTS: Final[Mapping[str, bool]] = {
    # On its way, or jammed, it is neither: what was told last stays.
    LockState.LOCKED: False,
    LockState.UNLOCKED: True,
    LockState.OPEN: True,
}
_SENSORS: Final[Mapping[str, bool]] = {STATE_ON: True, STATE_OFF: False}
_FULL: Final = 100


class Reading:
    """The entities of one published door; those that show a device of Tuya's are never read."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        coordinator: TuyaLinkCoordinator,
        publication: Publication,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._cloud = coordinator.cloud
        self._publication = publication

    @property
    def available(self) -> bool:
        """Whether the door is there: its lock, else the first of its entities that exists."""
        lock = Part.LOCK in self._publication.entities
        parts = [Part.LOCK] if lock else [*self._publication.entities]
        states = [state for part in parts for state in self._states(part)]
        return bool(states) and states[0].state != STATE_UNAVAILABLE

    @property
    def missing(self) -> tuple[str, ...]:
        """The entities that are gone: deleted, disabled, or not there yet."""
        chosen = {one for part in self._publication.entities.values() for one in part}
        return tuple(sorted(one for one in chosen if self._hass.states.get(one) is None))

    def values(self) -> Mapping[str, Value]:
        """Return the value of each property that is known now, by code."""
        read: Mapping[Role, Value | None] = {
            Role.BOLT: _known(_BOLTS, self._states(Part.LOCK)),
            Role.LEAF: _known(_SENSORS, self._states(Part.LEAF)),
            Role.ALARMING: _known(_SENSORS, self._states(Part.ALARMS)),
            Role.BATTERY: _percent(self._states(Part.BATTERY)),
        }
        found = {self._publication.code(role): value for role, value in read.items()}
        return {
            code: value for code, value in found.items() if code is not None and value is not None
        }

    @callback
    def watch(
        self, changed: Callable[[], None], happened: Callable[[Happening], None]
    ) -> Callable[[], None]:
        """Tell of every change and every event from now on; returns what ends it."""
        hearing = Hearing(self._publication, lambda: self._cloud.clock_offset, happened)

        @callback
        def moved(event: Event[EventStateChangedData]) -> None:
            new = event.data["new_state"]
            if new is not None and not is_own(self._hass, self._entry, new.entity_id):
                hearing.take(event.data["old_state"], new)
            changed()

        entities = {one for part in self._publication.entities.values() for one in part}
        for entity_id in entities:
            hearing.begin(self._hass.states.get(entity_id))
        return async_track_state_change_event(self._hass, entities, moved)

    def _states(self, part: Part) -> list[State]:
        chosen = self._publication.entities.get(part, ())
        states = [
            self._hass.states.get(entity_id)
            for entity_id in chosen
            if not is_own(self._hass, self._entry, entity_id)
        ]
        return [state for state in states if state is not None]


def _known(meanings: Mapping[str, bool], states: Iterable[State]) -> bool | None:
    """Return whether any of these is so, `None` if none of them says anything."""
    known = [meanings[state.state] for state in states if state.state in meanings]
    return any(known) if known else None


def _percent(states: Iterable[State]) -> int | None:
    state = next((one for one in states if one.state not in NOTHING), None)
    try:
        told = math.nan if state is None else float(state.state)
    except ValueError:
        return None
    return round(told) if 0 <= told <= _FULL else None

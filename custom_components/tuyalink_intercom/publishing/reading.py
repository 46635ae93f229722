"""What Home Assistant's entities say of a published door: its values, and whether it is there."""

from collections.abc import Callable, Mapping

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event

from ..model.happenings import Happening
from ..model.publication import Part, Publication, Role, Value

_RING_GOOD_FOR = 60.0


class Reading:
    """The entities of one published door."""

    def __init__(self, hass: HomeAssistant, publication: Publication) -> None:
        self._hass = hass
        self._publication = publication

    @property
    def available(self) -> bool:
        """Whether the door is there: its lock, or whatever comes first, is available."""
        first = next(iter(self._publication.entities.values()), ())
        states = [self._hass.states.get(entity_id) for entity_id in first]
        return any(state is not None and state.state != STATE_UNAVAILABLE for state in states)

    def values(self) -> Mapping[str, Value]:
        """Return the value of each property that is known now, by code."""
        lock = self._state(Part.LOCK)
        code = self._publication.code(Role.BOLT)
        if lock is None or code is None or lock.state in {STATE_UNKNOWN, STATE_UNAVAILABLE}:
            return {}
        return {code: lock.state in {"unlocked", "open"}}

    @callback
    def watch(
        self, changed: Callable[[], None], happened: Callable[[Happening], None]
    ) -> Callable[[], None]:
        """Tell of every change and every event from now on; returns what ends it."""

        @callback
        def moved(event: Event[EventStateChangedData]) -> None:
            new = event.data["new_state"]
            code = self._publication.code(Role.RING)
            if new is not None and new.domain == "event" and code is not None:
                time = new.last_changed.timestamp()
                happened(Happening(code=code, time=time, good_for=_RING_GOOD_FOR))
            else:
                changed()

        entities = [one for chosen in self._publication.entities.values() for one in chosen]
        return async_track_state_change_event(self._hass, entities, moved)

    def _state(self, part: Part) -> State | None:
        entity_id = self._publication.entity(part)
        return self._hass.states.get(entity_id) if entity_id else None

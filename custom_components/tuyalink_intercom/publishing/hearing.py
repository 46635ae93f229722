"""What happens at a published door, out of the states of its entities: rings, entries, alarms.

An event entity's state is the time of its last event. It also comes back with that state after a
restart or an absence, and then nobody has rung.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.event import (
    ATTR_EVENT_TYPE,
    DoorbellEventType,
    EventDeviceClass,
)
from homeassistant.components.lock.const import LockState
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import State
from homeassistant.util import dt as dt_util

from ..model.happenings import FACT_GOOD_FOR, RING_GOOD_FOR, Happening
from ..model.publication import Part, Publication, Role, Value

NOTHING: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})
_FRESH: Final = timedelta(seconds=60)
"""An event that came with its entity's return is older only if it had been there before."""
_MILLISECOND: Final = timedelta(milliseconds=1)
_LONGEST: Final = 255
_JAMMED: Final = "jammed"
_METHODS: Final = ("method", "unlock_method", "access_method", "credential_type", "source", "via")
_PERSONS: Final = (
    *("person", "person_name", "user", "user_name", "username", "name"),
    *("full_name", "holder", "changed_by"),
)
"""What integrations call who came in, and how; the first that is there counts."""


class Hearing:
    """Takes the state changes of one door's entities; tells what happened, in cloud time.

    `offset`: seconds that the cloud's clock is ahead of Home Assistant's.
    """

    def __init__(
        self,
        publication: Publication,
        offset: Callable[[], float],
        happened: Callable[[Happening], None],
    ) -> None:
        self._publication = publication
        self._offset = offset
        self._happened = happened
        self._since = dt_util.utcnow()
        self._heard: dict[str, datetime] = {}
        self._was: dict[str, str] = {}
        """The last state of alarm sensors and the lock that said anything."""

    def begin(self, state: State | None) -> None:
        """Take in how an entity is before anything changes."""
        if state is None or state.state in NOTHING:
            return
        self._was[state.entity_id] = state.state
        if (time := _event_time(state)) is not None:
            self._heard[state.entity_id] = time

    def take(self, old: State | None, new: State) -> None:
        """Take a change in; tell what it means, if it is anything that happened."""
        if new.domain == "event":
            if (time := self._new_event(old, new)) is not None:
                self._event(new, time)
        elif new.state not in NOTHING:
            was, self._was[new.entity_id] = self._was.get(new.entity_id), new.state
            if was is not None and was != new.state:
                self._turned(was, new)

    def _new_event(self, old: State | None, new: State) -> datetime | None:
        """Return the time of an event that has just happened."""
        time = _event_time(new)
        if time is None or (old is not None and old.state == new.state):
            return None
        last = self._heard.get(new.entity_id)
        self._heard[new.entity_id] = time
        if time == last:
            return None
        # Two events within a millisecond have states a millisecond apart.
        now = dt_util.utcnow() + _MILLISECOND
        near = abs(now - time) <= _FRESH
        if old is not None and old.state not in NOTHING:
            # It was there all the time: this is another one, even if a clock was set meanwhile.
            return min(time, now) if near else now
        # Its state has milliseconds, other times have more.
        back_from = (self._since if old is None else old.last_changed) - _MILLISECOND
        return min(time, now) if near and time >= back_from else None

    def _event(self, state: State, time: datetime) -> None:
        chosen = self._publication.entities
        kind = state.attributes.get(ATTR_EVENT_TYPE)
        if state.entity_id in chosen.get(Part.DOORBELL, ()) and _rings(state, kind):
            self._tell(Role.RING, time, {}, RING_GOOD_FOR)
        if state.entity_id in chosen.get(Part.ACCESS, ()):
            self._tell(Role.ACCESS, time, _access(kind, state.attributes), FACT_GOOD_FOR)
        if state.entity_id in chosen.get(Part.ALARMS, ()):
            self._tell(Role.ALARM, time, _outputs(kind=kind), FACT_GOOD_FOR)

    def _turned(self, was: str, state: State) -> None:
        chosen = self._publication.entities
        sensor = state.entity_id in chosen.get(Part.ALARMS, ())
        if sensor and was == STATE_OFF and state.state == STATE_ON:
            kind = state.attributes.get(ATTR_DEVICE_CLASS) or state.object_id
            self._tell(Role.ALARM, state.last_changed, _outputs(kind=kind), FACT_GOOD_FOR)
        lock = state.entity_id in chosen.get(Part.LOCK, ())
        if lock and state.state == LockState.JAMMED:
            self._tell(Role.ALARM, state.last_changed, {"kind": _JAMMED}, FACT_GOOD_FOR)

    def _tell(
        self, role: Role, time: datetime, outputs: Mapping[str, Value], good_for: float
    ) -> None:
        if (code := self._publication.code(role)) is not None:
            at = time.timestamp() + self._offset()
            self._happened(Happening(code=code, time=at, outputs=outputs, good_for=good_for))


def _event_time(state: State) -> datetime | None:
    if state.domain != "event" or state.state in NOTHING:
        return None
    time = dt_util.parse_datetime(state.state)
    return None if time is None else dt_util.as_utc(time)


def _rings(state: State, kind: object) -> bool:
    """Tell whether an event is somebody at the door; a bell that says so also tells others."""
    if state.attributes.get(ATTR_DEVICE_CLASS) != EventDeviceClass.DOORBELL:
        return True
    return kind == DoorbellEventType.RING


def _access(kind: object, attributes: Mapping[str, Any]) -> Mapping[str, Value]:
    return _outputs(
        result=kind, method=_first(attributes, _METHODS), person=_first(attributes, _PERSONS)
    )


def _outputs(**told: object) -> Mapping[str, Value]:
    texts = {name: _text(value) for name, value in told.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := _text(attributes.get(name)))), None)


def _text(value: object) -> str | None:
    """Return plain text, as long as Tuya takes it; attributes may be anything."""
    if not isinstance(value, str):
        return None
    text = "".join(letter for letter in value if letter.isprintable()).strip()
    return text[:_LONGEST] or None

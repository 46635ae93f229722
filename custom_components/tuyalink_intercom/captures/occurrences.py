"""What is known of the events that pictures belong to: who passed, and by which door."""

from collections.abc import Mapping
from dataclasses import replace

from homeassistant.core import callback

from ..album.record import Capture
from ..model.changes import Change, Passed, PersonNamed
from ..model.people import key_of
from ..model.state import Device, Method

_MOST = 200


class Occurrences:
    """The last passages by event id."""

    def __init__(self) -> None:
        self._passages: dict[str, Passed] = {}

    @callback
    def heard(self, change: Change) -> None:
        """Note a passage; one that is told again, with more, is the same."""
        if isinstance(change, Passed):
            self._passages.pop(change.event_id, None)
            self._passages[change.event_id] = change
            while len(self._passages) > _MOST:
                del self._passages[next(iter(self._passages))]

    def completed(self, capture: Capture, device: Device | None) -> Capture:
        """Add who passed and where, as far as that is known of the capture's event."""
        passage = self._passages.get(capture.event_id)
        if passage is None:
            return capture
        person_id = passage.person_id
        if person_id is None and passage.slot is not None:
            person_id = key_of(passage.method, passage.slot)
        name = device.people.get(person_id) if device and person_id else None
        return replace(
            capture, person=name or passage.person, person_id=person_id, door=passage.door
        )


def named(capture: Capture, change: PersonNamed) -> Capture:
    """Return a capture as it is after a name became known.

    A person may be renamed. A credential may pass to somebody else, who is not in the picture: its
    owner is named once.
    """
    if capture.device_id != change.device_id or capture.person_id != change.person:
        return capture
    if not change.name or (_is_slot(change.person) and capture.person is not None):
        return capture
    return replace(capture, person=change.name)


def renamed(capture: Capture, people: Mapping[str, str]) -> Capture:
    """Return a capture with the name that its person has now."""
    person_id = capture.person_id
    if person_id is None or _is_slot(person_id) or person_id not in people:
        return capture
    return replace(capture, person=people[person_id])


def is_nameless(capture: Capture) -> bool:
    """Tell whether the name of who passed is not known."""
    return capture.person in {None, capture.person_id}


def _is_slot(person_id: str) -> bool:
    method, _, slot = person_id.partition(":")
    return bool(slot) and method in Method

"""What is known of the events that pictures belong to: who passed, and by which door."""

from homeassistant.core import callback

from ..model.changes import Change, Passed

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

    def passage(self, event_id: str) -> Passed | None:
        """Return the passage of an event, `None` for anything else."""
        return self._passages.get(event_id)

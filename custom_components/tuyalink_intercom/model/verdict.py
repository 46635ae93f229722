"""Why no ring came: the ladder of causes, from what was seen while somebody pressed the bell.

From the last thing that worked: a message of the bell, of another device, an open way in.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

LIVE = 60.0
"""An older message (s, by cloud time) is history and rings nothing."""


class Cause(StrEnum):
    """What kept the ring away; each has its sentence and its cure."""

    BUSY = "busy"
    """Another program has taken the subscription for itself."""
    LOST = "lost"
    """The queue was never connected, or is lost."""
    NOTHING = "nothing"
    """Connected, and not a single message."""
    NO_RING = "no_ring"
    """The bell told something that is not known as a ring."""
    OFF = "off"
    """Neither queue nor webhook is in use."""
    OLD = "old"
    """Only messages that were sent long ago."""
    OTHERS = "others"
    """Messages of other devices, none of the bell."""
    OTHER_FLAT = "other_flat"
    """A flat was called that is not the user's."""
    REFUSED_CREDENTIALS = "refused_credentials"
    REFUSED_ENVIRONMENT = "refused_environment"
    REFUSED_SERVICE = "refused_service"
    TEST_NOTHING = "test_nothing"
    """Connected to the test queue, which few devices reach."""
    WEBHOOK_NOTHING = "webhook_nothing"
    """Only the webhook is in use, and nobody posted anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    """How messages could come. `queue`: state of the queue's connection, None when it is off."""

    queue: str | None
    test: bool = False
    """Whether it is the queue of the test environment."""
    webhook: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message that came meanwhile and was no ring."""

    device_id: str
    names: tuple[str, ...] = ()
    age: float | None = None
    """Seconds from Tuya's cloud to here; None when not told."""
    elsewhere: bool = False
    """Whether it is a call for another flat."""

    @property
    def live(self) -> bool:
        """Whether it could have rung."""
        return self.age is None or self.age <= LIVE


def verdict(ways: WaysIn, heard: Iterable[Heard], bells: Collection[str]) -> Cause:
    """Name the cause; `bells` are the ids of the devices that may have been pressed."""
    heard = list(heard)
    live = [one for one in heard if one.live]
    of_bells = [one for one in live if one.device_id in bells]
    if of_bells:
        elsewhere = any(one.elsewhere for one in of_bells)
        return Cause.OTHER_FLAT if elsewhere else Cause.NO_RING
    if any(one.device_id in bells for one in heard) or (heard and not live):
        return Cause.OLD
    return Cause.OTHERS if heard else _unheard(ways)


_QUEUE = {
    cause.value: cause
    for cause in (
        Cause.BUSY,
        Cause.REFUSED_CREDENTIALS,
        Cause.REFUSED_ENVIRONMENT,
        Cause.REFUSED_SERVICE,
    )
}


def _unheard(ways: WaysIn) -> Cause:
    if ways.queue is None:
        return Cause.WEBHOOK_NOTHING if ways.webhook else Cause.OFF
    if ways.queue != "connected":
        return _QUEUE.get(ways.queue, Cause.LOST)
    return Cause.TEST_NOTHING if ways.test else Cause.NOTHING

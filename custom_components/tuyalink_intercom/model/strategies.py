"""Which ways lead to a door from afar, and which of them is tried first.

Pure: what the device can do, whether somebody asks now, what the owner allows, and what is
remembered of the product decide. Each way is sent at most once for a press.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from . import dpcodes
from .doors import Door, Opener
from .state import Device, Fact, World


class Strategy(StrEnum):
    """A way to open a door from afar."""

    ACTION = "action"
    """An action of the thing model, without parameters of its own."""
    COMMAND = "command"
    """Write the relay's data point by the standard instruction set."""
    DOOR_OPERATE = "door_operate"
    """Lock service: a ticket, then operate."""
    OPEN_DOOR = "open_door"
    """Lock service: a ticket, then the older call, which access controllers take."""
    OPEN_WITH_PASSWORD = "open_with_password"
    """Lock service: a ticket, then the lock's own password, encrypted for it."""
    PERSON = "person"
    """A terminal opens in the name of a person."""
    PROPERTY = "property"
    """Write the relay's data point by the thing model."""
    REMOTE_KEY = "remote_key"
    """Write a key for one use into a slot of the lock, then use it."""
    REPLY_REQUEST = "reply_request"
    """Say yes to who asks at the door."""


LOCK_SERVICE = frozenset({Strategy.DOOR_OPERATE, Strategy.OPEN_DOOR, Strategy.OPEN_WITH_PASSWORD})
"""Ways that need Tuya's lock service, and the owner's leave in the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the owner allows at a door beyond the usual."""

    remote_key: bool = False
    own_password: bool = False
    """Only with the lock's own password, which Tuya has to check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """What is remembered of the doors of a product."""

    worked: Strategy | None = None
    doubted: frozenset[Strategy] = frozenset()
    """Accepted by Tuya, but the door did not confirm it the last time."""


def strategies_for(
    device: Device,
    door: Door,
    *,
    now: float,
    allowed: Allowed | None = None,
    experience: Experience | None = None,
) -> tuple[Strategy, ...]:
    """Return the ways to a door in the order in which they are to be tried.

    `now`: cloud time. Empty where the door cannot be opened from afar.
    """
    allowed, experience = allowed or Allowed(), experience or Experience()
    if allowed.own_password:
        # Who may open only with a password must not come in by a way that asks for none.
        by_service = door.opener is Opener.LOCK_SERVICE
        return (Strategy.OPEN_WITH_PASSWORD,) if by_service else ()
    usual = [*_usual(device, door, allowed)]

    def rank(way: Strategy) -> int:
        if way in experience.doubted:
            return 2
        return 0 if way is experience.worked else 1

    ordered = sorted(usual, key=rank)
    return (Strategy.REPLY_REQUEST, *ordered) if asks_now(device, now) else tuple(ordered)


def asks_now(device: Device, now: float) -> bool:
    """Tell whether somebody at the lock asks to be let in; its countdown ends it."""
    reading = device.readings.get(Fact.ASKS_TO_OPEN)
    if reading is None or reading.value is not True:
        return False
    return reading.until is None or now < reading.until


def _usual(device: Device, door: Door, allowed: Allowed) -> Iterator[Strategy]:
    known = device.codes.known
    if door.opener is Opener.LOCK_SERVICE:
        # Access controllers take the older call; locks the newer one.
        older_first = device.world is World.CONTROLLER
        both = (Strategy.OPEN_DOOR, Strategy.DOOR_OPERATE)
        yield from both if older_first else both[::-1]
    if door.opener is Opener.PERSON:
        yield Strategy.PERSON
    if door.code is not None:
        yield from writes(door.code, device.codes.commandable)
    # With several doors nobody could say which one these open.
    if len(device.features.doors) == 1:
        if device.codes.actions:
            yield Strategy.ACTION
        if allowed.remote_key and dpcodes.REMOTE_KEY in known:
            yield Strategy.REMOTE_KEY


def writes(code: str, commandable: Collection[str]) -> tuple[Strategy, Strategy]:
    """Return the two calls that write a data point, the one that knows the code first."""
    if code in commandable:
        return Strategy.COMMAND, Strategy.PROPERTY
    return Strategy.PROPERTY, Strategy.COMMAND

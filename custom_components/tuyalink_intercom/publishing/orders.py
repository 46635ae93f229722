"""What a command of Tuya's side comes to here: which entity is to do what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.lock.const import DOMAIN as LOCK, LockState

from ..model.publication import LONGEST_CODE, PROPERTIES, Part, Publication, Role, Value
from ..model.thing_commands import ActionWanted, Command, PointsWanted, PropertiesWanted
from ..model.thing_model import ThingModel
from .why import Why

REACHED: Final[Mapping[bool, frozenset[str]]] = {
    True: frozenset({LockState.UNLOCKED, LockState.OPEN}),
    False: frozenset({LockState.LOCKED}),
}
"""How a lock stands that was to be unlocked, or not."""

_SERVICES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    # The conditions of an automation are its owner's word on when it may run.
    "automation": ("trigger", {"skip_condition": False}),
    "button": ("press", {}),
    "input_boolean": ("turn_on", {}),
    "input_button": ("press", {}),
    "scene": ("turn_on", {}),
    "script": ("turn_on", {}),
    "switch": ("turn_on", {}),
}
"""What is called for further actions, by the domain of their entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command that was understood: a service call to one entity.

    `what`: as `what_of` says. `unlocked`: how the lock is to stand, `None` if it is not about the
    lock. `rest`: whether the command also wants what cannot be done.
    """

    command: Command
    what: str
    entity_id: str
    service: str
    data: Mapping[str, Any]
    unlocked: bool | None = None
    rest: bool = False

    @property
    def domain(self) -> str:
        """The domain of the service."""
        return self.entity_id.partition(".")[0]


def order_of(
    command: Command, publication: Publication, model: Callable[[], ThingModel]
) -> Order | Why:
    """Return what a command comes to, or why it comes to nothing."""
    match command:
        case ActionWanted():
            return _action(command, publication)
        case PropertiesWanted():
            return _values(command, command.values, publication)
        case PointsWanted():
            return _values(command, coded(command, model()), publication)
    return Why.NOT_UNDERSTOOD


def what_of(command: Command, model: ThingModel) -> str:
    """Return what a command is about: the code of the action, or of what was set."""
    match command:
        case ActionWanted():
            what = command.action
        case PropertiesWanted():
            what = next(iter(command.values))
        case PointsWanted():
            what = next(iter(coded(command, model)), str(next(iter(command.values))))
        case _:
            what = ""
    return what[:LONGEST_CODE] if what.isprintable() else ""


def coded(command: PointsWanted, model: ThingModel) -> Mapping[str, Value]:
    """Return the values that data points are to take by the codes of their properties."""
    found = {model.code_of(point): value for point, value in command.values.items()}
    return {code: value for code, value in found.items() if code is not None}


def _action(command: ActionWanted, publication: Publication) -> Order | Why:
    # Were both actions given one code, locking would be meant: it does no harm.
    for role, unlocked in ((Role.LOCK, False), (Role.UNLOCK, True)):
        if command.action == publication.code(role):
            return _bolt(command, publication, command.action, unlocked=unlocked)
    entity_id = publication.actions.get(command.action)
    if entity_id is None or (service := _SERVICES.get(entity_id.partition(".")[0])) is None:
        return Why.UNKNOWN_FUNCTION
    name, data = service
    return Order(command=command, what=command.action, entity_id=entity_id, service=name, data=data)


def _values(command: Command, values: Mapping[str, Value], publication: Publication) -> Order | Why:
    bolt = publication.code(Role.BOLT)
    if bolt is None or bolt not in values:
        known = values.keys() & {publication.code(role) for role in PROPERTIES}
        return Why.READ_ONLY if known else Why.UNKNOWN_FUNCTION
    if not isinstance(unlocked := values[bolt], bool):
        return Why.BAD_VALUE
    return _bolt(command, publication, bolt, unlocked=unlocked, rest=len(values) > 1)


def _bolt(
    command: Command, publication: Publication, what: str, *, unlocked: bool, rest: bool = False
) -> Order | Why:
    lock = publication.entity(Part.LOCK)
    if lock is None or lock.partition(".")[0] != LOCK:
        return Why.UNKNOWN_FUNCTION
    return Order(
        command=command,
        what=what,
        entity_id=lock,
        service="unlock" if unlocked else "lock",
        data={},
        unlocked=unlocked,
        rest=rest,
    )

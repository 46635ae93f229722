"""Words about names: what they change in the registry, and what devices then show."""

from collections.abc import Iterable, Iterator

from .changes import Change, Outcome, Passed, PersonNamed
from .people import key_of
from .registry import Origin, Registry, subject_of
from .state import Device


def heard(registry: Registry, change: Change) -> Registry:
    """Take what a change says of somebody's name, or that somebody has none."""
    match change:
        case PersonNamed(device_id=device, person=key, name=name, origin=origin, holder=holder):
            return registry.hearing(subject_of(device, key), origin, name, holder)
        case Passed(outcome=outcome) if outcome is not Outcome.DENIED:
            if key := change.person_id or _number(change):
                return registry.seeing(subject_of(change.device_id, key), change.time)
    return registry


def news(registry: Registry, devices: Iterable[Device], time: float) -> Iterator[PersonNamed]:
    """Yield what devices do not show yet of the names that are theirs."""
    for device in devices:
        names = registry.names(device.id)
        shown = {key: (name, key in device.owner_named) for key, name in device.people.items()}
        for key in {**shown, **names} if names != shown else ():
            name, by_owner = names.get(key, ("", False))
            if shown.get(key, ("", False)) != (name, by_owner):
                yield PersonNamed(
                    device_id=device.id,
                    time=time,
                    person=key,
                    name=name,
                    origin=Origin.OWNER if by_owner else Origin.ACCESS_LOG,
                )


def _number(change: Passed) -> str:
    return "" if change.slot is None else key_of(change.method, change.slot)

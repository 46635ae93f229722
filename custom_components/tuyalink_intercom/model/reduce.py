"""How changes become the new tree. Older words never overwrite newer ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from . import calls, people, settings
from .changes import (
    BoltReported,
    CallMoved,
    CallRested,
    Change,
    ChannelsReported,
    Learned,
    OnlineChanged,
    PersonNamed,
    Rang,
    RelayReported,
    Remembered,
    Renamed,
    Reported,
)
from .guests import GuestsExpected
from .setting_changes import PanelChosen, SettingReported
from .state import AccessState, Device, Reading
from .worlds import learn


def reduce(state: AccessState, changes: Iterable[Change]) -> AccessState:
    """Apply changes in order; changes of unknown devices leave the tree as it is."""
    devices = dict(state.devices)
    for change in changes:
        if (device := devices.get(change.device_id)) is not None:
            devices[change.device_id] = applied(device, change)
    return replace(state, devices=devices)


def applied(device: Device, change: Change) -> Device:
    """Apply one change to its device."""
    match change:
        case Reported(fact=fact, value=value, time=time, until=until, seen=seen):
            reading = Reading(value, time, until, seen)
            return replace(device, readings=_newer(device.readings, fact, reading))
        case BoltReported(door=door, unlocked=unlocked, time=time, seen=seen):
            reading = Reading(unlocked, time, seen=seen)
            return replace(device, bolts=_newer(device.bolts, door, reading))
        case RelayReported(code=code, value=value, time=time, seen=seen):
            reading = Reading(value, time, seen=seen)
            return replace(device, relays=_newer(device.relays, code, reading))
        case OnlineChanged(online=online, time=time) if time >= device.online_since:
            return replace(device, online=online, online_since=time)
        case ChannelsReported(names=names, current=current, time=time):
            channels = names or device.channels
            return replace(
                device,
                channels=channels,
                channel=current,
                channel_since=time,
                features=settings.with_panels(device, len(channels)),
            )
        case Learned(feature=feature):
            return replace(device, features=learn(device.features, feature))
        case Remembered(memory=memory):
            return replace(device, memory=memory)
        case Renamed(name=name):
            return replace(device, name=name)
        case PersonNamed():
            return people.named(device, change)
    return _called(device, change)


def _called(device: Device, change: Change) -> Device:
    match change:
        case Rang():
            return calls.begun(device, change)
        case CallMoved():
            return calls.moved(device, change)
        case CallRested():
            return calls.rested(device, change)
    return _set(device, change)


def _set(device: Device, change: Change) -> Device:
    match change:
        case SettingReported(setting=key, value=value, time=time, seen=seen):
            reading = Reading(value, time, seen=seen)
            return replace(device, settings=_newer(device.settings, key, reading))
        case GuestsExpected(guests=guests):
            return replace(device, guests=guests)
        case PanelChosen(panel=panel, time=time):
            return replace(device, chosen=None if panel is None else (panel, time))
    return device


def _newer[K](readings: Mapping[K, Reading], key: K, reading: Reading) -> Mapping[K, Reading]:
    known = readings.get(key)
    return {**readings, key: reading} if known is None or reading.outdates(known) else readings


def back_first(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Part the changes where a device comes back online before it tells something."""
    match changes:
        case [OnlineChanged(online=True) as back, *rest] if rest:
            yield (back,)
            yield rest
        case _:
            yield changes

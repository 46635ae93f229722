"""Tuya's answers about devices, turned into devices of ours.

Tuya spells the same member in camel and snake case, depending on the call.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from . import dpcodes
from .changes import Reported
from .codes import Description, read_codes
from .recollection import recollected
from .reduce import applied
from .reports import code_of, read_channels, stored_changes, value_of
from .settings import namesakes, settings_of
from .state import Codes, Device, Fact
from .values import boolean, text
from .worlds import features_of, learn, world_of


class SenselessDeviceError(ValueError):
    """The data of a device make no sense; it is skipped."""


def device_id(record: Mapping[str, Any]) -> str:
    """Return the id in a device record; raise `SenselessDeviceError` without one."""
    found = record.get("id") or record.get("dev_id")
    if not isinstance(found, str) or not found:
        raise SenselessDeviceError("a device without an id")
    return found


def product_id(record: Mapping[str, Any]) -> str:
    """Return the product of a device record, by which its description is stored."""
    return _text(record, "productId", "product_id")


def category(record: Mapping[str, Any]) -> str:
    """Return Tuya's category of a device record, empty when it is not told."""
    return _text(record, "category")


def owner_of(record: Mapping[str, Any]) -> str:
    """Return the app account that has the device; most of Tuya's lists do not tell it."""
    return _text(record, "uid")


def is_online(record: Mapping[str, Any]) -> bool | None:
    """Return whether Tuya's cloud is connected to the device, `None` when not told."""
    return boolean(_first(record, "isOnline", "is_online", "online"))


def name_of(record: Mapping[str, Any]) -> str:
    """Return the owner's name for the device, else the product's."""
    names = ("customName", "custom_name", "name", "productName", "product_name")
    return next((found for name in names if (found := _text(record, name))), "") or device_id(
        record
    )


def device_from(
    record: Mapping[str, Any],
    description: Description,
    *,
    now: float,
    points: Collection[str] = (),
    learned: Collection[str] = (),
    read_at: float | None = None,
) -> Device | None:
    """Build a device, or `None` if it is left to other integrations.

    `now` is the cloud time at which the values were asked for, `read_at` that by which they
    had all come (see `Recalled`); `learned` names what
    the device showed earlier though its data do not promise it (see `Learned`).
    """
    kind = category(record)
    codes = read_codes(description, dpcodes.WORLDS.get(kind))
    world = world_of(kind, codes.known, points)
    if world is None:
        return None
    if kind not in dpcodes.WORLDS:
        codes = read_codes(description, world)
    values = (*description.status, *description.shadow)
    channels, current = _channels(values, codes)
    others = namesakes(codes, product_id(record))
    codes = replace(codes, known=codes.known - others.keys())
    features = features_of(world, kind, codes, channels=channels, points=points)
    settings = settings_of(codes, panels=len(channels), others=others)
    device = Device(
        id=device_id(record),
        name=name_of(record),
        world=world,
        category=kind,
        product_id=product_id(record),
        product_name=_text(record, "productName", "product_name"),
        model=_text(record, "model"),
        gateway_id=_text(record, "gatewayId", "gateway_id") or None,
        sub=record.get("sub") is True,
        online=is_online(record),
        features=reduce(learn, learned, replace(features, settings=settings)),
        codes=codes,
        channels=channels,
        channel=current,
    )
    device = with_values(_at_rest(device), values, now)
    return replace(device, recalled=recollected(values, codes, now if read_at is None else read_at))


def with_values(device: Device, items: Iterable[Mapping[str, Any]], now: float) -> Device:
    """Take stored values as states. They are history: nothing here is an event."""
    for change in stored_changes(device, items, now):
        device = applied(device, change)
    return device


_AT_REST = frozenset(
    {
        Fact.ASKS_TO_OPEN,
        Fact.DOOR_LEFT_OPEN,
        Fact.DURESS,
        Fact.LOITERING,
        Fact.TAMPER,
        Fact.WRONG_ATTEMPTS,
    }
)


def _at_rest(device: Device) -> Device:
    """Start alarms as off: an alarm is news, and none was told yet."""
    for fact in device.features.facts & _AT_REST:
        rest = Reported(device_id=device.id, time=0.0, fact=fact, value=False)
        device = applied(device, rest)
    return device


def _channels(
    values: Iterable[Mapping[str, Any]], codes: Codes
) -> tuple[Mapping[str, str], str | None]:
    for item in values:
        if code_of(item, codes) == dpcodes.CHANNELS and (found := read_channels(value_of(item))):
            return found
    return {}, None


def _first(record: Mapping[str, Any], *names: str) -> object:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _text(record: Mapping[str, Any], *names: str) -> str:
    return text(_first(record, *names)) or ""

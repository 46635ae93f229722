"""What diagnostics tell of doors, settings, keys and people: ways and counts, nobody's name."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from homeassistant.core import HomeAssistant

from .const import CONF_CALL_ROUTES
from .doors.options import DoorOptions
from .kept.openings import Openings, openings_of
from .keys.ledger import KeyLedger
from .model.registry import Registry, nameless
from .model.routes import routes_of
from .model.state import Device
from .model.strategies import Allowed, Experience, strategies_for
from .runtime import TuyaLinkConfigEntry


def stock_of(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, devices: Iterable[Device]
) -> dict[str, Any]:
    """Return what can be told of a project, and of these of its devices; ids stand in it."""
    data, devices = entry.runtime_data, [*devices]
    routes = routes_of(entry.options.get(CONF_CALL_ROUTES))
    return {
        "doors": [door for device in devices for door in _doors(hass, entry, device)],
        "products": _products(openings_of(hass, entry), devices),
        "settings": {one.id: _settings(one) for one in devices if one.features.settings},
        "keys": _keys(data.keys),
        "people": _people(data.coordinator.people.known),
        "call_routes": {"flats": len(routes), "persons": sum(map(len, routes.values()))},
    }


def _doors(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, device: Device
) -> Iterator[dict[str, Any]]:
    experience = openings_of(hass, entry).experience(device.product_id or device.id)
    for door in device.features.doors:
        options = DoorOptions.of(entry.options, f"{device.id}_{door.key}")
        allowed = Allowed(remote_key=options.remote_key, own_password=options.own_password)
        now = entry.runtime_data.coordinator.cloud.now()
        ways = strategies_for(device, door, now=now, allowed=allowed, experience=experience)
        yield {
            "door": f"{device.id}_{door.key}",
            "strategies": [way.value for way in ways],
            "pin": options.pin_hash is not None,
            "admin_only": options.admin_only,
            "quiet_hours": options.quiet_from is not None,
            "inverted": options.inverted,
            "relock_s": options.relock,
            "remote_key": options.remote_key,
            "own_password": options.own_password,
        }


def _products(openings: Openings, devices: Iterable[Device]) -> dict[str, Any]:
    """Return what was learned of the doors of products."""
    learned = {one.product_id: openings.experience(one.product_id) for one in devices}
    return {
        product: {"worked": told.worked, "doubted": sorted(told.doubted)}
        for product, told in learned.items()
        if product and told != Experience()
    }


def _settings(device: Device) -> dict[str, bool]:
    """Return each setting of a device, and whether it is known how that stands."""
    return {one.key: one.key in device.settings for one in device.features.settings}


def _keys(ledger: KeyLedger) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for key in ledger.all():
        counted.setdefault(key.kind.value, Counter())[key.state.value] += 1
    return {kind: dict(states) for kind, states in counted.items()}


def _people(registry: Registry) -> dict[str, Any]:
    known = registry.known
    origins = Counter(origin.value for one in known.values() for origin in one.said)
    return {
        "persons": sum(not place for place, _ in known),
        "numbers": sum(bool(place) for place, _ in known),
        "nameless": sum(1 for _ in nameless(registry)),
        "named_here": sum(bool(one.owner) for one in known.values()),
        "named_by": dict(origins),
    }

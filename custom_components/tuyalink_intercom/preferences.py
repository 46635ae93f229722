"""What the user said about devices, put into the tree: it decides how messages are read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .const import CONF_FLATS, CONF_TAUGHT
from .model.state import AccessState, Device, Meaning
from .model.taught import promised


def with_preferences(state: AccessState, options: Mapping[str, Any]) -> AccessState:
    """Give every device its part of an entry's options.

    `flats` is a list of addresses, absent until the user answered; `taught` is
    `{device id: {code or message name: meaning}}`.
    """
    flats = options.get(CONF_FLATS)
    mine = None if flats is None else frozenset(flats)
    taught = options.get(CONF_TAUGHT, {})
    devices = {
        key: _of_device(device, mine, taught.get(key, {})) for key, device in state.devices.items()
    }
    return replace(state, devices=devices)


def _of_device(device: Device, flats: frozenset[str] | None, taught: Mapping[str, str]) -> Device:
    meanings = {name: Meaning(meaning) for name, meaning in taught.items()}
    return promised(replace(device, flats=flats, taught=meanings))

"""Taking a key back, whatever it is: told at Tuya, followed to its end, then forgotten here.

What could not be taken back stays in the ledger, as it stood.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..model.keys import Key, KeyKind, KeyState
from ..model.state import Device
from ..runtime import TuyaLinkConfigEntry
from .codes import LockCodes
from .persons import REMOVED, TerminalKeys, at_once, one, to_be

NOT_LOADED: Final = "not_loaded"
DEVICE_GONE: Final = "device_gone"
OFFLINE_CODE: Final = "offline_code"
GOES_WITH_PERSON: Final = "goes_with_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """What became of a key; `why` it was not taken back, empty if it was.

    `why` is one of the words above, `pending` or `failed`, else the translation key of an error.
    """

    key: Key
    why: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    """What that error's words name."""


async def async_revoke(hass: HomeAssistant, entry: TuyaLinkConfigEntry, key: Key) -> Revoked:
    """Take a key back, a person with everything the person carries; never raises for refusals."""
    if entry.state is not ConfigEntryState.LOADED:
        return Revoked(key=key, why=NOT_LOADED)
    device = entry.runtime_data.coordinator.device(key.device_id)
    if key.kind is KeyKind.OFFLINE_CODE:
        return Revoked(key=key, why=OFFLINE_CODE)
    if key.kind in {KeyKind.PASSWORD, KeyKind.QR_CODE}:
        # Tuya's calls name it by its value, which is not kept.
        return Revoked(key=key, why=GOES_WITH_PERSON)
    if device is None:
        return Revoked(key=key, why=DEVICE_GONE)
    try:
        why = await _taken_back(hass, entry, device, key)
    except HomeAssistantError as error:
        told = error.translation_placeholders or {}
        return Revoked(key=key, why=error.translation_key or KeyState.FAILED, told=told)
    return Revoked(key=key, why=why)


async def _taken_back(
    hass: HomeAssistant, entry: TuyaLinkConfigEntry, device: Device, key: Key
) -> str:
    """Take a key back; return how it stands if it is still there. Raises HomeAssistantError."""
    if key.kind is KeyKind.CODE:
        data = entry.runtime_data
        await LockCodes(data.coordinator.cloud, data.keys, device).delete(key.id, None)
        return ""
    terminal = TerminalKeys(hass, entry, device)
    if key.kind is KeyKind.PERSON:
        # The leave is Tuya's own, not the terminal's: it would outlive the person there.
        for leave in terminal.carried(key.id, KeyKind.PERMISSION):
            await _written(terminal, leave)
    return await _written(terminal, key)


async def _written(terminal: TerminalKeys, key: Key) -> str:
    async def send() -> Sequence[str]:
        return await _send(terminal, key)

    [state] = await terminal.write([to_be(key, None)], send)
    return "" if state == REMOVED else state


async def _send(terminal: TerminalKeys, key: Key) -> Sequence[str]:
    calls, device_id = terminal.calls, key.device_id
    match key.kind:
        case KeyKind.FACE:
            return await one(calls.remove_face(device_id, key.person, key.id))
        case KeyKind.CARD:
            return await one(calls.remove_card(device_id, key.person, key.id))
        case KeyKind.PERMISSION:
            return await at_once(calls.disallow(device_id, key.person))
    return await one(calls.remove(device_id, key.id))

"""Why a door was not opened: a sentence for who pressed, a repair for what the owner can cure.

A full pool of controllable devices, and whatever stops the whole project (plan, quota), have
their repairs with the month's account (`budget`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..api import Reason, TuyaError
from ..const import DOMAIN
from ..issues import async_close, async_raise
from ..model.doors import Door, Opener
from ..model.remote_key import Status
from ..model.state import Device, Fact
from ..model.strategies import Strategy
from ..translated import translation_of

_CONSOLE: Final = "setting-up-tuyas-console"
_DOORS: Final = "doors"
"""The chapter of the README."""
_REPAIR: Final = "doors_refused"
"""What the one repair of a project is known by."""
_PROJECT: Final[Mapping[Reason, str]] = {
    Reason.API_NOT_SUBSCRIBED: "doors_not_subscribed",
    Reason.API_EXPIRED: "doors_expired",
    Reason.API_NOT_AUTHORIZED: "doors_not_authorized",
    Reason.NOT_LINKED: "doors_not_linked",
    Reason.APP_ACCOUNT: "doors_app_account",
    Reason.IP_OR_REGION: "doors_ip_or_region",
}


class Unopened(StrEnum):
    """Why nothing was sent, or nothing moved; the value is the key of its sentence."""

    DOUBLE_LOCKED = "door_double_locked"
    KEY_NOT_TAKEN = "door_key_not_taken"
    KEY_UNTIMELY = "door_key_untimely"
    LEFT_ASLEEP = "door_silent"
    NEEDS_PASSWORD = "remote_unlock_needs_password"
    NO_ANSWER = "no_answer_may_have_opened"
    NO_PASSWORD = "door_password_missing"
    NOT_OPENABLE = "not_openable"
    NOT_SURE = "not_confirmed"
    OTHER_PANEL = "door_other_panel"
    REFUSED = "door_refused"
    REMOTE_OFF = "remote_unlock_off"
    REMOTE_PASSWORD_OFF = "remote_password_off"


_AT_THE_DOOR: Final = (
    Unopened.REMOTE_OFF,
    Unopened.NEEDS_PASSWORD,
    Unopened.REMOTE_PASSWORD_OFF,
)
"""What the owner cures in the app, for one lock."""
_WRONG_WISHES: Final = frozenset({*_AT_THE_DOOR, Unopened.NOT_OPENABLE, Unopened.NO_PASSWORD})
_STATUSES: Final[Mapping[int, Unopened]] = {
    Status.TIMED_OUT: Unopened.NOT_SURE,
    Status.UNTIMELY: Unopened.KEY_UNTIMELY,
    Status.DOUBLE_LOCKED: Unopened.DOUBLE_LOCKED,
}
_LOCK_SERVICE: Final[Mapping[Reason, str]] = {
    Reason.API_NOT_SUBSCRIBED: "lock_service_not_subscribed",
    Reason.API_EXPIRED: "lock_service_expired",
    Reason.API_NOT_AUTHORIZED: "lock_service_not_authorized",
}
ASLEEP: Final = "door_asleep"
ASLEEP_ASKS: Final = "door_asleep_asks"
PASSWORD_REFUSED: Final = "door_password_refused"
SENTENCES: Final = frozenset({*_LOCK_SERVICE.values(), ASLEEP, ASLEEP_ASKS, PASSWORD_REFUSED})
"""What is told of Tuya's refusals in other words than of lists and settings."""
ISSUES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(_PROJECT.values(), frozenset({"project"})),
    **dict.fromkeys(_AT_THE_DOOR, frozenset({"project", "door"})),
}
"""Every repair that may be raised here, and what its words name."""


class UnopenedError(Exception):
    """The door was certainly not opened, for a reason that is not an error of Tuya's."""

    def __init__(self, why: Unopened) -> None:
        super().__init__(why.value)
        self.why = why


def by_status(status: int) -> UnopenedError:
    """Return what a lock's reply to its key means."""
    return UnopenedError(_STATUSES.get(status, Unopened.KEY_NOT_TAKEN))


def told(error: UnopenedError) -> HomeAssistantError:
    """Return what is told to who pressed."""
    kind = ServiceValidationError if error.why in _WRONG_WISHES else HomeAssistantError
    return kind(translation_domain=DOMAIN, translation_key=error.why.value)


def told_of(
    error: TuyaError, device: Device, door: Door, way: Strategy | None = None
) -> HomeAssistantError:
    """Return what is told to who pressed, in words of its own where doors differ."""
    translation = translation_of(error)
    if (key := _sentence(error, device, door, way)) is not None:
        translation["translation_key"] = key
    return HomeAssistantError(**translation)


def _sentence(error: TuyaError, device: Device, door: Door, way: Strategy | None) -> str | None:
    if error.reason is Reason.DEVICE_OFFLINE and device.features.sleeps:
        return ASLEEP_ASKS if Fact.ASKS_TO_OPEN in device.features.facts else ASLEEP
    if error.reason is Reason.NOT_SUPPORTED and way is Strategy.OPEN_WITH_PASSWORD:
        return PASSWORD_REFUSED
    return _LOCK_SERVICE.get(error.reason) if door.opener is Opener.LOCK_SERVICE else None


@callback
def async_complain(
    hass: HomeAssistant,
    entry: ConfigEntry,
    device: Device,
    door: Door,
    error: TuyaError | UnopenedError,
) -> None:
    """Raise the repair that a press which failed asks for, if the owner can cure it."""
    if hass.config_entries.async_get_entry(entry.entry_id) is None:
        # Removed while the press was under way: nobody would take the repair away.
        return
    if isinstance(error, TuyaError):
        if (key := _PROJECT.get(error.reason)) is not None:
            async_raise(hass, entry, key, name=_REPAIR, chapter=_CONSOLE)
    elif error.why in _AT_THE_DOOR:
        shown = {"door": " ".join(filter(None, (device.name, door.name)))}
        name = _at(device, door)
        async_raise(hass, entry, error.why.value, name=name, told=shown, chapter=_DOORS)


@callback
def async_settle(hass: HomeAssistant, entry: ConfigEntry, device: Device, door: Door) -> None:
    """Close what a press that worked has disproved."""
    async_close(hass, entry, _REPAIR)
    async_close(hass, entry, _at(device, door))


def _at(device: Device, door: Door) -> str:
    return f"door_{device.id}_{door.key}"

"""Why a view cannot be had: a sentence for who views, a repair for what the user can cure.

A full pool of controllable devices has its repair with the month's account (`budget`), which
hears of every call.
"""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..api import Reason, TuyaError
from ..const import DOMAIN
from ..issues import async_close, async_raise
from ..translated import translation_of

_CONSOLE: Final = "setting-up-tuyas-console"
_REPAIR: Final = "live_video"
"""What the one repair is known by."""
_CURABLE: Final[Mapping[Reason, str]] = {
    Reason.API_NOT_SUBSCRIBED: "live_not_subscribed",
    Reason.API_EXPIRED: "live_expired",
    Reason.API_NOT_AUTHORIZED: "live_not_authorized",
}
SENTENCES: Final[Mapping[Reason, str]] = {
    **_CURABLE,
    Reason.DEVICE_OFFLINE: "live_offline",
    Reason.NOT_SUPPORTED: "live_not_offered",
}
"""What is told in other words than of commands and lists."""
ISSUES: Final[Mapping[str, frozenset[str]]] = dict.fromkeys(
    _CURABLE.values(), frozenset({"project"})
)
"""Every repair that may be raised here, and what its words name."""


def refusal_of(error: TuyaError) -> HomeAssistantError:
    """Return what is told to who wants to view, in words of its own where video differs."""
    told = translation_of(error)
    told["translation_key"] = SENTENCES.get(error.reason, told["translation_key"])
    return HomeAssistantError(**told)


def no_stream_integration() -> HomeAssistantError:
    """Return what is told where Home Assistant itself cannot show streams."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="live_no_stream")


def no_preload() -> HomeAssistantError:
    """Return what is told to what would open video before anybody views it."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="live_no_preload")


@callback
def async_settle(hass: HomeAssistant, entry: ConfigEntry, error: TuyaError | None) -> None:
    """Raise the repair that an error asks for, or close it: without one a view was had."""
    if error is None:
        async_close(hass, entry, _REPAIR)
    elif (key := _CURABLE.get(error.reason)) is not None:
        async_raise(hass, entry, key, name=_REPAIR, chapter=_CONSOLE)

"""What a project that was removed left behind, told once: nobody else remembers it then."""

from collections.abc import Iterable, Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..issues import async_tell_of_removed
from ..model.keys import Key, KeyKind
from ..model.left_behind import opens, standing

LEFT_BEHIND: Final = "keys_left_behind"
ISSUES: Mapping[str, frozenset[str]] = {LEFT_BEHIND: frozenset({"project", "codes", "persons"})}
_CODES: Final = frozenset({KeyKind.CODE, KeyKind.OFFLINE_CODE})


@callback
def async_tell_left_behind(hass: HomeAssistant, entry: ConfigEntry, keys: Iterable[Key]) -> None:
    """Say how many keys of a removed project still open something; nothing if there are none."""
    now = dt_util.utcnow().timestamp()
    left = [one.key for one in standing(keys, now) if opens(one.key, now)]
    if not left:
        return
    codes = sum(key.kind in _CODES for key in left)
    told = {"codes": str(codes), "persons": str(len(left) - codes)}
    async_tell_of_removed(hass, entry, LEFT_BEHIND, told, "before-you-remove-the-project")

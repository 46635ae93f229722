"""What a project that was removed left behind, told once: nobody else remembers it then."""

from collections.abc import Iterable, Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..issues import DOCUMENTATION
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
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{LEFT_BEHIND}_by_{entry.entry_id}_then",
        is_fixable=False,
        # The entry is gone: after a restart nothing would raise it again.
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=LEFT_BEHIND,
        translation_placeholders={
            "project": entry.title,
            "codes": str(codes),
            "persons": str(len(left) - codes),
        },
        learn_more_url=f"{DOCUMENTATION}#before-you-remove-the-project",
    )

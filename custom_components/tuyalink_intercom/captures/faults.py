"""What a disk can have against pictures, and the one repair of a project that says so."""

from collections.abc import Mapping
from enum import StrEnum
import errno
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN

_README: Final = "https://github.com/tuyalink-intercom/ha-tuyalink-intercom#pictures"


class DiskFault(StrEnum):
    """What is wrong with the disk; the value is the key of the repair's words."""

    BROKEN = "pictures_disk_broken"
    FORBIDDEN = "pictures_disk_forbidden"
    FULL = "pictures_disk_full"


ISSUES: Final[Mapping[str, frozenset[str]]] = {
    fault.value: frozenset({"project", "folder"}) for fault in DiskFault
}
"""Every repair that may be raised here, and what its words name."""
_FAULTS: Final = {
    errno.EACCES: DiskFault.FORBIDDEN,
    errno.EDQUOT: DiskFault.FULL,
    errno.ENOSPC: DiskFault.FULL,
    errno.EPERM: DiskFault.FORBIDDEN,
    errno.EROFS: DiskFault.FORBIDDEN,
}


def fault_of(error: OSError) -> DiskFault:
    """Return what an error of the system means."""
    return _FAULTS.get(error.errno or 0, DiskFault.BROKEN)


def issue_id(entry: ConfigEntry[Any]) -> str:
    """Return what names the repair of an entry."""
    return f"pictures_disk_{entry.entry_id}"


@callback
def async_raise(
    hass: HomeAssistant, entry: ConfigEntry[Any], fault: DiskFault, folder: Path
) -> None:
    """Raise the repair, or change what it says."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=fault.value,
        translation_placeholders={"project": entry.title, "folder": str(folder)},
        learn_more_url=_README,
    )


@callback
def async_withdraw(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Take the repair back."""
    ir.async_delete_issue(hass, DOMAIN, issue_id(entry))

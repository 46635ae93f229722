"""What a disk can have against pictures, and the one repair of a project that says so."""

from collections.abc import Mapping
from enum import StrEnum
import errno
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..issues import async_raise

REPAIR: Final = "pictures_disk"
"""What the repair is known by."""


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


@callback
def async_raise_fault(
    hass: HomeAssistant, entry: ConfigEntry[Any], fault: DiskFault, folder: Path
) -> None:
    """Raise the repair, or change what it says."""
    told = {"folder": str(folder)}
    async_raise(hass, entry, fault.value, name=REPAIR, told=told, chapter="pictures")

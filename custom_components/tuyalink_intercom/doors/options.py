"""What the owner decided about a door: who may open it from here, when, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Self

from ..const import CONF_DOORS, CONF_INVERTED, CONF_RELOCK, DEFAULT_RELOCK

PIN_HASH = "pin_hash"
ADMIN_ONLY = "admin_only"
QUIET_FROM = "quiet_from"
QUIET_TO = "quiet_to"
RELOCK = "relock_s"
REMOTE_KEY = "remote_key"
OWN_PASSWORD = "own_password"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOptions:
    """The options of one door."""

    pin_hash: str | None = field(default=None, repr=False)
    """bcrypt of the PIN that opening from here asks for; `None`: none is asked for."""
    admin_only: bool = False
    quiet_from: time | None = None
    """From this local time on it does not open from here, until `quiet_to`."""
    quiet_to: time | None = None
    inverted: bool = False
    """Whether its bolt reports the opposite of how it stands."""
    relock: float = DEFAULT_RELOCK
    """Seconds that it shows as released where the device does not tell its own time."""
    remote_key: bool = False
    """Whether a key may be written into one of the lock's slots in order to open it."""
    own_password: bool = False
    """Whether the code that is typed is the lock's own password, which Tuya is to check."""

    @classmethod
    def of(cls, options: Mapping[str, Any], unique_id: str) -> Self:
        """Read the options of the door whose lock entity has this unique id."""
        own: Mapping[str, Any] = options.get(CONF_DOORS, {}).get(unique_id, {})
        return cls(
            pin_hash=own.get(PIN_HASH),
            admin_only=own.get(ADMIN_ONLY, False),
            quiet_from=_time(own.get(QUIET_FROM)),
            quiet_to=_time(own.get(QUIET_TO)),
            inverted=unique_id in options.get(CONF_INVERTED, ()),
            relock=float(own.get(RELOCK) or options.get(CONF_RELOCK, DEFAULT_RELOCK)),
            remote_key=own.get(REMOTE_KEY, False),
            # Were both set, the PIN would be sent to the lock.
            own_password=own.get(OWN_PASSWORD, False) and own.get(PIN_HASH) is None,
        )


def _time(told: str | None) -> time | None:
    return None if told is None else time.fromisoformat(told)

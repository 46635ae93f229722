"""Who may open a door from here, and when: administrators, quiet hours, PIN.

A wrong code is counted before it is checked, so that many at once are no more than one by one.
"""

from datetime import time
import logging
from math import ceil

from homeassistant.components.lock.const import DOMAIN as LOCK
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from . import pin
from .guesses import Guesses, guesses_at
from .options import DoorOptions

_LOGGER = logging.getLogger(__name__)

PASSWORD_FORMAT = r"^\d{6}$"
_PASSWORD_DIGITS = 6


class DoorSafety:
    """Guards one door; what it counts outlives the entity."""

    def __init__(self, hass: HomeAssistant, unique_id: str, options: DoorOptions) -> None:
        self._hass = hass
        self._unique_id = unique_id
        self._options = options

    @property
    def code_format(self) -> str | None:
        """What a code has to look like, as Home Assistant takes it; `None`: none is asked for."""
        if self._options.pin_hash is not None:
            return pin.FORMAT
        return PASSWORD_FORMAT if self._options.own_password else None

    async def allow(self, code: str | None, context: Context | None) -> None:
        """Raise a translated error where this user may not open it now with this code."""
        await self._check_user(context)
        self._check_hour()
        if self._options.pin_hash is not None:
            await self._check_pin(code or "", self._options.pin_hash)
        elif self._options.own_password:
            self._check_password(code or "")

    async def allow_locking(self, code: str | None) -> None:
        """Raise a translated error where this code does not lock it.

        Home Assistant demands a code for locking wherever unlocking needs one. Locking is
        harmless otherwise: everybody may, at any hour. The door's own password is not asked
        for by Tuya then, so any will do.
        """
        if self._options.pin_hash is not None:
            await self._check_pin(code or "", self._options.pin_hash)

    async def allow_standing_open(self, context: Context | None) -> None:
        """Raise a translated error where this user may not let it stand open now.

        A setting does that without opening the door; it has no way to ask for a code.
        """
        await self._check_user(context)
        self._check_hour()
        if self.code_format is not None:
            raise _refused("door_setting_needs_code")

    def opened(self) -> None:
        """Take note that Tuya took the code: so it was right."""
        if self._options.own_password:
            self._guesses.forget()

    @property
    def _guesses(self) -> Guesses:
        return guesses_at(self._hass, self._unique_id)

    async def _check_user(self, context: Context | None) -> None:
        """Automations have no user; a user who was deleted may not."""
        if not self._options.admin_only or context is None or context.user_id is None:
            return
        user = await self._hass.auth.async_get_user(context.user_id)
        if user is None or not user.is_active or not user.is_admin:
            raise _refused("door_admins_only")

    def _check_hour(self) -> None:
        start, end = self._options.quiet_from, self._options.quiet_to
        if start is not None and end is not None and is_quiet(start, end):
            raise _refused("door_quiet", start=f"{start:%H:%M}", end=f"{end:%H:%M}")

    async def _check_pin(self, code: str, pin_hash: str) -> None:
        guesses = self._guesses
        self._check_lockout(guesses)
        locks_out = guesses.count(_now())
        if await pin.async_fits(self._hass, code, pin_hash):
            guesses.forget()
            return
        if locks_out:
            self._log_lockout(guesses)
        self._check_lockout(guesses)
        raise _refused("door_wrong_code")

    def _check_password(self, code: str) -> None:
        """Only Tuya can tell whether it is right: until the door opens it counts as wrong."""
        if len(code) != _PASSWORD_DIGITS or not pin.is_digits(code):
            raise _refused("door_wrong_code")
        guesses = self._guesses
        self._check_lockout(guesses)
        if guesses.count(_now()):
            self._log_lockout(guesses)

    def _log_lockout(self, guesses: Guesses) -> None:
        found = er.async_get(self._hass).async_get_entity_id(LOCK, DOMAIN, self._unique_id)
        minutes = _minutes(guesses.wait(_now()))
        _LOGGER.warning("Codes were tried too often at %s: none for %d min", found, minutes)

    def _check_lockout(self, guesses: Guesses) -> None:
        if wait := guesses.wait(_now()):
            raise _refused("door_locked_out", minutes=str(_minutes(wait)))


def is_quiet(start: time | None, end: time | None) -> bool:
    """Tell whether it is between these hours now.

    By the wall clock, so a change of the clocks moves nothing.
    """
    if start is None or end is None or start == end:
        return False
    now = dt_util.now().time()
    return start <= now < end if start < end else now >= start or now < end


def _now() -> float:
    return dt_util.utcnow().timestamp()


def _minutes(seconds: float) -> int:
    return ceil(seconds / 60)


def _refused(key: str, **told: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=told or None
    )

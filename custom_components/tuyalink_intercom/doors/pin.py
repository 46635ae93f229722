"""PINs of doors: of each only a slow, salted hash is kept, as Home Assistant keeps passwords."""

import bcrypt
from homeassistant.core import HomeAssistant

FORMAT = r"^\d{4,8}$"
"""As Home Assistant asks for it; it lets digits of other scripts and a final line break pass."""
_FEWEST, _MOST = 4, 8


def is_pin(text: str) -> bool:
    """Tell whether a text will do as a PIN: 4 to 8 digits."""
    return _FEWEST <= len(text) <= _MOST and is_digits(text)


def is_digits(text: str) -> bool:
    """Tell whether a text is of the digits 0 to 9 alone."""
    return text.isascii() and text.isdecimal()


async def async_hash(hass: HomeAssistant, pin: str) -> str:
    """Return what is kept of a PIN."""

    def hashed() -> bytes:
        return bcrypt.hashpw(pin.encode(), bcrypt.gensalt())

    return (await hass.async_add_executor_job(hashed)).decode()


async def async_fits(hass: HomeAssistant, pin: str, pin_hash: str) -> bool:
    """Tell whether this is the PIN; how long it takes tells nothing."""
    if not is_pin(pin):
        return False
    try:
        return await hass.async_add_executor_job(bcrypt.checkpw, pin.encode(), pin_hash.encode())
    except ValueError:
        # The stored hash is none: without one nobody can know the PIN.
        return False

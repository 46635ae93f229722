"""Who may open a door from here, and when: PIN, administrators, quiet hours."""

from homeassistant.core import Context, HomeAssistant

from .options import DoorOptions


class DoorSafety:
    """Guards one door; what it counts outlives the entity."""

    def __init__(self, hass: HomeAssistant, unique_id: str, options: DoorOptions) -> None:
        self._hass = hass
        self._unique_id = unique_id
        self._options = options

    @property
    def code_format(self) -> str | None:
        """What a code has to look like, as Home Assistant takes it; `None`: none is asked for."""
        return None

    async def allow(self, code: str | None, context: Context | None) -> None:
        """Raise a translated error where this user may not open it now with this code."""

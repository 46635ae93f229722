"""Service actions, registered once for all projects; what each does is in `actions`."""

from homeassistant.core import HomeAssistant, callback

from .actions.bells import async_register_bells
from .actions.captures import async_register_captures


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they exist before a project is set up, and after."""
    async_register_bells(hass)
    async_register_captures(hass)

"""Service actions, registered once for all projects; what each does is in `actions`."""

from homeassistant.core import HomeAssistant, callback

from .actions.bells import async_register_bells
from .actions.captures import async_register_captures
from .actions.codes import async_register_codes
from .actions.credentials import async_register_credentials
from .actions.people import async_register_people
from .actions.persons import async_register_persons
from .actions.records import async_register_records


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they exist before a project is set up, and after."""
    async_register_bells(hass)
    async_register_captures(hass)
    async_register_codes(hass)
    async_register_records(hass)
    async_register_persons(hass)
    async_register_people(hass)
    async_register_credentials(hass)

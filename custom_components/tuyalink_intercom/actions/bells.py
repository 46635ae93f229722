"""Actions of doorbells: answer or end a call, try what a ring sets off."""

from collections.abc import Iterator
from uuid import uuid4

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.service import async_extract_entity_ids

import voluptuous as vol

from ..arrivals import Source
from ..call_control import settle_call
from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.flats import concerns
from ..model.rehearsal import rehearsal
from ..model.state import Device
from ..runtime import TuyaLinkConfigEntry

ATTR_ADDRESS = "address"
ATTR_CHANNEL = "channel"
_DOORBELL = "_doorbell"
_LONGEST = 64

_TARGET = cv.make_entity_service_schema({})
_TEST_RING = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_ADDRESS): vol.All(cv.string, vol.Length(min=1, max=_LONGEST)),
        vol.Optional(ATTR_CHANNEL): vol.All(cv.string, vol.Length(min=1, max=_LONGEST)),
    }
)

type Bell = tuple[TuyaLinkCoordinator, Device]


@callback
def async_register_bells(hass: HomeAssistant) -> None:
    """Register the actions of doorbells."""
    for name, handler, schema in (
        ("answer_call", _answer_call, _TARGET),
        ("end_call", _end_call, _TARGET),
        ("test_ring", _test_ring, _TEST_RING),
    ):
        hass.services.async_register(DOMAIN, name, handler, schema=schema)


async def _answer_call(call: ServiceCall) -> None:
    for coordinator, device in await _bells(call):
        await settle_call(coordinator, device, answer=True)


async def _end_call(call: ServiceCall) -> None:
    for coordinator, device in await _bells(call):
        await settle_call(coordinator, device, answer=False)


async def _test_ring(call: ServiceCall) -> None:
    address = call.data.get(ATTR_ADDRESS)
    for coordinator, device in await _bells(call):
        if address is not None and not concerns(device.flats, address):
            raise _refusal("not_my_flat")
        message = rehearsal(
            device,
            coordinator.cloud.now(),
            token=uuid4().hex,
            channel=_panel(device, call.data.get(ATTR_CHANNEL)),
            address=address,
        )
        coordinator.receive(message, Source.TEST)


async def _bells(call: ServiceCall) -> list[Bell]:
    """Return the doorbells that an action is for; raises when there is none."""
    if bells := [*_found(call.hass, await async_extract_entity_ids(call))]:
        return bells
    raise _refusal("no_doorbell")


def _found(hass: HomeAssistant, entity_ids: set[str]) -> Iterator[Bell]:
    registry = er.async_get(hass)
    for entity_id in sorted(entity_ids):
        shown = registry.async_get(entity_id)
        # A device stands for its bell; its other entities are no target.
        if shown is None or shown.platform != DOMAIN or not shown.unique_id.endswith(_DOORBELL):
            continue
        entry: TuyaLinkConfigEntry | None = hass.config_entries.async_get_entry(
            shown.config_entry_id or ""
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            raise _refusal("project_not_loaded")
        coordinator = entry.runtime_data.coordinator
        if device := coordinator.device(shown.unique_id.removesuffix(_DOORBELL)):
            yield coordinator, device


def _panel(device: Device, told: str | None) -> str | None:
    """Return the id of a door panel that was named, or given by its id."""
    if told is None or told in device.channels:
        return told
    for number, name in device.channels.items():
        if name.casefold() == told.casefold():
            return number
    raise _refusal("unknown_panel")


def _refusal(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)

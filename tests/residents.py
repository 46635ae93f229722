"""Words for tests of building terminals: act on persons, ask who is known, present something."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from tests.flows import TEXTS
from tests.homes import DOMAIN, device_named, entity_id, while_time_passes
from tests.simulator import SimDevice, TuyaSimulator

LOADED = ConfigEntryState.LOADED
ROUTE = "/v1.0/access-control/{id}/persons/{person_id}"


class Terminal:
    """The face terminal of a simulator, and the actions about its persons."""

    def __init__(
        self, hass: HomeAssistant, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
    ) -> None:
        self.hass = hass
        self.simulator = simulator
        self.freezer = freezer
        self.device: SimDevice = device_named(simulator, "Face terminal")

    @property
    def lock(self) -> str:
        """Return the entity of its door."""
        return entity_id(self.hass, Platform.LOCK, self.device, "door")

    @property
    def people(self) -> dict[str, Any]:
        """Return whom the terminal itself knows, by name."""
        known = self.simulator.persons.of(self.device.id).people
        return {person.name: person for person in known.values()}

    async def act(self, action: str, **fields: Any) -> dict[str, Any]:
        """Call an action, let time flow until it is done, and return its answer."""
        call = self.hass.services.async_call(
            DOMAIN,
            action,
            {"entity_id": self.lock, **fields},
            blocking=True,
            return_response=True,
        )
        answer = await while_time_passes(self.hass, self.freezer, call)
        await self.hass.async_block_till_done()
        assert answer is not None
        told: Any = answer[self.lock]
        return dict(told)

    async def refused(self, action: str, key: str, **fields: Any) -> None:
        """Call an action that is refused with this sentence, before Tuya is told anything."""
        before = self.writes()
        with pytest.raises(ServiceValidationError) as refusal:
            await self.act(action, **fields)
        assert refusal.value.translation_key == key
        assert str(refusal.value) == TEXTS["exceptions"][key]["message"].rstrip(".")
        assert self.writes() == before

    async def failed(self, action: str, key: str, **fields: Any) -> None:
        """Call an action that cannot be done now, and hear this sentence."""
        with pytest.raises(HomeAssistantError) as error:
            await self.act(action, **fields)
        assert error.value.translation_key == key

    def writes(self) -> dict[str, int]:
        """Return how often the cloud was told something about persons."""
        return {
            call: count
            for call, count in self.simulator.calls.items()
            if "/persons" in call and not call.startswith("GET")
        }

    async def known(self) -> list[dict[str, Any]]:
        """Return the answer of `get_persons`."""
        told: list[dict[str, Any]] = (await self.act("get_persons"))["persons"]
        return told

"""Words for tests of codes: perform an action at a door, type a code there."""

from typing import Any

from homeassistant.core import HomeAssistant

from tests.homes import arrived, entity_id
from tests.simulator import SimDevice, TuyaSimulator

DOMAIN = "tuyalink_intercom"


async def act(hass: HomeAssistant, device: SimDevice, action: str, **data: object) -> Any:
    """Perform an action at the door of a device; return what it answers."""
    target = entity_id(hass, "lock", device, "door")
    answer = await hass.services.async_call(
        DOMAIN, action, {"entity_id": target, **data}, blocking=True, return_response=True
    )
    await hass.async_block_till_done()
    assert answer is not None
    return answer[target]


async def codes_of(hass: HomeAssistant, device: SimDevice) -> list[dict[str, Any]]:
    """Return the codes of a lock as they are listed."""
    listed: list[dict[str, Any]] = (await act(hass, device, "get_codes"))["codes"]
    return listed


async def enter(
    hass: HomeAssistant, simulator: TuyaSimulator, device: SimDevice, code: str
) -> bool:
    """Type a code at a lock; tell whether the door opened."""
    before = simulator.door(device.id).opened
    await arrived(hass, simulator, simulator.scenario("code_entered", device.id, code=code))
    return simulator.door(device.id).opened == before + 1

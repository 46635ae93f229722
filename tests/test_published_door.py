"""A door of Home Assistant's in Tuya's app, from end to end."""

from homeassistant.core import HomeAssistant

from tests.published import published_home
from tests.simulator import TuyaSimulator, commanding


async def test_tuya_sees_the_door_hears_its_bell_and_opens_it_once(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    assert home.device.online

    home.bell.ring()
    await simulator.until(lambda: bool(simulator.southbound.events))
    assert [event.code for event in simulator.southbound.events] == ["ring"]

    command = commanding.execute(simulator, home.device.id, "unlock")
    await simulator.until(lambda: command.answer is not None)
    assert command.answer is not None
    assert command.answer["code"] == 0
    await home.seen(lock_motor_state=True)
    assert home.lock.presses == ["unlock"]


async def test_a_door_that_is_published_is_no_device_of_the_project(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator)
    assert home.device.id in simulator.devices
    assert home.device.id not in home.entry.runtime_data.coordinator.data.devices

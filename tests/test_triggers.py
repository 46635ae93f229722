"""Home Assistant's own triggers fire from our entities: once, in all weathers."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from tests.homes import arrived, device_named, entity_id, later, while_time_passes
from tests.simulator import SimDevice, TuyaSimulator


async def automate(
    hass: HomeAssistant, trigger: str, entity: str, **options: object
) -> list[ServiceCall]:
    """Set up an automation on one of Home Assistant's triggers; return what it called."""
    calls: list[ServiceCall] = async_mock_service(hass, "test", "automation")
    config = {
        "trigger": trigger,
        "target": {"entity_id": entity},
        **({"options": options} if options else {}),
    }
    assert await async_setup_component(
        hass,
        "automation",
        {"automation": {"triggers": [config], "actions": [{"action": "test.automation"}]}},
    )
    await hass.async_block_till_done()
    return calls


@pytest.mark.parametrize("name", ["Intercom", "Battery bell", "Face terminal", "Gate keypad"])
async def test_doorbell_rang_fires_once_for_a_press(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    device = device_named(simulator, name)
    calls = await automate(hass, "doorbell.rang", entity_id(hass, "event", device, "doorbell"))
    await arrived(hass, simulator, simulator.scenario("ring", device.id))
    assert len(calls) == 1


@pytest.mark.parametrize("seconds", [3600, -3600])
async def test_doorbell_rang_fires_with_the_devices_clock_an_hour_off(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, seconds: int
) -> None:
    bell = device_named(simulator, "Battery bell")
    calls = await automate(hass, "doorbell.rang", entity_id(hass, "event", bell, "doorbell"))
    await arrived(hass, simulator, simulator.scenario("ring", bell.id, device_clock_s=seconds))
    assert len(calls) == 1


async def reconnected(
    hass: HomeAssistant, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    """Cut the queue and wait until it is back."""
    simulator.drop_consumers()
    await simulator.disconnected()
    await while_time_passes(hass, freezer, simulator.connected())
    await hass.async_block_till_done()


async def test_doorbell_rang_fires_right_after_the_queue_came_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Intercom")
    calls = await automate(hass, "doorbell.rang", entity_id(hass, "event", bell, "doorbell"))
    await reconnected(hass, simulator, freezer)
    await arrived(hass, simulator, simulator.scenario("ring", bell.id))
    assert len(calls) == 1


async def test_event_received_fires_once_for_an_alarm_and_an_access(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    calls = await automate(
        hass, "event.received", entity_id(hass, "event", lock, "alarm"), event_type=["tamper"]
    )
    await arrived(hass, simulator, simulator.scenario("tamper", lock.id))
    assert len(calls) == 1


async def offline(hass: HomeAssistant, simulator: TuyaSimulator, device: SimDevice) -> None:
    await arrived(hass, simulator, simulator.scenario("offline", device.id))


@pytest.mark.parametrize("name", ["Front door lock", "Gate keypad"])
async def test_lock_unlocked_fires_once_when_a_sleeping_lock_is_opened_by_hand(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    lock = device_named(simulator, name)
    calls = await automate(hass, "lock.unlocked", entity_id(hass, "lock", lock, "door"))
    await offline(hass, simulator, lock)
    sent = simulator.report(lock.id, {"lock_motor_state": True}, dialects=("legacy", "core"))
    await arrived(hass, simulator, sent)
    assert len(calls) == 1


async def test_lock_opened_fires_once_for_open(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    gate = entity_id(hass, "lock", intercom, "door")
    opened = await automate(hass, "lock.opened", gate)
    await hass.services.async_call("lock", "open", {"entity_id": gate}, blocking=True)
    await hass.async_block_till_done()
    await later(hass, freezer, 10)
    assert len(opened) == 1


async def test_lock_unlocked_does_not_fire_for_open(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    gate = entity_id(hass, "lock", intercom, "door")
    unlocked = await automate(hass, "lock.unlocked", gate)
    await hass.services.async_call("lock", "open", {"entity_id": gate}, blocking=True)
    await hass.async_block_till_done()
    await later(hass, freezer, 10)
    assert unlocked == []

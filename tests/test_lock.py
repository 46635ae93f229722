"""Doors: one press is one opening, confirmed by the door or said to be not."""

import asyncio

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.lock.const import LockState
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import MakeEntry
from tests.homes import arrived, device_named, entity_id, later, state_of, while_time_passes
from tests.simulator import SimDevice, TuyaSimulator


async def press(hass: HomeAssistant, device: SimDevice, action: str, key: str = "door") -> None:
    target = {"entity_id": entity_id(hass, "lock", device, key)}
    await hass.services.async_call("lock", action, target, blocking=True)
    await hass.async_block_till_done()


def shown(hass: HomeAssistant, entity: str) -> list[str]:
    """Collect the states that an entity shows from now on, repeats left out."""
    states: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and (not states or states[-1] != new.state):
            states.append(new.state)

    async_track_state_change_event(hass, entity, changed)
    return states


async def pressed_for_long(
    hass: HomeAssistant, device: SimDevice, freezer: FrozenDateTimeFactory
) -> HomeAssistantError | None:
    """Press unlock and let time pass until the press has ended; return what it said."""
    try:
        await while_time_passes(hass, freezer, press(hass, device, "unlock"))
    except HomeAssistantError as error:
        return error
    return None


async def test_the_gate_opens_once_and_locks_by_itself(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    gate = entity_id(hass, "lock", intercom, "door")
    states = shown(hass, gate)
    await press(hass, intercom, "unlock")
    assert simulator.door(intercom.id).opened == 1
    assert state_of(hass, "lock", intercom, "door").state == LockState.UNLOCKED
    await later(hass, freezer, 6)
    assert states == [LockState.UNLOCKING, LockState.UNLOCKED, LockState.LOCKED]


async def test_open_shows_open_and_never_unlocked(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    states = shown(hass, entity_id(hass, "lock", intercom, "door"))
    await press(hass, intercom, "open")
    await later(hass, freezer, 6)
    assert states == [LockState.OPENING, LockState.OPEN, LockState.LOCKED]
    assert simulator.door(intercom.id).opened == 1


async def test_a_second_press_while_released_sends_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await press(hass, intercom, "unlock")
    await press(hass, intercom, "unlock")
    assert simulator.door(intercom.id).opened == 1


async def test_two_presses_at_once_are_one_opening(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await asyncio.gather(press(hass, intercom, "unlock"), press(hass, intercom, "unlock"))
    assert simulator.door(intercom.id).opened == 1


async def test_a_toggle_relay_opens_on_every_press(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    for times in (1, 2, 3):
        await press(hass, intercom, "unlock", "door_2")
        assert simulator.door(intercom.id, 2).opened == times
        await later(hass, freezer, 6)


async def test_locking_a_strike_at_rest_does_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await press(hass, intercom, "lock")
    assert state_of(hass, "lock", intercom, "door").state == LockState.LOCKED


async def test_locking_a_released_strike_says_it_locks_by_itself(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await press(hass, intercom, "unlock")
    with pytest.raises(ServiceValidationError) as error:
        await press(hass, intercom, "lock")
    assert error.value.translation_key == "locks_by_itself"


async def test_a_relay_opened_in_the_app_shows_as_unlocked(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    sent = simulator.report(intercom.id, {"accessory_lock": True})
    await arrived(hass, simulator, sent)
    assert state_of(hass, "lock", intercom, "door").state == LockState.UNLOCKED


@pytest.mark.parametrize("name", ["Front door lock", "Gate keypad"])
async def test_a_bolt_is_unlocked_once_the_lock_says_so(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    lock = device_named(simulator, name)
    await press(hass, lock, "unlock")
    assert simulator.door(lock.id).opened == 1
    state = state_of(hass, "lock", lock, "door")
    assert state.state == LockState.UNLOCKED
    assert state.attributes["changed_by"] == "app"


async def test_a_bolt_can_be_locked_from_afar(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await press(hass, lock, "unlock")
    await press(hass, lock, "lock")
    assert state_of(hass, "lock", lock, "door").state == LockState.LOCKED
    assert simulator.door(lock.id).open is False


async def test_the_terminal_opens_in_a_persons_name(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    terminal = device_named(simulator, "Face terminal")
    await press(hass, terminal, "unlock")
    assert simulator.door(terminal.id).opened == 1
    assert state_of(hass, "lock", terminal, "door").state == LockState.UNLOCKED


async def test_an_inverted_bolt_reads_the_other_way(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    lock = device_named(simulator, "Front door lock")
    entry = make_entry(simulator, inverted=[f"{lock.id}_door"])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert lock.values["lock_motor_state"] is False
    assert state_of(hass, "lock", lock, "door").state == LockState.UNLOCKED


OPENING_CALLS = {
    "Intercom": "/",
    "Front door lock": "door-operate",
    "Gate keypad": "open-door",
    "Face terminal": "actions/open",
}


@pytest.mark.parametrize("name", OPENING_CALLS)
@pytest.mark.parametrize(
    "fault", ["lost_reply", "doubled_reply", "http_500", "http_503", "throttle"]
)
async def test_whatever_the_cloud_answers_a_press_opens_at_most_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    name: str,
    fault: str,
) -> None:
    device = device_named(simulator, name)
    simulator.fault(fault, 1, method="POST", path=OPENING_CALLS[name])
    error = await pressed_for_long(hass, device, freezer)
    assert error is None or error.translation_key
    assert simulator.door(device.id).opened == (1 if fault.endswith("_reply") else 0)


async def test_a_door_that_does_not_confirm_is_said_to_be_unsure(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.fault("silent", 1)
    error = await pressed_for_long(hass, lock, freezer)
    assert error is not None
    assert error.translation_key == "not_confirmed"
    assert state_of(hass, "lock", lock, "door").state == LockState.LOCKED


async def test_remote_unlocking_switched_off_in_the_app_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.fault("remote_unlock_closed", 1)
    with pytest.raises(ServiceValidationError) as error:
        await press(hass, lock, "unlock")
    assert error.value.translation_key == "remote_unlock_off"
    assert simulator.door(lock.id).opened == 0


async def test_a_lost_ticket_opens_nothing_and_is_no_doubt(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.fault("lost_reply", 1, path="password-ticket", method="POST")
    with pytest.raises(HomeAssistantError) as error:
        await press(hass, lock, "unlock")
    assert error.value.translation_key == "reason_unreachable"
    assert simulator.door(lock.id).opened == 0


async def test_a_sleeping_lock_says_it_is_offline_and_nothing_more_is_sent(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.fault("offline", 1)
    with pytest.raises(HomeAssistantError) as error:
        await press(hass, lock, "unlock")
    assert error.value.translation_key == "door_asleep_asks"
    assert simulator.door(lock.id).opened == 0


async def test_a_definite_refusal_lets_the_next_way_be_tried(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.fault("deny", 1, path="door-operate", code=1108)
    await press(hass, lock, "unlock")
    assert simulator.door(lock.id).opened == 1


async def test_the_state_of_a_sleeping_lock_is_kept_while_it_is_offline(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    sent = simulator.scenario("offline", lock.id)
    await arrived(hass, simulator, sent)
    assert state_of(hass, "lock", lock, "door").state == LockState.LOCKED

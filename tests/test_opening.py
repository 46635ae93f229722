"""The ways to a door: which is taken, when the next one may follow, and what is told otherwise."""

from collections.abc import AsyncIterator, Mapping
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.lock.const import LockState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import MakeEntry
from tests.homes import device_named, state_of, while_time_passes
from tests.simulator import SimDevice, TuyaSimulator, read_document
from tests.test_lock import press, pressed_for_long

SIMULATED = Path(__file__).parent / "simulator" / "devices"


def document(name: str, **changes: object) -> Mapping[str, Any]:
    """Return a device file of the simulator, changed."""
    read: dict[str, Any] = json.loads((SIMULATED / f"{name}.json").read_text())
    return {**read, **changes}


@pytest.fixture
async def terminal_without_remote(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry
) -> AsyncIterator[SimDevice]:
    """Set up a terminal that cannot be opened from afar."""
    files = read_document(document("face_terminal", function_points=["tyabinmc7h"]), "plain.json")
    cloud = TuyaSimulator(devices=files)
    await cloud.start()
    entry = make_entry(cloud)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    yield next(iter(cloud.devices.values()))
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()


async def test_a_door_without_a_remote_way_is_shown_and_says_so(
    hass: HomeAssistant, terminal_without_remote: SimDevice
) -> None:
    assert state_of(hass, "lock", terminal_without_remote, "door").state == LockState.LOCKED
    with pytest.raises(ServiceValidationError) as error:
        await press(hass, terminal_without_remote, "unlock")
    assert error.value.translation_key == "not_openable"


async def test_a_terminal_that_failed_is_said_to_have_refused(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    terminal = device_named(simulator, "Face terminal")
    simulator.fault("command_failed", 1)
    error = await pressed_for_long(hass, terminal, freezer)
    assert error is not None
    assert error.translation_key == "door_refused"
    assert simulator.door(terminal.id).opened == 0


async def test_a_terminal_that_reports_nothing_is_believed_by_its_command(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    terminal = device_named(simulator, "Face terminal")
    simulator.fault("silent", 1, path="actions/open")
    error = await pressed_for_long(hass, terminal, freezer)
    assert error is None
    assert state_of(hass, "lock", terminal, "door").state == LockState.UNLOCKED


async def test_a_command_whose_fate_cannot_be_asked_is_a_doubt(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    terminal = device_named(simulator, "Face terminal")
    simulator.fault("silent", 1, path="actions/open")
    simulator.fault("http_500", 1, path="cmds")
    error = await pressed_for_long(hass, terminal, freezer)
    assert error is not None
    assert error.translation_key == "not_confirmed"


async def test_a_relay_refused_by_one_call_is_written_by_the_other_once(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    simulator.fault("deny", 1, path="/commands", code=2008)
    await press(hass, intercom, "unlock")
    assert simulator.door(intercom.id).opened == 1


async def test_a_relay_refused_by_both_calls_says_why(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    simulator.fault("deny", 2, method="POST", path="/", code=2008)
    with pytest.raises(HomeAssistantError) as error:
        await press(hass, intercom, "unlock")
    assert error.value.translation_key == "reason_not_supported"
    assert simulator.door(intercom.id).opened == 0


async def test_a_relay_without_an_answer_is_a_doubt_and_is_not_tried_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    simulator.fault("lost_reply", 1, method="POST", path="/")
    error = await pressed_for_long(hass, intercom, freezer)
    assert error is not None
    assert error.translation_key == "no_answer_may_have_opened"
    assert simulator.door(intercom.id).opened == 1


async def test_a_toggle_whose_value_cannot_be_read_is_sent_true_once(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    simulator.fault("deny", 1, path="shadow/properties", method="GET", code=1106)
    await press(hass, intercom, "unlock", "door_2")
    assert simulator.door(intercom.id, 2).opened == 1


@pytest.mark.parametrize("fault", ["remote_unlock_empty", "deny"])
async def test_no_answer_about_remote_unlocking_proves_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, fault: str
) -> None:
    lock = device_named(simulator, "Front door lock")
    options = {"path": "remote-unlocks", "code": 28841106} if fault == "deny" else {}
    simulator.fault(fault, 1, **options)
    await press(hass, lock, "unlock")
    assert simulator.door(lock.id).opened == 1


async def test_a_cloud_that_fails_before_the_door_is_asked_is_no_doubt(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.fault("http_500", 5, path="remote-unlocks")
    error = await pressed_for_long(hass, lock, freezer)
    assert error is not None
    assert error.translation_key == "reason_server_error"
    assert simulator.door(lock.id).opened == 0


@pytest.fixture
async def lock_with_button(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry
) -> AsyncIterator[tuple[TuyaSimulator, SimDevice]]:
    """Set up a lock that has a data point to lock it now."""
    plain = document("front_door_lock")
    button = {"code": "manual_lock", "type": "Boolean", "values": "{}", "dp_id": 46}
    files = read_document({**plain, "functions": [*plain["functions"], button]}, "button.json")
    cloud = TuyaSimulator(devices=files)
    await cloud.start()
    entry = make_entry(cloud)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    yield cloud, next(iter(cloud.devices.values()))
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()


@pytest.mark.parametrize("refused", [False, True])
async def test_a_lock_with_a_data_point_for_it_is_locked_by_that(
    hass: HomeAssistant,
    lock_with_button: tuple[TuyaSimulator, SimDevice],
    freezer: FrozenDateTimeFactory,
    *,
    refused: bool,
) -> None:
    cloud, lock = lock_with_button
    await while_time_passes(hass, freezer, press(hass, lock, "unlock"))
    if refused:
        cloud.fault("deny", 1, path="/commands", code=2008)
    await while_time_passes(hass, freezer, press(hass, lock, "lock"))
    assert state_of(hass, "lock", lock, "door").state == LockState.LOCKED
    assert cloud.calls["POST /v1.0/smart-lock/devices/{id}/password-free/door-operate"] == 1


async def test_a_lock_that_is_offline_is_not_locked_by_another_way(
    hass: HomeAssistant,
    lock_with_button: tuple[TuyaSimulator, SimDevice],
    freezer: FrozenDateTimeFactory,
) -> None:
    cloud, lock = lock_with_button
    await while_time_passes(hass, freezer, press(hass, lock, "unlock"))
    cloud.fault("deny", 1, path="/commands", code=2001)
    with pytest.raises(HomeAssistantError) as error:
        await while_time_passes(hass, freezer, press(hass, lock, "lock"))
    assert error.value.translation_key == "reason_device_offline"
    assert cloud.calls["POST /v2.0/cloud/thing/{id}/shadow/properties/issue"] == 0

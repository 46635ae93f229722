"""Guests are named when they come in, and their codes are known to be used or over."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.changes import PersonNamed
from custom_components.tuyalink_intercom.model.keys import KeyState
from custom_components.tuyalink_intercom.model.registry import Origin
from tests.code_actions import act, codes_of, enter
from tests.homes import arrived, device_named, later, state_of, until
from tests.simulator import SimDevice, TuyaSimulator

LOG = "GET /v1.0/devices/{id}/door-lock/open-logs"


def named(entry: MockConfigEntry, device: SimDevice) -> set[str]:
    """Return the names that are known at a device."""
    return {*entry.runtime_data.coordinator.data.devices[device.id].people.values()}


@pytest.fixture
def keypad(entry: MockConfigEntry, simulator: TuyaSimulator) -> SimDevice:
    """Return the keypad at the gate."""
    return device_named(simulator, "Gate keypad")


def came(hass: HomeAssistant, device: SimDevice) -> str | None:
    """Return who the access event says came in."""
    shown = state_of(hass, "event", device, "access").attributes
    assert shown["event_type"] == "granted"
    assert shown["method"] == "temporary_password"
    person: str | None = shown.get("person")
    assert state_of(hass, "lock", device, "door").attributes["changed_by"] in {
        person,
        "temporary_password",
    }
    return person


@pytest.mark.parametrize("name", ["Gate keypad", "Front door lock"])
async def test_the_only_guest_is_named_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    device = device_named(simulator, name)
    made = await act(hass, device, "add_code", name="Plumber", one_time=True)
    assert await enter(hass, simulator, device, made["code"])
    assert came(hass, device) == "Plumber"
    assert state_of(hass, "sensor", device, "last_opened_by").state == "Plumber"
    assert next(entry.runtime_data.keys.all(device.id)).state is KeyState.USED


async def test_of_several_guests_none_is_named_without_a_number(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = [await act(hass, keypad, "add_code", name=name) for name in ("Adam", "Eve")]
    assert await enter(hass, simulator, keypad, made[1]["code"])
    assert came(hass, keypad) is None


@pytest.mark.parametrize("numbered", [False, True])
async def test_who_comes_with_a_code_from_the_app_is_not_taken_for_the_guest(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    *,
    numbered: bool,
) -> None:
    simulator.codes.tells_slot = numbered
    now, codes = simulator.now(), simulator.codes
    codes.add(keypad, codes.new(keypad, "7654012", name="App", start=now - 60, end=now + 3600))
    made = await act(hass, keypad, "add_code", name="Plumber", one_time=True)
    # Also after a restart.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await simulator.connected()
    assert await enter(hass, simulator, keypad, "7654012")
    assert came(hass, keypad) != "Plumber"
    assert next(entry.runtime_data.keys.all(keypad.id)).state is KeyState.ACTIVE
    assert await enter(hass, simulator, keypad, made["code"])
    state = (await codes_of(hass, keypad))[0]["state"]
    assert state == ("used" if numbered else "active")


async def test_several_guests_are_named_by_their_numbers_where_they_are_told(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    simulator.codes.tells_slot = True
    made = [await act(hass, keypad, "add_code", name=name) for name in ("Adam", "Eve")]
    for number, name in ((1, "Eve"), (0, "Adam"), (1, "Eve")):
        await later(hass, freezer, 60)
        assert await enter(hass, simulator, keypad, made[number]["code"])
        assert came(hass, keypad) == name


async def test_a_guest_whose_number_was_seen_is_named_by_it_later(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    first = await act(hass, keypad, "add_code", name="Adam")
    assert await enter(hass, simulator, keypad, first["code"])
    second = await act(hass, keypad, "add_code", name="Eve")
    await later(hass, freezer, 60)
    assert await enter(hass, simulator, keypad, first["code"])
    assert came(hass, keypad) == "Adam"
    assert await enter(hass, simulator, keypad, second["code"])
    assert came(hass, keypad) == "Eve"


async def test_the_next_guest_with_the_same_number_does_not_rename_the_one_before(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    first = await act(hass, keypad, "add_code", name="Adam", one_time=True)
    assert await enter(hass, simulator, keypad, first["code"])
    second = await act(hass, keypad, "add_code", name="Eve", one_time=True)
    assert state_of(hass, "sensor", keypad, "last_opened_by").state == "Adam"
    assert state_of(hass, "lock", keypad, "door").attributes["changed_by"] == "Adam"
    await later(hass, freezer, 60)
    assert await enter(hass, simulator, keypad, second["code"])
    assert came(hass, keypad) == "Eve"


async def test_a_number_that_the_owner_gave_to_somebody_is_theirs(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Plumber", one_time=True)
    coordinator = entry.runtime_data.coordinator
    coordinator.take(
        [
            PersonNamed(
                device_id=keypad.id,
                time=simulator.now(),
                person="temporary_password:1",
                name="Grandma",
                origin=Origin.OWNER,
            )
        ]
    )
    device = simulator.devices[keypad.id]
    sent = simulator.report(device.id, {"unlock_temporary_kit": "AAAAAQAA"})
    await arrived(hass, simulator, sent)
    assert came(hass, keypad) == "Grandma"
    assert next(entry.runtime_data.keys.all(keypad.id)).state is KeyState.ACTIVE


async def test_a_used_code_names_nobody_any_more(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Plumber", one_time=True)
    assert await enter(hass, simulator, keypad, made["code"])
    now = simulator.now()
    other = simulator.codes.new(keypad, "7654012", name="", start=now, end=now + 3600)
    simulator.codes.add(keypad, other)
    other.slot = 40
    assert await enter(hass, simulator, keypad, "7654012")
    assert came(hass, keypad) is None


async def test_a_code_is_over_when_the_clouds_clock_says_so(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    end = dt_util.utcnow() + timedelta(hours=2)
    made = await act(hass, keypad, "add_code", name="Eve", end=end)
    await later(hass, freezer, 7100)
    assert next(entry.runtime_data.keys.all(keypad.id)).state is KeyState.ACTIVE
    await later(hass, freezer, 200)
    assert next(entry.runtime_data.keys.all(keypad.id)).state is KeyState.EXPIRED
    assert entry.runtime_data.coordinator.data.devices[keypad.id].guests == {}
    assert not await enter(hass, simulator, keypad, made["code"])
    assert (await codes_of(hass, keypad))[0]["state"] == "expired"


async def test_a_guest_is_expected_from_the_start_of_the_code_on(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    keypad: SimDevice,
    freezer: FrozenDateTimeFactory,
) -> None:
    start = dt_util.utcnow() + timedelta(hours=2)
    await act(hass, keypad, "add_code", name="Eve", start=start)
    coordinator = entry.runtime_data.coordinator
    assert coordinator.data.devices[keypad.id].guests == {}
    await later(hass, freezer, 7300)
    assert coordinator.data.devices[keypad.id].guests == {"temporary_password:": "Eve"}


async def test_a_guest_is_expected_after_a_poll(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Plumber")
    await entry.runtime_data.coordinator.async_refresh()
    assert await enter(hass, simulator, keypad, made["code"])
    assert came(hass, keypad) == "Plumber"


async def test_a_guest_is_expected_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Plumber", one_time=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    assert await enter(hass, simulator, keypad, made["code"])
    assert came(hass, keypad) == "Plumber"


async def test_a_code_that_was_used_unseen_is_known_to_be_used_from_the_list(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    await act(hass, keypad, "add_code", name="Plumber", one_time=True)
    next(iter(simulator.codes.of(keypad.id))).used = True
    freezer.tick(120)
    assert [code["state"] for code in await codes_of(hass, keypad)] == ["used"]


async def test_a_guest_with_a_code_for_offline_is_named(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await act(hass, lock, "get_offline_code", name="Neighbour")
    sent = simulator.report(lock.id, {"unlock_offline_pd": 3})
    await arrived(hass, simulator, sent)
    assert state_of(hass, "event", lock, "access").attributes["person"] == "Neighbour"


async def test_a_guest_by_the_app_is_named_from_the_locks_own_log(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    now = simulator.now()
    made = simulator.codes.new(keypad, "7654012", name="By app", start=now, end=now + 9 * 3600)
    simulator.codes.add(keypad, made)
    assert await enter(hass, simulator, keypad, "7654012")
    assert came(hass, keypad) is None
    await until(hass, freezer, lambda: simulator.calls[LOG] > 0)
    await later(hass, freezer, 4000)
    await until(hass, freezer, lambda: "By app" in named(entry, keypad))
    assert await enter(hass, simulator, keypad, "7654012")
    assert came(hass, keypad) == "By app"


async def test_wrong_codes_add_up_to_an_alarm(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    for _ in range(3):
        assert not await enter(hass, simulator, keypad, "1111111")
    assert state_of(hass, "event", keypad, "alarm").attributes["event_type"] == "wrong_attempts"

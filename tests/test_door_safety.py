"""Who may open a door from here: PIN, administrators, quiet hours; nobody else opens anything."""

import asyncio
from datetime import time
from typing import Any

import bcrypt
from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.components.lock.const import LockState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.tuyalink_intercom.doors import guesses
from custom_components.tuyalink_intercom.doors.options import DoorOptions
from custom_components.tuyalink_intercom.doors.safety import DoorSafety
from tests.conftest import MakeEntry
from tests.homes import device_named, entity_id, later, state_of
from tests.simulator import SimDevice, TuyaSimulator

PIN, WRONG = "86420975", "1111"
HASH = bcrypt.hashpw(PIN.encode(), bcrypt.gensalt(4)).decode()
LOGGER = "custom_components.tuyalink_intercom.doors.safety"


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Front door lock", "Intercom")


async def guarded(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    device: SimDevice,
    **own: Any,
) -> MockConfigEntry:
    """Set the project up with these options for the first door of a device."""
    simulator.issued.note(PIN, HASH)
    entry = make_entry(simulator, doors={f"{device.id}_door": own})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
async def gate(hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry) -> SimDevice:
    """Return the intercom, whose gate asks for a PIN."""
    intercom = device_named(simulator, "Intercom")
    await guarded(hass, simulator, make_entry, intercom, pin_hash=HASH)
    return intercom


async def press(
    hass: HomeAssistant,
    device: SimDevice,
    code: str | None = None,
    *,
    action: str = "unlock",
    key: str = "door",
    context: Context | None = None,
) -> None:
    """Press a button of a door, with a code that was typed."""
    data = {"entity_id": entity_id(hass, "lock", device, key)}
    if code is not None:
        data["code"] = code
    await hass.services.async_call("lock", action, data, blocking=True, context=context)
    await hass.async_block_till_done()


async def refused(hass: HomeAssistant, *args: Any, **options: Any) -> str:
    """Press, and return why nothing opened."""
    with pytest.raises(ServiceValidationError) as error:
        await press(hass, *args, **options)
    assert error.value.translation_key is not None
    told = error.value.translation_placeholders or {}
    return " ".join((error.value.translation_key, *told.values()))


async def refusal_of(
    safety: DoorSafety, code: str | None, context: Context | None = None
) -> str | None:
    """Return why a door does not open."""
    with pytest.raises(ServiceValidationError) as error:
        await safety.allow(code, context)
    return error.value.translation_key


async def wrongly(hass: HomeAssistant, device: SimDevice, times: int) -> str:
    """Type a wrong PIN that often; return what the last one is told."""
    return [await refused(hass, device, WRONG) for _ in range(times)][-1]


# --- PIN ------------------------------------------------------------------------------------


async def test_a_door_with_a_pin_opens_once_with_it_and_with_nothing_else(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator
) -> None:
    assert state_of(hass, "lock", gate, "door").attributes["code_format"] == r"^\d{4,8}$"
    assert (await refused(hass, gate)).startswith("add_default_code")
    assert (await refused(hass, gate, "12")).startswith("add_default_code")
    assert await refused(hass, gate, WRONG) == "door_wrong_code"
    assert simulator.door(gate.id).opened == 0
    await press(hass, gate, PIN)
    assert simulator.door(gate.id).opened == 1


async def test_opening_the_latch_asks_for_it_as_well(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator
) -> None:
    assert await refused(hass, gate, WRONG, action="open") == "door_wrong_code"
    assert simulator.door(gate.id).opened == 0
    await press(hass, gate, PIN, action="open")
    assert state_of(hass, "lock", gate, "door").state == LockState.OPEN
    assert simulator.door(gate.id).opened == 1


async def test_the_other_door_of_the_device_asks_for_none(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator
) -> None:
    assert "code_format" not in state_of(hass, "lock", gate, "door_2").attributes
    await press(hass, gate, key="door_2")
    assert simulator.door(gate.id, 2).opened == 1


@pytest.mark.parametrize(
    "code", [f"{PIN}\n", f"{PIN[:7]}\N{FULLWIDTH DIGIT FIVE}", "\N{ARABIC-INDIC DIGIT ONE}234"]
)
async def test_only_the_very_digits_are_the_pin(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator, code: str
) -> None:
    assert (await refused(hass, gate, code)).startswith(("door_wrong_code", "add_default_code"))
    assert simulator.door(gate.id).opened == 0


async def test_what_is_stored_and_is_no_hash_opens_to_nobody(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    intercom = device_named(simulator, "Intercom")
    await guarded(hass, simulator, make_entry, intercom, pin_hash="broken")
    assert await refused(hass, intercom, PIN) == "door_wrong_code"
    assert simulator.door(intercom.id).opened == 0


async def test_home_assistants_default_code_opens_without_typing(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator
) -> None:
    lock = entity_id(hass, "lock", gate, "door")
    er.async_get(hass).async_update_entity_options(lock, "lock", {"default_code": PIN})
    await press(hass, gate)
    assert simulator.door(gate.id).opened == 1


async def test_a_bolt_with_a_pin_is_locked_with_it_by_everybody_at_any_hour(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    lock = device_named(simulator, "Front door lock")
    options = {"pin_hash": HASH, "quiet_from": "00:00:00", "quiet_to": "23:59:59"}
    await guarded(hass, simulator, make_entry, lock, admin_only=True, **options)
    anna = Context(user_id=(await user_of(hass, GROUP_ID_USER)).id)
    assert await refused(hass, lock, WRONG, action="lock", context=anna) == "door_wrong_code"
    await press(hass, lock, PIN, action="lock", context=anna)
    assert state_of(hass, "lock", lock, "door").state == LockState.LOCKED


# --- too many wrong ones --------------------------------------------------------------------


async def test_five_wrong_ones_lock_out_the_right_one_too(
    hass: HomeAssistant,
    gate: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert await wrongly(hass, gate, 4) == "door_wrong_code"
    assert await wrongly(hass, gate, 1) == "door_locked_out 5"
    assert await refused(hass, gate, PIN) == "door_locked_out 5"
    freezer.tick(241)
    assert await refused(hass, gate, PIN) == "door_locked_out 1"
    assert simulator.door(gate.id).opened == 0
    logged = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert logged == [
        f"Codes were tried too often at {entity_id(hass, 'lock', gate, 'door')}: none for 5 min"
    ]
    freezer.tick(60)
    await press(hass, gate, PIN)
    assert simulator.door(gate.id).opened == 1


async def test_each_lockout_is_twice_as_long_up_to_an_hour(
    hass: HomeAssistant, gate: SimDevice, freezer: FrozenDateTimeFactory
) -> None:
    for minutes in (5, 10, 20, 40, 60, 60):
        assert await wrongly(hass, gate, 5) == f"door_locked_out {minutes}"
        freezer.tick(minutes * 60)
    await press(hass, gate, PIN)
    assert await wrongly(hass, gate, 5) == "door_locked_out 5"


async def test_the_right_one_begins_the_count_anew(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    for times in (1, 2, 3):
        assert await wrongly(hass, gate, 4) == "door_wrong_code"
        await press(hass, gate, PIN)
        await later(hass, freezer, 6)
        assert simulator.door(gate.id).opened == times


async def test_mistakes_far_apart_lock_nobody_out(
    hass: HomeAssistant, gate: SimDevice, freezer: FrozenDateTimeFactory
) -> None:
    for _ in range(8):
        assert await wrongly(hass, gate, 1) == "door_wrong_code"
        freezer.tick(901)


async def test_guesses_at_once_do_not_outrun_the_count(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator
) -> None:
    codes = [*(str(number) for number in range(2000, 2030)), PIN]
    told = await asyncio.gather(*(refused(hass, gate, code) for code in codes))
    assert told.count("door_wrong_code") < 5
    assert set(told) <= {"door_wrong_code", "door_locked_out 5"}
    assert simulator.door(gate.id).opened == 0


async def test_guessing_by_locking_counts_as_well(hass: HomeAssistant, gate: SimDevice) -> None:
    for _ in range(5):
        await refused(hass, gate, WRONG, action="lock")
    assert await refused(hass, gate, PIN) == "door_locked_out 5"


async def test_a_reload_of_the_project_forgets_no_guess(
    hass: HomeAssistant, gate: SimDevice, simulator: TuyaSimulator
) -> None:
    (entry,) = hass.config_entries.async_entries("tuyalink_intercom")
    await wrongly(hass, gate, 4)
    await hass.config_entries.async_reload(entry.entry_id)
    assert await wrongly(hass, gate, 1) == "door_locked_out 5"
    await hass.config_entries.async_reload(entry.entry_id)
    assert await refused(hass, gate, PIN) == "door_locked_out 5"
    assert simulator.door(gate.id).opened == 0


def test_a_clock_that_is_set_back_makes_no_lockout_longer() -> None:
    tried = guesses.Guesses()
    assert [tried.count(1e9) for _ in range(5)] == [False] * 4 + [True]
    assert tried.wait(1e9 - 86_400) == 300
    assert tried.wait(1e9 - 86_400 + 301) == 0
    assert [tried.count(5.0) for _ in range(5)] == [False] * 4 + [True]


async def test_guesses_are_remembered_of_a_bounded_number_of_doors(hass: HomeAssistant) -> None:
    first = guesses.guesses_at(hass, "0")
    for number in range(1, guesses.DOORS + 1):
        guesses.guesses_at(hass, str(number))
    assert guesses.guesses_at(hass, "1") is guesses.guesses_at(hass, "1")
    assert guesses.guesses_at(hass, "0") is not first


async def test_a_lock_opens_with_its_own_password_which_cannot_be_guessed_from_here(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    lock = device_named(simulator, "Front door lock")
    lock.own_passwords.add("135790")
    simulator.fault("remote_unlock_password", 10)
    await guarded(hass, simulator, make_entry, lock, own_password=True)
    for number in range(5):
        with pytest.raises(HomeAssistantError) as error:
            await press(hass, lock, f"00000{number}")
        assert error.value.translation_key == "door_password_refused"
    assert await refused(hass, lock, "135790") == "door_locked_out 5"
    assert simulator.door(lock.id).opened == 0
    freezer.tick(300)
    await press(hass, lock, "135790")
    assert simulator.door(lock.id).opened == 1


async def test_the_locks_own_password_is_counted_until_the_door_opens(hass: HomeAssistant) -> None:
    safety = DoorSafety(hass, "simlock_door", DoorOptions(own_password=True))
    assert safety.code_format == r"^\d{6}$"
    for code in ("12345", "1234567", "12345\n", "12345\N{FULLWIDTH DIGIT SIX}", None):
        assert await refusal_of(safety, code) == "door_wrong_code"
    for _ in range(20):
        await safety.allow("135790", None)
        safety.opened()
    for _ in range(5):
        await safety.allow("135790", None)
    assert await refusal_of(safety, "135790") == "door_locked_out"
    await safety.allow_locking("000000")


def test_a_pin_is_never_taken_for_the_locks_own_password() -> None:
    stored = {"doors": {"simlock_door": {"pin_hash": HASH, "own_password": True}}}
    options = DoorOptions.of(stored, "simlock_door")
    assert not options.own_password
    assert HASH not in repr(options)


# --- administrators -------------------------------------------------------------------------


async def user_of(hass: HomeAssistant, group: str, *, active: bool = True) -> User:
    """Return a user of a group."""
    found = await hass.auth.async_get_group(group)
    user: User = MockUser(groups=[found], is_active=active).add_to_hass(hass)
    return user


@pytest.fixture
async def admin_gate(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> SimDevice:
    """Return the intercom, whose gate is for administrators."""
    intercom = device_named(simulator, "Intercom")
    await guarded(hass, simulator, make_entry, intercom, admin_only=True, pin_hash=HASH)
    return intercom


async def test_an_administrator_and_an_automation_may_open(
    hass: HomeAssistant,
    admin_gate: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    admin = await user_of(hass, GROUP_ID_ADMIN)
    await press(hass, admin_gate, PIN, context=Context(user_id=admin.id))
    await later(hass, freezer, 6)
    await press(hass, admin_gate, PIN, context=Context(parent_id=Context(user_id="anna").id))
    assert simulator.door(admin_gate.id).opened == 2


async def test_no_other_user_may_whatever_they_type(
    hass: HomeAssistant, admin_gate: SimDevice, simulator: TuyaSimulator
) -> None:
    user = await user_of(hass, GROUP_ID_USER)
    for _ in range(6):
        told = await refused(hass, admin_gate, PIN, context=Context(user_id=user.id))
        assert told == "door_admins_only"
    assert simulator.door(admin_gate.id).opened == 0
    await press(hass, admin_gate, PIN)
    assert simulator.door(admin_gate.id).opened == 1


async def test_a_user_who_is_gone_or_shut_out_may_not(hass: HomeAssistant) -> None:
    safety = DoorSafety(hass, "simlock_door", DoorOptions(admin_only=True))
    former = await user_of(hass, GROUP_ID_ADMIN, active=False)
    for user_id in ("nobody", former.id):
        told = await refusal_of(safety, None, Context(user_id=user_id))
        assert told == "door_admins_only"
    await safety.allow(None, None)


# --- quiet hours ----------------------------------------------------------------------------


async def is_quiet(hass: HomeAssistant, start: str, end: str) -> bool:
    options = DoorOptions(
        quiet_from=time.fromisoformat(start), quiet_to=time.fromisoformat(end), admin_only=True
    )
    try:
        await DoorSafety(hass, "simlock_door", options).allow(None, Context())
    except ServiceValidationError as error:
        return error.translation_placeholders == {"start": start, "end": end}
    return False


@pytest.mark.parametrize(
    ("start", "end", "utc", "quiet"),
    [
        ("22:00", "06:00", "2026-11-23T20:59:59", False),
        ("22:00", "06:00", "2026-11-23T21:00:00", True),
        ("22:00", "06:00", "2026-11-23T23:30:00", True),
        ("22:00", "06:00", "2026-11-24T04:59:59", True),
        ("22:00", "06:00", "2026-11-24T05:00:00", False),
        ("13:00", "15:00", "2026-11-23T12:00:00", True),
        ("13:00", "15:00", "2026-11-23T14:00:00", False),
        ("13:00", "15:00", "2026-11-23T03:00:00", False),
        ("13:00", "13:00", "2026-11-23T12:00:00", False),
        # In Berlin it is 02:45 twice in this night, and 06:00 an hour later by the sun.
        ("22:00", "06:00", "2026-10-25T00:45:00", True),
        ("22:00", "06:00", "2026-10-25T01:45:00", True),
        ("22:00", "06:00", "2026-10-25T04:30:00", True),
        ("22:00", "06:00", "2026-10-25T05:00:00", False),
        ("02:30", "02:50", "2026-10-25T00:45:00", True),
        ("02:30", "02:50", "2026-10-25T01:45:00", True),
        # And in this one there is no 02:30.
        ("02:30", "03:30", "2027-03-28T00:59:59", False),
        ("02:30", "03:30", "2027-03-28T01:10:00", True),
        ("02:30", "03:30", "2027-03-28T01:30:00", False),
        ("22:00", "06:00", "2027-03-28T03:59:59", True),
        ("22:00", "06:00", "2027-03-28T04:00:00", False),
    ],
)
async def test_quiet_hours_go_by_the_clock_on_the_wall(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    start: str,
    end: str,
    utc: str,
    *,
    quiet: bool,
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to(f"{utc}+00:00")
    assert await is_quiet(hass, start, end) is quiet


async def test_in_quiet_hours_nobody_opens_and_no_code_is_counted(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to("2026-11-23T21:30:00+00:00")
    intercom = device_named(simulator, "Intercom")
    hours = {"quiet_from": "22:00:00", "quiet_to": "06:00:00"}
    await guarded(hass, simulator, make_entry, intercom, pin_hash=HASH, **hours)
    admin = await user_of(hass, GROUP_ID_ADMIN)
    for code in (PIN, WRONG, WRONG, WRONG, WRONG, WRONG):
        told = await refused(hass, intercom, code, context=Context(user_id=admin.id))
        assert told == "door_quiet 22:00 06:00"
    assert simulator.door(intercom.id).opened == 0
    freezer.move_to("2026-11-24T05:00:00+00:00")
    await press(hass, intercom, PIN)
    assert simulator.door(intercom.id).opened == 1


# --- how a door behaves ---------------------------------------------------------------------


async def test_a_door_locks_again_after_its_own_time(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    await guarded(hass, simulator, make_entry, intercom, relock_s=30)
    await press(hass, intercom)
    await press(hass, intercom, key="door_2")
    await later(hass, freezer, 6)
    assert state_of(hass, "lock", intercom, "door").state == LockState.UNLOCKED
    assert state_of(hass, "lock", intercom, "door_2").state == LockState.LOCKED
    await later(hass, freezer, 25)
    assert state_of(hass, "lock", intercom, "door").state == LockState.LOCKED

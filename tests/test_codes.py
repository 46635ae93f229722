"""Codes for guests through actions: made, listed, changed, frozen, taken back."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.keys import KeyKind
from tests.code_actions import DOMAIN, act, codes_of, enter
from tests.homes import device_named, entity_id
from tests.simulator import SimDevice, TuyaSimulator

CREATE = "POST /v1.0/devices/{id}/door-lock/temp-password"
NAMELESS = "POST /v2.0/devices/{id}/door-lock/temp-password"


@pytest.fixture
def keypad(entry: MockConfigEntry, simulator: TuyaSimulator) -> SimDevice:
    """Return the keypad at the gate."""
    return device_named(simulator, "Gate keypad")


async def test_a_code_for_one_opening_opens_once_and_is_taken_back(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Plumber", one_time=True)
    assert (len(made["code"]), made["state"], made["once"]) == (7, "active", True)
    assert await enter(hass, simulator, keypad, made["code"])
    assert not await enter(hass, simulator, keypad, made["code"])
    (code,) = await codes_of(hass, keypad)
    assert (code["name"], code["state"], code["used"]) == ("Plumber", "used", True)
    assert "code" not in code
    gone = await act(hass, keypad, "delete_code", code_id=made["code_id"])
    assert gone["state"] == "deleted"
    assert await codes_of(hass, keypad) == []


async def test_a_code_of_ones_own_is_taken_and_never_told(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Eve", code="0070071")
    assert "code" not in made
    assert await enter(hass, simulator, keypad, "0070071")
    assert await enter(hass, simulator, keypad, "0070071")


async def test_a_frozen_code_opens_nothing_until_it_is_thawed(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Eve", code="4837291")
    frozen = await act(hass, keypad, "freeze_code", name="eve")
    assert (frozen["code_id"], frozen["state"]) == (made["code_id"], "frozen")
    assert not await enter(hass, simulator, keypad, "4837291")
    assert (await codes_of(hass, keypad))[0]["state"] == "frozen"
    assert (await act(hass, keypad, "unfreeze_code", name="Eve"))["state"] == "active"
    assert await enter(hass, simulator, keypad, "4837291")


async def test_a_deleted_code_opens_nothing(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    await act(hass, keypad, "delete_code", name="Eve")
    assert not await enter(hass, simulator, keypad, "4837291")


async def test_a_changed_code_opens_by_its_new_digits_and_times(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    end = dt_util.utcnow() + timedelta(days=3)
    changed = await act(hass, keypad, "change_code", name="Eve", code="9182734", end=end)
    assert "code" not in changed
    assert changed["state"] == "active"
    assert dt_util.parse_datetime(changed["end"]) == end.replace(microsecond=0)
    assert not await enter(hass, simulator, keypad, "4837291")
    assert await enter(hass, simulator, keypad, "9182734")


async def test_a_change_of_times_alone_makes_new_digits_and_tells_them(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    end = dt_util.utcnow() + timedelta(days=3)
    changed = await act(hass, keypad, "change_code", name="Eve", end=end)
    assert await enter(hass, simulator, keypad, changed["code"])


async def test_a_code_opens_in_its_weekly_hours_by_the_homes_clock(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    tomorrow = (dt_util.now() + timedelta(days=1)).replace(hour=9, minute=0, second=0)
    day = tomorrow.strftime("%a").lower()
    schedule = [{"weekdays": [day], "from": "08:00", "to": "12:00"}]
    end = tomorrow + timedelta(days=9)
    await act(hass, keypad, "add_code", name="Eve", code="4837291", schedule=schedule, end=end)
    for moment, opens in (
        (tomorrow - timedelta(minutes=61), False),
        (tomorrow, True),
        (tomorrow + timedelta(hours=3), False),
        (tomorrow + timedelta(days=1), False),
        (tomorrow + timedelta(days=7), True),
    ):
        freezer.move_to(moment)
        assert await enter(hass, simulator, keypad, "4837291") is opens


async def test_codes_that_others_made_are_listed_and_taken_back_by_their_id(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    now = simulator.now()
    codes = simulator.codes
    made = codes.new(keypad, "7654012", name="By app", start=now - 60, end=now + 3600)
    codes.add(keypad, made)
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    assert [code["name"] for code in await codes_of(hass, keypad)] == ["Eve", "By app"]
    await act(hass, keypad, "freeze_code", name="By app")
    assert not await enter(hass, simulator, keypad, "7654012")
    await act(hass, keypad, "delete_code", code_id=str(made.id))
    assert [code["name"] for code in await codes_of(hass, keypad)] == ["Eve"]


async def test_a_code_that_was_deleted_in_the_app_is_forgotten(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    next(iter(simulator.codes.of(keypad.id))).deleted = True
    freezer.tick(120)
    assert await codes_of(hass, keypad) == []


@pytest.mark.parametrize("fault", ["lost_reply", "doubled_reply"])
async def test_a_code_whose_answer_was_lost_is_found_in_the_list_and_made_once(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator, fault: str
) -> None:
    simulator.fault(fault, 1, path="temp-password", method="POST")
    made = await act(hass, keypad, "add_code", name="Eve")
    assert made["state"] == "active"
    assert simulator.calls[CREATE] == 1
    assert await enter(hass, simulator, keypad, made["code"])
    (code,) = await codes_of(hass, keypad)
    assert code["code_id"] == made["code_id"]


async def test_a_code_of_which_nobody_knows_whether_it_was_made_is_pending(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    simulator.fault("lost_reply", 1, path="temp-password", method="POST")
    simulator.fault("deny", 1, path="temp-passwords", method="GET", code=1106)
    made = await act(hass, keypad, "add_code", name="Eve")
    assert (made["state"], made["code_id"]) == ("pending", None)
    assert len([*entry.runtime_data.keys.all(keypad.id, KeyKind.CODE)]) == 1
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, keypad, "add_code", name="Eve")
    assert error.value.translation_key == "code_name_taken"
    assert simulator.calls[CREATE] == 1
    (code,) = await codes_of(hass, keypad)
    assert (code["state"], code["name"]) == ("active", "Eve")
    assert await enter(hass, simulator, keypad, made["code"])


async def test_a_code_is_taken_back_by_the_id_it_had_before_tuya_confirmed_it(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    simulator.fault("lost_reply", 1, path="temp-password", method="POST")
    simulator.fault("deny", 1, path="temp-passwords", method="GET", code=1106)
    made = await act(hass, keypad, "add_code", name="Eve")
    (key,) = entry.runtime_data.keys.all(keypad.id, KeyKind.CODE)
    await act(hass, keypad, "delete_code", code_id=key.id)
    assert [*entry.runtime_data.keys.all()] == []
    assert not await enter(hass, simulator, keypad, made["code"])


async def test_a_code_that_was_never_made_can_be_forgotten(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    simulator.fault("http_500", 1, path="temp-password", method="POST")
    made = await act(hass, keypad, "add_code", name="Eve")
    assert made["state"] == "pending"
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, keypad, "freeze_code", name="Eve")
    assert error.value.translation_key == "code_unconfirmed"
    await act(hass, keypad, "delete_code", name="Eve")
    assert await codes_of(hass, keypad) == []


async def test_two_presses_at_once_make_one_code(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    presses = [act(hass, keypad, "add_code", name="Eve") for _ in range(2)]
    made: Any
    made, refused = await asyncio.gather(*presses, return_exceptions=True)
    assert made["state"] == "active"
    assert isinstance(refused, ServiceValidationError)
    assert simulator.calls[CREATE] == 1


async def test_what_tuya_refuses_is_not_remembered(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, keypad, "add_code", name="Adam", code="4837291")
    assert error.value.translation_key == "code_not_taken"
    assert [key.name for key in entry.runtime_data.keys.all()] == ["Eve"]


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"path": "password-ticket", "code": 2003}, "code_unsupported_lock"),
        ({"path": "password-ticket", "code": 28841106}, "reason_api_not_subscribed"),
        ({"path": "temp-password", "code": 1106}, None),
        ({"path": "temp-password", "code": 2001}, "reason_device_offline"),
    ],
)
async def test_a_refusal_is_told_in_words(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    options: dict[str, Any],
    key: str | None,
) -> None:
    simulator.fault("deny", 1, method="POST", **options)
    if key is None:
        # The newer call, without a name, does what the older one may not.
        assert (await act(hass, keypad, "add_code", name="Eve"))["state"] == "active"
        assert simulator.calls[NAMELESS] == 1
        return
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, keypad, "add_code", name="Eve")
    assert error.value.translation_key == key
    assert await codes_of(hass, keypad) == []


async def test_a_deletion_whose_answer_was_lost_is_found_out(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    simulator.fault("lost_reply", 1, path="temp-passwords", method="DELETE")
    assert (await act(hass, keypad, "delete_code", name="Eve"))["state"] == "deleted"


async def test_a_deletion_that_failed_forgets_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    simulator.fault("http_500", 1, path="temp-passwords", method="DELETE")
    with pytest.raises(HomeAssistantError):
        await act(hass, keypad, "delete_code", name="Eve")
    assert [key.name for key in entry.runtime_data.keys.all()] == ["Eve"]


async def test_a_sleeping_lock_gets_its_code_when_it_wakes(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    simulator.scenario("offline", lock.id)
    made = await act(hass, lock, "add_code", name="Eve")
    assert made["state"] == "pending"
    simulator.scenario("online", lock.id)
    assert (await codes_of(hass, lock))[0]["state"] == "active"
    assert await enter(hass, simulator, lock, made["code"])


@pytest.mark.parametrize("kind", ["one_time", "multiple"])
async def test_a_code_for_offline_opens(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator, kind: str
) -> None:
    made = await act(hass, keypad, "get_offline_code", kind=kind, name="Eve")
    assert made["kind"] == kind
    assert await enter(hass, simulator, keypad, made["code"])
    assert await enter(hass, simulator, keypad, made["code"]) is (kind == "multiple")


async def test_the_clearing_code_ends_those_for_offline(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "get_offline_code", kind="multiple", name="Eve")
    await act(hass, keypad, "get_offline_code", kind="clear")
    assert not await enter(hass, simulator, keypad, made["code"])
    assert len([*entry.runtime_data.keys.all(kind=KeyKind.OFFLINE_CODE)]) == 1


async def test_a_dynamic_code_opens_for_five_minutes(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    made = await act(hass, keypad, "get_dynamic_code")
    assert await enter(hass, simulator, keypad, made["code"])
    freezer.tick(301)
    assert not await enter(hass, simulator, keypad, made["code"])


async def test_one_lock_that_refuses_does_not_swallow_the_code_of_another(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    doors = [entity_id(hass, "lock", device, "door") for device in (lock, keypad)]
    simulator.fault("deny", 1, path=f"{keypad.id}/door-lock/password-ticket", code=2001)
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "add_code",
        {"entity_id": doors, "name": "Eve"},
        blocking=True,
        return_response=True,
    )
    assert answer[doors[0]]["state"] == "active"
    assert answer[doors[1]]["state"] == "failed"


async def test_codes_are_known_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Eve", one_time=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    (code,) = await codes_of(hass, keypad)
    assert (code["code_id"], code["once"]) == (made["code_id"], True)

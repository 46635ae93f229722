"""Codes when something goes wrong on the way: lost answers, reloads, locks that refuse."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.keys.ledger import KEPT, KeyLedger
from custom_components.tuyalink_intercom.model.keys import Key, KeyKind, KeyState
from tests.code_actions import DOMAIN, act, codes_of, enter
from tests.homes import device_named, entity_id
from tests.simulator import SimDevice, TuyaSimulator

CHANGE = "PUT /v1.0/devices/{id}/door-lock/temp-passwords/{pid}/modify-password"
DELETE = "DELETE /v1.0/devices/{id}/door-lock/temp-passwords/{pid}"
WORK = [{"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "08:00"}]


@pytest.fixture
def keypad(entry: MockConfigEntry, simulator: TuyaSimulator) -> SimDevice:
    """Return the keypad at the gate."""
    return device_named(simulator, "Gate keypad")


def code_of(number: int, **more: Any) -> Key:
    return Key(
        **{"device_id": "elsewhere", "kind": KeyKind.CODE, "id": str(number), "made": 0.0, **more}
    )


@pytest.fixture
def ledger(entry: MockConfigEntry) -> KeyLedger:
    """Return what is remembered of keys."""
    kept: KeyLedger = entry.runtime_data.keys
    return kept


async def test_a_change_whose_answer_was_lost_is_sent_once_and_pending_and_told(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    simulator.fault("lost_reply", 1, path="modify-password", method="PUT")
    end = (dt_util.utcnow() + timedelta(days=3)).replace(microsecond=0)
    changed = await act(hass, keypad, "change_code", name="Eve", end=end)
    assert simulator.calls[CHANGE] == 1
    assert changed["state"] == "pending"
    assert dt_util.parse_datetime(changed["end"]) == end
    assert await enter(hass, simulator, keypad, changed["code"])
    (code,) = await codes_of(hass, keypad)
    assert (code["state"], dt_util.parse_datetime(code["end"])) == ("active", end)


async def test_a_deletion_is_sent_once(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    await act(hass, keypad, "add_code", name="Eve", code="4837291")
    simulator.fault("lost_reply", 1, path="temp-passwords", method="DELETE")
    assert (await act(hass, keypad, "delete_code", name="Eve"))["state"] == "deleted"
    assert simulator.calls[DELETE] == 1


async def test_a_longer_stay_does_not_let_the_cleaner_in_at_night(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    schedule = [{**WORK[0], "to": "12:00"}]
    await act(hass, keypad, "add_code", name="Eve", code="4837291", schedule=schedule)
    # Also after a restart.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await simulator.connected()
    end = dt_util.now() + timedelta(days=3)
    await act(hass, keypad, "change_code", name="Eve", code="9182734", end=end)
    tomorrow = dt_util.now() + timedelta(days=1)
    freezer.move_to(tomorrow.replace(hour=23))
    assert not await enter(hass, simulator, keypad, "9182734")
    freezer.move_to(tomorrow.replace(hour=9) + timedelta(days=1))
    assert await enter(hass, simulator, keypad, "9182734")
    await act(hass, keypad, "change_code", name="Eve", code="9182735", schedule=[])
    freezer.move_to(tomorrow.replace(hour=23) + timedelta(days=1))
    assert await enter(hass, simulator, keypad, "9182735")


async def test_hours_may_last_until_midnight(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    schedule = [{**WORK[0], "to": "00:00"}]
    end = dt_util.now() + timedelta(days=3)
    made = await act(hass, keypad, "add_code", name="Eve", schedule=schedule, end=end)
    freezer.move_to((dt_util.now() + timedelta(days=1)).replace(hour=23, minute=58))
    assert await enter(hass, simulator, keypad, made["code"])


async def test_a_code_that_others_made_is_not_changed_into_another(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    now, codes = simulator.now(), simulator.codes
    codes.add(keypad, codes.new(keypad, "7654012", name="App", start=now, end=now + 3600))
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, keypad, "change_code", name="App", code="9182734")
    assert error.value.translation_key == "code_made_elsewhere"
    assert simulator.calls[CHANGE] == 0


@pytest.mark.parametrize("which", [{"name": ""}, {"name": "  "}, {"code_id": ""}])
async def test_an_empty_name_means_no_code_at_all(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator, which: dict[str, str]
) -> None:
    now, codes = simulator.now(), simulator.codes
    nameless = codes.add(keypad, codes.new(keypad, "7654012", name="", start=now, end=now + 3600))
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, keypad, "delete_code", **which)
    assert error.value.translation_key == "code_which"
    assert not nameless.deleted


async def test_a_code_that_never_came_about_is_known_to_have_failed(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    simulator.fault("http_500", 1, path="temp-password", method="POST")
    assert (await act(hass, keypad, "add_code", name="Eve"))["state"] == "pending"
    freezer.tick(61)
    (code,) = await codes_of(hass, keypad)
    assert (code["code_id"], code["state"]) == (None, "failed")
    made = await act(hass, keypad, "add_code", name="Eve")
    assert made["state"] == "active"


@pytest.mark.parametrize("action", ["change_code", "get_offline_code", "get_dynamic_code"])
async def test_the_error_of_one_lock_does_not_swallow_what_was_made_for_another(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator, action: str
) -> None:
    lock = device_named(simulator, "Front door lock")
    doors = [entity_id(hass, "lock", device, "door") for device in (lock, keypad)]
    data: dict[str, Any] = {}
    if action == "change_code":
        for device in (lock, keypad):
            await act(hass, device, "add_code", name="Eve")
        data = {"name": "Eve", "end": dt_util.utcnow() + timedelta(days=3)}
    simulator.fault("deny", 9, path=f"{keypad.id}/door-lock", code=2001)
    answer: Any = await hass.services.async_call(
        DOMAIN, action, {"entity_id": doors, **data}, blocking=True, return_response=True
    )
    assert await enter(hass, simulator, lock, answer[doors[0]]["code"])
    assert answer[doors[1]]["state"] == "failed"
    assert "offline" in answer[doors[1]]["error"]


async def test_who_asks_for_no_answer_learns_from_an_error_that_one_lock_failed(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    doors = [entity_id(hass, "lock", device, "door") for device in (lock, keypad)]
    simulator.fault("deny", 1, path=f"{keypad.id}/door-lock/password-ticket", code=2001)
    data = {"entity_id": doors, "name": "Eve", "code": "4837291"}
    with pytest.raises(HomeAssistantError) as error:
        await hass.services.async_call(DOMAIN, "add_code", data, blocking=True)
    assert error.value.translation_key == "reason_device_offline"
    assert await enter(hass, simulator, lock, "4837291")


async def test_many_codes_that_end_at_once_do_not_stop_the_project(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_storage: dict[str, Any],
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    over = [asdict(code_of(number, end=simulator.now() - 1)) for number in range(KEPT)]
    hass_storage[f"{DOMAIN}.{entry.entry_id}.keys"]["data"]["keys"] = over
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    assert {key.state for key in entry.runtime_data.keys.all()} == {KeyState.EXPIRED}


async def test_codes_that_are_over_make_room_before_any_that_opens(
    hass: HomeAssistant, keypad: SimDevice, ledger: KeyLedger
) -> None:
    lives = code_of(KEPT)
    ledger.put(lives, *(code_of(number, state=KeyState.USED) for number in range(KEPT - 1)))
    assert (await act(hass, keypad, "add_code", name="Eve"))["state"] == "active"
    kept = [*ledger.all()]
    assert len(kept) == KEPT
    assert lives in kept
    await act(hass, keypad, "add_code", name="Adam")
    assert {"Eve", "Adam"} <= {key.name for key in ledger.all()}
    assert lives in [*ledger.all()]


async def test_a_code_is_on_disk_before_tuya_is_asked_for_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    hass_storage: dict[str, Any],
) -> None:
    simulator.fault("deny", 1, path="password-ticket", code=2001)
    seen: list[str] = []
    kept = f"{DOMAIN}.{entry.entry_id}.keys"

    def look(_call: object) -> None:
        seen.extend(row["name"] for row in hass_storage[kept]["data"]["keys"])

    cloud = entry.runtime_data.coordinator.cloud
    heard, cloud.on_call = cloud.on_call, look
    with pytest.raises(HomeAssistantError):
        await act(hass, keypad, "add_code", name="Eve", code="4837291")
    cloud.on_call = heard
    assert seen[0] == "Eve"
    assert "4837291" not in str(hass_storage[kept])


async def test_a_project_that_was_unloaded_meanwhile_hands_out_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    doors = [entity_id(hass, "lock", device, "door") for device in (lock, keypad)]
    cloud = entry.runtime_data.coordinator.cloud
    create = cloud.codes.create

    async def created(*told: Any) -> str:
        code_id: str = await create(*told)
        await hass.config_entries.async_unload(entry.entry_id)
        return code_id

    cloud.codes.create = created
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "add_code",
        {"entity_id": doors, "name": "Eve"},
        blocking=True,
        return_response=True,
    )
    assert "code" in answer[doors[0]]
    assert answer[doors[1]]["state"] == "failed"
    assert [*simulator.codes.of(keypad.id)] == []
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    (code,) = await codes_of(hass, lock)
    assert (code["name"], code["state"]) == ("Eve", "active")


async def test_a_removed_project_leaves_no_file_behind(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    keypad: SimDevice,
    ledger: KeyLedger,
    hass_storage: dict[str, Any],
) -> None:
    await act(hass, keypad, "add_code", name="Eve")
    assert await hass.config_entries.async_remove(entry.entry_id)
    ledger.put(code_of(1))
    await hass.async_block_till_done()
    await ledger.save()
    assert f"{DOMAIN}.{entry.entry_id}.keys" not in hass_storage

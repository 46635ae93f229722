"""Codes that cannot be had as they are asked for: said in words before Tuya is asked."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.tuyalink_intercom.keys.ledger import KEPT
from custom_components.tuyalink_intercom.model.keys import Key, KeyKind
from tests.code_actions import DOMAIN, act, enter
from tests.conftest import MakeEntry
from tests.homes import device_named, entity_id
from tests.simulator import SimDevice, TuyaSimulator, read_document
from tests.test_opening import document

HOUR = timedelta(hours=1)
MORNINGS = {"weekdays": ["mon", "tue"], "from": "08:00", "to": "12:00"}


@pytest.fixture
def keypad(entry: MockConfigEntry, simulator: TuyaSimulator) -> SimDevice:
    """Return the keypad at the gate."""
    return device_named(simulator, "Gate keypad")


async def refusal(
    hass: HomeAssistant, simulator: TuyaSimulator, device: SimDevice, action: str, **data: Any
) -> str | None:
    """Return the key of the sentence that refuses an action, which has asked Tuya nothing."""
    before = dict(simulator.calls)
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, device, action, **data)
    assert simulator.calls == before
    return error.value.translation_key


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"code": "123456"}, "code_seven_digits"),
        ({"code": "12345678"}, "code_seven_digits"),
        ({"code": "12345a7"}, "code_not_digits"),
        ({"code": "-123456"}, "code_not_digits"),
        ({"name": " "}, "code_name_missing"),
        ({"name": "E" * 65}, "code_name_too_long"),
        ({"one_time": True, "schedule": [MORNINGS]}, "code_once_with_schedule"),
        ({"schedule": []}, "code_schedule_empty"),
        ({"schedule": [{**MORNINGS, "weekdays": []}]}, "code_schedule_empty"),
        ({"schedule": [{**MORNINGS, "to": "07:00"}]}, "code_schedule_order"),
        ({"schedule": [MORNINGS, {**MORNINGS, "from": "11:00"}]}, "code_schedule_overlap"),
    ],
)
async def test_a_code_that_no_lock_could_take_is_refused(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    data: dict[str, Any],
    key: str,
) -> None:
    assert await refusal(hass, simulator, keypad, "add_code", **{"name": "Eve", **data}) == key


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        (-2 * HOUR, None, "code_start_past"),
        (None, -HOUR, "code_end_past"),
        (2 * HOUR, HOUR, "code_end_before_start"),
        (None, timedelta(days=2000), "code_too_long"),
    ],
)
async def test_times_that_make_no_sense_are_refused(
    hass: HomeAssistant,
    keypad: SimDevice,
    simulator: TuyaSimulator,
    start: timedelta | None,
    end: timedelta | None,
    key: str,
) -> None:
    now = dt_util.utcnow()
    given = {"start": start, "end": end}
    times = {name: now + apart for name, apart in given.items() if apart is not None}
    assert await refusal(hass, simulator, keypad, "add_code", name="Eve", **times) == key
    if key != "code_start_past":
        told = await refusal(hass, simulator, keypad, "get_offline_code", **times)
        assert told == key


async def test_hours_that_never_come_are_refused(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    day = (dt_util.now() + timedelta(days=3)).strftime("%a").lower()
    schedule = [{**MORNINGS, "weekdays": [day]}]
    told = await refusal(hass, simulator, keypad, "add_code", name="Eve", schedule=schedule)
    assert told == "code_schedule_outside"


async def test_a_name_serves_one_code_at_a_time(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Eve")
    assert await refusal(hass, simulator, keypad, "add_code", name="eve") == "code_name_taken"
    await act(hass, keypad, "delete_code", code_id=made["code_id"])
    assert await act(hass, keypad, "add_code", name="Eve")


@pytest.mark.parametrize("name", ["Intercom", "Face terminal"])
async def test_a_device_without_the_lock_service_takes_no_codes(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    device = device_named(simulator, name)
    for action, data in (
        ("add_code", {"name": "Eve"}),
        ("get_codes", {}),
        ("get_offline_code", {}),
        ("get_dynamic_code", {}),
        ("delete_code", {"name": "Eve"}),
    ):
        assert await refusal(hass, simulator, device, action, **data) == "code_not_a_lock"


async def test_a_code_that_nobody_would_be_told_is_not_made(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    before = dict(simulator.calls)
    data = {"entity_id": entity_id(hass, "lock", keypad, "door"), "name": "Eve"}
    with pytest.raises(ServiceValidationError) as error:
        await hass.services.async_call(DOMAIN, "add_code", data, blocking=True)
    assert error.value.translation_key == "code_needs_answer"
    assert simulator.calls == before


async def test_which_code_must_be_said(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    for action, data in (
        ("freeze_code", {}),
        ("unfreeze_code", {}),
        ("delete_code", {}),
        ("change_code", {"code": "4837291"}),
    ):
        assert await refusal(hass, simulator, keypad, action, **data) == "code_which"
    told = await refusal(hass, simulator, keypad, "change_code", name="Eve")
    assert told == "code_nothing_to_change"


async def test_a_code_that_nobody_has_is_unknown(hass: HomeAssistant, keypad: SimDevice) -> None:
    for which in ({"name": "Eve"}, {"code_id": "77"}):
        with pytest.raises(ServiceValidationError) as error:
            await act(hass, keypad, "freeze_code", **which)
        assert error.value.translation_key == "code_unknown"


async def test_of_two_codes_with_one_name_the_id_must_be_said(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    for digits in ("7654012", "7654013"):
        now = simulator.now()
        made = simulator.codes.new(keypad, digits, name="By app", start=now, end=now + 3600)
        simulator.codes.add(keypad, made)
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, keypad, "delete_code", name="By app")
    assert error.value.translation_key == "code_ambiguous"


async def test_a_used_code_can_be_neither_frozen_nor_changed(
    hass: HomeAssistant, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    made = await act(hass, keypad, "add_code", name="Eve", one_time=True)
    assert await enter(hass, simulator, keypad, made["code"])
    for action, data in (("freeze_code", {}), ("change_code", {"code": "4837291"})):
        told = await refusal(hass, simulator, keypad, action, name="Eve", **data)
        assert told == "code_over"


async def test_no_more_codes_are_made_than_can_be_remembered(
    hass: HomeAssistant, entry: MockConfigEntry, keypad: SimDevice, simulator: TuyaSimulator
) -> None:
    for number in range(KEPT):
        entry.runtime_data.keys.put(
            Key(device_id="elsewhere", kind=KeyKind.CARD, id=str(number), made=0.0)
        )
    assert await refusal(hass, simulator, keypad, "add_code", name="Eve") == "code_too_many"
    told = await refusal(hass, simulator, keypad, "get_offline_code", name="Eve")
    assert told == "code_too_many"


async def test_only_administrators_hand_out_codes(
    hass: HomeAssistant, keypad: SimDevice, hass_read_only_user: MockUser, simulator: TuyaSimulator
) -> None:
    before = dict(simulator.calls)
    target = {"entity_id": entity_id(hass, "lock", keypad, "door")}
    context = Context(user_id=hass_read_only_user.id)
    for action, data in (
        ("add_code", {"name": "Eve"}),
        ("get_codes", {}),
        ("change_code", {"name": "Eve", "code": "4837291"}),
        ("freeze_code", {"name": "Eve"}),
        ("unfreeze_code", {"name": "Eve"}),
        ("delete_code", {"name": "Eve"}),
        ("get_offline_code", {}),
        ("get_dynamic_code", {}),
    ):
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN,
                action,
                {**target, **data},
                blocking=True,
                return_response=True,
                context=context,
            )
    assert simulator.calls == before


@pytest.mark.parametrize(
    ("sub", "refused", "taken", "key"),
    [
        (True, "1234567", "482913", "code_six_digits"),
        (False, "12345", "482913", "code_six_or_seven_digits"),
    ],
)
async def test_a_lock_with_radio_takes_six_digits(
    hass: HomeAssistant,
    socket_enabled: None,
    make_entry: MakeEntry,
    *,
    sub: bool,
    refused: str,
    taken: str,
    key: str,
) -> None:
    files = read_document(document("front_door_lock", category="jtmspro", sub=sub), "radio.json")
    cloud = TuyaSimulator(devices=files)
    await cloud.start()
    entry = make_entry(cloud)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    device = next(iter(cloud.devices.values()))
    assert await refusal(hass, cloud, device, "add_code", name="Eve", code=refused) == key
    made = await act(hass, device, "add_code", name="Eve", code=taken)
    assert made["state"] == "active"
    # Such a lock tells only afterwards that the digits are in use.
    assert (await act(hass, device, "add_code", name="Adam", code=taken))["state"] == "failed"
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()


async def test_a_refused_length_names_the_other_where_it_is_guessed(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry
) -> None:
    files = read_document(document("front_door_lock", category="jtmspro"), "radio.json")
    cloud = TuyaSimulator(devices=files)
    await cloud.start()
    entry = make_entry(cloud)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    device = next(iter(cloud.devices.values()))
    for code, key in (
        ("4829134", "code_not_taken_try_six"),
        ("482913", "code_not_taken_try_seven"),
    ):
        cloud.fault("deny", 1, path="temp-password", method="POST", code=1109)
        with pytest.raises(HomeAssistantError) as error:
            await act(hass, device, "add_code", name="Eve", code=code)
        assert error.value.translation_key == key
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()

"""Ways around a door's button, above all settings that leave it open: its options hold there."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.tuyalink_intercom.model.setting import Loosens, Setting, SettingKind
from tests.conftest import MakeEntry
from tests.homes import entity_id
from tests.openings import Home, Live, document, living
from tests.test_door_safety import HASH

CLOSED = {"quiet_from": "00:00:00", "quiet_to": "23:59:59"}
POINTS = (
    {"code": "normal_open_switch", "type": "Boolean", "values": "{}", "dp_id": 61},
    {
        "code": "lock_motor_direction",
        "type": "Enum",
        "values": '{"range":["clockwise","anti_clockwise"]}',
        "dp_id": 62,
    },
)
VALUES = (
    {"code": "normal_open_switch", "value": False, "dp_id": 61},
    {"code": "lock_motor_direction", "value": "clockwise", "dp_id": 62},
)
KEYPAD = document("gate_keypad")
KEYPAD |= {
    "functions": [*KEYPAD["functions"], *POINTS],
    "status_range": [*KEYPAD["status_range"], *POINTS],
    "status": [*KEYPAD["status"], *VALUES],
}
LOOSENING: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    # Platform, action, key, data, data point.
    "passage mode": ("switch", "turn_on", "passage_mode", {}, "normal_open_switch"),
    "passage mode, toggled": ("switch", "toggle", "passage_mode", {}, "normal_open_switch"),
    "no auto-lock": ("switch", "turn_off", "auto_lock", {}, "automatic_lock"),
    "a longer delay": ("number", "set_value", "auto_lock_time", {"value": 6}, "auto_lock_time"),
    "no delay told": ("number", "set_value", "auto_lock_time", {"value": 0}, "auto_lock_time"),
    "a motor that turns the other way": (
        *("select", "select_option", "motor_direction"),
        {"option": "anti_clockwise"},
        "lock_motor_direction",
    ),
}
HARMLESS: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    "no passage mode": ("switch", "turn_off", "passage_mode", {}, "normal_open_switch"),
    "auto-lock": ("switch", "turn_on", "auto_lock", {}, "automatic_lock"),
    "a shorter delay": ("number", "set_value", "auto_lock_time", {"value": 4}, "auto_lock_time"),
    "a volume": (
        *("select", "select_option", "doorbell_volume"),
        {"option": "low"},
        "doorbell_volume",
    ),
}


@pytest.fixture
def entities_on() -> Iterator[None]:
    """Let nothing be off at first."""
    with patch("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", new=True):
        yield


@pytest.fixture
def keypad(
    hass: HomeAssistant,
    socket_enabled: None,
    entities_on: None,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> Any:
    """Return what sets a keypad up, with these options for its door."""
    return lambda **door: living(hass, freezer, make_entry, KEYPAD, door)


async def set_it(home: Home, name: str, context: Context | None = None) -> str | None:
    """Do what a user does with a setting; return why it was refused."""
    platform, action, key, data, _ = {**LOOSENING, **HARMLESS}[name]
    target = {ATTR_ENTITY_ID: entity_id(home.hass, platform, home.device, key), **data}
    try:
        await home.hass.services.async_call(
            platform, action, target, blocking=True, context=context
        )
    except ServiceValidationError as error:
        return error.translation_key
    finally:
        await home.hass.async_block_till_done()
    return None


async def user(hass: HomeAssistant, group: str) -> Context:
    found = await hass.auth.async_get_group(group)
    assert found is not None
    return Context(user_id=MockUser(groups=[found]).add_to_hass(hass).id)


@pytest.mark.parametrize("name", LOOSENING)
@pytest.mark.parametrize("door", [{"pin_hash": HASH}, {"own_password": True}])
async def test_a_door_that_asks_for_a_code_is_not_left_open_by_a_setting(
    keypad: Any, name: str, door: dict[str, Any]
) -> None:
    async with keypad(**door) as home:
        home.cloud.issued.note(HASH)
        before = home.device.values[LOOSENING[name][-1]]
        assert await set_it(home, name) == "door_setting_needs_code"
        assert home.device.values[LOOSENING[name][-1]] == before
        assert home.called("/commands") == 0


@pytest.mark.parametrize("name", LOOSENING)
async def test_in_quiet_hours_no_setting_leaves_the_door_open(keypad: Any, name: str) -> None:
    async with keypad(**CLOSED) as home:
        assert await set_it(home, name) == "door_quiet"
        assert home.called("/commands") == 0


@pytest.mark.parametrize("name", LOOSENING)
async def test_only_administrators_and_automations_leave_an_administrators_door_open(
    hass: HomeAssistant, keypad: Any, name: str
) -> None:
    async with keypad(admin_only=True) as home:
        someone = await user(hass, GROUP_ID_USER)
        assert await set_it(home, name, someone) == "door_admins_only"
        assert home.called("/commands") == 0
        assert await set_it(home, name, await user(hass, GROUP_ID_ADMIN)) is None
        assert home.called("/commands") == 1


@pytest.mark.parametrize("name", LOOSENING)
async def test_where_the_owner_decided_nothing_everybody_sets_everything(
    keypad: Any, name: str
) -> None:
    async with keypad() as home:
        before = home.device.values[LOOSENING[name][-1]]
        assert await set_it(home, name) is None
        assert home.device.values[LOOSENING[name][-1]] != before


@pytest.mark.parametrize("name", HARMLESS)
async def test_what_leaves_no_door_open_is_set_by_everybody_at_any_hour(
    hass: HomeAssistant, keypad: Any, name: str
) -> None:
    async with keypad(pin_hash=HASH, admin_only=True, **CLOSED) as home:
        assert await set_it(home, name, await user(hass, GROUP_ID_USER)) is None
        assert home.called("/commands") == 1


@pytest.mark.parametrize(
    ("door", "why"),
    [
        ({"pin_hash": HASH}, None),
        ({"admin_only": True}, "door_admins_only"),
        (CLOSED, "door_quiet"),
    ],
)
@pytest.mark.parametrize("action", ["unlock", "open"])
async def test_a_group_of_doors_opens_none_that_its_owner_keeps_shut(
    hass: HomeAssistant,
    live: Live,
    door: dict[str, Any],
    why: str | None,
    action: str,
) -> None:
    group = {"platform": "group", "name": "All doors", "entities": ["lock.intercom_gate"]}
    assert await async_setup_component(hass, "lock", {"lock": group})
    async with live(document("intercom"), door) as home:
        shown = hass.states.get("lock.all_doors")
        assert shown is not None
        assert shown.state == home.state().state
        someone = await user(hass, GROUP_ID_USER)
        with pytest.raises(ServiceValidationError) as refused:
            await hass.services.async_call(
                "lock", action, {ATTR_ENTITY_ID: "lock.all_doors"}, blocking=True, context=someone
            )
        assert why in {None, refused.value.translation_key}
        assert home.door().opened == 0


async def test_a_scene_leaves_no_door_open_that_asks_for_a_code(
    hass: HomeAssistant, keypad: Any
) -> None:
    assert await async_setup_component(hass, "scene", {})
    async with keypad(pin_hash=HASH) as home:
        passage = entity_id(hass, "switch", home.device, "passage_mode")
        door = entity_id(hass, "lock", home.device, "door")
        wanted = {passage: "on", door: "unlocked"}
        with pytest.raises(ServiceValidationError):
            await hass.services.async_call("scene", "apply", {"entities": wanted}, blocking=True)
        await hass.async_block_till_done()
        assert home.device.values["normal_open_switch"] is False
        assert home.door().opened == 0


@pytest.mark.parametrize(
    ("value", "before"), [(6, 5), (0, 5), (4, None), ("4s", "5s"), ("0", None)]
)
def test_a_delay_that_nobody_can_compare_counts_as_longer(
    value: float | str, before: float | str | None
) -> None:
    delay = Setting(
        key="auto_lock_time",
        kind=SettingKind.NUMBER,
        code="auto_lock_time",
        loosens=Loosens.LONGER,
    )
    assert delay.leaves_open(value, before)
    assert not delay.leaves_open(5, 5)

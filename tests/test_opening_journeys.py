"""Every way to a door, from the dashboard to the bolt: one opening, by whom, locked again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.lock.const import LockState
from homeassistant.core import HomeAssistant
import pytest

from tests.homes import arrived, later
from tests.openings import PASSWORD, UNLOCK_ACTION, Home, Live, document, without
from tests.test_lock import shown

NEITHER = ("door-operate", "password-free/open-door")
COMMANDS, ISSUE = "/commands", "properties/issue"


@dataclass(frozen=True)
class Journey:
    """A way, a device that is opened by it, and what has to be refused before it comes to that."""

    way: str
    made: Mapping[str, Any]
    refused: tuple[str, ...] = ()
    door: Mapping[str, Any] = field(default_factory=dict)
    code: str | None = None
    asks: bool = False
    key: str = "door"
    by: str | None = None
    shadowed: bool = False
    """Whether the way is not yet the first when nothing was tried."""


def relay(*, commandable: bool) -> dict[str, Any]:
    made = document("intercom")
    point = {"code": "accessory_lock", "type": "Boolean", "values": "{}", "dp_id": 148}
    return {**made, "functions": [*made["functions"], point]} if commandable else made


def terminal(*points: str, **changes: object) -> dict[str, Any]:
    return document("face_terminal", function_points=list(points), **changes)


INTERCOM = without(document("intercom"), "accessory_lock", "ipc_c_lock")
LOCK, KEYPAD, BARE = document("front_door_lock"), document("gate_keypad"), document("video_lock")
JOURNEYS = {
    "W1 relay by the thing model": Journey("property", relay(commandable=False)),
    "W1 relay by the standard set": Journey("command", relay(commandable=True)),
    "W1 toggle": Journey("property", relay(commandable=False), key="door_2"),
    "W2 lock service": Journey("door_operate", LOCK, by="app"),
    "W2 older call": Journey("open_door", LOCK, ("door-operate",), by="app", shadowed=True),
    "W2 password": Journey(
        "open_with_password", LOCK, door={"own_password": True}, code=PASSWORD, by="app"
    ),
    "W2 somebody asks": Journey("reply_request", LOCK, asks=True, by="app"),
    "W2 without reports": Journey("door_operate", BARE),
    "W2 action": Journey("action", {**BARE, "actions": [UNLOCK_ACTION]}, NEITHER, shadowed=True),
    "W3 older call": Journey("open_door", KEYPAD, by="app"),
    "W3 newer call": Journey("door_operate", KEYPAD, NEITHER[1:], by="app", shadowed=True),
    "W3 key": Journey("remote_key", KEYPAD, NEITHER, {"remote_key": True}, by="app", shadowed=True),
    "W3 action": Journey(
        "action", {**KEYPAD, "actions": [UNLOCK_ACTION]}, NEITHER, by="app", shadowed=True
    ),
    "W4 person": Journey("person", terminal("tyabi8n4fs"), by="0"),
}


async def begin(home: Home, journey: Journey) -> None:
    home.device.own_passwords.add(PASSWORD)
    for path in journey.refused:
        for template in home.cloud.templates:
            if template.startswith("/") and template.endswith(path):
                home.cloud.fault("refuse", 1, what=template, code=28841106)
    if journey.way == "open_with_password":
        home.cloud.fault("remote_unlock_password", 9)
    if journey.asks:
        sent = home.cloud.scenario("asks_to_open", home.device.id)
        await arrived(home.hass, home.cloud, sent)


@pytest.mark.parametrize("name", JOURNEYS)
async def test_a_press_opens_the_door_once_tells_who_and_it_locks_again(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    name: str,
) -> None:
    journey = JOURNEYS[name]
    number = 2 if journey.key == "door_2" else 1
    async with live(journey.made, journey.door, journey.key) as home:
        await begin(home, journey)
        states = shown(hass, home.state(journey.key).entity_id)
        first = home.state(journey.key).attributes["strategy"]
        assert (first == journey.way) is not journey.shadowed
        code = {"code": journey.code} if journey.code else {}
        assert await home.press(key=journey.key, **code) is None
        assert home.door(number).opened == 1
        assert home.state(journey.key).state == LockState.UNLOCKED
        if journey.by is not None:
            by = home.state(journey.key).attributes["changed_by"]
            assert by == (journey.by if journey.by != "0" else home.entry_person())
        if not journey.asks:
            assert home.state(journey.key).attributes["strategy"] == journey.way
        home.cloud.relock(home.device.id)
        await later(hass, freezer, 6)
        await home.until(lambda: home.state(journey.key).state == LockState.LOCKED)
        assert states[0] == LockState.UNLOCKING
        assert states[-2:] == [LockState.UNLOCKED, LockState.LOCKED]
        assert home.door(number).opened == 1


@pytest.mark.parametrize("name", JOURNEYS)
async def test_the_next_press_takes_the_way_that_worked_and_opens_once_more(
    hass: HomeAssistant,
    live: Live,
    freezer: FrozenDateTimeFactory,
    name: str,
) -> None:
    journey = JOURNEYS[name]
    number = 2 if journey.key == "door_2" else 1
    code = {"code": journey.code} if journey.code else {}
    async with live(journey.made, journey.door, journey.key) as home:
        await begin(home, journey)
        await home.press(key=journey.key, **code)
        home.cloud.relock(home.device.id)
        await later(hass, freezer, 6)
        await home.until(lambda: home.state(journey.key).state == LockState.LOCKED)
        before = [home.called(path) for path in journey.refused]
        if journey.asks:
            await begin(home, journey)
        assert await home.press(key=journey.key, **code) is None
        assert home.door(number).opened == 2
        assert [home.called(path) for path in journey.refused] == before


async def test_an_action_takes_its_input_as_an_object_where_text_is_refused(
    live: Live,
) -> None:
    made = {**INTERCOM, "actions": [UNLOCK_ACTION]}
    async with live(made) as home:
        home.device.action_form = "object"
        assert home.state().attributes["strategy"] == "action"
        assert await home.press() is None
        assert home.door().opened == 1
        assert home.called("shadow/actions") == 2


async def test_a_terminal_of_the_older_service_opens_by_its_older_call(
    live: Live,
) -> None:
    async with live(terminal("tyabi8n4fs")) as home:
        home.cloud.fault("deny", 1, path="/access-control/", code=1108)
        assert await home.press() is None
        assert home.door().opened == 1
        assert home.called("iot-02/third/doors") == 1


async def test_the_way_is_shown_but_not_recorded(
    live: Live,
) -> None:
    async with live(terminal("tyabinmc7h")) as home:
        state = home.state()
        assert state.attributes["strategy"] is None
        assert state.state_info is not None
        assert "strategy" in state.state_info["unrecorded_attributes"]


async def test_a_terminal_opens_in_the_name_of_the_app_account(
    live: Live,
) -> None:
    made = terminal("tyabi8n4fs")
    async with live(made, app_uid="ay170000Sim") as home:
        assert await home.press() is None
        assert home.state().attributes["changed_by"] == "ay170000Sim"

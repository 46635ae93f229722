"""Tuya's app opens and locks a door of Home Assistant's, and is told what came of it."""

from functools import partial

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, Event, HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.tuyalink_intercom.publishing.why import CODES, Why
from tests.commanded import POINT, UNLOCKED, CommandedDoor, commanded
from tests.simulator import commanding
from tests.simulator.southbound import Command

pytestmark = pytest.mark.usefixtures("socket_enabled")


def by_action(door: CommandedDoor, *, unlock: bool) -> Command:
    return door.asks("unlock" if unlock else "lock")


def by_property(door: CommandedDoor, *, unlock: bool) -> Command:
    return door.sets(unlock)


def by_point(door: CommandedDoor, *, unlock: bool) -> Command:
    return commanding.set_points(door.cloud, door.device.id, {POINT: unlock})


def shows(door: CommandedDoor, *, unlocked: bool) -> bool:
    return door.device.values[UNLOCKED] is unlocked


@pytest.mark.parametrize("by", [by_action, by_property, by_point])
async def test_the_app_unlocks_and_locks_the_door(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, by: object
) -> None:
    assert callable(by)
    async with commanded(hass, freezer) as door:
        for count, unlock in ((1, True), (2, False)):
            told = len(door.reports())
            command = by(door, unlock=unlock)
            assert await door.answered(command) == [0]
            await door.flows(partial(shows, door, unlocked=unlock))
            await door.settled()
            # A command and the change that it brings about are one report; points have their own.
            assert len(door.reports()) == told + 1
            assert len(door.presses) == count
        assert door.presses == ["unlock", "lock"]
        assert door.results == [("done", None)] * 2


async def test_an_action_is_answered_with_the_state_that_the_door_has_then(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        command = door.asks()
        await door.answered(command)
        assert command.answer is not None
        assert command.answer["output_params"] == {"state": "unlocked"}


async def test_nobody_is_named_as_who_unlocked_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    contexts: list[Context] = []

    @callback
    def heard(event: Event) -> None:
        contexts.append(event.context)

    async with commanded(hass, freezer) as door:
        hass.bus.async_listen("call_service", heard)
        await door.answered(door.asks())
        assert [context.user_id for context in contexts] == [None]


async def test_a_door_that_stands_as_wanted_is_not_pressed_again(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        assert await door.answered(door.asks("lock")) == [0]
        assert await door.answered(door.asks(), door.asks()) == [0, 0]
        assert door.presses == ["unlock"]


async def test_a_door_whose_state_is_only_assumed_is_pressed_for_every_command(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.guess()
        assert await door.answered(door.asks("lock")) == [0]
        assert await door.answered(door.asks("lock")) == [0]
        assert door.presses == ["lock", "lock"]


async def test_a_double_click_is_one_press_and_two_answers(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.guess()
        gate = door.held()
        clicks = [door.asks(), door.asks()]
        for click in clicks:
            await door.taken(click)
        await door.flows(lambda: bool(door.presses))
        gate.set()
        assert await door.answered(*clicks) == [0, 0]
        assert door.presses == ["unlock"]


async def test_a_lock_that_is_slow_is_answered_in_time_and_its_state_told_later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        gate = door.held()
        command = door.asks()
        assert await door.answered(command) == [CODES[Why.NOT_CONFIRMED]]
        assert command.answer is not None
        assert command.answer["output_params"] == {"state": "locked"}
        assert door.cloud.now() - command.at < 5
        # A second tap joins the press that is still under way.
        again = door.asks()
        await door.taken(again)
        gate.set()
        assert await door.answered(again) == [0]
        await door.flows(lambda: door.device.values[UNLOCKED] is True)
        assert door.presses == ["unlock"]
        assert door.results == [("failed", "not_confirmed"), ("done", None)]


@pytest.mark.parametrize("error", [HomeAssistantError, TimeoutError, KeyError])
async def test_a_lock_that_fails_is_told_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, error: type[Exception]
) -> None:
    async def fail() -> None:
        raise error

    async with commanded(hass, freezer) as door:
        door.home.lock.before = fail
        assert await door.answered(door.asks()) == [CODES[Why.FAILED]]
        assert door.presses == ["unlock"]
        door.home.lock.before = None
        assert await door.answered(door.asks()) == [0]
        assert door.presses == ["unlock"] * 2


async def test_a_lock_that_says_yes_and_does_not_move_is_told_as_it_stands(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.obeys = False
        action, wish = door.asks(), door.sets()
        assert await door.answered(action, wish) == [0, 0]
        assert action.answer is not None
        assert action.answer["output_params"] == {"state": "locked"}
        assert door.device.values[UNLOCKED] is False


async def test_a_jammed_lock_is_no_success(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.jam()
        assert await door.answered(door.asks("lock")) == [CODES[Why.JAMMED]]


async def test_locking_waits_for_the_unlocking_before_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        gate = door.held()
        unlock, lock = door.asks(), door.asks("lock")
        await door.taken(lock)
        await door.flows(lambda: bool(door.presses))
        assert door.presses == ["unlock"]
        gate.set()
        assert await door.answered(unlock, lock) == [0, 0]
        assert door.presses == ["unlock", "lock"]


ACTIONS = {
    "automation.gate": ("automation", "trigger", {"skip_condition": False}),
    "button.gate": ("button", "press", {}),
    "input_boolean.gate": ("input_boolean", "turn_on", {}),
    "input_button.gate": ("input_button", "press", {}),
    "scene.gate": ("scene", "turn_on", {}),
    "script.gate": ("script", "turn_on", {}),
    "switch.gate": ("switch", "turn_on", {}),
}


@pytest.mark.parametrize("entity_id", ACTIONS)
async def test_further_actions_run_what_their_user_chose(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entity_id: str
) -> None:
    domain, service, data = ACTIONS[entity_id]
    calls: list[ServiceCall] = []

    async def called(call: ServiceCall) -> None:
        calls.append(call)

    hass.states.async_set(entity_id, "off")
    async with commanded(hass, freezer, actions=[entity_id]) as door:
        hass.services.async_register(domain, service, called)
        for count in (1, 2):
            door.asks("gate")
            await door.over(count)
        assert door.results == [("done", None)] * 2
        assert [call.data for call in calls] == [{"entity_id": entity_id, **data}] * 2
        assert door.presses == []


async def test_values_that_can_only_be_read_keep_no_door_shut(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        values = {"battery_percentage": 3, UNLOCKED: True}
        commanding.set_properties(door.cloud, door.device.id, values)
        await door.over()
        assert door.results == [("done", "rest_ignored")]
        await door.flows(lambda: door.device.values[UNLOCKED] is True)
        assert door.presses == ["unlock"]


@pytest.mark.parametrize("form", commanding.FORMS)
async def test_the_door_opens_once_in_whatever_form_it_is_told(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, form: str
) -> None:
    async with commanded(hass, freezer) as door:
        door.asks(form=form)
        await door.over()
        await door.settled()
        assert door.presses == ["unlock"]
        assert door.results == [("done", None)]

"""What Tuya's app may not do with a door of Home Assistant's, and what it is told then."""

import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.publishing.why import CODES, Why
from tests.commanded import UNLOCKED, CommandedDoor, commanded
from tests.homes import DOMAIN
from tests.published import LOCK
from tests.simulator import commanding

pytestmark = pytest.mark.usefixtures("socket_enabled")

TEXTS = Path(__file__).parent.parent / f"custom_components/{DOMAIN}/translations/en.json"


async def refuses(door: CommandedDoor, why: Why, action: str = "unlock") -> None:
    """See that an action is answered with the number of this reason, and nothing is done."""
    pressed = len(door.presses)
    assert await door.answered(door.asks(action)) == [CODES[why]]
    assert door.results[-1] == ("refused", why)
    assert len(door.presses) == pressed


def test_every_reason_has_its_sentence_and_every_refusal_of_an_action_its_number() -> None:
    words = json.loads(TEXTS.read_text("utf-8"))["selector"]["published_command"]["options"]
    assert words.keys() == {*Why}
    assert {*Why} - CODES.keys() == {Why.NOT_UNDERSTOOD, Why.REST_IGNORED}
    assert sorted(CODES.values()) == list(range(1, len(CODES) + 1))


async def test_a_door_that_is_only_shown_is_not_opened(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer, control=False) as door:
        await refuses(door, Why.NOT_ALLOWED)
        await refuses(door, Why.NOT_ALLOWED, "lock")
        told = len(door.reports())
        wish = door.sets()
        assert await door.answered(wish) == [0]
        assert door.reports()[told:] == [{UNLOCKED: door.reports()[-1][UNLOCKED]}]
        assert door.device.values[UNLOCKED] is False
        assert door.presses == []


async def test_in_quiet_hours_it_only_locks(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-11-23 23:30:00-08:00")
    night: dict[str, Any] = {"quiet_from": "22:00:00", "quiet_to": "06:00:00"}
    hass.states.async_set("script.gate", "off")
    async with commanded(hass, freezer, actions=["script.gate"], **night) as door:
        await refuses(door, Why.QUIET)
        door.asks("gate")
        await door.over(2)
        assert door.results[-1] == ("refused", "quiet")
        door.home.lock.stand(locked=False)
        assert await door.answered(door.asks("lock")) == [0]
        assert door.presses == ["lock"]


async def test_what_the_door_does_not_have_or_cannot_be_set_is_refused(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        told: list[tuple[str, str]] = []
        for code, value, why in (
            ("battery_percentage", 5, Why.UNKNOWN_FUNCTION),
            ("doorcontact_state", True, Why.UNKNOWN_FUNCTION),
            (UNLOCKED, 1, Why.BAD_VALUE),
            (UNLOCKED, "true", Why.BAD_VALUE),
            ("unlock", True, Why.UNKNOWN_FUNCTION),
        ):
            door.sets(value, code)
            told.append(("refused", why))
            await door.over(len(told))
        commanding.set_points(door.cloud, door.device.id, {77: True})
        door.asks("open_sesame")
        told += [("refused", Why.UNKNOWN_FUNCTION)] * 2
        await door.over(len(told))
        assert door.results == told
        assert door.presses == []


async def test_what_can_only_be_read_is_reported_as_it_is(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    leaf = "binary_sensor.garden_door_leaf"
    hass.states.async_set(leaf, "on")
    async with commanded(hass, freezer, door=leaf) as door:
        wish = door.sets(value=False, code="doorcontact_state")
        assert await door.answered(wish) == [0]
        assert door.results == [("refused", "read_only")]
        assert door.device.values["doorcontact_state"] is True


async def test_a_message_without_sense_is_counted_and_opens_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        body = {"bizCode": "execThingAction", "bizData": {"devId": door.device.id, "data": {}}}
        door.cloud.publish(door.device.id, body, protocol=20)
        await door.over()
        assert door.results == [("refused", "not_understood")]
        (published,) = door.home.entry.runtime_data.published.doors.values()
        assert published.as_told()["commands"] == {"refused not_understood": 1}


async def test_a_lock_that_is_not_there_is_not_pressed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.leave()
        await refuses(door, Why.UNAVAILABLE)
        hass.states.async_remove(LOCK)
        await refuses(door, Why.UNAVAILABLE)


@pytest.mark.parametrize("wanted", [r"^\d{4}$", "("])
async def test_a_lock_that_asks_for_a_code_opens_only_with_a_default_one(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, wanted: str
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.ask(wanted)
        await refuses(door, Why.NEEDS_CODE)
        if wanted == "(":
            return
        er.async_get(hass).async_update_entity_options(LOCK, "lock", {"default_code": "1234"})
        assert await door.answered(door.asks()) == [0]
        assert door.presses == ["unlock"]


def belongs_to(hass: HomeAssistant, access_id: str, **options: Any) -> None:
    """Have the garden's lock be a Tuya door of ours, of the project with these keys."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={"access_id": access_id},
        options={"doors": {"garden_door": options}},
    )
    entry.add_to_hass(hass)
    registry = er.async_get(hass)
    before = hass.states.get(LOCK)
    assert before is not None
    registry.async_remove(LOCK)
    made = registry.async_get_or_create(
        "lock", DOMAIN, "garden_door", config_entry=entry, suggested_object_id="garden_door"
    )
    assert made.entity_id == LOCK
    hass.states.async_set(LOCK, before.state)


@pytest.mark.parametrize(
    ("options", "locks"),
    [({"pin_hash": "hashed"}, Why.NOT_ALLOWED_BY_DOOR), ({"admin_only": True}, None)],
)
async def test_a_tuya_door_of_another_project_keeps_its_own_rules(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    options: dict[str, Any],
    locks: Why | None,
) -> None:
    async with commanded(hass, freezer) as door:
        belongs_to(hass, "another", **options)
        await refuses(door, Why.NOT_ALLOWED_BY_DOOR)
        assert await door.answered(door.asks("lock")) == [0 if locks is None else CODES[locks]]


async def test_a_door_of_the_same_project_goes_round_in_no_circles(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        belongs_to(hass, door.cloud.access_id)
        await refuses(door, Why.SAME_PROJECT)


async def test_nothing_opens_while_home_assistant_stops(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        hass.set_state(CoreState.stopping)
        await refuses(door, Why.STOPPING)
        hass.set_state(CoreState.running)


async def test_more_commands_than_anybody_sends_in_earnest_are_refused(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        gate = door.held()
        sent = [door.asks("lock" if number % 2 else "unlock") for number in range(8)]
        assert await door.answered(*sent[-2:]) == [CODES[Why.BUSY]] * 2
        gate.set()
        await door.over(8)
        assert door.results[:2] == [("refused", "busy")] * 2
        assert door.presses == ["unlock", "lock"] * 3

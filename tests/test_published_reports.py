"""Tuya is told what a published door's properties are: together, in order, and no more."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.tuyalink_intercom.api.errors import REASONS, Reason, error_for
from custom_components.tuyalink_intercom.model.budget import Billed
from custom_components.tuyalink_intercom.model.happenings import ActionAnswer
from custom_components.tuyalink_intercom.model.outbox import LONGEST_BACKOFF, STANDSTILL
from custom_components.tuyalink_intercom.model.sendables import Fate, Lane
from custom_components.tuyalink_intercom.publishing.dispatch import fate_of
from tests.homes import DOMAIN
from tests.published import BATTERY, LEAF, PRODUCT, TAMPER
from tests.simulator import registry
from tests.telling import (
    ALARMING,
    BOLT,
    DOOR_OPEN,
    EVENTS,
    PERCENT,
    PROPERTIES,
    sensors,
    telling,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")
ALL = {"door": LEAF, "alarms": [TAMPER], "battery": BATTERY}
STATES = {"leaf": "off", "tamper": "off", "battery": "81.6"}


async def test_all_that_is_known_is_told_once_after_the_start(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, STATES, **ALL) as door:
        await door.passes(5)
        told = {BOLT: False, DOOR_OPEN: False, ALARMING: False, PERCENT: 82}
        assert door.reports() == [told]


async def test_what_changes_together_is_one_report_and_the_last_value_wins(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, STATES, **ALL) as door:
        await door.passes(2)
        door.lock.stand(locked=False)
        sensors(hass, leaf="on", battery="60")
        sensors(hass, battery="59")
        await door.flows(lambda: len(door.reports()) == 2)
        await door.passes(3)
        assert door.reports()[1:] == [{BOLT: True, DOOR_OPEN: True, PERCENT: 59}]


async def test_what_says_nothing_is_not_told(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, STATES, **ALL) as door:
        await door.passes(2)
        for leaf, battery in (("unavailable", "unknown"), ("unknown", "140"), ("off", "full")):
            sensors(hass, leaf=leaf, battery=battery)
            await door.passes(1.5)
        for state in ("unlocking", "opening", "locking", "jammed", "unknown", "locked"):
            hass.states.async_set("lock.garden_door", state)
            await door.passes(1.5)
        assert len(door.reports()) == 1
        hass.states.async_set("lock.garden_door", "open")
        await door.flows(lambda: door.device.values[BOLT] is True)


async def test_while_tuya_is_away_only_the_last_state_is_kept(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.cloud.fault("http_503", count=50, path=PROPERTIES)
        for locked in (False, True, False, True, False):
            door.lock.stand(locked=locked)
            await door.passes(7)
        # Further and further apart.
        assert door.tries(PROPERTIES) <= 8
        door.cloud.fault("http_503", count=0)
        await door.flows(lambda: len(door.reports()) == 2)
        await door.passes(5)
        assert door.reports() == [{BOLT: False}, {BOLT: True}]


async def test_a_report_whose_answer_was_lost_is_not_taken_twice(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.cloud.fault("lost_reply", count=1, path=PROPERTIES)
        door.lock.stand(locked=False)
        south = door.cloud.southbound
        await door.flows(lambda: bool(south.repeats))
        assert [*south.repeats] == [south.reports[-1]["msg_id"]]
        assert door.reports() == [{BOLT: False}, {BOLT: True}]


async def test_a_product_that_lacks_a_code_does_not_cost_the_others(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, STATES, **ALL) as door:
        await door.passes(2)
        product = door.cloud.southbound.products[PRODUCT]
        without = [one for one in product.properties if one["code"] != PERCENT]
        registry.change_product(door.cloud, {"product_id": product.id, "properties": without})
        sensors(hass, leaf="on", battery="50")
        door.lock.stand(locked=False)
        await door.flows(lambda: door.sender.refused_codes == {PERCENT})
        await door.flows(lambda: door.device.values[BOLT] is True)
        assert door.device.values[DOOR_OPEN] is True

        await door.passes(70)
        before = door.tries(PROPERTIES)
        sensors(hass, battery="49")
        await door.passes(30)
        assert door.tries(PROPERTIES) == before
        registry.change_product(
            door.cloud, {"product_id": product.id, "properties": [*product.properties]}
        )
        door.sender.retry()
        await door.flows(lambda: door.device.values[PERCENT] == 49)
        assert not door.sender.refused_codes


async def test_tuya_is_left_alone_for_as_long_as_it_asks(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.cloud.fault("throttle", count=1, path=PROPERTIES)
        door.lock.stand(locked=False)
        await door.flows(lambda: door.tries(PROPERTIES) == 2)
        await door.passes(55)
        assert door.tries(PROPERTIES) == 2
        await door.passes(10)
        assert door.reports()[-1] == {BOLT: True}


async def test_when_the_months_calls_run_out_only_the_door_itself_is_told_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, STATES, **ALL) as door:
        account = door.entry.runtime_data.budget.account
        for _ in range(9_000):
            account.add(Billed.CALLS, "", door.cloud.now())
        await door.passes(2)
        told = len(door.reports())
        for battery in ("70", "69", "68"):
            sensors(hass, battery=battery)
            await door.passes(15)
        assert len(door.reports()) == told
        assert door.sender.as_told()["sparing"]
        door.lock.stand(locked=False)
        await door.passes(2)
        assert door.reports()[told:] == [{PERCENT: 68, BOLT: True}]
        sensors(hass, battery="67")
        await door.passes(65)
        assert door.reports()[-1] == {PERCENT: 67}


async def test_while_tuya_refuses_everything_nothing_is_asked_of_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        coordinator = door.entry.runtime_data.coordinator
        door.cloud.fault("refuse", what="", code=28841004)
        await coordinator.async_refresh()
        assert coordinator.asking_is_vain
        before = sum(door.cloud.calls.values())
        door.lock.stand(locked=False)
        door.sender.be(online=True, again=True)
        await door.passes(200)
        assert sum(door.cloud.calls.values()) == before
        door.cloud.fault("refuse", count=0)
        coordinator.polling.breaker.tried(None, door.cloud.now())
        await door.passes(65)
        assert door.reports()[-1] == {BOLT: True}


async def test_an_unsubscribed_service_is_asked_rarely_and_said_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.cloud.fault("refuse", what="southbound", code=28841106)
        before = door.tries(PROPERTIES) + door.tries(EVENTS)
        for locked in (False, True, False):
            door.lock.stand(locked=locked)
            door.bell.ring()
            await door.passes(20)
        assert door.tries(PROPERTIES) + door.tries(EVENTS) == before + 1
        said = [one for one in caplog.records if "does not take" in one.getMessage()]
        assert len(said) == 1
        assert said[0].levelname == "WARNING"
        assert door.device.id not in said[0].getMessage()
        door.cloud.fault("refuse", count=0)
        door.sender.retry()
        await door.flows(lambda: door.device.values[BOLT] is True)
        assert "takes what a published door tells again" in caplog.text


async def test_a_door_of_the_same_project_does_not_go_round_in_circles(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, STATES, **ALL) as door:
        hass.states.async_remove(LEAF)
        own = er.async_get(hass).async_get_or_create(
            "binary_sensor",
            DOMAIN,
            "someone_leaf",
            config_entry=door.entry,
            suggested_object_id=LEAF.partition(".")[2],
        )
        assert own.entity_id == LEAF
        await door.passes(2)
        told = len(door.reports())
        sensors(hass, leaf="on")
        await door.passes(5)
        assert len(door.reports()) == told
        (published,) = door.entry.runtime_data.published.doors.values()
        assert DOOR_OPEN not in published.reading.values()


async def test_nothing_secret_is_in_what_diagnostics_say_of_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        door.sender.report({"picture_url": "https://home.example.com/secret.jpg"})
        await door.flows(lambda: "picture_url" in door.device.values)
        assert "secret" not in str(door.sender.as_told())


async def test_an_answer_that_nobody_waits_for_is_no_trouble(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        door.sender.answer(ActionAnswer(msg_id="0" * 32, action="unlock", code=0))
        await door.passes(20)
        assert door.tries("action-resp/report") == 1
        assert "does not take" not in caplog.text
        assert door.sender.as_told()["lost"] == {"refused": 1}


@pytest.mark.parametrize(
    ("code", "lane", "fate", "waits"),
    [
        (1110, Lane.VALUES, Fate.ALL_WAIT, 60.0),
        (500, Lane.EVENT, Fate.LANE_WAITS, None),
        (1109, Lane.VALUES, Fate.REFUSED, None),
        (2010, Lane.EVENT, Fate.ALL_WAIT, STANDSTILL),
        (2010, Lane.ANSWER, Fate.DROPPED, None),
        (1106, Lane.PRESENCE, Fate.ALL_WAIT, STANDSTILL),
        (28841004, Lane.VALUES, Fate.ALL_WAIT, 6 * STANDSTILL),
        (28841106, Lane.ANSWER, Fate.DROPPED, None),
        (1010, Lane.VALUES, Fate.ALL_WAIT, LONGEST_BACKOFF),
        (40002101, Lane.VALUES, Fate.LANE_WAITS, STANDSTILL),
        (40002101, Lane.EVENT, Fate.DROPPED, None),
    ],
)
def test_what_a_refusal_means_for_what_was_told(
    code: int, lane: Lane, fate: Fate, waits: float | None
) -> None:
    error = error_for(REASONS.get(code, Reason.UNKNOWN), "POST /", code=code)
    assert fate_of(error, lane) == (fate, waits)

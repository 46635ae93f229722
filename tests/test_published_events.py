"""Tuya hears what happens at a published door: once, in time, and nothing that did not happen."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.event import DoorbellEventType
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from tests.published import BELL, PRODUCT, TAMPER
from tests.simulator import registry
from tests.telling import ALARMING, BOLT, EVENTS, READER, SIREN, sensors, telling

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_a_press_rings_once_with_its_own_time_and_two_presses_twice(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        door.bell.ring()
        first = hass.states.get(BELL)
        door.bell.ring()
        second = hass.states.get(BELL)
        assert first is not None
        assert second is not None
        times = [door.told_time(first.state), door.told_time(second.state)]
        await door.flows(lambda: len(door.events()) == 2)
        await door.passes(5)
        assert door.kinds() == ["ring", "ring"]
        assert [event.time_ms for event in door.events()] == times


async def test_attributes_are_no_ring_and_a_bell_that_only_comes_back_is_none(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        state = door.happens(BELL, "ring", device_class="doorbell")
        await door.flows(lambda: len(door.events()) == 1)
        hass.states.async_set(BELL, state, {"event_type": "ring", "volume": 3})
        for absence in ("unavailable", "unknown"):
            await door.passes(2)
            hass.states.async_set(BELL, absence)
            await door.passes(2)
            hass.states.async_set(BELL, state, {"event_type": "ring"})
        # Taken out and added again, as a reload of its integration does.
        hass.states.async_remove(BELL)
        hass.states.async_set(BELL, state, {"event_type": "ring"})
        await door.passes(5)
        assert door.kinds() == ["ring"]


async def test_a_bell_that_was_restored_after_the_start_does_not_ring(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    before = (dt_util.utcnow() - timedelta(seconds=20)).isoformat(timespec="milliseconds")
    async with telling(hass, freezer, doorbell="event.late_bell") as door:
        hass.states.async_set("event.late_bell", "unavailable", {"restored": True})
        hass.states.async_set("event.late_bell", before, {"event_type": "ring"})
        await door.passes(5)
        assert not door.events()
        door.happens("event.late_bell", "ring")
        await door.flows(lambda: door.kinds() == ["ring"])


async def test_a_first_ring_ever_and_one_that_ends_an_absence_are_rings(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(1)
        hass.states.async_set(BELL, "unknown")
        await door.passes(1)
        door.happens(BELL, "ring")
        await door.flows(lambda: len(door.events()) == 1)
        hass.states.async_set(BELL, "unavailable")
        await door.passes(100)
        door.happens(BELL, "ring")
        await door.flows(lambda: len(door.events()) == 2)


async def test_a_clock_that_is_put_back_loses_no_ring(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        door.happens(BELL, "ring")
        await door.flows(lambda: len(door.events()) == 1)
        earlier = (dt_util.utcnow() - timedelta(minutes=10)).isoformat(timespec="milliseconds")
        hass.states.async_set(BELL, earlier, {"event_type": "ring"})
        await door.passes(1)
        door.happens(BELL, "ring")
        await door.flows(lambda: len(door.events()) == 3)


async def test_a_bell_whose_clock_is_fast_rings_now(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        door.happens(BELL, "ring")
        await door.flows(lambda: len(door.events()) == 1)
        ahead = (dt_util.utcnow() + timedelta(seconds=50)).isoformat(timespec="milliseconds")
        hass.states.async_set(BELL, ahead, {"event_type": "ring"})
        await door.flows(lambda: len(door.events()) == 2)
        assert door.events()[1].time_ms <= door.cloud.now_ms()


@pytest.mark.parametrize(
    ("device_class", "kind", "rings"),
    [
        ("doorbell", DoorbellEventType.RING.value, True),
        ("doorbell", "motion", False),
        ("button", "long_press", True),
        (None, "pressed", True),
    ],
)
async def test_of_a_bell_only_its_ring_rings_of_any_other_entity_every_event(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    device_class: str | None,
    kind: str,
    *,
    rings: bool,
) -> None:
    async with telling(hass, freezer, doorbell="event.any") as door:
        hass.states.async_set("event.any", "unknown")
        door.happens("event.any", kind, device_class=device_class)
        await door.passes(2)
        assert door.kinds() == (["ring"] if rings else [])


@pytest.mark.parametrize(
    ("told", "outputs"),
    [
        (
            {"method": "face", "person": "Ada"},
            {"result": "granted", "method": "face", "person": "Ada"},
        ),
        ({"changed_by": "Grace\n", "source": 7}, {"result": "granted", "person": "Grace"}),
        ({"name": "x" * 300, "user": ["Ada"]}, {"result": "granted", "person": "x" * 255}),
        ({"code": "1234"}, {"result": "granted"}),
    ],
)
async def test_who_came_in_is_told_in_plain_words(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    told: dict[str, object],
    outputs: dict[str, str],
) -> None:
    async with telling(hass, freezer, access=READER) as door:
        hass.states.async_set(READER, "unknown")
        time = door.told_time(door.happens(READER, "granted", **told))
        await door.flows(lambda: door.kinds() == ["access"])
        (event,) = door.events()
        assert event.outputs == outputs
        assert event.time_ms == time


async def test_a_lock_that_somebody_unlocks_is_no_access_without_a_reader(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        door.lock.stand(locked=False, by="Ada")
        await door.flows(lambda: door.device.values[BOLT] is True)
        assert not door.events()


async def test_alarms_are_told_when_they_begin_and_shown_while_they_last(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, {"tamper": "off"}, alarms=[TAMPER, SIREN]) as door:
        hass.states.async_set(SIREN, "unknown")
        sensors(hass, tamper="on")
        await door.flows(lambda: door.device.values[ALARMING] is True)
        for state in ("unavailable", "on", "off"):
            sensors(hass, tamper=state)
        await door.flows(lambda: door.device.values[ALARMING] is False)
        sensors(hass, tamper="unavailable")
        sensors(hass, tamper="on")
        door.happens(SIREN, "loitering")
        hass.states.async_set("lock.garden_door", "jammed")
        await door.flows(lambda: len(door.events()) == 4)
        await door.passes(3)
        kinds = [event.outputs["kind"] for event in door.events()]
        assert kinds == ["tamper", "tamper", "loitering", "jammed"]


async def test_after_an_outage_who_came_in_is_told_with_its_time_and_nobody_rings(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, access=READER) as door:
        await door.passes(2)
        hass.states.async_set(READER, "unknown")
        door.cloud.fault("http_503", count=100, path=EVENTS)
        times = []
        for person in ("Ada", "Grace"):
            times.append(door.told_time(door.happens(READER, "granted", person=person)))
            door.bell.ring()
            await door.passes(45)
        door.lock.stand(locked=False)
        await door.flows(lambda: door.device.values[BOLT] is True)
        await door.passes(30)
        door.cloud.fault("http_503", count=0)
        await door.flows(lambda: len(door.events()) == 2)
        await door.passes(5)
        assert [event.outputs["person"] for event in door.events()] == ["Ada", "Grace"]
        assert [event.time_ms for event in door.events()] == times
        assert door.sender.as_told()["lost"] == {"expired": 2}


async def test_an_event_whose_answer_was_lost_happens_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        door.cloud.fault("lost_reply", count=1, path=EVENTS)
        door.bell.ring()
        await door.flows(lambda: bool(door.cloud.southbound.repeats))
        await door.passes(1)
        assert door.kinds() == ["ring"]
        assert not door.sender.unsent


async def test_an_event_that_the_product_lacks_is_not_told_for_ever(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        registry.change_product(door.cloud, {"product_id": PRODUCT, "events": []})
        for _ in range(5):
            door.bell.ring()
            await door.passes(3)
        # Once more when the model of the product was read anew.
        assert door.tries(EVENTS) <= 2
        assert door.sender.refused_codes == {"ring"}

"""Pictures: they come after the ring, sometimes late, and never hold it up."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.captures.wanted import Tellings, Waiting, Wanted
from custom_components.tuyalink_intercom.model.changes import (
    CaptureKept,
    CaptureTaken,
    Change,
    Occasion,
)
from custom_components.tuyalink_intercom.model.pictures import PictureForm, PictureReference
from tests.homes import (
    arrived,
    device_named,
    later,
    state_of,
    until,
    while_time_passes,
)
from tests.plays import photographed, pictured
from tests.simulator import TuyaSimulator
from tests.test_keeping import files_of, told


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Battery bell", "Intercom")


async def all_done(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Wait until no picture is wanted any more."""
    await until(hass, freezer, lambda: not entry.runtime_data.fetcher.as_told()["waiting"])


async def test_a_picture_that_is_still_uploading_is_tried_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    simulator.fault("upload_pending", 3)
    sent = simulator.scenario("ring", bell.id)
    await arrived(hass, simulator, sent)
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "ring"
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    capture = shelf.newest(bell.id)
    assert capture is not None
    assert await shelf.picture(capture) == simulator.pictures[sent.event_id]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("wrong_key", "unreadable"),
        ("xml_picture", "not_uploaded"),
        ("expired_picture", "not_uploaded"),
        ("cut_picture", "not_uploaded"),
        ("hostile_address", "forbidden"),
    ],
)
async def test_what_is_no_picture_is_never_shown_and_counted_by_its_reason(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    fault: str,
    reason: str,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    simulator.fault(fault, 50, url="https://10.0.0.1/visitor.jpg")
    await arrived(hass, simulator, simulator.scenario("ring", bell.id, carrier="doorbell_pic"))
    fetcher = entry.runtime_data.fetcher
    await until(hass, freezer, lambda: fetcher.failed > 0)
    assert shelf.newest(bell.id) is None
    assert fetcher.as_told() == {"absent": {reason: 1}, "waiting": 0}


@pytest.mark.parametrize(
    ("refusal", "reason"), [("not_subscribed", "refused"), ("system_error", "unreachable")]
)
async def test_a_picture_whose_place_tuya_does_not_tell_is_absent_for_that_reason(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    refusal: str,
    reason: str,
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault(refusal, 50, path="movement-configs", method="GET")
    await arrived(hass, simulator, simulator.scenario("ring", bell.id, carrier="doorbell_pic"))
    fetcher = entry.runtime_data.fetcher
    await until(hass, freezer, lambda: fetcher.failed > 0)
    assert fetcher.as_told() == {"absent": {reason: 1}, "waiting": 0}


async def test_a_picture_that_is_half_there_is_fetched_again_when_it_is_whole(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    simulator.fault("cut_picture", 2)
    sent = simulator.scenario("ring", bell.id, picture_form="A_plain", carrier="doorbell_pic")
    await arrived(hass, simulator, sent)
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    found = await shelf.newest_picture(bell.id)
    assert found is not None
    assert found[1] == simulator.pictures[sent.event_id]


async def test_a_picture_of_which_half_never_comes_is_shown_as_it_is(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    simulator.fault("cut_picture", 50)
    sent = simulator.scenario("ring", bell.id, picture_form="A_plain", carrier="doorbell_pic")
    await arrived(hass, simulator, sent)
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    found = await shelf.newest_picture(bell.id)
    assert found is not None
    whole = simulator.pictures[sent.event_id]
    assert whole.startswith(found[1])
    assert len(found[1]) < len(whole)
    assert await shelf.thumbnail(found[0]) is not None


async def test_four_downloads_that_hang_do_not_keep_the_next_visitor_waiting(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell, intercom = (device_named(simulator, name) for name in ("Battery bell", "Intercom"))
    fetcher = entry.runtime_data.fetcher
    simulator.fault("held_picture", 4)
    for number in range(6):
        simulator.scenario("motion", bell.id, age_s=50 - number)
    await simulator.held(4)
    sent = await photographed(hass, entry, simulator, intercom, "ring")
    found = await entry.runtime_data.captures.newest_picture(intercom.id)
    assert found is not None
    assert found[1] == simulator.pictures[sent.event_id]
    # One gave way, is fetched after all, and has as many tries as before.
    with pictured(entry, bell) as picture:
        simulator.release()
        await picture
    await all_done(hass, entry, freezer)
    assert len(entry.runtime_data.captures.find(bell.id)) == 6
    # The intercom tells its picture a second time, sealed.
    assert fetcher.as_told() == {"absent": {}, "waiting": 0}


async def test_the_newest_of_many_rings_is_fetched_first(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell, intercom = (device_named(simulator, name) for name in ("Battery bell", "Intercom"))
    kept: list[str] = []

    def take(change: Change) -> None:
        if isinstance(change, CaptureKept):
            kept.append(change.device_id)

    entry.async_on_unload(entry.runtime_data.coordinator.subscribe(None, take))
    simulator.fault("held_picture", 4)
    for number in range(4):
        simulator.scenario("ring", bell.id, age_s=55 - 10 * number, carrier="doorbell_pic")
    await simulator.held(4)
    await photographed(hass, entry, simulator, intercom, "ring")
    # Two older ones at least are still being waited for.
    assert kept.count(bell.id) <= 2
    simulator.release()
    await all_done(hass, entry, freezer)
    assert sorted(kept) == sorted([intercom.id, *[bell.id] * 4])


async def test_an_entry_that_goes_in_the_middle_of_a_download_leaves_nothing_behind(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("held_picture", 4)
    for number in range(8):
        simulator.scenario("motion", bell.id, age_s=50 - number)
    await simulator.held(4)
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.release()
    assert files_of(hass, entry) == []


async def test_pictures_wait_for_nobody_when_the_entry_is_unloaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("upload_pending", 50)
    await arrived(hass, simulator, simulator.scenario("ring", bell.id))
    await while_time_passes(
        hass, freezer, simulator.called("GET /v1.0/devices/{id}/movement-configs")
    )
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_flood_of_pictures_keeps_the_newest_rings(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf = entry.runtime_data.captures
    for number in range(60):
        simulator.scenario("motion", bell.id, age_s=100 - number)
    sent = simulator.scenario("ring", bell.id)
    await arrived(hass, simulator, sent)
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    rang = state_of(hass, "event", bell, "doorbell").attributes["event_id"]
    await until(
        hass,
        freezer,
        lambda: bool((newest := shelf.newest(bell.id)) and newest.event_id == rang),
    )
    newest = shelf.newest(bell.id)
    assert newest is not None
    assert await shelf.picture(newest) == simulator.pictures[sent.event_id]


async def test_while_tuya_refuses_everything_pictures_wait_without_a_call(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    shelf, coordinator = entry.runtime_data.captures, entry.runtime_data.coordinator
    call = "GET /v1.0/devices/{id}/movement-configs"
    simulator.fault("plan_missing", 1_000)
    await coordinator.async_refresh()
    sent = simulator.scenario("ring", bell.id, carrier="doorbell_pic")
    await while_time_passes(hass, freezer, simulator.acked(sent.event_id))
    for _ in range(5):
        await later(hass, freezer, 650)
    assert simulator.calls[call] == 0
    assert entry.runtime_data.fetcher.failed == 0
    simulator.fault("plan_missing", 0)
    await later(hass, freezer, 650)
    await while_time_passes(hass, freezer, coordinator.async_refresh())
    await later(hass, freezer, 650)
    await until(hass, freezer, lambda: shelf.newest(bell.id) is not None)
    capture = shelf.newest(bell.id)
    assert capture is not None
    assert await shelf.picture(capture) == simulator.pictures[sent.event_id]


async def test_a_picture_that_waited_for_a_day_is_given_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("quota", 1_000)
    await entry.runtime_data.coordinator.async_refresh()
    sent = simulator.scenario("ring", bell.id, carrier="doorbell_pic")
    await while_time_passes(hass, freezer, simulator.acked(sent.event_id))
    for _ in range(26):
        await later(hass, freezer, 3600)
        refresh = entry.runtime_data.coordinator.async_refresh()
        await while_time_passes(hass, freezer, refresh)
    assert entry.runtime_data.fetcher.failed == 1


async def test_pictures_that_never_come_are_not_waited_for_without_end(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    fetcher = entry.runtime_data.fetcher
    simulator.fault("upload_pending", 1_000)
    for number in range(100):
        simulator.scenario("motion", bell.id, age_s=200 - number)
    await until(hass, freezer, lambda: fetcher.failed == 100)
    absent = fetcher.as_told()["absent"]
    assert absent.keys() == {"not_uploaded", "too_many"}
    assert fetcher.as_told()["waiting"] == 0


async def test_when_home_assistant_stops_nothing_more_is_fetched(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("held_picture", 4)
    for number in range(6):
        simulator.scenario("motion", bell.id, age_s=50 - number)
    await simulator.held(4)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    simulator.release()
    entry.runtime_data.coordinator.take((told(bell, simulator, simulator.now()),))
    await hass.async_block_till_done()
    assert entry.runtime_data.captures.newest(bell.id) is None


def test_what_waits_is_bounded_and_the_newest_ring_is_never_what_gives_way() -> None:
    waiting, out = Waiting(most=3), list[Wanted | None]()
    # A device's clock may be minutes off: the cloud's says what is newest.
    for occasion, time, seen in (
        (Occasion.RING, 900.0, 10.0),
        (Occasion.MOTION, 50.0, 50.0),
        (Occasion.RING, 20.0, 20.0),
        (Occasion.MOTION, 60.0, 60.0),
        (Occasion.RING, 30.0, None),
        (Occasion.MOTION, 70.0, 70.0),
    ):
        taken = CaptureTaken(
            device_id="d",
            time=time,
            seen=seen,
            event_id=f"{time}",
            occasion=occasion,
            picture=PictureReference(form=PictureForm.ADDRESS),
            live=True,
        )
        out.append(waiting.put(Wanted(taken, since=100.0)))
    times = [one and one.taken.time for one in out]
    assert times == [None, None, None, 50.0, 60.0, 70.0]
    order = []
    while (first := waiting.first()) is not None:
        waiting.take(first)
        order.append(first.taken.time)
    assert order == [30.0, 20.0, 900.0]


def wanted(occasion: Occasion, time: float, *, live: bool, address: str = "") -> Wanted:
    """Return a picture that was announced at noon, which is 100."""
    taken = CaptureTaken(
        device_id="d",
        time=time,
        event_id="e",
        occasion=occasion,
        picture=PictureReference(form=PictureForm.ADDRESS, url=address),
        live=live,
    )
    return Wanted(taken, since=100.0)


def test_what_happens_now_comes_before_history_whatever_a_clock_says() -> None:
    ring = wanted(Occasion.RING, 99.0, live=True)
    access = wanted(Occasion.ACCESS, 100.0, live=True)
    old_ring = wanted(Occasion.RING, 3700.0, live=False)
    ahead = wanted(Occasion.ACCESS, 3700.0, live=True)
    waiting, order = Waiting(), list[Wanted]()
    for one in (access, old_ring, ring, ahead):
        waiting.put(one)
    while (first := waiting.first()) is not None:
        waiting.take(first)
        order.append(first)
    assert order == [ring, ahead, access, old_ring]


def test_a_picture_that_an_album_dates_otherwise_than_its_message_is_the_same() -> None:
    tellings = Tellings()
    album = wanted(Occasion.RING, 98.0, live=True, address="https://a.invalid/x/9.jpeg?sign=1")
    message = wanted(Occasion.RING, 99.0, live=True, address="https://b.invalid/x/9.jpeg?sign=2")
    other = wanted(Occasion.RING, 99.0, live=True, address="https://b.invalid/x/8.jpeg")
    assert tellings.first_id(album) == album.id
    assert message.id != album.id
    assert tellings.first_id(message) == album.id
    assert tellings.first_id(other) == other.id

"""What is kept of pictures, for how long, and what is not there any more when it must not be."""

from pathlib import Path
import random

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.camera import async_get_image as camera_image
from homeassistant.components.image import async_get_image
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.tuyalink_intercom as integration
from custom_components.tuyalink_intercom.album.keeping import Keeping, surplus
from custom_components.tuyalink_intercom.album.record import Capture, capture_id
from custom_components.tuyalink_intercom.captures.catalogue import Catalogue
from custom_components.tuyalink_intercom.captures.recent import RecentPictures
from custom_components.tuyalink_intercom.captures.shelf import CaptureShelf
from custom_components.tuyalink_intercom.model.changes import (
    CaptureTaken,
    Change,
    Occasion,
    Outcome,
    Passed,
    PersonNamed,
)
from custom_components.tuyalink_intercom.model.pictures import PictureForm, PictureReference
from custom_components.tuyalink_intercom.model.state import Method
from tests.conftest import MakeEntry
from tests.flows import FINISHED, configure, errors, go_on, prefilled
from tests.homes import DOMAIN, device_named, entity_id, later, state_of, while_time_passes
from tests.plays import heard, photographed, pictured
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.pictures import draw

DAY = 86_400.0


def folder_of(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """Return where the pictures of a project lie."""
    return Path(hass.config.path(".storage", DOMAIN, entry.entry_id))


def files_of(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Return what lies there."""
    return sorted(path.name for path in folder_of(hass, entry).rglob("*") if path.is_file())


def shelf_of(entry: MockConfigEntry) -> CaptureShelf:
    """Return the shelf of a project."""
    shelf: CaptureShelf = entry.runtime_data.captures
    return shelf


async def restart(hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator) -> None:
    """Load an entry anew."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    await simulator.disconnected()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()


async def still(hass: HomeAssistant, device: SimDevice) -> bytes:
    """Return what the camera shows."""
    return (await camera_image(hass, entity_id(hass, Platform.CAMERA, device, "camera"))).content


async def shown(hass: HomeAssistant, device: SimDevice, key: str) -> bytes:
    """Return the picture that an image entity shows."""
    return (await async_get_image(hass, entity_id(hass, Platform.IMAGE, device, key))).content


def told(device: SimDevice, simulator: TuyaSimulator, at: float, **more: object) -> CaptureTaken:
    """Return the telling of a picture that lies in Tuya's storage."""
    stored = simulator.storage.put(device.id, at, draw(device.name, "e", at, ""), encrypted=False)
    picture = PictureReference(
        form=PictureForm.ADDRESS,
        url=simulator.storage.signed("ty-sim-storage30-pic", stored.path, simulator.now()),
    )
    given = {"event_id": "e1", "occasion": Occasion.RING, "live": True, **more}
    return CaptureTaken(device_id=device.id, time=at, picture=picture, **given)  # type: ignore[arg-type] # by name


async def taken(
    hass: HomeAssistant, entry: MockConfigEntry, device: SimDevice, *changes: Change
) -> None:
    """Let changes happen and wait for the picture that one of them tells of."""
    with pictured(entry, device) as picture:
        entry.runtime_data.coordinator.take(changes)
        await picture
    await hass.async_block_till_done()


async def test_after_a_restart_the_last_pictures_are_shown_before_the_cloud_answers(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    ring = await photographed(hass, entry, simulator, bell, "ring", age_s=30)
    alarm = await photographed(hass, entry, simulator, bell, "tamper")
    before = {key: state_of(hass, "image", bell, key).state for key in ("last_ring", "last_alarm")}
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.fault("http_500", 1_000)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.runtime_data.coordinator.by_heart
    assert await still(hass, bell) == simulator.pictures[alarm.event_id]
    assert await shown(hass, bell, "last_ring") == simulator.pictures[ring.event_id]
    for key, state in before.items():
        assert state_of(hass, "image", bell, key).state == state
    assert len(files_of(hass, entry)) == 4


async def test_who_keeps_no_pictures_sees_the_newest_and_finds_nothing_on_disk(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator, keep_pictures=False)
    await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    bell = device_named(simulator, "Battery bell")
    events = heard(hass, entity_id(hass, Platform.EVENT, bell, "doorbell"), pictures=True)
    sent = await photographed(hass, entry, simulator, bell, "ring")
    assert events[-1].attributes["event_type"] == "picture"
    assert await still(hass, bell) == simulator.pictures[sent.event_id]
    assert await shown(hass, bell, "last_ring") == simulator.pictures[sent.event_id]
    assert not folder_of(hass, entry).exists()
    await restart(hass, entry, simulator)
    assert shelf_of(entry).newest(bell.id) is None
    assert state_of(hass, "image", bell, "last_ring").state == STATE_UNKNOWN


async def test_what_was_kept_is_deleted_at_once_when_nothing_is_to_be_kept(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    await photographed(hass, entry, simulator, bell, "ring")
    page = await configure(hass, entry, "pictures")
    assert prefilled(page) == {}
    result = await go_on(
        hass,
        page,
        keep_pictures=False,
        keep_days=30,
        keep_count=1000,
        keep_megabytes=500,
        delete_all=False,
    )
    assert result["type"] is FINISHED
    assert not folder_of(hass, entry).exists()
    await hass.async_block_till_done()
    assert shelf_of(entry).newest(bell.id) is None
    assert entry.options["keep_pictures"] is False
    assert "delete_all" not in entry.options


async def test_tighter_limits_hold_from_the_moment_they_are_saved(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    for number in range(12):
        await photographed(hass, entry, simulator, bell, "ring", age_s=600 - 30 * number)
    newest = shelf_of(entry).newest(bell.id)
    page = await configure(hass, entry, "pictures")
    await go_on(
        hass,
        page,
        keep_pictures=True,
        keep_days=7,
        keep_count=10,
        keep_megabytes=10,
        delete_all=False,
    )
    await hass.async_block_till_done()
    assert {key: entry.options[key] for key in ("keep_days", "keep_count", "keep_megabytes")} == {
        "keep_days": 7,
        "keep_count": 10,
        "keep_megabytes": 10,
    }
    assert len(files_of(hass, entry)) == 20
    assert shelf_of(entry).newest(bell.id) == newest
    assert entry.options["delivery"] == "production"


@pytest.mark.parametrize(
    "limits",
    [{"keep_days": 0}, {"keep_days": 366}, {"keep_count": 9}, {"keep_megabytes": 5_001}],
)
async def test_limits_that_make_no_sense_are_refused(
    hass: HomeAssistant, entry: MockConfigEntry, limits: dict[str, int]
) -> None:
    page = await configure(hass, entry, "pictures")
    usual = {"keep_days": 30, "keep_count": 1000, "keep_megabytes": 500}
    with pytest.raises(Exception, match="Schema validation failed"):
        await go_on(hass, page, keep_pictures=True, delete_all=False, **{**usual, **limits})


async def test_all_pictures_are_deleted_by_a_tick_whether_the_project_runs_or_not(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    ticked = {"keep_pictures": True, "keep_days": 30, "keep_count": 1000, "keep_megabytes": 500}
    await photographed(hass, entry, simulator, bell, "ring", age_s=30)
    await go_on(hass, await configure(hass, entry, "pictures"), **ticked, delete_all=True)
    await hass.async_block_till_done()
    assert files_of(hass, entry) == []
    assert state_of(hass, "image", bell, "last_ring").state == STATE_UNKNOWN
    await simulator.connected()
    await photographed(hass, entry, simulator, bell, "ring")
    assert files_of(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    page = await configure(hass, entry, "pictures")
    assert errors(page, "options") == {}
    await go_on(hass, page, **ticked, delete_all=True)
    assert files_of(hass, entry) == []


async def test_a_picture_goes_when_its_days_are_over_though_nobody_rings(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    await photographed(hass, entry, simulator, bell, "ring")
    await later(hass, freezer, 29.5 * DAY)
    assert len(files_of(hass, entry)) == 2
    await later(hass, freezer, DAY)
    assert files_of(hass, entry) == []
    assert state_of(hass, "image", bell, "last_ring").state == STATE_UNKNOWN
    assert shelf_of(entry).newest(bell.id) is None


async def test_pictures_of_a_device_that_left_go_but_not_because_of_a_doubtful_answer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    await photographed(hass, entry, simulator, bell, "ring")
    coordinator = entry.runtime_data.coordinator

    async def poll(seconds: float = 1_200) -> None:
        await later(hass, freezer, seconds)
        await while_time_passes(hass, freezer, coordinator.async_refresh())
        await hass.async_block_till_done()

    everything = dict(simulator.devices)
    simulator.devices.clear()
    for _ in range(5):
        await poll()
    assert len(files_of(hass, entry)) == 2
    simulator.devices.update(everything)
    left = simulator.devices.pop(bell.id)
    await poll()
    await poll()
    simulator.devices[bell.id] = left
    await poll()
    del simulator.devices[bell.id]
    await poll()
    await poll()
    assert len(files_of(hass, entry)) == 2
    simulator.fault("http_500", 3)
    await poll()
    assert len(files_of(hass, entry)) == 2
    for _ in range(3):
        await poll()
    assert files_of(hass, entry) == []


async def test_a_device_that_is_unticked_loses_its_pictures_and_the_others_keep_theirs(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell, intercom = (device_named(simulator, name) for name in ("Battery bell", "Intercom"))
    await photographed(hass, entry, simulator, bell, "ring")
    await photographed(hass, entry, simulator, intercom, "ring")
    options = {**entry.options, "excluded": [bell.id]}
    hass.config_entries.async_update_entry(entry, options=options)
    await restart(hass, entry, simulator)
    assert shelf_of(entry).device_ids == {intercom.id}
    assert len(files_of(hass, entry)) == 2


async def test_whoever_deletes_a_device_that_left_deletes_its_pictures(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    await photographed(hass, entry, simulator, bell, "ring")
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, bell.id), entry.entry_id)
    assert device is not None
    assert not await integration.async_remove_config_entry_device(hass, entry, device)
    assert len(files_of(hass, entry)) == 2
    del simulator.devices[bell.id]
    await entry.runtime_data.coordinator.async_refresh()
    assert await integration.async_remove_config_entry_device(hass, entry, device)
    await hass.async_block_till_done()
    assert files_of(hass, entry) == []


@pytest.mark.parametrize("loaded", [True, False], ids=["while it runs", "while it does not"])
async def test_with_the_project_all_its_pictures_are_removed(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, *, loaded: bool
) -> None:
    await photographed(hass, entry, simulator, device_named(simulator, "Battery bell"), "ring")
    assert len(files_of(hass, entry)) == 2
    if not loaded:
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not folder_of(hass, entry).parent.exists()


async def test_a_name_that_is_learned_later_stands_at_the_picture_and_stays(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock, at = device_named(simulator, "Front door lock"), simulator.now()
    passed = Passed(
        device_id=lock.id,
        time=at,
        event_id="e1",
        outcome=Outcome.GRANTED,
        method=Method.CARD,
        live=True,
        slot=3,
        door="door",
    )
    await taken(hass, entry, lock, passed, told(lock, simulator, at, occasion=Occasion.ACCESS))
    shelf = shelf_of(entry)
    found = shelf.newest(lock.id)
    assert found is not None
    assert (found.person, found.door) == (None, "door")

    def learn(name: str, person: str = "card:3") -> None:
        change = PersonNamed(device_id=lock.id, time=at, person=person, name=name)
        entry.runtime_data.coordinator.take((change,))

    def person() -> str | None:
        newest = shelf_of(entry).newest(lock.id)
        assert newest is not None
        return newest.person

    learn("Ben", "card:4")
    assert person() is None
    learn("Anna")
    assert person() == "Anna"
    learn("Carl")  # The card is another's now; Anna is still who was in the picture.
    assert person() == "Anna"
    await hass.async_block_till_done()
    await restart(hass, entry, simulator)
    assert person() == "Anna"


async def test_a_person_who_is_renamed_has_the_new_name_at_old_pictures(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    terminal, at = device_named(simulator, "Face terminal"), simulator.now()
    coordinator = entry.runtime_data.coordinator
    passed = Passed(
        device_id=terminal.id,
        time=at,
        event_id="e1",
        outcome=Outcome.GRANTED,
        method=Method.FACE,
        live=True,
        person="7001",
        person_id="7001",
    )
    picture = told(terminal, simulator, at, occasion=Occasion.ACCESS)
    await taken(hass, entry, terminal, passed, picture)
    for name in ("Anna", "Anna Berg", ""):
        change = PersonNamed(device_id=terminal.id, time=at, person="7001", name=name)
        coordinator.take((change,))
    newest = shelf_of(entry).newest(terminal.id)
    assert newest is not None
    assert newest.person == "Anna Berg"


async def test_a_picture_that_is_told_again_is_neither_fetched_nor_told_again(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell, at = device_named(simulator, "Battery bell"), simulator.now()
    events = heard(hass, entity_id(hass, Platform.EVENT, bell, "doorbell"), pictures=True)
    picture = told(bell, simulator, at)
    await taken(hass, entry, bell, picture, picture)
    assert len(events) == 1
    await restart(hass, entry, simulator)
    entry.runtime_data.coordinator.take((picture,))
    assert len(shelf_of(entry).find()) == 1
    assert entry.runtime_data.fetcher.as_told() == {"absent": {}, "waiting": 0}


async def test_an_older_picture_that_arrives_late_is_kept_but_not_shown_as_the_newest(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell, at = device_named(simulator, "Battery bell"), simulator.now()
    events = heard(hass, entity_id(hass, Platform.EVENT, bell, "doorbell"), pictures=True)
    await taken(hass, entry, bell, told(bell, simulator, at))
    states = heard(hass, entity_id(hass, Platform.IMAGE, bell, "last_ring"))
    newest = await still(hass, bell)
    await taken(hass, entry, bell, told(bell, simulator, at - 400, event_id="e0"))
    assert [state.attributes["event_id"] for state in events] == ["e1", "e0"]
    assert states == []
    assert await still(hass, bell) == newest
    assert [one.event_id for one in shelf_of(entry).find(device_id=bell.id)] == ["e1", "e0"]
    assert len(files_of(hass, entry)) == 4


async def test_a_picture_older_than_what_is_kept_is_not_fetched(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell, at = device_named(simulator, "Battery bell"), simulator.now()
    old = told(bell, simulator, at - 31 * DAY, live=False)
    entry.runtime_data.coordinator.take((old,))
    assert entry.runtime_data.fetcher.as_told() == {"absent": {"too_late": 1}, "waiting": 0}


def capture(number: int, time: float, device: str, occasion: Occasion) -> Capture:
    """Return a capture that is nowhere."""
    return Capture(
        id=capture_id(
            device_id=device, event_id="", occasion=occasion, time=time, place=str(number)
        ),
        device_id=device,
        event_id="",
        occasion=occasion,
        time=time,
        content_type="image/jpeg",
        size=number + 1,
    )


def test_the_newest_and_what_is_looked_for_are_right_whatever_came_and_went() -> None:
    catalogue, there = Catalogue(), dict[str, Capture]()
    chance = random.Random(7)  # noqa: S311 - examples, no secrets
    for number in range(2_000):
        one = capture(
            number,
            float(chance.randrange(1_000)),
            chance.choice(("a", "b")),
            chance.choice([*Occasion]),
        )
        catalogue.put(one)
        there[one.id] = one
        if chance.random() < 0.5:
            gone = chance.choice([*there])
            catalogue.drop(gone)
            del there[gone]
    assert len(catalogue) == len(there)
    assert catalogue.size == sum(one.size for one in there.values())
    for device in ("a", "b"):
        for occasion in (None, *Occasion):
            expected = sorted(
                (
                    one
                    for one in there.values()
                    if one.device_id == device and occasion in {None, one.occasion}
                ),
                key=lambda one: (one.time, one.id),
                reverse=True,
            )
            assert catalogue.newest(device, occasion) == expected[0]
            if occasion is None:
                assert [*catalogue.newest_first(device)] == expected
    everything = sorted(there.values(), key=lambda one: (one.time, one.id), reverse=True)
    assert [*catalogue.newest_first()] == everything
    for count, size in ((1, 10**9), (300, 10**9), (10**6, 40_000), (10**6, 1)):
        keeping = Keeping(count=count, size=size, days=10**6)
        assert catalogue.beyond(count, size) == surplus(there.values(), keeping, 1_000.0)
    for one in there.values():
        catalogue.drop(one.id)
    assert catalogue.device_ids == set()
    assert catalogue.newest("a") is None


def test_memory_holds_what_fits_and_the_newest_of_each_kind_the_longest() -> None:
    recent = RecentPictures(most=100)
    recent.put("ring", bytes(30))
    for number in range(10):
        recent.put(str(number), bytes(30), spared=("ring",))
        assert recent.size <= 100
    assert "ring" in recent
    assert recent.put("vast", bytes(99), spared=("ring", "9")) == ["8", "ring", "9"]
    assert recent.put("vaster", bytes(500)) == ["vast"]
    assert len(recent) == 1

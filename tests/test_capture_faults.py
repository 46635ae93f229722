"""A disk that is full, shut or broken costs pictures of long ago, and nothing else."""

from dataclasses import replace
import errno
from http import HTTPStatus
from typing import Any, Self

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.captures.faults import REPAIR
from custom_components.tuyalink_intercom.issues import issue_id
from tests.conftest import MakeEntry
from tests.flows import configure, errors, go_on
from tests.homes import DOMAIN, device_named, entity_id, later, state_of
from tests.plays import heard, photographed
from tests.simulator import SimDevice, TuyaSimulator
from tests.test_keeping import files_of, folder_of, restart, shelf_of, shown, still

TICKED = {"keep_pictures": True, "keep_days": 30, "keep_count": 1000, "keep_megabytes": 500}


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Battery bell",)


class Disk:
    """A disk that refuses what it is told to refuse."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.refused = 0

    def refuses(self, number: int, *names: str) -> Self:
        """Let methods of the album fail with an error of the system."""

        def refuse(*_: Any) -> None:
            self.refused += 1
            raise OSError(number, "refused for the test")

        for name in names:
            self._monkeypatch.setattr(CaptureFolder, name, refuse)
        return self

    def works(self) -> None:
        """Let everything work again."""
        self._monkeypatch.undo()


@pytest.fixture
def bad_disk() -> Any:
    """Return a disk that can be told to fail."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Disk(monkeypatch)


@pytest.fixture
def bell(simulator: TuyaSimulator) -> SimDevice:
    """Return a device that takes pictures of those who ring."""
    return device_named(simulator, "Battery bell")


def repair(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the repair about the disk."""
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id(entry, REPAIR))


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.ENOSPC, "pictures_disk_full"),
        (errno.EROFS, "pictures_disk_forbidden"),
        (errno.EIO, "pictures_disk_broken"),
    ],
)
async def test_a_visitor_is_seen_though_the_disk_refuses_and_one_repair_says_what_to_do(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    bell: SimDevice,
    bad_disk: Disk,
    caplog: pytest.LogCaptureFixture,
    number: int,
    key: str,
) -> None:
    bad_disk.refuses(number, "add")
    events = heard(hass, entity_id(hass, Platform.EVENT, bell, "doorbell"), pictures=True)
    await photographed(hass, entry, simulator, bell, "ring", age_s=30)
    sent = await photographed(hass, entry, simulator, bell, "ring")
    assert [state.attributes["event_type"] for state in events] == ["ring", "picture"] * 2
    assert await still(hass, bell) == simulator.pictures[sent.event_id]
    assert await shown(hass, bell, "last_ring") == simulator.pictures[sent.event_id]
    issue = repair(hass, entry)
    assert issue is not None
    assert (issue.translation_key, issue.severity) == (key, ir.IssueSeverity.WARNING)
    assert issue.translation_placeholders == {
        "project": "Home doors",
        "folder": str(folder_of(hass, entry)),
    }
    assert caplog.text.count("The disk refuses pictures") == 1
    assert "Traceback" not in caplog.text
    told = shelf_of(entry).as_told()["disk"]
    assert told == {"fault": key, "failures": bad_disk.refused, "rejected": 0, "waiting": 2}


async def test_when_the_disk_works_again_what_is_in_memory_is_kept_with_the_next_picture(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    bell: SimDevice,
    bad_disk: Disk,
) -> None:
    bad_disk.refuses(errno.ENOSPC, "add")
    missed = await photographed(hass, entry, simulator, bell, "ring", age_s=50)
    assert files_of(hass, entry) == []
    bad_disk.works()
    await photographed(hass, entry, simulator, bell, "ring")
    assert repair(hass, entry) is None
    assert len(files_of(hass, entry)) == 4
    assert shelf_of(entry).as_told()["disk"]["waiting"] == 0
    await restart(hass, entry, simulator)
    older = shelf_of(entry).find()[1]
    assert await shelf_of(entry).picture(older) == simulator.pictures[missed.event_id]


async def test_a_file_in_place_of_the_folder_harms_nobody_until_it_is_removed(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, bell: SimDevice
) -> None:
    entry = make_entry(simulator)
    folder = folder_of(hass, entry)
    folder.parent.mkdir(parents=True)
    folder.write_text("not a folder")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    sent = await photographed(hass, entry, simulator, bell, "ring", age_s=50)
    assert await still(hass, bell) == simulator.pictures[sent.event_id]
    issue = repair(hass, entry)
    assert issue is not None
    assert issue.translation_key == "pictures_disk_broken"
    folder.unlink()
    await photographed(hass, entry, simulator, bell, "ring")
    assert repair(hass, entry) is None
    assert len(files_of(hass, entry)) == 4


async def test_a_folder_that_cannot_be_read_at_the_start_is_read_when_it_can(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    bell: SimDevice,
    bad_disk: Disk,
    freezer: FrozenDateTimeFactory,
) -> None:
    sent = await photographed(hass, entry, simulator, bell, "ring")
    bad_disk.refuses(errno.EACCES, "load")
    await restart(hass, entry, simulator)
    assert state_of(hass, "image", bell, "last_ring").state == STATE_UNKNOWN
    issue = repair(hass, entry)
    assert issue is not None
    assert issue.translation_key == "pictures_disk_forbidden"
    bad_disk.works()
    await later(hass, freezer, 3_700)
    assert await still(hass, bell) == simulator.pictures[sent.event_id]
    assert await shown(hass, bell, "last_ring") == simulator.pictures[sent.event_id]
    assert state_of(hass, "image", bell, "last_ring").state != STATE_UNKNOWN
    assert repair(hass, entry) is None


async def test_spoiled_files_cost_themselves_only(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, bell: SimDevice
) -> None:
    await photographed(hass, entry, simulator, bell, "ring", age_s=50)
    await photographed(hass, entry, simulator, bell, "ring")
    first, second = sorted(folder_of(hass, entry).rglob("*.json"))
    first.write_text("{" * 100_000)
    second.with_suffix(".jpg.part").write_bytes(b"\xff\xd8")
    (second.parent / "something.else").write_text("?")
    await restart(hass, entry, simulator)
    assert repair(hass, entry) is None
    assert len(shelf_of(entry).find(bell.id)) == 2
    assert await still(hass, bell)


async def test_a_picture_whose_file_was_deleted_by_hand_makes_room_for_the_one_before(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    bell: SimDevice,
    hass_client: ClientSessionGenerator,
) -> None:
    first = await photographed(hass, entry, simulator, bell, "ring", age_s=50)
    await photographed(hass, entry, simulator, bell, "ring")
    await restart(hass, entry, simulator)
    before = state_of(hass, "image", bell, "last_ring").state
    max(folder_of(hass, entry).rglob("*.jpg")).unlink()
    assert await still(hass, bell) == simulator.pictures[first.event_id]
    state = state_of(hass, "image", bell, "last_ring")
    assert state.state < before
    client = await hass_client()
    answer = await client.get(state.attributes["entity_picture"])
    assert answer.status == HTTPStatus.OK
    assert await answer.read() == simulator.pictures[first.event_id]


async def test_a_picture_that_cannot_be_read_now_may_be_read_later(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    bell: SimDevice,
    bad_disk: Disk,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sent = await photographed(hass, entry, simulator, bell, "ring")
    await restart(hass, entry, simulator)
    newest = shelf_of(entry).newest(bell.id)
    assert newest is not None
    bad_disk.refuses(errno.EIO, "read")
    assert await shelf_of(entry).newest_picture(bell.id) is None
    assert await shelf_of(entry).thumbnail(newest) is None
    assert shelf_of(entry).as_told()["disk"]["failures"] == 2
    assert "Traceback" not in caplog.text
    issue = repair(hass, entry)
    assert issue is not None
    assert issue.translation_key == "pictures_disk_broken"
    bad_disk.works()
    assert await still(hass, bell) == simulator.pictures[sent.event_id]
    assert repair(hass, entry) is None


async def test_the_repair_goes_with_the_project(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    bell: SimDevice,
    bad_disk: Disk,
) -> None:
    bad_disk.refuses(errno.ENOSPC, "add", "clear")
    await photographed(hass, entry, simulator, bell, "ring")
    assert repair(hass, entry) is not None
    await hass.config_entries.async_remove(entry.entry_id)
    assert repair(hass, entry) is None


async def test_pictures_that_resist_deletion_are_not_passed_over_in_silence(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    bell: SimDevice,
    bad_disk: Disk,
    freezer: FrozenDateTimeFactory,
) -> None:
    await photographed(hass, entry, simulator, bell, "ring")
    bad_disk.refuses(errno.EROFS, "clear")
    page = await configure(hass, entry, "pictures")
    page = await go_on(hass, page, **TICKED, delete_all=True)
    assert errors(page, "options").keys() == {"base"}
    hass.config_entries.async_update_entry(entry, options={**entry.options, "keep_pictures": False})
    await restart(hass, entry, simulator)
    issue = repair(hass, entry)
    assert issue is not None
    assert issue.translation_key == "pictures_disk_forbidden"
    assert len(files_of(hass, entry)) == 2
    bad_disk.works()
    await later(hass, freezer, 3_700)
    assert files_of(hass, entry) == []
    assert repair(hass, entry) is None


async def test_what_could_not_be_removed_is_removed_with_the_next_picture(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    bell: SimDevice,
    bad_disk: Disk,
) -> None:
    entry = make_entry(simulator, keep_count=1)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    await photographed(hass, entry, simulator, bell, "ring", age_s=50)
    bad_disk.refuses(errno.EIO, "remove")
    await photographed(hass, entry, simulator, bell, "ring", age_s=30)
    assert len(shelf_of(entry).find()) == 1
    assert len(files_of(hass, entry)) == 4
    bad_disk.works()
    await photographed(hass, entry, simulator, bell, "ring")
    assert len(files_of(hass, entry)) == 2
    assert repair(hass, entry) is None


async def test_what_no_folder_can_hold_is_shown_from_memory_and_no_fault_of_the_disk(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, bell: SimDevice
) -> None:
    await photographed(hass, entry, simulator, bell, "ring")
    shelf = shelf_of(entry)
    kept = shelf.find()[0]
    odd = replace(kept, id=f"{kept.id[:-1]}x", time=kept.time + 1)
    shelf.keep(odd, b"picture", live=True)
    await hass.async_block_till_done()
    assert await shelf.newest_picture(bell.id) == (odd, b"picture")
    assert shelf.as_told()["disk"] == {
        "fault": None,
        "failures": 0,
        "rejected": 1,
        "waiting": 0,
    }
    assert shelf.path(odd) is None
    assert len(files_of(hass, entry)) == 2
    path = shelf.path(kept)
    assert path is not None
    assert path.name in files_of(hass, entry)

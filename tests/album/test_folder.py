"""The album on disk: what is kept comes back, to its owner only, under names that cannot lie."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
import json
import os
from pathlib import Path
import stat

import pytest

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.names import device_folder
from custom_components.tuyalink_intercom.album.record import Capture
from custom_components.tuyalink_intercom.model.changes import Occasion
from tests.album.samples import (
    BELL,
    TERMINAL,
    capture_of,
    names_of,
    names_on_disk,
    picture_of,
)

HOSTILE = ("../../etc", "..", ".", "", "/etc", "a/b", "a\0b", "\ud800", "ä", "x" * 65, "a.b", "~x")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "storage" / "album"


@pytest.fixture
def folder(root: Path) -> CaptureFolder:
    return CaptureFolder(root)


def keep(folder: CaptureFolder, *captures: Capture) -> None:
    for capture in captures:
        folder.add(capture, picture_of(capture))


def by_id(captures: list[Capture]) -> dict[str, Capture]:
    return {capture.id: capture for capture in captures}


def test_what_is_kept_comes_back_after_a_restart(folder: CaptureFolder, root: Path) -> None:
    kept = (
        capture_of(1, person="Ada \N{SNOWMAN} \ud800", door="door_2", kept=1.5, person_id="7"),
        capture_of(2, device_id=TERMINAL, content_type="image/webp", occasion=Occasion.ACCESS),
        capture_of(3, content_type="image/png", event_id=""),
    )
    keep(folder, *kept)
    again = CaptureFolder(root)
    assert by_id(again.load()) == by_id(list(kept))
    assert [again.read(capture) for capture in kept] == [picture_of(each) for each in kept]
    assert [again.path(capture).read_bytes() for capture in kept] == [
        picture_of(each) for each in kept
    ]
    assert names_on_disk(root) == names_of(*kept)


def test_an_album_that_never_was_is_empty(folder: CaptureFolder, root: Path) -> None:
    assert folder.load() == []
    folder.remove([capture_of(1)])
    folder.clear()
    with pytest.raises(FileNotFoundError):
        folder.read(capture_of(1))
    assert not root.exists()


def test_only_the_owner_may_look_at_faces(folder: CaptureFolder, root: Path) -> None:
    before = os.umask(0)
    try:
        keep(folder, capture_of(1))
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (root, *root.rglob("*"))}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_the_same_picture_again_takes_the_place_of_the_first(
    folder: CaptureFolder, root: Path
) -> None:
    first = capture_of(1)
    again = replace(first, content_type="image/png", size=500, person="Ada")
    keep(folder, first, again)
    assert folder.load() == [again]
    assert folder.read(again) == picture_of(again)
    assert names_on_disk(root) == names_of(again)


def test_what_is_known_of_a_picture_can_change(folder: CaptureFolder) -> None:
    capture = capture_of(1)
    keep(folder, capture)
    folder.describe(replace(capture, person="Ada"))
    assert folder.load() == [replace(capture, person="Ada")]


def test_nothing_is_told_of_a_picture_that_is_gone(folder: CaptureFolder, root: Path) -> None:
    kept, gone = capture_of(1), capture_of(2)
    keep(folder, kept, gone)
    folder.remove([gone])
    for missing in (gone, capture_of(3, device_id=TERMINAL)):
        with pytest.raises(FileNotFoundError):
            folder.describe(missing)
    assert names_on_disk(root) == names_of(kept)


def test_what_is_removed_is_gone_and_its_folder_with_the_last(
    folder: CaptureFolder, root: Path
) -> None:
    captures = [capture_of(1), capture_of(2), capture_of(3, device_id=TERMINAL)]
    keep(folder, *captures)
    folder.remove([captures[0], capture_of(9)])
    assert names_on_disk(root) == names_of(*captures[1:])
    folder.remove(captures)
    assert list(root.iterdir()) == []


def test_deleting_everything_leaves_nothing(folder: CaptureFolder, root: Path) -> None:
    keep(folder, capture_of(1), capture_of(2, device_id="../.."))
    (root / "stray").mkdir()
    folder.clear()
    assert not root.exists()
    keep(folder, capture_of(3))
    assert folder.load() == [capture_of(3)]


def test_deleting_everything_removes_a_file_in_the_albums_place(
    folder: CaptureFolder, root: Path
) -> None:
    root.parent.mkdir()
    root.write_bytes(b"")
    folder.clear()
    assert not root.exists()


@pytest.mark.parametrize("device_id", HOSTILE)
def test_no_device_id_leads_out_of_the_album(
    folder: CaptureFolder, root: Path, device_id: str
) -> None:
    capture = capture_of(1, device_id=device_id)
    keep(folder, capture)
    assert folder.load() == [capture]
    assert folder.read(capture) == picture_of(capture)
    (place,) = root.iterdir()
    assert place.name.startswith("~")
    assert [path for path in root.parent.rglob("*") if root not in {path, *path.parents}] == []
    folder.remove([capture])
    assert list(root.iterdir()) == []


def test_a_picture_of_a_nameless_device_can_be_removed_without_its_record(
    folder: CaptureFolder, root: Path
) -> None:
    capture = capture_of(1, device_id="../..")
    keep(folder, capture)
    (root / device_folder("../..") / f"{capture.id}.json").unlink()
    (found,) = folder.load()
    assert folder.read(found) == picture_of(capture)
    folder.remove([found])
    assert names_on_disk(root) == set()


@pytest.mark.parametrize(
    "capture_id",
    ["", "../x", "1234567890-ring-0123456789abcdef\n", "1234567890-ring-0123456789abcde/"],
)
def test_what_is_no_capture_id_is_never_a_path(folder: CaptureFolder, capture_id: str) -> None:
    capture = replace(capture_of(1), id=capture_id)
    for act in (
        folder.read,
        folder.path,
        folder.describe,
        lambda each: folder.add(each, b""),
        lambda each: folder.remove([each]),
    ):
        with pytest.raises(ValueError, match="not the id of a capture"):
            act(capture)


def test_what_is_no_picture_type_is_never_a_name(folder: CaptureFolder) -> None:
    with pytest.raises(ValueError, match="not a picture that is kept"):
        folder.add(replace(capture_of(1), content_type="text/html"), b"")


def test_threads_do_not_get_in_each_others_way(folder: CaptureFolder, root: Path) -> None:
    captures = [capture_of(number, size=3_000) for number in range(40)]

    def come_and_go(capture: Capture) -> None:
        for _ in range(3):
            keep(folder, capture)
            folder.load()
            assert folder.read(capture) == picture_of(capture)
            folder.remove([capture])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(come_and_go, captures))
    assert list(root.iterdir()) == []


def test_a_record_holds_what_is_told_and_nothing_else(folder: CaptureFolder, root: Path) -> None:
    capture = capture_of(1, person="Ada", door="door")
    keep(folder, capture)
    record = json.loads((root / BELL / f"{capture.id}.json").read_bytes())
    assert record == {"v": 1, **asdict(capture)}

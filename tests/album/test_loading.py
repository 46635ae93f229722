"""Whatever lies in the album, it opens; what can be saved is saved, what is foreign is left."""

from dataclasses import replace
import json
import os
from pathlib import Path
from typing import Any

import pytest

from custom_components.tuyalink_intercom.album import loading
from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.record import Capture
from tests.album.samples import BELL, TERMINAL, capture_of, names_of, names_on_disk, picture_of

KEPT = capture_of(1, person="Ada", kept=5.0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "album"


@pytest.fixture
def folder(root: Path) -> CaptureFolder:
    """Return an album with one capture."""
    album = CaptureFolder(root)
    album.add(KEPT, picture_of(KEPT))
    return album


@pytest.fixture
def picture(root: Path) -> Path:
    return root / BELL / f"{KEPT.id}.jpg"


@pytest.fixture
def record(root: Path) -> Path:
    return root / BELL / f"{KEPT.id}.json"


def recovered(picture: Path) -> Capture:
    """Return what the names of the one capture tell."""
    return replace(
        KEPT, event_id="", person=None, time=float(int(KEPT.time)), kept=picture.stat().st_mtime
    )


def test_half_written_files_go(folder: CaptureFolder, root: Path) -> None:
    for name in (f"{KEPT.id}.jpg.part", f"{KEPT.id}.json.part", f"{capture_of(2).id}.png.part"):
        (root / BELL / name).write_bytes(b"half")
    assert folder.load() == [KEPT]
    assert names_on_disk(root) == names_of(KEPT)
    assert folder.counts == loading.Counts()


def test_a_record_without_its_picture_goes(
    folder: CaptureFolder, root: Path, picture: Path
) -> None:
    picture.unlink()
    assert folder.load() == []
    assert list(root.iterdir()) == []
    assert folder.counts == loading.Counts(removed=1)


RECORDS: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "zeros": bytes(200),
    "half": b'{"v": 1, "event_id": "event',
    "no object": b"[]",
    "a number": b"7",
    "deep": b"[" * 15_000,
    "endless": b'{"v": 1, "x": "' + b"x" * 100_000 + b'"}',
    "not text": b"\xff\xfe",
    "long number": b'{"time": ' + b"9" * 5_000 + b"}",
}
WRONG: dict[str, Any] = {
    "v": 0,
    "id": capture_of(2).id,
    "device_id": TERMINAL,
    "event_id": 7,
    "occasion": "party",
    "time": "today",
    "content_type": "text/html",
    "size": -1,
    "person": ["Ada"],
    "person_id": 7,
    "door": 1,
    "kept": True,
}


@pytest.mark.parametrize("content", RECORDS.values(), ids=RECORDS)
def test_a_picture_whose_record_is_lost_is_known_by_its_names(
    folder: CaptureFolder, picture: Path, record: Path, content: bytes | None
) -> None:
    record.unlink()
    if content is not None:
        record.write_bytes(content)
    found = folder.load()
    assert found == [recovered(picture)]
    assert folder.counts == loading.Counts(recovered=1)
    assert folder.load() == found
    assert folder.counts == loading.Counts()


@pytest.mark.parametrize(("member", "value"), WRONG.items())
def test_a_record_with_a_wrong_member_is_not_believed(
    folder: CaptureFolder, picture: Path, record: Path, member: str, value: object
) -> None:
    told = json.loads(record.read_bytes())
    record.write_text(json.dumps({**told, member: value}), encoding="utf-8")
    assert folder.load() == [recovered(picture)]


@pytest.mark.parametrize("time", ["NaN", "Infinity", "-1", "1e400", "9" * 400])
def test_a_time_that_is_none_is_not_believed(
    folder: CaptureFolder, picture: Path, record: Path, time: str
) -> None:
    told = record.read_text(encoding="utf-8").replace(f'"time": {KEPT.time}', f'"time": {time}')
    record.write_text(told, encoding="utf-8")
    assert folder.load() == [recovered(picture)]


def test_a_record_of_a_later_version_is_read_as_far_as_it_is_understood(
    folder: CaptureFolder, record: Path
) -> None:
    told = json.loads(record.read_bytes())
    content = json.dumps({**told, "v": 2, "mood": ["glad"]}).encode()
    record.write_bytes(content)
    assert folder.load() == [KEPT]
    assert record.read_bytes() == content


def test_what_a_record_lacks_is_taken_from_its_names(folder: CaptureFolder, record: Path) -> None:
    record.write_text('{"v": 1, "event_id": "event-1"}', encoding="utf-8")
    expected = replace(KEPT, person=None, kept=None, time=float(int(KEPT.time)))
    assert folder.load() == [expected]


@pytest.mark.parametrize("content", [b"", b"<html>", bytes(100)])
def test_what_is_no_picture_goes_with_its_record(
    folder: CaptureFolder, root: Path, picture: Path, content: bytes
) -> None:
    picture.write_bytes(content)
    (root / BELL / f"{KEPT.id}.json").write_bytes(b"{}")
    assert folder.load() == []
    assert names_on_disk(root) == set()


def test_a_picture_of_another_size_keeps_its_record(folder: CaptureFolder, picture: Path) -> None:
    picture.write_bytes(picture_of(KEPT)[:50])
    assert folder.load() == [replace(KEPT, size=50)]
    assert folder.counts == loading.Counts(recovered=1)


def test_of_two_pictures_the_one_of_the_record_stays(folder: CaptureFolder, root: Path) -> None:
    (root / BELL / f"{KEPT.id}.png").write_bytes(picture_of(KEPT))
    (root / BELL / f"{KEPT.id}.webp").write_bytes(picture_of(KEPT))
    assert folder.load() == [KEPT]
    assert names_on_disk(root) == names_of(KEPT)


def test_what_is_not_the_albums_is_left_alone(
    folder: CaptureFolder, root: Path, tmp_path: Path
) -> None:
    strangers = {"notes.txt", f"{BELL}/me.jpg", f"{BELL}/x.part", f"{BELL}/{KEPT.id}.gif"}
    for name in strangers:
        (root / name).write_bytes(picture_of(KEPT))
    (root / "a folder" / "of.mine").mkdir(parents=True)
    assert folder.load() == [KEPT]
    assert names_on_disk(root) == names_of(KEPT) | strangers
    folder.remove([KEPT])
    assert names_on_disk(root) == strangers


def test_links_are_not_followed_out_of_the_album(
    folder: CaptureFolder, root: Path, tmp_path: Path
) -> None:
    other = CaptureFolder(tmp_path / "other")
    theirs = capture_of(5, device_id=TERMINAL)
    other.add(theirs, picture_of(theirs))
    before = names_on_disk(tmp_path / "other")
    (root / TERMINAL).symlink_to(tmp_path / "other" / TERMINAL)
    linked = capture_of(6)
    (root / BELL / f"{linked.id}.jpg").symlink_to(tmp_path / "other" / f"{theirs.id}.jpg")
    (root / BELL / f"{linked.id}.json").write_bytes(b"{}")
    assert folder.load() == [KEPT]
    for act in (folder.read, folder.describe, lambda each: folder.remove([each])):
        with pytest.raises(OSError, match=TERMINAL):
            act(theirs)
    with pytest.raises(OSError, match=TERMINAL):
        folder.add(theirs, picture_of(theirs))
    with pytest.raises(OSError, match=r"\.jpg"):
        folder.read(linked)
    folder.clear()
    assert names_on_disk(tmp_path / "other") == before


def test_a_pipe_in_the_place_of_a_picture_holds_nobody_up(
    folder: CaptureFolder, root: Path
) -> None:
    trap = capture_of(7)
    os.mkfifo(root / BELL / f"{trap.id}.jpg")
    os.mkfifo(root / BELL / f"{trap.id}.json")
    assert folder.load() == [KEPT]
    folder.read(trap)


def test_what_the_disk_does_not_give_away_is_counted_and_left(
    folder: CaptureFolder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = capture_of(2)
    folder.add(other, picture_of(other))
    opened = os.open

    def refusing(name: Any, *rest: Any, **named: Any) -> int:
        if name == f"{other.id}.json":
            raise PermissionError(13, "refused", name)
        return opened(name, *rest, **named)

    monkeypatch.setattr(os, "open", refusing)
    assert folder.load() == [KEPT]
    assert folder.counts == loading.Counts(unreadable=1)
    assert names_on_disk(root) == names_of(KEPT, other)


def test_an_album_without_bounds_is_cut_to_the_newest(
    folder: CaptureFolder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2, 12):
        capture = capture_of(number, device_id=(BELL, TERMINAL)[number % 2])
        folder.add(capture, picture_of(capture))
    monkeypatch.setattr(loading, "MOST", 4)
    found = folder.load()
    newest = [
        KEPT.id,
        *(capture_of(number, device_id=(BELL, TERMINAL)[number % 2]).id for number in (2, 3, 4)),
    ]
    assert {capture.id for capture in found} == set(newest)
    assert folder.counts == loading.Counts(removed=7)
    assert names_on_disk(root) == names_of(*found)

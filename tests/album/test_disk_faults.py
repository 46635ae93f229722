"""The disk is full, not ours or broken: the caller hears of it, and nothing is half there."""

from collections.abc import Callable
from dataclasses import replace
import errno
import os
from pathlib import Path
import stat
from typing import Any

import pytest

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.record import Capture
from tests.album.samples import (
    BELL,
    TERMINAL,
    capture_of,
    names_of,
    names_on_disk,
    picture_of,
)
from tests.album.steps import Steps

KEPT, OTHER, NEW = capture_of(1), capture_of(2, device_id=TERMINAL), capture_of(3)
AGAIN = replace(KEPT, content_type="image/png", size=500)
STRANGER = capture_of(4, device_id="bfdddddddddddddddddddd")
FILLS = ("open", "write", "fsync", "replace", "mkdir")
"""What a full disk refuses; removing still works."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "album"


@pytest.fixture
def folder(root: Path) -> CaptureFolder:
    """Return an album with two captures."""
    album = CaptureFolder(root)
    for capture in (KEPT, OTHER):
        album.add(capture, picture_of(capture))
    return album


def refuse(number: int) -> Callable[[], None]:
    def refused() -> None:
        raise OSError(number, os.strerror(number))

    return refused


def failing(
    folder: CaptureFolder, act: Callable[[CaptureFolder], object], step: int, *, on: bool
) -> tuple[bool, bool]:
    """Do something on a disk that fails; tell whether it did fail, and whether that was told."""
    with pytest.MonkeyPatch.context() as patch:
        steps = Steps(step, refuse(errno.ENOSPC), calls=FILLS, on=on)
        steps.watch(patch.setattr)
        try:
            act(folder)
        except OSError as error:
            return steps.acted, error.errno == errno.ENOSPC
        return steps.acted, False


@pytest.mark.parametrize("on", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("capture", [NEW, AGAIN, STRANGER], ids=["new", "again", "new device"])
def test_what_cannot_be_written_is_told_and_not_half_there(
    tmp_path: Path, capture: Capture, *, on: bool
) -> None:
    step, failed = 0, True
    while failed:
        step += 1
        root = tmp_path / str(step)
        folder = CaptureFolder(root)
        folder.add(KEPT, picture_of(KEPT))
        failed, told = failing(
            folder, lambda folder: folder.add(capture, picture_of(capture)), step, on=on
        )
        assert told == failed
        assert not list(root.rglob("*.part"))
        before = names_on_disk(root)
        assert before in (names_of(KEPT), names_of(KEPT, capture), names_of(capture)) or (
            capture is AGAIN and names_of(KEPT) | names_of(AGAIN) >= before
        )
        assert [] not in [list(place.iterdir()) for place in root.iterdir()]
        for found in folder.load():
            assert found in (KEPT, capture)
            assert folder.read(found) == picture_of(found)
        assert folder.counts.unreadable == 0
    assert step > 8


def test_a_full_disk_leaves_room_for_the_next_try(
    folder: CaptureFolder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        Steps(1, refuse(errno.ENOSPC), calls=("write",), on=True).watch(patch.setattr)
        with pytest.raises(OSError, match="No space left"):
            folder.add(NEW, picture_of(NEW))
    assert names_on_disk(root) == names_of(KEPT, OTHER)
    folder.add(NEW, picture_of(NEW))
    assert names_on_disk(root) == names_of(KEPT, OTHER, NEW)


def test_a_write_that_takes_only_part_goes_on(
    folder: CaptureFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:7]))
    folder.add(NEW, picture_of(NEW))
    assert folder.read(NEW) == picture_of(NEW)


def test_what_cannot_be_removed_is_told_after_all_was_tried(
    folder: CaptureFolder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways: tuple[Callable[[], None], ...] = (
        lambda: folder.remove([KEPT, OTHER]),
        folder.clear,
    )
    for forget in ways:
        with monkeypatch.context() as patch:
            Steps(1, refuse(errno.EROFS), calls=("unlink",), on=True).watch(patch.setattr)
            with pytest.raises(OSError, match="Read-only"):
                forget()
        assert sorted(folder.load(), key=str) == sorted((KEPT, OTHER), key=str)
    with monkeypatch.context() as patch:
        Steps(1, refuse(errno.EIO), calls=("unlink",)).watch(patch.setattr)
        with pytest.raises(OSError, match="Input/output"):
            folder.remove([KEPT, OTHER])
    assert names_on_disk(root) == names_of(KEPT)


def test_an_album_on_a_disk_that_takes_nothing_can_be_seen(
    folder: CaptureFolder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / BELL / f"{KEPT.id}.json.part").write_bytes(b"half")
    (root / TERMINAL / f"{OTHER.id}.json").write_bytes(b"corrupt")
    Steps(1, refuse(errno.EROFS), on=True, calls=("unlink", "write", "replace", "rmdir")).watch(
        monkeypatch.setattr
    )
    assert {capture.id for capture in folder.load()} == {KEPT.id, OTHER.id}


def test_a_file_in_the_place_of_the_album_is_told(tmp_path: Path) -> None:
    (tmp_path / "album").write_bytes(b"")
    folder = CaptureFolder(tmp_path / "album")
    for act in (
        folder.load,
        lambda: folder.add(NEW, picture_of(NEW)),
        lambda: folder.read(NEW),
        lambda: folder.remove([NEW]),
    ):
        with pytest.raises(NotADirectoryError):
            act()
    with pytest.raises(NotADirectoryError):
        CaptureFolder(tmp_path / "album" / "below").add(NEW, picture_of(NEW))


def test_a_file_in_the_place_of_a_device_hurts_only_that_device(
    folder: CaptureFolder, root: Path
) -> None:
    (root / STRANGER.device_id).write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        folder.add(STRANGER, picture_of(STRANGER))
    with pytest.raises(NotADirectoryError):
        folder.remove([STRANGER, KEPT])
    assert folder.load() == [OTHER]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_share_that_cannot_bring_names_to_the_disk_will_do(
    folder: CaptureFolder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fsync = os.fsync

    def fussy(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(file)

    monkeypatch.setattr(os, "fsync", fussy)
    folder.add(NEW, picture_of(NEW))
    assert NEW in folder.load()


def test_a_picture_is_on_the_disk_before_it_has_its_name(
    folder: CaptureFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def heard(name: str) -> Callable[..., None]:
        call = getattr(os, name)

        def hear(*args: Any, **named: Any) -> None:
            told.append(name)
            call(*args, **named)

        return hear

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, heard(name))
    folder.add(NEW, picture_of(NEW))
    assert told == ["fsync", "fsync", "replace", "replace", "fsync"]

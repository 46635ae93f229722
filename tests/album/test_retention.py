"""Two thousand captures: written, read back, and pruned by each limit."""

from dataclasses import replace
from pathlib import Path
import random

import pytest

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.keeping import MOST, Keeping, surplus
from custom_components.tuyalink_intercom.album.record import Capture
from tests.album.samples import (
    BELL,
    NOW,
    TERMINAL,
    capture_of,
    names_of,
    names_on_disk,
    picture_of,
)

_DAY = 86_400.0
_MANY = 2_000
_PICTURE = 400
# One capture every 43 minutes: two months of a busy door.
CAPTURES = [
    capture_of(
        number,
        device_id=(BELL, TERMINAL)[number % 2],
        time=NOW - number * 60 * _DAY / _MANY,
        size=_PICTURE,
    )
    for number in range(_MANY)
]
ANY = Keeping(count=MOST, days=3_650, size=10**12)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an album of two thousand captures, which came in any order."""
    root = tmp_path_factory.mktemp("written") / "album"
    folder = CaptureFolder(root)
    chance = random.Random(5)  # noqa: S311 - the same every time
    for capture in chance.sample(CAPTURES, _MANY):
        folder.add(capture, picture_of(capture))
    return root


@pytest.fixture
def root(written: Path, tmp_path: Path) -> Path:
    """Return that album, to be changed: its files are linked, not copied."""
    root = tmp_path / "album"
    for device in written.iterdir():
        (root / device.name).mkdir(parents=True)
        for path in device.iterdir():
            (root / device.name / path.name).hardlink_to(path)
    return root


@pytest.mark.parametrize(
    ("keeping", "left"),
    [
        (ANY, 2_000),
        (replace(ANY, count=700), 700),
        (replace(ANY, days=30), 1_001),
        (replace(ANY, size=500 * _PICTURE + 1), 500),
        (Keeping(count=900, days=15, size=1_200 * _PICTURE), 501),
        (replace(ANY, count=0), 0),
    ],
    ids=["none", "count", "days", "bytes", "all three", "keep none"],
)
def test_two_thousand_captures_are_pruned_to_the_newest(
    root: Path, keeping: Keeping, left: int
) -> None:
    folder = CaptureFolder(root)
    kept = {capture.id: capture for capture in folder.load()}
    assert kept == {capture.id: capture for capture in CAPTURES}
    gone = surplus(kept.values(), keeping, NOW)
    assert gone == CAPTURES[left:][::-1]
    folder.remove(gone)
    again = CaptureFolder(root)
    assert {capture.id for capture in again.load()} == {each.id for each in CAPTURES[:left]}
    assert again.counts.recovered == again.counts.removed == again.counts.unreadable == 0
    assert names_on_disk(root) == names_of(*CAPTURES[:left])
    assert all(again.read(capture) == picture_of(capture) for capture in CAPTURES[:left])


def test_each_new_capture_takes_the_place_of_the_oldest() -> None:
    keeping = replace(ANY, count=10)
    kept: list[Capture] = []
    for capture in reversed(CAPTURES[:50]):
        kept.append(capture)
        gone = surplus(kept, keeping, capture.time)
        assert gone == kept[:-10]
        kept = [each for each in kept if each not in gone]
    assert kept == CAPTURES[:10][::-1]


def test_the_newest_picture_stays_however_large_it_is() -> None:
    large, older = capture_of(1, size=1_000), capture_of(2, size=1)
    assert surplus([older, large], replace(ANY, size=500), NOW) == [older]


def test_an_old_picture_goes_even_if_it_is_the_newest() -> None:
    old = capture_of(1, time=NOW - 31 * _DAY)
    assert surplus([old], replace(ANY, days=30), NOW) == [old]


def test_a_picture_from_the_future_ages_from_the_day_it_came() -> None:
    early = capture_of(1, time=NOW + 400 * _DAY, kept=NOW)
    keeping = replace(ANY, days=30)
    assert surplus([early], keeping, NOW + 29 * _DAY) == []
    assert surplus([early], keeping, NOW + 31 * _DAY) == [early]


@pytest.mark.parametrize("kept", [None, NOW - 3_600])
def test_a_picture_from_the_future_pushes_nothing_out(kept: float | None) -> None:
    early = capture_of(0, time=NOW + 400 * _DAY, kept=kept)
    honest = [capture_of(number) for number in range(1, 11)]
    assert surplus([early, *honest], replace(ANY, count=10), NOW) == [early]


def test_a_clock_that_fell_back_costs_no_picture() -> None:
    last_year = NOW - 365 * _DAY
    kept = [replace(capture, kept=capture.time) for capture in CAPTURES[:100]]
    for captures in (CAPTURES[:100], kept):
        assert surplus(captures, replace(ANY, count=100, days=30), last_year) == []
        assert surplus(captures, replace(ANY, count=60), last_year) == captures[60:][::-1]


def test_no_option_makes_an_album_without_bounds() -> None:
    captures = [replace(CAPTURES[0], time=NOW - number) for number in range(MOST + 5)]
    gone = surplus(captures, replace(ANY, count=10**9), NOW)
    assert gone == captures[MOST:][::-1]


def test_what_is_removed_can_be_removed_again(root: Path) -> None:
    folder = CaptureFolder(root)
    folder.remove(CAPTURES[:1_000])
    folder.remove(CAPTURES[:1_000])
    assert names_on_disk(root) == names_of(*CAPTURES[1_000:])

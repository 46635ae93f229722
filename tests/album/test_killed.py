"""The process is killed, at any moment: what was kept is there, what was removed is not."""

from collections.abc import Iterable, Iterator
from pathlib import Path
import random
import signal
import subprocess
import sys

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.record import Capture
from tests.album.samples import names_of, names_on_disk, picture_of, read_line

_RUNNER = str(Path(__file__).with_name("alone.py"))
_KILLS = 50


class Ledger:
    """What a process said that it did, and what it was doing when it died."""

    def __init__(self) -> None:
        self.kept: dict[str, Capture] = {}
        self._act = ""
        self._begun: list[Capture] = []
        self.interrupted = 0

    def hear(self, lines: Iterable[str]) -> None:
        """Believe what a process says."""
        for line in lines:
            if line == "done\n":
                for capture in self._begun:
                    if self._act in {"add", "describe"}:
                        self.kept[capture.id] = capture
                    else:
                        del self.kept[capture.id]
                self._act, self._begun = "", []
            elif line != "loaded\n":
                self._act, self._begun = read_line(line)

    def check(self, root: Path) -> None:
        """Look at the album as after a start, and go on from what is there."""
        folder = CaptureFolder(root)
        found = {capture.id: capture for capture in folder.load()}
        self.interrupted += bool(self._begun)
        in_flight = {capture.id for capture in self._begun}
        settled = {key: one for key, one in self.kept.items() if key not in in_flight}
        assert {key: one for key, one in found.items() if key not in in_flight} == settled
        for capture in self._begun:
            self._check_in_flight(capture, found.get(capture.id))
        for capture in found.values():
            assert folder.read(capture) == picture_of(capture)
        assert names_on_disk(root) == names_of(*found.values())
        assert folder.counts.unreadable == 0
        assert sorted(folder.load(), key=str) == sorted(found.values(), key=str)
        assert folder.counts.recovered == folder.counts.removed == 0
        self.kept, self._act, self._begun = found, "", []

    def _check_in_flight(self, capture: Capture, found: Capture | None) -> None:
        """Check that it is as it was, as it should become, or a picture that lost its record."""
        before = self.kept.get(capture.id)
        if self._act == "add" and found is not None and found not in {before, capture}:
            assert found.size == capture.size
            assert found.content_type == capture.content_type
            assert found.time == int(capture.time)
            assert found.device_id == capture.device_id
        elif self._act == "add":
            assert found in {before, capture}
        elif self._act == "describe":
            assert found is not None
            assert found in {before, capture}
        else:
            assert found in {before, None}


def started(*arguments: str) -> subprocess.Popen[str]:
    """Start a runner that has only the standard library."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-I", "-S", _RUNNER, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(runner: subprocess.Popen[str], *, lines: int | None = None) -> Iterator[str]:
    """Yield what a runner says; it is killed in the moment it has said so many lines."""
    assert runner.stdout is not None
    assert runner.stderr is not None
    for number, line in enumerate(runner.stdout):
        if number == lines:
            runner.kill()
        # What it was just saying when it was killed it had not begun.
        if line.endswith("\n"):
            yield line
    errors = runner.stderr.read()
    assert not errors, errors


def test_fifty_kills_at_random_moments_cost_at_most_what_was_being_done(tmp_path: Path) -> None:
    chance = random.Random(20261122)  # noqa: S311 - seeded, so that a failure can be repeated
    ledger, root = Ledger(), tmp_path / "album"
    for kill in range(_KILLS):
        from_outside = bool(kill % 2)
        step = 0 if from_outside else chance.randrange(1, 120)
        with started(str(root), "work", str(kill), str(step)) as runner:
            ledger.hear(said(runner, lines=chance.randrange(40) if from_outside else None))
        assert runner.returncode == -signal.SIGKILL
        ledger.check(root)
    assert len(ledger.kept) > 10
    assert ledger.interrupted > 20


def test_a_kill_between_any_two_steps_leaves_the_album_in_order(tmp_path: Path) -> None:
    ledgers: dict[str, Ledger] = {}
    with started(str(tmp_path), "points") as runner:
        place = ""
        for line in said(runner):
            if line.startswith("point "):
                place = line.removeprefix("point ").strip()
                ledgers[place] = Ledger()
            else:
                ledgers[place].hear([line])
    assert runner.returncode == 0
    assert len(ledgers) > 60
    for place, ledger in ledgers.items():
        ledger.check(tmp_path / place)


def test_the_album_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    with started(str(tmp_path / "album"), "work", "1", "30") as runner:
        assert next(said(runner)) == "loaded\n"
        runner.communicate()


def test_the_pictures_need_nothing_but_pillow() -> None:
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", _RUNNER, ".", "imports"], capture_output=True, text=True, check=True
    )
    imported = set(told.stdout.split())
    assert "PIL" in imported
    assert not {"homeassistant", "aiohttp", "Crypto", "voluptuous", "probatio"} & imported

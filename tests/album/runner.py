"""A process that lives to be killed: it adds and removes captures and says what it did.

Started by `alone.py` with `FOLDER work SEED STEP` or `FOLDER points`; with `. imports` it tells
what was imported for the album and its pictures.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
import os
from pathlib import Path
import random
import signal
import sys

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.record import Capture
from tests.album.samples import BELL, HEADS, TERMINAL, capture_of, line_of, picture_of
from tests.album.steps import Steps

_HELD = 40
"""So many captures there are at most; then some go."""
_write = os.write
_BEFORE = (capture_of(1), capture_of(2), capture_of(3, device_id=TERMINAL))


def say(line: str) -> None:
    """Tell it at once and in one piece, whatever happens next."""
    _write(1, line.encode())


def die() -> None:
    """End as if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)


def done(act: str, captures: list[Capture], run: Callable[[], object]) -> None:
    """Say what is begun, do it, and say that it is done."""
    say(line_of(act, *captures))
    run()
    say("done\n")


def work(folder: CaptureFolder, chance: random.Random, step: int) -> None:
    """Change the album until killed: at a step, or from outside if that is 0."""
    held = {capture.id: capture for capture in folder.load()}
    steps = Steps(step, die)
    say("loaded\n")
    steps.watch()
    while True:
        one = _some_capture(chance, list(held.values()))
        if len(held) > _HELD or (held and chance.random() < 0.15):
            _remove_some(folder, chance, held)
        elif one.id in held and chance.random() < 0.5:
            held[one.id] = replace(held[one.id], person="Ada")
            done("describe", [held[one.id]], partial(folder.describe, held[one.id]))
        else:
            held[one.id] = one
            done("add", [one], partial(folder.add, one, picture_of(one)))


def _some_capture(chance: random.Random, held: list[Capture]) -> Capture:
    """Return a new capture, or one that is there with another picture."""
    kind, size = chance.choice(sorted(HEADS)), chance.randrange(20, 90_000)
    if held and chance.random() < 0.3:
        return replace(chance.choice(held), content_type=kind, size=size)
    device = chance.choice((BELL, TERMINAL))
    number = chance.randrange(1_000_000)
    return capture_of(number, device_id=device, content_type=kind, size=size)


def _remove_some(folder: CaptureFolder, chance: random.Random, held: dict[str, Capture]) -> None:
    gone = chance.sample(list(held.values()), min(len(held), chance.randrange(1, 5)))
    done("remove", gone, partial(folder.remove, gone))
    for capture in gone:
        del held[capture.id]


def points(root: Path) -> None:
    """Do everything the album can, each time killed one step later, until nothing is left."""
    other = replace(_BEFORE[0], content_type="image/png", size=300)
    acts: dict[str, tuple[list[Capture], Callable[[CaptureFolder], object]]] = {
        "add": ([new := capture_of(4)], lambda folder: folder.add(new, picture_of(new))),
        "add again": ([other], lambda folder: folder.add(other, picture_of(other))),
        "describe": (
            [told := replace(_BEFORE[0], person="Ada")],
            lambda folder: folder.describe(told),
        ),
        "remove": (list(_BEFORE), lambda folder: folder.remove(_BEFORE)),
        "clear": (list(_BEFORE), lambda folder: folder.clear()),
        "load": ([], lambda folder: folder.load()),
    }
    for act, (captures, run) in acts.items():
        step, alive = 0, False
        while not alive:
            step += 1
            place = root / f"{act} {step}"
            say(f"point {place.name}\n")
            alive = _point(place, step, partial(done, act.partition(" ")[0], captures), run)


def _point(
    root: Path,
    step: int,
    begin: Callable[[Callable[[], object]], None],
    run: Callable[[CaptureFolder], object],
) -> bool:
    """Do one thing in a process that dies at a step; tell whether it lived."""
    folder = CaptureFolder(root)
    for capture in _BEFORE:
        done("add", [capture], partial(folder.add, capture, picture_of(capture)))
    (root / BELL / f"{_BEFORE[0].id}.jpg.part").write_bytes(b"half")
    if (child := os.fork()) == 0:
        Steps(step, die).watch()
        begin(lambda: run(folder))
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main(place: str, act: str, *numbers: str) -> None:
    """Do as the command line says."""
    if act == "imports":
        import_module("custom_components.tuyalink_intercom.album.imaging")
        say("\n".join(sorted({name.partition(".")[0] for name in sys.modules})))
    elif act == "points":
        points(Path(place))
    else:
        seed, step = map(int, numbers)
        work(CaptureFolder(Path(place)), random.Random(seed), step)  # noqa: S311 - seeded, so that a failure can be repeated


if __name__ == "__main__":
    main(*sys.argv[1:])

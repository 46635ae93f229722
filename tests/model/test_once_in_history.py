"""Nothing lost, nothing twice, with records as a third carrier: what the queue loses they bring."""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random

import pytest

from custom_components.tuyalink_intercom.model.changes import AlarmRaised, Passed, Rang
from custom_components.tuyalink_intercom.model.context import LIVE
from custom_components.tuyalink_intercom.model.history import replayed
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.state import Method
from custom_components.tuyalink_intercom.records.history import RECENT
from tests.counting import in_blocks, printed_counts

from .once_facts import Said, Seen, Story, Teller
from .once_records import Logged, is_doubtful, left_by_the_queue, logged
from .test_once import Home, summary

BLOCK = 1000
LATER = 600.0
"""Time (s) after which a device whose clock is wrong, too, finds its rows old enough."""


class Reader(Home):
    """A home that also reads logs."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[Seen] = []

    def reads(self, rows: Iterable[Logged], now: float) -> None:
        """Take the rows that are too old to be news, device by device."""
        told: dict[str, list[Logged]] = {}
        for one in rows:
            if one.at <= now - RECENT:
                told.setdefault(one.device, []).append(one)
        for key, found in told.items():
            changes = replayed(self.state.devices[key], [one.row for one in found], now)
            self.state = reduce(self.state, changes)
            for change in changes:
                if isinstance(change, AlarmRaised | Passed | Rang):
                    assert not change.live
                    self.read.append(_whatever_the_way(summary(change)))


def _whatever_the_way(seen: Seen) -> Seen:
    """In stories faces pass terminals; a log may say so in a language that nobody knows."""
    kind, key, what = seen
    if kind is Passed and isinstance(what, tuple) and Method.OTHER in what:
        what = tuple(Method.FACE if one is Method.OTHER else one for one in what)
    return kind, key, what


def heard(story: Story, said: list[Said], rows: list[Logged], random: Random) -> Reader:
    """Let a home hear what is left of a story, and read the logs now and then and at last."""
    home = Reader()
    ups = [up for _, up in story.restarts]
    for one in said:
        while ups and one.arrives >= ups[0]:
            home.restarts()
            up = ups.pop(0)
            if random.random() < 0.5:
                home.reads(rows, up)
        home.hears(one)
        if random.random() < 0.05:
            home.reads(rows, one.arrives)
    end = max((one.at for one in rows), default=0.0)
    end = max(end, *(one.arrives for one in story.said)) + LATER
    for _ in range(random.choice((1, 2))):
        home.reads(rows, end)
    return home


def check(story: Story, home: Reader) -> None:
    """Each fact was told once: by a message or in a log."""
    told = Counter(seen for seen, _, _ in home.heard) + Counter(home.read)
    assert told == Counter(story.expected)
    for _, live, said in home.heard:
        assert live is (said.arrives - said.at <= LIVE), said


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_blocks(metafunc, metafunc.config.getoption("examples"), BLOCK)


@pytest.fixture(scope="module")
def counts(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Count what was tried, and print it after the last test."""
    with printed_counts(request.config, "test_once_in_history") as counted:
        yield counted


def test_what_the_queue_loses_the_logs_tell_and_nothing_is_told_twice(
    block: range, counts: Counter[str]
) -> None:
    for seed in block:
        random = Random(seed)  # noqa: S311 - seeded, so that it can be repeated
        story = Teller(random).tell()
        rows = logged(story, random)
        if is_doubtful(rows):
            counts["left out as nobody could tell"] += 1
            continue
        said = left_by_the_queue(story, rows, random)
        home = heard(story, said, rows, random)
        try:
            check(story, home)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from None
        counts["examples"] += 1
        counts["rows"] += len(rows)
        counts["lost messages"] += len(story.said) - len(said)
        counts["told by logs"] += len(home.read)

"""Nothing lost, nothing twice: any facts, over both transports, with repeats and restarts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cache
import json
from random import Random
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.message import message_from
from custom_components.tuyalink_intercom.model.changes import AlarmRaised, Change, Passed, Rang
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.context import LIVE
from custom_components.tuyalink_intercom.model.decode import decode
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.state import AccessState, Device, Memory, Press
from tests.counting import in_blocks, printed_counts

from .files import NOW, device
from .once_facts import (
    BELL,
    CHIME,
    INTERCOM,
    KEYPAD,
    LOCK,
    TERMINAL,
    Said,
    Seen,
    Story,
    Teller,
)
from .pictures import sealed
from .said import Listener, core, legacy, notify

BLOCK = 1000
NAMES = (INTERCOM, BELL, LOCK, CHIME, KEYPAD)


@cache
def devices() -> dict[str, Device]:
    terminal = device_from(
        {"id": TERMINAL}, Description({}, {}), now=NOW - 3600, points=("tyabinmc7h", "tyabiwvwhq")
    )
    assert terminal is not None
    return {TERMINAL: terminal, **{name: device(name, now=NOW - 3600) for name in NAMES}}


class Home:
    """What a coordinator does with messages, and what it keeps over an orderly restart."""

    def __init__(self) -> None:
        self.state = AccessState(devices())
        self.seen: set[str] = set()
        self.heard: list[tuple[Seen, bool, Said]] = []

    def hears(self, said: Said) -> None:
        """Take one message; a repeat of a seen one is a no-op."""
        message = message_from(said.body, time=said.at, transport_id=said.queue_id)
        fresh = self.seen.isdisjoint(message.ids)
        self.seen.update(message.ids)
        if not fresh:
            return
        changes = decode(message, self.state, said.arrives)
        self.state = reduce(self.state, changes)
        for change in changes:
            if isinstance(change, AlarmRaised | Passed | Rang):
                self.heard.append((summary(change), change.live, said))

    def restarts(self) -> None:
        """Forget everything but what is stored, in the form in which it is stored."""
        memories = {key: asdict(one.memory) for key, one in self.state.devices.items()}
        stored = json.loads(json.dumps({"seen": [*self.seen], "memories": memories}))
        self.seen = set(stored["seen"])
        self.state = AccessState(
            {
                key: replace(one, memory=remembered(stored["memories"][key]))
                for key, one in devices().items()
            }
        )


def remembered(kept: dict[str, Any]) -> Memory:
    return Memory(
        presses=tuple(Press(**press) for press in kept["presses"]),
        facts=tuple((key, time) for key, time in kept["facts"]),
    )


def summary(change: Change) -> Seen:
    match change:
        case Rang(device_id=key, channel=channel):
            return Rang, key, channel
        case Passed(device_id=key):
            return Passed, key, (change.outcome, change.method, change.slot, change.person)
        case AlarmRaised(device_id=key, alarm=alarm):
            return AlarmRaised, key, alarm
    raise AssertionError(change)


def heard(story: Story) -> Home:
    """Let a home hear a story, going down and up as the story says."""
    home = Home()
    ups = [up for _, up in story.restarts]
    for said in story.said:
        while ups and said.arrives >= ups[0]:
            home.restarts()
            ups.pop(0)
        home.hears(said)
    return home


def check(story: Story, home: Home) -> None:
    """Each fact was heard once, and live only if its message was at most a minute old."""
    assert Counter(seen for seen, _, _ in home.heard) == Counter(story.expected)
    for _, live, said in home.heard:
        assert live is (said.arrives - said.at <= LIVE), said


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_blocks(metafunc, metafunc.config.getoption("examples"), BLOCK)


@pytest.fixture(scope="module")
def counts(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Count what was tried, and print it after the last test."""
    with printed_counts(request.config, "test_once") as counted:
        yield counted


def test_whatever_happens_each_fact_is_heard_exactly_once(
    block: range, counts: Counter[str]
) -> None:
    for seed in block:
        story = Teller(Random(seed)).tell()  # noqa: S311 - seeded, so that it can be repeated
        home = heard(story)
        try:
            check(story, home)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from None
        counts["examples"] += 1
        counts["messages"] += len(story.said)
        counts["restarts"] += len(story.restarts)
        for kind, _, _ in story.expected:
            counts[kind.__name__] += 1


@pytest.mark.parametrize("off", [-600.5, -599.5, 599.5, 600.5])
def test_a_clock_as_wrong_as_is_still_believed_doubles_nothing(off: float) -> None:
    # Of one report, one dialect may come within the ten minutes and the other not.
    listener = Listener(LOCK)
    told = int((NOW + off) * 1000)
    for code, value in (("alarm_lock", "pry"), ("unlock_fingerprint", 1)):
        listener.hears(legacy({code: value}, t=told), NOW)
        listener.hears(core({code: value}, time=told), NOW + 1)
        listener.hears(legacy({code: value}, t=told), NOW - 1)
    assert len(listener.of(AlarmRaised)) == 1
    assert len(listener.of(Passed)) == 1


def test_a_backlog_in_any_order_gives_late_carriers_to_the_press_before_them() -> None:
    listener = Listener(INTERCOM)
    presses = [NOW, NOW + 8]
    pictures = [sealed("ipc_doorbell") for _ in presses]
    # The second press and the first one's picture come before everything else.
    listener.hears(notify(presses[1]), presses[1], now=NOW + 60)
    listener.hears(notify(presses[0]), presses[0], now=NOW + 60)
    listener.hears(legacy({"alarm_message": pictures[0]}), presses[0] + 1, now=NOW + 60)
    listener.hears(legacy({"alarm_message": pictures[1]}), presses[1] + 14, now=NOW + 60)
    assert len(listener.rings) == 2

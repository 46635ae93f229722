"""The life of a call, whatever order its messages come in, and what time does to it."""

from dataclasses import replace
from itertools import permutations
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.calls import KEPT, makes_calls, phase_of, resumed
from custom_components.tuyalink_intercom.model.changes import (
    CallMoved,
    CallReason,
    CallRested,
    CallStep,
)
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.state import AccessState, CallPhase, Device
from custom_components.tuyalink_intercom.model.timeouts import next_end, timed_out

from .files import NOW, device
from .pictures import sealed
from .said import Listener, heard, legacy, notify
from .test_rings import BELL
from .test_terminals import call, terminal

CHIME = "wxml_gznianheex1wcv5b"
LOCK = "ms_bljvjx2nsv02dhao"


def outcome(command: str) -> dict[str, Any]:
    return legacy({"initiative_message": sealed(command)})


def phase(listener: Listener) -> CallPhase:
    return phase_of(listener.device)


def pass_time(listener: Listener, now: float) -> None:
    """Let what is over by then be over."""
    for changes in timed_out(listener.state, now):
        listener.state = reduce(listener.state, changes)
        listener.changes.extend(changes)


def steps(listener: Listener) -> list[tuple[CallStep, CallReason | None, bool]]:
    return [(one.step, one.reason, one.live) for one in listener.of(CallMoved)]


MISSED = (CallStep.MISSED, CallReason.TIMEOUT, True)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (1, CallPhase.RINGING),
        (2, CallPhase.RINGING),
        (3, CallPhase.ENDED),
        (4, CallPhase.MISSED),
        (5, CallPhase.ENDED),
        (6, CallPhase.ANSWERED),
        (7, CallPhase.ENDED),
        (8, CallPhase.ANSWERED),
        (9, CallPhase.DECLINED),
        (10, CallPhase.ENDED),
    ],
)
def test_every_step_of_a_terminals_call_is_shown(kind: int, shown: CallPhase) -> None:
    listener = heard(terminal(), call(1))
    listener.hears(call(kind), NOW + 5)
    assert phase(listener) is shown


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("ipc_connected", CallPhase.ANSWERED),
        ("ipc_unconnected", CallPhase.MISSED),
        ("ipc_refuse", CallPhase.DECLINED),
    ],
)
def test_every_outcome_of_an_intercoms_call_is_shown(command: str, shown: CallPhase) -> None:
    listener = heard(BELL, notify(NOW))
    assert phase(listener) is CallPhase.RINGING
    listener.hears(outcome(command), NOW + 20)
    assert phase(listener) is shown


@pytest.mark.parametrize(
    ("whom", "ring", "seconds"), [(terminal(), call(1), 30), (device(BELL), notify(NOW), 60)]
)
def test_a_call_of_which_nothing_more_is_told_is_missed_once_and_then_over(
    whom: Device, ring: dict[str, Any], seconds: float
) -> None:
    listener = heard(whom, ring)
    assert next_end(listener.state) == NOW + seconds
    pass_time(listener, NOW + seconds - 1)
    assert steps(listener) == []
    pass_time(listener, NOW + seconds)
    pass_time(listener, NOW + seconds + 9)
    assert steps(listener) == [MISSED]
    assert listener.of(CallMoved)[0].event_id == listener.rings[0].event_id
    assert phase(listener) is CallPhase.MISSED
    pass_time(listener, NOW + seconds + 10)
    assert phase(listener) is CallPhase.IDLE
    assert next_end(listener.state) is None
    assert steps(listener) == [MISSED]


def test_a_missed_call_that_the_device_tells_later_is_not_missed_again() -> None:
    listener = heard(terminal(), call(1))
    pass_time(listener, NOW + 30)
    listener.hears(call(4), NOW + 31)
    pass_time(listener, NOW + 60)
    listener.hears(call(4), NOW + 62)
    assert steps(listener) == [MISSED]
    assert phase(listener) is CallPhase.IDLE


def test_a_call_thought_missed_that_was_answered_was_answered() -> None:
    listener = heard(BELL, notify(NOW))
    pass_time(listener, NOW + 60)
    listener.hears(outcome("ipc_connected"), NOW + 62)
    assert [step for step, _, _ in steps(listener)] == [CallStep.MISSED, CallStep.ANSWERED]
    assert phase(listener) is CallPhase.ANSWERED


def test_whoever_took_a_call_did_not_miss_it() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(outcome("ipc_connected"), NOW + 10)
    listener.hears(outcome("ipc_unconnected"), NOW + 25)
    assert [step for step, _, _ in steps(listener)] == [CallStep.ANSWERED]
    assert phase(listener) is CallPhase.ANSWERED


def test_an_answered_call_of_whose_end_nothing_is_told_is_forgotten_without_an_event() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(outcome("ipc_connected"), NOW + 10)
    pass_time(listener, NOW + 129)
    assert phase(listener) is CallPhase.ANSWERED
    pass_time(listener, NOW + 130)
    assert phase(listener) is CallPhase.IDLE
    assert len(listener.of(CallMoved)) == len(listener.of(CallRested)) == 1


@pytest.mark.parametrize("order", permutations([(1, 0), (6, 8), (5, 20)]))
def test_in_whatever_order_and_however_often_a_call_is_told_it_ends_the_same(order: Any) -> None:
    listener = Listener(terminal())
    for kind, seconds in (*order, *reversed(order)):
        listener.hears(call(kind), NOW + seconds, now=NOW + 21)
    assert phase(listener) is CallPhase.ENDED
    assert len(listener.rings) == 1
    assert {step for step, _, _ in steps(listener)} == {CallStep.ANSWERED, CallStep.ENDED}
    pass_time(listener, NOW + 500)
    assert phase(listener) is CallPhase.IDLE
    assert len(listener.of(CallMoved)) == 2


def test_what_comes_after_the_end_was_shown_does_not_bring_a_call_back() -> None:
    listener = heard(terminal(), call(5))
    pass_time(listener, NOW + 10)
    listener.hears(call(6), NOW + 11)
    listener.hears(call(1), NOW + 12)
    assert phase(listener) is CallPhase.IDLE
    pass_time(listener, NOW + 60)
    assert CallStep.MISSED not in {step for step, _, _ in steps(listener)}


@pytest.mark.parametrize("command", ["ipc_connected", "ipc_unconnected", "ipc_refuse"])
def test_the_outcome_of_an_intercoms_call_may_come_before_its_ring(command: str) -> None:
    listener = Listener(BELL)
    listener.hears(outcome(command), NOW + 20)
    assert listener.of(CallMoved) == []
    listener.hears(notify(NOW), NOW, now=NOW + 21)
    [ring], [moved] = listener.rings, listener.of(CallMoved)
    assert moved.event_id == ring.event_id
    assert phase(listener) is CallPhase(moved.step)
    pass_time(listener, NOW + 70)
    assert len(listener.of(CallMoved)) == 1


def test_an_outcome_without_its_ring_is_not_that_of_the_next_call() -> None:
    listener = Listener(BELL)
    listener.hears(outcome("ipc_unconnected"), NOW)
    listener.hears(notify(NOW + 10), NOW + 10)
    assert phase(listener) is CallPhase.RINGING
    assert steps(listener) == []


def test_an_outcome_that_the_next_ring_overtook_is_still_that_of_its_own_call() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(notify(NOW + 61), NOW + 61)
    listener.hears(outcome("ipc_unconnected"), NOW + 55, now=NOW + 62)
    first, second = listener.rings
    assert [moved.event_id for moved in listener.of(CallMoved)] == [first.event_id]
    assert first.event_id != second.event_id
    assert phase(listener) is CallPhase.RINGING


def test_repeats_of_a_ring_do_not_prolong_a_call_and_further_presses_do() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(legacy({"doorbell_active": f"{NOW:.0f}"}), NOW + 3)
    assert next_end(listener.state) == NOW + 60
    listener.hears(notify(NOW + 50), NOW + 50)
    assert next_end(listener.state) == NOW + 110
    pass_time(listener, NOW + 110)
    assert steps(listener) == [MISSED]


def test_a_press_while_a_call_is_talked_does_not_let_it_ring_again() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(outcome("ipc_connected"), NOW + 10)
    listener.hears(notify(NOW + 30), NOW + 30)
    assert [ring.presses for ring in listener.rings] == [1, 2]
    assert phase(listener) is CallPhase.ANSWERED


def test_two_panels_have_a_call_each() -> None:
    listener = heard(BELL, notify(NOW, cid="1"))
    listener.hears(notify(NOW + 5, cid="2"), NOW + 5)
    assert [one.channel for one in listener.device.calls] == ["1", "2"]
    pass_time(listener, NOW + 60)
    assert steps(listener) == [MISSED]
    assert phase(listener) is CallPhase.RINGING
    pass_time(listener, NOW + 65)
    assert steps(listener) == [MISSED, MISSED]


def test_an_old_ring_starts_no_call_and_is_never_missed() -> None:
    listener = Listener(terminal())
    listener.hears(call(1), NOW, now=NOW + 61)
    assert len(listener.rings) == 1
    assert phase(listener) is CallPhase.IDLE
    assert next_end(listener.state) is None


def test_the_old_outcome_of_a_call_that_is_not_known_shows_nothing() -> None:
    listener = Listener(terminal())
    listener.hears(call(6), NOW, now=NOW + 61)
    assert phase(listener) is CallPhase.IDLE


def test_a_call_that_should_have_ended_long_ago_is_missed_as_history() -> None:
    listener = heard(terminal(), call(1))
    pass_time(listener, NOW + 30 + 61)
    assert steps(listener) == [(CallStep.MISSED, CallReason.TIMEOUT, False)]


def test_the_devices_own_clock_does_not_change_how_long_it_rings() -> None:
    pressed = NOW - 500
    listener = heard(BELL, notify(pressed))
    assert listener.rings[0].time == pressed
    assert next_end(listener.state) == NOW + 60


@pytest.mark.parametrize(
    ("name", "press"), [(CHIME, {"doorbell_call": 1}), (LOCK, {"doorbell": True})]
)
def test_what_only_chimes_has_no_calls(name: str, press: dict[str, Any]) -> None:
    bell = device(name)
    listener = heard(bell, legacy(press))
    assert len(listener.rings) == 1
    assert not makes_calls(bell)
    assert listener.device.calls == ()


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (10, CallPhase.RINGING),
        (60, CallPhase.RINGING),
        (61, CallPhase.IDLE),
        (7200, CallPhase.IDLE),
    ],
)
def test_only_a_call_that_just_rang_is_taken_up_after_a_restart(
    seconds: float, shown: CallPhase
) -> None:
    before = heard(BELL, notify(NOW)).device
    after = resumed(replace(before, calls=()), NOW + seconds)
    assert phase_of(after) is shown
    assert after.calls == (before.calls if shown is CallPhase.RINGING else ())


@pytest.mark.parametrize("kind", [4, 6, 9])
def test_a_call_whose_outcome_is_known_does_not_ring_again_after_a_restart(kind: int) -> None:
    before = heard(terminal(), call(kind), call(1)).device
    after = resumed(replace(before, calls=()), NOW + 10)
    assert after.calls == ()
    listener = Listener(after)
    pass_time(listener, NOW + 60)
    assert listener.changes == []


def test_calls_are_held_in_bounded_number() -> None:
    listener = Listener(terminal())
    for number in range(50):
        body = json.dumps({"sn": str(number), "type": 1, "targetAddress": "01"})
        listener.hears(legacy({"": body}), NOW)
    assert len(listener.device.calls) == KEPT


def test_without_calls_nothing_ends_by_time() -> None:
    state = AccessState({"terminal": terminal()})
    assert next_end(state) is None
    assert [*timed_out(state, NOW)] == []

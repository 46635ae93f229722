"""What a published door tells Tuya, and when: the state machine alone, without a clock."""

from collections.abc import Mapping
from dataclasses import replace
import random

import pytest

from custom_components.tuyalink_intercom.model.allowance import BURST, EVERY, EVERY_WHEN_TIGHT
from custom_components.tuyalink_intercom.model.happenings import ActionAnswer, Happening
from custom_components.tuyalink_intercom.model.outbox import (
    AWAY_AFTER,
    FIRST_BACKOFF,
    LONGEST_BACKOFF,
    MOST_ANSWERS,
    MOST_HAPPENINGS,
    STANDSTILL,
    Outbox,
)
from custom_components.tuyalink_intercom.model.publication import Value
from custom_components.tuyalink_intercom.model.sendables import (
    AnswerOut,
    EventOut,
    Fate,
    Lane,
    Lost,
    PointsOut,
    PresenceOut,
    Sendable,
    ValuesOut,
)
from custom_components.tuyalink_intercom.model.unreported import APART, APART_WHEN_TIGHT, WINDOW

NOW = 1_795_000_000.0
RING = Happening(code="ring", time=NOW, good_for=60.0)
ACCESS = Happening(code="access", time=NOW, outputs={"result": "granted"}, good_for=86_400.0)


class Running:
    """An outbox, and the time that passes for it."""

    def __init__(self, *urgent: str) -> None:
        self.box = Outbox(frozenset(urgent))
        self.now = NOW

    def report(self, values: Mapping[str, Value] | None = None, **more: Value) -> None:
        """Say what properties are."""
        self.box.values.wish({**(values or {}), **more}, self.now)

    def sent(self, within: float = 0.0) -> Sendable | None:
        """Let time pass until something is sent, at most for so long."""
        end = self.now + within
        while True:
            found = self.box.next(self.now)
            if found is not None and not isinstance(found, float):
                return found
            if found is None or self.now + found > end + 1e-6:
                self.now = end
                return None
            self.now += found

    def values(self, within: float = 2.0) -> dict[str, Value]:
        """Return the values that go out next, and leave their report under way."""
        out = self.sent(within)
        assert isinstance(out, ValuesOut), out
        return {code: timed.value for code, timed in out.values.items()}

    def told(self, **values: Value) -> None:
        """Have Tuya take these values."""
        self.report(values)
        self.values()
        self.box.done()

    def fail(self, fate: Fate = Fate.ALL_WAIT, wait: float | None = None) -> bool:
        """Have Tuya not take what is under way; tell whether that is the end of it."""
        return self.box.failed(fate, self.now, wait)


@pytest.fixture
def door() -> Running:
    return Running("bolt")


def test_what_changes_together_is_one_report(door: Running) -> None:
    door.report(bolt=True)
    assert door.sent() is None
    door.now += WINDOW / 2
    door.report(battery=80)
    assert door.sent(WINDOW / 4) is None
    assert door.values(WINDOW / 4) == {"bolt": True, "battery": 80}
    door.box.done()
    assert door.box.values.told == {"bolt": True, "battery": 80}
    assert door.box.idle


def test_the_window_does_not_slide(door: Running) -> None:
    door.report(bolt=True)
    for value in range(10):
        door.report(battery=value)
        door.now += WINDOW / 10
    assert door.values(0.0) == {"bolt": True, "battery": 9}


def test_what_tuya_knows_is_not_said_again_unless_forced(door: Running) -> None:
    door.told(bolt=True)
    door.report(bolt=True)
    assert door.sent(10) is None
    door.box.values.wish({"bolt": True}, door.now, force=True)
    assert door.values() == {"bolt": True}


def test_true_is_not_one(door: Running) -> None:
    door.told(bolt=True)
    door.report(bolt=1)
    assert door.values() == {"bolt": 1}


def test_there_and_back_within_the_window_is_nothing(door: Running) -> None:
    door.told(bolt=False)
    door.report(bolt=True)
    door.report(bolt=False)
    assert door.sent(10) is None


def test_reports_are_a_second_apart(door: Running) -> None:
    door.told(bolt=False)
    before = door.now
    door.report(bolt=True)
    door.values()
    assert door.now - before == pytest.approx(APART)


@pytest.mark.parametrize(("code", "apart"), [("bolt", APART), ("battery", APART_WHEN_TIGHT)])
def test_when_calls_run_out_only_the_door_itself_is_told_at_once(
    door: Running, code: str, apart: float
) -> None:
    door.told(bolt=False, battery=80)
    before, door.box.tight = door.now, True
    door.report({code: 7})
    door.values(100)
    assert door.now - before == pytest.approx(apart)


def test_what_can_wait_travels_with_what_cannot(door: Running) -> None:
    door.told(bolt=False, battery=80)
    door.box.tight = True
    door.report(battery=79)
    assert door.sent(5) is None
    door.report(bolt=True)
    assert door.values() == {"battery": 79, "bolt": True}


def test_a_newer_value_waits_for_the_older_one_on_its_way(door: Running) -> None:
    door.report(bolt=True)
    door.values()
    door.report(bolt=False)
    assert door.sent(10) is None
    door.box.done()
    assert door.values() == {"bolt": False}


def test_what_failed_goes_again_under_its_id(door: Running) -> None:
    door.report(bolt=True)
    first = door.sent(1)
    door.fail()
    assert door.sent(FIRST_BACKOFF / 2) is None
    assert door.sent(FIRST_BACKOFF) is first


def test_what_failed_and_is_outdated_does_not_go_again(door: Running) -> None:
    door.report(bolt=True, battery=80)
    first = door.sent(1)
    door.fail()
    door.report(bolt=False)
    second = door.sent(5)
    assert isinstance(first, ValuesOut)
    assert isinstance(second, ValuesOut)
    assert {code: timed.value for code, timed in second.values.items()} == {
        "bolt": False,
        "battery": 80,
    }
    assert second.msg_id != first.msg_id
    assert second.values["bolt"].time > first.values["bolt"].time


def test_a_value_that_may_have_arrived_is_corrected(door: Running) -> None:
    """It was false, true may have been taken, now it is false again."""
    door.told(bolt=False)
    door.report(bolt=True)
    door.values()
    door.fail()
    door.report(bolt=False)
    assert door.values(10) == {"bolt": False}
    door.box.done()
    assert door.sent(100) is None


def test_times_only_go_forward_whatever_the_clock_does(door: Running) -> None:
    door.report(bolt=True)
    first = door.sent(1)
    door.box.done()
    door.now -= 3600
    door.report(bolt=False)
    second = door.sent(2)
    assert isinstance(first, ValuesOut)
    assert isinstance(second, ValuesOut)
    assert second.values["bolt"].time > first.values["bolt"].time


def test_each_failure_waits_longer_up_to_five_minutes(door: Running) -> None:
    door.report(bolt=True)
    waits = []
    door.sent(1)
    for _ in range(10):
        before = door.now
        door.fail()
        assert door.sent(10 * LONGEST_BACKOFF) is not None
        waits.append(round(door.now - before))
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == LONGEST_BACKOFF
    door.box.done()
    door.report(bolt=False)
    assert door.values(2) == {"bolt": False}


def test_tuya_may_say_how_long_to_wait(door: Running) -> None:
    door.report(bolt=True)
    door.sent(1)
    door.fail(wait=60.0)
    assert door.sent(59) is None
    assert door.sent(2) is not None


def test_one_event_that_does_not_get_through_holds_no_values_back(door: Running) -> None:
    door.box.tell(ACCESS, door.now)
    door.sent()
    door.fail(Fate.LANE_WAITS)
    door.report(bolt=True)
    assert door.values(1) == {"bolt": True}
    door.box.done()
    again = door.sent(5)
    assert isinstance(again, EventOut)
    assert again.happening.msg_id == ACCESS.msg_id


def test_of_several_values_the_one_that_is_refused_is_found(door: Running) -> None:
    door.report(bolt=True, battery=80, leaf=False)
    assert len(door.values()) == 3
    assert not door.fail(Fate.REFUSED)
    for code in ("bolt", "battery", "leaf"):
        assert [*door.values()] == [code]
        if code == "battery":
            assert door.fail(Fate.REFUSED)
        else:
            door.box.done()
    assert door.box.values.refused == {"battery": 80}
    door.report(battery=79, bolt=False, leaf=True)
    assert door.values() == {"bolt": False, "leaf": True}
    door.box.done()
    assert door.sent(STANDSTILL * 2) is None
    door.box.mended(door.now)
    assert door.values() == {"battery": 79}


def test_a_value_that_changes_while_it_is_refused_goes_as_it_is_then(door: Running) -> None:
    door.report(bolt=True, battery=80)
    door.values()
    door.report(battery=81)
    door.fail(Fate.REFUSED)
    assert door.values() in ({"bolt": True}, {"battery": 81})
    door.box.done()
    assert door.values() in ({"bolt": True}, {"battery": 81})


def test_nothing_is_told_while_a_command_changes_it(door: Running) -> None:
    door.box.held = 1
    door.report(bolt=True)
    assert door.sent(100) is None
    door.box.tell(replace(RING, time=door.now), door.now)
    assert isinstance(door.sent(), EventOut)
    door.box.done()
    door.box.held = 0
    assert door.values(0) == {"bolt": True}


def test_answers_go_first_then_presence_then_what_happened(door: Running) -> None:
    door.report(bolt=True)
    door.box.report_points({101: True}, door.now)
    door.now += 1
    door.box.tell(RING, door.now)
    door.box.tell(ACCESS, door.now)
    door.box.be(door.now, online=True)
    door.box.answer(ActionAnswer(msg_id="1", action="unlock", code=0), door.now)
    order = []
    while (out := door.sent(5)) is not None:
        order.append(out.happening.code if isinstance(out, EventOut) else out.lane)
        door.box.done()
    assert order == [Lane.ANSWER, Lane.PRESENCE, "ring", "access", Lane.VALUES, Lane.POINTS]
    assert door.box.idle


def test_an_answer_is_tried_whatever_befell_the_others(door: Running) -> None:
    door.report(bolt=True)
    door.sent(1)
    door.fail(wait=STANDSTILL)
    door.box.answer(ActionAnswer(msg_id="1", action="unlock", code=0), door.now)
    for _ in range(3):
        assert isinstance(door.sent(5), AnswerOut)
        door.fail(wait=STANDSTILL)
    door.now += 31
    assert door.sent(5) is None
    assert door.box.lost[Lost.ANSWERED_TOO_LATE] == 1


def test_more_answers_than_can_be_of_use_are_not_kept(door: Running) -> None:
    for number in range(MOST_ANSWERS + 2):
        door.box.answer(ActionAnswer(msg_id=str(number), action="lock", code=0), door.now)
        if number == 0:
            door.sent()
    door.box.done()
    out = door.sent()
    assert isinstance(out, AnswerOut)
    assert out.answer.msg_id == "3"
    assert door.box.lost[Lost.CROWDED_OUT] == 2


def test_who_was_at_the_door_an_hour_ago_is_not_told_who_came_in_is(door: Running) -> None:
    door.box.tell(RING, door.now)
    door.box.tell(ACCESS, door.now)
    door.now += 61
    out = door.sent()
    assert isinstance(out, EventOut)
    assert out.happening == ACCESS
    assert door.box.lost == {Lost.EXPIRED: 1}


def test_a_ring_that_waits_while_the_clock_is_put_back_does_not_ring_an_hour_later(
    door: Running,
) -> None:
    door.box.tell(RING, door.now)
    door.box.tell(ACCESS, door.now)
    door.now -= 3600
    out = door.sent()
    assert isinstance(out, EventOut)
    assert out.happening == ACCESS
    assert door.box.lost == {Lost.EXPIRED: 1}


def test_an_outage_keeps_the_newest_happenings(door: Running) -> None:
    for number in range(MOST_HAPPENINGS + 5):
        door.box.tell(replace(ACCESS, code=f"code{number}"), door.now)
        if number == 0:
            door.sent()
    assert len(door.box.unsent) == MOST_HAPPENINGS
    assert door.box.unsent[0].code == "code0"
    assert door.box.lost[Lost.CROWDED_OUT] == 5
    door.box.done()
    assert door.box.unsent[0].code == "code6"


def test_a_refused_event_is_told_without_what_it_carries_then_no_more(door: Running) -> None:
    door.box.tell(ACCESS, door.now)
    door.sent()
    assert not door.fail(Fate.REFUSED)
    bare = door.sent()
    assert isinstance(bare, EventOut)
    assert not bare.happening.outputs
    assert bare.happening.msg_id != ACCESS.msg_id
    assert door.fail(Fate.REFUSED)
    door.box.tell(ACCESS, door.now)
    assert door.sent() is None
    assert door.box.lost[Lost.REFUSED] == 2
    door.box.mended(door.now)
    door.box.tell(ACCESS, door.now)
    assert isinstance(door.sent(), EventOut)


def test_being_away_for_moments_is_not_told(door: Running) -> None:
    door.box.be(door.now, online=True)
    door.sent()
    door.box.done()
    door.box.be(door.now, online=False)
    assert door.sent(AWAY_AFTER / 2) is None
    door.box.be(door.now, online=True)
    assert door.sent(100) is None
    door.box.be(door.now, online=False)
    assert door.sent(AWAY_AFTER) == PresenceOut(online=False)
    door.box.done()
    door.box.be(door.now, online=True)
    assert door.sent() == PresenceOut(online=True)


def test_what_was_told_of_presence_can_be_told_again(door: Running) -> None:
    door.box.be(door.now, online=True)
    door.sent()
    door.box.done()
    door.box.be(door.now, online=True, again=True)
    assert door.sent() == PresenceOut(online=True)
    door.fail(Fate.REFUSED)
    assert door.sent(STANDSTILL / 2) is None
    assert door.sent(STANDSTILL) == PresenceOut(online=True)


def test_what_tuya_was_found_to_hold_is_corrected(door: Running) -> None:
    door.told(bolt=True)
    door.box.values.learn({"bolt": False})
    door.report(bolt=True)
    assert door.values() == {"bolt": True}


def test_data_points_go_as_they_are_when_they_go(door: Running) -> None:
    door.box.report_points({101: True}, door.now)
    door.sent()
    door.box.report_points({101: False}, door.now)
    door.box.done()
    out = door.sent()
    assert isinstance(out, PointsOut)
    assert out.values[101].value is False
    assert door.fail(Fate.REFUSED)
    assert door.sent() is None


def flicker(door: Running, seconds: int) -> int:
    """Have a contact change each second for so long; return how many reports came of it."""
    reports, end = 0, door.now + seconds
    while door.now < end:
        door.report(bolt=int(door.now) % 2 == 0)
        second = door.now + 1
        while door.now < second and (out := door.box.next(door.now)) is not None:
            if isinstance(out, float):
                door.now += min(out, second - door.now)
            else:
                reports += 1
                door.box.done()
        door.now = second
    return reports


def test_a_loose_contact_costs_no_month_and_its_last_state_is_told(door: Running) -> None:
    day = flicker(door, 7200)
    assert BURST <= day <= BURST + 7200 / EVERY + 1
    door.box.tight = True
    assert flicker(door, 7200) <= 7200 / EVERY_WHEN_TIGHT + 1
    last = not door.box.values.told["bolt"]
    door.report(bolt=last)
    assert door.values(EVERY_WHEN_TIGHT) == {"bolt": last}


def test_a_door_that_was_quiet_for_a_while_is_told_at_once_again(door: Running) -> None:
    flicker(door, 200)
    door.now += BURST * EVERY
    if door.sent() is not None:
        door.box.done()
    value = door.box.values.told["bolt"]
    for _ in range(BURST // 2):
        door.now += 5
        value = not value
        door.report(bolt=value)
        assert door.values(1.0) == {"bolt": value}
        door.box.done()


def test_an_answer_to_a_command_does_not_wait_for_a_loose_contact(door: Running) -> None:
    flicker(door, 200)
    door.box.values.wish({"bolt": True}, door.now, force=True)
    assert door.values(1.0) == {"bolt": True}


def test_a_loose_contact_does_not_hold_another_back(door: Running) -> None:
    door.report(leaf=False)
    flicker(door, 200)
    door.report(leaf=True)
    assert door.values(1.0)["leaf"] is True


def test_an_alarm_without_end_neither_floods_nor_keeps_a_ring_back(door: Running) -> None:
    alarm, told = replace(ACCESS, code="alarm"), 0
    for _ in range(BURST * 3):
        door.box.tell(replace(alarm, time=door.now), door.now)
        while door.sent() is not None:
            door.box.done()
            told += 1
        door.now += 1
    door.box.tell(replace(RING, time=door.now), door.now)
    out = door.sent()
    assert isinstance(out, EventOut)
    assert out.happening.code == "ring"
    assert told <= BURST + BURST * 3 / EVERY + 1
    assert door.box.lost[Lost.TOO_MANY] == BURST * 3 - told


def test_a_door_that_comes_and_goes_all_day_is_told_rarely(door: Running) -> None:
    told = 0
    for number in range(1000):
        door.box.be(door.now, online=number % 2 == 0)
        if door.sent(AWAY_AFTER + 1) is not None:
            door.box.done()
            told += 1
    assert told <= BURST + 1000 * (AWAY_AFTER + 1) / EVERY + 1


def test_a_clock_that_was_put_back_holds_nothing_back(door: Running) -> None:
    flicker(door, 200)
    door.now -= 7200
    door.report(bolt=not door.box.values.told["bolt"])
    assert door.values(EVERY)


def test_a_whole_number_is_the_same_with_a_point(door: Running) -> None:
    door.told(battery=80)
    door.box.values.learn({"battery": 80.0})
    door.report(battery=80)
    assert door.sent(10) is None
    door.report(battery=True)
    assert door.values() == {"battery": True}


class Fickle:
    """A cloud that takes some calls without saying so, and forgets others."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same each time, not secret
        self.door = Running("bolt")
        self.truth: dict[str, Value] = {}
        self.taken: dict[str, tuple[float, Value]] = {}
        self.newest = 0.0

    def hear(self, out: Sendable) -> None:
        """Take what was sent, which may not be older than what is known."""
        if isinstance(out, EventOut):
            assert out.happening.time >= self.newest
            self.newest = out.happening.time
        elif isinstance(out, ValuesOut):
            for code, timed in out.values.items():
                assert timed.time >= self.taken.get(code, (0.0, None))[0]
                self.taken[code] = timed.time, timed.value

    def say(self) -> None:
        """Have something change, and perhaps happen."""
        self.truth[self.chance.choice(["bolt", "leaf"])] = self.chance.random() < 0.5
        self.door.report(self.truth)
        if self.chance.random() < 0.3:
            self.door.box.tell(replace(ACCESS, time=self.door.now), self.door.now)

    def turn(self) -> None:
        """Let one call go out, and perhaps get lost on the way there or back."""
        out = self.door.sent(self.chance.choice([0.0, 0.3, 5.0, 400.0]))
        if out is None:
            return
        lost = self.chance.random() < 0.5
        if not lost or self.chance.random() < 0.5:
            self.hear(out)
        if self.chance.random() < 0.5:
            self.say()
        if lost:
            self.door.fail(self.chance.choice([Fate.ALL_WAIT, Fate.LANE_WAITS]))
        else:
            self.door.box.done()


@pytest.mark.parametrize("seed", range(100))
def test_whatever_gets_lost_tuya_ends_up_with_the_truth_and_never_goes_back(seed: int) -> None:
    tuya = Fickle(seed)
    for _ in range(120):
        if tuya.chance.random() < 0.4:
            tuya.say()
        tuya.turn()
    while (out := tuya.door.sent(1000)) is not None:
        tuya.hear(out)
        tuya.door.box.done()
    assert {code: value for code, (_, value) in tuya.taken.items()} == tuya.truth
    assert tuya.door.box.idle
    assert tuya.door.box.values.told == tuya.truth


def test_ids_are_no_longer_than_tuya_allows_and_all_different(door: Running) -> None:
    ids = set()
    for number in range(50):
        door.report(battery=number)
        out = door.sent(2)
        assert isinstance(out, ValuesOut)
        ids |= {out.msg_id, replace(RING).msg_id, Happening(code="x", time=0, good_for=1).msg_id}
        door.box.done()
    assert len(ids) == 50 + 1 + 50
    assert {len(one) for one in ids} == {32}

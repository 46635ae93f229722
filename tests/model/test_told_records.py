"""Rows of logs as records: whatever stands in them, whoever they name, told before or not."""

from dataclasses import replace
import random
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import AlarmRaised, Outcome, Passed, Rang
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.history import (
    Point,
    Row,
    alarmed,
    noted,
    opened,
    passed,
    reported,
)
from custom_components.tuyalink_intercom.model.people import LoggedPassage
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import Device, Meaning, Method
from custom_components.tuyalink_intercom.model.told_records import (
    Gap,
    Record,
    RecordKind,
    gaps,
    reads,
    recorded,
)

from .files import NOW, device

INTERCOM = "sp_h3bhzu9m0ig80rdu"
LOCK = "ms_bljvjx2nsv02dhao"
ALL = frozenset(RecordKind)


def terminal() -> Device:
    found = device_from(
        {"id": "terminal"}, Description({}, {}), now=NOW - 3600, points=("tyabinmc7h",)
    )
    assert found is not None
    return found


def lock() -> Device:
    return device(LOCK)


def told(of: Device, *rows: Row) -> list[Record]:
    return recorded(of, rows, NOW)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (NOW - 60, NOW - 60),
        (int((NOW - 60) * 1000), NOW - 60),
        (str(int((NOW - 60) * 1000)), NOW - 60),
        (str(int(NOW - 60)), NOW - 60),
    ],
)
def test_times_are_read_in_seconds_and_milliseconds(stamp: object, expected: float) -> None:
    row = {"update_time": stamp, "status": {"code": "unlock_card", "value": "3"}}
    (record,) = told(lock(), *opened([row]))
    assert record.happened.time == expected
    entry = {"device_id": "terminal", "access_time": stamp, "user_id": "a", "access_type": "刷卡"}
    (record,) = told(terminal(), *passed([entry]))
    assert record.happened.time == expected


def test_a_name_is_the_owners_else_the_rows_else_known_else_the_id() -> None:
    rows = (
        Point(time=NOW - 30, code="unlock_card", value=3, name="Row"),
        Point(time=NOW - 20, code="unlock_card", value=4, name="Row"),
        Point(time=NOW - 10, code="unlock_card", value=5),
    )
    of = replace(lock(), people={"card:3": "Ours", "card:4": "Old", "card:5": "Known"})
    of = replace(of, owner_named=frozenset({"card:3"}))
    assert [person(one) for one in told(of, *rows)] == ["Known", "Row", "Ours"]
    assert [person(one) for one in told(lock(), *rows)] == [None, "Row", "Row"]
    logged = LoggedPassage(device_id="terminal", time=NOW - 9, person_id="a", name="Row")
    assert person(*told(terminal(), logged)) == "Row"
    assert person(*told(terminal(), replace(logged, name=None))) == "a"
    ours = replace(terminal(), people={"a": "Ours"}, owner_named=frozenset({"a"}))
    assert person(*told(ours, logged)) == "Ours"


def person(record: Record) -> str | None:
    assert isinstance(record.happened, Passed)
    return record.happened.person


def test_duress_makes_one_record_of_the_passage_and_one_of_the_alarm() -> None:
    opening = Point(time=NOW - 60, code="unlock_fingerprint", value=2, name="Anna", log="openings")
    alarm = {"update_time": NOW - 59, "nick_name": "Anna"}
    alarm["status"] = {"code": "hijack", "value": "unlock_fingerprint-02"}
    rows = [replace(row, log="alarms") for row in alarmed([alarm])]
    for order in ([opening, *rows], [*rows, opening]):
        records = told(lock(), *order)
        passages = [one for one in records if one.kind is RecordKind.ACCESS]
        assert len(records) == 2
        assert len(passages) == 1
        assert isinstance(passages[0].happened, Passed)
        assert passages[0].happened.outcome is Outcome.DURESS
        assert passages[0].log == "openings"
        assert passages[0].concerns("anna")


def test_the_same_passage_in_two_logs_is_one_record() -> None:
    rows = [
        Point(time=NOW - 60, code="unlock_card", value=3, log="openings"),
        Point(time=NOW - 59, code="unlock_card", value="3", log="device"),
    ]
    assert len(told(lock(), *rows)) == 1


def test_asking_remembers_nothing_and_what_was_told_is_told_again() -> None:
    of = lock()
    row = Point(time=NOW - 60, code="unlock_card", value=3)
    assert told(of, row) == told(of, row)


def test_a_ring_and_an_alarm_are_of_their_kinds() -> None:
    intercom = device(INTERCOM)
    rows = [
        Point(time=NOW - 90, code="doorbell_active", value=str(int(NOW - 90))),
        Point(time=NOW - 30, code="alarm_lock", value="pry"),
    ]
    records = [*told(intercom, rows[0]), *told(lock(), rows[1])]
    assert [(type(one.happened), one.kind) for one in records] == [
        (Rang, RecordKind.CALL),
        (AlarmRaised, RecordKind.ALARM),
    ]
    assert not records[0].concerns("anna")


def test_what_has_not_happened_yet_is_not_told() -> None:
    row = Point(time=NOW + 2 * 3600, code="unlock_card", value=3)
    assert told(lock(), row) == []


# --- what no log tells -----------------------------------------------------------------------


def test_a_terminal_tells_who_came_in_and_nothing_else() -> None:
    of = terminal()
    features = replace(of.features, rings=True)
    of = replace(of, features=features)
    assert {*gaps(of, ALL, NOW - 60, NOW)} == {Gap.ALARMS, Gap.CALLS, Gap.DENIED_PASSAGES}
    assert reads(of, {RecordKind.ACCESS})
    assert not reads(of, {RecordKind.ALARM, RecordKind.CALL})
    assert [*gaps(of, {RecordKind.ACCESS}, NOW - 9e6, NOW)] == [Gap.DENIED_PASSAGES]


def test_an_intercom_that_only_sends_a_call_push_has_its_calls_in_no_log() -> None:
    of = device(INTERCOM)
    silent = replace(of, codes=replace(of.codes, known=frozenset({"accessory_lock"})))
    assert Gap.CALLS not in {*gaps(of, ALL, NOW - 60, NOW)}
    assert Gap.CALLS in {*gaps(silent, ALL, NOW - 60, NOW)}
    taught = replace(silent, taught={"some_code": Meaning.RING})
    assert Gap.CALLS not in {*gaps(taught, ALL, NOW - 60, NOW)}


def test_old_times_and_sleepers_are_told() -> None:
    of = replace(lock(), online=False)
    assert {*gaps(of, ALL, NOW - 8 * 86400, NOW)} >= {Gap.BEFORE_SEVEN_DAYS, Gap.ASLEEP}
    assert not {*gaps(replace(of, online=True), ALL, NOW - 86400, NOW)} & {
        Gap.BEFORE_SEVEN_DAYS,
        Gap.ASLEEP,
    }


# --- whatever stands there -------------------------------------------------------------------


ODD: tuple[Any, ...] = (
    *(None, "", 0, -1, 3, 2**70, 1e300, float("nan"), float("inf"), True, "x" * 500, "\x00"),
    *([], {}, [None], [[]], {"code": 1}, {"code": "unlock_card"}, "AAAA", "1795402752000"),
    *({"code": "unlock_card", "value": {"a": 1}}, [{"code": "alarm_lock", "value": []}]),
    *({"code": "hijack", "value": "unlock_face-01"}, "pry", "刷卡", 1_795_402_752),
)
MEMBERS = (
    *("update_time", "event_time", "gmt_create", "access_time", "status", "dps", "code", "value"),
    *("nick_name", "unlock_name", "name", "user_id", "device_id", "access_type", "image_capture"),
)


def test_odd_rows_cost_at_most_themselves(request: pytest.FixtureRequest) -> None:
    dice = random.Random(20261123)  # noqa: S311 - examples, no secrets
    good = {"update_time": NOW - 60, "status": {"code": "unlock_card", "value": 3}}
    readers = (opened, alarmed, noted, reported, passed)
    for _ in range(request.config.getoption("--examples") // 10):
        row = {name: dice.choice(ODD) for name in dice.sample(MEMBERS, 7)}
        read = dice.choice(readers)
        rows: list[Row] = [*read([row]), *opened([good])]
        for of in (lock(), device(INTERCOM), terminal()):
            for record in recorded(of, rows, NOW):
                assert record.kind in ALL
                assert not record.concerns("nobody at all")
        assert any(
            isinstance(one.happened, Passed) and one.happened.method is Method.CARD
            for one in recorded(lock(), rows, NOW)
        )

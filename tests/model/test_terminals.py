"""Building terminals: access, calls and alarms, known by the keys inside."""

import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    CallMoved,
    CallReason,
    CallStep,
    Opened,
    Outcome,
    Passed,
    Rang,
)
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import Alarm, Device, Fact, Method

from .files import NOW
from .said import Listener, core, heard, legacy

POINTS = ("tyabinmc7h", "tyabi8n4fs", "tyabiwvwhq")
ACCESS = {
    "uid": "ay1563240766201z",
    "operTime": int(NOW - 2) * 1000,
    "way": 4,
    "imageId": "picture-1",
    "isSuccess": True,
}
SNAKE = {
    "uid": "ay1563240766201z",
    "oper_time": f"{NOW - 2:.0f}",
    "way": "4",
    "image_id": "picture-1",
    "is_success": "true",
}


def terminal(points: tuple[str, ...] = POINTS) -> Device:
    built = device_from(
        {"id": "terminal", "name": "Lobby", "isOnline": True},
        Description({}, {}),
        now=NOW,
        points=points,
    )
    assert built is not None
    return built


def wrapped(fact: Any) -> list[dict[str, Any]]:
    """Return one fact in every shape in which a queue may deliver it."""
    text = json.dumps(fact)
    item = {"code": "", "t": int(NOW) * 1000}
    listed = [{"code": key, "value": value} for key, value in fact.items()]
    return [
        {"dataId": "assist_1", "productKey": "p", "status": [{**item, "4": text, "value": text}]},
        {"status": [{**item, "4": text}]},
        {"status": [{**item, "value": fact}]},
        {"status": [{"code": "anything_at_all", "value": text}]},
        core({"x": text}),
        {"bizCode": "accessEvent", "bizData": fact},
        {"bizCode": "accessEvent", "bizData": text},
        {"bizCode": "accessEvent", "data": text},
        {"bizCode": "accessEvent", "eventType": "pass", "data": {"data": fact}},
        {"bizCode": "deviceEventMessage", "bizData": {"eventCode": "e", "outputParams": fact}},
        {"bizCode": "deviceEventMessage", "bizData": {"eventCode": "e", "outputParams": listed}},
        {
            "bizCode": "deviceEventMessage",
            "bizData": {"eventCode": "e", "output_params": [{"code": "event", "value": text}]},
        },
        dict(fact),
    ]


@pytest.mark.parametrize("spelling", [ACCESS, SNAKE], ids=["camelCase", "snake_case"])
@pytest.mark.parametrize("shape", range(13))
def test_an_access_is_understood_in_every_spelling_and_wrapping(
    spelling: dict[str, Any], shape: int
) -> None:
    listener = heard(terminal(), wrapped(spelling)[shape])
    [passed] = listener.of(Passed)
    assert (passed.method, passed.person, passed.outcome) == (
        Method.FACE,
        "ay1563240766201z",
        Outcome.GRANTED,
    )
    assert (passed.time, passed.live, passed.door) == (NOW - 2, True, "door")
    assert listener.device.readings[Fact.OPENED_BY].value == "ay1563240766201z"
    assert listener.device.readings[Fact.OPENED_HOW].value == "face"


@pytest.mark.parametrize(
    "value",
    [
        json.dumps([{"code": key, "value": value} for key, value in ACCESS.items()]),
        json.dumps(json.dumps(ACCESS)),
        json.dumps({"data": json.dumps({"data": json.dumps(ACCESS)})}),
        json.dumps([ACCESS]),
        [json.dumps(ACCESS)],
        [[{"code": "event", "value": json.dumps([ACCESS])}]],
    ],
)
def test_an_access_is_found_in_text_within_text_and_in_lists(value: object) -> None:
    [passed] = heard(terminal(), legacy({"": value})).of(Passed)
    assert passed.person == ACCESS["uid"]


@pytest.mark.parametrize("value", ["[", '"', "[[[[[[[[", '"[]"', "[1, null, []]", "[" * 9000])
def test_text_that_is_only_like_a_list_is_nothing(value: str) -> None:
    assert not heard(terminal(), legacy({"": value})).moments


def test_the_number_of_an_undefined_way_is_counted() -> None:
    listener = heard(terminal(), legacy({"": {**ACCESS, "way": 7}}))
    assert listener.unknown == ["way:7"]


@pytest.mark.parametrize(
    ("points", "rings", "captures", "opens"),
    [
        (("tyabinmc7h",), False, True, False),
        (("tyabirdc5c", "tyabiym3h3"), False, False, False),
        (("tyabiwvwhq",), True, True, False),
        (("tyabi8n4fs", "tyabi9pqys"), False, False, True),
    ],
)
def test_the_function_points_decide_what_a_terminal_offers(
    points: tuple[str, ...], *, rings: bool, captures: bool, opens: bool
) -> None:
    features = terminal(points).features
    assert (features.rings, features.captures) == (rings, captures)
    assert (features.doors[0].opener is not None) is opens
    assert features.accesses
    assert features.alarms


def test_a_terminal_without_video_talk_has_a_bell_from_its_first_live_call_on() -> None:
    listener = Listener(terminal(("tyabinmc7h",)))
    listener.hears(call(1), NOW - 600, now=NOW)
    assert not listener.device.features.rings
    listener.hears(call(1, sn="134"))
    assert listener.device.features.rings


def test_there_are_as_many_wrappings_as_are_tested() -> None:
    assert len(wrapped(ACCESS)) == 13


@pytest.mark.parametrize(
    ("way", "method"),
    [
        (1, Method.CARD),
        (2, Method.PASSWORD),
        (3, Method.QR_CODE),
        (4, Method.FACE),
        (5, Method.FINGERPRINT),
        (6, Method.OTHER),
        (7, Method.OTHER),
        (8, Method.OTHER),
        (9, Method.REMOTE),
        (10, Method.OTHER),
        ("9", Method.REMOTE),
        (99, Method.OTHER),
        ("face", Method.OTHER),
        (None, Method.OTHER),
    ],
)
def test_every_way_of_passing_has_its_method(way: object, method: Method) -> None:
    [passed] = heard(terminal(), legacy({"": {**ACCESS, "way": way}})).of(Passed)
    assert passed.method is method


@pytest.mark.parametrize("told", [False, "false", 0, "0", "False"])
def test_a_refused_access_opens_nothing(told: object) -> None:
    listener = heard(terminal(), legacy({"": {**ACCESS, "isSuccess": told}}))
    assert [passed.outcome for passed in listener.of(Passed)] == [Outcome.DENIED]
    assert not listener.of(Opened)
    assert Fact.OPENED_BY not in listener.device.readings


def test_a_granted_access_releases_the_door_by_that_person() -> None:
    [opened] = heard(terminal(), legacy({"": ACCESS})).of(Opened)
    assert (opened.door, opened.by, opened.method) == ("door", ACCESS["uid"], Method.FACE)


def test_an_access_without_a_person_or_success_is_still_an_access() -> None:
    fact = {"way": 1, "isSuccess": True}
    assert [passed.person for passed in heard(terminal(), legacy({"": fact})).of(Passed)] == [None]
    fact_of_somebody = {"way": 1, "uid": "u"}
    [passed] = heard(terminal(), legacy({"": fact_of_somebody})).of(Passed)
    assert passed.outcome is Outcome.GRANTED


def test_the_same_access_in_both_dialects_is_one_and_a_minute_later_another() -> None:
    listener = heard(terminal(), legacy({"": ACCESS}), wrapped(ACCESS)[4])
    assert len(listener.of(Passed)) == 1
    later = {**ACCESS, "operTime": int(NOW + 60) * 1000}
    listener.hears(legacy({"": later}), NOW + 60)
    assert len(listener.of(Passed)) == 2


def test_two_persons_in_the_same_second_are_two_accesses() -> None:
    other = {**ACCESS, "uid": "somebody else"}
    assert len(heard(terminal(), legacy({"": ACCESS}), legacy({"": other})).of(Passed)) == 2


def call(kind: object, **more: object) -> dict[str, Any]:
    address = {"targetAddress": "01-01-01-02-03-01"}
    return legacy({"": json.dumps({"sn": "133", "type": kind, **address, **more})})


def test_a_call_rings_with_its_own_id_and_the_flat_that_was_called() -> None:
    [ring] = heard(terminal(), call(1)).of(Rang)
    assert (ring.event_id, ring.address, ring.live) == ("133", "01-01-01-02-03-01", True)


def test_a_call_told_twice_rings_once_and_another_call_rings_again() -> None:
    listener = heard(terminal(), call("1"), call(1))
    listener.hears(call(1, sn="134"), NOW + 1)
    assert [ring.event_id for ring in listener.rings] == ["133", "134"]
    assert [ring.presses for ring in listener.rings] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "step", "reason"),
    [
        (3, CallStep.ENDED, CallReason.CANCELLED),
        (4, CallStep.MISSED, CallReason.TIMEOUT),
        (5, CallStep.ENDED, CallReason.APP),
        (6, CallStep.ANSWERED, CallReason.APP),
        (7, CallStep.ENDED, CallReason.LIMIT),
        (8, CallStep.ANSWERED, CallReason.DEVICE),
        (9, CallStep.DECLINED, CallReason.DEVICE),
        (10, CallStep.ENDED, CallReason.DEVICE),
        ("6", CallStep.ANSWERED, CallReason.APP),
    ],
)
def test_every_outcome_of_a_call_is_told_once_under_its_id(
    kind: object, step: CallStep, reason: CallReason
) -> None:
    listener = heard(terminal(), call(1))
    listener.hears(call(kind), NOW + 10)
    listener.hears(call(kind), NOW + 15)
    moved = listener.of(CallMoved)
    assert [(one.event_id, one.step, one.reason) for one in moved] == [("133", step, reason)]


def test_a_call_hung_up_at_the_door_after_it_was_answered_was_not_cancelled() -> None:
    listener = heard(terminal(), call(1), call(6))
    listener.hears(call(3, extend='{"beginTime":1592373736}'), NOW + 30)
    assert [one.reason for one in listener.of(CallMoved)] == [CallReason.APP, CallReason.DEVICE]


@pytest.mark.parametrize("kind", [2, 11, "ringing", None])
def test_an_undefined_step_of_a_call_is_counted_and_changes_nothing(kind: object) -> None:
    listener = heard(terminal(), call(kind))
    assert not listener.moments
    assert listener.unknown == ["call_type"]


def test_the_outcome_of_a_call_that_began_before_we_listened_is_told() -> None:
    assert [one.event_id for one in heard(terminal(), call(4)).of(CallMoved)] == ["133"]


@pytest.mark.parametrize(
    ("told", "alarm", "fact"),
    [
        (1, Alarm.TAMPER, Fact.TAMPER),
        ("2", Alarm.LOITERING, Fact.LOITERING),
        (3, Alarm.WRONG_ATTEMPTS, Fact.WRONG_ATTEMPTS),
        (4, Alarm.DURESS, Fact.DURESS),
        (5, Alarm.DOOR_LEFT_OPEN, Fact.DOOR_LEFT_OPEN),
        ("Tamper", Alarm.TAMPER, Fact.TAMPER),
    ],
)
@pytest.mark.parametrize("key", ["alarmType", "alarm_type"])
def test_the_alarms_of_a_terminal_are_told_and_shown_for_a_minute(
    key: str, told: object, alarm: Alarm, fact: Fact
) -> None:
    body = legacy({"": json.dumps({key: told, "content": "Alarm"})}, t=NOW - 1)
    listener = heard(terminal(), body)
    assert [(one.alarm, one.time) for one in listener.of(AlarmRaised)] == [(alarm, NOW - 1)]
    reading = listener.device.readings[fact]
    assert (reading.value, reading.until) == (True, NOW + 60)


def test_an_alarm_that_nobody_knows_is_an_alarm_all_the_same() -> None:
    listener = heard(terminal(), legacy({"": {"alarmType": "flood"}}))
    assert [one.alarm for one in listener.of(AlarmRaised)] == [Alarm.OTHER]
    assert listener.unknown == ["alarm_type"]


def test_what_a_terminal_reports_besides_is_read_like_any_data_point() -> None:
    listener = heard(terminal(), legacy({"battery_percentage": 80, "unknown": "{}"}))
    assert listener.device.readings[Fact.BATTERY].value == 80


def test_other_devices_tell_terminal_facts_too_but_never_under_a_code_of_their_own() -> None:
    listener = Listener("sp_csr2fqitalj5o0tq")
    listener.hears(legacy({"access": json.dumps(ACCESS)}))
    assert [passed.door for passed in listener.of(Passed)] == [None]
    listener.hears(legacy({"doorbell_active": json.dumps(ACCESS)}), NOW + 60)
    assert len(listener.of(Passed)) == 1
    assert len(listener.rings) == 1


def test_a_message_that_says_nothing_known_is_counted_by_its_name() -> None:
    listener = heard(terminal(), {"bizCode": "cmdResult", "bizData": {"sn": "1"}}, {"x": 1})
    assert listener.unknown == ["cmdResult", "message"]
    assert not listener.changes

"""Who is who: names of ids and numbers, and which row of a log is which passage."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import (
    Opened,
    Outcome,
    Passed,
    PersonNamed,
)
from custom_components.tuyalink_intercom.model.context import Context
from custom_components.tuyalink_intercom.model.incidents import take_passage
from custom_components.tuyalink_intercom.model.people import (
    KEPT,
    LoggedPassage,
    joined,
    key_of,
    log_row,
    member,
    method_of,
    slot_owners,
)
from custom_components.tuyalink_intercom.model.reduce import applied
from custom_components.tuyalink_intercom.model.state import Device, Fact, Method

from .files import NOW, device
from .said import Listener, legacy

LOCK = "ms_bljvjx2nsv02dhao"
ANNA = "ay1700000000000Anna"


def named(whom: Device, person: str, name: str) -> Device:
    change = PersonNamed(device_id=whom.id, time=NOW, person=person, name=name)
    return applied(whom, change)


def passage(**more: Any) -> Passed:
    told = {"event_id": "e", "outcome": Outcome.GRANTED, "method": Method.FACE, "live": True}
    return Passed(**{"device_id": "t", "time": NOW, "person_id": ANNA, **told, **more})


def row(**more: Any) -> LoggedPassage:
    return LoggedPassage(**{"device_id": "t", "time": NOW, "person_id": ANNA, **more})


def test_a_row_of_the_access_log_is_read() -> None:
    found = log_row(
        {
            "access_log_id": "146305039484531",
            "access_type": "远程",
            "device_id": "vdevo16370312926",
            "device_name": "door",
            "user_id": "bay1633662217508",
            "name": "sun",
            "image_capture": "https://example.com/a.jpg?sign=secret",
            "access_time": int(NOW * 1000),
        }
    )
    assert found is not None
    assert (found.person_id, found.name, found.method) == ("bay1633662217508", "sun", Method.REMOTE)
    assert found.time == pytest.approx(NOW, abs=0.001)
    assert found.picture is not None
    assert found.picture.url.startswith("https://")
    assert "secret" not in repr(found)


@pytest.mark.parametrize("time", [int(NOW), str(int(NOW)), int(NOW * 1000)])
def test_the_time_of_a_row_comes_in_seconds_or_milliseconds(time: object) -> None:
    found = log_row({"device_id": "t", "access_time": time})
    assert found is not None
    assert int(found.time) == int(NOW)


@pytest.mark.parametrize("bad", [{}, {"device_id": "t"}, {"device_id": "t", "access_time": 0}])
def test_a_row_that_tells_no_device_or_time_is_none(bad: dict[str, Any]) -> None:
    assert log_row(bad) is None


@pytest.mark.parametrize(
    ("image", "key"),
    [
        ("https://x.invalid/1.jpeg?sign=1", ""),
        (" https://x.invalid/1.jpeg?sign=1 ", ""),
        ("https://x.invalid/1.jpeg?sign=1@k3yForOnePicture", "k3yForOnePicture"),
        ("aHR0cHM6Ly94LmludmFsaWQvMS5qcGVnP3NpZ249MQ==", ""),
    ],
)
def test_the_picture_of_a_row_is_an_address_with_or_without_key(image: str, key: str) -> None:
    found = log_row({"device_id": "t", "access_time": int(NOW), "image_capture": image})
    assert found is not None
    assert found.picture is not None
    assert (found.picture.url, found.picture.key) == ("https://x.invalid/1.jpeg?sign=1", key)


@pytest.mark.parametrize(
    "picture", ["", " ", "null", "$", None, 3, [], "file:///etc/passwd", {"url": "x"}]
)
def test_what_is_no_address_is_no_picture(picture: object) -> None:
    found = log_row({"device_id": "t", "access_time": int(NOW), "image_capture": picture})
    assert found is not None
    assert found.picture is None


@pytest.mark.parametrize(
    ("word", "method"),
    [
        ("card", Method.CARD),
        ("QR_CODE", Method.QR_CODE),
        ("face", Method.FACE),
        ("人脸", Method.FACE),
        ("指纹", Method.FINGERPRINT),
        ("密码", Method.PASSWORD),
        ("远程", Method.REMOTE),
        ("Gesicht", None),
        ("", None),
        (None, None),
    ],
)
def test_the_way_of_passing_is_a_code_word_or_known_by_translation(
    word: object, method: Method | None
) -> None:
    assert method_of(word) is method


@pytest.mark.parametrize(
    ("logged", "same"),
    [
        (row(), True),
        (row(time=NOW + 2), True),
        (row(time=NOW - 2), True),
        (row(time=NOW + 2.1), False),
        (row(method=Method.FACE), True),
        (row(method=Method.CARD), False),
        (row(person_id="somebody else"), False),
        (row(person_id=None), False),
        (row(device_id="another"), False),
    ],
)
def test_a_row_is_a_passage_of_the_same_device_person_kind_and_time(
    logged: LoggedPassage, *, same: bool
) -> None:
    assert len([*joined([passage()], [logged])]) == same


def test_a_way_by_a_number_that_nobody_knows_joins_whatever_the_log_says_of_it() -> None:
    by_palm = passage(method=Method.OTHER)
    assert [*joined([by_palm], [row(method=Method.FACE)])] == [(by_palm, row(method=Method.FACE))]
    assert [*joined([by_palm], [row(method=Method.FACE, person_id="bert")])] == []


def test_a_row_may_count_by_the_device_s_own_clock() -> None:
    assert [*joined([passage(told=NOW - 3600)], [row(time=NOW - 3600)])]


def test_the_nearest_row_counts_and_each_only_once() -> None:
    first, second = passage(event_id="1"), passage(event_id="2", time=NOW + 2)
    early, late = row(time=NOW + 0.5), row(time=NOW + 1.8)
    found = {one.event_id: logged for one, logged in joined([first, second], [late, early])}
    assert found == {"1": early, "2": late}
    assert len([*joined([first, second], [early])]) == 1


def test_a_stranger_s_passage_joins_a_row_without_a_person() -> None:
    assert [*joined([passage(person_id=None)], [row(person_id=None)])]


def opening(code: str, value: object, at: float = NOW, **names: str) -> dict[str, Any]:
    return {"update_time": int(at * 1000), "status": {"code": code, "value": value}, **names}


def test_owners_come_from_openings_whatever_the_shape_of_their_status() -> None:
    listed = {"update_time": 1, "status": [{"code": "unlock_card", "value": "2"}]}
    kit = base64.b64encode(bytes((0, 0, 1, 4, 0, 0))).decode()
    owners = slot_owners(
        [],
        [
            opening("unlock_fingerprint", "1", nick_name="Anna", unlock_name="thumb"),
            {**listed, "unlock_name": "Blue card"},
            opening("unlock_face_kit", kit, nick_name="Carl"),
            opening("lock_motor_state", "true", nick_name="Nobody"),
            opening("unlock_card", "x", nick_name="Nobody"),
            {"status": None},
            {},
        ],
    )
    names = {key: owner.name for key, owner in owners.items()}
    assert names == {"fingerprint:1": "Anna", "card:2": "Blue card", "face:260": "Carl"}


def test_the_newest_opening_tells_the_owner_and_the_list_of_users_over_that() -> None:
    rows = [
        opening("unlock_card", 1, NOW, nick_name="New"),
        opening("unlock_card", 1, NOW - 9, nick_name="Old"),
        opening("unlock_card", 2, NOW, nick_name=""),
        opening("unlock_card", 2, NOW - 9, nick_name="Gone"),
        opening("unlock_card", 3, NOW, nick_name="Renamed"),
    ]
    detail = {"dp_code": "unlock_card", "unlock_list": [{"unlock_sn": 3}, {"unlock_sn": None}]}
    users: list[dict[str, Any]] = [
        {"nick_name": "Cleo", "unlock_detail": [detail, "x"]},
        {"nick_name": "", "unlock_detail": [detail]},
        {"nick_name": "Nothing", "unlock_detail": None},
    ]
    owners = slot_owners(users, rows)
    names = {key: owner.name for key, owner in owners.items()}
    assert names == {"card:1": "New", "card:2": "", "card:3": "Cleo"}


def test_an_owner_has_an_id_where_one_is_told() -> None:
    detail = {"dp_code": "unlock_card", "unlock_list": [{"unlock_sn": 3}]}
    rows = [
        opening("unlock_card", 1, nick_name="Anna", user_id=ANNA),
        opening("unlock_card", 2, nick_name="", user_id=ANNA),
    ]
    owners = slot_owners([{"nick_name": "Cleo", "uid": "c", "unlock_detail": [detail]}], rows)
    told = {key: owner.person for key, owner in owners.items()}
    assert told == {"card:1": ANNA, "card:2": "", "card:3": "c"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"user_id": "a", "name": "Anna"}, ("a", "Anna")),
        ({"uid": "a", "user_name": "Anna"}, ("a", "Anna")),
        ({"person_id": "a", "nick_name": "Anna"}, ("a", "Anna")),
        ({"person_id": "a", "name": "a"}, None),
        ({"name": "Anna"}, None),
        ({"uid": "a", "name": {}}, None),
        ({}, None),
    ],
)
def test_a_member_of_a_group_needs_an_id_and_a_name(
    row: dict[str, Any], told: tuple[str, str] | None
) -> None:
    assert member(row) == told


def test_a_known_finger_is_told_by_name_and_keeps_its_number() -> None:
    lock = named(device(LOCK), key_of(Method.FINGERPRINT, 3), "Anna")
    listener = Listener(lock)
    listener.hears(legacy({"unlock_fingerprint": 3, "unlock_card": 3}))
    finger, card = listener.of(Passed)
    assert (finger.person, finger.person_id, finger.slot) == ("Anna", None, 3)
    assert (card.person, card.slot) == (None, 3)
    assert [opened.by for opened in listener.of(Opened)] == ["Anna", None]


def test_the_name_changes_neither_the_event_nor_what_is_remembered() -> None:
    plain, known = Listener(LOCK), Listener(named(device(LOCK), "fingerprint:3", "Anna"))
    for listener in (plain, known):
        listener.hears(legacy({"unlock_fingerprint": 3}))
    assert plain.of(Passed)[0].event_id == known.of(Passed)[0].event_id
    assert plain.device.memory == known.device.memory


def test_a_name_learned_between_two_deliveries_does_not_double_the_passage() -> None:
    listener = Listener(LOCK)
    listener.hears(legacy({"unlock_fingerprint": 3}))
    change = PersonNamed(device_id=LOCK, time=NOW, person="fingerprint:3", name="Anna")
    again = Listener(applied(listener.device, change))
    again.hears(legacy({"unlock_fingerprint": 3}), NOW + 1)
    assert again.of(Passed) == []


def test_a_name_that_is_learned_late_is_shown_at_once() -> None:
    listener = Listener(LOCK)
    listener.hears(legacy({"unlock_fingerprint": 3}))
    assert listener.device.readings[Fact.OPENED_BY].value == "3"
    other = named(listener.device, "card:3", "Bert")
    assert other.readings[Fact.OPENED_BY].value == "3"
    known = named(other, "fingerprint:3", "Anna")
    assert known.readings[Fact.OPENED_BY].value == "Anna"
    assert known.readings[Fact.OPENED_BY].time == listener.device.readings[Fact.OPENED_BY].time
    renamed = named(known, "fingerprint:3", "Annie")
    assert renamed.readings[Fact.OPENED_BY].value == "Annie"


def test_a_name_may_be_forgotten() -> None:
    known = named(device(LOCK), "card:3", "Bert")
    assert named(known, "card:3", "").people == {}
    assert named(device(LOCK), "card:3", "").people == {}


def test_the_names_of_a_device_are_bounded() -> None:
    lock = device(LOCK)
    for number in range(KEPT + 10):
        lock = named(lock, f"card:{number}", f"Person {number}")
    assert len(lock.people) == KEPT
    assert "card:9" not in lock.people
    assert "card:10" in lock.people


def test_a_record_that_tells_the_name_teaches_it() -> None:
    lock = device(LOCK)
    context = Context.of(lock, NOW, NOW, lambda _: None)
    take_passage(context, Method.FACE, NOW, person=ANNA, name="Anna")
    take_passage(context, Method.FACE, NOW, person=ANNA, name="Anna")
    found = context.finish()
    [taught] = [one for one in found if isinstance(one, PersonNamed)]
    assert (taught.person, taught.name) == (ANNA, "Anna")
    [passed] = [one for one in found if isinstance(one, Passed)]
    assert (passed.person, passed.person_id) == ("Anna", ANNA)
    # Known by now: nothing to teach.
    context = Context.of(replace(lock, people={ANNA: "Anna"}), NOW, NOW, lambda _: None)
    take_passage(context, Method.FACE, NOW + 60, person=ANNA, name="Anna")
    assert not [one for one in context.finish() if isinstance(one, PersonNamed)]


def test_a_name_that_is_the_id_teaches_nothing() -> None:
    context = Context.of(device(LOCK), NOW, NOW, lambda _: None)
    take_passage(context, Method.FACE, NOW, person=ANNA, name=ANNA)
    take_passage(context, Method.APP, NOW, name="Anna")
    assert not [one for one in context.finish() if isinstance(one, PersonNamed)]

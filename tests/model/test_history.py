"""Rows of logs: the same facts as messages tell, told once, and history all of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.calls import resumed
from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    CaptureTaken,
    Change,
    ChannelsReported,
    Learned,
    Opened,
    Outcome,
    Passed,
    Rang,
    Remembered,
    Reported,
)
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.facts import KEPT
from custom_components.tuyalink_intercom.model.history import (
    MOST,
    Point,
    Row,
    alarmed,
    log_codes,
    noted,
    opened,
    passed,
    replayed,
    reported,
    tells,
)
from custom_components.tuyalink_intercom.model.people import LoggedPassage
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.reduce import applied
from custom_components.tuyalink_intercom.model.state import Alarm, Device, Fact, Method

from .files import NOW, device
from .pictures import encoded, stored
from .said import Listener, legacy, notify

INTERCOM = "sp_h3bhzu9m0ig80rdu"
LOCK = "ms_bljvjx2nsv02dhao"
CHIME = "wxml_gznianheex1wcv5b"
KEYPAD = "mk_5k8h97qska6pf5cm"


def terminal() -> Device:
    found = device_from(
        {"id": "terminal"}, Description({}, {}), now=NOW - 3600, points=("tyabinmc7h",)
    )
    assert found is not None
    return found


def ms(time: float) -> int:
    return int(time * 1000)


def log(code: str, *times: float, value: str = "1") -> list[Row]:
    """Return what the device log says of a code."""
    rows = [{"code": code, "value": value, "event_time": ms(time)} for time in times]
    return [*reported(rows)]


class Reader(Listener):
    """A listener that reads logs too."""

    def reads(self, rows: Iterable[Row], now: float = NOW) -> list[Change]:
        """Take rows, all at once."""
        changes = replayed(self.device, rows, now, self.unknown.append)
        for change in changes:
            self.state = type(self.state)({self.id: applied(self.device, change)})
        self.changes.extend(changes)
        return [*changes]


def passage(time: float, word: str = "face", person: str = "anna") -> Mapping[str, Any]:
    return {
        "access_time": ms(time),
        "access_type": word,
        "device_id": "terminal",
        "user_id": person,
        "name": "",
    }


def passages(*rows: Mapping[str, Any]) -> list[Row]:
    return [*passed(rows)]


def walked(time: float, way: int = 4, person: str = "anna") -> dict[str, Any]:
    return legacy({"": {"uid": person, "way": way, "isSuccess": True, "operTime": ms(time)}})


def test_a_row_of_the_device_log_is_the_fact_of_its_message_and_never_live() -> None:
    reader = Reader(LOCK)
    reader.reads(
        [*log("doorbell", NOW - 40, value="true"), *log("unlock_fingerprint", NOW - 30, value="3")]
    )
    (ring,), (one,) = reader.rings, reader.of(Passed)
    assert (ring.live, ring.time) == (False, NOW - 40)
    assert (one.live, one.method, one.slot, one.time) == (False, Method.FINGERPRINT, 3, NOW - 30)
    assert not any(change.live for change in reader.of(Opened))


@pytest.mark.parametrize("first", ["log", "message"])
@pytest.mark.parametrize(
    ("name", "code", "told", "written"),
    [
        (LOCK, "doorbell", True, "true"),
        (LOCK, "unlock_card", 2, "2"),
        (LOCK, "alarm_lock", "pry", "pry"),
        (LOCK, "hijack", True, "true"),
        (CHIME, "doorbell_call", 2, "2"),
        (KEYPAD, "doorbell_song_kit", "AQAB", "AQAB"),
        (KEYPAD, "lock_alarm_kit", "AQAF", "AQAF"),
        (INTERCOM, "doorbell_active", f"{NOW:.0f}", f"{NOW:.0f}"),
    ],
)
@pytest.mark.parametrize("clock", [0.0, -300.0, 599.0, 1800.0])
@pytest.mark.parametrize("by", ["cloud", "device"])
def test_what_a_log_and_a_message_tell_is_one_fact_by_whichever_clock(
    first: str, name: str, code: str, told: object, written: str, clock: float, by: str
) -> None:
    reader = Reader(name)
    rows = log(code, NOW if by == "cloud" else NOW + clock, value=written)
    message = legacy({code: told}, t=ms(NOW + clock))
    if first == "log":
        reader.reads(rows)
        reader.hears(message, NOW, now=NOW + 90)
        reader.hears(message, NOW + 1, now=NOW + 90)
    else:
        reader.hears(message, NOW, now=NOW + 90)
        reader.hears(message, NOW + 1, now=NOW + 90)
        reader.reads(rows)
    reader.reads(rows)
    assert len(reader.of(Rang) + reader.of(Passed) + reader.of(AlarmRaised)) == 1


def test_each_of_many_passages_is_told_once_by_two_logs_and_the_queue() -> None:
    reader = Reader(LOCK)
    times = [NOW - 7200 + 20 * number for number in range(300)]
    status = {"code": "unlock_fingerprint", "value": "1"}
    rows = opened({"update_time": ms(time), "status": status} for time in times)
    reader.reads([*rows, *log("unlock_fingerprint", *times)])
    assert len(reader.of(Passed)) == 300
    for time in times[-200:]:
        reader.hears(legacy({"unlock_fingerprint": 1}, t=ms(time)), time, now=NOW)
    reader.reads(log("unlock_fingerprint", *times[100:]))
    assert len(reader.of(Passed)) == 300
    assert len(reader.device.memory.facts) <= KEPT


def test_of_too_many_rows_the_newest_are_told() -> None:
    reader = Reader(terminal())
    times = [NOW - 60 * number for number in range(MOST + 100)]
    reader.reads(passages(*[passage(time) for time in times]))
    assert [one.time for one in reader.of(Passed)] == sorted(times[:MOST])


def test_a_clock_that_is_ages_ahead_makes_nothing_be_forgotten_before_its_time() -> None:
    reader = Reader(LOCK)
    times = [NOW + 60 * number for number in range(100)]
    for _ in range(2):
        for time in times:
            reader.hears(legacy({"unlock_card": 2}, t=ms(time + 10 * 86_400)), time, now=NOW + 6100)
    assert len(reader.of(Passed)) == 100


def test_what_is_yet_to_come_has_not_happened() -> None:
    reader = Reader(LOCK)
    reader.reads(log("alarm_lock", NOW - 60, NOW + 3500, NOW + 86_400, value="pry"))
    assert [one.time for one in reader.of(AlarmRaised)] == [NOW - 60, NOW + 3500]


def test_no_call_of_a_log_rings_even_after_a_restart() -> None:
    reader = Reader(INTERCOM)
    reader.reads(log("doorbell_active", NOW - 10, value=f"{NOW - 10:.0f}"))
    assert (len(reader.rings), reader.device.calls) == (1, ())
    assert resumed(reader.device, NOW).calls == ()


def test_two_people_in_the_same_second_are_two() -> None:
    reader = Reader(LOCK)
    reader.reads([*log("unlock_card", NOW, value="1"), *log("unlock_card", NOW, value="2")])
    assert sorted(one.slot or 0 for one in reader.of(Passed)) == [1, 2]


def test_a_press_that_its_log_tells_by_three_codes_is_one_ring() -> None:
    reader = Reader(INTERCOM)
    pressed = int(NOW - 600)
    sealed = encoded({"v": "5.0", "files": [{"data": "ab"}], "cmd": "ipc_doorbell"})
    reader.reads(
        [
            *log("alarm_message", pressed + 8, value=sealed),
            *log("doorbell_pic", pressed + 6, value=stored(pressed)),
            *log("doorbell_active", pressed, value=str(pressed)),
        ]
    )
    assert [ring.time for ring in reader.rings] == [pressed]
    # Its call push comes with the queue's backlog; it is in no log.
    reader.hears(notify(pressed), pressed, now=NOW)
    assert len(reader.rings) == 1


def test_old_presses_are_joined_though_many_newer_ones_are_known() -> None:
    reader = Reader(CHIME)
    for number in range(100):
        at = NOW - 7000 + 60 * number
        reader.hears(legacy({"doorbell_call": 1}, t=ms(at)), at, now=NOW)
    days_ago = NOW - 3 * 86_400
    text = encoded({"v": "3.0"})[:8]
    reader.reads([*log("doorbell_call", days_ago), *log("alarm_message", days_ago + 3, value=text)])
    assert len(reader.rings) == 101


def test_of_old_pictures_only_the_newest_of_an_occasion_is_told() -> None:
    reader = Reader(INTERCOM)
    times = [int(NOW - 900 + 100 * number) for number in range(4)]
    rows = [log("doorbell_pic", time, value=stored(time, name=f"p{time}")) for time in times]
    reader.reads([row for found in rows for row in found])
    (picture,) = reader.of(CaptureTaken)
    assert picture.event_id == reader.rings[-1].event_id
    assert not picture.live


def test_what_a_log_says_of_a_state_never_replaces_something_newer() -> None:
    reader = Reader(LOCK)
    reader.hears(legacy({"unlock_fingerprint": 5}, t=ms(NOW)), NOW)
    reader.reads(log("unlock_card", NOW - 600, value="2"), NOW + 100)
    how, who = (reader.device.readings[fact] for fact in (Fact.OPENED_HOW, Fact.OPENED_BY))
    assert (how.value, who.value, how.time) == ("fingerprint", "5", NOW)
    reader.reads(log("unlock_card", NOW + 50, value="2"), NOW + 100)
    assert reader.device.readings[Fact.OPENED_HOW].value == "card"


def test_an_old_alarm_does_not_hold() -> None:
    reader = Reader(LOCK)
    reader.reads(log("alarm_lock", NOW - 600, value="pry"))
    until = reader.device.readings[Fact.TAMPER].until
    assert until is not None
    assert until < NOW


def test_a_log_teaches_no_features_and_moves_no_panel() -> None:
    reader = Reader(INTERCOM)
    channels = '{"cc":2,"chs":[{"id":1,"n":"Gate"},{"id":2,"n":"Yard"}]}'
    changes = reader.reads([*log("ipc_c_switch_channel", NOW - 60, value=channels)])
    assert not [one for one in changes if isinstance(one, ChannelsReported | Learned)]


def test_the_access_log_and_the_terminals_messages_are_joined() -> None:
    reader = Reader(terminal())
    reader.hears(walked(NOW - 500), NOW - 500, now=NOW)
    reader.reads(passages(passage(NOW - 501), passage(NOW - 300, "QR code"), passage(NOW - 100)))
    reader.hears(walked(NOW - 300, 3), NOW - 299, now=NOW)
    assert [one.method for one in reader.of(Passed)] == [Method.FACE, Method.QR_CODE, Method.FACE]
    assert {one.person for one in reader.of(Passed)} == {"anna"}


@pytest.mark.parametrize("word", ["人脸", "人脸识别", "Face", "face"])
def test_the_access_log_names_ways_in_the_projects_language(word: str) -> None:
    reader = Reader(terminal())
    reader.reads(passages(passage(NOW - 300, word)))
    assert [one.method for one in reader.of(Passed)] == [Method.FACE]


def test_a_way_in_a_language_that_nobody_knows_does_not_double_a_passage() -> None:
    reader = Reader(terminal())
    reader.hears(walked(NOW - 500), NOW - 500, now=NOW)
    reader.reads(passages(passage(NOW - 500, "Gesicht"), passage(NOW - 500, "Gesicht", "bert")))
    assert [(one.method, one.person) for one in reader.of(Passed)] == [
        (Method.FACE, "anna"),
        (Method.OTHER, "bert"),
    ]


@pytest.mark.parametrize("clock", [0.0, -300.0, 1800.0])
@pytest.mark.parametrize("by", ["cloud", "device"])
@pytest.mark.parametrize("first", ["log", "message"])
@pytest.mark.parametrize(("word", "way"), [("Gesicht", 4), ("face", 7)])
def test_a_way_that_one_carrier_does_not_know_is_the_way_of_the_other_by_whichever_clock(
    clock: float, by: str, first: str, word: str, way: int
) -> None:
    reader = Reader(terminal())
    rows = passages(passage(NOW if by == "cloud" else NOW + clock, word))
    said = walked(NOW + clock, way)
    if first == "log":
        reader.reads(rows)
    for delay in (0, 1):
        reader.hears(said, NOW + delay, now=NOW + 90)
    for _ in range(2):
        reader.reads(rows)
    assert len(reader.of(Passed)) == 1
    # The next person is another passage, whatever was not known of the one before.
    reader.hears(walked(NOW + clock, way, "bert"), NOW, now=NOW + 90)
    assert len(reader.of(Passed)) == 2


@pytest.mark.parametrize("clock", [0.0, -300.0, 1800.0])
@pytest.mark.parametrize("by", ["cloud", "device"])
@pytest.mark.parametrize("first", ["log", "message"])
def test_of_one_press_the_log_may_tell_what_the_queue_lost_by_whichever_clock(
    clock: float, by: str, first: str
) -> None:
    reader = Reader(INTERCOM)
    sealed = encoded({"v": "5.0", "files": [{"data": "ab"}], "cmd": "ipc_doorbell"})
    rows = log("alarm_message", NOW + 8 if by == "cloud" else NOW + clock + 8, value=sealed)
    if first == "log":
        reader.reads(rows)
    reader.hears(notify(NOW + clock), NOW, now=NOW + 90)
    reader.hears(legacy({"doorbell_active": f"{NOW + clock:.0f}"}), NOW + 1, now=NOW + 90)
    reader.reads(rows)
    assert len(reader.rings) == 1


@pytest.mark.parametrize("code", ["doorbell", "unlock_card", "alarm_lock"])
@pytest.mark.parametrize("clock", [-590.0, -3600.0])
def test_no_news_is_taken_for_what_a_log_told_however_wrong_the_clock(
    code: str, clock: float
) -> None:
    value = {"doorbell": "true", "unlock_card": "2", "alarm_lock": "pry"}[code]
    reader = Reader(LOCK)
    # Told by the cloud's clock, at the very time that the device's shows at the next one.
    reader.reads(log(code, NOW + clock, value=value))
    told = True if value == "true" else value
    reader.hears(legacy({code: told}, t=ms(NOW + clock)), NOW)
    reader.hears(legacy({code: told}, t=ms(NOW + clock)), NOW + 1)
    assert [one.live for one in reader.changes if isinstance(one, Rang | Passed | AlarmRaised)] == [
        False,
        True,
    ]


def test_an_alarm_log_that_counts_whole_seconds_doubles_nothing() -> None:
    reader = Reader(LOCK)
    reader.hears(legacy({"alarm_lock": "pry"}, t=ms(NOW + 2.5)), NOW + 0.7, now=NOW + 90)
    row = {"update_time": int(NOW), "status": {"code": "alarm_lock", "value": "pry"}}
    reader.reads([*alarmed([row])])
    assert len(reader.of(AlarmRaised)) == 1


def test_duress_in_the_alarm_log_is_about_the_passage_beside_it() -> None:
    reader = Reader(LOCK)
    hijack = {"update_time": int(NOW), "status": {"code": "hijack", "value": "unlock_card-02"}}
    reader.reads([*log("unlock_card", NOW - 0.4, value="2"), *alarmed([hijack])])
    assert [one.outcome for one in reader.of(Passed)] == [Outcome.DURESS]
    assert [one.alarm for one in reader.of(AlarmRaised)] == [Alarm.DURESS]


def test_the_status_of_a_lock_row_is_an_object_or_a_list_of_them() -> None:
    status = {"code": "unlock_card", "value": "2"}
    for shape in (status, [status]):
        assert [*opened([{"update_time": ms(NOW), "status": shape}])] == [
            Point(time=NOW, code="unlock_card", value="2")
        ]


@pytest.mark.parametrize(
    "dps", [[{"unlock_card": "2"}], {"unlock_card": "2"}, [{"code": "unlock_card", "value": "2"}]]
)
def test_a_record_tells_its_data_points_in_any_of_these_shapes(dps: object) -> None:
    assert [*noted([{"gmt_create": ms(NOW), "dps": dps}])] == [
        Point(time=NOW, code="unlock_card", value="2")
    ]


def test_an_alarm_that_was_taken_back_is_none() -> None:
    rows = [{"update_time": NOW, "status": {"code": "hijack", "value": "false"}}]
    assert [point.value for point in alarmed(rows)] == [False]


NONSENSE: tuple[Mapping[str, Any], ...] = (
    {},
    {"code": 5, "event_time": ms(NOW), "value": "1"},
    {"code": "doorbell", "event_time": "yesterday", "value": "true"},
    {"code": "doorbell", "event_time": None, "value": "true"},
    {"update_time": ms(NOW), "status": "unlock_card"},
    {"update_time": ms(NOW), "status": [None, 3, {"code": ""}]},
    {"gmt_create": ms(NOW), "dps": None},
    {"gmt_create": ms(NOW), "dps": [["unlock_card", 2]]},
    {"access_time": 0, "device_id": "terminal"},
    {"access_time": ms(NOW), "device_id": None},
)


@pytest.mark.parametrize("row", NONSENSE)
def test_a_row_that_makes_no_sense_is_left_out(row: Mapping[str, Any]) -> None:
    for read in (reported, opened, alarmed, noted, passed):
        assert [*read([row])] == []


def test_a_passage_of_nobody_by_no_known_way_is_a_passage() -> None:
    (row,) = passed([{"access_time": ms(NOW), "device_id": "terminal"}])
    assert row == LoggedPassage(device_id="terminal", time=NOW)
    reader = Reader(terminal())
    reader.reads([row])
    assert [one.method for one in reader.of(Passed)] == [Method.OTHER]


def test_a_log_is_asked_for_moments_only_and_for_what_no_other_log_has() -> None:
    codes = log_codes(device(LOCK))
    assert {"doorbell", "alarm_lock", "hijack", "unlock_fingerprint"} <= {*codes}
    assert not {"residual_electricity", "lock_motor_state", "closed_opened"} & {*codes}
    assert "alarm_lock" not in log_codes(device(LOCK), {"alarm_lock"})
    assert log_codes(terminal()) == ()
    assert not {"accessory_lock", "movement_detect_pic"} & {*log_codes(device(INTERCOM))}


def test_devices_with_bells_doors_or_alarms_have_a_history() -> None:
    assert all(tells(device(name)) for name in (INTERCOM, LOCK, CHIME, KEYPAD))
    assert tells(terminal())


def test_nothing_new_changes_nothing() -> None:
    reader = Reader(LOCK)
    rows = log("unlock_card", NOW - 60, value="2")
    assert reader.reads(rows)
    assert [one for one in reader.reads(rows) if not isinstance(one, Reported | Remembered)] == []
    assert reader.reads([]) == []

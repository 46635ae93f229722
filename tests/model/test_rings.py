"""What is a ring, in every spelling, what is none, and what becomes of the call."""

import base64
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import CallMoved, CallReason, CallStep
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.records import device_from

from .files import NOW, read
from .pictures import sealed, stored
from .said import Listener, heard, legacy, managed, notify

BELL = "sp_csr2fqitalj5o0tq"
CHIME = "wxml_gznianheex1wcv5b"
MONITOR = "sp_pd2wpgm6gifppmae"
PANELS = read("messages", "status_novicam_channel")["decoded"]["dps"]["231"]
DIGITS = f"{NOW:.0f}"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (DIGITS, NOW),
        (f" {DIGITS} ", NOW),
        (int(NOW), NOW),
        (NOW, NOW),
        (int(NOW) * 1000, NOW),
        ({"time": int(NOW)}, NOW),
        (json.dumps({"time": DIGITS}), NOW),
        (json.dumps({"cmd": "ring", "ts": int(NOW) * 1000}), NOW),
        ({"button": 1}, NOW + 1),
        ("1", NOW + 1),
        (7, NOW + 1),
        (True, NOW + 1),
        ("pressed", NOW + 1),
        ("0000000007", NOW + 1),
    ],
)
def test_a_video_doorbell_tells_its_press_as_seconds_a_number_or_json(
    value: object, told: float
) -> None:
    listener = heard(BELL, legacy({"doorbell_active": value}), at=NOW + 1)
    assert [ring.time for ring in listener.rings] == [told]


@pytest.mark.parametrize(
    "value", ["", " ", "$", None, 0, "0", False, "false", {}, "{}", [], float("nan")]
)
def test_a_video_doorbell_at_rest_does_not_ring(value: object) -> None:
    assert heard(BELL, legacy({"doorbell_active": value})).rings == []


@pytest.mark.parametrize("etype", ["doorbell", "ac_doorbell", "doorbell_custom"])
def test_a_call_push_rings_with_the_time_at_the_end_of_its_id(etype: str) -> None:
    listener = heard(BELL, notify(NOW - 1, etype=etype, cid="2"))
    assert [(ring.time, ring.channel) for ring in listener.rings] == [(NOW - 1, "2")]


@pytest.mark.parametrize("edata", [None, "", "short", "617bdf7aNODIGITSXX", 0, {}])
def test_a_call_push_whose_id_tells_no_time_rings_all_the_same(edata: object) -> None:
    listener = heard(BELL, managed("event_notify", etype="doorbell", edata=edata))
    assert [ring.time for ring in listener.rings] == [NOW]


def test_a_call_push_of_something_else_is_counted() -> None:
    listener = heard(BELL, managed("event_notify", etype="ipc_motion", edata="1"))
    assert listener.rings == []
    assert listener.unknown == ["etype"]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("doorbell", True),
        ("doorbell", "true"),
        ("doorbell", 1),
        ("door_bell", "1"),
        ("doorbell1", "Ring"),
        ("doorbell4", True),
        ("doorbell_call", 2),
        ("doorbell_call", "1"),
        ("doorbell_song_kit", "AQAB"),
        ("lock_alarm_kit", "AQAG"),
        ("EVENT_LINKAGE_TYPE_E", "0"),
        ("EVENT_LINKAGE_TYPE_E", 0),
    ],
)
def test_every_bell_rings_by_its_report(code: str, value: object) -> None:
    assert len(heard(BELL, legacy({code: value})).rings) == 1


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("doorbell", False),
        ("doorbell", None),
        ("door_bell", "0"),
        ("doorbell1", "Normal"),
        ("doorbell2", None),
        ("doorbell_call", 0),
        ("doorbell_call", ""),
        ("doorbell_song_kit", ""),
        ("doorbell_song_kit", "$"),
        ("lock_alarm_kit", ""),
        ("EVENT_LINKAGE_TYPE_E", "1"),
        ("EVENT_LINKAGE_TYPE_E", None),
        ("doorbell_pic", ""),
        ("doorbell_pic", "$"),
        ("doorbell_pic", None),
        ("doorbell_pic", {}),
        ("alarm_message", "$"),
        ("alarm_message", "!!not base64!!"),
        ("ipc_c_switch_channel", ""),
        ("movement_detect_pic", "$"),
    ],
)
def test_a_bell_at_rest_does_not_ring(code: str, value: object) -> None:
    listener = heard(BELL, legacy({code: value}))
    assert listener.moments == []


@pytest.mark.parametrize("value", ["!!not base64!!", "q83vq83v", {"form": "of tomorrow"}])
def test_a_ring_picture_that_nobody_can_read_rings_all_the_same(value: object) -> None:
    assert len(heard(BELL, legacy({"doorbell_pic": value})).rings) == 1


@pytest.mark.parametrize("code", ["alarm_message", "initiative_message"])
def test_a_picture_message_of_the_doorbell_rings_even_if_it_is_sealed(code: str) -> None:
    assert len(heard(BELL, legacy({code: sealed("ipc_doorbell")})).rings) == 1


@pytest.mark.parametrize(
    "text", ["DoorBell", "Gate", "Звонок", "門"], ids=["latin", "other", "cyrillic", "han"]
)
def test_a_chime_rings_whatever_its_button_is_called(text: str) -> None:
    value = base64.b64encode(text.encode("utf-16-be")).decode()
    assert len(heard(CHIME, legacy({"alarm_message": value})).rings) == 1


def test_a_text_of_a_camera_rings_only_if_it_speaks_of_a_doorbell() -> None:
    value = read("messages", "doorbell_wxml_alarm_message")["raw"]["message"]["status"][0]["value"]
    assert len(heard(BELL, legacy({"alarm_message": value})).rings) == 1
    low_battery = read("messages", "alarm_msg_utf16")["raw"]["value"]
    assert heard(BELL, legacy({"alarm_message": low_battery})).rings == []


def test_a_monitor_without_ring_pictures_rings_by_switching_its_panel() -> None:
    listener = heard(MONITOR, legacy({"ipc_c_switch_channel": json.dumps(PANELS)}))
    assert [ring.channel for ring in listener.rings] == ["2"]
    listener.hears(legacy({"doorbell_active": DIGITS}), NOW + 1)
    assert len(listener.rings) == 1


def test_a_monitor_with_ring_pictures_does_not_ring_by_switching_its_panel() -> None:
    listener = heard("sp_yev0rxmozbfx8wo", legacy({"ipc_c_switch_channel": PANELS}))
    assert listener.rings == []
    assert listener.device.channels == {"1": "DOOR1", "2": "DOOR2"}
    assert listener.device.channel == "2"


@pytest.mark.parametrize(
    "item",
    [
        {"136": DIGITS, "t": DIGITS},
        {"code": "", "136": DIGITS, "value": DIGITS},
        {"code": "136", "value": DIGITS},
        {"code": None, "dpId": 136, "value": DIGITS},
        {"code": "doorbell_active", "136": DIGITS},
        {"code": "doorbell_active", "136": DIGITS, "value": None},
    ],
)
def test_a_report_that_knows_only_the_number_of_its_data_point_rings(item: dict[str, Any]) -> None:
    for body in (
        {"status": [item]},
        {"bizCode": "devicePropertyMessage", "bizData": {"properties": [item]}},
        {"bizCode": "statusReport", "bizData": {"status": [item]}},
    ):
        assert [ring.time for ring in heard(MONITOR, body).rings] == [NOW]


def test_numbers_of_a_product_are_those_of_its_own_description() -> None:
    model = {"services": [{"properties": [{"abilityId": 53, "code": "doorbell"}]}]}
    lock = device_from({"id": "v", "category": "videolock"}, Description({}, model), now=NOW)
    assert lock is not None
    assert len(heard(lock, {"status": [{"53": True}]}).rings) == 1
    assert heard(lock, {"status": [{"136": DIGITS}]}).rings == []


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"doorbell_active": {"value": DIGITS, "time": int(NOW)}}},
        {"bizData": {"properties": {"doorbell_active": {"value": DIGITS, "time": int(NOW)}}}},
        {"bizCode": "deviceEventMessage", "bizData": {"eventCode": "doorbell_ring"}},
        {"bizCode": "deviceEventMessage", "bizData": {"event_code": "doorbell_ring"}},
        {"bizCode": "deviceEventMessage", "eventCode": "doorbell_ring"},
    ],
)
def test_a_thing_model_report_or_event_rings(body: dict[str, Any]) -> None:
    assert len(heard(BELL, body).rings) == 1


@pytest.mark.parametrize(
    ("command", "step", "reason"),
    [
        ("ipc_connected", CallStep.ANSWERED, CallReason.APP),
        ("ipc_unconnected", CallStep.MISSED, CallReason.TIMEOUT),
        ("ipc_refuse", CallStep.DECLINED, CallReason.APP),
    ],
)
def test_the_outcome_of_a_call_is_told_once_whatever_messages_tell_it(
    command: str, step: CallStep, reason: CallReason
) -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(legacy({"initiative_message": sealed(command)}, t=NOW + 20), NOW + 20)
    listener.hears(legacy({"alarm_message": sealed(command)}), NOW + 25)
    [moved] = listener.of(CallMoved)
    assert (moved.step, moved.reason, moved.time, moved.live) == (step, reason, NOW + 20, True)
    assert moved.event_id == listener.rings[0].event_id


def test_an_outcome_without_a_ring_is_counted() -> None:
    listener = heard(BELL, legacy({"initiative_message": sealed("ipc_unconnected")}))
    assert listener.of(CallMoved) == []
    assert listener.unknown == ["call_without_ring"]


def test_an_outcome_belongs_to_the_last_ring_of_two_minutes() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(legacy({"initiative_message": sealed("ipc_connected")}), NOW + 121)
    assert listener.of(CallMoved) == []


def test_what_a_camera_merely_saw_is_no_ring_and_what_nobody_knows_is_counted() -> None:
    listener = heard(BELL, legacy({"initiative_message": sealed("ipc_human")}))
    listener.hears(legacy({"initiative_message": sealed("ipc_\ud800 new " + "x" * 99)}), NOW + 1)
    assert listener.rings == []
    assert len(listener.unknown) == 1
    assert listener.unknown[0].startswith("cmd:ipc_")
    assert len(listener.unknown[0]) <= 40


def test_a_ring_learned_live_gives_the_device_a_bell() -> None:
    listener = Listener(MONITOR)
    assert not listener.device.features.rings
    listener.hears(legacy({"doorbell_pic": stored(NOW)}))
    assert listener.device.features.rings

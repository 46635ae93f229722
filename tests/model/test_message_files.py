"""What each published message tells, delivered as the queue would deliver it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
import json
import re
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.message import message_from
from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    BoltReported,
    CaptureTaken,
    Change,
    ChannelsReported,
    Occasion,
    OnlineChanged,
    Passed,
    Rang,
    Reported,
)
from custom_components.tuyalink_intercom.model.decode import decode
from custom_components.tuyalink_intercom.model.pictures import PictureForm
from custom_components.tuyalink_intercom.model.state import AccessState, Alarm, Fact, Method

from .files import MESSAGE_FILES, NOW, read
from .said import Listener, core, heard, legacy

PRESSED = 1670717924.0
LOG_START = 1681910288.0


@dataclass(frozen=True, kw_only=True)
class Told:
    """A message of the fixtures: who says it, at what cloud time, and what must be heard.

    `states`: facts with their values, online and bolt included by name.
    """

    device: str
    at: float = NOW
    moments: tuple[tuple[object, ...], ...] = ()
    states: Mapping[str, object] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


EXPECTED = {
    "alarm_lock_alarm_kit": Told(
        device="mk_5k8h97qska6pf5cm",
        moments=((AlarmRaised, Alarm.WRONG_ATTEMPTS, Method.FINGERPRINT),),
        states={"wrong_attempts": True},
    ),
    "alarm_msg_utf16": Told(device="ms_bljvjx2nsv02dhao"),
    "capture_csr2_alarm_message": Told(
        device="sp_csr2fqitalj5o0tq",
        moments=((Rang, None, NOW), (CaptureTaken, Occasion.RING, PictureForm.SEALED)),
    ),
    "capture_csr2_doorbell_pic": Told(
        device="sp_csr2fqitalj5o0tq",
        at=1762199224.0,
        moments=(
            (Rang, None, 1762199221.0),
            (CaptureTaken, Occasion.RING, PictureForm.ADDRESS),
        ),
    ),
    "capture_movement_detect_pic_v3": Told(
        device="sp_ormfprbeceg0jps8",
        moments=((CaptureTaken, Occasion.MOTION, PictureForm.STORAGE),),
    ),
    "doorbell_local_dp244": Told(device="sp_wkyfpsgtzkrjmsgr", moments=((Rang, None, NOW),)),
    "doorbell_sp_doorbell_active": Told(
        device="sp_unknown_joys_bell_7s", at=PRESSED, moments=((Rang, None, PRESSED),)
    ),
    "doorbell_sp_event_notify_doorbell": Told(
        device="sp_unknown_joys_bell_7s", at=PRESSED + 1, moments=((Rang, None, PRESSED),)
    ),
    "doorbell_wxml_alarm_message": Told(
        device="wxml_gznianheex1wcv5b", at=1678472051.0, moments=((Rang, None, 1678472050.0),)
    ),
    "doorbell_wxml_doorbell_call": Told(
        device="wxml_gznianheex1wcv5b", at=1678472051.0, moments=((Rang, "1", 1678472050.0),)
    ),
    "offline_doc": Told(device="ms_isk2p555", states={"online": (False, NOW)}),
    "online_doc": Told(device="ms_isk2p555", states={"online": (True, NOW)}),
    "online_event": Told(
        device="ms_isk2p555", at=1671290538.0, states={"online": (True, 1671290536.0)}
    ),
    "status_lock_report_sequence": Told(
        device="jtmspro_snr3p274",
        at=LOG_START,
        moments=((Passed, Method.KEY, 0),),
        states={
            "last_opened_how": "key",
            "last_opened_by": "0",
            "bolt of door": False,
        },
    ),
    "status_novicam_channel": Told(
        device="sp_pd2wpgm6gifppmae",
        at=1788778418.0,
        moments=((Rang, "2", 1788778417.0),),
        states={"panels": {"1": "DOOR1", "2": "DOOR2"}, "panel": "2"},
    ),
    "status_report_doc": Told(device="sp_csr2fqitalj5o0tq"),
    "status_tuyalink_property_report_doc": Told(device="sp_csr2fqitalj5o0tq"),
    "unlock_access_control_open_door_doc": Told(device="mk_5k8h97qska6pf5cm", unknown=("message",)),
    "unlock_access_control_person_open_doc": Told(
        device="mk_5k8h97qska6pf5cm", unknown=("message",)
    ),
    "unlock_open_logs_doc": Told(
        device="ms_isk2p555",
        moments=((Passed, Method.FINGERPRINT, 123456),),
        states={"last_opened_how": "fingerprint", "last_opened_by": "123456"},
    ),
    "unlock_remote_no_dp_key_exchange": Told(device="videolock_unknown_wbrl"),
}


def bodies(name: str) -> list[dict[str, Any]]:
    """Return a file's message in the shape of the queue, without the device's id."""
    raw = read("messages", name)["raw"]
    match name:
        case "doorbell_local_dp244":
            return [{"dps": json.loads(text)} for text in re.findall(r"\{.*?\}", raw)[:1]]
        case "status_novicam_channel":
            return [ast.literal_eval(raw)]
        case "status_lock_report_sequence":
            # The log in words: newest first, and its third column names the data point.
            codes = {"Mechanical Unlock": "unlock_key", "Open Or Close": "open_close"}
            rows = [row.split(" | ") for row in reversed(raw.splitlines()[2:])]
            told = [(codes.get(row[2], "lock_motor_state"), row[3]) for row in rows]
            words: dict[str, Any] = {"0": 0, "On": True, "Closed": False}
            return [legacy({code: words[word.strip()]}) for code, word in told]
        case "unlock_open_logs_doc":
            return [{"status": [log["status"]]} for log in raw["result"]["logs"]]
        case "unlock_remote_no_dp_key_exchange":
            answers = re.findall(r"responds with ([A-Za-z0-9+/=]+)", raw)
            asked = ("remote_no_pd_setkey", "remote_no_dp_key")
            return [legacy({code: word}) for code, word in zip(asked, answers, strict=True)]
        case _ if "response" in raw:
            return [raw["response"]]
        case _ if "code" in raw:
            return [{"status": [raw]}]
    body = raw.get("message") or raw.get("payload") or raw
    return [{key: value for key, value in body.items() if key != "devId"}]


def summary(change: Change) -> tuple[object, ...] | None:
    match change:
        case Rang(channel=channel, time=time):
            return (Rang, channel, time)
        case Passed(method=method, slot=slot):
            return (Passed, method, slot)
        case AlarmRaised(alarm=alarm, method=method):
            return (AlarmRaised, alarm, method)
        case CaptureTaken(occasion=occasion, picture=picture):
            return (CaptureTaken, occasion, picture.form)
    return None


def states(listener: Listener) -> dict[str, object]:
    told: dict[str, object] = {}
    for change in listener.changes:
        match change:
            case Reported(fact=fact, value=value):
                told[fact.value] = value
            case OnlineChanged(online=online, time=time):
                told["online"] = (online, time)
            case BoltReported(door=door, unlocked=unlocked):
                told[f"bolt of {door}"] = unlocked
            case ChannelsReported(names=names, current=current):
                told |= {"panels": names, "panel": current}
    return told


def test_every_message_file_has_an_expectation() -> None:
    assert set(EXPECTED) == set(MESSAGE_FILES)


@pytest.mark.parametrize("name", MESSAGE_FILES)
def test_a_published_message_tells_what_its_notes_say(name: str) -> None:
    expected = EXPECTED[name]
    listener = Listener(expected.device)
    for body in bodies(name):
        listener.hears({**body, "devId": expected.device}, expected.at)
    assert tuple(filter(None, map(summary, listener.changes))) == expected.moments
    assert states(listener) == expected.states
    assert tuple(listener.unknown) == expected.unknown


def test_an_alarm_hosts_texts_are_left_to_others() -> None:
    message = legacy({"alarm_msg": read("messages", "alarm_msg_utf16")["raw"]["value"]})
    listener = Listener("ms_isk2p555")
    listener.state = AccessState(listener.state.devices, frozenset({"alarm host"}))
    assert listener.hears({**message, "devId": "alarm host"}) == ()


def test_the_press_of_a_video_doorbell_told_in_two_messages_is_one_ring() -> None:
    told = [*bodies("doorbell_sp_doorbell_active"), *bodies("doorbell_sp_event_notify_doorbell")]
    for order in (told, told[::-1]):
        listener = Listener("sp_unknown_joys_bell_7s")
        for seconds, body in enumerate(order):
            listener.hears({**body, "devId": listener.id}, PRESSED + seconds)
        assert [ring.time for ring in listener.rings] == [PRESSED]


def test_the_press_of_a_chime_told_in_two_messages_is_one_ring_of_that_button() -> None:
    told = [*bodies("doorbell_wxml_doorbell_call"), *bodies("doorbell_wxml_alarm_message")]
    listener = Listener("wxml_gznianheex1wcv5b")
    for body in told:
        listener.hears({**body, "devId": listener.id}, 1678472050.0)
    assert [ring.channel for ring in listener.rings] == ["1"]


def test_a_message_of_an_unknown_device_asks_for_the_list_once_more() -> None:
    listener = Listener("ms_isk2p555")
    changes = listener.hears({"devId": "somebody new", **legacy({"switch_1": True})})
    assert [type(change).__name__ for change in changes] == ["RegistryChanged"]
    assert listener.state.devices.keys() == {"ms_isk2p555"}


def test_a_message_about_no_device_says_nothing() -> None:
    message = message_from({"bizCode": "homeCreate", "bizData": {"homeId": 1}}, time=NOW)
    assert decode(message, AccessState(), NOW) == ()


def test_battery_and_leaf_of_a_lock_are_told_in_both_dialects_alike() -> None:
    values = {"residual_electricity": 55, "closed_opened": "open"}
    for body in (legacy(values), core(values)):
        readings = heard("jtmspro_xqeob8h6", body).device.readings
        assert readings[Fact.BATTERY].value == 55
        assert readings[Fact.LEAF].value is True

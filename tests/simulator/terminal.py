"""Building terminals: passages with picture and log row, calls, alarms.

Ways in: 1 card, 2 password, 3 QR code, 4 face, 5 fingerprint, 9 remote, 10 other.
"""

from collections.abc import Mapping
from typing import Any

from . import doors, messages, pictures
from .cloud import Cloud, Sent, new_event_id
from .stage import Stage
from .storage import BUCKET
from .wire import compact

WAYS: Mapping[str, int] = {
    "card": 1,
    "password": 2,
    "qr_code": 3,
    "face": 4,
    "fingerprint": 5,
    "remote": 9,
    "other": 10,
}
WORDS = {number: word for word, number in WAYS.items()}
# The log answers in the project's language, whatever was asked.
LOCAL_WORDS = {1: "刷卡", 2: "密码", 3: "二维码", 4: "人脸", 5: "指纹", 9: "远程"}
CALLING, ANSWERED = 1, 6
MOST_CALLS = 100
EXTENDED = frozenset({5, 6, 7})
ADDRESS = "01-01-01-02-03-01"
ALARMS: Mapping[str, tuple[int, str]] = {
    "tamper": (1, "Tamper alarm"),
    "loitering": (2, "Loitering alarm"),
    "wrong_attempts": (3, "Multiple unlocking attempts"),
    "duress": (4, "Duress alarm"),
    "door_left_open": (5, "Door open timeout"),
}


def passage(stage: Stage, *, way: int, person: str, granted: bool) -> Sent:
    """Report somebody at the terminal; a granted one opens the door and leaves a log row."""
    cloud, device, at = stage.cloud, stage.device, stage.device_time
    event_id = new_event_id()
    jpeg = pictures.draw(device.name, event_id, at, f"{WORDS.get(way, 'other')} {person}")
    stored = cloud.storage.put(device.id, at, jpeg, encrypted=False)
    cloud.keep_picture(event_id, jpeg)
    if granted:
        doors.mark_open(cloud, device.doors[1], stage.published)
        row = {
            "access_log_id": event_id,
            "access_time": int(at * 1000),
            "device_id": device.id,
            "device_name": device.name,
            "name": stage.options.name or _name(cloud, device.id, person),
            "path": stored.path,
            "user_id": person,
            "way": way,
        }
        cloud.records.passages.appendleft(row)
    fact = {
        "uid": person,
        "operTime": int(at * 1000),
        "way": way,
        "imageId": event_id,
        "isSuccess": granted,
    }
    return _say(stage, event_id, fact)


def call(stage: Stage, kind: int) -> Sent:
    """Report one step of a call: 1 calling, 3 hung up, 4 missed, 5 ended, 6 answered, 7 limit.

    A new call gets a new ``sn``; later steps repeat it.
    """
    device, at = stage.device, int(stage.device_time)
    if kind == CALLING or not device.call_sn:
        device.call_address = ""
        device.call_sn = stage.cloud.records.new_command(device.id, fails=False).sn
    device.call_address = stage.options.address or device.call_address or ADDRESS
    device.calls[device.call_sn] = device.call_address
    while len(device.calls) > MOST_CALLS:
        del device.calls[next(iter(device.calls))]
    fact: dict[str, Any] = {
        "sn": device.call_sn,
        "type": kind,
        "mode": "ac_doorbell",
        "deviceId": device.id,
        "targetAddress": device.call_address,
    }
    if kind in EXTENDED:
        times = {"beginTime": at} if kind == ANSWERED else {"beginTime": at, "endTime": at}
        fact["extend"] = compact(times)
    return _say(stage, device.call_sn, fact)


def alarm(stage: Stage, name: str) -> Sent:
    """Report an alarm."""
    number, text = ALARMS[name]
    fact = {"alarmType": number, "content": text, "time": int(stage.device_time * 1000)}
    return _say(stage, new_event_id(), fact)


def log_row(cloud: Cloud, row: Mapping[str, Any], *, with_picture: bool) -> dict[str, Any]:
    """Return one passage as the access log shows it, its picture behind a fresh address."""
    way, path = row["way"], row["path"]
    word = LOCAL_WORDS.get(way, "其他") if cloud.records.localized else WORDS.get(way, "other")
    shown = {key: value for key, value in row.items() if key not in {"path", "way"}}
    kept = with_picture and cloud.storage.get(path) is not None
    url = cloud.storage.signed(BUCKET, path, cloud.now()) if kept else ""
    return {**shown, "access_type": word, "image_capture": url}


def _name(cloud: Cloud, device_id: str, person: str) -> str:
    return cloud.persons.name(device_id, person) or cloud.people.name(person)


def _say(stage: Stage, event_id: str, fact: Mapping[str, Any]) -> Sent:
    body = messages.terminal_report(stage.device, fact, int(stage.device_time * 1000))
    return stage.done(event_id, [stage.publish(body, messages.LEGACY_DATA)])

"""More parsers under fire: rows of logs, names in records, notices, and what users taught."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
import json
from random import Random
from typing import Any

from custom_components.tuyalink_intercom.api.message import Message, message_from
from custom_components.tuyalink_intercom.model.albums import (
    MOST,
    Unpictured,
    album_pictures,
    matched,
)
from custom_components.tuyalink_intercom.model.changes import (
    Change,
    FlatCalled,
    Occasion,
    Passed,
)
from custom_components.tuyalink_intercom.model.decode import decode
from custom_components.tuyalink_intercom.model.flats import chosen, concerns
from custom_components.tuyalink_intercom.model.history import (
    Row,
    alarmed,
    log_codes,
    noted,
    opened,
    passed,
    replayed,
    reported,
)
from custom_components.tuyalink_intercom.model.items import names_in
from custom_components.tuyalink_intercom.model.people import joined, log_row, slot_owners
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.signs import notice_in
from custom_components.tuyalink_intercom.model.state import AccessState, Device, Meaning
from custom_components.tuyalink_intercom.model.taught import MOST_TAUGHT, promised

from .fuzz_checks import (
    LONGEST_NAME,
    LONGEST_VALUE,
    body_of,
    check_changes,
    check_device,
    device_of,
    objects,
    require,
)
from .fuzz_food import NOW, bodies, devices

_MS = int(NOW * 1000)
_HOW_MANY = (1, 3, 60)
_VALUES = ("true", "1", "pry", "AQAB", f"{NOW:.0f}", "unlock_card-02", '{"cmd":"ipc_doorbell"}')
_READERS: tuple[Callable[[Iterable[Mapping[str, Any]]], Iterable[Row]], ...] = (
    *(reported, opened, alarmed, noted, passed),
)


def history(random: Random) -> str:
    """Read damaged rows of all five logs, before or after messages, and join names to passages."""
    device = device_of(random, random.choice(devices()))
    if device is None:
        return "left to others"
    rows = [row for read in _READERS for row in read(_rows(random, device))]
    changes = replayed(device, rows, NOW)
    device = _after(device, changes)
    require(not device.calls, "a call out of a log")
    device, heard = _said(device, [_message(random), _message(random)])
    again = replayed(device, rows, NOW)
    check_changes((*changes, *heard, *again))
    require(not any(getattr(change, "live", False) for change in (*changes, *again)), "live log")
    check_device(_after(device, again))
    passages = [change for change in (*changes, *again) if isinstance(change, Passed)]
    _join(passages, _rows(random, device))
    return "read"


def owners(random: Random) -> str:
    """Read whose the credentials of a lock are."""
    slots = [{"dp_code": "unlock_card", "unlock_list": [{"unlock_sn": 3}, {"unlock_sn": "4"}]}]
    users = objects(body_of(random, [{"nick_name": "Anna", "unlock_detail": slots}] * 2))
    row = {"update_time": _MS, "status": {"code": "unlock_card", "value": "3"}, "nick_name": "Bert"}
    for key, owner in slot_owners(users, objects(body_of(random, [row] * 2))).items():
        told = (key, owner.name, owner.person)
        require(max(map(len, told)) <= LONGEST_VALUE, "long name")
        "".join(told).encode()
    return "read"


def notice(random: Random) -> str:
    """Read a warning of a backlog."""
    told: Any = {"dataCenter": "eu", "topic": "event", "subscription": "a", "backLogNum": 2000}
    told = {
        "eventType": "pulsar_backlog_notice",
        "eventData": json.dumps(told) if random.random() < 0.5 else told,
    }
    body = body_of(random, {"bizCode": "HighPriorityNotice", "bizData": told})
    found = notice_in(message_from(body if isinstance(body, dict) else {}, time=NOW))
    if found is None:
        return "none"
    require(len(found.subscription) <= LONGEST_VALUE, "long subscription")
    found.subscription.encode()
    return "notice"


def taught(random: Random) -> str:
    """Teach a device what its damaged messages mean, and let it say them again."""
    device = device_of(random, random.choice(devices()))
    if device is None:
        return "left to others"
    messages = [_message(random) for _ in range(3)]
    names = [name for one in messages for name in names_in(one, device.codes)]
    require(all(0 < len(name) <= LONGEST_NAME for name in names), "long name")
    "".join(names).encode()
    meanings = {name: random.choice([*Meaning]) for name in names[:MOST_TAUGHT]}
    device, changes = _said(promised(replace(device, taught=meanings)), messages * 2)
    check_changes(changes)
    check_device(device)
    for change in changes:
        if isinstance(change, FlatCalled):
            mine = chosen([change.address])
            require(concerns(mine, change.address), "a flat that is not itself")
    return "heard"


def album(random: Random) -> str:
    """Read damaged albums, and find the pictures of two events in them."""
    path = f"/a/detect/{NOW:.0f}.jpeg"
    row = {
        "file_url": f"https://x.example{path}?sign=1",
        "file_key": "k3yForOnePicture",
        "media_path": path,
        "media_bucket": "b",
        "event_type": random.choice((1, 8, "0", None)),
    }
    rows = [objects(body_of(random, [row] * random.choice(_HOW_MANY))) for _ in range(2)]
    before, now = album_pictures(rows[0]), album_pictures(rows[1])
    require(max(len(before), len(now)) <= MOST, "long album")
    events = [
        Unpictured(event_id=name, occasion=random.choice([*Occasion]), times=(NOW,))
        for name in ("one", "two")
    ]
    known = random.choice((None, {one.place for one in before}))
    pairs = [*matched(events, now, known, alone=False)]
    require(len({id(one) for _, one in pairs}) == len(pairs), "one picture for two events")
    require(not known or all(one.place not in known for _, one in pairs), "an old face")
    return "read"


def _rows(random: Random, device: Device) -> list[dict[str, Any]]:
    """Return rows as the five logs have them, damaged here and there."""
    codes = log_codes(device) or ("doorbell", "unlock_card", "alarm_lock", "hijack")
    found: list[dict[str, Any]] = []
    for number in range(random.choice(_HOW_MANY)):
        time = random.choice((_MS - 1000 * number, int(NOW) - number, str(_MS)))
        status = {"code": random.choice(codes), "value": random.choice(_VALUES)}
        shapes: tuple[dict[str, Any], ...] = (
            {**status, "event_time": time},
            {"update_time": time, "status": random.choice((status, [status]))},
            {"gmt_create": time, "dps": [{status["code"]: status["value"]}]},
            {
                "access_time": time,
                "device_id": device.id,
                "access_type": random.choice(("face", "人脸", "Gesicht")),
                "user_id": "anna",
                "name": "Anna",
                "image_capture": "https://x.example/a.jpg",
            },
        )
        row = random.choice(shapes)
        found += objects([body_of(random, row) if random.random() < 0.7 else row])
    return found


def _message(random: Random) -> Message:
    body = body_of(random, random.choice(bodies()))
    told = body if isinstance(body, dict) else {}
    return message_from({**told, "devId": "simdevice"}, time=NOW)


def _said(device: Device, messages: Iterable[Message]) -> tuple[Device, list[Change]]:
    heard: list[Change] = []
    for step, message in enumerate(messages):
        changes = decode(message, AccessState({device.id: device}), NOW + 3 * step)
        device = _after(device, changes)
        heard += changes
    return device, heard


def _after(device: Device, changes: Iterable[Change]) -> Device:
    return reduce(AccessState({device.id: device}), changes).devices[device.id]


def _join(passages: list[Passed], listed: list[dict[str, Any]]) -> None:
    rows = [row for row in map(log_row, listed) if row is not None]
    pairs = [*joined(passages, rows)]
    require(len({id(row) for _, row in pairs}) == len(pairs), "one row for two passages")


FEEDS: Mapping[str, Callable[[Random], str]] = {
    "history": history,
    "album": album,
    "owners": owners,
    "notice": notice,
    "taught": taught,
}

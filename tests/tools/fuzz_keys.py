"""More parsers under fire: Tuya's list of a lock's codes, and who is in groups of doors."""

from collections.abc import Callable, Mapping
from random import Random

from custom_components.tuyalink_intercom.model.keys import Key, KeyKind, KeyState
from custom_components.tuyalink_intercom.model.listed_codes import after_listing, read_listed
from custom_components.tuyalink_intercom.model.lock_codes import Link
from custom_components.tuyalink_intercom.model.people import member

from .fuzz_checks import LONGEST_VALUE, body_of, objects, require

_NOW = 1_795_000_000.0
_CODE = {
    "id": 4711,
    "name": "Anna",
    "phase": 2,
    "delivery_status": 2,
    "effective_time": 1_794_990_000,
    "invalid_time": 1_795_090_000,
    "sn": 3,
}
_MEMBER = {"user_id": "ay1700000000000Anna", "name": "Anna", "face_id": "f1"}


def codes(random: Random) -> str:
    """Read how codes stand, and join one that was handed out from here."""
    link = random.choice([*Link])
    state = random.choice([*KeyState])
    key = Key(device_id="d", kind=KeyKind.CODE, id="4711", made=_NOW, state=state, end=_NOW + 60)
    for row in objects(body_of(random, [_CODE] * 3)):
        listed = read_listed(row, link)
        if listed is not None:
            require(listed.id and len(listed.id) <= LONGEST_VALUE, "number of a code")
            require(len(listed.name) <= LONGEST_VALUE, "long name")
        for zigbee in (False, True):
            stands = after_listing(key, listed, _NOW, zigbee=zigbee)
            require(stands is None or stands.identity == key.identity, "another code")
            ended = state in {KeyState.USED, KeyState.EXPIRED}
            require(not ended or stands == key, "a code that was over is live again")
    return "read"


def members(random: Random) -> str:
    """Read who is in a group of doors or a face database."""
    for row in objects(body_of(random, [_MEMBER] * 3)):
        if found := member(row):
            require(max(map(len, found)) <= LONGEST_VALUE, "long name")
    return "read"


FEEDS: Mapping[str, Callable[[Random], str]] = {"codes": codes, "members": members}

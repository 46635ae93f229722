"""Who is who: names by person or credential, and what Tuya's records tell of a passage.

Terminals tell the id of a person, locks the number of a credential. Names stand in the
access log, in a lock's opening records and in the list of its users.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
import re
from typing import Any

from ..api.message import unix_seconds
from . import dpcodes
from .changes import Passed, PersonNamed
from .pictures import PictureReference, picture_message
from .registry import Origin
from .state import Device, Fact, Method
from .values import integer, raw, text

KEPT = 2000
"""Names remembered per device."""
SAME_PASSAGE = 2.0
"""A row of the log this close (s) to a passage, of the same person and kind, is that passage."""
_SLOT = slice(2, 4)
_IDS = ("user_id", "uid", "person_id")
_NAMES = ("name", "user_name", "nick_name", "person_name")
_ODD = re.compile(r"[\s_-]+")
_WORDS: Mapping[str, Method] = {
    **dict.fromkeys(("card", "刷卡", "门禁卡", "卡"), Method.CARD),
    **dict.fromkeys(("face", "人脸", "人脸识别"), Method.FACE),
    **dict.fromkeys(("fingerprint", "指纹"), Method.FINGERPRINT),
    **dict.fromkeys(("other", "其他", "其它"), Method.OTHER),
    **dict.fromkeys(("password", "密码"), Method.PASSWORD),
    **dict.fromkeys(("qrcode", "二维码"), Method.QR_CODE),
    **dict.fromkeys(("remote", "远程", "远程开门"), Method.REMOTE),
}
"""How the access log names ways to pass: in the language of the project, whoever asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedPassage:
    """A row of the access log; `method` is `None` where its word is in an unknown language."""

    device_id: str
    time: float
    person_id: str | None = None
    name: str | None = None
    method: Method | None = None
    picture: PictureReference | None = None
    """Where the picture is for a while; `None` if none was taken."""
    log: str = ""
    """Which log tells it."""


def key_of(method: Method, slot: int) -> str:
    """Return the name under which the owner of a credential is remembered."""
    return f"{method.value}:{slot}"


def method_of(access_type: object) -> Method | None:
    """Read the log's word for the way of passing: Tuya's code word or its translation."""
    return _WORDS.get(_ODD.sub("", (text(access_type) or "").lower()))


def log_row(row: Mapping[str, Any]) -> LoggedPassage | None:
    """Read a row of the access log; `None` if it tells no device or no time."""
    device, time = text(row.get("device_id")), unix_seconds(row.get("access_time"))
    if device is None or not time:
        return None
    image = picture_message(row.get("image_capture"))
    return LoggedPassage(
        device_id=device,
        time=time,
        person_id=text(row.get("user_id")),
        name=text(row.get("name")),
        method=method_of(row.get("access_type")),
        picture=image.picture if image else None,
    )


def joined(
    passages: Iterable[Passed], rows: Sequence[LoggedPassage]
) -> Iterator[tuple[Passed, LoggedPassage]]:
    """Yield passages with their rows of the log: the nearest in time first, each row once."""
    found = [
        (apart, number, passage)
        for passage in passages
        for number, row in enumerate(rows)
        if _alike(passage, row) and (apart := _apart(passage, row)) <= SAME_PASSAGE
    ]
    used: set[int] = set()
    told: set[str] = set()
    for _, number, passage in sorted(found, key=lambda one: one[:2]):
        if number not in used and passage.event_id not in told:
            used.add(number)
            told.add(passage.event_id)
            yield passage, rows[number]


def _alike(passage: Passed, row: LoggedPassage) -> bool:
    # "Other" is what a terminal says by a number, and a log by a word, that nobody knows.
    unsaid = Method.OTHER in {passage.method, row.method or Method.OTHER}
    return (
        passage.device_id == row.device_id
        and passage.person_id == row.person_id
        and (unsaid or row.method is passage.method)
    )


def _apart(passage: Passed, row: LoggedPassage) -> float:
    # Nobody says by whose clock the log counts: the device's may be an hour off.
    times = (passage.time, passage.told)
    return min(abs(time - row.time) for time in times if time is not None)


@dataclass(frozen=True, slots=True)
class SlotOwner:
    """Whose a credential is: name and, where told, id. Without a name it is nobody's any more."""

    name: str
    person: str = ""


def slot_owners(
    users: Iterable[Mapping[str, Any]], openings: Iterable[Mapping[str, Any]]
) -> dict[str, SlotOwner]:
    """Return owners by credential, from a lock's users and its opening records.

    The newest opening of a credential decides, its list of users over that.
    """
    rows = sorted(openings, key=lambda row: unix_seconds(row.get("update_time")) or 0.0)
    owners = {
        key: _owner(row, "nick_name", "unlock_name")
        for row in rows
        for key in _credentials(row.get("status"))
    }
    for user in users:
        if (owner := _owner(user, "nick_name")).name:
            owners.update(dict.fromkeys(_slots_of(user), owner))
    return owners


def _owner(row: Mapping[str, Any], *names: str) -> SlotOwner:
    told = next((name for one in names if (name := text(row.get(one)))), "")
    ids = (text(row.get(one)) for one in _IDS)
    return SlotOwner(told, next((one for one in ids if one), "") if told else "")


def member(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Read id and name of somebody in a group of doors or a face database, `None` without both.

    Tuya's pages for the shape of such rows could not be read.
    """
    ids, names = ([text(row.get(one)) for one in told] for told in (_IDS, _NAMES))
    person, name = next(filter(None, ids), None), next(filter(None, names), None)
    return (person, name) if person and name and person != name else None


def _credentials(status: object) -> Iterator[str]:
    # Tuya's text calls it a list, its example shows an object.
    for told in status if isinstance(status, list) else [status]:
        if isinstance(told, Mapping):
            yield from _credential(told.get("code"), told.get("value"))


def _slots_of(user: Mapping[str, Any]) -> Iterator[str]:
    for detail in _objects(user.get("unlock_detail")):
        for one in _objects(detail.get("unlock_list")):
            yield from _credential(detail.get("dp_code"), one.get("unlock_sn"))


def _objects(listed: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(listed, list):
        yield from (one for one in listed if isinstance(one, Mapping))


def _credential(code: object, value: object) -> Iterator[str]:
    method = dpcodes.METHODS.get(text(code) or "")
    slot = integer(value)
    if slot is None and (record := raw(value)) is not None and len(record) >= _SLOT.stop:
        slot = int.from_bytes(record[_SLOT])
    if method is not None and slot is not None:
        yield key_of(method, slot)


def named(device: Device, change: PersonNamed) -> Device:
    """Learn a name; an empty one is forgotten. What was shown as an id is shown by name."""
    before, unnamed = device.people.get(change.person), _shown_as(device, change.person)
    people = {key: name for key, name in device.people.items() if key != change.person}
    if change.name:
        people[change.person] = change.name
    for key in [*people][: max(0, len(people) - KEPT)]:
        del people[key]
    owners = {change.person} if change.name and change.origin is Origin.OWNER else set()
    device = replace(
        device,
        people=people,
        owner_named=frozenset((device.owner_named - {change.person} | owners) & people.keys()),
    )
    shown, name = device.readings.get(Fact.OPENED_BY), change.name or unnamed
    if shown is None or name is None or shown.value not in {before, unnamed}:
        return device
    reading = replace(shown, value=name)
    return replace(device, readings={**device.readings, Fact.OPENED_BY: reading})


def _shown_as(device: Device, person: str) -> str | None:
    """Return what is shown of somebody whose name is not known."""
    method, _, slot = person.partition(":")
    if not slot or method not in Method:
        return person
    how = device.readings.get(Fact.OPENED_HOW)
    return slot if how is not None and how.value == method else None

"""OpenAPI calls that tell terminals of persons and faces, and those that read groups of doors.

The newer and the older service do the same under other names.
"""

from collections.abc import Callable, Mapping
from typing import Any

from . import person_bodies
from .answers import Refused
from .person_bodies import NEWER, OLDER, checked_id
from .person_orders import MOST_AT_ONCE, Change, give, is_terminal, many, one, rows, terminal, write
from .persons import Known
from .records import Command
from .rest import Call, Route, get

NEWER_BASE = "/v1.0/access-control/{id}/persons"
OLDER_BASE = "/v1.0/iot-02/third/doors/{id}/persons"
PERMISSIONS = (
    "/v1.0/expand/spaces/{id}/persons/{person_id}",
    "/v1.0/iot-02/third/spaces/{id}/persons/{person_id}",
)
GROUP = "simgroup1"
type Answer = Callable[[Call], Any]


def add(words: Mapping[str, str]) -> Answer:
    """Return the call that adds or, if known, renews a person."""
    return lambda call: one(call, _adding(call, call.ids["person_id"], call.fields, words))


def update(words: Mapping[str, str]) -> Answer:
    """Return the call that changes a person."""

    def answer(call: Call) -> Any:
        person_id = checked_id(call.ids["person_id"])
        told = _told(call, call.fields, words)
        return one(call, lambda told_to: told_to.update(person_id, told))

    return answer


def remove(call: Call) -> Any:
    """Delete a person and all that the person carries."""
    return one(call, _removing(call.ids["person_id"]))


def add_many(call: Call) -> Any:
    """Add persons, each by a command of its own."""
    listed = rows(call, "person_list")
    return many(call, [_adding(call, row.get("person_id"), row, NEWER) for row in listed])


def remove_many(call: Call) -> Any:
    """Delete persons, each by a command of its own."""
    ids = call.fields.get("person_id_list")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_AT_ONCE:
        raise Refused(1109)
    return many(call, [_removing(each) for each in ids])


def add_face(call: Call) -> Any:
    """Fetch a face by its address."""
    return {"sn": _face(call, {**call.ids, **call.fields}, known=False)}


def replace_face(call: Call) -> Any:
    """Fetch another picture of a face; fails if the face is not known."""
    return {"sn": _face(call, {**call.ids, **call.fields}, known=True)}


def remove_face(call: Call) -> Any:
    """Delete a face."""
    return one(call, _removing_face(call.ids))


def add_faces(call: Call) -> Any:
    """Fetch faces, each by a command of its own."""
    return {"sn_list": [_face(call, row, known=False) for row in rows(call, "face_list")]}


def remove_faces(call: Call) -> Any:
    """Delete faces, each by a command of its own."""
    return many(call, [_removing_face(row) for row in rows(call, "face_del_list")])


def allow(call: Call) -> Any:
    """Let a person's app be called; takes effect at once."""
    ids = terminal(call).id, checked_id(call.ids["person_id"])
    call.cloud.persons.permitted.add(ids)
    return {"device_id": ids[0], "person_id": ids[1]}


def disallow(call: Call) -> Any:
    """Take that leave back."""
    ids = terminal(call).id, checked_id(call.ids["person_id"])
    call.cloud.persons.permitted.discard(ids)
    return {"device_id": ids[0], "person_id": ids[1]}


def groups(call: Call) -> Any:
    """Return the one group of doors: all terminals."""
    devices = [device for device in call.cloud.devices.values() if is_terminal(device)]
    found = [{"device_num": len(devices), "id": GROUP, "name": "Building"}] if devices else []
    return {"has_more": False, "list": found, "total": len(found)}


def group_users(call: Call) -> Any:
    """Return everybody whom a terminal knows, and whom the cloud knows by name."""
    if call.ids["group_id"] != GROUP:
        raise Refused(1000)
    named = {person_id: known.name for person_id, known in call.cloud.persons.all()}
    users = {**call.cloud.people.named(), **named}
    rows = [{"user_id": person_id, "name": name} for person_id, name in users.items()]
    return {"has_more": False, "list": rows, "total": len(rows)}


def faces(call: Call) -> Any:
    """Return the faces that terminals fetched, without pictures."""
    rows = {
        face_id: {"face_id": face_id, "user_id": person_id, "name": known.name}
        for person_id, known in call.cloud.persons.all()
        for face_id in known.faces
    }
    return {"has_more": False, "list": [*rows.values()], "total": len(rows)}


def _adding(
    call: Call, person_id: Any, body: Mapping[str, Any], words: Mapping[str, str]
) -> Change:
    person, said = checked_id(person_id), _told(call, body, words)
    return lambda told: told.add(person, said)


def _removing(person_id: Any) -> Change:
    person = checked_id(person_id)
    return lambda told: told.remove(person)


def _removing_face(ids: Mapping[str, Any]) -> Change:
    person, face = checked_id(ids.get("person_id")), checked_id(ids.get("face_id"))

    def act(known: Known) -> bool:
        known.faces.pop(face, None)
        return True

    return lambda told: told.change(person, act)


def _face(call: Call, asked: Mapping[str, Any], *, known: bool) -> str:
    """Let a terminal fetch a face; the command fails if that is no JPEG of at most 1 MB."""
    person, face = checked_id(asked.get("person_id")), checked_id(asked.get("face_id"))
    url = asked.get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Refused(1109)
    call.cloud.issued.note(url)
    told = call.cloud.persons.of(terminal(call).id)

    def act(command: Command) -> None:
        def keep(found: Known, picture: bytes | None) -> bool:
            if picture is None or (known and face not in found.faces):
                return False
            found.faces[face] = picture
            return True

        def take(picture: bytes | None) -> None:
            command.fails = not told.change(person, lambda found: keep(found, picture))
            command.waits = False

        command.waits = True
        call.cloud.faces.fetch(url, take)

    return give(call, act)


def _told(call: Call, body: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    told = person_bodies.person(body, words)
    call.cloud.issued.note(body.get("secret_key", ""))
    return told


def _both(base: str, words: Mapping[str, str]) -> tuple[Route, ...]:
    person, face = f"{base}/{{person_id}}", f"{base}/{{person_id}}/faces/{{face_id}}"
    return (
        write("POST", person, add(words)),
        write("PUT", person, update(words)),
        write("DELETE", person, remove),
        write("POST", face, add_face),
        write("PUT", face, replace_face),
        write("DELETE", face, remove_face),
    )


ROUTES = (
    # Those in bulk first: their words would pass for ids of persons.
    write("POST", f"{NEWER_BASE}/faces", add_faces),
    write("DELETE", f"{NEWER_BASE}/faces", remove_faces),
    write("POST", NEWER_BASE, add_many),
    write("DELETE", NEWER_BASE, remove_many),
    *_both(NEWER_BASE, NEWER),
    *_both(OLDER_BASE, OLDER),
    *(write("POST", path, allow) for path in PERMISSIONS),
    *(write("DELETE", path, disallow) for path in PERMISSIONS),
    get("/v1.0/iot-02/access-controls", groups),
    get("/v1.0/iot-02/access-controls/{group_id}/users", group_users),
    get("/v1.0/iot-02/faces", faces),
)

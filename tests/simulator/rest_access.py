"""OpenAPI calls of building terminals: function points, opening for a person, records, calls."""

from collections.abc import Iterator
from typing import Any

from . import terminal
from .answers import Refused
from .devices import SimDevice, World
from .person_orders import settle
from .query import listed, ms, number
from .rest import Call, get, post
from .stage import Options, Stage

MAX_CALLED = 3
MAX_ID = 32
MAX_PAGE = 200


def function_points(call: Call) -> Any:
    """Return what a terminal can do; other devices can do nothing of it."""
    return [{"code": code} for code in call.device.file.function_points]


def open_as(call: Call) -> Any:
    """Open for a person; the terminal does not check whether the person is valid."""
    return {"sn": _open(call, _reachable(call), call.ids["person_id"])}


def open_door(call: Call) -> Any:
    """Open for a user, the older way; the result is text."""
    fields = call.fields
    person = fields.get("user_id", fields.get("userId"))
    if not isinstance(person, str):
        raise Refused(1100)
    _open(call, _reachable(call), person)
    return "true"


async def command_status(call: Call) -> Any:
    """Return how far a command got: 1 sending, 2 sent, 3 succeeded, 4 failed."""
    cloud = call.cloud
    settle(cloud)
    await cloud.faces.done()
    command = cloud.records.command(call.ids["sn"])
    return {
        "device_id": command.device_id,
        "happen_time": command.happen_time,
        "message": "",
        "process_status": command.status,
        "sn": command.sn,
    }


def access_log(call: Call) -> Any:
    """Return passages, newest first."""
    query = call.query
    wanted, size = number(call, "page_no", 1), number(call, "page_size", 20)
    if not 1 <= size <= MAX_PAGE or wanted < 1:
        raise Refused(1101)
    rows = sorted(_rows(call), key=lambda row: row["access_time"], reverse=True)
    page = rows[(wanted - 1) * size : wanted * size]
    with_picture = query.get("export_face_img", "true") != "false"
    listed = [terminal.log_row(call.cloud, row, with_picture=with_picture) for row in page]
    return {"has_more": wanted * size < len(rows), "list": listed, "total": len(rows)}


def call_persons(call: Call) -> Any:
    """Let the apps of up to three persons ring, for a call that the terminal made.

    How Tuya refuses persons without device permission is not known [inferred].
    """
    device, fields = _terminal(call), call.fields
    persons, sn = fields.get("person_id_list"), fields.get("sn")
    if not isinstance(persons, list) or not 1 <= len(persons) <= MAX_CALLED:
        raise Refused(1109)
    if not all(isinstance(one, str) and 0 < len(one) <= MAX_ID for one in persons):
        raise Refused(1109)
    if not isinstance(sn, str) or sn not in device.calls or fields.get("type") != terminal.CALLING:
        raise Refused(1109)
    if fields.get("target_address") != device.calls[sn]:
        raise Refused(1109)
    known = call.cloud.persons
    if not all((device.id, one) in known.permitted for one in persons):
        raise Refused(1106)
    known.rung.append((sn, tuple(persons)))
    return {"device_id": device.id}


def _open(call: Call, device: SimDevice, person: str) -> str:
    cloud = call.cloud
    fails = cloud.faults.take("command_failed") is not None
    command = cloud.records.new_command(device.id, fails=fails)
    if not fails and cloud.faults.take("silent") is None:
        remote = terminal.WAYS["remote"]
        stage = Stage(cloud=cloud, device=device, options=Options())
        terminal.passage(stage, way=remote, person=person, granted=True)
    return command.sn


def _rows(call: Call) -> Iterator[dict[str, Any]]:
    devices, users = listed(call, "device_ids"), listed(call, "uids")
    kinds = listed(call, "access_types")
    start, end = number(call, "start_time", 0), number(call, "end_time", 0)
    for row in call.cloud.records.passages:
        time = row["access_time"]
        known = call.cloud.devices.get(row["device_id"])
        if known is None or not known.linked or (devices and known.id not in devices):
            continue
        if time < ms(start) or (end and time > ms(end)):
            continue
        if users and row["user_id"] not in users:
            continue
        if not kinds or terminal.WORDS.get(row["way"], "other") in kinds:
            yield row


def _reachable(call: Call) -> SimDevice:
    device = _terminal(call)
    if not device.online:
        raise Refused(2001)
    return device


def _terminal(call: Call) -> SimDevice:
    if call.device.world is not World.TERMINAL:
        raise Refused(2009)
    return call.device


ROUTES = (
    get("/v1.0/expand/devices/{id}/functions", function_points),
    get("/v1.0/expand/cmds/{sn}", command_status),
    get("/v1.0/iot-02/access-control-logs", access_log),
    get("/v1.0/entrance-guard/access-controls/logs", access_log),
    post("/v1.0/access-control/{id}/persons/{person_id}/actions/open", open_as, command=True),
    post("/v1.0/iot-02/third/doors/{id}/persons/{person_id}/actions/open", open_as, command=True),
    post("/v1.0/iot-02/access-controls/devices/{id}/actions/open-door", open_door, command=True),
    post("/v1.0/access-control/{id}/persons/actions/call", call_persons),
    post("/v1.0/iot-02/third/doors/{id}/persons/actions/call", call_persons),
)

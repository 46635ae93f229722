"""OpenAPI calls of the lock service about temporary, offline and dynamic codes.

A code comes encrypted with a ticket.  Tuya's pages name the members of requests and lists; what
a refusal looks like beside 1109, and the answers to writes, are [inferred].
"""

from collections.abc import Mapping
import secrets
from typing import Any

from . import wire
from .answers import Refused
from .codes import (
    DYNAMIC,
    DYNAMIC_S,
    LATE_S,
    OFFLINE,
    SimCode,
    digits_of,
    is_radio,
    offset,
)
from .devices import SimDevice
from .people import KINDS
from .rest import Call, delete, get, post, put
from .rest_locks import lock

HOUR = 3600
DAY_MINUTES = 1440
ONE_TIME_S, MULTIPLE_S = 6 * HOUR, 24 * HOUR
OFFLINE_WORDS = {"multiple": 0, "once": 1}
CLEAR = 9
NORMAL, FROZEN, FAILED, WAITS, SENT = 2, 3, 5, 1, 2


def create(call: Call) -> Any:
    """Make a code; the first version wants a name."""
    device, fields = lock(call), call.fields
    if not isinstance(fields.get("name"), str) or not fields["name"]:
        raise Refused(1109)
    return _create(call, device, fields)


def create_nameless(call: Call) -> Any:
    """Make a code without a name."""
    return _create(call, lock(call), {**call.fields, "name": ""})


def listing(call: Call) -> Any:
    """List the codes that are good, or that were."""
    device, codes = lock(call), call.cloud.codes
    codes.deliver(device)
    wanted = call.query.get("valid", "true")
    if wanted not in {"true", "false"}:
        raise Refused(1109)
    now = call.cloud.now()
    return [
        _told(call, device, code)
        for code in codes.of(device.id)
        if code.way not in {OFFLINE, DYNAMIC} and code.valid(now) is (wanted == "true")
    ]


def one(call: Call) -> Any:
    """Return one code."""
    return _told(call, lock(call), _code(call))


def modify(call: Call) -> Any:
    """Replace a code: digits, times, everything."""
    device, code, fields = lock(call), _code(call), call.fields
    if not isinstance(fields.get("name"), str):
        raise Refused(1109)
    changed = _drafted(call, device, fields)
    changed.id, changed.slot, changed.frozen = code.id, code.slot, code.frozen
    # Its own digits are no obstacle to it.
    code.deleted = True
    try:
        call.cloud.codes.add(device, changed)
    except Refused:
        code.deleted = False
        raise
    return True


def freeze(call: Call) -> Any:
    """Let a code open nothing for now."""
    lock(call)
    _code(call).frozen = True
    return True


def unfreeze(call: Call) -> Any:
    """Let it open again."""
    lock(call)
    _code(call).frozen = False
    return True


def remove(call: Call) -> Any:
    """Take a code back."""
    lock(call)
    _code(call).deleted = True
    return True


def reset(call: Call) -> Any:
    """Take all codes back; the spelling of the path is Tuya's."""
    for code in call.cloud.codes.of(lock(call).id):
        code.deleted = True
    return True


def issue(call: Call) -> Any:
    """Send what waits to the lock."""
    device = call.awake()
    lock(call)
    call.cloud.codes.deliver(device)
    return True


def offline(call: Call) -> Any:
    """Make a code that the lock works out by itself; kinds by word or, in the older call, number.

    Good for six hours if for one opening, else to be used within a day of its start.
    """
    device, fields = lock(call), call.fields
    kind = OFFLINE_WORDS.get(str(fields.get("type")), fields.get("type"))
    start, end = _moment(fields, "effective_time"), _moment(fields, "invalid_time")
    if kind not in {0, 1, CLEAR} or start % HOUR or end % HOUR or end <= start:
        raise Refused(1109)
    codes = call.cloud.codes
    digits = str(10**9 + secrets.randbelow(9 * 10**9))
    last = start + (ONE_TIME_S if kind == 1 else MULTIPLE_S)
    if kind == CLEAR:
        for code in codes.of(device.id):
            code.deleted = code.deleted or code.way == OFFLINE
        call.cloud.issued.note(digits)
    else:
        made = codes.new(
            device,
            digits,
            name=str(fields.get("name") or ""),
            start=start,
            end=end if kind == 0 else last,
            once=kind == 1,
            way=OFFLINE,
        )
        codes.add(device, made).sent = True
    return {
        "effective_time": start,
        "invalid_time": end,
        "offline_temp_password": digits,
        "offline_temp_password_id": secrets.token_hex(4),
        "offline_temp_password_name": fields.get("name") or "",
    }


def dynamic(call: Call) -> Any:
    """Make a code that opens for five minutes."""
    device, codes, now = lock(call), call.cloud.codes, call.cloud.now()
    digits = str(10**7 + secrets.randbelow(9 * 10**7))
    made = codes.new(device, digits, name="", start=now, end=now + DYNAMIC_S, way=DYNAMIC)
    codes.add(device, made).sent = True
    return {"dynamic_password": digits}


def allocate(call: Call) -> Any:
    """Give a slot of a lock to one of its users."""
    device, fields, people = lock(call), call.fields, call.cloud.people
    slot, kind = fields.get("no"), fields.get("type")
    owners = {person.user_id: person for person, _, _ in people.owners(device.id)}
    if call.ids["uid"] not in owners:
        raise Refused(2006)
    if isinstance(slot, bool) or not isinstance(slot, int) or kind not in KINDS:
        raise Refused(1109)
    people.assign(device.id, slot, owners[call.ids["uid"]].name, kind)
    return True


def _create(call: Call, device: SimDevice, fields: Mapping[str, Any]) -> Any:
    return {"id": call.cloud.codes.add(device, _drafted(call, device, fields)).id}


def _drafted(call: Call, device: SimDevice, fields: Mapping[str, Any]) -> SimCode:
    """Read a code from a request; raises Refused(1109) for whatever is wrong with it."""
    cloud = call.cloud
    ticket = cloud.records.use_ticket(fields.get("ticket_id"), device.id)
    try:
        digits = wire.open_password(str(fields.get("password", "")), ticket.key)
    except wire.WireError as error:
        raise Refused(1109) from error
    cloud.issued.note(digits)
    start, end = _moment(fields, "effective_time"), _moment(fields, "invalid_time")
    hours = fields.get("schedule_list") or []
    bad = (
        fields.get("password_type") != "ticket"
        or len(digits) != digits_of(device)
        or start < cloud.now() - LATE_S
        or end <= max(start, cloud.now())
        or fields.get("type", 0) not in {0, 1}
        or not all(_is_hours(one) for one in hours)
        or (hours and "time_zone" not in fields)
    )
    if bad:
        raise Refused(1109)
    zone = str(fields.get("time_zone", "+00:00"))
    offset(zone)
    return cloud.codes.new(
        device,
        digits,
        name=fields["name"],
        start=start,
        end=end,
        once=fields.get("type") == 1,
        hours=hours,
        time_zone=zone,
    )


def _is_hours(one: Mapping[str, Any]) -> bool:
    start, end, days = (one[key] for key in ("effective_time", "invalid_time", "working_day"))
    return bool(0 <= start < end < DAY_MINUTES and 0 < days < 128)


def _moment(fields: Mapping[str, Any], name: str) -> int:
    """Return a time of ten digits; raises Refused(1109)."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 10**9 <= value < 10**10:
        raise Refused(1109)
    return value


def _code(call: Call) -> SimCode:
    return call.cloud.codes.find(call.device.id, call.ids["pid"])


def _told(call: Call, device: SimDevice, code: SimCode) -> dict[str, Any]:
    told = {
        "delivery_status": code.delivery if code.sent else 1,
        "effective_time": int(code.start),
        "id": code.id,
        "invalid_time": int(code.end),
        "name": code.name,
        "phase": _phase(device, code),
        "phone": "",
        "time_zone": code.time_zone,
    }
    return told | ({"sn": code.slot} if call.cloud.codes.tells_slot else {})


def _phase(device: SimDevice, code: SimCode) -> int:
    if not is_radio(device):
        return 0 if code.deleted else SENT if code.sent else WAITS
    if code.delivery in {4, 5}:
        return FAILED
    if code.deleted:
        return 4
    return FROZEN if code.frozen else NORMAL if code.sent else WAITS


DOOR = "/v1.0/devices/{id}/door-lock"
ROUTES = (
    post(f"{DOOR}/temp-password", create),
    post("/v2.0/devices/{id}/door-lock/temp-password", create_nameless),
    get(f"{DOOR}/temp-passwords", listing),
    get(f"{DOOR}/temp-password/{{pid}}", one),
    put(f"{DOOR}/temp-passwords/{{pid}}/modify-password", modify),
    put(f"{DOOR}/temp-passwords/{{pid}}/freeze-password", freeze),
    put(f"{DOOR}/temp-passwords/{{pid}}/unfreeze-password", unfreeze),
    delete(f"{DOOR}/temp-passwords/{{pid}}", remove),
    post(f"{DOOR}/issue-password", issue),
    post(f"{DOOR}/temp-passwords/rest-password", reset),
    post(f"{DOOR}/offline-temp-password", offline),
    post("/v1.1/devices/{id}/door-lock/offline-temp-password", offline),
    get(f"{DOOR}/dynamic-password", dynamic),
    post("/v1.0/devices/{id}/device-lock/users/{uid}/allocate", allocate),
)

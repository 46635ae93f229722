"""Facts about the messages in the queue, and those that reading alone cannot decide."""

from collections import Counter
from collections.abc import Iterator

from custom_components.tuyalink_intercom.api import unix_seconds
from custom_components.tuyalink_intercom.model.decode import decode

from .verify_fact import (
    Basis,
    Fact,
    Finding,
    contradicted,
    every,
    is_milliseconds,
    never_asked,
    shapes,
)
from .verify_seen import Json, Seen, SeenFrame
from .verify_tree import tree

_CORE = "devicePropertyMessage"
_EDATA = 10
_A_DAY = 86_400.0
_TEN_MINUTES = 600.0
_MOST_NAMES = 8
_CORE_ONLY_INSIDE = ("devId", "deviceId", "device_id")


def _reports(seen: Seen) -> list[SeenFrame]:
    return [one for one in seen.frames if isinstance(one.body.get("status"), list)]


def _cores(seen: Seen) -> list[SeenFrame]:
    return [one for one in seen.frames if one.kind == _CORE]


def _data_id(seen: Seen) -> Finding:
    told = [one.body.get("dataId") for one in _reports(seen)]
    told += [_biz(one).get("dataId") for one in _cores(seen)]
    return every(told, lambda one: isinstance(one, str) and bool(one), what="reports", bad="no id")


def _two_dialects(seen: Seen) -> Finding:
    legacy: dict[tuple[str, str, str, str], object] = {}
    for frame in _reports(seen):
        for item in _items(frame.body.get("status")):
            legacy[_key(frame, item, "t")] = frame.body.get("dataId")
    pairs = [
        (told, _biz(frame).get("dataId"))
        for frame in _cores(seen)
        for item in _items(_biz(frame).get("properties"))
        if (told := legacy.get(_key(frame, item, "time")))
    ]
    return every(
        pairs,
        lambda two: two[0] == two[1],
        what="values told in both dialects",
        bad="two ids for one report",
    )


def _core_device(seen: Seen) -> Finding:
    return every(
        _cores(seen),
        lambda one: (
            isinstance(_biz(one).get("devId"), str)
            and not any(name in one.body for name in _CORE_ONLY_INSIDE)
        ),
        what="messages of IoT Core",
        bad="`devId` is not in `bizData` alone",
    )


def _item_time(seen: Seen) -> Finding:
    told = [item.get("t") for one in _reports(seen) for item in _items(one.body.get("status"))]
    told += [
        item.get("time") for one in _cores(seen) for item in _items(_biz(one).get("properties"))
    ]
    return every(told, is_milliseconds, what="values", bad=shapes(told))


def _device_clock(seen: Seen) -> Finding:
    apart = [
        abs(at - one.opened.message.time)
        for one in (*_reports(seen), *_cores(seen))
        if one.opened.message and one.opened.message.time
        for item in (*_items(one.body.get("status")), *_items(_biz(one).get("properties")))
        if (at := unix_seconds(item.get("t") or item.get("time"))) is not None
    ]
    largest = max(apart, default=0.0)
    return every(
        apart,
        lambda one: one <= _TEN_MINUTES,
        what=f"values, at most {largest:.0f} s apart",
        bad=f"up to {largest:.0f} s apart",
    )


def _understood(seen: Seen) -> Finding:
    """Let the integration's own decoder say what it makes of each message."""
    state = tree(seen)
    strange: Counter[str] = Counter()
    known = [one for one in seen.frames if one.device in state.devices and one.opened.message]
    for one in known:
        names: list[str] = []
        if one.opened.message is not None:
            decode(one.opened.message, state, one.received, names.append)
        strange.update({names[0]: 1} if names else {})
    names_told = ", ".join(sorted(strange)[:_MOST_NAMES])
    if strange:
        return contradicted(f"{strange.total()} of {len(known)} messages: {names_told}")
    return every(known, bool, what="messages", bad="")


def _notices(seen: Seen) -> list[SeenFrame]:
    return [one for one in seen.frames if one.kind == "event_notify"]


def _notify_time(seen: Seen) -> Finding:
    told = [(str(_biz(one).get("edata", "")), one) for one in _notices(seen)]
    return every(
        told,
        lambda two: (
            (at := unix_seconds(two[0][-_EDATA:])) is not None
            and abs(at - two[1].received) <= _A_DAY
        ),
        what="call pushes",
        bad=f"`edata` is {shapes(text for text, _ in told)} without a time at its end",
    )


def _notify_type(seen: Seen) -> Finding:
    told = [str(_biz(one).get("etype", "")) for one in _notices(seen)]
    return every(
        told, lambda one: "doorbell" in one, what="call pushes", bad="an `etype` without `doorbell`"
    )


def _key(frame: SeenFrame, item: Json, time: str) -> tuple[str, str, str, str]:
    return frame.device, str(item.get("code")), str(item.get("value")), str(item.get(time))


def _items(listed: object) -> Iterator[Json]:
    yield from (
        one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict)
    )


def _biz(frame: SeenFrame) -> Json:
    biz = frame.body.get("bizData")
    return biz if isinstance(biz, dict) else {}


_WRITES = "only an order to a device would show it; nothing is ordered here"

FACTS = (
    Fact(
        "message.data_id",
        "Each report carries a `dataId` of its own.",
        Basis.REPORTED,
        "api/message.py: ids",
        _data_id,
        tolerated=True,
    ),
    Fact(
        "message.two_dialects",
        "A report told in both dialects has the same `dataId` in both.",
        Basis.UNKNOWN,
        "api/message.py: ids",
        _two_dialects,
        tolerated=True,
    ),
    Fact(
        "message.core_device",
        "Messages of IoT Core name the device inside `bizData` only.",
        Basis.REPORTED,
        "api/message.py",
        _core_device,
        tolerated=True,
    ),
    Fact(
        "message.item_time",
        "Each value in a report has its time in milliseconds.",
        Basis.REPORTED,
        "model/decode.py: _item",
        _item_time,
        tolerated=True,
    ),
    Fact(
        "ring.notify_time",
        "The last ten digits of a call push's `edata` are the press time.",
        Basis.INFERRED,
        "model/decode.py: _notify",
        _notify_time,
        tolerated=True,
    ),
    Fact(
        "ring.notify_type",
        "The `etype` of a call push has `doorbell` in it.",
        Basis.REPORTED,
        "model/decode.py: _notify",
        _notify_type,
    ),
    Fact(
        "message.device_clock",
        "A device tells its values by a clock within ten minutes of the cloud's.",
        Basis.DESIGN,
        "model/context.py: fact_time",
        _device_clock,
        tolerated=True,
    ),
    Fact(
        "message.understood",
        "Every message about one of the devices looked at is understood.",
        Basis.DESIGN,
        "model/decode.py",
        _understood,
    ),
    Fact(
        "webhook.signature",
        "A pushed request is signed with HMAC-SHA256 over id, timestamp and payload.",
        Basis.REPORTED,
        "api/webhook.py",
        never_asked("nothing is pushed to this machine; the integration tests its own address"),
    ),
    Fact(
        "order.issue_text",
        "Properties to write travel as JSON text.",
        Basis.REPORTED,
        "api/devices.py: issue",
        never_asked(_WRITES),
    ),
    Fact(
        "order.false_result",
        "An order that is not delivered may be answered with success and a false result.",
        Basis.INFERRED,
        "api/calls.py: as_accepted",
        never_asked(_WRITES),
    ),
    Fact(
        "order.ticket",
        "A ticket opens a lock once, within minutes.",
        Basis.REPORTED,
        "doors/ways.py",
        never_asked(_WRITES),
    ),
    Fact(
        "order.refused_before",
        "An order refused by a code was not delivered.",
        Basis.INFERRED,
        "api/errors.py: definite",
        never_asked(_WRITES),
    ),
)

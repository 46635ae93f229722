"""Facts about the message queue: its hosts, its frames, the envelope inside."""

from datetime import datetime

from custom_components.tuyalink_intercom.api import QueueState, unix_seconds

from .verify_fact import (
    Basis,
    Fact,
    Finding,
    confirmed,
    contradicted,
    every,
    is_milliseconds,
    never_asked,
    not_seen,
    shapes,
)
from .verify_seen import Seen, SeenFrame

_MODES = {"aes_ecb", "aes_gcm"}
_FIELDS = {"data", "protocol", "pv", "sign", "t"}
_SAME_TIME = 10.0


def _own_host(seen: Seen) -> Finding:
    if not seen.hosts:
        return not_seen("the queue was not looked at")
    states = ", then ".join(seen.hosts)
    if seen.hosts[-1] is not QueueState.CONNECTED:
        return not_seen(f"no connection: {states}")
    if len(seen.hosts) > 1:
        return contradicted(f"own host: {states} at the sibling's")
    if seen.host_count < 2:
        return not_seen("this data center has one queue host")
    return confirmed("connected at the host of its own")


def _login(seen: Seen) -> Finding:
    if not seen.hosts:
        return not_seen("the queue was not looked at")
    if QueueState.CONNECTED in seen.hosts:
        return confirmed("connected")
    refused = seen.hosts[-1] is QueueState.REFUSED_CREDENTIALS
    told = seen.hosts[-1].value
    return contradicted(told) if refused else not_seen(f"no connection: {told}")


def _readable(seen: Seen) -> Finding:
    poison = sorted({one.opened.poison.value for one in seen.frames if one.opened.poison})
    return every(
        seen.frames,
        lambda one: one.opened.poison is None,
        what="frames",
        bad=", ".join(poison),
    )


def _em(seen: Seen) -> Finding:
    modes = sorted({_mode(one) for one in seen.frames} & _MODES)
    return every(
        seen.frames,
        lambda one: _mode(one) in _MODES,
        what=f"frames ({', '.join(modes)})",
        bad="no `em` of a known mode",
    )


def _fields(seen: Seen) -> Finding:
    return every(
        seen.frames,
        lambda one: set(one.envelope) == _FIELDS,
        what="envelopes",
        bad=f"an envelope is {shapes(one.envelope for one in seen.frames)}",
    )


def _envelope_time(seen: Seen) -> Finding:
    told = [one.envelope.get("t") for one in seen.frames]
    return every(told, is_milliseconds, what="envelopes", bad=shapes(told))


def _sign(seen: Seen) -> Finding:
    signed = [one for one in seen.frames if "sign" in one.envelope]
    return every(
        signed, lambda one: one.opened.signed, what="signatures", bad="another formula or key"
    )


def _published(frame: SeenFrame) -> datetime | None:
    try:
        return datetime.fromisoformat(str(frame.outer.get("publishTime")))
    except ValueError:
        return None


def _offset(seen: Seen) -> Finding:
    return every(
        seen.frames,
        lambda one: (at := _published(one)) is not None and at.tzinfo is not None,
        what="frames",
        bad="`publishTime` without an offset, or no time",
    )


def _same_clock(seen: Seen) -> Finding:
    both = [
        abs(at.timestamp() - told)
        for one in seen.frames
        if (at := _published(one)) is not None and at.tzinfo is not None
        if (told := unix_seconds(one.envelope.get("t"))) is not None
    ]
    largest = max(both, default=0.0)
    return every(
        both,
        lambda apart: apart <= _SAME_TIME,
        what=f"frames, at most {largest:.1f} s apart",
        bad=f"up to {largest:.0f} s apart",
    )


def _message_id(seen: Seen) -> Finding:
    told = [one.outer.get("messageId") for one in seen.frames]
    return every(
        told,
        lambda one: isinstance(one, str) and 0 < len(one) <= 1024,
        what="ids",
        bad=shapes(told),
    )


def _redelivery(seen: Seen) -> Finding:
    told = [one.outer.get("redeliveryCount") for one in seen.frames]
    return every(told, lambda one: isinstance(one, int), what="frames", bad=shapes(told))


def _same_id(seen: Seen) -> Finding:
    bodies: dict[str, set[str]] = {}
    for one in seen.frames:
        payload, identity = str(one.outer.get("payload")), str(one.outer.get("messageId"))
        bodies.setdefault(payload, set()).add(identity)
    again = [one for one in seen.frames if one.opened.redelivered]
    return every(
        again,
        lambda one: len(bodies[str(one.outer.get("payload"))]) == 1,
        what="frames that came again",
        bad="the same envelope under another id",
    )


def _own_devices(seen: Seen) -> Finding:
    known = {row.get("id") for row in seen.devices}
    if not seen.whole_list:
        return not_seen("more devices than are listed here")
    told = [one.device for one in seen.frames if one.device]
    return every(
        told,
        lambda device: device in known,
        what="messages of devices in the list",
        bad="of a device that the list does not have",
    )


def _mode(frame: SeenFrame) -> str:
    properties = frame.outer.get("properties")
    return str(properties.get("em")) if isinstance(properties, dict) else ""


FACTS = (
    Fact(
        "queue.login",
        "The queue takes the two headers made from the keys.",
        Basis.REPORTED,
        "api/queue_line.py",
        _login,
    ),
    Fact(
        "queue.own_host",
        "Eastern America and Western Europe have a queue host of their own.",
        Basis.INFERRED,
        "api/regions.py",
        _own_host,
        tolerated=True,
    ),
    Fact(
        "frame.readable",
        "Every frame opens: base64, envelope, decryption with the middle of the secret, JSON.",
        Basis.REPORTED,
        "api/frames.py",
        _readable,
    ),
    Fact(
        "frame.em",
        "The encryption mode travels beside the payload, as the property `em`.",
        Basis.REPORTED,
        "api/frames.py: _em",
        _em,
        tolerated=True,
    ),
    Fact(
        "frame.publish_time",
        "`publishTime` is a time with an offset.",
        Basis.INFERRED,
        "api/frames.py: _publish_time",
        _offset,
        tolerated=True,
    ),
    Fact(
        "frame.same_clock",
        "`publishTime` and the envelope's `t` are the same moment by the same clock.",
        Basis.INFERRED,
        "model/context.py: the age of a ring",
        _same_clock,
    ),
    Fact(
        "frame.message_id",
        "Each frame has a `messageId` of at most 1024 letters.",
        Basis.REPORTED,
        "api/frames.py",
        _message_id,
    ),
    Fact(
        "frame.redelivery_count",
        "Each frame counts its deliveries.",
        Basis.REPORTED,
        "api/frames.py",
        _redelivery,
        tolerated=True,
    ),
    Fact(
        "frame.same_id",
        "A message that comes again comes under the same `messageId`.",
        Basis.REPORTED,
        "coordinator.py: seen messages",
        _same_id,
    ),
    Fact(
        "frame.own_devices",
        "Messages name devices by the ids of the device list.",
        Basis.INFERRED,
        "model/decode.py",
        _own_devices,
    ),
    Fact(
        "envelope.fields",
        "The envelope has `data`, `protocol`, `pv`, `t` and `sign`, and nothing else.",
        Basis.REPORTED,
        "api/frames.py",
        _fields,
        tolerated=True,
    ),
    Fact(
        "envelope.time",
        "The envelope's `t` has 13 digits.",
        Basis.REPORTED,
        "api/message.py: unix_seconds",
        _envelope_time,
        tolerated=True,
    ),
    Fact(
        "envelope.sign",
        "The envelope is signed by MD5 over its sorted fields and the secret, joined by `||`.",
        Basis.REPORTED,
        "api/crypto.py: envelope_sign",
        _sign,
        tolerated=True,
    ),
    Fact(
        "queue.two_hours",
        "What nobody acknowledges is kept for two hours.",
        Basis.REPORTED,
        "coordinator.py: how long seen messages are remembered",
        never_asked("it would take two hours of a queue that nobody reads"),
    ),
    Fact(
        "queue.shares",
        "A second consumer of the subscription takes devices away without an error.",
        Basis.INFERRED,
        "push.py",
        never_asked("it would take a second consumer"),
    ),
)

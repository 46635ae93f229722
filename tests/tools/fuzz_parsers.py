"""The parsers under fire: how each is fed, which errors it may raise, what must stay bounded."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
import json
from math import isfinite
from random import Random
from typing import Any

from custom_components.tuyalink_intercom.api.crypto import (
    CaptureError,
    DecryptError,
    open_capture,
    open_message,
)
from custom_components.tuyalink_intercom.api.envelope import read_answer
from custom_components.tuyalink_intercom.api.frames import open_frame
from custom_components.tuyalink_intercom.api.json_text import MalformedJsonError, decode_json
from custom_components.tuyalink_intercom.api.message import (
    Json,
    MalformedMessageError,
    Message,
    message_from,
    unix_seconds,
)
from custom_components.tuyalink_intercom.api.webhook import (
    WebhookMalformedError,
    WebhookRefusedError,
    open_webhook,
)
from custom_components.tuyalink_intercom.model.changes import Change
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.decode import decode
from custom_components.tuyalink_intercom.model.facts import KEPT as FACTS_KEPT
from custom_components.tuyalink_intercom.model.pictures import picture_message
from custom_components.tuyalink_intercom.model.presses import KEPT as PRESSES_KEPT, pressed_at
from custom_components.tuyalink_intercom.model.records import (
    SenselessDeviceError,
    device_from,
    with_values,
)
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.reports import read_channels
from custom_components.tuyalink_intercom.model.state import AccessState, Device
from tests.simulator.wire import webhook_sign

from .fuzz_food import (
    ACCESS_ID,
    NOW,
    SECRET,
    bodies,
    damaged,
    devices,
    enveloped,
    harmful,
    mutated,
    text_of,
    vectors,
)

DOCUMENTED = (
    CaptureError,
    DecryptError,
    MalformedJsonError,
    MalformedMessageError,
    SenselessDeviceError,
    WebhookMalformedError,
    WebhookRefusedError,
)
"""What parsers may raise; anything else is a finding."""
_LONGEST_NAME = 40
_LONGEST_VALUE = 255
_LONGEST_ID = 160
_LARGEST_MEMORY = 100_000
_A_DAY = 86_400
_IN_A_ROW = (12, 12, 12, 12, 150)
_PAUSE = 3


class HarmError(Exception):
    """A parser let something through that grows, cannot be stored or is no number."""


type Feed = Callable[[Random], str]
"""Feed a parser once; return how it ended. Raises what the parser raised, or HarmError."""


def _frame(random: Random) -> str:
    frames = [one["inputs"] for one in vectors() if one["kind"] == "ws_frame"]
    if random.random() < 0.5:
        chosen = random.choice(frames)
        outer, secret = mutated(random, json.loads(_text(chosen["frame"]))), chosen["access_secret"]
    else:
        inner = text_of(random, mutated(random, random.choice(bodies())))
        outer, secret = enveloped(random, inner.decode(errors="replace")), SECRET
    frame = open_frame(text_of(random, outer), secret)
    _require((frame.message is None) != (frame.poison is None), "neither message nor poison")
    _require(frame.ack_id is None or len(frame.ack_id) <= 1024, "long ack id")
    if frame.message is None:
        return str(frame.poison)
    _check_message(frame.message)
    return "message"


def _text(frame: Any) -> str:
    return frame if isinstance(frame, str) else json.dumps(frame)


def _decryption(random: Random) -> str:
    frame = enveloped(random, text_of(random, random.choice(bodies())).decode(errors="replace"))
    envelope = decode_json(base64.b64decode(frame["payload"]))
    told = str(envelope.get("data") if isinstance(envelope, dict) else envelope)
    if random.random() < 0.5:
        told = base64.b64encode(damaged(random, _unsealed(told))).decode()
    key = random.choice((SECRET, SECRET, SECRET, "short", "🚪" * 32))
    body = open_message(told, key, random.choice(("aes_ecb", "aes_gcm", None, "x")))
    return type(body).__name__


def _unsealed(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except ValueError:
        return b""


def _answer(random: Random) -> str:
    told = {"success": True, "result": random.choice(bodies()), "t": int(NOW * 1000), "tid": "a"}
    refused = {"success": False, "code": 1010, "msg": "token invalid", "t": int(NOW * 1000)}
    raw = text_of(random, mutated(random, random.choice((told, refused))))
    status = random.choice((200, 200, 200, 404, 429, 500))
    answer = read_answer(status, raw, random.choice((None, "5", "²", "9" * 400, "nan")))
    _require(answer.retry_after is None or answer.retry_after <= _A_DAY, "long wait")
    return str(answer.reason)


def _webhook(random: Random) -> str:
    """Post a message in clear or in an envelope, its signature in headers or members."""
    clear = text_of(random, mutated(random, random.choice(bodies())))
    if random.random() < 0.5:
        clear = base64.b64decode(enveloped(random, clear.decode(errors="replace"))["payload"])
    payload = clear.decode(errors="replace")
    told = {"client-id": ACCESS_ID, "timestamp": f"{NOW:.0f}"}
    told["sign"] = webhook_sign(ACCESS_ID, told["timestamp"], payload, SECRET)
    if random.random() < 0.3:
        told[random.choice([*told])] = str(harmful(random))
    body: bytes | str = random.choice((payload, payload.encode()))
    if random.random() < 0.5:
        told, body = {}, text_of(random, {**told, "payload": payload})
    for message in open_webhook(told, body, access_id=ACCESS_ID, access_secret=SECRET, now=NOW):
        _check_message(message)
    return "message"


def _message(random: Random) -> str:
    body = decode_json(text_of(random, mutated(random, random.choice(bodies()))))
    time = unix_seconds(harmful(random))
    _check_message(message_from(body, time=time, transport_id=random.choice((None, "m" * 2000))))
    return "message"


def _tree(random: Random) -> str:
    """Let a device say many damaged things, and look at the tree after them."""
    device = _device(random, random.choice(devices()))
    if device is None:
        return "left to others"
    state = AccessState({device.id: device})
    names: list[str] = []
    often = random.choice(bodies())
    for step in range(0, _PAUSE * random.choice(_IN_A_ROW), _PAUSE):
        body = _body(random, random.choice((often, random.choice(bodies()))))
        told: Json = {**(body if isinstance(body, dict) else {}), "devId": device.id}
        sent = NOW + step + random.choice((0, 0, 0, -61, -7200, 600))
        message = message_from(told, time=random.choice((sent, None)))
        changes = decode(message, state, NOW + step, names.append)
        _check_changes(changes)
        state = reduce(state, changes)
    _check_device(state.devices[device.id])
    _require(all(len(name) <= _LONGEST_NAME for name in names), "long name counted")
    return "heard"


def _body(random: Random, valid: Any) -> Json:
    """Return a damaged message as our reader of JSON lets it through."""
    try:
        return decode_json(text_of(random, mutated(random, valid)))
    except MalformedJsonError:
        return None


def _stored(random: Random) -> str:
    device = _device(random, mutated(random, random.choice(devices())))
    if device is None:
        return "left to others"
    rows = mutated(random, [{"code": code, "value": 1, "time": NOW} for code in _codes(device)])
    if isinstance(rows, list):
        device = with_values(device, [row for row in rows if isinstance(row, Mapping)], NOW)
    _check_device(device)
    return "device"


def _codes(device: Device) -> list[str]:
    return sorted(device.codes.known) or ["doorbell_active"]


def _device(random: Random, document: Any) -> Device | None:
    found: Mapping[str, Any] = document if isinstance(document, dict) else {}
    record = {
        "id": "simdevice",
        "category": found.get("category"),
        "name": found.get("name"),
        "isOnline": found.get("online"),
        "productId": found.get("product_id"),
    }
    description = Description(
        specification={"functions": found.get("functions"), "status": found.get("status_range")},
        model={"services": [{"properties": found.get("functions")}, found.get("dps")]},
        shadow=tuple(_rows(found.get("status"))),
    )
    points = random.choice(((), ("tyabinmc7h",)))
    return device_from(record, description, now=NOW, points=points, learned=("rings", "x"))


def _rows(value: object) -> Iterable[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _picture(random: Random) -> str:
    blobs = [
        one["inputs"]["value"]
        for one in vectors()
        if one["kind"] == "inner_blob" and "value" in one["inputs"]
    ]
    values = [*blobs, f"https://x.example/a/{NOW:.0f}.jpeg?sign=1@k3yForOnePicture"]
    value = mutated(random, [random.choice(values), harmful(random)])
    # As the wire delivers it: through our reader of JSON.
    told = decode_json(text_of(random, value))
    for one in told if isinstance(told, list) else [told]:
        found = picture_message(one)
        _require(found is None or len(found.mark) <= _LONGEST_NAME, "long mark")
        at = pressed_at(one)
        _require(at is None or isfinite(at), "endless press time")
        read_channels(one)
        if found and found.picture:
            _capture(random, found.picture.key)
    return "read"


def _capture(random: Random, key: str) -> None:
    vector = next(one for one in vectors() if one["kind"] == "snapshot")["inputs"]
    blob = base64.b64decode(vector["blob_b64"])
    open_capture(damaged(random, blob), random.choice((key, vector["key_ascii"])))


def _check_message(message: Message) -> None:
    _require(all(0 < len(one) <= _LONGEST_ID for one in message.ids), "long or empty id")
    _require(message.time is None or isfinite(message.time), "endless time")
    json.dumps(message.ids, allow_nan=False).encode()
    "".join((*message.ids, message.kind, message.device_id)).encode()


def _check_changes(changes: Iterable[Change]) -> None:
    for change in changes:
        _require(isfinite(change.time), "endless time")


def _check_device(device: Device) -> None:
    memory = device.memory
    _require(len(memory.presses) <= PRESSES_KEPT, "too many presses")
    _require(len(memory.facts) <= FACTS_KEPT, "too many facts")
    stored = json.dumps(asdict(memory), allow_nan=False, ensure_ascii=False).encode()
    _require(len(stored) <= _LARGEST_MEMORY, "large memory")
    _require(len(device.name) <= _LONGEST_VALUE, "long name")
    for reading in device.readings.values():
        _require(len(str(reading.value)) <= _LONGEST_VALUE, "long value")
        _require(reading.until is None or reading.until <= NOW + _A_DAY, "state without end")
    for text in (device.name, *device.channels, *device.channels.values()):
        text.encode()


def _require(condition: object, what: str) -> None:
    if not condition:
        raise HarmError(what)


PARSERS: Mapping[str, Feed] = {
    "frame": _frame,
    "decryption": _decryption,
    "answer": _answer,
    "webhook": _webhook,
    "message": _message,
    "tree": _tree,
    "stored": _stored,
    "picture": _picture,
}

"""The parsers under fire: how each is fed, which errors it may raise, what must stay bounded."""

import base64
from collections.abc import Callable, Mapping
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
    message_from,
    unix_seconds,
)
from custom_components.tuyalink_intercom.api.webhook import (
    WebhookMalformedError,
    WebhookRefusedError,
    open_webhook,
)
from custom_components.tuyalink_intercom.model.decode import decode
from custom_components.tuyalink_intercom.model.pictures import picture_message, unsealed
from custom_components.tuyalink_intercom.model.presses import pressed_at
from custom_components.tuyalink_intercom.model.records import (
    SenselessDeviceError,
    with_values,
)
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.reports import read_channels
from custom_components.tuyalink_intercom.model.state import AccessState, Device
from tests.simulator.wire import webhook_sign

from .fuzz_checks import (
    A_DAY,
    LONGEST_NAME,
    body_of,
    check_changes,
    check_device,
    check_message,
    device_of,
    require,
)
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
from .fuzz_keys import FEEDS as KEYS
from .fuzz_records import FEEDS
from .fuzz_things import FEEDS as THINGS

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
_IN_A_ROW = (12, 12, 12, 12, 150)
_PAUSE = 3


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
    require((frame.message is None) != (frame.poison is None), "neither message nor poison")
    require(frame.ack_id is None or len(frame.ack_id) <= 1024, "long ack id")
    if frame.message is None:
        return str(frame.poison)
    check_message(frame.message)
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
    require(answer.retry_after is None or answer.retry_after <= A_DAY, "long wait")
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
        check_message(message)
    return "message"


def _message(random: Random) -> str:
    body = decode_json(text_of(random, mutated(random, random.choice(bodies()))))
    time = unix_seconds(harmful(random))
    check_message(message_from(body, time=time, transport_id=random.choice((None, "m" * 2000))))
    return "message"


def _tree(random: Random) -> str:
    """Let a device say many damaged things, and look at the tree after them."""
    device = device_of(random, random.choice(devices()))
    if device is None:
        return "left to others"
    state = AccessState({device.id: device})
    names: list[str] = []
    often = random.choice(bodies())
    for step in range(0, _PAUSE * random.choice(_IN_A_ROW), _PAUSE):
        body = body_of(random, random.choice((often, random.choice(bodies()))))
        told: Json = {**(body if isinstance(body, dict) else {}), "devId": device.id}
        sent = NOW + step + random.choice((0, 0, 0, -61, -7200, 600))
        message = message_from(told, time=random.choice((sent, None)))
        changes = decode(message, state, NOW + step, names.append)
        check_changes(changes)
        state = reduce(state, changes)
    check_device(state.devices[device.id])
    require(all(len(name) <= LONGEST_NAME for name in names), "long name counted")
    return "heard"


def _stored(random: Random) -> str:
    device = device_of(random, mutated(random, random.choice(devices())))
    if device is None:
        return "left to others"
    rows = mutated(random, [{"code": code, "value": 1, "time": NOW} for code in _codes(device)])
    if isinstance(rows, list):
        device = with_values(device, [row for row in rows if isinstance(row, Mapping)], NOW)
    check_device(device)
    return "device"


def _codes(device: Device) -> list[str]:
    return sorted(device.codes.known) or ["doorbell_active"]


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
        require(found is None or len(found.mark) <= LONGEST_NAME, "long mark")
        at = pressed_at(one)
        require(at is None or isfinite(at), "endless press time")
        read_channels(one)
        if found and found.picture:
            _capture(random, found.picture.key)
    return "read"


def _unsealed_message(random: Random) -> str:
    """Read damaged answers to a request to open a message."""
    told = {"v": "3.0", "bucket": "b", "files": [[f"/a/detect/{NOW:.0f}.jpeg", "k3yForOnePicture"]]}
    text = base64.b64encode(json.dumps(told).encode()).decode()
    shapes = (told, text, {"result": text}, {"data": {"message": told}}, "https://x.example/a.jpg")
    answer = decode_json(text_of(random, mutated(random, random.choice(shapes))))
    found = unsealed(answer)
    if found is None:
        return "none"
    require(found.sealed == "", "still sealed")
    require(bool(found.url or (found.bucket and found.path)), "nowhere")
    found.place.encode(errors="replace")
    return "opened"


def _capture(random: Random, key: str) -> None:
    vector = next(one for one in vectors() if one["kind"] == "snapshot")["inputs"]
    blob = base64.b64decode(vector["blob_b64"])
    open_capture(damaged(random, blob), random.choice((key, vector["key_ascii"])))


PARSERS: Mapping[str, Feed] = {
    "frame": _frame,
    "decryption": _decryption,
    "answer": _answer,
    "webhook": _webhook,
    "message": _message,
    "tree": _tree,
    "stored": _stored,
    "picture": _picture,
    "unsealed": _unsealed_message,
    **FEEDS,
    **KEYS,
    **THINGS,
}

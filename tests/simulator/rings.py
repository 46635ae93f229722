"""The ring in every shape Tuya sends it: which carriers a device has, and what they say."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
import secrets
from typing import Any

from . import messages, pictures, terminal
from .cloud import Cloud, Sent
from .devices import CHANNELS, SimDevice, World
from .stage import Stage
from .storage import BUCKET, StoredPicture
from .wire import compact

VIDEO_CARRIERS = (
    "event_notify",
    "doorbell_active",
    "doorbell_pic",
    "alarm_message",
    "initiative_message",
)
BELLS = ("doorbell_song_kit", "door_bell", "lock_alarm_kit")
BELL_TEXT = base64.b64encode("DoorBell".encode("utf-16-be")).decode()
PICTURE_CODES = frozenset({"doorbell_pic", "alarm_message", "initiative_message"})
SIDE_BELLS = ("doorbell1", "doorbell2", "doorbell3", "doorbell4")
RING_ALARM = 6
SEALED = frozenset({"D", "D_json"})
ADDRESSES = frozenset({"B", "B_plain", "C"})
CAMERAS = frozenset({"photolock", "videolock"})
"""Locks whose pictures are in an album."""
OTHER = 11
"""Tuya's list of kinds of album pictures is cut off behind 10."""
KINDS: Mapping[str, int] = {"ring": 1, "tamper": 0, "wrong_attempts": 3, "loitering": OTHER}
WAYS: Mapping[str, int] = {"fingerprint": 8, "password": 9, "card": 10}


@dataclass(slots=True)
class Ring:
    """One press: its id, its second, and the picture taken of it."""

    event_id: str
    press_time: int
    picture: StoredPicture | None = None


def own_carriers(device: SimDevice) -> tuple[str, ...]:
    """Return a device's carriers in the order in which it sends them; empty = cannot ring."""
    codes = device.codes
    if device.world is World.TERMINAL:
        return ("call",)
    if device.category == "wxml":
        return tuple(code for code in ("doorbell_call", "alarm_message") if code in codes)
    if device.world is World.VIDEO:
        return tuple(c for c in VIDEO_CARRIERS if c == "event_notify" or c in codes)
    if device.world is World.NONE:
        return ()
    bells = ("doorbell", *BELLS) if device.world is World.LOCK else (*BELLS, "doorbell")
    bell = next((code for code in bells if code in codes), None)
    shown = ("initiative_message",) if "initiative_message" in codes else ()
    return (*((bell,) if bell else ()), *shown)


def all_carriers(device: SimDevice) -> frozenset[str]:
    """Return every carrier that may be asked for by name."""
    possible = {*VIDEO_CARRIERS, *BELLS, *SIDE_BELLS, CHANNELS, "doorbell", "doorbell_call"}
    known = possible & device.codes
    own = set(own_carriers(device))
    return frozenset(known | own | ({"event_notify"} if device.category == "sp" else set()))


def ring(stage: Stage) -> Sent:
    """Press the bell; raises ScenarioError(409) where there is none."""
    device, options = stage.device, stage.options
    carriers = own_carriers(device) if options.carrier is None else (options.carrier,)
    if not carriers or not set(carriers) <= all_carriers(device):
        raise stage.cannot(options.carrier or "ring")
    if options.channel is not None and not device.channels and device.category != "wxml":
        raise stage.cannot("channel")
    if carriers == ("call",):
        return terminal.call(stage, 1)
    press = Ring(secrets.token_hex(4) + f"{stage.press_time:010d}", stage.press_time)
    device.call_sn = press.event_id
    sent: list[str] = []
    if options.channel in device.channels and options.carrier != CHANNELS:
        sent += stage.report({CHANNELS: device.channel_value(options.channel or 1)})
    for carrier in carriers:
        sent += _send(stage, press, carrier)
    return stage.done(press.event_id, sent)


def picture_value(stage: Stage, press: Ring, code: str, cmd: str) -> str:
    """Return the value of a picture code; the picture is drawn once per event.

    Where a device has ``doorbell_pic`` its ``alarm_message`` comes sealed: the ring can be read,
    the picture only by the cloud.
    """
    form = stage.options.picture_form
    if form == "E":
        return BELL_TEXT
    if form in {"album", "none"}:
        return encoded({"v": "3.0", "cmd": cmd, "type": "text", "files": []})
    if (code == "alarm_message" and "doorbell_pic" in stage.device.codes) or form in SEALED:
        value = sealed_message(stage.cloud, cmd, _reference(stage, press, cmd))
        return compact(value) if form == "D_json" else encoded(value)
    if form in ADDRESSES:
        return _address(stage, press, cmd)
    value = _reference(stage, press, cmd)
    if code != "doorbell_pic":
        value |= {"cmd": cmd, "type": "image", "time": press.press_time}
    return compact(value) if form == "A_json" else encoded(value)


def sealed_message(cloud: Cloud, cmd: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form whose files only the cloud can open; ``cmd`` is readable."""
    return {"v": "5.0", "files": [cloud.sealing.seal(told)], "cmd": cmd, "type": "image"}


def photograph(stage: Stage, name: str, sent: Sent) -> None:
    """Let a lock with a camera put a picture of what just happened into its album."""
    device, options = stage.device, stage.options
    kind = WAYS.get(str(options.way), OTHER) if name == "access_granted" else KINDS.get(name)
    camera = device.category in CAMERAS or options.picture_form == "album"
    if device.world is not World.LOCK or kind is None or not camera:
        return
    if options.picture_form != "none":
        jpeg = pictures.draw(device.name, sent.event_id, int(stage.device_time), name)
        stage.cloud.keep_picture(sent.event_id, jpeg)
        stage.cloud.albums.add(device.id, stage.device_time, jpeg, kind)


def encoded(value: Mapping[str, Any]) -> str:
    """Return a message code's value: base64 of JSON."""
    return base64.b64encode(compact(value).encode()).decode()


def kit(value: int) -> str:
    """Return a controller's raw record with one byte of meaning."""
    return base64.b64encode(bytes((1, 0, value))).decode()


def _send(stage: Stage, press: Ring, carrier: str) -> tuple[str, ...]:
    if carrier == "event_notify":
        return (_notify(stage, press),)
    return stage.report({carrier: _value(stage, press, carrier)})


def _notify(stage: Stage, press: Ring) -> str:
    device = stage.device
    battery = "wireless_electricity" in device.codes or "wireless_powermode" in device.codes
    etype = "doorbell" if battery else "ac_doorbell"
    at_ms = int(stage.device_time * 1000)
    body = messages.event_notify(device, etype, press.event_id, at_ms, stage.options.channel)
    return stage.publish(body, messages.LEGACY_MANAGEMENT)


def _value(stage: Stage, press: Ring, carrier: str) -> Any:
    device, channel = stage.device, stage.options.channel or 1
    if carrier == "alarm_message" and device.category == "wxml":
        return BELL_TEXT
    if carrier in PICTURE_CODES:
        return picture_value(stage, press, carrier, "ipc_doorbell")
    values: Mapping[str, Any] = {
        "doorbell_active": str(press.press_time),
        "doorbell": True,
        "door_bell": True,
        "doorbell_call": channel,
        "doorbell_song_kit": kit(1),
        "lock_alarm_kit": kit(RING_ALARM),
        CHANNELS: device.channel_value(channel),
    }
    return values.get(carrier, "Ring")


def _reference(stage: Stage, press: Ring, cmd: str) -> dict[str, Any]:
    """Tell where a picture is stored, and its key."""
    stored = _picture(stage, press, cmd)
    path = stored.path
    if not stored.key:
        path += "?param=" + base64.b64encode(secrets.token_bytes(32)).decode()
    return {"v": "3.0", "bucket": BUCKET, "files": [[path, stored.key]]}


def _address(stage: Stage, press: Ring, cmd: str) -> str:
    """Tell a ready address, which ends after a minute."""
    stored, form = _picture(stage, press, cmd), stage.options.picture_form
    url = stage.cloud.storage.signed(BUCKET, stored.path, stage.cloud.now(), 60)
    if form == "B":
        return base64.b64encode(url.encode()).decode()
    return f"{url}@{stored.key}" if form == "C" else url


def _picture(stage: Stage, press: Ring, cmd: str) -> StoredPicture:
    if press.picture is None:
        cloud, device = stage.cloud, stage.device
        caption = cmd.removeprefix("ipc_")
        jpeg = pictures.draw(device.name, press.event_id, press.press_time, caption)
        # A ready address comes without a key.
        encrypted = stage.options.picture_form not in {"A_plain", "B", "B_plain"}
        press.picture = cloud.storage.put(device.id, press.press_time, jpeg, encrypted=encrypted)
        cloud.keep_picture(press.event_id, jpeg)
    return press.picture

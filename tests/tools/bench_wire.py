"""What our way from a queue frame to a `Message` costs, beside its unavoidable part.

That part is base64, AES and JSON alone, on the same bytes in the same run.
"""

import base64
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import product
import json
import time
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad

from custom_components.tuyalink_intercom.api.frames import open_frame
from tests.simulator import ScenarioError, TuyaSimulator
from tests.simulator.pulsar import Consumer
from tests.simulator.wire import compact, message_key

NONCE, TAG = 12, 16
PLAYED = ("ring", "access_granted", "access_denied", "tamper", "offline", "online")


def wire_ratio(rounds: int) -> float:
    """Return our time over that of the unavoidable part, for the dearer of both encryptions."""
    return max(_ratio(mode, rounds) for mode in ("aes_ecb", "aes_gcm"))


def _ratio(encryption: str, rounds: int) -> float:
    """Compare the best of many rounds: the one that nothing else on the machine disturbed."""
    cloud = TuyaSimulator(encryption=encryption)
    frames = [compact(frame).encode() for frame in _frames(cloud)]
    key = message_key(cloud.access_secret)
    ours, alone = [], []
    for _ in range(rounds):
        ours.append(_seconds(frames, lambda raw: open_frame(raw, cloud.access_secret)))
        alone.append(_seconds(frames, lambda raw: _alone(raw, key)))
    return min(ours) / min(alone)


def _frames(cloud: TuyaSimulator) -> list[dict[str, Any]]:
    """Let every device tell what it can, as far as it can."""
    frames: list[dict[str, Any]] = []
    reader = Consumer(name="bench", kind="Failover", send=frames.append, close=lambda: None)
    cloud.broker.subscription("event", f"{cloud.access_id}-sub").join(reader)
    for device_id, name, dialect in product(cloud.devices, PLAYED, ("legacy", "core")):
        with suppress(ScenarioError):
            cloud.scenario(name, device_id, dialect=dialect)
    return frames


def _seconds(frames: Iterable[bytes], opened: Callable[[bytes], object]) -> float:
    started = time.perf_counter()
    for raw in frames:
        opened(raw)
    return time.perf_counter() - started


def _alone(raw: bytes, key: bytes) -> object:
    frame = json.loads(raw)
    data = base64.b64decode(json.loads(base64.b64decode(frame["payload"]))["data"])
    if frame["properties"]["em"] == "aes_gcm":
        cipher = AES.new(key, AES.MODE_GCM, nonce=data[:NONCE])
        return json.loads(cipher.decrypt_and_verify(data[NONCE:-TAG], data[-TAG:]))
    return json.loads(unpad(AES.new(key, AES.MODE_ECB).decrypt(data), AES.block_size))

"""From a message body to the queue's payload, and what message faults do on the way."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
import secrets
from typing import Any

from . import wire
from .faults import Faults

BIG = 200 * 1024
KINDS = ("bad_base64", "truncated_json", "wrong_secret", "tampered_tag")


@dataclass(slots=True, kw_only=True)
class Outgoing:
    """One message on its way out; ``bare`` leaves the frame's properties away."""

    body: dict[str, Any]
    protocol: int
    em: str | None
    t: Any
    bare: bool = False
    bad_sign: bool = False
    extra: bool = False

    def envelope(self, secret: str) -> dict[str, Any]:
        """Return the signed envelope with the encrypted body."""
        made = {
            "data": encrypt(wire.compact(self.body), self.em, secret),
            "protocol": self.protocol,
            "pv": "2.0",
            "t": self.t,
        }
        if self.extra:
            made |= {"encryptVersion": "9", "region": "SIM"}
        made["sign"] = wire.envelope_sign(made, "x" * 32 if self.bad_sign else secret)
        return made

    def payload(self, secret: str) -> str:
        """Return the frame's payload: base64 of the envelope."""
        return base64.b64encode(wire.compact(self.envelope(secret)).encode()).decode()


def encrypt(text: str, em: str | None, secret: str) -> str:
    """Encrypt a body the way ``em`` says."""
    key = wire.message_key(secret)
    if em == "aes_gcm":
        return wire.encrypt_gcm(text, key, secrets.token_bytes(wire.NONCE))
    return wire.encrypt_ecb(text, key)


def dress(out: Outgoing, faults: Faults) -> None:
    """Apply the armed message faults to one message."""
    out.bare = out.em is None or faults.take("missing_properties") is not None
    out.bad_sign = faults.take("sign_mismatch") is not None
    out.extra = faults.take("extra_keys") is not None
    if out.extra:
        out.body["futureField"] = {"nested": [1, 2, 3]}
    if faults.take("seconds_t"):
        out.t = int(out.t) // 1000
        _change_times(out.body, lambda ms: ms // 1000)
    if faults.take("string_t"):
        out.t = str(out.t)
        _change_times(out.body, lambda ms: str(ms // 1000))
    if faults.take("zero_ts"):
        out.body["ts"] = 0
    if faults.take("string_dp"):
        _stringify(out.body)
    if faults.take("utf8_name"):
        out.body["name"] = "Türsprechstelle 门口机 🔔"
    if faults.take("big_message"):
        out.body["padding"] = "x" * BIG


def poison_payloads(name: str, count: int, secret: str) -> Iterator[tuple[str, str]]:
    """Yield payload and ``em`` of messages that cannot be decoded; ``poison`` is all kinds."""
    kinds = cycle(KINDS if name == "poison" else (name,))
    for kind in islice(kinds, count):
        em = "aes_gcm" if kind == "tampered_tag" else "aes_ecb"
        out = Outgoing(body={"bizCode": "poison"}, protocol=4, em=em, t=0)
        if kind == "bad_base64":
            yield "%%% this is not base64 %%%", em
        elif kind == "truncated_json":
            yield base64.b64encode(base64.b64decode(out.payload(secret))[:-20]).decode(), em
        elif kind == "wrong_secret":
            yield out.payload(secret[::-1]), em
        else:
            envelope = out.envelope(secret)
            sealed = bytearray(base64.b64decode(envelope["data"]))
            sealed[-1] ^= 1
            envelope["data"] = base64.b64encode(bytes(sealed)).decode()
            yield base64.b64encode(wire.compact(envelope).encode()).decode(), em


def _change_times(body: dict[str, Any], change: Any) -> None:
    for item in body.get("status", ()):
        item["t"] = change(item["t"])
    data = body.get("bizData", {})
    for item in data.get("properties", ()):
        item["time"] = change(item["time"])


def _stringify(body: dict[str, Any]) -> None:
    for item in body.get("status", ()):
        for key in [key for key in item if key.isdecimal()]:
            item[key] = str(item[key]).lower() if isinstance(item[key], bool) else str(item[key])

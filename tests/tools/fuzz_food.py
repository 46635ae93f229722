"""What the fuzzer feeds to the parsers: valid inputs, and ways to damage them."""

import base64
from collections.abc import Callable, Iterator
from functools import cache
import json
from pathlib import Path
from random import Random
from typing import Any

from tests.simulator.wire import encrypt_ecb, encrypt_gcm, envelope_sign, message_key

_FIXTURES = Path(__file__).parent.parent / "fixtures"
ACCESS_ID = "synthetic0access0id0"
SECRET = "0123456789abcdef0123456789abcdef"
NOW = 1_763_800_000.0
_MILLISECONDS = 1e11
_ROUNDS = 4

_NUMBERS = (0, -1, 1, 7, 255, 10**10, 10**13, 2**63, -(2**63), 10**400, 0.5, 1e308)
_ODD_NUMBERS = (float("nan"), float("inf"), float("-inf"))
_TEXTS = (
    *(
        "",
        " ",
        "$",
        "0",
        "1",
        "-1",
        "true",
        "nan",
        "1e400",
        "1_0",
        "٣",
        "²",
        "\ud800",
        "\udfff\ud800",
    ),
    *(
        "\x00",
        "🚪",
        "{",
        "{}",
        "[]",
        '{"cmd":',
        '{"files":[["/\\ud800/1763800000.jpg"]]}',
        "http://[",
        "=" * 7,
    ),
    *('{"time":1e999}', '{"cc":NaN,"chs":[{"id":NaN}]}', "9999-12-31T24:00:00+00:00", "AGEAYg=="),
    *("9" * 5000, "x" * 70_000, "A" * 4096, "🚪" * 300, "[" * 5000, '{"value":' * 500),
)
_PLAIN = (*_NUMBERS, *_ODD_NUMBERS, *_TEXTS, None, True, False)


@cache
def vectors() -> list[dict[str, Any]]:
    """Return the golden vectors of messages."""
    document = json.loads((_FIXTURES / "vectors" / "messages.json").read_text(encoding="utf-8"))
    return list(document["vectors"])


@cache
def bodies() -> tuple[Any, ...]:
    """Return clear messages: those of the vectors, and what real devices sent."""
    clear = [
        json.loads(vector["expected"]["plaintext"])
        for vector in vectors()
        if vector["kind"] == "ws_frame" and "ecb" in vector["name"]
    ]
    paths = sorted((_FIXTURES / "messages").glob("*.json"))
    real = [part for path in paths for part in _objects(json.loads(path.read_text("utf-8")))]
    return (*clear, *real, *_OWN)


_OWN: tuple[Any, ...] = (
    {"status": [{"code": "unlock_card", "value": 3}, {"code": "alarm_lock", "value": "pry"}]},
    {"status": [{"code": "doorbell", "value": True}, {"code": "doorbell_call", "value": 1}]},
    {"status": [{"code": "", "value": {"way": 4, "uid": "u", "isSuccess": True, "operTime": NOW}}]},
    {"data": {"sn": "1", "type": 1, "targetAddress": "01"}},
    {"bizData": {"outputParams": {"alarmType": 1, "alarmTime": NOW * 1000}}},
    {"bizCode": "event_notify", "bizData": {"etype": "ac_doorbell", "edata": f"a{NOW:.0f}"}},
    {"dps": {"136": f"{NOW:.0f}", "231": {"cc": 1, "chs": [{"id": 1, "n": "Gate"}]}}, "t": NOW},
)


def _objects(value: Any) -> Iterator[Any]:
    """Find what may be a message in a fixture, which tells of its source as well."""
    if isinstance(value, dict):
        if value.keys() & {"status", "bizData", "bizCode", "dps", "data"}:
            yield value
        for member in value.values():
            yield from _objects(member)
    elif isinstance(value, list):
        for member in value:
            yield from _objects(member)


@cache
def devices() -> tuple[dict[str, Any], ...]:
    """Return the device files."""
    paths = sorted((_FIXTURES / "devices").glob("*.json"))
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in paths)


def enveloped(random: Random, text: str) -> dict[str, Any]:
    """Return a queue frame around a text, in one of both encryptions."""
    model = random.choice(("aes_ecb", "aes_gcm"))
    key = message_key(SECRET)
    safe = text.encode(errors="replace").decode()
    data = (
        encrypt_gcm(safe, key, random.randbytes(12))
        if model == "aes_gcm"
        else encrypt_ecb(safe, key)
    )
    envelope = {"data": data, "protocol": 4, "pv": "2.0", "t": int(NOW * 1000)}
    envelope["sign"] = envelope_sign(envelope, SECRET)
    payload = envelope if random.random() < 0.5 else mutated(random, envelope)
    return {
        "messageId": random.choice(("CAEQAA==", "m" * 2000, 5)),
        "payload": base64.b64encode(json.dumps(payload).encode()).decode(),
        "properties": {"em": model if random.random() < 0.8 else None},
        "publishTime": "2026-11-22T10:00:00.000+00:00",
        "redeliveryCount": 0,
    }


def harmful(random: Random) -> Any:
    """Return a value that nobody expects, at times a container of them."""
    choice = random.random()
    if choice < 0.08:
        return _deep(random.choice((5, 60, 70, 400)), random.choice(_PLAIN), random)
    if choice < 0.2:
        return [random.choice(_PLAIN) for _ in range(random.randrange(4))]
    if choice < 0.3:
        return {str(random.choice(_TEXTS))[:300]: random.choice(_PLAIN) for _ in range(3)}
    return random.choice(_PLAIN)


def _deep(depth: int, bottom: Any, random: Random) -> Any:
    listed = random.random() < 0.5
    for _ in range(depth):
        bottom = [bottom] if listed else {"value": bottom}
    return bottom


def mutated(random: Random, value: Any) -> Any:
    """Return a value with up to four changes somewhere in it."""
    changed = json.loads(json.dumps(value))
    for _ in range(random.randint(1, _ROUNDS)):
        places = [*_places(changed)]
        if not places:
            return harmful(random)
        parent, key = random.choice(places)
        random.choice(_CHANGES)(random, parent, key)
    return changed


def _places(value: Any, depth: int = 12) -> Iterator[tuple[Any, Any]]:
    keys: Any = [*value] if isinstance(value, dict) else range(len(value) if _listed(value) else 0)
    for key in keys:
        yield value, key
        if depth:
            yield from _places(value[key], depth - 1)


def _listed(value: Any) -> bool:
    return isinstance(value, list)


def _replace(random: Random, parent: Any, key: Any) -> None:
    parent[key] = harmful(random)


def _remove(random: Random, parent: Any, key: Any) -> None:
    parent.pop(key)


def _respell(random: Random, parent: Any, key: Any) -> None:
    """Tell the same in another type: numbers as text, objects as JSON text, the lot as base64."""
    text = parent[key] if isinstance(parent[key], str) else json.dumps(parent[key])
    spellings: tuple[Any, ...] = (text, [parent[key]], {"value": parent[key]}, {text[:200]: 1})
    sealed = base64.b64encode(text.encode("utf-8", "replace")).decode()
    parent[key] = random.choice((*spellings, sealed))


def _shift_time(random: Random, parent: Any, key: Any) -> None:
    """Set a clock wrong, by anything from seconds to ages; or change its unit."""
    by = random.choice((-3600, -61, -2, 2, 61, 3600, 10**9))
    stamp = NOW + by
    parent[key] = random.choice((stamp, int(stamp * 1000), f"{stamp:.0f}", -stamp, stamp * 1e6))


def _exchange(random: Random, parent: Any, key: Any) -> None:
    other = random.choice([*parent] if isinstance(parent, dict) else range(len(parent)))
    parent[key], parent[other] = parent[other], parent[key]


def _rename(random: Random, parent: Any, key: Any) -> None:
    if isinstance(parent, dict):
        name = random.choice((*_TEXTS, "code", "value", "t", "time", "136", "status"))[:300]
        parent[name] = parent.pop(key)


def _scratch(random: Random, parent: Any, key: Any) -> None:
    """Damage a text inside, such as base64 of a picture message."""
    if isinstance(parent[key], str):
        parent[key] = damaged(random, parent[key].encode(errors="replace")).decode(errors="replace")


def _multiply(random: Random, parent: Any, key: Any) -> None:
    if isinstance(parent, list):
        parent.extend([parent[key]] * random.choice((1, 3, 100)))


_CHANGES: tuple[Callable[[Random, Any, Any], None], ...] = (
    *(_replace, _replace, _replace, _remove, _respell, _respell),
    *(_shift_time, _exchange, _rename, _scratch, _multiply),
)


def damaged(random: Random, raw: bytes) -> bytes:
    """Return bytes that were flipped, cut, doubled or had a key of theirs repeated."""
    if not raw:
        return random.randbytes(random.randrange(64))
    at = random.randrange(len(raw))
    match random.randrange(5):
        case 0:
            return raw[:at]
        case 1:
            return raw[:at] + random.randbytes(random.randint(1, 8)) + raw[at:]
        case 2:
            return raw[:at] + raw[random.randrange(len(raw)) :]
        case 3:
            return _repeated_key(random, raw)
        case _:
            flipped = bytearray(raw)
            for _ in range(random.randint(1, 4)):
                flipped[random.randrange(len(raw))] ^= 1 << random.randrange(8)
            return bytes(flipped)


def _repeated_key(random: Random, raw: bytes) -> bytes:
    """Write a member of an object twice, with another value the second time."""
    name, colon, rest = raw.partition(b'":')
    _, quote, key = name.rpartition(b'"')
    again = quote + key + colon + json.dumps(harmful(random)).encode() + b","
    return name[: -len(quote + key)] + again + quote + key + colon + rest if colon else raw


def text_of(random: Random, value: Any) -> bytes:
    """Return JSON as a sender with bad habits writes it."""
    raw = json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    return damaged(random, raw) if random.random() < 0.3 else raw

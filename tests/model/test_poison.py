"""Whatever the wire brings: nothing raises, nothing grows, nothing endless gets in."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
import json
from math import isfinite
from random import Random
from typing import Any, override

import pytest

from custom_components.tuyalink_intercom.model import dpcodes, moments
from custom_components.tuyalink_intercom.model.changes import Change
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.facts import KEPT as FACTS_KEPT
from custom_components.tuyalink_intercom.model.presses import KEPT as PRESSES_KEPT
from custom_components.tuyalink_intercom.model.records import device_from, with_values
from custom_components.tuyalink_intercom.model.reports import stored_changes
from custom_components.tuyalink_intercom.model.state import Device

from .files import DEVICE_FILES, NOW, found
from .pictures import encoded, sealed, stored
from .said import Listener, core, legacy

STATE_CODES = {
    *dpcodes.BATTERIES,
    *dpcodes.BATTERY_STATES,
    *dpcodes.BOLTS,
    *dpcodes.LEAVES,
    "auto_lock_time",
    dpcodes.UNLOCK_REQUEST,
}
CODES = sorted({*moments.MOMENTS, *STATE_CODES})
LISTENERS = ("sp_h3bhzu9m0ig80rdu", "ms_bljvjx2nsv02dhao", "mk_5k8h97qska6pf5cm")
KINDS = [
    *("", "statusReport", "devicePropertyMessage", "deviceEventMessage", "event_notify"),
    *("online", "offline", "deviceOnline", "nameUpdate", "delete", "accessEvent", "x" * 300),
]
KEYS = [
    *("status", "bizData", "data", "properties", "code", "value", "t", "time", "dpId", "136"),
    *("148", "dps", "way", "uid", "isSuccess", "operTime", "sn", "type", "targetAddress", "cmd"),
    *("alarmType", "etype", "edata", "cid", "eventCode", "outputParams", "name", "files", ""),
    *("bucket", "cc", "chs", "id", "n"),
]


def deep(of: Callable[[Any], Any], bottom: Any, depth: int = 3000) -> Any:
    for _ in range(depth):
        bottom = of(bottom)
    return bottom


def text_of_depth(depth: int) -> str:
    return '{"value":' * depth + "1" + "}" * depth


POISON: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    10**9,
    10**18,
    10**400,
    -(10**400),
    10**4000,
    0.5,
    1e308,
    -1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
    "",
    " ",
    "$",
    "0",
    "true",
    "nan",
    "1e400",
    "9" * 5000,
    "-" * 100,
    "\ud800",
    "\x00",
    "🚪" * 1000,
    "x" * 100_000,
    "A" * 100_000,
    "=" * 7,
    "{",
    "{}",
    "[]",
    '{"cmd":',
    '{"cmd":"\\ud800","files":[["\\udfff","\\ud800"]],"bucket":"b"}',
    '{"time":1e999,"files":[[]]}',
    '{"cc":NaN,"chs":[{"id":NaN}]}',
    text_of_depth(3000),
    "[" * 5000,
    [],
    [[]],
    [None, {}],
    {},
    {"": ""},
    {"time": []},
    {"cmd": {}, "files": {}},
    {"files": [[["a"]]], "bucket": []},
    {"cc": {}, "chs": {}},
    {"chs": [None, 5, {}]},
    deep(lambda bottom: [bottom], 1),
    deep(lambda bottom: {"value": bottom}, 1),
    encoded({"cmd": "x" * 1000, "files": [{"data": "x" * 10_000}]}),
    stored(NOW),
    sealed("ipc_doorbell"),
)


class Victim(Listener):
    """A listener whose messages have ids, so that nothing must be read to tell them apart."""

    @override
    def hears(
        self, body: Mapping[str, Any], at: float | None = NOW, *, now: float | None = None
    ) -> tuple[Change, ...]:
        return super().hears({**body, "dataId": "one"}, at, now=now)


def check(listener: Listener) -> None:
    """Whatever was heard must be bounded, finite, storable and comparable."""
    memory = listener.device.memory
    assert len(memory.presses) <= PRESSES_KEPT
    assert len(memory.facts) <= FACTS_KEPT
    assert len(json.dumps(asdict(memory), allow_nan=False)) < 100_000
    assert all(isfinite(change.time) for change in listener.changes)
    assert all(len(name) <= 40 for name in listener.unknown)
    for reading in listener.device.readings.values():
        assert len(str(reading.value)) <= 255
        assert reading.until is None or reading.until < NOW + 86_400
    assert listener.device == listener.state.devices[listener.id]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", LISTENERS)
def test_no_value_of_any_code_does_harm(name: str, code: str) -> None:
    listener = Victim(name)
    for seconds, value in enumerate(POISON):
        for stamp in (None, value):
            listener.hears(legacy({code: value}, t=stamp), NOW + seconds)
            listener.hears(core({code: value}, time=stamp), NOW + seconds)
        item = {"code": code, "value": value, "time": value}
        [*stored_changes(listener.device, [item], NOW)]
    check(listener)


@pytest.mark.parametrize("code", CODES)
def test_a_device_can_be_built_from_any_stored_value(code: str) -> None:
    for value in POISON:
        rows = [{"code": code, "value": value, "time": stamp} for stamp in (1_600_000_000, value)]
        numbered = [{"code": value, "dp_id": value, "value": value}]
        built = device_from(
            {"id": "d", "category": "sp", "name": value, "isOnline": value, "model": value},
            Description({}, {"services": value}, shadow=(*rows, *numbered)),
            now=NOW,
        )
        assert built is not None
        assert len(built.name) <= 255


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_of_any_kind_does_harm(kind: str) -> None:
    listener = Victim(LISTENERS[0])
    for value in POISON:
        for body in (
            {"bizData": value},
            {"status": value},
            {"data": value},
            {"dps": value},
            {"bizData": dict.fromkeys(KEYS, value)},
            {"status": [value, {"code": value, "value": value, "148": value, "t": value}]},
            dict.fromkeys(KEYS, value),
        ):
            listener.hears({"bizCode": kind, **body})
    check(listener)


def terminal() -> Device:
    built = device_from({"id": "t"}, Description({}, {}), now=NOW, points=("tyabinmc7h",))
    assert built is not None
    return built


@pytest.mark.parametrize("key", ["way", "uid", "isSuccess", "operTime", "sn", "type", "alarmType"])
def test_no_member_of_a_terminals_facts_does_harm(key: str) -> None:
    listener = Victim(terminal())
    shapes: tuple[dict[str, Any], ...] = (
        {"way": 4, "uid": "u", "isSuccess": True, "operTime": NOW},
        {"sn": "1", "type": 1, "targetAddress": "01"},
        {"sn": "1", "type": 6, "targetAddress": "01"},
        {"alarmType": 1},
    )
    for seconds, value in enumerate(POISON):
        for shape in shapes:
            listener.hears(legacy({"": {**shape, key: value}}), NOW + seconds)
    check(listener)


def anything(random: Random, depth: int = 4) -> Any:
    """Return a random value: poison, or a container of more."""
    choice = random.random()
    if depth and choice < 0.3:
        return {
            random.choice(KEYS): anything(random, depth - 1) for _ in range(random.randrange(6))
        }
    if depth and choice < 0.45:
        return [anything(random, depth - 1) for _ in range(random.randrange(4))]
    if choice < 0.6:
        return random.choice(CODES)
    return random.choice(POISON)


@pytest.mark.parametrize("seed", range(40))
def test_random_messages_never_raise_and_never_grow(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - seeded, so that a failure can be repeated
    listener = Victim(random.choice(LISTENERS) if seed % 4 else terminal())
    for step in range(150):
        item = {"code": random.choice([*CODES, ""]), "value": anything(random)}
        body: dict[str, Any] = {
            "bizCode": random.choice(KINDS),
            random.choice(KEYS): anything(random),
            random.choice(["status", "x"]): [item, anything(random)],
            random.choice(["bizData", "y"]): {"properties": [item], "value": anything(random)},
        }
        listener.hears(body, random.choice([None, NOW + step, NOW - step * 60]), now=NOW + step)
    check(listener)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_readings_does_not_matter(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - seeded, so that a failure can be repeated
    names = [name for name in DEVICE_FILES if found(name) and not name.startswith("wxml")]
    first = found(random.choice(names))
    assert first is not None
    values: dict[str, list[Any]] = {
        "residual_electricity": [5, 50, 95],
        "battery_state": ["low", "high"],
        "closed_opened": ["open", "closed"],
        "lock_motor_state": [True, False],
        "anti_alarm": [True, False],
        "accessory_lock": [True, False],
    }
    told = [
        (code, random.choice(spellings), NOW + number)
        for number, (code, spellings) in enumerate(random.choices([*values.items()], k=30))
    ]
    results = []
    for _ in range(4):
        listener = Victim(first)
        for code, value, at in random.sample(told, len(told)):
            listener.hears(legacy({code: value}, t=int(at) * 1000), at, now=NOW + 60)
        device = listener.device
        results.append((device.readings, device.bolts, device.relays))
    assert all(result == results[0] for result in results)


def test_a_flood_of_stored_rows_makes_no_flood_of_memories() -> None:
    rows = [
        {"code": "doorbell_active", "value": f"{NOW - 100 * n:.0f}", "time": int(NOW - 100 * n)}
        for n in range(1, 1000)
    ]
    built = device_from({"id": "d", "category": "sp"}, Description({}, {}, tuple(rows)), now=NOW)
    assert built is not None
    assert len(built.recalled.presses) == 1
    assert with_values(built, rows, NOW) == built

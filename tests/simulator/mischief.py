"""Faults asked for by name: some are armed for later, some act at once."""

from collections.abc import Mapping
from typing import Any

from . import rings, scenario
from .cloud import Cloud
from .faults import NAMES, POISON
from .pulsar import KEEP_S

MOST = 5000


class FaultError(ValueError):
    """A fault that nobody knows, or a count or option that makes no sense."""


def fault(cloud: Cloud, name: str, count: int, options: Mapping[str, Any]) -> None:
    """Arm a fault or do it at once; ``count`` 0 disarms it.  Raises FaultError."""
    if name not in NAMES:
        raise FaultError(f"unknown fault: {name}")
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST:
        raise FaultError(f"count is a number from 0 to {MOST}")
    if name in POISON:
        cloud.poison(name, count)
    elif name == "expire_token":
        _expire(cloud, count)
    elif name == "drop_queue":
        _drop(cloud, count)
    elif name == "clock_skew":
        _skew(cloud, count, options.get("seconds", 3600))
    elif name == "rules_off":
        cloud.rules = lambda _device, _body: not count
    elif name == "burst":
        _burst(cloud, count)
    elif name == "backlog":
        _backlog(cloud, count)
    else:
        cloud.faults.arm(name, count, _checked(options))


def _checked(options: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("path", "method"):
        if not isinstance(options.get(name, ""), str):
            raise FaultError(f"{name} is text")
    code = options.get("code", 0)
    if isinstance(code, bool) or not isinstance(code, int):
        raise FaultError("code is a number")
    return options


def _expire(cloud: Cloud, count: int) -> None:
    if count:
        cloud.expire_tokens()
        cloud.tokens.dead_on_arrival = count - 1


def _drop(cloud: Cloud, count: int) -> None:
    if count:
        cloud.drop_consumers()
        cloud.faults.arm("drop_connection", count - 1, {})


def _skew(cloud: Cloud, count: int, seconds: Any) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise FaultError("seconds is a number")
    cloud.clock_shift = float(seconds) if count else 0.0


def _burst(cloud: Cloud, count: int) -> None:
    """Send many reports that mean nothing, as a chatty device does."""
    device_id = next(iter(cloud.devices), "")
    for number in range(count):
        cloud.publish(device_id, {"bizCode": "upgradeProcess", "bizData": {"progress": number}})


def _backlog(cloud: Cloud, count: int) -> None:
    """Send old rings, spread over the two hours that the queue keeps them."""
    able = [device.id for device in cloud.devices.values() if rings.own_carriers(device)]
    for number in range(count, 0, -1) if able else ():
        age = KEEP_S * number / (count + 1)
        scenario.play(cloud, "ring", able[0], {"age_s": max(61.0, age)})

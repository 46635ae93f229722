"""Faults asked for by name: some are armed for later, some act at once."""

from collections.abc import Callable, Mapping
from typing import Any

from . import rings, scenario
from .cloud import ALL_CODES, Cloud
from .faults import CODES, NAMES, POISON
from .pulsar import KEEP_S
from .refusals import ALL, COMMANDS, SERVICES

MOST = 5000
type Options = Mapping[str, Any]


class FaultError(ValueError):
    """A fault that nobody knows, or a count or option that makes no sense."""


def fault(cloud: Cloud, name: str, count: int, options: Options) -> None:
    """Arm a fault or do it at once; ``count`` 0 disarms it.  Raises FaultError."""
    if name not in NAMES:
        raise FaultError(f"unknown fault: {name}")
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST:
        raise FaultError(f"count is a number from 0 to {MOST}")
    if name in POISON:
        cloud.poison(name, count)
    elif name in AT_ONCE:
        AT_ONCE[name](cloud, count, _checked(options))
    else:
        cloud.faults.arm(name, count, _checked(options))


def _checked(options: Options) -> Options:
    for name in ("path", "method"):
        if not isinstance(options.get(name, ""), str):
            raise FaultError(f"{name} is text")
    code = options.get("code", 0)
    if isinstance(code, bool) or not isinstance(code, int):
        raise FaultError("code is a number")
    return options


def _expire(cloud: Cloud, count: int, _: Options) -> None:
    if count:
        cloud.expire_tokens()
        cloud.tokens.dead_on_arrival = count - 1


def _drop(cloud: Cloud, count: int, _: Options) -> None:
    if count:
        cloud.drop_consumers()
        cloud.faults.arm("drop_connection", count - 1, {})


def _skew(cloud: Cloud, count: int, options: Options) -> None:
    seconds = options.get("seconds", 3600)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise FaultError("seconds is a number")
    cloud.clock_shift = float(seconds) if count else 0.0


def _refuse(cloud: Cloud, count: int, options: Options) -> None:
    """Refuse ``what`` with ``code`` until it is taken back by count 0."""
    what = options.get("what", ALL)
    if not isinstance(what, str) or what not in {ALL, COMMANDS, *SERVICES, *cloud.templates}:
        raise FaultError(f"what is a path template, {COMMANDS}, or one of {sorted(SERVICES)}")
    if count:
        cloud.faults.refusals.set(what, options.get("code", CODES["not_subscribed"]))
    else:
        cloud.faults.refusals.clear(what)


def _rules_off(cloud: Cloud, count: int, _: Options) -> None:
    cloud.rules = lambda _device, _body: not count


def _mute(cloud: Cloud, count: int, options: Options) -> None:
    """Push nothing, or all ``without`` some bizCodes, as the project's rules can say."""
    without = options.get("without")
    if without is None:
        cloud.muted = ALL_CODES if count else frozenset()
    elif isinstance(without, list) and all(isinstance(code, str) for code in without):
        cloud.muted = frozenset(without) if count else frozenset()
    else:
        raise FaultError("without is a list of bizCodes")


def _burst(cloud: Cloud, count: int, _: Options) -> None:
    """Send many reports that mean nothing, as a chatty device does."""
    device_id = next(iter(cloud.devices), "")
    for number in range(count):
        cloud.publish(device_id, {"bizCode": "upgradeProcess", "bizData": {"progress": number}})


def _backlog(cloud: Cloud, count: int, _: Options) -> None:
    """Send old rings, spread over the two hours that the queue keeps them."""
    able = [device.id for device in cloud.devices.values() if rings.own_carriers(device)]
    for number in range(count, 0, -1) if able else ():
        age = KEEP_S * number / (count + 1)
        scenario.play(cloud, "ring", able[0], {"age_s": max(61.0, age)})


AT_ONCE: Mapping[str, Callable[[Cloud, int, Options], None]] = {
    "backlog": _backlog,
    "burst": _burst,
    "clock_skew": _skew,
    "drop_queue": _drop,
    "expire_token": _expire,
    "mute": _mute,
    "refuse": _refuse,
    "rules_off": _rules_off,
}

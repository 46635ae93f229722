"""What Tuya's logs hold of a story: rows of what devices told, and a queue that loses some of it.

A log has one row for each report, however often it was sent, and one clock of two.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
import json
from random import Random
from typing import Any

from custom_components.tuyalink_intercom.api.message import unix_seconds
from custom_components.tuyalink_intercom.model.history import (
    LOCK_ALARMS,
    LOCK_OPENINGS,
    Row,
    alarmed,
    noted,
    opened,
    passed,
    reported,
)
from custom_components.tuyalink_intercom.model.terminals import terminal_fact

from .once_facts import TERMINAL, Body, Said, Story

_WORDS = ("face", "人脸", "Gesicht")
_NEAR = 45.0
"""Within this time (s) of each other, rows of two presses may be taken for those of one."""
_RIGHT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A row of a log: whose, of which fact, and when by the cloud's clock and the device's."""

    device: str
    fact: int
    at: float
    told: float
    row: Row


def logged(story: Story, random: Random) -> list[Logged]:
    """Return the rows of everything that logs know of, by the one clock or the other."""
    by_device = random.random() < 0.5
    word = random.choice(_WORDS)
    copies = defaultdict[tuple[int, str], list[tuple[Said, Mapping[str, Any]]]](list)
    for said in story.said:
        for item in _items(said.body):
            copies[said.fact, json.dumps([item["code"], item["value"]])].append((said, item))
    found = list[Logged]()
    for (fact, _), told in copies.items():
        said, item = told[0]
        # Each dialect and each transport has its own stamp, around the cloud's own.
        at = (min(one.at for one, _ in told) + max(one.at for one, _ in told)) / 2
        by_clock = unix_seconds(item["t"]) or at
        time = by_clock if by_device else at
        found += [
            Logged(device=said.body["devId"], fact=fact, at=at, told=by_clock, row=row)
            for row in _rows(item, time, random, word, rounded=by_device)
        ]
    return found


def is_doubtful(rows: Iterable[Logged]) -> bool:
    """Tell whether two facts are so far apart as the clock is wrong: either may be the other."""
    return any(
        one.device == other.device
        and one.fact != other.fact
        and abs(other.told - other.at) > _RIGHT
        and abs(one.at - other.told) < _NEAR
        for one, other in permutations(rows, 2)
    )


def left_by_the_queue(story: Story, rows: Iterable[Logged], random: Random) -> list[Said]:
    """Lose messages, at times all of a fact: but none of what no log tells."""
    known = {row.fact for row in rows}
    lost = {fact for fact in sorted(known) if random.random() < 0.3}
    rate = random.choice((0.0, 0.0, 0.3))
    return [
        said
        for said in story.said
        if said.fact not in lost and not (said.fact in known and random.random() < rate)
    ]


def _items(body: Body) -> Iterator[Mapping[str, Any]]:
    """Find what a message reports, as logs know it: no call pushes, calls or terminals' alarms."""
    inside = body.get("bizData", {})
    if body["devId"] != TERMINAL:
        for item in (*body.get("status", ()), *inside.get("properties", ())):
            yield {**item, "t": item.get("t", item.get("time"))}
    elif (fact := terminal_fact(body.get("status") or body)) and "way" in fact:
        yield {"code": "", "value": fact["uid"], "t": fact["oper_time"]}


def _rows(
    item: Mapping[str, Any], time: float, random: Random, word: str, *, rounded: bool
) -> Iterator[Row]:
    """Tell a report as one or two of the logs do that know it."""
    code, value, ms = item["code"], item["value"], int(time * 1000)
    if not code:
        row = {"device_id": TERMINAL, "access_time": ms, "access_type": word, "user_id": value}
        yield from passed([row])
        return
    status = {"code": code, "value": str(value).lower() if value is True else str(value)}
    logs: list[Iterable[Row]] = [reported([{**status, "event_time": ms}])]
    if code in LOCK_OPENINGS:
        logs.append(opened([{"update_time": ms, "status": status}]))
    if code in LOCK_ALARMS:
        stamp = ms // 1000 if rounded else ms
        logs.append(alarmed([{"update_time": stamp, "status": [status]}]))
    if code in LOCK_OPENINGS | LOCK_ALARMS:
        logs.append(noted([{"gmt_create": ms, "dps": [{code: value}]}]))
    for log in random.sample(logs, random.randint(1, min(2, len(logs)))):
        yield from log

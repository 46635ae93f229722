"""Facts at doors, and the messages that tell them, drawn at random from a seed.

What happens is drawn such that the rules leave no doubt: presses of a bell are further
apart than a carrier without press time reaches, or are told by one kind of carrier, or
by messages that follow within 3 s.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
import json
from random import Random
from typing import Any

from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    Change,
    Outcome,
    Passed,
    Rang,
)
from custom_components.tuyalink_intercom.model.state import Alarm, Method

from .files import NOW
from .pictures import encoded, stored
from .said import core, legacy, notify

INTERCOM = "sp_h3bhzu9m0ig80rdu"
BELL = "sp_csr2fqitalj5o0tq"
LOCK = "ms_bljvjx2nsv02dhao"
CHIME = "wxml_gznianheex1wcv5b"
KEYPAD = "mk_5k8h97qska6pf5cm"
TERMINAL = "terminal"
SPREAD = 1.8
"""Both dialects and both transports tell the same within this time (s) of each other."""
_UPLOAD = 15.0
_CALM, _QUICK = 45.0, 8.0
_WRONG_CLOCKS = (0.0, 0.0, 2.0, 90.0, -300.0, 599.0, -599.0, 600.0, -601.0, 1800.0, 3600.0, -3600.0)

type Body = dict[str, Any]
type Seen = tuple[type[Change], str, object]
"""What is to be counted: the kind of change, its device, and what tells it from its like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message on its way: `at` is its cloud time, `arrives` when we get it.

    `fact` is the place, among what is expected, of the fact that it tells.
    """

    fact: int
    body: Body
    at: float
    arrives: float
    queue_id: str | None


@dataclass(slots=True, kw_only=True)
class Story:
    """What happened, what is to be heard of it, and everything that was said."""

    expected: list[Seen] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    restarts: list[tuple[float, float]] = field(default_factory=list)
    """When we went down and came up again."""


class Teller:
    """Tells facts as devices and Tuya's cloud do, in the order of a seed.

    With a `name`, which begins every id and picture, and a time at which it `begins`, one
    home can hear many stories.
    """

    def __init__(self, random: Random, name: str = "", begins: float = NOW) -> None:
        self.random = random
        self.name = name
        self.begins = begins
        self.story = Story()
        self.apart = random.choice((_CALM, _CALM, _QUICK))
        self.clocks: dict[str, float] = {}
        self._number = 0

    def tell(self) -> Story:
        """Let some devices do some things, while we are up and down."""
        for begin in self._worlds():
            begin(self.apart)
        self._restart()
        self.story.said = sorted(self._delivered(), key=lambda one: one.arrives)
        return self.story

    def _worlds(self) -> list[Callable[[float], None]]:
        worlds = [self._camera, self._lock, self._chime, self._keypad, self._terminal]
        return self.random.sample(worlds, self.random.choice((1, 1, 2)))

    def _moments(self, apart: float) -> Iterator[float]:
        at = self.begins + self.random.uniform(0, 60)
        for _ in range(self.random.randint(1, 4)):
            yield at
            at += apart + self.random.choice((0.0, 0.5, 30.0, 400.0))

    def _clock(self, device: str) -> float:
        return self.clocks.setdefault(
            device, self.random.choice(_WRONG_CLOCKS) + self.random.uniform(-0.9, 0.9)
        )

    def _camera(self, apart: float) -> None:
        """Press a bell that tells it by up to four messages, most with the press time."""
        device = self.random.choice((INTERCOM, BELL))
        panels = self.random.random() < 0.2
        # Presses in quick succession are only told apart if each is told in the same way.
        usual = self._some_carriers()
        for at in self._moments(apart):
            if panels:
                # Two panels may ring in the same second: each message names its own.
                for cid in self.random.sample(("1", "2"), self.random.randint(1, 2)):
                    pressed = at + self._clock(device)
                    self._fact(Rang, device, cid, at, [(0.0, partial(notify, pressed, cid=cid))])
            else:
                calm = apart >= _CALM
                told_by = self._some_carriers() if calm else usual
                self._press(device, at, told_by, _UPLOAD if calm else 3.0)

    def _some_carriers(self) -> list[int]:
        return self.random.sample(range(4), self.random.choice((1, 2, 3, 4, 4)))

    def _press(self, device: str, at: float, told_by: list[int], upload: float) -> None:
        pressed = at + self._clock(device)
        self._number += 1
        name = f"{self.name}p{self._number}"
        sealed = encoded({"v": "5.0", "files": [{"data": name * 8}], "cmd": "ipc_doorbell"})
        whole = [int(pressed), int(pressed + 0.9)]
        values: list[Callable[[], Body]] = [
            lambda: notify(self.random.choice(whole)),
            lambda: self._report({"doorbell_active": str(self.random.choice(whole))}, pressed),
            lambda: self._report({"doorbell_pic": stored(whole[0], name=name)}, pressed),
            lambda: self._report({"alarm_message": sealed}, pressed),
        ]
        delays = (0.0, self.random.uniform(0, 1), *(self.random.uniform(0, upload) for _ in "ab"))
        carriers = [*zip(delays, values, strict=True)]
        self._fact(Rang, device, None, at, [carriers[number] for number in told_by])

    def _lock(self, apart: float) -> None:
        for at in self._moments(apart):
            told = at + self._clock(LOCK)
            kind = self.random.randrange(3)
            if kind == 0:
                self._simple(Rang, LOCK, None, at, told, {"doorbell": True})
            elif kind == 1:
                # Two people within a second are two.
                for slot in self.random.sample((1, 2, 3), self.random.randint(1, 2)):
                    what = (Outcome.GRANTED, Method.FINGERPRINT, slot, None)
                    self._simple(Passed, LOCK, what, at, told, {"unlock_fingerprint": slot})
            else:
                self._simple(AlarmRaised, LOCK, Alarm.TAMPER, at, told, {"alarm_lock": "pry"})

    def _chime(self, apart: float) -> None:
        for at in self._moments(apart):
            told = at + self._clock(CHIME)
            for button in self.random.sample((1, 2), self.random.randint(1, 2)):
                self._simple(Rang, CHIME, str(button), at, told, {"doorbell_call": button})

    def _keypad(self, apart: float) -> None:
        for at in self._moments(apart):
            told = at + self._clock(KEYPAD)
            if self.random.random() < 0.5:
                self._simple(Rang, KEYPAD, None, at, told, {"doorbell_song_kit": "AQAB"})
            else:
                self._simple(
                    AlarmRaised, KEYPAD, Alarm.FORCED, at, told, {"lock_alarm_kit": "AQAF"}
                )

    def _terminal(self, apart: float) -> None:
        for at in self._moments(apart):
            told = int((at + self._clock(TERMINAL)) * 1000)
            kind = self.random.randrange(3)
            self._number += 1
            if kind == 0:
                call = {"sn": f"{self.name}call{self._number}", "type": 1, "targetAddress": "01"}
                self._spelled(Rang, None, at, {**call, "time": told})
            elif kind == 1:
                for uid in self.random.sample(("anna", "bert"), self.random.randint(1, 2)):
                    passage = {"way": 4, "uid": uid, "isSuccess": True, "operTime": told}
                    self._spelled(Passed, (Outcome.GRANTED, Method.FACE, None, uid), at, passage)
            else:
                self._spelled(AlarmRaised, Alarm.TAMPER, at, {"alarmType": 1, "alarmTime": told})

    def _spelled(self, kind: type[Change], what: object, at: float, fact: Body) -> None:
        spellings: list[Callable[[], Body]] = [
            lambda: {"status": [{"code": "", "value": json.dumps(fact)}]},
            lambda: {"status": [{"code": "", "4": fact}]},
            lambda: {"bizCode": "accessEvent", "bizData": {"data": fact}},
            lambda: {"bizCode": "x", "bizData": {"outputParams": json.dumps(fact)}},
        ]
        count = self.random.randint(1, 3)
        chosen = self.random.sample(spellings, count)
        offsets = [self.random.uniform(0, SPREAD / 2) for _ in chosen]
        self._fact(kind, TERMINAL, what, at, [*zip(offsets, chosen, strict=True)], copies=False)

    def _simple(
        self,
        kind: type[Change],
        device: str,
        what: object,
        at: float,
        told: float,
        values: Mapping[str, Any],
    ) -> None:
        self._fact(kind, device, what, at, [(0.0, lambda: self._report(values, told))])

    def _report(self, values: Mapping[str, Any], told: float) -> Body:
        """Tell values in one of both dialects, with the device's time in seconds or their parts."""
        stamp: object = self.random.choice((int(told * 1000), str(int(told * 1000))))
        if self.random.random() < 0.5:
            return core(values, time=stamp)
        return legacy(values, t=stamp)

    def _fact(
        self,
        kind: type[Change],
        device: str,
        what: object,
        at: float,
        carriers: list[tuple[float, Callable[[], Body]]],
        *,
        copies: bool = True,
    ) -> None:
        """Tell one fact by its carriers, each once or in more than one dialect."""
        self.story.expected.append((kind, device, what))
        for delay, body in carriers:
            for copy in range(self.random.choice((1, 1, 2)) if copies else 1):
                later = self.random.uniform(0, SPREAD / 2) if copy else 0.0
                self._send({"devId": device, **body()}, at + delay + later)

    def _send(self, body: Body, at: float) -> None:
        """Send over queue, webhook or both, at times again: the cloud redelivers for two hours."""
        self._number += 1
        if self.random.random() < 0.6:
            body.get("bizData", body)["dataId"] = f"{self.name}data{self._number}"
        queue_id = f"{self.name}queue{self._number}"
        ways = self.random.choice(((queue_id,), (queue_id,), (None,), (queue_id, None)))
        fact = len(self.story.expected) - 1
        # What is shuffled more than presses are apart, no rule can sort out.
        window = self.random.choice((0.2, 0.2, 12.0 if self.apart >= _CALM else 3.0))
        for way in ways:
            # Each transport stamps the message itself.
            stamped = at + (self.random.uniform(0, SPREAD / 2) if way is None else 0.0)
            arrives = stamped + self.random.uniform(0, window)
            said = Said(fact=fact, body=body, at=stamped, arrives=arrives, queue_id=way)
            self.story.said.append(said)
            if self.random.random() < 0.15:
                again = arrives + self.random.choice((0.0, 3.0, 90.0, 7000.0))
                self.story.said.append(replace(said, arrives=again))

    def _restart(self) -> None:
        down = self.begins
        for _ in range(self.random.choice((0, 1, 2))):
            down += self.random.uniform(1, 200)
            up = down + self.random.choice((1.0, 30.0, 120.0, 1800.0))
            self.story.restarts.append((down, up))
            down = up

    def _delivered(self) -> Iterator[Said]:
        """Hold back what arrives while we are down: it comes then in any order, or in its own."""
        shuffled = self.apart >= _CALM and self.random.random() < 0.5
        for said in self.story.said:
            arrives = said.arrives
            for down, up in self.story.restarts:
                if down <= arrives < up:
                    late = self.random.uniform(0, 2) if shuffled else (arrives - down) / 1000
                    arrives = up + late
            yield replace(said, arrives=arrives)

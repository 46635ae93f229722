"""A home that lives through stories: what the carriers bring, what Home Assistant shows of it.

Messages come by the simulator's own queue and by signed posts to the webhook, while polls run,
connections break and Home Assistant goes down and comes up again.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.tuyalink_intercom.const import DOMAIN, EVENT_HISTORY
from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    Outcome,
    Passed,
    Rang,
)
from custom_components.tuyalink_intercom.model.context import LIVE
from custom_components.tuyalink_intercom.model.state import Alarm, Method
from custom_components.tuyalink_intercom.records.history import PATIENCE
from tests.model.once_facts import (
    BELL,
    CHIME,
    INTERCOM,
    KEYPAD,
    LOCK,
    TERMINAL,
    Body,
    Said,
    Seen,
    Story,
)
from tests.simulator import TuyaSimulator, load, wire
from tests.simulator.dressing import Outgoing
from tests.simulator.pulsar import Stored
from tests.simulator.server import DEVICES

FIXTURES = Path(__file__).parent / "fixtures" / "devices"
NAMES = (INTERCOM, BELL, LOCK, CHIME, KEYPAD)
MODES = ("aes_ecb", "aes_gcm", None)
STALE = 290.0
"""A signature is taken for 300 s: a sender who tries again later signs anew."""
EDGE = 1.0
"""Whether a message that is a minute old to the second is news, is not the question here."""
BACK = 3.0
"""After a loss the queue is connected again within this time (s)."""
LASTING = ("queue", "notices")
"""Tasks that go on for as long as the entry is loaded."""
TURNS = 500
"""Enough for any call; a task that takes longer waits for time to pass."""

type Client = TestClient[Any, Any]


def cloud_of_all_worlds() -> TuyaSimulator:
    """Return a cloud with the devices that stories are about."""
    return TuyaSimulator(devices=load([*(FIXTURES / f"{name}.json" for name in NAMES), DEVICES[0]]))


class Home:
    """One Home Assistant, and what it was told and what it showed in the story at hand."""

    def __init__(
        self,
        hass: HomeAssistant,
        cloud: TuyaSimulator,
        entry: MockConfigEntry,
        client: Client,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        self.hass, self.cloud, self.entry = hass, cloud, entry
        self.did: Counter[str] = Counter()
        self.events: Counter[Seen] = Counter()
        self.history: Counter[Seen] = Counter()
        self._client, self._freezer = client, freezer
        self._ids = dict(zip((*NAMES, TERMINAL), cloud.devices, strict=True))
        self._names = {key: name for name, key in self._ids.items()}
        self._queue = cloud.broker.subscription("event", f"{cloud.access_id}-sub")
        self._called = {cloud.devices[key].name: name for name, key in self._ids.items()}
        self._fresh: dict[int, bool] = {}
        self._random = Random()  # noqa: S311 - replaced by that of a story's seed
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._changed)
        hass.bus.async_listen(EVENT_HISTORY, self._told_late)

    async def lives_through(self, story: Story, random: Random) -> None:
        """Let a story happen; `random` decides by which of the ways open to it."""
        self._random = random
        self.events.clear()
        self.history.clear()
        self._fresh.clear()
        restarts = [*story.restarts]
        for number, said in enumerate(story.said):
            while restarts and said.arrives >= restarts[0][1]:
                await self._restart(*restarts.pop(0), story.said[number:])
            await self._time_is(said.arrives)
            await self._hear(said)
        await self._all_taken()
        for _ in range(2):
            # What came late is told once everything has come.
            await self._time_is(self.cloud.now() + PATIENCE + EDGE)

    def expected(self, story: Story) -> tuple[Counter[Seen], Counter[Seen]]:
        """Return what is news, and what is history, by when its first message came."""
        news = Counter(story.expected[fact] for fact, live in self._fresh.items() if live)
        return news, Counter(story.expected) - news

    async def _time_is(self, at: float) -> None:
        """Let time jump, not back, and what was due happen."""
        await self._calls_ended()
        self._freezer.move_to(datetime.fromtimestamp(max(at, self.cloud.now()), UTC))
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done()

    async def _calls_ended(self) -> None:
        """Let calls to the cloud end before time jumps: they would be over time."""
        for _ in range(TURNS):
            names = {task.get_name() for task in asyncio.all_tasks()}
            if not any(name.startswith(DOMAIN) and not name.endswith(LASTING) for name in names):
                return
            await asyncio.sleep(0)

    async def _restart(self, down: float, up: float, to_come: Iterable[Said]) -> None:
        """Go down and come up again; meanwhile the queue keeps what it is told."""
        await self._time_is(down)
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.cloud.disconnected()
        await self._time_is(up)
        held = [said for said in to_come if said.queue_id and said.at <= up < said.arrives + EDGE]
        waiting = [said for said in held if said.arrives <= up + 2]
        await self._off_the_edge(waiting)
        for said in waiting:
            self._told(said)
            self._put(said)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self._all_taken()
        self.did["restarts"] += 1
        self.did["in the backlog"] += len(waiting)

    async def _hear(self, said: Said) -> None:
        """Deliver one message, at times while a poll runs or the connection breaks."""
        await self._off_the_edge([said])
        self._told(said)
        poll = None
        if self._random.random() < 0.1:
            poll = self.hass.async_create_task(self.entry.runtime_data.coordinator.async_refresh())
            self.did["polls"] += 1
        if said.queue_id is None:
            await self._post(said)
        else:
            await self._push(said)
        if poll is not None:
            await poll

    async def _push(self, said: Said) -> None:
        breaks = self._random.random() < 0.05 and self.cloud.now() < said.at + 30
        began = self.cloud.now()
        self._put(said)
        if breaks:
            # The message may have been taken before, or with the line be lost and come again.
            for _ in range(self._random.randrange(8)):
                await asyncio.sleep(0)
            self.cloud.drop_consumers()
            self.did["losses"] += 1
        await self._all_taken()
        if breaks:
            await self._time_is(began + BACK)

    def _put(self, said: Said) -> None:
        """Put a message on the queue; one that comes again has the id that it had."""
        body, at = self._body(said), said.at
        mode = self._random.choice(MODES)
        out = Outgoing(body=body, protocol=4, em=mode, t=int(at * 1000))
        stored = Stored(
            id=said.queue_id or "",
            key=body["devId"],
            payload=out.payload(self.cloud.access_secret),
            properties=None if mode is None else {"em": mode},
            publish_time=at,
            at=self.cloud.now(),
        )
        self._queue.put(stored, held=False)
        if self._random.random() < 0.05:
            self._queue.repeat(stored.id)
        self.did["by the queue"] += 1

    async def _post(self, said: Said) -> None:
        """Post a message as a sender does who repeats what he has no answer to."""
        at, now = said.at, self.cloud.now()
        body = self._body(said)
        out = Outgoing(body=body, protocol=4, em=self._random.choice(MODES[:2]), t=int(at * 1000))
        plain = now - at < STALE and self._random.random() < 0.5
        stamp = str(int((at if plain else now) * 1000))
        text = wire.compact(body if plain else out.envelope(self.cloud.access_secret))
        sign = wire.webhook_sign(self.cloud.access_id, stamp, text, self.cloud.access_secret)
        headers = {"client-id": self.cloud.access_id, "timestamp": stamp, "sign": sign}
        path = f"/api/webhook/{self.entry.data['webhook_id']}"
        for _ in range(self._random.choice((1, 1, 1, 2))):
            answer = await self._client.post(path, data=text.encode(), headers=headers)
            assert answer.status == 200
        self.did["by the webhook"] += 1

    def _body(self, said: Said) -> Body:
        """Return what is said, of the simulated device."""
        body = {**said.body, "devId": self._ids[said.body["devId"]]}
        values = {
            item["code"]: item.get("value")
            for item in (*body.get("status", ()), *body.get("bizData", {}).get("properties", ()))
        }
        # What polls read from now on.
        self.cloud.devices[body["devId"]].store(values, int((said.at) * 1000))
        return body

    def _told(self, said: Said) -> None:
        age = self.cloud.now() - said.at
        self._fresh.setdefault(said.fact, age <= LIVE)

    async def _off_the_edge(self, waiting: Iterable[Said]) -> None:
        ages = [said.at + LIVE for said in waiting]
        while any(abs(self.cloud.now() - end) < EDGE for end in ages):
            await self._time_is(self.cloud.now() + EDGE)

    async def _all_taken(self) -> None:
        """Wait until nothing on the queue is unacknowledged; lost connections come back by time."""
        while len(self._queue) or not self._queue.consumers:
            if not self._queue.consumers:
                self._freezer.tick(0.02)
                async_fire_time_changed(self.hass)
            await asyncio.sleep(0)

    @callback
    def _told_late(self, event: Event[dict[str, Any]]) -> None:
        told = {**event.data, "event_type": event.data["type"]}
        if seen := _seen(told["key"], self._called[told["name"]], told):
            self.history[seen] += 1

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        """Count what automations hear of: no states that only come back from `unavailable`."""
        new, old = event.data["new_state"], event.data["old_state"]
        if new is None or old is None or STATE_UNAVAILABLE in {new.state, old.state}:
            return
        entity = er.async_get(self.hass).async_get(new.entity_id)
        if new.domain == "event" and entity is not None:
            device, _, key = entity.unique_id.partition("_")
            if seen := _seen(key, self._names[device], new.attributes):
                self.events[seen] += 1


def _seen(key: str, device: str, told: Mapping[str, Any]) -> Seen | None:
    """Read back from an event entity what it told of."""
    if (kind := told.get("event_type")) is None:
        return None
    match key:
        case "doorbell" if kind == "ring":
            return Rang, device, told.get("channel")
        case "access":
            # Whose slot of a lock it is, stories do not tell.
            person = told.get("person") if device == TERMINAL else None
            return Passed, device, (Outcome(kind), Method(told["method"]), told.get("slot"), person)
        case "alarm":
            return AlarmRaised, device, Alarm(kind)
    return None

"""The message queue behind the sockets: topics, partitions, subscriptions and the ack ledger.

Messages stay until they are acknowledged or two hours old.  It owns no timer: expiry is looked
at when something happens, redelivery comes by control call or when a consumer leaves.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any
import zlib

from .wire import message_id

PARTITIONS = {"event": 11, "event-test": 1, "notice": 1}
EVENTS, NOTICE = frozenset({"event", "event-test"}), frozenset({"notice"})
KEEP_S = 2 * 3600.0
WINDOW = 1000
BACKLOG = 20_000
SHARED = frozenset({"Shared", "Key_Shared"})
TYPES = SHARED | {"Exclusive", "Failover"}
LEDGER = 12345


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message on a topic; it is kept by ``at``: ``publish_time``, but never in the future."""

    id: str
    key: str
    payload: str
    properties: dict[str, str] | None
    publish_time: float
    at: float


@dataclass(slots=True, eq=False)
class Consumer:
    """One connected socket; ``send`` takes a frame, ``close`` drops the connection."""

    name: str
    kind: str
    send: Callable[[dict[str, Any]], None]
    close: Callable[[], None]
    unacked: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Entry:
    stored: Stored
    held: bool = False
    deliveries: int = 0
    holder: Consumer | None = None


class Subscription:
    """What one subscription of one topic has not acknowledged, and who reads it."""

    def __init__(self, topic: str, now: Callable[[], float]) -> None:
        self.partitions = PARTITIONS[topic]
        self.consumers: list[Consumer] = []
        self._now = now
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._waiting: OrderedDict[str, _Entry] = OrderedDict()
        self._turn = 0

    def __len__(self) -> int:
        """Return how many messages are not acknowledged."""
        self._expire()
        return len(self._entries)

    def accepts(self, kind: str) -> bool:
        """Tell whether a consumer of this type may join those that are there."""
        kinds = {consumer.kind for consumer in self.consumers}
        return not kinds or (kinds == {kind} and kind != "Exclusive")

    def join(self, consumer: Consumer) -> None:
        """Add a consumer; partitions are dealt again and take their messages along."""
        self.expire()
        self.consumers.append(consumer)
        self.consumers.sort(key=lambda one: one.name)
        self._deal()

    def leave(self, consumer: Consumer) -> None:
        """Remove a consumer and hand what it had not acknowledged to the others."""
        if consumer in self.consumers:
            self.consumers.remove(consumer)
            self._deal()

    def put(self, stored: Stored, *, held: bool) -> None:
        """Keep a message and deliver it if somebody reads its partition."""
        self._expire()
        entry = _Entry(stored, held=held)
        self._entries[stored.id] = self._waiting[stored.id] = entry
        while len(self._entries) > BACKLOG:
            self._drop(next(iter(self._entries)))
        self._deliver(entry)
        if not held:
            self.let_go()

    def let_go(self) -> None:
        """Deliver what was held back, the newest first."""
        for entry in [entry for entry in reversed(self._waiting.values()) if entry.held]:
            entry.held = False
            self._deliver(entry)

    def ack(self, identity: str) -> bool:
        """Forget a message; an unknown id is ignored, as Pulsar does."""
        known = self._drop(identity)
        self._dispatch()
        return known

    def redeliver(self, *, newest_first: bool = False) -> int:
        """Send everything delivered but not acknowledged again; returns how many."""
        again = [entry for entry in self._entries.values() if entry.holder is not None]
        for entry in again:
            self._release(entry)
        for entry in reversed(again) if newest_first else again:
            self._deliver(entry)
        return len(again)

    def repeat(self, identity: str) -> None:
        """Deliver one message once more at once, as a late acknowledgement makes Pulsar do."""
        entry = self._entries.get(identity)
        if entry is not None and entry.holder is not None:
            self._release(entry)
            self._deliver(entry)

    def expire(self) -> int:
        """Forget what is older than two hours, also out of order; returns how many."""
        limit = self._now() - KEEP_S
        old = [key for key, entry in self._entries.items() if entry.stored.at < limit]
        for identity in old:
            self._drop(identity)
        return len(old)

    def _deal(self) -> None:
        for entry in self._entries.values():
            if not self._stays(entry):
                self._release(entry)
        self._dispatch()

    def _stays(self, entry: _Entry) -> bool:
        if self.consumers and self.consumers[0].kind == "Shared":
            return entry.holder in self.consumers
        return entry.holder is not None and entry.holder is self._owner(entry.stored)

    def _owner(self, stored: Stored) -> Consumer | None:
        if not self.consumers:
            return None
        kind, count = self.consumers[0].kind, len(self.consumers)
        if kind == "Key_Shared":
            return self.consumers[zlib.crc32(stored.key.encode()) % count]
        if kind == "Shared":
            self._turn += 1
            return self.consumers[self._turn % count]
        return self.consumers[zlib.crc32(stored.key.encode()) % self.partitions % count]

    def _dispatch(self) -> None:
        self._expire()
        room = WINDOW - len(self.consumers[0].unacked) if len(self.consumers) == 1 else None
        for entry in list(islice(self._waiting.values(), room)):
            self._deliver(entry)

    def _deliver(self, entry: _Entry) -> None:
        owner = self._owner(entry.stored)
        if entry.held or owner is None or len(owner.unacked) >= WINDOW:
            return
        self._waiting.pop(entry.stored.id, None)
        entry.holder = owner
        owner.unacked.add(entry.stored.id)
        owner.send(_frame(entry.stored, entry.deliveries))
        entry.deliveries += 1

    def _release(self, entry: _Entry) -> None:
        if entry.holder is not None:
            entry.holder.unacked.discard(entry.stored.id)
        entry.holder = None
        self._waiting[entry.stored.id] = entry

    def _drop(self, identity: str) -> bool:
        entry = self._entries.pop(identity, None)
        if entry is None:
            return False
        self._release(entry)
        del self._waiting[identity]
        return True

    def _expire(self) -> None:
        limit = self._now() - KEEP_S
        while self._entries:
            oldest = next(iter(self._entries.values())).stored
            if oldest.at >= limit:
                return
            self._drop(oldest.id)


class Broker:
    """All topics.  The subscriptions ``sub`` exist from the start, others when asked."""

    def __init__(self, access_id: str, now: Callable[[], float]) -> None:
        self.access_id = access_id
        self.topics = set(PARTITIONS)
        self._now = now
        self._entry = 0
        self._subscriptions: dict[tuple[str, str], Subscription] = {}
        for topic in ("event", "notice"):
            self.subscription(topic, f"{access_id}-sub")

    def subscription(self, topic: str, name: str) -> Subscription:
        """Return a subscription, created at first use as Pulsar does."""
        key = (topic, name)
        if key not in self._subscriptions:
            self._subscriptions[key] = Subscription(topic, self._now)
        return self._subscriptions[key]

    def put(
        self,
        device_id: str,
        payload: str,
        em: str | None,
        publish_time: float,
        *,
        held: bool = False,
        topics: Collection[str] = EVENTS,
    ) -> str:
        """Store one message in every subscription of these topics; returns its id.

        ``em`` None leaves the properties away; ``held`` delivers it after the next one.
        """
        self._entry += 1
        partition = zlib.crc32(device_id.encode()) % PARTITIONS["event"]
        stored = Stored(
            id=message_id(LEDGER, self._entry, partition),
            key=device_id,
            payload=payload,
            properties=None if em is None else {"em": em, "tid": f"{self._entry:032x}"},
            publish_time=publish_time,
            at=min(publish_time, self._now()),
        )
        for (topic, _), subscription in self._subscriptions.items():
            if topic in topics:
                subscription.put(stored, held=held)
        return stored.id

    def redeliver(self, *, newest_first: bool = False) -> int:
        """Send all unacknowledged messages of all subscriptions again."""
        every = self._subscriptions.values()
        return sum(one.redeliver(newest_first=newest_first) for one in every)

    def expire(self) -> int:
        """Forget what all subscriptions have kept for two hours."""
        return sum(one.expire() for one in self._subscriptions.values())

    def let_go(self) -> None:
        """Deliver what a fault holds back."""
        for subscription in self._subscriptions.values():
            subscription.let_go()

    def repeat(self, identity: str) -> None:
        """Deliver one message twice."""
        for subscription in self._subscriptions.values():
            subscription.repeat(identity)

    def consumers(self, topics: Collection[str] | None = EVENTS) -> list[Consumer]:
        """Return the connected consumers of these topics, `None` = of all."""
        return [
            consumer
            for (topic, _), subscription in self._subscriptions.items()
            if topics is None or topic in topics
            for consumer in subscription.consumers
        ]

    def unacked(self) -> int:
        """Return the events that the default subscription and those being read still hold."""
        return sum(len(one) for one in self._watched())

    def _watched(self) -> Iterator[Subscription]:
        default = ("event", f"{self.access_id}-sub")
        for key, subscription in self._subscriptions.items():
            if key == default or (key[0] in EVENTS and subscription.consumers):
                yield subscription


def _frame(stored: Stored, deliveries: int) -> dict[str, Any]:
    frame: dict[str, Any] = {"messageId": stored.id, "payload": stored.payload}
    if stored.properties is not None:
        frame["properties"] = stored.properties
    frame["publishTime"] = iso_time(stored.publish_time)
    frame["redeliveryCount"] = deliveries
    frame["key"] = stored.key
    return frame


def iso_time(seconds: float) -> str:
    """Return a time as Pulsar writes it: milliseconds and offset."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

"""The state behind every door of the simulated cloud, and how its messages leave."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
import secrets
from typing import Any

from . import messages
from .albums import Albums
from .codes import Codes
from .devices import SimDevice, SimDoor
from .dressing import Outgoing, dress, poison_payloads
from .face_fetch import FaceFetcher
from .facts import Facts
from .faults import Faults
from .files import DeviceFile
from .issued import Issued
from .people import People
from .persons import Persons
from .pulsar import KEEP_S, NOTICE, Broker
from .records import Records
from .sealing import Sealing
from .southbound import Southbound
from .storage import Storage
from .tokens import Tokens
from .video import Video
from .waiting import Waiting, trim
from .webhook import Webhook

MODES = ("aes_ecb", "aes_gcm", "mixed")
AUTO = "auto"
# The lock service takes the whole secret as an AES-256 key.
# Messages are encrypted with the characters 8 to 24; Tuya's own secrets have 32.
SHORTEST_SECRET = 24
DIALECTS = ("legacy",)
# Stands for every bizCode; reports carry none and go by the name that rules give them.
ALL_CODES = frozenset({"*"})
REPORTS = "statusReport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What one scenario or report put on the queue; ``sent_at`` in Unix seconds."""

    event_id: str
    sent_at: float
    message_ids: tuple[str, ...]


class Cloud(Waiting):
    """Devices, queue, tokens, storage and faults of one simulated project."""

    def __init__(
        self,
        *,
        access_id: str,
        access_secret: str,
        devices: Iterable[DeviceFile],
        encryption: str,
        now: Callable[[], float],
    ) -> None:
        if encryption not in MODES:
            raise ValueError(f"encryption is one of {', '.join(MODES)}")
        if len(access_secret) < SHORTEST_SECRET:
            raise ValueError(f"the access secret has at least {SHORTEST_SECRET} characters")
        super().__init__()
        self.access_id = access_id
        self.access_secret = access_secret
        self.encryption = encryption
        self.clock_shift = 0.0
        self.clock_tolerance = 300.0
        self.old_proxy = True
        self.holding = 0
        self.rules: Callable[[str, Mapping[str, Any]], bool] = lambda _device, _body: True
        self.muted: frozenset[str] = frozenset()
        self.templates: frozenset[str] = frozenset()
        self._clock = now
        self._count = 0
        made_ms = int((now() - 86_400) * 1000)
        self.devices = {file.device_id: SimDevice(file, made_ms) for file in devices}
        self.broker = Broker(access_id, self.now)
        self.issued = Issued()
        self.issued.note(access_secret)
        self.tokens = Tokens(self.now, self.issued)
        self.facts = Facts(self.tokens, access_secret)
        self.faults = Faults()
        self.storage = Storage(self.issued)
        self.video = Video(self.now, self.issued)
        self.sealing = Sealing()
        self.albums = Albums(self.storage)
        self.records = Records(self.now, self.issued)
        self.people = People()
        self.persons = Persons()
        self.faces = FaceFetcher()
        self.codes = Codes(self.now, self.issued)
        self.southbound = Southbound()
        self.webhook = Webhook(access_id, access_secret, self.now)
        self.calls: Counter[str] = Counter()
        self.pictures: OrderedDict[str, bytes] = OrderedDict()

    def now(self) -> float:
        """Return the cloud's clock in Unix seconds."""
        return self._clock() + self.clock_shift

    def now_ms(self) -> int:
        """Return the cloud's clock in milliseconds."""
        return int(self.now() * 1000)

    def is_past(self, at: float) -> bool:
        """Tell whether something is told late: then newer values stay."""
        return at < self.now() - 1

    def door(self, device_id: str, number: int = 1) -> SimDoor:
        """Return one door; raises KeyError."""
        return self.devices[device_id].doors[number]

    def publish(
        self,
        device_id: str,
        body: Mapping[str, Any],
        *,
        protocol: int = 4,
        em: str | None = AUTO,
        publish_time: float | None = None,
        t: Any = AUTO,
        raw: str | None = None,
    ) -> str:
        """Put one raw message on the queue and return its messageId.

        ``em`` None sends ECB without the property; ``raw`` replaces the frame's payload
        verbatim; ``t`` is the envelope's time, else the publish time in milliseconds.
        "" if the project's messaging rules (``rules``) let nothing of it pass, and for what is
        so old that the queue has forgotten it.
        """
        at = self.now() if publish_time is None else publish_time
        if not self._passes(device_id, body) or at < self.now() - KEEP_S:
            return ""
        out = Outgoing(
            body=dict(body),
            protocol=protocol,
            em=self._mode() if em == AUTO else em,
            t=int(at * 1000) if t == AUTO else t,
        )
        dress(out, self.faults)
        payload = raw if raw is not None else out.payload(self.access_secret)
        held = self.faults.take("reorder") is not None
        shown = None if out.bare else out.em
        identity = self.broker.put(device_id, payload, shown, at, held=held)
        if self.faults.take("duplicate"):
            self.broker.repeat(identity)
        self.webhook.offer(out)
        return identity

    def report(
        self,
        device_id: str,
        values: Mapping[str, Any],
        *,
        time: float | None = None,
        dialects: Iterable[str] = DIALECTS,
        em: str | None = AUTO,
        publish_time: float | None = None,
    ) -> Sent:
        """Report values as the device would, in one message per dialect.

        ``time`` is the device's own time in Unix seconds, else the cloud's.
        """
        device = self.devices[device_id]
        at_ms = int((self.now() if time is None else time) * 1000)
        received = self.now() if publish_time is None else publish_time
        device.store(values, at_ms, int(received * 1000), late=self.is_past(received))
        report_id = messages.data_id()
        ids = []
        for dialect in dialects:
            core = dialect == "core"
            make = messages.property_message if core else messages.status_report
            protocol = messages.CORE_DATA if core else messages.LEGACY_DATA
            body = make(device, values, at_ms, report_id)
            sent = self.publish(
                device_id, body, protocol=protocol, em=em, publish_time=publish_time
            )
            ids.append(sent)
        return self.remember(report_id, ids)

    def remember(self, event_id: str, message_ids: Iterable[str]) -> Sent:
        """Note which messages belong to one event."""
        passed = tuple(one for one in message_ids if one)
        sent = Sent(event_id=event_id, sent_at=self.now(), message_ids=passed)
        self._sent[event_id] = (*self._sent.get(event_id, ()), *sent.message_ids)
        trim(self._sent)
        return sent

    def keep_picture(self, event_id: str, jpeg: bytes) -> None:
        """Keep the picture that belongs to an event, for whoever checks it later."""
        self.pictures[event_id] = jpeg
        while len(self.pictures) > 500:
            self.pictures.popitem(last=False)

    def poison(self, name: str, count: int) -> tuple[str, ...]:
        """Put undecodable messages on the queue at once."""
        device_id = next(iter(self.devices), "")
        made = poison_payloads(name, count, self.access_secret)
        return tuple(self.broker.put(device_id, payload, em, self.now()) for payload, em in made)

    def notice(self, backlog: int) -> str:
        """Warn of a backlog on the topic ``notice``; returns the messageId."""
        at, em = self.now(), self._mode()
        body = messages.backlog_notice(self.access_id, backlog, int(at * 1000))
        out = Outgoing(body=body, protocol=messages.NOTICE, em=em, t=int(at * 1000))
        return self.broker.put("", out.payload(self.access_secret), em, at, topics=NOTICE)

    def redeliver(self, *, newest_first: bool = False) -> int:
        """Send all unacknowledged messages again; returns how many."""
        return self.broker.redeliver(newest_first=newest_first)

    def drop_consumers(self) -> None:
        """Cut every consumer's connection without a closing frame."""
        for consumer in self.broker.consumers(None):
            consumer.close()

    def expire(self) -> int:
        """Let the queue forget what is older than two hours; returns how many messages."""
        return self.broker.expire()

    def expire_tokens(self) -> None:
        """Make every issued token invalid."""
        self.tokens.expire()

    def _passes(self, device_id: str, body: Mapping[str, Any]) -> bool:
        if self.muted & {*ALL_CODES, body.get("bizCode", REPORTS)}:
            return False
        return self.rules(device_id, body)

    def _mode(self) -> str:
        if self.encryption != "mixed":
            return self.encryption
        self._count += 1
        return "aes_gcm" if self._count % 2 else "aes_ecb"


def new_event_id() -> str:
    """Return an id for an event that has none of its own."""
    return secrets.token_hex(8)

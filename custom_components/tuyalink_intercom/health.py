"""Push health: gathers the signs, says how far push can be trusted, raises and closes repairs.

The judgement itself is pure (`model.health`). One timer, for the next time at which it may
change though nothing happens.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
import statistics
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.issue_registry import IssueSeverity

from .api import Message, QueueState
from .arrivals import Arrival, Source
from .const import (
    CONF_ACCESS_ID,
    CONF_SUFFIX,
    CONF_WEBHOOK,
    DEFAULT_SUFFIX,
    DELIVERY_PRODUCTION,
    TOPICS,
)
from .coordinator import TuyaLinkCoordinator
from .issues import async_close, async_close_hint, async_raise
from .model.changes import Rang
from .model.health import Assessment, Finding, Kind, Rung, Way, assess, may_notify
from .model.signs import Line, Notice, Poll, Signs, notice_in
from .push import PushDelivery

_AT_LEAST = 1.0
_NAMED = 5
"""Devices that a repair names; the others are a number."""
_CONSOLE = "setting-up-tuyas-console"
_TROUBLE = "troubleshooting"

_PROJECT = frozenset({"project"})
_DEVICES = frozenset({"project", "devices"})
ISSUES: Mapping[str, frozenset[str]] = {
    **{kind.value: _PROJECT for kind in Kind},
    Kind.SHARED.value: _DEVICES,
    Kind.LACKS_NOTIFY.value: _DEVICES,
    Kind.BACKLOG.value: frozenset({"project", "waiting", "suffix"}),
}
"""Every repair that may be raised here, and what its words name."""
_HINTS = frozenset({Kind.BACKLOG, Kind.LACKS_NOTIFY, Kind.SHARED})
"""Messages arrive, if not all or not at their best."""


class PushHealth:
    """Watches over push while the entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        push: PushDelivery,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._push = push
        self._job = HassJob(self._due, "tuyalink_intercom health", cancel_on_shutdown=True)
        self._cancel: CALLBACK_TYPE | None = None
        self._until: float | None = None
        self._listeners: list[Callable[[], None]] = []
        self.last_message: datetime | None = None
        """When the last message came, by Home Assistant's clock."""
        self.signs = Signs(
            webhook=entry.options.get(CONF_WEBHOOK, False),
            production=push.topic == TOPICS[DELIVERY_PRODUCTION],
        )
        self.assessment = Assessment(rung=Rung.DOWN, way=Way.POLLING)

    @property
    def delay(self) -> float | None:
        """Seconds that a message takes from Tuya's cloud to here: the median of the last ones."""
        delays = self.signs.delays
        return round(statistics.median(delays), 1) if delays else None

    @callback
    def start(self) -> None:
        """Watch until the entry is unloaded; what was found is forgotten then."""
        unload = self._entry.async_on_unload
        unload(self._coordinator.watch(self._arrived))
        unload(self._coordinator.watch_polls(self._polled))
        unload(self._push.watch(self._moved, self._noticed))
        unload(self._stop)
        if self._push.topic is not None:
            self.signs.moved(Line.CONNECTING, self._now())
        self._judge()

    @callback
    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Tell of every message and every new judgement; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def as_told(self) -> dict[str, Any]:
        """Return the judgement and what it rests on, for diagnostics."""
        told = asdict(self.signs)
        told["delays"] = [round(delay, 1) for delay in self.signs.delays]
        told["presses"] = {key: len(found) for key, found in self.signs.presses.items()}
        judged = asdict(self.assessment)
        return {"signs": told, "judged": judged, "now": self._now()}

    def _now(self) -> float:
        return self._coordinator.cloud.now()

    @callback
    def _moved(self, state: QueueState) -> None:
        self.signs.moved(Line(state.value), self._now())
        self._judge()

    @callback
    def _noticed(self, message: Message) -> None:
        if (notice := notice_in(message)) is not None:
            self._warned(notice)

    def _warned(self, notice: Notice) -> None:
        self.signs.noticed(notice, self._now())
        self._judge()

    @callback
    def _polled(self, poll: Poll) -> None:
        self.signs.polled(poll)
        self._judge()

    @callback
    def _arrived(self, arrival: Arrival) -> None:
        if (notice := notice_in(arrival.message)) is not None:
            self._warned(notice)
        elif arrival.source is not Source.TEST:
            self._heard(arrival)

    def _heard(self, arrival: Arrival) -> None:
        signs, message, now = self.signs, arrival.message, arrival.time
        webhook = arrival.source is Source.WEBHOOK
        settled = self.assessment.rung is Rung.FRESH and not self.assessment.findings
        known = self._coordinator.device(message.device_id)
        signs.heard(message, now, webhook=webhook, known=known is not None)
        if arrival.fresh:
            signs.took(message, now)
        self.last_message = datetime.fromtimestamp(now - self._coordinator.cloud.clock_offset, UTC)
        rings = [change for change in arrival.changes if isinstance(change, Rang) and change.live]
        if known is not None and may_notify(known) and not webhook:
            for ring in rings:
                signs.pressed(known.id, (ring.event_id, ring.presses))
        if rings or not settled:
            self._judge()
        else:
            # A burst of messages is taken in without judging each: all is well and stays so.
            self._tell()

    @callback
    def _due(self, _now: datetime) -> None:
        self._cancel = self._until = None
        self._judge()

    @callback
    def _judge(self) -> None:
        coordinator = self._coordinator
        self.signs.keys_accepted = coordinator.last_update_success and coordinator.reachable
        before = self.assessment
        self.assessment = judged = assess(self.signs, coordinator.data, self._now())
        if judged.findings != before.findings:
            self._show(before.findings, judged.findings)
        if judged.rung is not coordinator.rung:
            coordinator.pushing(judged.rung)
        self._wind()
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _wind(self) -> None:
        until = self.assessment.until
        if until == self._until:
            return
        self._unwind()
        if until is not None:
            self._until = until
            seconds = max(until - self._now(), _AT_LEAST)
            self._cancel = async_call_later(self._hass, seconds, self._job)

    def _unwind(self) -> None:
        if self._cancel is not None:
            self._cancel()
        self._cancel = self._until = None

    @callback
    def _stop(self) -> None:
        self._unwind()
        self._show(self.assessment.findings, ())

    def _show(self, before: tuple[Finding, ...], after: tuple[Finding, ...]) -> None:
        kept = {finding.kind for finding in after}
        for finding in before:
            if finding.kind not in kept:
                self._close(finding.kind)
        for finding in after:
            if finding not in before:
                self._raise(finding)

    def _close(self, kind: Kind) -> None:
        close = async_close_hint if kind is Kind.LACKS_NOTIFY else async_close
        close(self._hass, self._entry, kind)

    def _raise(self, finding: Finding) -> None:
        kind = finding.kind
        warning = kind in _HINTS
        told = {
            "devices": self._names(finding.devices),
            "waiting": str(finding.waiting),
            "suffix": self._suffix(finding.subscription),
        }
        async_raise(
            self._hass,
            self._entry,
            kind.value,
            told={name: told[name] for name in ISSUES[kind] - _PROJECT},
            chapter=_TROUBLE if warning else _CONSOLE,
            severity=IssueSeverity.WARNING if warning else IssueSeverity.ERROR,
        )

    def _names(self, devices: tuple[str, ...]) -> str:
        known = self._coordinator.data.devices
        names = sorted(known[key].name for key in devices if key in known)
        more = [f"+{len(names) - _NAMED}"] if len(names) > _NAMED else []
        return ", ".join([*names[:_NAMED], *more])

    def _suffix(self, subscription: str) -> str:
        """Return the end of a subscription's name, which begins with the Access ID."""
        prefix = f"{self._entry.data[CONF_ACCESS_ID]}-"
        if subscription.startswith(prefix):
            return subscription.removeprefix(prefix)
        suffix: str = self._entry.options.get(CONF_SUFFIX, DEFAULT_SUFFIX)
        return suffix

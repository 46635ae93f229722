"""The project's account with Tuya: calls and messages by month and device, over restarts.

Counts only; what the counts mean is `model.budget`, what is said of them `budget_repairs`.
Written at most once a minute, so a crash forgets a minute.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from ..api import Called
from ..arrivals import Arrival, Source
from ..const import DOMAIN
from ..model.budget import Billed, Course, course, day_of, month_of

DEVICES_KEPT: Final = 300
"""Devices counted one by one; what others send is "more"."""
MORE: Final = "more"
_MONTHS_KEPT: Final = 2
_EVERY: Final = 60.0
_VERSION: Final = 1


@dataclass(slots=True)
class Account:
    """One month: counts by day of the month, and by device where a device is named."""

    since: float
    """When counting began, in Unix seconds by the cloud's clock."""
    days: dict[Billed, Counter[int]] = field(
        default_factory=lambda: {billed: Counter() for billed in Billed}
    )
    devices: dict[Billed, Counter[str]] = field(
        default_factory=lambda: {billed: Counter() for billed in Billed}
    )
    webhook: int = 0
    """Messages that came by webhook, which Tuya does not bill."""

    def add(self, billed: Billed, device_id: str, now: float) -> None:
        """Count one."""
        self.days[billed][day_of(now)] += 1
        counted = self.devices[billed]
        if device_id not in counted and len(counted) >= DEVICES_KEPT:
            device_id = MORE
        if device_id:
            counted[device_id] += 1

    def total(self, billed: Billed) -> int:
        """Return how many there were."""
        return self.days[billed].total()

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "since": self.since,
            "days": {
                billed.value: {str(day): count for day, count in counted.items()}
                for billed, counted in self.days.items()
            },
            "devices": {billed.value: dict(counted) for billed, counted in self.devices.items()},
            "webhook": self.webhook,
        }


class Budget:
    """The account of one entry; `now` gives cloud time in Unix seconds."""

    def __init__(self, hass: HomeAssistant, entry_id: str, now: Callable[[], float]) -> None:
        self._hass = hass
        self._now = now
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.budget.{entry_id}", private=True, atomic_writes=True
        )
        self._job = HassJob(self._minute_over, "tuyalink_intercom budget", cancel_on_shutdown=True)
        self._cancel: CALLBACK_TYPE | None = None
        self._listeners: list[Callable[[], None]] = []
        self._accounts: dict[str, Account] = {}

    async def load(self) -> None:
        """Read what was stored."""
        stored = await self._store.async_load() or {}
        self._accounts = {key: _account(found) for key, found in stored.items()}

    @property
    def account(self) -> Account:
        """The account of this month."""
        now = self._now()
        key = month_of(now).key
        if key not in self._accounts:
            self._accounts[key] = Account(since=now)
            # The month itself is never the oldest: a clock may have been wrong, now or before.
            others = sorted(self._accounts.keys() - {key})
            for old in others[: 1 - _MONTHS_KEPT]:
                del self._accounts[old]
        return self._accounts[key]

    @property
    def month_start(self) -> float:
        """When this month began, in Unix seconds."""
        return month_of(self._now()).start

    @property
    def calls_this_month(self) -> int:
        """OpenAPI calls made: every try, sign-ins and repeats among them."""
        return self.account.total(Billed.CALLS)

    @property
    def messages_this_month(self) -> int:
        """Messages taken from the queue, those of devices that are left to others among them."""
        return self.account.total(Billed.MESSAGES)

    def course(self, billed: Billed) -> Course:
        """Return where a count stands and where it will end."""
        return course(self.account.days[billed], self.account.since, self._now())

    @property
    def calls(self) -> Course:
        """The course of calls."""
        return self.course(Billed.CALLS)

    @property
    def messages(self) -> Course:
        """The course of messages."""
        return self.course(Billed.MESSAGES)

    @property
    def watched(self) -> float:
        """Seconds of this month that were counted."""
        return self._now() - max(self.account.since, self.month_start)

    def noisiest(self, billed: Billed) -> tuple[str, float] | None:
        """Return the device that costs most, and its share of all."""
        named = [(key, n) for key, n in self.account.devices[billed].most_common(2) if key != MORE]
        if not named:
            return None
        device_id, count = named[0]
        return device_id, count / max(self.account.total(billed), 1)

    @callback
    def called(self, call: Called) -> None:
        """Count a call."""
        self.account.add(Billed.CALLS, call.device_id or "", self._now())
        self._touched()

    @callback
    def arrived(self, arrival: Arrival) -> None:
        """Count a message; repeats too, as Tuya sent them."""
        if arrival.source is Source.QUEUE:
            self.account.add(Billed.MESSAGES, arrival.message.device_id, self._now())
        elif arrival.source is Source.WEBHOOK:
            self.account.webhook += 1
        else:
            return
        self._touched()

    @callback
    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Tell when counts have changed, at most once a minute; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def device_ids(self) -> set[str]:
        """Every device that was counted, those long gone among them."""
        counted = [c for account in self._accounts.values() for c in account.devices.values()]
        return {key for counter in counted for key in counter if key != MORE}

    def as_told(self) -> dict[str, Any]:
        """Return the accounts, for diagnostics."""
        return self._as_stored() | {
            f"{billed}_forecast": self.course(billed).forecast for billed in Billed
        }

    async def close(self) -> None:
        """Write now: the entry is being unloaded."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        await self._store.async_save(self._as_stored())

    async def remove(self) -> None:
        """Delete what was stored."""
        await self._store.async_remove()

    def _touched(self) -> None:
        if self._cancel is None:
            self._cancel = async_call_later(self._hass, _EVERY, self._job)
            # Home Assistant's own end writes what waits here; the timer ends unheard.
            self._store.async_delay_save(self._as_stored, _EVERY)

    @callback
    def _minute_over(self, _now: datetime) -> None:
        self._cancel = None
        for listener in tuple(self._listeners):
            listener()

    def _as_stored(self) -> dict[str, Any]:
        return {key: account.as_stored() for key, account in self._accounts.items()}


def _account(stored: Mapping[str, Any]) -> Account:
    days, devices = stored["days"], stored["devices"]
    return Account(
        since=stored["since"],
        days={
            billed: Counter({int(day): n for day, n in days.get(billed, {}).items()})
            for billed in Billed
        },
        devices={billed: Counter(devices.get(billed, {})) for billed in Billed},
        webhook=stored["webhook"],
    )

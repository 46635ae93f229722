"""Listening while somebody presses the bell: what came, by which way, how late, or why not.

It reads along at the inbox of the loaded entry, changes nothing there, and ends by itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..arrivals import Arrival, Source
from ..const import CONF_DELIVERY, CONF_WEBHOOK, DELIVERY_TEST
from ..model.changes import Change, Opened, Passed, Rang, Remembered
from ..model.flats import concerns
from ..model.items import items, names_in
from ..model.state import Device, Meaning
from ..model.terminals import terminal_fact
from ..model.values import text
from ..model.verdict import Cause, Heard, WaysIn, verdict
from ..runtime import TuyaLinkConfigEntry

type Finish = Callable[[datetime | None], None]

LISTENS = 90.0
"""Time (s) to walk to the door and press, and for a battery bell to wake up."""
_HEARD_AT_MOST = 500
_SHOWN_AT_MOST = 12
_SEPARATOR = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """What came at last. `delay`: seconds from Tuya's cloud to here, None when not told."""

    device: str
    what: str
    carrier: str
    source: Source
    delay: float | None


class BellTest:
    """One wait for the bell."""

    def __init__(self, hass: HomeAssistant, entry: TuyaLinkConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = entry.runtime_data.coordinator
        self._heard: list[Heard] = []
        self.ringing: Ringing | None = None
        self._stopped = False

    async def listen(self) -> None:
        """Wait for the bell, for 90 seconds at most, or until the entry is unloaded."""
        done = self._hass.loop.create_future()

        @callback
        def finish(_now: datetime | None = None) -> None:
            if not done.done():
                done.set_result(None)

        with self._watching(finish):
            await done

    @property
    def interrupted(self) -> bool:
        """Whether the entry was unloaded meanwhile."""
        return self._stopped or self._entry.state is not ConfigEntryState.LOADED

    @property
    def cause(self) -> Cause:
        """Why no ring came."""
        options, push = self._entry.options, self._entry.runtime_data.push
        state = None if push.topic is None else push.state
        ways = WaysIn(
            queue=None if push.topic is None else str(state or ""),
            test=options.get(CONF_DELIVERY) == DELIVERY_TEST,
            webhook=options.get(CONF_WEBHOOK, False),
        )
        return verdict(ways, self._heard, self._candidates())

    @property
    def heard(self) -> dict[str, str]:
        """Return what the bells told instead: label by what `taught_from` takes."""
        candidates, found = self._candidates(), dict[str, str]()
        for one in self._heard:
            if one.device_id in candidates and one.live and not one.elsewhere:
                device = self._coordinator.device(one.device_id)
                for name in one.names if device else ():
                    label = f"{device.name if device else ''}: {name}"
                    found[f"{one.device_id}{_SEPARATOR}{name}"] = label
        return dict([*found.items()][:_SHOWN_AT_MOST])

    @contextmanager
    def _watching(self, finish: Finish) -> Iterator[None]:
        @callback
        def arrived(arrival: Arrival) -> None:
            if self._take(arrival):
                finish(None)

        @callback
        def moved() -> None:
            if self.interrupted:
                # A reload is over before anybody asks; what came since was not heard.
                self._stopped = True
                finish(None)

        ends = (
            self._coordinator.watch(arrived),
            self._entry.async_on_state_change(moved),
            async_call_later(self._hass, LISTENS, HassJob(finish)),
        )
        try:
            yield
        finally:
            for end in ends:
                end()

    def _take(self, arrival: Arrival) -> bool:
        """Note what came; tell whether it is what was waited for."""
        device = self._coordinator.device(arrival.message.device_id)
        if arrival.source is Source.TEST or self.ringing:
            return False
        told = arrival.message.time
        age = None if told is None else arrival.time - told
        ring = next((one for one in arrival.changes if self._is_awaited(one)), None)
        if ring is not None and device is not None:
            self.ringing = Ringing(
                device=device.name,
                what="ring" if isinstance(ring, Rang) else "opening",
                carrier=_carrier(arrival, ring) or ", ".join(_names(arrival, device)),
                source=arrival.source,
                delay=None if age is None else max(0.0, age),
            )
            return True
        if len(self._heard) < _HEARD_AT_MOST:
            self._heard.append(
                Heard(
                    device_id=arrival.message.device_id,
                    names=_names(arrival, device) if device else (),
                    age=age,
                    elsewhere=device is not None and _is_call_elsewhere(arrival, device),
                )
            )
        return False

    def _is_awaited(self, change: Change) -> bool:
        match change:
            case Rang(live=True):
                return True
            case Passed(live=True) | Opened(live=True):
                return not bells_of(self._coordinator.data.devices.values())
        return False

    def _candidates(self) -> frozenset[str]:
        """Return the ids of what may have been pressed: all devices if none is known to ring."""
        devices = self._coordinator.data.devices
        return frozenset(device.id for device in bells_of(devices.values()) or devices.values())


def bells_of(devices: Iterable[Device]) -> list[Device]:
    """Return the devices that are known to ring."""
    return [device for device in devices if device.features.rings]


def taught_from(choices: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Return what was said of keys of `BellTest.heard`: meaning by device id and name.

    `choices`: keys by meaning; of two meanings for one the first counts.
    """
    taught: dict[str, dict[str, str]] = {}
    for meaning in Meaning:
        for key in choices.get(meaning, ()):
            device_id, _, name = key.partition(_SEPARATOR)
            taught.setdefault(device_id, {}).setdefault(name, meaning.value)
    return taught


def _names(arrival: Arrival, device: Device) -> tuple[str, ...]:
    return names_in(arrival.message, device.codes)


def _carrier(arrival: Arrival, ring: Change) -> str:
    """Return the kind of message that told of a press, as it is remembered with it."""
    for change in arrival.changes:
        if isinstance(change, Remembered) and isinstance(ring, Rang):
            presses = [one for one in change.memory.presses if one.event_id == ring.event_id]
            if presses:
                return next(iter(presses[-1].kinds), "")
    return ""


def _is_call_elsewhere(arrival: Arrival, device: Device) -> bool:
    payload = arrival.message.payload
    facts = (terminal_fact(part) for part in (*items(payload), payload))
    addresses = (text(fact.get("target_address")) for fact in facts if fact)
    return any(address and not concerns(device.flats, address) for address in addresses)

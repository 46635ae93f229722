"""Who comes in with a code: names it at once, and notes what became of it.

A lock tells at most the number of a code, and only some lists tell whose that is. While of just
one code of ours the number is not known, whoever comes in with an unknown number is its guest,
unless others made codes for the lock as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import DOMAIN
from ..coordinator import TuyaLinkCoordinator
from ..model.changes import Change, Outcome, Passed
from ..model.guests import GuestsExpected, expected_as
from ..model.keys import Key, KeyKind, KeyState
from ..model.state import Method
from .ledger import KeyLedger

_METHODS: Final[Mapping[KeyKind, Method]] = {
    KeyKind.CODE: Method.TEMPORARY_PASSWORD,
    KeyKind.OFFLINE_CODE: Method.OFFLINE_PASSWORD,
}
_KINDS: Final = {method: kind for kind, method in _METHODS.items()}
_OPENS = frozenset({KeyState.ACTIVE, KeyState.PENDING})
_UNENDED = frozenset({*_OPENS, KeyState.FROZEN})
_LONGEST_WAIT = 24 * 3600.0


class Guests:
    """Names guests at the locks of one project while its entry is loaded."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        coordinator: TuyaLinkCoordinator,
        keys: KeyLedger,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._keys = keys
        self._known: frozenset[str] = frozenset()
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self._due, f"{DOMAIN} guests", cancel_on_shutdown=True)

    @callback
    def start(self) -> None:
        """Follow keys and passages until the entry is unloaded."""
        self._entry.async_on_unload(self._keys.listen(self._look))
        self._entry.async_on_unload(self._coordinator.subscribe(None, self._happened))
        self._entry.async_on_unload(self._coordinator.async_add_listener(self._updated))
        self._entry.async_on_unload(self._stop)
        self._look()

    @callback
    def _updated(self) -> None:
        """Look again when a lock joins the project: it may be one that was here before."""
        if self._known != self._coordinator.data.devices.keys():
            self._look()

    @callback
    def _happened(self, change: Change) -> None:
        match change:
            case Passed(outcome=Outcome.GRANTED | Outcome.DURESS, method=method):
                if method in _KINDS:
                    self._came(change, _KINDS[method])

    def _came(self, passed: Passed, kind: KeyKind) -> None:
        """Note which code was used, and that one for a single opening is used up."""
        # A lock's own clock may be minutes off; what is told live is of now.
        time = self._coordinator.cloud.now() if passed.live else passed.time
        live = [key for key in self._keys.all(passed.device_id, kind) if _opens(key, time)]
        shared = kind is KeyKind.CODE and self._keys.is_shared(passed.device_id)
        key = _used(live, passed, shared=shared)
        if key is not None:
            state = KeyState.USED if key.once else KeyState.ACTIVE
            self._keys.put(replace(key, state=state))

    @callback
    def _look(self) -> None:
        """End what is over, name who may come now, and wait for the next change of that."""
        now = self._coordinator.cloud.now()
        codes = [key for key in self._keys.all() if key.kind in _METHODS]
        over = [key for key in codes if key.state in _UNENDED and _ended(key, now)]
        if over:
            # Tells of it again, which looks again: then nothing is left to be ended.
            self._keys.put(*(replace(key, state=KeyState.EXPIRED) for key in over))
            return
        self._known = frozenset(self._coordinator.data.devices)
        for device in [*self._coordinator.data.devices.values()]:
            live = (key for key in codes if key.device_id == device.id and _opens(key, now))
            guests = dict(_expected([*live], shared=self._keys.is_shared(device.id)))
            if guests != device.guests:
                change = GuestsExpected(device_id=device.id, time=now, guests=guests)
                self._coordinator.take([change])
        self._wind(codes, now)

    def _wind(self, codes: list[Key], now: float) -> None:
        self._stop()
        moments = [
            moment
            for key in codes
            if key.state in _UNENDED
            for moment in (key.start, key.end)
            if moment is not None and moment > now
        ]
        if moments:
            delay = min(min(moments) - now, _LONGEST_WAIT)
            self._cancel = async_call_later(self._hass, delay, self._job)

    @callback
    def _due(self, _now: datetime) -> None:
        self._cancel = None
        self._look()

    @callback
    def _stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None


def _used(live: list[Key], passed: Passed, *, shared: bool) -> Key | None:
    """Return the code of ours that somebody came in with, with its number."""
    if passed.person is not None and all(passed.person != key.name for key in live):
        # Whose number it is was known.
        return None
    if passed.slot is None:
        return live[0] if len(live) == 1 and not shared else None
    for key in live:
        if key.slot == passed.slot:
            return key
    unnumbered = [key for key in live if key.slot is None]
    sure = len(unnumbered) == 1 and not shared
    return replace(unnumbered[0], slot=passed.slot) if sure else None


def _expected(live: list[Key], *, shared: bool) -> Iterator[tuple[str, str]]:
    for kind, method in _METHODS.items():
        codes = [key for key in live if key.kind is kind]
        for key in codes:
            if key.slot is not None:
                yield expected_as(method, key.slot), key.name
        unnumbered = [key for key in codes if key.slot is None]
        if codes and shared and kind is KeyKind.CODE:
            yield expected_as(method), ""
        elif len(unnumbered) == 1:
            yield expected_as(method), unnumbered[0].name


def _opens(key: Key, now: float) -> bool:
    return key.state in _OPENS and (key.start or 0.0) <= now and not _ended(key, now)


def _ended(key: Key, now: float) -> bool:
    return key.end is not None and key.end <= now

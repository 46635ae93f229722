"""Which commands of Tuya's side were taken, so that none is carried out twice, whatever crashes.

A command is on disk before anything is done for it. What in the file makes no sense is left out:
such a command is too old to be carried out by the time anybody could repair it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .entry_file import EntryFile

AT_MOST = 500
KEPT_FOR = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneCommand:
    """A command that was taken; `time` in Unix seconds of the cloud's clock.

    `kind`: in which of Tuya's forms it came, if it was begun. `what`: the action, or what was set.
    `unlocked`: how it wanted the lock, `None` if it was about something else or was not begun.
    `outcome`, `reason`, `state`: what was answered; `outcome` is `None` as long as that is not
    known.
    """

    time: float
    kind: str = ""
    what: str = ""
    unlocked: bool | None = None
    outcome: str | None = None
    reason: str | None = None
    state: str | None = None


class DoneCommands:
    """The commands of one entry's published doors, by device and by their own id."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._file = EntryFile(hass, entry_id, "commands", self._as_stored)
        self._known: dict[tuple[str, str], DoneCommand] = {}
        self._repeated: set[tuple[str, str]] = set()

    async def load(self) -> None:
        """Read what was stored, once: this outlives a reload of its entry."""
        for known in _rows(await self._file.load()):
            self._keep(*known)

    def known(self, device_id: str, command_id: str) -> DoneCommand | None:
        """Return a command that was taken before."""
        return self._known.get((device_id, command_id))

    @callback
    def to_repeat(self, device_id: str, command_id: str, what: str) -> DoneCommand | None:
        """Return a command whose answer is known, once: that answer may have been lost.

        To anything else under its id there is no answer.
        """
        key = device_id, command_id
        done = self._known.get(key)
        if done is None or done.what != what or done.outcome is None or key in self._repeated:
            return None
        self._repeated.add(key)
        return done

    def newest(self, device_id: str, *, but: str) -> DoneCommand | None:
        """Return the latest command that a door's lock obeyed, beside one."""
        others = [
            done
            for (device, command_id), done in self._known.items()
            if device == device_id and command_id != but and done.unlocked is not None
        ]
        return max(others, key=lambda done: done.time, default=None)

    async def begin(
        self,
        device_id: str,
        command_id: str,
        time: float,
        *,
        kind: str,
        what: str,
        unlocked: bool | None,
    ) -> bool:
        """Write down that a command is carried out now; tell whether it is on disk.

        Home Assistant only logs what it could not write: so it is read back.
        """
        key = device_id, command_id
        self._keep(key, DoneCommand(time=time, kind=kind, what=what, unlocked=unlocked))
        if self._file.closed:
            return False
        try:
            await self._file.save()
            stored = await self._file.read()
        except OSError, HomeAssistantError:
            return False
        return any(found == key for found, _ in _rows(stored))

    @callback
    def finish(
        self,
        device_id: str,
        command_id: str,
        time: float,
        *,
        what: str,
        outcome: str,
        reason: str | None = None,
        state: str | None = None,
    ) -> None:
        """Keep what was answered, also to a command that was never begun."""
        key = device_id, command_id
        done = self._known.get(key) or DoneCommand(time=time, what=what)
        self._keep(key, replace(done, outcome=outcome, reason=reason, state=state))
        self._file.save_soon()

    async def save(self) -> None:
        """Write now: the entry is being unloaded."""
        await self._file.save()

    async def remove(self) -> None:
        """Delete what was stored; a command that is still under way stores nothing any more."""
        await self._file.remove()

    def _keep(self, key: tuple[str, str], done: DoneCommand) -> None:
        self._known[key] = done
        old = [one for one, kept in self._known.items() if kept.time < done.time - KEPT_FOR]
        # What only was refused goes first: it would be refused again.
        by_worth = sorted(self._known, key=lambda one: bool(self._known[one].kind))
        most = by_worth[: max(0, len(self._known) - AT_MOST)]
        for one in {*old, *most}:
            del self._known[one]
        self._repeated &= self._known.keys()

    def _as_stored(self) -> dict[str, Any]:
        rows = [
            {"device": device, "id": command_id, **asdict(done)}
            for (device, command_id), done in self._known.items()
        ]
        return {"commands": rows}


_DONE: WeakKeyDictionary[ConfigEntry[Any], DoneCommands] = WeakKeyDictionary()


def done_commands_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> DoneCommands:
    """Return the commands of an entry: the same while Home Assistant runs."""
    known = _DONE.get(entry)
    if known is None:
        known = _DONE[entry] = DoneCommands(hass, entry.entry_id)
    return known


def _rows(stored: object) -> list[tuple[tuple[str, str], DoneCommand]]:
    rows = stored.get("commands") if isinstance(stored, Mapping) else None
    found = [_read(row) for row in rows] if isinstance(rows, list) else []
    return [one for one in found if one is not None]


def _read(row: object) -> tuple[tuple[str, str], DoneCommand] | None:
    if not isinstance(row, Mapping):
        return None
    device, command_id, time = row.get("device"), row.get("id"), row.get("time")
    if not isinstance(device, str) or not isinstance(command_id, str):
        return None
    if isinstance(time, bool) or not isinstance(time, int | float):
        return None
    unlocked = row.get("unlocked")
    return (device, command_id), DoneCommand(
        time=float(time),
        kind=_text(row.get("kind")) or "",
        what=_text(row.get("what")) or "",
        unlocked=unlocked if isinstance(unlocked, bool) else None,
        outcome=_text(row.get("outcome")),
        reason=_text(row.get("reason")),
        state=_text(row.get("state")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

"""Writing captures to disk, one thing at a time, and what is done while the disk does not.

What cannot be written waits as long as its picture is held in memory, and is tried again with
the next picture. A repair tells the user; nobody who waits for a picture waits for the disk.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
import logging
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR

from ..album.folder import CaptureFolder
from ..album.record import Capture
from ..const import DOMAIN
from ..issues import async_close
from .faults import REPAIR, DiskFault, async_raise_fault, fault_of

_LOGGER = logging.getLogger(__name__)

_NAME = f"{DOMAIN} pictures"
_PATIENCE = 3
"""So often a disk may fail before it is left alone until the next picture."""


class _Act(StrEnum):
    DESCRIBE = "describe"
    REMOVE = "remove"
    WRITE = "write"


@dataclass(frozen=True, slots=True, eq=False)
class _Wish:
    act: _Act
    capture: Capture


@dataclass(frozen=True, slots=True)
class _Job:
    wishes: Sequence[_Wish]
    run: Callable[[], None]
    """Blocks; may raise OSError."""


def root_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Path:
    """Return where the captures of a project lie, if there are any."""
    return Path(hass.config.path(STORAGE_DIR, DOMAIN, entry.entry_id))


async def async_delete_captures(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete what lies on disk of a project that is not loaded; raise OSError if some stays."""
    await hass.async_add_executor_job(CaptureFolder(root_of(hass, entry)).clear)


async def async_remove_captures(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete everything of a project that is removed, as far as the disk lets that happen."""
    folder = root_of(hass, entry)
    try:
        await async_delete_captures(hass, entry)
        # Shared by all projects; not empty while there are others.
        with suppress(OSError):
            await hass.async_add_executor_job(folder.parent.rmdir)
    except OSError as error:
        _LOGGER.warning("Delete %s by hand: %s", folder, error.strerror or type(error).__name__)


class CaptureDisk:
    """The album of one project; `held` gives a picture that is in memory."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, held: Callable[[str], bytes | None]
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._held = held
        self._folder = CaptureFolder(root_of(hass, entry))
        self._lock = asyncio.Lock()
        self._wishes: dict[str, _Wish] = {}
        self._worker: asyncio.Task[None] | None = None
        self._writing: str | None = None
        self._written: set[str] = set()
        self._unreadable = False
        """Whether the fault showed in reading, so that reading ends it."""
        self.fault: DiskFault | None = None
        self.failures = 0
        self.rejected = 0
        """Captures that no folder can hold, by their own doing."""

    @property
    def waiting(self) -> int:
        """How many captures are still to be written or removed."""
        return len(self._wishes)

    def holds(self, capture_id: str) -> bool:
        """Tell whether a capture was written."""
        return capture_id in self._written

    def path(self, capture: Capture) -> Path | None:
        """Return the file of a picture that was written."""
        return self._folder.path(capture) if capture.id in self._written else None

    async def load(self) -> list[Capture] | None:
        """Return what is there; `None` if the folder cannot be read."""
        try:
            async with self._lock:
                captures = await self._hass.async_add_executor_job(self._folder.load)
        except OSError as error:
            self._failed(error)
            return None
        self._written |= {capture.id for capture in captures}
        self.withdraw()
        return captures

    async def read(self, capture: Capture) -> bytes | None:
        """Return a picture, `None` if it cannot be read; raise FileNotFoundError if it is gone."""
        try:
            picture = await self._hass.async_add_executor_job(self._folder.read, capture)
        except FileNotFoundError:
            raise
        except OSError as error:
            self._unreadable = self._unreadable or self.fault is None
            self._failed(error)
            return None
        except ValueError:
            return None
        if self._unreadable:
            self.withdraw()
        return picture

    @callback
    def write(self, capture: Capture) -> None:
        """Keep a capture whose picture is in memory, and what was not kept before."""
        self._ask(_Act.WRITE, capture)
        self.go_on()

    @callback
    def describe(self, captures: Iterable[Capture]) -> None:
        """Keep what is known of captures now."""
        for capture in captures:
            if capture.id in self._written:
                self._ask(_Act.DESCRIBE, capture)
            elif capture.id in self._wishes:
                self._ask(_Act.WRITE, capture)
        self.go_on()

    @callback
    def remove(self, captures: Iterable[Capture]) -> None:
        """Remove captures, written or not."""
        for capture in captures:
            if capture.id in self._written or capture.id == self._writing:
                self._ask(_Act.REMOVE, capture)
            else:
                self._wishes.pop(capture.id, None)
        self.go_on()

    async def clear(self) -> None:
        """Remove everything now; raise OSError if something stays."""
        self._wishes.clear()
        self._written.clear()
        async with self._lock:
            try:
                await self._hass.async_add_executor_job(self._folder.clear)
            except OSError as error:
                self._failed(error)
                raise
        self.withdraw()

    @callback
    def go_on(self) -> None:
        """Do what is to be done; what failed is tried again."""
        if self._worker is None and self._wishes:
            # Not a background task: it is waited for when the entry goes.
            self._worker = self._entry.async_create_task(
                self._hass, self._work(), _NAME, eager_start=False
            )

    @callback
    def finish(self, _event: Event) -> None:
        """Have what waits written before Home Assistant ends.

        It waits only for tasks that begin after it was told to stop, and cancels others.
        """
        if self._worker is not None:
            self._hass.async_create_task(_ended(self._worker), _NAME)

    @callback
    def withdraw(self) -> None:
        """Take the repair back: the disk works, or the entry goes."""
        self.fault = None
        self._unreadable = False
        async_close(self._hass, self._entry, REPAIR)

    def _ask(self, act: _Act, capture: Capture) -> None:
        # Put at the end: what was asked last is done first.
        self._wishes.pop(capture.id, None)
        self._wishes[capture.id] = _Wish(act, capture)

    async def _work(self) -> None:
        tried: set[_Wish] = set()
        failures = 0
        try:
            while failures < _PATIENCE:
                async with self._lock:
                    if (job := self._next(tried)) is None:
                        break
                    failures += not await self._did(job)
        finally:
            self._worker = None
        if self.fault is not None and not failures:
            self.withdraw()

    async def _did(self, job: _Job) -> bool:
        try:
            await self._hass.async_add_executor_job(job.run)
        except OSError as error:
            self._failed(error)
            return False
        except ValueError:
            self.rejected += 1
        else:
            self._granted(job.wishes)
        finally:
            self._writing = None
        for wish in job.wishes:
            self._close(wish)
        return True

    def _next(self, tried: set[_Wish]) -> _Job | None:
        """Return what is to be done next, each once: what makes room first, then the newest."""
        left = [wish for wish in reversed(self._wishes.values()) if wish not in tried]
        gone = [wish for wish in left if wish.act is _Act.REMOVE]
        if gone:
            tried.update(gone)
            return _Job(gone, partial(self._folder.remove, [wish.capture for wish in gone]))
        for wish in left:
            tried.add(wish)
            if wish.act is _Act.DESCRIBE:
                return _Job([wish], partial(self._describe, wish.capture))
            if (picture := self._held(wish.capture.id)) is not None:
                self._writing = wish.capture.id
                return _Job([wish], partial(self._folder.add, wish.capture, picture))
            self._close(wish)
        return None

    def _describe(self, capture: Capture) -> None:
        with suppress(FileNotFoundError):
            self._folder.describe(capture)

    def _granted(self, wishes: Iterable[_Wish]) -> None:
        for wish in wishes:
            if wish.act is _Act.REMOVE:
                self._written.discard(wish.capture.id)
            else:
                self._written.add(wish.capture.id)

    def _close(self, wish: _Wish) -> None:
        # Another may have been made meanwhile.
        if self._wishes.get(wish.capture.id) is wish:
            del self._wishes[wish.capture.id]

    def _failed(self, error: OSError) -> None:
        """Say once what is wrong."""
        self.failures += 1
        fault = fault_of(error)
        if fault is self.fault:
            return
        self.fault = fault
        _LOGGER.warning("The disk refuses pictures: %s", error.strerror or type(error).__name__)
        async_raise_fault(self._hass, self._entry, fault, root_of(self._hass, self._entry))


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])

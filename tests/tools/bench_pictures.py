"""What pictures cost: to come into Home Assistant, to be opened, and to be put on disk.

Core and simulator share this process and its event loop, so the simulator's share counts too:
it encrypts each file when it is asked for it.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
import secrets
import statistics
import tempfile
import time
from unittest.mock import patch

from Crypto.Cipher import AES
from homeassistant.components.media_source import async_browse_media
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.setup import async_setup_component

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.album.record import Capture, capture_id
from custom_components.tuyalink_intercom.api import open_capture
from custom_components.tuyalink_intercom.const import CONF_KEEP_COUNT, DOMAIN
from custom_components.tuyalink_intercom.model.changes import CaptureKept, Change, Occasion
from tests.simulator.wire import encrypt_file

from .bench_flood import Home, home
from .bench_ring import stamped_frames

CARRIER = "doorbell_pic"
PRESSES_APART_S = 2
LOST_S = 10
MILLISECONDS = 1e3
MEGABYTE = 1e6
USUAL = 100_000
"""Bytes of a usual capture."""
LARGE = 4 * 2**20
"""Bytes of a large one: what a file costs beside its bytes does not count there."""
HEADER, IV = 64, slice(4, 20)
BLOCK = 16
LEVELS = 3
APART_S = 900.0
"""Two thousand captures fill three weeks: fewer than a user keeps at first."""
JPEG = b"\xff\xd8\xff\xe0"


async def picture_milliseconds(pictures: int, warm_up: int) -> list[float]:
    """Let bells ring with a picture; return each one's time from its frame to when it is there.

    The file is in Tuya's storage when the message comes: nothing waits for an upload. It is
    asked for, downloaded, decrypted, looked at and shown; the disk follows.
    """
    async with home() as at:
        return (await _photograph(at, warm_up + pictures))[warm_up:]


async def _photograph(at: Home, pictures: int) -> list[float]:
    bells = [bell for bell in at.bells if CARRIER in bell.codes]
    first = int(time.time()) - PRESSES_APART_S * (pictures // len(bells) + 1)
    measured: list[float] = []
    with stamped_frames(at.cloud) as written, _kept_captures(at) as kept:
        for number, bell in enumerate(islice(cycle(bells), pictures)):
            press_time = first + PRESSES_APART_S * (number // len(bells))
            written.clear()
            sent = at.cloud.scenario("ring", bell.id, carrier=CARRIER, press_time=press_time)
            async with asyncio.timeout(LOST_S):
                shown = await kept.get()
            measured.append((shown - written[0]) * MILLISECONDS)
            await at.cloud.acked(sent.event_id)
            await at.hass.async_block_till_done()
    return measured


@contextmanager
def _kept_captures(at: Home) -> Iterator[asyncio.Queue[float]]:
    """Note when entities are told that a picture is there."""
    kept: asyncio.Queue[float] = asyncio.Queue()

    def changed(change: Change) -> None:
        if isinstance(change, CaptureKept):
            kept.put_nowait(time.perf_counter())

    stop = at.entry.runtime_data.coordinator.subscribe(None, changed)
    yield kept
    stop()


def write_milliseconds(captures: int) -> float:
    """Return what it takes to keep one capture on this machine's disk, the middle of many."""
    picture = JPEG + secrets.token_bytes(USUAL - len(JPEG))
    taken: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = CaptureFolder(Path(name) / "album")
        for capture in _made_up(captures, "bench", len(picture)):
            started = time.perf_counter()
            folder.add(capture, picture)
            taken.append(time.perf_counter() - started)
    return statistics.median(taken) * MILLISECONDS


async def browse_milliseconds(captures: int, rounds: int) -> float:
    """Return what it takes to open a device of so many captures in the media browser.

    Of opening the device, one of its days, and an occasion of that day the slowest counts.
    """
    async with home() as at:
        bell = at.bells[0].id
        await at.hass.async_add_executor_job(_fill, _album(at), bell, captures)
        options = {**at.entry.options, CONF_KEEP_COUNT: captures}
        at.hass.config_entries.async_update_entry(at.entry, options=options)
        await at.hass.config_entries.async_reload(at.entry.entry_id)
        await async_setup_component(at.hass, "media_source", {})
        identifier = (DOMAIN, bell)
        device = dr.async_get(at.hass).async_get_device_by_identifier(identifier, at.entry.entry_id)
        if device is None or len(at.entry.runtime_data.captures.find()) != captures:
            raise LookupError("the captures are not on the shelf")
        folder = f"media-source://{DOMAIN}/{at.entry.entry_id}/{device.id}"
        levels = []
        for _ in range(LEVELS):
            milliseconds, folder = await _opened(at, folder, rounds)
            levels.append(milliseconds)
    return max(levels)


async def _opened(at: Home, folder: str, rounds: int) -> tuple[float, str]:
    """Open a folder some times; return the middle, and the first of what is inside."""
    taken: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        shown = (await async_browse_media(at.hass, folder)).as_dict()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * MILLISECONDS, shown["children"][0]["media_content_id"]


def _album(at: Home) -> CaptureFolder:
    return CaptureFolder(Path(at.hass.config.path(STORAGE_DIR, DOMAIN, at.entry.entry_id)))


def _fill(album: CaptureFolder, device_id: str, captures: int) -> None:
    # What writing costs is measured elsewhere.
    with patch("os.fsync"):
        for capture in _made_up(captures, device_id, len(JPEG)):
            album.add(capture, JPEG)


def _made_up(captures: int, device_id: str, size: int) -> Iterator[Capture]:
    """Yield captures of the last days, all alike."""
    now = time.time()
    for number in range(captures):
        at, event_id = now - APART_S * number, f"{number:016x}"
        yield Capture(
            id=capture_id(
                device_id=device_id,
                event_id=event_id,
                occasion=Occasion.RING,
                time=at,
                place=event_id,
            ),
            device_id=device_id,
            event_id=event_id,
            occasion=Occasion.RING,
            time=at,
            content_type="image/jpeg",
            size=size,
        )


def decrypt_speed(rounds: int) -> tuple[float, float]:
    """Return megabytes a second of opening a large file, and its time over AES-CBC alone.

    The best of many rounds counts: the one that nothing else on the machine disturbed.
    """
    key = secrets.token_hex(8)
    file = encrypt_file(JPEG + bytes(LARGE), key, secrets.token_bytes(BLOCK))
    ours, alone = [], []
    for _ in range(rounds):
        ours.append(_seconds(lambda: open_capture(file, key)))
        alone.append(_seconds(lambda: _alone(file, key)))
    return len(file) / min(ours) / MEGABYTE, min(ours) / min(alone)


def _alone(file: bytes, key: str) -> bytes:
    return AES.new(key.encode(), AES.MODE_CBC, iv=file[IV]).decrypt(memoryview(file)[HEADER:])


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

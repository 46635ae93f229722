"""Live video: short-lived addresses, and behind them a clip that really plays as HLS.

The clip is made by ffmpeg when somebody first wants to see it, once for the process, and is
gone with it. Who may see what is told by the cloud's clock.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
import atexit
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
import secrets
import shutil
import tempfile

from . import wire
from .issued import Issued

OPEN_S, CUT_S = 30.0, 600.0
"""An address is to be opened within half a minute, and is cut after ten."""
PIECE_S = 2
SHOWN = 6
AHEAD = 3
KEEP = 200
CLIP_S, LENGTH_S = 30, 660
LAST = LENGTH_S // PIECE_S - 2
PATIENCE_S = 30.0
FFMPEG = "ffmpeg"
NO_FFMPEG = "There is no ffmpeg on this machine (Debian: apt install ffmpeg), so no video.\n"
SCENE = f"testsrc2=size=640x360:rate=12:duration={CLIP_S}"
ENCODE = (
    *("-f", "lavfi", "-i", SCENE, "-pix_fmt", "yuv420p"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-crf", "40"),
    *("-g", str(12 * PIECE_S), "-keyint_min", str(12 * PIECE_S), "-sc_threshold", "0"),
)
REPEAT = ("-stream_loop", str(LENGTH_S // CLIP_S), "-i", "clip.mp4", "-c", "copy")
CHOP = (
    *("-t", str(LENGTH_S), "-f", "hls", "-hls_time", str(PIECE_S), "-hls_list_size", "0"),
    *("-hls_segment_filename", "%d.ts", "all.m3u8"),
)


class NoVideoError(Exception):
    """There is nothing to show; the text says why."""


class Answer(StrEnum):
    """What a device does about one kind of address."""

    PLAYS = "plays"
    DEAD = "dead"
    """An address is given, and never plays."""
    EMPTY = "empty"
    REFUSED = "refused"


# Cameras of owners differ: some play both kinds, some give addresses of one that never play.
USUAL = {"hls": Answer.PLAYS, "rtsp": Answer.REFUSED}


@dataclass(slots=True, kw_only=True)
class Session:
    """One address. Times by the cloud's clock."""

    device_id: str
    sign: str
    made: float
    dead: bool
    opened: float | None = None


class Video:
    """The streaming service. Keeps the newest sessions only."""

    def __init__(self, now: Callable[[], float], issued: Issued) -> None:
        self._now = now
        self._issued = issued
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._answers: dict[tuple[str, str], Answer] = {}
        self._footage = Footage()

    def behave(self, device_id: str, kind: str, answer: Answer) -> None:
        """Let a device answer one kind of address otherwise than usual."""
        self._answers[device_id, kind] = answer

    def answer(self, device_id: str, kind: str) -> Answer:
        """Return what a device does about one kind of address."""
        return self._answers.get((device_id, kind), USUAL.get(kind, Answer.REFUSED))

    def allocate(self, device_id: str, kind: str) -> str:
        """Return the path of a new address; "" for one of a stream that is not there."""
        answer = self.answer(device_id, kind)
        if answer is Answer.EMPTY:
            return ""
        name, sign = secrets.token_hex(12), secrets.token_hex(8)
        self._issued.note(sign)
        self._sessions[name] = Session(
            device_id=device_id, sign=sign, made=self._now(), dead=answer is Answer.DEAD
        )
        while len(self._sessions) > KEEP:
            self._sessions.popitem(last=False)
        return f"/_streams/{device_id}/{name}.m3u8?signInfo={sign}"

    def viewed(self) -> int:
        """Return how many addresses are open."""
        live = [one for one in self._sessions.values() if self._is_live(one)]
        return sum(one.opened is not None for one in live)

    def cut(self) -> None:
        """Cut every view, as an address's end does."""
        self._sessions.clear()

    async def playlist(self, name: str, sign: str) -> str:
        """Return the list of what may be seen now, which opens the address; NoVideoError."""
        session = self._live(name)
        if not wire.same(session.sign, sign):
            raise NoVideoError("This address is not signed.\n")
        await self._footage.pieces()
        if session.opened is None:
            session.opened = self._now()
        newest = min(int(self._now() - session.opened) // PIECE_S + AHEAD - 1, LAST)
        first = max(newest - SHOWN + 1, 0)
        head = ("#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{PIECE_S}")
        pieces = (f"#EXTINF:{PIECE_S:.3f},\n{name}/{one}.ts" for one in range(first, newest + 1))
        return "\n".join((*head, f"#EXT-X-MEDIA-SEQUENCE:{first}", *pieces, ""))

    async def piece(self, name: str, number: int) -> Path:
        """Return a file of a view that goes on; raises NoVideoError."""
        self._live(name)
        path = await self._footage.pieces() / f"{number}.ts"
        if number > LAST:
            raise NoVideoError("The clip is over.\n")
        return path

    async def close(self) -> None:
        """Leave no program behind."""
        await self._footage.close()

    def _live(self, name: str) -> Session:
        session = self._sessions.get(name)
        if session is None or session.dead or not self._is_live(session):
            raise NoVideoError("This address is spent.\n")
        return session

    def _is_live(self, session: Session) -> bool:
        if session.opened is None:
            return self._now() - session.made <= OPEN_S
        return self._now() - session.opened < CUT_S


class Footage:
    """The clip, long enough for one view, in pieces."""

    _made: Path | None = None
    """Made once for the process: every simulator shows the same."""

    def __init__(self) -> None:
        self._making: asyncio.Task[Path] | None = None

    async def pieces(self) -> Path:
        """Return the folder of the pieces, named by number; raises NoVideoError."""
        if Footage._made is None:
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._make())
            Footage._made = await asyncio.shield(self._making)
        return Footage._made

    async def close(self) -> None:
        """Stop making it."""
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)

    async def _make(self) -> Path:
        program = shutil.which(FFMPEG)
        if program is None:
            raise NoVideoError(NO_FFMPEG)
        folder = Path(tempfile.mkdtemp(prefix="tuyalink-video-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        await _run(program, folder, *ENCODE, "clip.mp4")
        await _run(program, folder, *REPEAT, *CHOP)
        return folder


async def _run(program: str, folder: Path, *arguments: str) -> None:
    quiet = ("-nostdin", "-hide_banner", "-loglevel", "error", "-y")
    process = await asyncio.create_subprocess_exec(
        program, *quiet, *arguments, cwd=folder, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            _, complaint = await process.communicate()
    except TimeoutError:
        raise NoVideoError(f"ffmpeg did not end within {PATIENCE_S:.0f} s.\n") from None
    finally:
        await _end(process)
    if process.returncode:
        raise NoVideoError(f"ffmpeg failed:\n{complaint.decode(errors='replace')}")


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

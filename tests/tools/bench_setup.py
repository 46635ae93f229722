"""What it costs to set a home up: calls, seconds, memory.

Every start is a process of its own, so that nothing is in memory from another, and so that the
simulator, which counts the calls, costs neither time nor memory there.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
import gc
import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile
import time

from tests.simulator import TuyaSimulator

from .bench_home import mixed_home
from .core import ErrorLines, Project, SetupError, running_core, set_up

ROOT = Path(__file__).parents[2]
MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start of Home Assistant with the integration."""

    calls: int
    """OpenAPI calls by the simulator's own count, that for a token among them."""
    seconds: float
    """From adding the config entry until every entity is there."""
    rss_mb: float
    """Resident memory of the process then, in MiB."""


async def cold_and_warm(devices: int) -> tuple[Start, Start]:
    """Start twice with the same configuration folder: first empty, then with what was stored."""
    cloud = TuyaSimulator(devices=mixed_home(devices))
    await cloud.start()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            return await _start(cloud, folder), await _start(cloud, folder)
    finally:
        await cloud.stop()


async def _start(cloud: TuyaSimulator, folder: str) -> Start:
    before = cloud.calls.total()
    project = json.dumps(asdict(Project.of(cloud)))
    async with _child(project, folder) as child:
        output, _ = await child.communicate()
    if child.returncode:
        raise SetupError("a start of Home Assistant failed")
    seconds, rss_mb = json.loads(output)
    return Start(calls=cloud.calls.total() - before, seconds=seconds, rss_mb=rss_mb)


@asynccontextmanager
async def _child(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", __name__, *arguments),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def _measure(project: Project, folder: Path) -> tuple[float, float]:
    async with running_core(folder) as hass:
        started = time.perf_counter()
        await set_up(hass, project)
        seconds = time.perf_counter() - started
        gc.collect()
        return seconds, _resident() / MEBIBYTE


def _resident() -> int:
    """Return the bytes of this process that are in memory now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    """Start once, print seconds and MiB; the arguments are the project and the folder."""
    ErrorLines.installed()
    project = Project(**json.loads(sys.argv[1]))
    sys.stdout.write(json.dumps(asyncio.run(_measure(project, Path(sys.argv[2])))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

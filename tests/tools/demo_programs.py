"""The two programs of the demo: the simulator of Tuya's cloud, and Home Assistant."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
import json
import os
from pathlib import Path
import shutil
import signal
import socket
import sys

from .demo_error import DemoError
from .demo_folder import OUTPUT, ROOT

HASS = ROOT / ".venv-demo" / "bin" / "hass"
RESTART = 100
"""Home Assistant's exit status when its user asked for a restart."""
HASS_ENDS_S = 10.0
SIMULATOR_ENDS_S = 3.0


class Program:
    """A program that runs for as long as the demo does."""

    def __init__(
        self, name: str, command: Sequence[str], patience: float, output: Path | None = None
    ) -> None:
        self._name = name
        self._command = command
        self._patience = patience
        self._output = output
        self.process: Process

    async def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches us, and we end it in order."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        # Without compiled files Home Assistant takes three times as long to start.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = (*_dying_with_us(), *self._command)
        if self._output is None:
            self.process = await asyncio.create_subprocess_exec(
                *command, stdout=PIPE, env=environment, start_new_session=True
            )
            return
        with self._output.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *command, stdout=output, stderr=output, env=environment, start_new_session=True
            )

    async def stay(self) -> None:
        """Return never; a program that ends by itself is an error, unless it is to restart."""
        while (status := await self.process.wait()) == RESTART:
            await self.start()
        raise DemoError(f"{self._name} ended by itself (exit status {status})")

    async def end(self) -> None:
        """Ask it to end, then make it."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self.process.wait()
        # What has ended in good order may still have left a child behind.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def simulator(port: int) -> AsyncIterator[tuple[Program, dict[str, str]]]:
    """Run the simulated cloud; yields what it says of itself: addresses and keys."""
    command = (sys.executable, "-P", "-m", "tests.simulator", "--port", str(port))
    program = Program("the simulator", command, SIMULATOR_ENDS_S)
    await program.start()
    try:
        assert program.process.stdout is not None
        line = await program.process.stdout.readline()
        if not line:
            raise DemoError("the simulator did not start")
        yield program, json.loads(line)
    finally:
        await program.end()


@asynccontextmanager
async def home_assistant(folder: Path) -> AsyncIterator[Program]:
    """Run Home Assistant on a folder."""
    command = (str(HASS), "--config", str(folder), "--skip-pip", "--log-no-color")
    program = Program("Home Assistant", command, HASS_ENDS_S, folder / OUTPUT)
    await program.start()
    try:
        yield program
    finally:
        await program.end()


def free_port(option: str, wanted: int) -> int:
    """Return the wanted port, for 0 any free one; a busy one is an error naming the option."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            reason = (error.strerror or "refused").lower()
            raise DemoError(f"{option}: port {wanted} cannot be used ({reason})") from None
        port: int = probe.getsockname()[1]
        return port


def _dying_with_us() -> Sequence[str]:
    """Return what makes the kernel end a program should we be killed without a chance to."""
    tool = shutil.which("setpriv")
    return (tool, "--pdeathsig", "TERM") if tool else ()

"""``python -m tests.simulator``: the simulated cloud as a program, alive until a signal."""

import argparse
import asyncio
from collections.abc import Sequence
import json
from pathlib import Path
import signal
import sys

from . import doors, files
from .cloud import MODES
from .facts import NAMES as FACTS
from .server import ACCESS_ID, ACCESS_SECRET, TuyaSimulator

TICK_S = 0.5


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 1 for a busy port or an unreadable device file."""
    options = _options(argv)
    try:
        return asyncio.run(_serve(options))
    except OSError as error:
        return _fail(f"cannot listen on port {options.port} (--port): {error.strerror}")
    except ValueError as error:
        return _fail(str(error))


async def _serve(options: argparse.Namespace) -> int:
    simulator = TuyaSimulator(
        access_id=options.access_id,
        access_secret=options.access_secret,
        devices=files.load(options.devices) if options.devices else None,
        encryption=options.encryption,
        facts=options.flip,
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await simulator.start(options.port)
    shown = {
        "openapi": simulator.openapi,
        "queue": simulator.queue,
        "control": simulator.control,
        "access_id": simulator.access_id,
        "access_secret": simulator.access_secret,
    }
    sys.stdout.write(json.dumps(shown) + "\n")
    sys.stdout.flush()
    ticker = asyncio.create_task(_tick(simulator))
    await ended.wait()
    ticker.cancel()
    await asyncio.gather(ticker, return_exceptions=True)
    await simulator.stop()
    return 0


async def _tick(simulator: TuyaSimulator) -> None:
    """Let opened doors fall shut, which a test does by control call."""
    while True:
        await asyncio.sleep(TICK_S)
        for device in simulator.devices.values():
            doors.settle(simulator, device)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulator", description="Tuya's cloud, simulated on 127.0.0.1."
    )
    parser.add_argument("--port", type=_port, default=0, help="0 = any free port (default)")
    parser.add_argument("--access-id", default=ACCESS_ID)
    parser.add_argument("--access-secret", default=ACCESS_SECRET, help="24 characters or more")
    parser.add_argument(
        "--devices",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        action="extend",
        help="device files or folders of them, instead of the five default devices",
    )
    parser.add_argument("--encryption", choices=MODES, default="aes_ecb")
    parser.add_argument(
        "--flip",
        choices=sorted(FACTS),
        nargs="+",
        default=[],
        metavar="FACT",
        action="extend",
        help="facts about Tuya to turn into their opposite: " + ", ".join(sorted(FACTS)),
    )
    return parser.parse_args(argv)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _fail(text: str) -> int:
    sys.stderr.write(f"error: {text}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

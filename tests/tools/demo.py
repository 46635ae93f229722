"""``scripts/demo``: the simulator and a real Home Assistant with the integration set up.

Starts both, answers first-run questions and the integration's own config flow as a browser
would, makes a dashboard, and stays until a signal.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
import shutil
import signal
import sys
import tempfile
from typing import Any

from . import demo_folder, demo_garden, demo_programs
from .demo_album import album_of, lay_in
from .demo_api import PASSWORD, USER, HomeAssistant, Socket
from .demo_browser import let_in
from .demo_control import Control
from .demo_error import DemoError
from .demo_folder import Before
from .demo_guest import let_guest_in
from .demo_programs import Program
from .demo_proof import prove
from .demo_publish import open_by_mouse, prove_published, publish
from .demo_setup import listening, set_up, sign_in
from .demo_video import view_live
from .demo_webhook import prove_webhook, switch_on

LAST_PORT = 65535


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 1 for anything that did not work, after saying what."""
    return asyncio.run(_until_signal(_options(argv)))


async def _until_signal(options: argparse.Namespace) -> int:
    task = asyncio.create_task(_demo(options))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A second signal must not disturb the orderly end that the first one began.
        asyncio.get_running_loop().add_signal_handler(
            number, lambda: task.cancelling() or task.cancel()
        )
    try:
        await task
    except asyncio.CancelledError:
        return 1 if _has_proof(options) else 0
    except DemoError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


async def _demo(options: argparse.Namespace) -> None:
    port = demo_programs.free_port("--port", options.port)
    sim_port = demo_programs.free_port("--sim-port", options.sim_port)
    if port == sim_port:
        raise DemoError(f"--sim-port: port {port} is that of --port")
    with _folder(options.config) as folder:
        demo_folder.prepare(folder, port)
        before = demo_folder.before(folder)
        _tell(f"starting Home Assistant in {folder}")
        async with AsyncExitStack() as stack:
            simulator, cloud = await stack.enter_async_context(demo_programs.simulator(sim_port))
            hass = await stack.enter_async_context(demo_programs.home_assistant(folder))
            try:
                work = _work(f"http://127.0.0.1:{port}", cloud, folder, before, options)
                await _while_running(work, hass, simulator)
            except DemoError as error:
                raise DemoError(f"{error}\n{demo_folder.complaints(folder)}".strip()) from None


async def _work(
    address: str,
    cloud: Mapping[str, str],
    folder: Path,
    before: Before,
    options: argparse.Namespace,
) -> None:
    async with HomeAssistant(address) as home, Control(cloud["control"]) as control:
        await sign_in(home, before)
        async with home.socket() as socket:
            entities = await set_up(home, socket, control, cloud, before)
            if before.address != cloud["openapi"]:
                await lay_in(await album_of(folder, socket), control, entities)
            published = await _publish(home, socket, control, options)
            webhook = await switch_on(home, socket)
            await listening(socket, control)
            _say(f"Home Assistant: {address} (user {USER}, password {PASSWORD})")
            _say(f"Doors: {cloud['control']}")
            _say(f"Webhook: {webhook} (sign as {cloud['access_id']}, {cloud['access_secret']})")
            if published:
                _say(f"Tuya's app: {cloud['control']}app (the garden gate, published)")
            if options.once:
                changes = await socket.events("state_changed")
                await _say_all(prove(home, changes, entities, control, folder))
                await _say_all(prove_webhook(home, changes, entities, cloud, webhook))
            if options.guest:
                changes = await socket.events("state_changed")
                await _say_all(let_guest_in(home, changes, entities, control))
            await _prove_published(home, socket, control, options)
            if options.shot is not None:
                await _say_all(let_in(address, control, entities, options.shot))
            if options.video is not None:
                await _say_all(view_live(address, socket, control, entities, options.video))
    if not _has_proof(options):
        await asyncio.get_running_loop().create_future()


async def _publish(
    home: HomeAssistant, socket: Socket, control: Control, options: argparse.Namespace
) -> bool:
    """Publish the garden gate; what is not to be proven keeps no bell from ringing."""
    wanted = options.publish or options.app is not None
    if not await demo_garden.is_there(socket):
        if wanted:
            raise DemoError("--config: this folder was made before the demo had a garden gate")
        return False
    try:
        await publish(home, socket, control)
    except DemoError as error:
        if wanted:
            raise
        _tell(f"the garden gate is not published: {error}")
        return False
    return True


async def _prove_published(
    home: HomeAssistant, socket: Socket, control: Control, options: argparse.Namespace
) -> None:
    if options.app is not None:
        await _say_all(open_by_mouse(control, options.app))
    if options.publish:
        await _say_all(prove_published(home, socket, control))


async def _say_all(sentences: AsyncIterator[str]) -> None:
    async for sentence in sentences:
        _say(sentence)


async def _while_running(work: Coroutine[Any, Any, None], *programs: Program) -> None:
    """Do the work to its end, or up to the end of a program."""
    tasks = [asyncio.create_task(each) for each in (work, *(one.stay() for one in programs))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _folder(config: Path | None) -> Iterator[Path]:
    """Yield the given folder, or one that is gone afterwards."""
    if config is not None:
        yield config.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="tuyalink-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="The integration in a real Home Assistant, with doors."
    )
    parser.add_argument("--port", type=_port, default=8123, help="of Home Assistant; 0 = any")
    parser.add_argument("--sim-port", type=_port, default=8124, help="of the doors; 0 = any")
    parser.add_argument(
        "--config", type=Path, metavar="DIR", help="keep Home Assistant's folder, and reuse it"
    )
    parser.add_argument(
        "--once", action="store_true", help="prove that a ring arrives, then stop (status 0 or 1)"
    )
    parser.add_argument(
        "--guest", action="store_true", help="let a guest in by a code for one opening, then stop"
    )
    parser.add_argument(
        "--publish",
        action="store_true",
        help="ring at and open a door that is published into Tuya, then stop",
    )
    parser.add_argument(
        "--app",
        type=Path,
        metavar="FILE",
        help="open the published door in Tuya's app by Chromium, take a picture",
    )
    parser.add_argument(
        "--shot", type=Path, metavar="FILE", help="let a visitor in by Chromium, take a picture"
    )
    parser.add_argument(
        "--video", type=Path, metavar="FILE", help="view a camera live by Chromium, take a picture"
    )
    return parser.parse_args(argv)


def _has_proof(options: argparse.Namespace) -> bool:
    """Tell whether something is to be proven, after which the demo ends."""
    chosen = (options.once, options.guest, options.publish)
    return any(chosen) or any((options.app, options.shot, options.video))


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {LAST_PORT}")
    return int(text)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _tell(text: str) -> None:
    """Say what takes a while, beside what was asked for."""
    sys.stderr.write(f"demo: {text}\n")


if __name__ == "__main__":
    sys.exit(main())

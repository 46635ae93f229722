"""The simulated cloud behind one TCP port: OpenAPI, queue, storage and control."""

from collections.abc import Callable, Iterable
from pathlib import Path
import time
from typing import Any

from aiohttp import web

from . import (
    doors,
    files,
    mischief,
    rest_access,
    rest_codes,
    rest_control,
    rest_credentials,
    rest_devices,
    rest_lock_records,
    rest_locks,
    rest_logs,
    rest_media,
    rest_persons,
    rest_pictures,
    rest_reports,
    rest_southbound,
    rest_video,
    scenario,
)
from .cloud import Cloud, Sent
from .consumer import PATH, QueueDoor
from .control import Control
from .files import DeviceFile
from .rest import Gateway

HOST = "127.0.0.1"
KEEP_ALIVE_S = 10.0**9
ACCESS_ID = "simaccessid000000000"
ACCESS_SECRET = "0123456789abcdef0123456789abcdef"
DEVICES = tuple(
    Path(__file__).parent / "devices" / f"{name}.json"
    for name in ("face_terminal", "intercom", "battery_bell", "front_door_lock", "gate_keypad")
)
ROUTES = (
    *rest_devices.ROUTES,
    *rest_control.ROUTES,
    *rest_locks.ROUTES,
    *rest_lock_records.ROUTES,
    *rest_codes.ROUTES,
    *rest_logs.ROUTES,
    *rest_access.ROUTES,
    *rest_persons.ROUTES,
    *rest_credentials.ROUTES,
    *rest_media.ROUTES,
    *rest_pictures.ROUTES,
    *rest_video.ROUTES,
    *rest_southbound.ROUTES,
    *rest_reports.ROUTES,
)


def _wall_clock() -> float:
    """Look the clock up at every call: a test may have frozen it."""
    return time.time()


class TuyaSimulator(Cloud):
    """Tuya as seen from a socket, on 127.0.0.1 only.

    It runs in the caller's event loop, takes its clock as an argument and owns no timer.
    """

    def __init__(
        self,
        *,
        access_id: str = ACCESS_ID,
        access_secret: str = ACCESS_SECRET,
        devices: Iterable[DeviceFile] | None = None,
        encryption: str = "aes_ecb",
        now: Callable[[], float] = _wall_clock,
        facts: Iterable[str] = (),
    ) -> None:
        known = files.load(DEVICES) if devices is None else devices
        super().__init__(
            access_id=access_id,
            access_secret=access_secret,
            devices=known,
            encryption=encryption,
            now=now,
        )
        self.facts.flip(facts)
        self.port = 0
        self._gateway = Gateway(self, ROUTES)
        self._queue_door = QueueDoor(self)
        self._runner: web.AppRunner | None = None

    @property
    def openapi(self) -> str:
        """Return the OpenAPI address."""
        return f"http://{HOST}:{self.port}"

    @property
    def queue(self) -> str:
        """Return the queue address, which ends in a slash."""
        return f"ws://{HOST}:{self.port}/"

    @property
    def control(self) -> str:
        """Return the address of the control page."""
        return f"{self.openapi}/_sim/"

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one.  Raises OSError for a busy port."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        Control(self, self._gateway).add_to(app)
        app.router.add_get("/_pictures/{bucket}/{path:.+}", self._picture)
        app.router.add_get("/_streams/{device}/{name}.m3u8", self._playlist)
        app.router.add_get(r"/_streams/{device}/{name}/{number:\d{1,6}}.ts", self._piece)
        app.router.add_route("*", "/_{tail:.*}", _nothing)
        app.router.add_get(PATH, self._queue_door.handle)
        app.router.add_route("*", "/ws/{tail:.*}", _nothing)
        self._gateway.add_to(app)
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=1,
            # Clocks of tests jump: a connection that ends just as it is used costs a second call.
            keepalive_timeout=KEEP_ALIVE_S,
        )
        await runner.setup()
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]
        self.storage.base = self.openapi

    async def stop(self) -> None:
        """Close every socket and end every task."""
        if self._runner is None:
            return
        self._queue_door.closing = True
        self._gateway.release()
        self.drop_consumers()
        await self.webhook.close()
        await self.video.close()
        await self.faces.close()
        # Waiting for handlers is bounded by a clock that stands still in some tests.
        for connection in self._runner.server.connections if self._runner.server else ():
            connection.force_close()
        await self._runner.cleanup()
        self._runner = None

    def scenario(self, name: str, device_id: str, /, **options: Any) -> Sent:
        """Play a scenario; raises ScenarioError."""
        return scenario.play(self, name, device_id, options)

    def fault(self, name: str, count: int = 1, **options: Any) -> None:
        """Arm a fault or do it at once; raises FaultError."""
        mischief.fault(self, name, count, options)

    def release(self) -> None:
        """Let go what the faults ``timeout``, ``held_picture`` and ``reorder`` hold back."""
        self._gateway.release()
        self.broker.let_go()

    def relock(self, device_id: str, number: int | None = None) -> int:
        """Close a device's open doors, as its own relock time would; returns how many."""
        return doors.relock(self, self.devices[device_id], number)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        if self.faults.take("held_picture"):
            await self._gateway.hold()
        return await rest_media.picture(self, request)

    async def _playlist(self, request: web.Request) -> web.StreamResponse:
        return await rest_video.playlist(self, request)

    async def _piece(self, request: web.Request) -> web.StreamResponse:
        return await rest_video.piece(self, request)


async def _nothing(_: web.Request) -> web.Response:
    return web.Response(status=404, text="Not found")

"""A small internet on loopback: a storage with a certificate, a private cloud, and names.

`storage.example` and `mirror.example` are public as far as tests say so.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
import ssl

from aiohttp import web
from aiohttp.test_utils import TestServer

from custom_components.tuyalink_intercom.api import Endpoints, PictureStorage, custom_endpoints
from tests.simulator.hostile import Names

from .certificates import tls_for

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0004000101ffd9")
LOOPBACK = "127.0.0.1"

type Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Host:
    """A web server that answers each path as it is told, and remembers its visitors."""

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self.told: dict[str, Serve] = {}
        self.visits: list[web.Request] = []
        self._certificate = certificate
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self.server = TestServer(app, host=LOOPBACK, scheme="https" if certificate else "http")

    async def start(self) -> None:
        """Listen."""
        await self.server.start_server(ssl=self._certificate)

    def tell(self, path: str, body: bytes = JPEG, status: int = 200, **headers: str) -> None:
        """Answer a path with this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def serve(_: web.Request) -> web.Response:
            return web.Response(body=body, status=status, headers=named)

        self.told[path] = serve

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.visits.append(request)
        return await self.told[request.path](request)


class World:
    """A storage in the internet, a private cloud, names, and what downloads from them."""

    def __init__(self, folder: Path) -> None:
        server, self.trusts = tls_for(folder, "storage.example", "mirror.example")
        self.internet, self.private = Host(server), Host()
        self.names = {"storage.example": [LOOPBACK], "mirror.example": [LOOPBACK]}
        self.resolver = Names(self.names)
        self.storages: list[PictureStorage] = []

    @property
    def endpoints(self) -> Endpoints:
        """Return where the private cloud is."""
        own = self.own("")
        return custom_endpoints(own, own.replace("http", "ws"))

    def own(self, path: str) -> str:
        """Return an address at the private cloud."""
        return f"http://{LOOPBACK}:{self.private.server.port}/{path}"

    def public(self, path: str, name: str = "storage.example") -> str:
        """Return an address in the internet."""
        return f"https://{name}:{self.internet.server.port}/{path}"

    def storage(
        self,
        permitted: Callable[[str], bool] = LOOPBACK.__eq__,
        *,
        trusts: ssl.SSLContext | None = None,
        patience: float = 30.0,
    ) -> PictureStorage:
        """Return what downloads; loopback counts as the internet unless a test says otherwise."""
        made = PictureStorage(
            self.endpoints,
            trusts or self.trusts,
            self.resolver,
            permitted=permitted,
            patience=patience,
        )
        self.storages.append(made)
        return made

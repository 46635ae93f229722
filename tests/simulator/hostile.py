"""A storage that means harm: what it answers, what it names, and a host nobody should visit.

Serves the ``PICTURES`` faults of ``rest_media`` and stands alone in tests of a downloader.
"""

import asyncio
from collections.abc import Mapping
import gzip
import socket
from typing import Self, override

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from .faults import Faults

MAGIC = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
POLYGLOT = MAGIC + HTML
BOMB_SIZE = 32 * 1024 * 1024
CHUNK = bytes(64 * 1024)


async def answer(faults: Faults, request: web.Request) -> web.StreamResponse | None:
    """Answer as an armed fault wants it, or not at all."""
    if (fault := faults.take("redirect_picture")) is not None:
        return moved(str(fault.options.get("url", "")))
    if faults.take("endless_picture"):
        return await endless(request)
    if faults.take("gzip_picture"):
        return bomb()
    if faults.take("svg_picture"):
        return web.Response(body=SVG, content_type="image/svg+xml")
    if faults.take("html_picture"):
        return web.Response(body=HTML, content_type="text/html")
    if faults.take("polyglot_picture"):
        return web.Response(body=POLYGLOT, content_type="image/jpeg")
    return None


def moved(url: str, status: int = 302) -> web.Response:
    """Send a visitor elsewhere."""
    return web.Response(status=status, headers={"Location": url})


def bomb() -> web.Response:
    """Return a picture's first bytes and much nothing, packed to almost nothing."""
    packed = gzip.compress(MAGIC + bytes(BOMB_SIZE), compresslevel=1)
    headers = {"Content-Encoding": "gzip"}
    return web.Response(body=packed, headers=headers, content_type="image/jpeg")


async def endless(request: web.Request) -> web.StreamResponse:
    """Begin like a picture and go on until the visitor leaves."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(MAGIC)
    try:
        while True:
            await response.write(CHUNK)
    except ConnectionError:
        return response


class Canary:
    """A host of the local network that counts its visitors and says nothing."""

    def __init__(self) -> None:
        self.visitors = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen on loopback."""
        self._server = await asyncio.start_server(self._visited, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _visited(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visitors += 1
        writer.close()


class Names(AbstractResolver):
    """A name server that tells what it is given, and remembers what it was asked."""

    def __init__(self, names: Mapping[str, list[str]]) -> None:
        self._names = names
        self.asked: list[str] = []

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return a name's addresses; OSError where there is no such name."""
        self.asked.append(host)
        if not self._names.get(host):
            raise OSError(None, "no such name")
        return [_found(host, address, port) for address in self._names[host]]

    @override
    async def close(self) -> None:
        """Nothing to close."""


def _found(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
    )

"""A line between a consumer and the queue that can be cut, refuse, or go dead without a word."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_CHUNK = 65_536


class _Way:
    """One connection through the line; a frozen one is open at both ends and carries nothing."""

    def __init__(self, *ends: asyncio.StreamWriter) -> None:
        self.ends = ends
        self.frozen = False

    async def carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Carry bytes one way until either end is gone."""
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK):
                if not self.frozen:
                    sink.write(data)
        self.cut()

    def cut(self) -> None:
        """Break the connection at both ends."""
        for end in self.ends:
            end.transport.abort()


class QueueLine:
    """Carries connections to a port; `refusals` are HTTP statuses for the next upgrades."""

    def __init__(self, port: int) -> None:
        self.refusals: deque[int] = deque()
        self.origin = ""
        self._port = port
        self._ways: set[_Way] = set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[QueueLine]:
        """Listen on a port of 127.0.0.1."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.origin = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield self
        self.cut()
        server.close()
        await server.wait_closed()

    def cut(self) -> None:
        """Break what is connected."""
        for way in self._ways:
            way.cut()

    def freeze(self) -> None:
        """Let what is connected go dead: both ends believe that it is open."""
        for way in self._ways:
            way.frozen = True

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusals:
            await reader.readuntil(b"\r\n\r\n")
            status = self.refusals.popleft()
            writer.write(f"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        way = _Way(writer, far_writer)
        self._ways.add(way)
        await asyncio.gather(way.carry(reader, far_writer), way.carry(far_reader, writer))
        self._ways.discard(way)

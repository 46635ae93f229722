"""Faces that a terminal was told to fetch: one task each, ended by ``close``."""

import asyncio
from collections.abc import Callable

from aiohttp import ClientError, ClientSession, ClientTimeout

BIGGEST = 1024 * 1024
JPEG = b"\xff\xd8\xff"


class FaceFetcher:
    """Fetches pictures by the addresses it is given."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def fetch(self, url: str, take: Callable[[bytes | None], None]) -> None:
        """Fetch a JPEG of at most 1 MB in the background; ``None`` if it is not one."""
        task = asyncio.create_task(_fetch(url, take))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def done(self) -> None:
        """Wait until nothing is being fetched."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Fetch no more."""
        for task in self._tasks:
            task.cancel()
        await self.done()


async def _fetch(url: str, take: Callable[[bytes | None], None]) -> None:
    picture: bytes | None = None
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=10)) as session,
            session.get(url) as answer,
        ):
            read = b""
            async for chunk in answer.content.iter_chunked(64 * 1024):
                read += chunk
                if len(read) > BIGGEST:
                    break
            good = answer.status == 200 and read.startswith(JPEG) and len(read) <= BIGGEST
            picture = read if good else None
    except ClientError, TimeoutError, ValueError:
        picture = None
    finally:
        take(picture)

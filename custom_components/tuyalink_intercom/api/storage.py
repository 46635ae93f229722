"""Fetching capture files: from Tuya's storage, by a signed address, without Tuya's headers.

Every socket is checked for where it really leads when it is opened, so that a name that answers
differently each time it is looked up gains nothing. Bounded in bytes, time and redirects.
"""

import asyncio
from collections.abc import Callable
import socket
from ssl import SSLContext
from typing import Final

from aiohttp import (
    AddrInfoType,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    SocketFactoryType,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver
from yarl import URL

from .crypto import CaptureError, open_capture, picture_type
from .guard import AddressGuard, ForbiddenAddressError, is_public
from .regions import Endpoints

_SILENCE: Final = ClientTimeout(total=None, sock_read=15)
_LARGEST: Final = 10 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_MOST_REDIRECTS: Final = 3
_BEGINNING: Final = 64
_TEXT: Final = bytes({*b"\t\r\n", *range(0x20, 0x7F), *range(0x80, 0x100)})

_OK: Final = 200
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_MAYBE_LATER: Final = frozenset({403, 404, 408, 425, 429})
_SERVER_ERRORS: Final = 500


class NotUploadedError(CaptureError):
    """The file is not there (yet): the message of a picture can precede its upload."""


class _NotPublicError(OSError):
    """A name led to an address in the local network; aiohttp tries the name's next address."""


class PictureStorage:
    """Downloads pictures from wherever messages say, if that is a place they may come from.

    Sessions of its own, since one that others share has sockets that may lead anywhere, keeps
    cookies, follows redirects and unpacks what it is sent. A name's private addresses are passed
    over and its public ones used. The private cloud's own origin may lie in the local network.

    `ssl`: how hosts prove who they are. `resolver`: looks names up, stays the caller's.
    `permitted`: which IP addresses count as public. `patience`: seconds that one picture may take.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        ssl: SSLContext,
        resolver: AbstractResolver | None = None,
        *,
        permitted: Callable[[str], bool] = is_public,
        patience: float = 30.0,
    ) -> None:
        self._guard = AddressGuard(endpoints)
        self._permitted = permitted
        self._patience = patience
        self._public = _session(ssl, resolver, self._open)
        self._own = _session(ssl, resolver, None)

    async def fetch(self, url: str, key: str) -> bytes:
        """Return the picture behind a signed address, opened with its key if it is encrypted.

        Raises `CaptureError` when there is none, `NotUploadedError` when there may be one later,
        `ForbiddenAddressError` when nothing is fetched from there.
        """
        return open_capture(await self.download(url), key)

    async def download(self, url: str) -> bytes:
        """Return the file behind a signed address as it is stored; raises as `fetch` does."""
        address = self._guard.checked(url)
        if self._public.closed:
            raise NotUploadedError("nothing is fetched any more")
        private = False
        try:
            async with asyncio.timeout(self._patience):
                return await self._follow(address)
        except ClientConnectorError as error:
            private = isinstance(error.os_error, _NotPublicError)
        except ClientError, TimeoutError, OSError, UnicodeError:
            # Resolvers answer a name that cannot be one with an error about its letters.
            pass
        # Raised here, not above: aiohttp's errors carry the signed address.
        if private:
            raise ForbiddenAddressError("not an address of a storage")
        raise NotUploadedError("storage is unreachable")

    async def close(self) -> None:
        """Close every socket; what is being fetched fails."""
        await self._public.close()
        await self._own.close()

    async def _follow(self, address: URL) -> bytes:
        for _ in range(_MOST_REDIRECTS + 1):
            session = self._own if self._guard.is_own(address) else self._public
            async with session.get(address, allow_redirects=False) as response:
                if response.status not in _MOVED:
                    return await _read(response)
                location = response.headers.get("Location", "")
            address = self._guard.followed(address, location)
        raise CaptureError("redirected too often")

    def _open(self, info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, place = info
        if not self._permitted(place[0]):
            raise _NotPublicError("not public")
        return socket.socket(family, kind, protocol)


def _session(
    ssl: SSLContext, resolver: AbstractResolver | None, opens: SocketFactoryType | None
) -> ClientSession:
    connector = TCPConnector(ssl=ssl, resolver=resolver, use_dns_cache=False, socket_factory=opens)
    return ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        timeout=_SILENCE,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )


async def _read(response: ClientResponse) -> bytes:
    """Return a body, as far as it can be a picture; a wrong type told beside it is no matter.

    Storage answers 403 or 404, or a text with HTTP 200, while a camera still uploads.
    """
    status = response.status
    if status in _MAYBE_LATER or status >= _SERVER_ERRORS:
        raise NotUploadedError(f"storage answered {status}")
    if status != _OK:
        raise CaptureError(f"storage answered {status}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        # A small answer can unpack to any size; pictures are not sent packed.
        raise CaptureError("packed")
    data = await _body(response)
    # A file that holds a picture encrypted begins with control characters.
    if not picture_type(data) and not data[:_BEGINNING].translate(None, _TEXT):
        raise NotUploadedError("storage answered a text")
    return data


async def _body(response: ClientResponse) -> bytes:
    data = bytearray()
    if (response.content_length or 0) > _LARGEST:
        raise CaptureError("larger than any picture")
    async for chunk in response.content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > _LARGEST:
            raise CaptureError("larger than any picture")
    return bytes(data)

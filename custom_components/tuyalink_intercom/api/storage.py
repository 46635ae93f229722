"""Fetching capture files: from Tuya's storage, by a signed address, without Tuya's headers.

The address comes out of a message, so it is not trusted: https only, or the very host
that serves the OpenAPI (a private cloud); no redirects; bounded in bytes and time.
"""

from ipaddress import ip_address
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from .crypto import CaptureError, open_capture
from .regions import Endpoints

_TIMEOUT: Final = ClientTimeout(total=30)
_LARGEST: Final = 10 * 1024 * 1024
_OK: Final = 200
_CHUNK: Final = 64 * 1024


class NotUploadedError(CaptureError):
    """The file is not there (yet): the message of a picture can precede its upload."""


async def fetch_capture(session: ClientSession, endpoints: Endpoints, url: str, key: str) -> bytes:
    """Return the picture behind a signed address; `CaptureError` when there is none.

    Storage answers 403 or 404, or an XML error with HTTP 200, while a camera still uploads.
    """
    address = _checked(url, endpoints)
    try:
        async with session.get(address, timeout=_TIMEOUT, allow_redirects=False) as response:
            if response.status != _OK:
                raise NotUploadedError(f"storage answered {response.status}")
            data = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                data += chunk
                if len(data) > _LARGEST:
                    raise CaptureError("larger than any picture")
    except ClientError, TimeoutError, OSError:
        failed = True
    else:
        failed = False
    if failed:
        # Raised here, not above: aiohttp's errors carry the signed address.
        raise NotUploadedError("storage is unreachable")
    if data.lstrip().startswith((b"<?xml", b"<Error")):
        raise NotUploadedError("storage answered an error")
    return open_capture(bytes(data), key)


def _checked(url: str, endpoints: Endpoints) -> URL:
    try:
        address = URL(url, encoded=True)
        own = address.origin() == endpoints.openapi.origin()
    except ValueError:
        raise CaptureError("not an address") from None
    if not own and (address.scheme != "https" or _is_ip(address.host or "")):
        raise CaptureError("not an address of Tuya's storage")
    return address


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

"""Which addresses a picture may be fetched from: an address out of a message is not trusted.

A message must not make its reader ask the home's own machines. Allowed are https to a named host
in the public internet, which plain http to it is turned into, and the very origin of a private
cloud's OpenAPI.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
import re
from typing import Final

from yarl import URL

from .crypto import CaptureError
from .regions import CUSTOM, Endpoints

_MOST_LETTERS: Final = 8192
_LETTERS: Final = re.compile(r"[!-~]+")
# Ends in a word: what ends in a number is an IPv4 address in one of its many spellings. Tuya's
# storage always has a name, so a literal, even a public one, is nobody's picture. The name system
# knows no longer parts: resolvers raise errors of their own about these, which tell the name.
_NAME: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62}\.?")
# Answered by this machine, or by anybody on the local network (mDNS).
_LOCAL_NAME: Final = re.compile(r"\.local(?:host)?\.?$")

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")

type _Origin = tuple[str, str, int | None]


def is_public(address: str) -> bool:
    """Tell whether an IP address leads out into the public internet, whatever it is written as.

    IPv6 that wraps an IPv4 address counts as private (mapped, compatible, 6to4, Teredo): no name
    server gives it out for a storage. NAT64 counts as what it wraps: networks without IPv4 need it.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return _is_public_v4(found)
    if found in _NAT64:
        return _is_public_v4(IPv4Address(found.packed[-4:]))
    return _is_public_v6(found)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast


def _is_public_v6(address: IPv6Address) -> bool:
    return address.is_global and address in _GLOBAL_UNICAST and address.scope_id is None


class ForbiddenAddressError(CaptureError):
    """An address that nothing is fetched from, or none at all; it is not told which."""


class AddressGuard:
    """Reads addresses out of messages and redirects, and refuses with `ForbiddenAddressError`."""

    def __init__(self, endpoints: Endpoints) -> None:
        # Tuya's own data centers are public hosts like any other: they need no exception.
        self._own = _origin(endpoints.openapi) if endpoints.key == CUSTOM else None

    def is_own(self, address: URL) -> bool:
        """Tell whether an address lies at the private cloud the user named, port and all."""
        return _origin(address) == self._own

    def checked(self, text: str) -> URL:
        """Return a message's text as the address it is; nothing in it is decoded or re-encoded."""
        address = _read(text)
        if address is None:
            raise ForbiddenAddressError("not an address")
        if self.is_own(address):
            return address
        if not _is_named(address):
            raise ForbiddenAddressError("not an address of a storage")
        if address.scheme == "http" and address.explicit_port is None:
            # Tuya tells some of its files so; a signature covers the host, not the scheme.
            return address.with_scheme("https")
        if address.scheme != "https":
            raise ForbiddenAddressError("not an address of a storage")
        return address

    def followed(self, address: URL, location: str) -> URL:
        """Return where a redirect leads, checked like any address; never back to plain http."""
        if not location:
            raise ForbiddenAddressError("redirected to no address")
        found = self.checked(_joined(address, location))
        if address.scheme == "https" and found.scheme != "https":
            raise ForbiddenAddressError("redirected to an address that is not safe")
        return found


def _read(text: str) -> URL | None:
    # None, and no error raised from yarl's: those tell parts of the address.
    if len(text) > _MOST_LETTERS or not _LETTERS.fullmatch(text):
        return None
    try:
        address = URL(text, encoded=True)
        _origin(address)
    except ValueError:
        return None
    return None if "@" in address.raw_authority else address


def _joined(address: URL, location: str) -> str:
    try:
        return str(address.join(URL(location, encoded=True)))
    except ValueError:
        return ""


def _origin(address: URL) -> _Origin:
    return address.scheme, (address.raw_host or "").lower(), address.port


def _is_named(address: URL) -> bool:
    host = (address.raw_host or "").lower()
    return _NAME.fullmatch(host) is not None and _LOCAL_NAME.search(host) is None

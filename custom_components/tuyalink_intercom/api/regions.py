"""Where a Tuya data center listens: the seven regions, and an address the user gives.

A custom endpoint is one more value of the same type; it serves private Tuya clouds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import ipaddress
from types import MappingProxyType
from typing import Literal

from yarl import URL

CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses of one data center; `queues` in the order to try, each ending in "/"."""

    key: str
    openapi: URL
    queues: tuple[URL, ...]


class EndpointError(ValueError):
    """A custom address cannot be used; `field` tells which."""

    def __init__(self, field: Literal["openapi", "queue"]) -> None:
        super().__init__(f"unusable address: {field}")
        self.field = field


def _region(key: str, openapi: str, *queues: str) -> Endpoints:
    hosts = tuple(URL(f"wss://{host}:8285/") for host in queues)
    return Endpoints(key, URL(f"https://{openapi}/"), hosts)


# Tuya's own sources disagree on whether the two smaller centers have a queue host of their own.
REGIONS: Mapping[str, Endpoints] = MappingProxyType(
    {
        region.key: region
        for region in (
            _region("cn", "openapi.tuyacn.com", "mqe.tuyacn.com"),
            _region("us", "openapi.tuyaus.com", "mqe.tuyaus.com"),
            _region("ueaz", "openapi-ueaz.tuyaus.com", "mqe-ueaz.tuyaus.com", "mqe.tuyaus.com"),
            _region("eu", "openapi.tuyaeu.com", "mqe.tuyaeu.com"),
            _region("weaz", "openapi-weaz.tuyaeu.com", "mqe-weaz.tuyaeu.com", "mqe.tuyaeu.com"),
            _region("in", "openapi.tuyain.com", "mqe.tuyain.com"),
            _region("sg", "openapi-sg.iotbing.com", "mqe-sg.iotbing.com"),
        )
    }
)


def custom_endpoints(openapi: str, queue: str) -> Endpoints:
    """Check two addresses of a private cloud; EndpointError names the one that will not do.

    https and wss; http and ws only to the loopback literals. No credentials, query or fragment.
    """
    api = _checked(openapi, "https", "http")
    if api is None or api.path != "/":
        # A path in front of Tuya's own would be part of the signature on one side only.
        raise EndpointError("openapi")
    socket = _checked(queue, "wss", "ws")
    if socket is None:
        raise EndpointError("queue")
    return Endpoints(CUSTOM, api, (socket,))


def _checked(address: str, safe: str, plain: str) -> URL | None:
    try:
        url = URL(address.strip())
    except ValueError:
        return None
    if not url.host or not url.port or not address.strip().isprintable():
        return None
    if url.scheme != safe and not (url.scheme == plain and _is_loopback(url.host)):
        return None
    if url.user is not None or url.password is not None or "?" in address or "#" in address:
        return None
    return url.with_path(f"{url.raw_path.rstrip('/')}/", encoded=True)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # ::ffff:127.0.0.1 counts as loopback in Python, but not for us: literals only.
    return address.is_loopback and getattr(address, "ipv4_mapped", None) is None

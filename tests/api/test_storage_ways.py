"""Ways to a capture: redirects, names and certificates lead to the internet, never into the home.

Loopback counts as the internet where a test does not ask for `is_public`; then it is the home.
"""

import ssl

from aiohttp.abc import ResolveResult
import pytest

from custom_components.tuyalink_intercom.api import (
    CaptureError,
    ForbiddenAddressError,
    NotUploadedError,
)
from custom_components.tuyalink_intercom.api.guard import is_public
from tests.simulator.hostile import Canary

from .internet import JPEG, LOOPBACK, World


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_to_a_public_host(world: World, status: int) -> None:
    world.internet.tell("/p.jpeg", status=status, Location="q.jpeg?sign=%2B")
    world.internet.tell("/q.jpeg", status=status, Location=world.public("r.jpeg", "mirror.example"))
    world.internet.tell("/r.jpeg")
    assert await world.storage().fetch(world.public("p.jpeg"), "") == JPEG
    assert [visit.raw_path for visit in world.internet.visits] == [
        "/p.jpeg",
        "/q.jpeg?sign=%2B",
        "/r.jpeg",
    ]


async def test_a_private_cloud_may_send_to_a_public_storage(world: World) -> None:
    world.private.tell("/p.jpeg", status=302, Location=world.public("q.jpeg"))
    world.internet.tell("/q.jpeg")
    assert await world.storage().fetch(world.own("p.jpeg"), "") == JPEG


async def test_redirects_are_followed_three_times(world: World) -> None:
    for number in range(4):
        world.internet.tell(f"/{number}", status=302, Location=f"/{number + 1}")
    world.internet.tell("/4")
    assert await world.storage().fetch(world.public("1"), "") == JPEG
    with pytest.raises(CaptureError, match="too often"):
        await world.storage().fetch(world.public("0"), "")


async def test_a_redirect_back_to_plain_http_is_not_followed(world: World) -> None:
    world.internet.tell("/p.jpeg", status=302, Location=world.own("q.jpeg"))
    with pytest.raises(ForbiddenAddressError):
        await world.storage().fetch(world.public("p.jpeg"), "")
    assert world.private.visits == []


async def test_a_redirect_without_an_address_leads_nowhere(world: World) -> None:
    world.internet.tell("/p.jpeg", status=302)
    with pytest.raises(ForbiddenAddressError):
        await world.storage().fetch(world.public("p.jpeg"), "")


@pytest.mark.parametrize("host", [LOOPBACK, "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1"])
async def test_a_redirect_into_the_home_is_not_followed(
    world: World, canary: Canary, host: str
) -> None:
    for scheme in ("http", "https"):
        world.private.tell("/p.jpeg", status=302, Location=f"{scheme}://{host}:{canary.port}/")
        with pytest.raises(ForbiddenAddressError):
            await world.storage(is_public).fetch(world.own("p.jpeg"), "")
    assert canary.visitors == 0


@pytest.mark.parametrize(
    "addresses",
    [
        [LOOPBACK],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["10.0.0.1", "192.168.1.1"],
        ["169.254.169.254"],
        ["fd00::1", "fe80::1%eth0"],
        ["64:ff9b::7f00:1", "2002:7f00:1::"],
        [LOOPBACK, "::1", "10.0.0.1", "fd00::1"],
    ],
)
async def test_a_name_that_leads_into_the_home_is_not_visited(
    world: World, canary: Canary, addresses: list[str]
) -> None:
    world.names["evil.example"] = addresses
    with pytest.raises(ForbiddenAddressError):
        await world.storage(is_public).fetch(f"https://evil.example:{canary.port}/", "")
    assert world.resolver.asked == ["evil.example"]
    assert canary.visitors == 0


async def test_a_redirect_to_a_name_that_leads_into_the_home_is_not_followed(
    world: World, canary: Canary
) -> None:
    world.names["evil.example"] = [LOOPBACK]
    world.private.tell("/p.jpeg", status=302, Location=f"https://evil.example:{canary.port}/")
    with pytest.raises(ForbiddenAddressError):
        await world.storage(is_public).fetch(world.own("p.jpeg"), "")
    assert canary.visitors == 0


async def test_of_a_names_addresses_only_the_public_ones_are_used(world: World) -> None:
    world.names["storage.example"] = ["10.0.0.1", "fd00::1", LOOPBACK]
    world.internet.tell("/p.jpeg")
    assert await world.storage().fetch(world.public("p.jpeg"), "") == JPEG


async def test_a_name_that_changes_its_mind_gains_nothing(world: World) -> None:
    world.internet.tell("/p.jpeg", Connection="close")
    storage = world.storage()
    assert await storage.fetch(world.public("p.jpeg"), "") == JPEG
    world.names["storage.example"] = ["10.0.0.1"]
    with pytest.raises(ForbiddenAddressError):
        await storage.fetch(world.public("p.jpeg"), "")
    assert len(world.internet.visits) == 1


async def test_an_error_about_a_names_letters_does_not_tell_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(host: str, *_: object, **__: object) -> list[ResolveResult]:
        raise UnicodeEncodeError("idna", host, 0, len(host), "label too long")

    monkeypatch.setattr(world.resolver, "resolve", refuse)
    with pytest.raises(NotUploadedError) as error:
        await world.storage().fetch(world.public("p.jpeg"), "")
    assert "storage.example" not in repr(error.value)
    assert error.value.__context__ is None


async def test_a_host_that_does_not_prove_its_name_is_not_asked(world: World) -> None:
    with pytest.raises(NotUploadedError):
        await world.storage(trusts=ssl.create_default_context()).fetch(world.public("p"), "")
    world.names["other.example"] = [LOOPBACK]
    with pytest.raises(NotUploadedError):
        await world.storage().fetch(world.public("p.jpeg", "other.example"), "")
    assert world.internet.visits == []

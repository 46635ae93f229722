"""Fetching a capture: whole, bounded, and a picture; whatever the storage answers."""

import asyncio
import ssl

from aiohttp import web
import pytest

from custom_components.tuyalink_intercom.api import (
    CaptureError,
    NotUploadedError,
    PictureStorage,
    custom_endpoints,
)
from custom_components.tuyalink_intercom.api.guard import is_public
from tests.simulator import hostile
from tests.simulator.hostile import Canary

from .internet import JPEG, LOOPBACK, World

MEBI = 1024 * 1024


async def test_a_picture_is_fetched_from_a_private_cloud(world: World) -> None:
    world.private.tell("/p.jpeg")
    assert await world.storage(is_public).fetch(world.own("p.jpeg?sign=1"), "") == JPEG
    assert world.resolver.asked == []


async def test_a_picture_is_fetched_from_the_internet(world: World) -> None:
    world.internet.tell("/p.jpeg")
    assert await world.storage().fetch(world.public("p.jpeg?sign=%2F1"), "") == JPEG
    assert world.internet.visits[0].raw_path == "/p.jpeg?sign=%2F1"


async def test_a_picture_with_a_wrong_type_is_still_a_picture(world: World) -> None:
    world.internet.tell("/p.jpeg", Content_Type="text/html")
    assert await world.storage().fetch(world.public("p.jpeg"), "") == JPEG


@pytest.mark.parametrize("status", [403, 404, 408, 425, 429, 500, 502, 503])
async def test_a_file_that_is_not_there_yet_may_come_later(world: World, status: int) -> None:
    world.internet.tell("/p.jpeg", status=status)
    with pytest.raises(NotUploadedError):
        await world.storage().fetch(world.public("p.jpeg"), "")


@pytest.mark.parametrize("status", [204, 206, 300, 304, 400, 401, 410, 451])
async def test_a_file_that_is_refused_for_good_is_not_asked_for_again(
    world: World, status: int
) -> None:
    world.internet.tell("/p.jpeg", b"" if status in {204, 304} else JPEG, status)
    with pytest.raises(CaptureError, match=str(status)) as error:
        await world.storage().fetch(world.public("p.jpeg"), "")
    assert not isinstance(error.value, NotUploadedError)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<?xml version='1.0'?><Error/>",
        b"\xef\xbb\xbf<?xml version='1.0'?><Error/>",
        b"\r\n<Error><Code>NoSuchKey</Code></Error>",
        b'{"code": "NoSuchBucket"}',
        "Die Datei ist nicht verfügbar.\n".encode(),
        hostile.HTML,
        hostile.SVG,
    ],
)
async def test_a_text_is_no_picture_but_one_may_come_later(world: World, body: bytes) -> None:
    world.internet.tell("/p.jpeg", body, Content_Type="image/jpeg")
    with pytest.raises(NotUploadedError):
        await world.storage().fetch(world.public("p.jpeg"), "")


@pytest.mark.parametrize(
    "body", [b"GIF89a" + bytes(64), b"%PDF-1.7" + bytes(8), bytes(128), b"\x01"]
)
async def test_bytes_that_are_no_picture_are_refused(world: World, body: bytes) -> None:
    world.internet.tell("/p.jpeg", body, Content_Type="image/jpeg")
    with pytest.raises(CaptureError, match="picture"):
        await world.storage().fetch(world.public("p.jpeg"), "")


async def test_a_file_that_says_it_is_too_large_is_not_read(world: World) -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 10 * MEBI + 1
        await response.prepare(request)
        await response.write(JPEG)
        return response

    world.internet.told["/p.jpeg"] = serve
    with pytest.raises(CaptureError, match="larger"):
        await world.storage().fetch(world.public("p.jpeg"), "")


async def test_an_answer_without_an_end_is_not_read_to_its_end(world: World) -> None:
    world.internet.told["/p.jpeg"] = hostile.endless
    with pytest.raises(CaptureError, match="larger"):
        await world.storage().fetch(world.public("p.jpeg"), "")


async def test_a_picture_of_the_largest_size_is_read(world: World) -> None:
    largest = JPEG + bytes(10 * MEBI - len(JPEG))
    world.internet.tell("/p.jpeg", largest)
    assert await world.storage().fetch(world.public("p.jpeg"), "") == largest


@pytest.mark.parametrize("packed_as", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
async def test_what_is_packed_is_not_unpacked(world: World, packed_as: str) -> None:
    world.internet.tell("/p.jpeg", Content_Encoding=packed_as)
    with pytest.raises(CaptureError, match="packed"):
        await world.storage().fetch(world.public("p.jpeg"), "")
    assert world.internet.visits[0].headers["Accept-Encoding"] == "identity"


async def test_a_bomb_does_not_go_off(world: World) -> None:
    async def serve(_: web.Request) -> web.Response:
        return hostile.bomb()

    world.internet.told["/p.jpeg"] = serve
    with pytest.raises(CaptureError, match="packed"):
        await world.storage().fetch(world.public("p.jpeg"), "")


async def test_a_storage_learns_nothing_of_the_project(world: World) -> None:
    world.internet.tell("/p.jpeg", Set_Cookie="who=you; Path=/")
    storage = world.storage()
    await storage.fetch(world.public("p.jpeg"), "")
    await storage.fetch(world.public("p.jpeg"), "")
    for visit in world.internet.visits:
        assert set(visit.headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent"}


async def test_the_environment_sends_nobody_to_a_proxy(
    world: World, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://{LOOPBACK}:{canary.port}")
    world.private.tell("/p.jpeg")
    world.internet.tell("/p.jpeg")
    assert await world.storage().fetch(world.own("p.jpeg"), "") == JPEG
    assert await world.storage().fetch(world.public("p.jpeg"), "") == JPEG
    assert canary.visitors == 0


async def test_a_storage_that_never_answers_is_not_waited_for(world: World) -> None:
    over = asyncio.Event()

    async def serve(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    world.internet.told["/p.jpeg"] = serve
    with pytest.raises(NotUploadedError):
        await world.storage(patience=0.05).fetch(world.public("p.jpeg"), "")
    over.set()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n..",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + JPEG,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: a\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe://\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        b"HTTP/1.1 99999 Odd\r\n\r\n",
    ],
)
async def test_what_does_not_speak_http_has_no_picture(socket_enabled: None, answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(speak, LOOPBACK, 0)
    own = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/"
    endpoints = custom_endpoints(own, own.replace("http", "ws"))
    storage = PictureStorage(endpoints, ssl.create_default_context())
    with pytest.raises(CaptureError):
        await storage.fetch(own, "")
    await storage.close()
    server.close()
    await server.wait_closed()


async def test_an_unreachable_storage_is_told_without_its_address(world: World) -> None:
    world.names["storage.example"] = []
    addresses = (world.public("p?sign=topsecret"), "https://gone.example/p?sign=topsecret")
    for address in addresses:
        with pytest.raises(NotUploadedError) as error:
            await world.storage().fetch(address, "")
        assert "topsecret" not in repr(error.value)
        assert error.value.__cause__ is None
        assert error.value.__context__ is None


async def test_a_closed_storage_fetches_nothing_more(world: World) -> None:
    storage = world.storage()
    await storage.close()
    await storage.close()
    with pytest.raises(NotUploadedError):
        await storage.fetch(world.public("p.jpeg"), "")
    assert world.internet.visits == []

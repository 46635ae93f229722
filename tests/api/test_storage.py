"""Fetching a capture: from Tuya's storage only, whole, and a picture."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.tuyalink_intercom.api import CaptureError, Endpoints, custom_endpoints
from custom_components.tuyalink_intercom.api.storage import NotUploadedError, fetch_capture

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0004000101ffd9")


@pytest.fixture
async def answers(socket_enabled: None) -> AsyncIterator[tuple[Endpoints, dict[str, web.Response]]]:
    """Serve one answer per path, at the address that also serves the OpenAPI."""
    told: dict[str, web.Response] = {}

    async def answer(request: web.Request) -> web.Response:
        return told[request.path]

    app = web.Application()
    app.router.add_get("/{name}", answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    origin = f"http://127.0.0.1:{server.port}/"
    yield custom_endpoints(origin, origin.replace("http", "ws")), told
    await server.close()


async def fetched(endpoints: Endpoints, url: str) -> bytes:
    async with ClientSession() as session:
        return await fetch_capture(session, endpoints, url, "")


async def test_a_picture_is_fetched(
    answers: tuple[Endpoints, dict[str, web.Response]],
) -> None:
    endpoints, told = answers
    told["/p.jpeg"] = web.Response(body=JPEG)
    assert await fetched(endpoints, f"{endpoints.openapi}p.jpeg?sign=1") == JPEG


@pytest.mark.parametrize(
    ("status", "body"), [(403, b""), (404, b""), (200, b"<?xml version='1.0'?><Error/>")]
)
async def test_a_file_that_is_not_there_yet_may_come_later(
    answers: tuple[Endpoints, dict[str, web.Response]], status: int, body: bytes
) -> None:
    endpoints, told = answers
    told["/p.jpeg"] = web.Response(status=status, body=body)
    with pytest.raises(NotUploadedError):
        await fetched(endpoints, f"{endpoints.openapi}p.jpeg")


async def test_what_is_larger_than_any_picture_is_not_read_to_its_end(
    answers: tuple[Endpoints, dict[str, web.Response]],
) -> None:
    endpoints, told = answers
    told["/p.jpeg"] = web.Response(body=JPEG + bytes(11 * 1024 * 1024))
    with pytest.raises(CaptureError, match="larger"):
        await fetched(endpoints, f"{endpoints.openapi}p.jpeg")


async def test_a_redirect_is_not_followed(
    answers: tuple[Endpoints, dict[str, web.Response]],
) -> None:
    endpoints, told = answers
    told["/p.jpeg"] = web.Response(status=302, headers={"Location": "/other"})
    with pytest.raises(NotUploadedError):
        await fetched(endpoints, f"{endpoints.openapi}p.jpeg")


async def test_an_unreachable_storage_is_told_without_its_address(
    answers: tuple[Endpoints, dict[str, web.Response]],
) -> None:
    endpoints, _ = answers
    closed = custom_endpoints("http://127.0.0.1:1/", "ws://127.0.0.1:1/")
    with pytest.raises(NotUploadedError) as error:
        await fetched(closed, "http://127.0.0.1:1/p.jpeg?signature=topsecret")
    assert "topsecret" not in repr(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None
    assert endpoints.openapi


@pytest.mark.parametrize(
    "url",
    [
        "http://storage.example/p.jpeg",
        "https://192.168.1.1/p.jpeg",
        "https://[::1]/p.jpeg",
        "file:///etc/passwd",
        "not an address",
        "https://",
    ],
)
async def test_an_address_that_is_not_tuyas_storage_is_not_asked(
    answers: tuple[Endpoints, dict[str, web.Response]], url: str
) -> None:
    endpoints, _ = answers
    with pytest.raises(CaptureError, match="address"):
        await fetched(endpoints, url)

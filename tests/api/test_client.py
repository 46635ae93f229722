"""Calls to the OpenAPI over a real socket: what is sent, and faults of the line."""

import asyncio
from collections.abc import Awaitable, Callable
import json

from aiohttp import ClientSession, web
import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaCommandError,
    TuyaConnectionError,
    TuyaPermissionError,
)
from custom_components.tuyalink_intercom.api.regions import custom_endpoints

from .conftest import Listen
from .small_cloud import ACCESS_ID, ACCESS_SECRET, SmallCloud
from .things import FILLED, IDS, PATH, TOKEN, get, post

type Call = Callable[[TuyaCloud], Awaitable[object]]


async def test_a_call_signs_in_and_returns_its_result(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(FILLED, [1, 2])
    assert await get(cloud) == [1, 2]
    assert small_cloud.paths() == [TOKEN, FILLED]
    assert cloud.uid == small_cloud.uid
    assert cloud.counters.calls == {f"GET {TOKEN}": 1, f"GET {PATH}": 1}


async def test_query_values_are_signed_in_clear_and_sent_encoded(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer("/v1.0/pictures", "url")
    path = "/1de0/detect/1.jpeg?param=a+b/c=&x"
    assert await cloud.request("GET", "/v1.0/pictures", query={"path": path, "bucket": "b,c"})
    query = "bucket=b%2Cc&path=%2F1de0%2Fdetect%2F1.jpeg%3Fparam%3Da%2Bb%2Fc%3D%26x"
    assert small_cloud.seen[-1].target == f"/v1.0/pictures?{query}"


async def test_ids_cannot_leave_their_place_in_the_path(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer("/v1.0/things/a/../b?c/values", 1)
    assert await cloud.request("GET", PATH, ids={"thing_id": "a/../b?c"}) == 1
    assert small_cloud.seen[-1].target == "/v1.0/things/a%2F..%2Fb%3Fc/values"


async def test_a_body_is_sent_as_the_bytes_that_were_signed(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(FILLED, {})
    await cloud.request("POST", PATH, ids=IDS, body={"name": "Tür 1", "n": 1.5})
    seen = small_cloud.seen[-1]
    assert json.loads(seen.body) == {"name": "Tür 1", "n": 1.5}
    assert seen.headers["Content-Type"] == "application/json"


async def test_a_post_without_body_still_names_json(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(FILLED, {})
    await cloud.request("POST", PATH, ids=IDS)
    assert small_cloud.seen[-1].body == b""
    assert small_cloud.seen[-1].headers["Content-Type"] == "application/json"


async def test_a_refusal_names_its_kind_code_and_trace(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(FILLED, 28841105)
    with pytest.raises(TuyaPermissionError) as error:
        await post(cloud)
    assert error.value.definite
    assert error.value.trace_id == "trace0001"
    assert str(error.value) == f"api_not_authorized (28841105) at POST {PATH}"


async def test_an_unknown_refusal_is_the_commands(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(FILLED, 40001900)
    with pytest.raises(TuyaCommandError) as error:
        await get(cloud)
    assert error.value.reason is Reason.UNKNOWN


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 200, Reason.MALFORMED_ANSWER),
        (b"<html>portal</html>", 200, Reason.MALFORMED_ANSWER),
        (b'{"result": 1}', 200, Reason.MALFORMED_ANSWER),
        (b'{"success": true, "result": "' + b"x" * (8 << 20), 200, Reason.MALFORMED_ANSWER),
        (b'{"success": true, "result": 1}', 403, Reason.MALFORMED_ANSWER),
        (b"bad gateway", 502, Reason.SERVER_ERROR),
    ],
)
async def test_an_answer_that_is_not_tuyas_means_try_later(
    cloud: TuyaCloud, small_cloud: SmallCloud, body: bytes, status: int, reason: Reason
) -> None:
    small_cloud.reply(FILLED, small_cloud.raw(body, status))
    with pytest.raises(TuyaConnectionError) as error:
        await get(cloud)
    assert (error.value.reason, error.value.code) == (reason, status)
    assert cloud.counters.errors == {reason.value: 1}


async def test_a_redirection_is_not_followed_with_signed_headers(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.reply(FILLED, small_cloud.raw(b"", 302, Location="/elsewhere"))
    with pytest.raises(TuyaConnectionError):
        await get(cloud)
    assert small_cloud.paths()[-1] == FILLED


async def test_a_connection_dropped_in_the_answer_hides_the_address(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    async def drop(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"success": true')
        assert request.transport is not None
        request.transport.abort()
        return response

    small_cloud.reply(FILLED, drop)
    with pytest.raises(TuyaConnectionError) as error:
        await post(cloud)
    assert error.value.reason is Reason.UNREACHABLE
    assert not error.value.definite
    assert (error.value.__cause__, error.value.__context__) == (None, None)
    assert "thing0001" not in repr(error.value)
    assert small_cloud.paths().count(FILLED) == 1


async def test_a_cloud_that_is_not_there_is_unreachable(
    session: ClientSession, listen: Listen
) -> None:
    endpoints = custom_endpoints("http://127.0.0.1:1", "ws://127.0.0.1:1")
    with pytest.raises(TuyaConnectionError) as error:
        await TuyaCloud(session, endpoints, ACCESS_ID, ACCESS_SECRET).connect()
    assert error.value.reason is Reason.UNREACHABLE
    assert error.value.__context__ is None


async def test_a_cloud_that_does_not_answer_in_15_seconds_times_out(
    cloud: TuyaCloud, small_cloud: SmallCloud, pass_time: Callable[[float], None]
) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        arrived.set()
        await never.wait()
        return web.Response()

    small_cloud.reply(FILLED, hang)
    call = asyncio.create_task(post(cloud))
    await arrived.wait()
    pass_time(16)
    with pytest.raises(TuyaConnectionError) as error:
        await call
    assert error.value.reason is Reason.TIMED_OUT
    assert error.value.__context__ is None
    assert not error.value.definite
    assert small_cloud.paths().count(FILLED) == 1
    never.set()

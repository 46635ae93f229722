"""Signing in over a real socket: one token, shared, replaced, never refreshed."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import ClientSession, web
import pytest

from custom_components.tuyalink_intercom.api.auth import token_from
from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaAuthError,
    TuyaConnectionError,
)
from custom_components.tuyalink_intercom.api.regions import Endpoints

from .conftest import Clock
from .small_cloud import ACCESS_ID, ACCESS_SECRET, NOON, SmallCloud
from .things import FILLED, TOKEN, get, post

type Call = Callable[[TuyaCloud], Awaitable[object]]


async def test_connecting_proves_the_keys_and_later_calls_use_its_token(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(FILLED, 1)
    assert cloud.uid is None
    await cloud.connect()
    await get(cloud)
    await cloud.connect()
    assert small_cloud.paths() == [TOKEN, FILLED, TOKEN]


async def test_many_calls_at_once_sign_in_once(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(FILLED, 1)
    await asyncio.gather(*(get(cloud) for _ in range(10)))
    assert small_cloud.paths().count(TOKEN) == 1


async def test_a_token_is_used_until_a_minute_before_its_end(
    cloud: TuyaCloud, small_cloud: SmallCloud, clock: Clock
) -> None:
    small_cloud.answer(FILLED, 1)
    small_cloud.life = 5433
    await get(cloud)
    clock.time = small_cloud.clock = NOON + 5372
    await get(cloud)
    assert small_cloud.paths().count(TOKEN) == 1
    clock.time = small_cloud.clock = NOON + 5373
    await get(cloud)
    assert small_cloud.paths().count(TOKEN) == 2


async def test_a_token_with_little_life_left_is_not_asked_for_with_every_call(
    cloud: TuyaCloud, small_cloud: SmallCloud, clock: Clock
) -> None:
    small_cloud.answer(FILLED, 1)
    small_cloud.life = 20
    await get(cloud)
    clock.time = small_cloud.clock = NOON + 9
    await get(cloud)
    assert small_cloud.paths().count(TOKEN) == 1
    clock.time = small_cloud.clock = NOON + 10
    small_cloud.life = 0
    assert (await get(cloud), await get(cloud)) == (1, 1)
    assert small_cloud.paths().count(TOKEN) == 3


async def test_a_tokens_end_is_counted_by_the_clouds_clock(
    cloud: TuyaCloud, small_cloud: SmallCloud, clock: Clock
) -> None:
    clock.time = NOON - 240
    small_cloud.answer(FILLED, 1)
    small_cloud.life = 600
    await get(cloud)
    clock.time, small_cloud.clock = NOON + 301, NOON + 541
    await get(cloud)
    assert small_cloud.paths().count(TOKEN) == 2


@pytest.mark.parametrize("code", [1002, 1010, 1011, 1012, 1400])
@pytest.mark.parametrize("call", [get, post])
async def test_a_refused_token_is_replaced_and_the_call_repeated_once(
    cloud: TuyaCloud, small_cloud: SmallCloud, code: int, call: Call
) -> None:
    await cloud.connect()
    small_cloud.refuse(FILLED, code)
    small_cloud.answer(FILLED, "done")
    assert await call(cloud) == "done"
    assert small_cloud.paths() == [TOKEN, FILLED, TOKEN, FILLED]
    assert "refresh" not in str(small_cloud.seen)


async def test_a_token_ended_by_another_program_is_replaced(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(FILLED, 1)
    await get(cloud)
    small_cloud.end_tokens()
    assert [*await asyncio.gather(get(cloud), get(cloud), get(cloud))] == [1, 1, 1]
    assert small_cloud.paths().count(TOKEN) == 2


async def test_a_token_refused_again_is_an_error(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.refuse(FILLED, 1010)
    with pytest.raises(TuyaAuthError) as error:
        await post(cloud)
    assert (error.value.reason, error.value.code) == (Reason.TOKEN_REJECTED, 1010)
    assert small_cloud.paths().count(FILLED) == 2
    assert cloud.counters.errors == {"token_rejected": 1}


async def test_a_token_code_for_the_sign_in_itself_is_an_error(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(TOKEN, 1010)
    with pytest.raises(TuyaAuthError):
        await cloud.connect()
    assert small_cloud.paths() == [TOKEN]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1001, Reason.INVALID_SECRET),
        (1004, Reason.INVALID_SECRET),
        (1005, Reason.UNKNOWN_ACCESS_ID),
        (2009, Reason.UNKNOWN_ACCESS_ID),
    ],
)
async def test_bad_keys_are_told_by_the_sign_in(
    cloud: TuyaCloud, small_cloud: SmallCloud, code: int, reason: Reason
) -> None:
    small_cloud.refuse(TOKEN, code)
    with pytest.raises(TuyaAuthError) as error:
        await get(cloud)
    assert (error.value.reason, error.value.call) == (reason, f"GET {TOKEN}")
    assert small_cloud.paths() == [TOKEN]


async def test_a_wrong_secret_is_found_out(
    session: ClientSession, endpoints: Endpoints, clock: Clock
) -> None:
    cloud = TuyaCloud(session, endpoints, ACCESS_ID, "f" * 32, now=clock)
    with pytest.raises(TuyaAuthError) as error:
        await cloud.connect()
    assert error.value.reason is Reason.INVALID_SECRET


@pytest.mark.parametrize("access_id", ["id\r\nx: y", "ïd", "\x00"])
async def test_an_access_id_that_cannot_be_sent_is_unknown(
    session: ClientSession, endpoints: Endpoints, small_cloud: SmallCloud, access_id: str
) -> None:
    cloud = TuyaCloud(session, endpoints, access_id, ACCESS_SECRET)
    with pytest.raises(TuyaAuthError) as error:
        await cloud.connect()
    assert error.value.reason is Reason.UNKNOWN_ACCESS_ID
    assert small_cloud.seen == []


@pytest.mark.parametrize(
    "result",
    [
        None,
        [],
        {},
        {"access_token": "", "expire_time": 7200},
        {"access_token": 7, "expire_time": 7200},
        {"access_token": "t\r\nx: y", "expire_time": 7200},
        {"access_token": "t" * 513, "expire_time": 7200},
        {"access_token": "t"},
        {"access_token": "t", "expire_time": "7200"},
        {"access_token": "t", "expire_time": True},
    ],
)
async def test_a_sign_in_without_a_token_is_malformed(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(TOKEN, result)
    with pytest.raises(TuyaConnectionError) as error:
        await cloud.connect()
    assert error.value.reason is Reason.MALFORMED_ANSWER


def test_a_token_is_read_in_both_spellings_and_never_shown() -> None:
    token = token_from({"access_token": "s3cret", "expire": 100, "uid": 7}, NOON)
    assert token is not None
    assert (token.value, token.renew_at, token.uid) == ("s3cret", NOON + 50, None)
    assert "s3cret" not in repr(token)


async def test_a_cancelled_sign_in_leaves_the_way_free(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        arrived.set()
        await never.wait()
        return web.Response()

    small_cloud.reply(TOKEN, hang)
    task = asyncio.create_task(cloud.connect())
    await arrived.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    small_cloud.forget(TOKEN)
    await cloud.connect()
    assert cloud.uid == small_cloud.uid
    never.set()

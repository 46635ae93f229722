"""What is sent again over a real socket, and what never is."""

import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaAuthError,
    TuyaConnectionError,
    TuyaError,
)

from .conftest import Clock, Naps
from .small_cloud import NOON, SmallCloud
from .things import FILLED, IDS, PATH, TOKEN, get, post


async def test_a_signature_refused_in_service_is_doubted_once(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(FILLED, 1004)
    small_cloud.answer(FILLED, 1)
    assert await get(cloud) == 1
    assert small_cloud.paths() == [TOKEN, FILLED, TOKEN, FILLED]


async def test_a_command_is_not_repeated_after_a_refused_signature(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(FILLED, 1004)
    with pytest.raises(TuyaAuthError):
        await post(cloud)
    assert small_cloud.paths() == [TOKEN, FILLED]


@pytest.mark.parametrize("hours", [-9, -1, 1, 9])
async def test_a_wrong_clock_is_corrected_at_the_first_refusal(
    cloud: TuyaCloud, small_cloud: SmallCloud, clock: Clock, hours: int
) -> None:
    clock.time = NOON + hours * 3600
    small_cloud.answer(FILLED, 1)
    assert await get(cloud) == 1
    assert small_cloud.paths() == [TOKEN, TOKEN, FILLED]
    assert cloud.clock_offset == -hours * 3600
    assert cloud.now() == NOON


async def test_a_clock_set_in_service_is_corrected_for_a_command_too(
    cloud: TuyaCloud, small_cloud: SmallCloud, clock: Clock
) -> None:
    small_cloud.answer(FILLED, 1)
    await get(cloud)
    clock.time += 3600
    small_cloud.life = 9000
    assert await post(cloud) == 1
    assert cloud.now() == NOON
    assert small_cloud.paths().count(FILLED) == 3


async def test_a_clock_refused_again_is_an_error(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.refuse(FILLED, 1013)
    with pytest.raises(TuyaConnectionError) as error:
        await get(cloud)
    assert error.value.reason is Reason.CLOCK_SKEW
    assert small_cloud.paths().count(FILLED) == 2


@pytest.mark.parametrize("code", [1110, 1111, 1112, 1113, 1199])
async def test_a_busy_tuya_is_asked_again_after_a_while(
    cloud: TuyaCloud, small_cloud: SmallCloud, naps: Naps, code: int
) -> None:
    small_cloud.refuse(FILLED, code, code)
    small_cloud.answer(FILLED, 1)
    assert await get(cloud) == 1
    assert naps.seconds == [2.0, 4.0]


async def test_a_tuya_that_stays_busy_is_left_alone(
    cloud: TuyaCloud, small_cloud: SmallCloud, naps: Naps
) -> None:
    small_cloud.refuse(FILLED, 1110)
    with pytest.raises(TuyaConnectionError) as error:
        await get(cloud)
    assert (error.value.reason, error.value.retry_after) == (Reason.THROTTLED, 60.0)
    assert (error.value.trace_id, naps.seconds) == ("trace0001", [2.0, 4.0])


async def test_a_gateway_that_is_busy_is_asked_again_too(
    cloud: TuyaCloud, small_cloud: SmallCloud, naps: Naps
) -> None:
    small_cloud.reply(FILLED, small_cloud.raw(b"slow down", 429, Retry_After="90"))
    with pytest.raises(TuyaConnectionError) as error:
        await get(cloud)
    assert (error.value.code, error.value.retry_after) == (429, 90.0)
    assert naps.seconds == [2.0, 4.0]


@pytest.mark.parametrize("code", [500, 1103, 1110, 2001, 2008])
async def test_a_command_is_sent_once(
    cloud: TuyaCloud, small_cloud: SmallCloud, naps: Naps, code: int
) -> None:
    small_cloud.refuse(FILLED, code)
    with pytest.raises(TuyaError) as error:
        await post(cloud)
    assert error.value.code == code
    assert (small_cloud.paths().count(FILLED), naps.seconds) == (1, [])


async def test_a_post_that_only_reads_may_be_repeated(
    cloud: TuyaCloud, small_cloud: SmallCloud, naps: Naps
) -> None:
    small_cloud.refuse(FILLED, 1110)
    small_cloud.answer(FILLED, 1)
    assert await cloud.request("POST", PATH, ids=IDS, repeatable=True) == 1
    assert naps.seconds == [2.0]

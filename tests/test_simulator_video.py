"""The simulated streaming service: an address that plays, for who opens it in time."""

import asyncio
from asyncio.subprocess import Process
from http import HTTPStatus
import shutil
import signal
from typing import Any

import pytest

from tests.simulator import TuyaSimulator, video
from tests.simulator.client import Client, Clock
from tests.simulator.video import Answer

TS_SYNC = 0x47
NOT_FOUND = int(HTTPStatus.NOT_FOUND)

needs_ffmpeg = pytest.mark.skipif(
    shutil.which(video.FFMPEG) is None, reason="no ffmpeg here, so the simulator has no video"
)


async def allocated(client: Client, device_id: str, kind: str = "hls") -> str:
    """Return the address that Tuya gives."""
    answer = await client.post(f"/v1.0/devices/{device_id}/stream/actions/allocate", {"type": kind})
    url: str = answer["result"]["url"]
    return url


async def opened(client: Client, url: str) -> tuple[int, list[str]]:
    """Return status and pieces of what an address shows now."""
    async with client.session.get(url) as answer:
        lines = (await answer.text()).splitlines()
        return answer.status, [line for line in lines if line.endswith(".ts")]


@needs_ffmpeg
async def test_an_address_shows_a_window_of_video_that_moves_with_time(
    client: Client, clock: Clock, ids: dict[str, str]
) -> None:
    url = await allocated(client, ids["Intercom"])
    _, first = await opened(client, url)
    assert [piece.rpartition("/")[2] for piece in first] == ["0.ts", "1.ts", "2.ts"]
    clock.time += 20
    _, later = await opened(client, url)
    assert [piece.rpartition("/")[2] for piece in later] == [f"{n}.ts" for n in range(7, 13)]
    async with client.session.get(f"{url.rpartition('/')[0]}/{later[0]}") as piece:
        assert (await piece.read())[0] == TS_SYNC


@needs_ffmpeg
async def test_an_address_is_cut_after_ten_minutes_to_the_second(
    client: Client, clock: Clock, ids: dict[str, str]
) -> None:
    url = await allocated(client, ids["Intercom"])
    await opened(client, url)
    clock.time += 599
    _, pieces = await opened(client, url)
    clock.time += 1
    assert (await opened(client, url))[0] == NOT_FOUND
    assert (await opened(client, f"{url.rpartition('/')[0]}/{pieces[0]}"))[0] == NOT_FOUND


async def test_an_address_that_nobody_opens_in_time_is_spent(
    client: Client, clock: Clock, ids: dict[str, str]
) -> None:
    url = await allocated(client, ids["Intercom"])
    clock.time += 31
    assert (await opened(client, url))[0] == NOT_FOUND
    assert (await opened(client, url.replace(ids["Intercom"], "another")))[0] == NOT_FOUND


async def test_a_device_answers_each_kind_in_its_own_way(
    cloud: TuyaSimulator, client: Client, ids: dict[str, str]
) -> None:
    intercom = ids["Intercom"]
    path = f"/v1.0/devices/{intercom}/stream/actions/allocate"
    assert (await client.post(path, {"type": "rtsp"}))["code"] == 2003
    cloud.video.behave(intercom, "rtsp", Answer.EMPTY)
    assert await allocated(client, intercom, "rtsp") == ""
    cloud.video.behave(intercom, "rtsp", Answer.DEAD)
    assert (await opened(client, await allocated(client, intercom, "rtsp")))[0] == NOT_FOUND


async def test_without_ffmpeg_an_address_says_why_it_shows_nothing(
    client: Client, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "FFMPEG", "no-such-program")
    monkeypatch.setattr(video.Footage, "_made", None)
    async with client.session.get(await allocated(client, ids["Intercom"])) as answer:
        assert answer.status == NOT_FOUND
        assert "no ffmpeg" in await answer.text()


@needs_ffmpeg
async def test_a_cloud_that_stops_ends_the_program_that_makes_its_video(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(video.Footage, "_made", None)
    # At the speed of the clip: it would take half a minute.
    monkeypatch.setattr(video, "ENCODE", ("-re", *video.ENCODE))
    begun: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
    begin = asyncio.create_subprocess_exec

    async def tell(*command: str, **options: Any) -> Process:
        process = await begin(*command, **options)
        begun.set_result(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", tell)
    footage = video.Footage()
    making = asyncio.ensure_future(footage.pieces())
    process = await begun
    await footage.close()
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(asyncio.CancelledError):
        await making

"""A view of a camera: begins with a fresh address, goes on while somebody views, then ends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
import logging
import shutil

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import stream as stream_component
from homeassistant.components.camera import Camera, async_get_stream_source
from homeassistant.components.camera.helper import (
    async_stream_endpoint_url,
    get_camera_from_entity_id,
)
from homeassistant.components.stream import Stream
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tuyalink_intercom.live.addresses import StreamAddresses
from tests.homes import DOMAIN, device_named, entity_id, later
from tests.plays import play
from tests.simulator import TuyaSimulator, video
from tests.simulator.video import Answer

ALLOCATE = "POST /v1.0/devices/{id}/stream/actions/allocate"
NINE_MINUTES = 540

needs_ffmpeg = pytest.mark.skipif(
    shutil.which(video.FFMPEG) is None, reason="no ffmpeg here, so the simulator has no video"
)


@pytest.fixture
async def camera(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> AsyncIterator[Camera]:
    """Return the intercom's camera, whose stream has ended when the test has."""
    assert await async_setup_component(hass, "stream", {})
    intercom = device_named(simulator, "Intercom")
    found = get_camera_from_entity_id(hass, entity_id(hass, Platform.CAMERA, intercom, "camera"))
    yield found
    outputs = [] if found.stream is None else [*found.stream.outputs().values()]
    simulator.video.cut()
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    for output in outputs:
        # The worker's last piece winds up a timer of an output that is gone.
        output.cleanup()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Home Assistant's worker try again soon: nobody wants to wait for it here."""
    monkeypatch.setattr(stream_component, "STREAM_RESTART_INCREMENT", 0.5)


async def looked(camera: Camera) -> Stream:
    """Begin a view whose worker does not run, as of somebody who has the address only."""
    stream = await camera.async_create_stream()
    assert stream is not None
    stream.add_provider("hls")
    return stream


async def viewed(hass: HomeAssistant, camera: Camera) -> Stream:
    """Begin a view as the dashboard does."""
    await async_stream_endpoint_url(hass, camera, "hls")
    assert camera.stream is not None
    return camera.stream


async def piece_of(stream: Stream) -> None:
    """Wait for the next piece of video that viewers get."""
    output = stream.outputs()["hls"]
    before = output.last_sequence
    while output.last_sequence == before:
        await output.recv()


async def left(stream: Stream) -> None:
    """Look away, as Home Assistant notices when nobody has asked for a piece for a while."""
    output = stream.outputs()["hls"]
    await stream.remove_provider(output)
    output.cleanup()


async def played_from(stream: Stream, simulator: TuyaSimulator) -> None:
    """Wait until an address is open, and video of it comes."""
    await simulator.viewed()
    await piece_of(stream)


@needs_ffmpeg
async def test_who_views_a_camera_sees_video(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator
) -> None:
    stream = await viewed(hass, camera)
    await piece_of(stream)
    assert stream.get_diagnostics()["video_codec"] == "h264"
    assert stream.outputs()["hls"].last_segment is not None


async def test_a_call_that_nobody_answers_opens_no_video(
    hass: HomeAssistant,
    camera: Camera,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    for _ in range(3):
        await later(hass, freezer, 30)
    assert simulator.calls[ALLOCATE] == 0


async def test_two_who_look_at_once_share_an_address(
    camera: Camera, simulator: TuyaSimulator
) -> None:
    stream = await looked(camera)
    before = simulator.calls[ALLOCATE]
    assert await looked(camera) is stream
    assert simulator.calls[ALLOCATE] == before


async def test_who_looks_again_later_gets_a_new_address(
    camera: Camera, simulator: TuyaSimulator
) -> None:
    stream = await looked(camera)
    first = stream.source
    await left(stream)
    again = await looked(camera)
    assert again.source != first
    assert again is stream


async def test_the_kind_of_address_that_was_had_is_asked_for_first_from_then_on(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator
) -> None:
    await async_get_stream_source(hass, camera.entity_id)
    assert simulator.calls[ALLOCATE] == 2
    await async_get_stream_source(hass, camera.entity_id)
    assert simulator.calls[ALLOCATE] == 3


async def test_an_empty_address_is_none(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom").id
    simulator.video.behave(intercom, "rtsp", Answer.EMPTY)
    assert await async_get_stream_source(hass, camera.entity_id)
    simulator.video.behave(intercom, "hls", Answer.EMPTY)
    with pytest.raises(HomeAssistantError) as error:
        await async_get_stream_source(hass, camera.entity_id)
    assert error.value.translation_key == "live_not_offered"


async def test_a_view_that_lasts_is_given_a_new_address_before_tuya_cuts_it(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    stream = await looked(camera)
    first, calls = stream.source, simulator.calls[ALLOCATE]
    for _ in range(2):
        await later(hass, freezer, NINE_MINUTES - 60)
        assert stream.source == first
        await later(hass, freezer, 60)
        calls += 1
        assert simulator.calls[ALLOCATE] == calls
        assert stream.source != first
        first = stream.source


@needs_ffmpeg
async def test_video_goes_on_from_a_renewed_address(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator
) -> None:
    stream = await viewed(hass, camera)
    await piece_of(stream)
    first, token = stream.source, stream.access_token
    stream.outputs()["hls"].idle_timer.clear()
    with freeze_time(dt_util.utcnow() + timedelta(seconds=NINE_MINUTES)):
        # Only for this moment: the cloud's clock and the worker go on.
        async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert stream.source != first
    await simulator.viewed(2)
    await piece_of(stream)
    assert stream.access_token == token
    assert stream.get_diagnostics().get("worker_error") is None


@needs_ffmpeg
async def test_a_view_ends_though_its_worker_was_about_to_begin_anew(
    hass: HomeAssistant, camera: Camera, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    stream = await looked(camera)
    stream.update_source(stream.source)
    await stream.start()
    await piece_of(stream)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not stream.outputs()


async def test_what_nobody_views_any_more_costs_nothing(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    stream = await looked(camera)
    calls = simulator.calls[ALLOCATE]
    await left(stream)
    for _ in range(3):
        await later(hass, freezer, NINE_MINUTES)
    assert simulator.calls[ALLOCATE] == calls


async def test_a_stream_that_is_to_be_preloaded_ends_when_nobody_views_it(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    stream = await looked(camera)
    stream.dynamic_stream_settings.preload_stream = True
    stream.outputs()["hls"].idle_timer.idle = True
    await later(hass, freezer, 30)
    assert not stream.outputs()
    assert not stream.dynamic_stream_settings.preload_stream


async def test_a_refusal_while_somebody_views_is_tried_again(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    stream = await looked(camera)
    first = stream.source
    simulator.fault("http_500", 1, path="stream/actions")
    await later(hass, freezer, NINE_MINUTES)
    assert stream.source == first
    await later(hass, freezer, 30)
    assert stream.source != first


@needs_ffmpeg
@pytest.mark.usefixtures("impatient")
async def test_an_address_that_never_plays_is_replaced_by_one_of_the_other_kind(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator
) -> None:
    simulator.video.behave(device_named(simulator, "Intercom").id, "rtsp", Answer.DEAD)
    stream = await viewed(hass, camera)
    await played_from(stream, simulator)
    await left(stream)
    calls = simulator.calls[ALLOCATE]
    await viewed(hass, camera)
    assert simulator.calls[ALLOCATE] == calls + 1
    await played_from(stream, simulator)


@needs_ffmpeg
@pytest.mark.usefixtures("impatient")
async def test_a_view_that_is_cut_goes_on_with_a_new_address(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator
) -> None:
    stream = await viewed(hass, camera)
    await piece_of(stream)
    first, calls = stream.source, simulator.calls[ALLOCATE]
    simulator.video.cut()
    await simulator.called(ALLOCATE, calls + 1)
    await played_from(stream, simulator)
    assert stream.source != first
    assert camera.stream is stream


@pytest.mark.usefixtures("impatient")
async def test_a_view_of_which_no_address_plays_is_given_up_and_can_be_tried_again(
    hass: HomeAssistant,
    camera: Camera,
    simulator: TuyaSimulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    intercom = device_named(simulator, "Intercom").id
    for kind in ("rtsp", "hls"):
        simulator.video.behave(intercom, kind, Answer.DEAD)
    ended = asyncio.Event()
    stream = await viewed(hass, camera)
    removed = stream.stop

    async def stop() -> None:
        await removed()
        ended.set()

    monkeypatch.setattr(stream, "stop", stop)
    await ended.wait()
    await hass.async_block_till_done()
    assert simulator.calls[ALLOCATE] == 4
    assert not stream.outputs()
    assert camera.available
    assert "is given up" in caplog.text
    assert "http://****" in caplog.text
    assert "signInfo" not in caplog.text
    await viewed(hass, camera)
    assert simulator.calls[ALLOCATE] == 5
    await ended.wait()


@pytest.mark.parametrize(
    ("code", "key", "calls"),
    [
        (28841101, "live_not_subscribed", 1),
        (28841106, "live_not_subscribed", 1),
        (28841102, "live_expired", 1),
        (28841105, "live_not_authorized", 1),
        (28841004, "reason_quota_used_up", 1),
        (28841104, "reason_quota_used_up", 1),
        (60001001, "reason_device_pool_used_up", 1),
        (2001, "live_offline", 1),
        (1106, "reason_not_linked", 1),
        (2003, "live_not_offered", 2),
        (2009, "live_not_offered", 2),
        (500, "reason_server_error", 1),
    ],
)
async def test_a_view_that_cannot_be_had_says_why(
    hass: HomeAssistant,
    camera: Camera,
    simulator: TuyaSimulator,
    hass_ws_client: WebSocketGenerator,
    code: int,
    key: str,
    calls: int,
) -> None:
    simulator.fault("refuse", what="video", code=code)
    with pytest.raises(HomeAssistantError) as error:
        await async_get_stream_source(hass, camera.entity_id)
    assert error.value.translation_key == key
    assert simulator.calls[ALLOCATE] == calls
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "camera/stream", "entity_id": camera.entity_id})
    told = (await client.receive_json())["error"]["message"]
    assert told == str(error.value)
    assert str(code) in told


async def test_a_cloud_that_does_not_answer_in_time_is_named(
    hass: HomeAssistant, camera: Camera, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.fault("timeout", 1, path="stream/actions")
    cloud = entry.runtime_data.coordinator.cloud
    intercom = device_named(simulator, "Intercom").id
    addresses = StreamAddresses(hass, entry, cloud, intercom, patience=0)
    with pytest.raises(HomeAssistantError) as error:
        await addresses.fresh()
    assert error.value.translation_key == "reason_timed_out"


async def test_a_service_that_asks_for_video_says_why_there_is_none(
    hass: HomeAssistant, camera: Camera, simulator: TuyaSimulator
) -> None:
    simulator.fault("refuse", what="video", code=28841106)
    data = {"entity_id": camera.entity_id, "media_player": "media_player.any"}
    with pytest.raises(HomeAssistantError, match="IoT Video Live Stream"):
        await hass.services.async_call("camera", "play_stream", data, blocking=True)


async def test_what_the_user_can_cure_is_a_repair_until_a_view_works(
    hass: HomeAssistant, camera: Camera, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    issues = ir.async_get(hass).issues
    for code, key in (
        (28841106, "live_not_subscribed"),
        (28841102, "live_expired"),
        (28841105, "live_not_authorized"),
    ):
        simulator.fault("refuse", what="video", code=code)
        with pytest.raises(HomeAssistantError):
            await async_get_stream_source(hass, camera.entity_id)
        raised = [issue for issue in issues.values() if issue.domain == DOMAIN]
        assert [issue.translation_key for issue in raised] == [key]
    simulator.fault("refuse", 0)
    await async_get_stream_source(hass, camera.entity_id)
    assert not [issue for issue in issues.values() if issue.domain == DOMAIN]


async def test_a_full_device_pool_is_a_repair_until_a_view_works(
    hass: HomeAssistant, camera: Camera, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    issues = ir.async_get(hass).issues
    await async_get_stream_source(hass, camera.entity_id)
    simulator.fault("refuse", what="video", code=60001001)
    with pytest.raises(HomeAssistantError):
        await async_get_stream_source(hass, camera.entity_id)
    raised = [issue.translation_key for issue in issues.values() if issue.domain == DOMAIN]
    assert raised == ["device_pool_used_up"]
    simulator.fault("refuse", 0)
    await async_get_stream_source(hass, camera.entity_id)
    assert not [issue for issue in issues.values() if issue.domain == DOMAIN]


async def test_a_repair_about_video_goes_with_the_project(
    hass: HomeAssistant, camera: Camera, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.fault("refuse", what="video", code=28841106)
    with pytest.raises(HomeAssistantError):
        await async_get_stream_source(hass, camera.entity_id)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not ir.async_get(hass).issues


@pytest.mark.usefixtures("impatient")
async def test_a_view_that_ends_with_its_project_leaves_no_address_in_the_log(
    hass: HomeAssistant,
    camera: Camera,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator.video.behave(device_named(simulator, "Intercom").id, "rtsp", Answer.DEAD)
    await viewed(hass, camera)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert "signInfo" not in caplog.text


async def test_without_home_assistants_stream_no_address_is_asked_for(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    found = get_camera_from_entity_id(hass, entity_id(hass, Platform.CAMERA, intercom, "camera"))
    with pytest.raises(HomeAssistantError) as error:
        await found.async_create_stream()
    assert error.value.translation_key == "live_no_stream"
    assert simulator.calls[ALLOCATE] == 0


async def test_unloading_ends_a_view(
    hass: HomeAssistant,
    camera: Camera,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    stream = await looked(camera)
    calls = simulator.calls[ALLOCATE]
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not stream.outputs()
    await later(hass, freezer, NINE_MINUTES)
    assert simulator.calls[ALLOCATE] == calls

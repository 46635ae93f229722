"""Cameras show the newest picture at once, and live video to whoever looks."""

import asyncio
from http import HTTPStatus
import logging
from typing import override

from homeassistant.components.camera import Camera, async_get_image, async_get_stream_source
from homeassistant.components.camera.helper import get_camera_from_entity_id
from homeassistant.components.camera.webrtc import (
    CameraWebRTCProvider,
    async_register_webrtc_provider,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.homes import device_named, entity_id, state_of
from tests.plays import photographed, play
from tests.simulator import TuyaSimulator

ALLOCATE = "POST /v1.0/devices/{id}/stream/actions/allocate"


def camera_of(hass: HomeAssistant, simulator: TuyaSimulator, name: str) -> str:
    return entity_id(hass, Platform.CAMERA, device_named(simulator, name), "camera")


@pytest.mark.parametrize("name", ["Intercom", "Battery bell", "Gate keypad", "Front door lock"])
async def test_the_camera_shows_who_rang(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    sent = await photographed(hass, entry, simulator, device_named(simulator, name), "ring")
    image = await async_get_image(hass, camera_of(hass, simulator, name))
    assert image.content == simulator.pictures[sent.event_id]
    assert image.content_type == "image/jpeg"


async def test_the_newest_picture_is_shown_whatever_it_was_taken_for(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    await photographed(hass, entry, simulator, bell, "ring", age_s=30)
    sent = await photographed(hass, entry, simulator, bell, "tamper", age_s=5)
    image = await async_get_image(hass, camera_of(hass, simulator, "Battery bell"))
    assert image.content == simulator.pictures[sent.event_id]


async def test_without_a_picture_there_is_none_and_nothing_is_woken(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    before = simulator.calls.total()
    client = await hass_client()
    answer = await client.get(f"/api/camera_proxy/{camera_of(hass, simulator, 'Intercom')}")
    assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert simulator.calls.total() == before


async def test_a_picture_stays_while_the_device_is_away(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await photographed(hass, entry, simulator, intercom, "ring")
    await play(hass, simulator, intercom, "offline")
    simulator.fault("http_500", 100)
    for _ in range(3):
        await entry.runtime_data.coordinator.async_refresh()
    assert state_of(hass, Platform.CAMERA, intercom, "camera").state == "idle"
    assert (await async_get_image(hass, camera_of(hass, simulator, "Intercom"))).content


async def test_a_camera_goes_with_its_device(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    camera = camera_of(hass, simulator, "Battery bell")
    await play(hass, simulator, bell, "removed")
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(camera) is None


async def test_every_view_opens_an_address_of_its_own(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    camera = camera_of(hass, simulator, "Intercom")
    addresses = [await async_get_stream_source(hass, camera) for _ in range(2)]
    assert simulator.calls[ALLOCATE] == 2
    assert addresses[0] != addresses[1]
    for address in addresses:
        assert address is not None
        assert address not in caplog.text


async def test_a_device_that_streams_only_the_other_way_is_shown_that_way(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.fault("deny", 1, path="stream/actions", code=1109)
    assert await async_get_stream_source(hass, camera_of(hass, simulator, "Intercom"))
    assert simulator.calls[ALLOCATE] == 2


@pytest.mark.parametrize(
    ("fault", "key", "calls"),
    [
        ("offline", "reason_device_offline", 1),
        ("device_pool", "reason_device_pool_used_up", 1),
        ("http_500", "reason_server_error", 1),
    ],
)
async def test_a_view_that_cannot_be_had_says_why(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    fault: str,
    key: str,
    calls: int,
) -> None:
    simulator.fault(fault, 2, path="stream/actions")
    with pytest.raises(HomeAssistantError) as error:
        await async_get_stream_source(hass, camera_of(hass, simulator, "Intercom"))
    assert error.value.translation_key == key
    assert simulator.calls[ALLOCATE] == calls


class Looker(CameraWebRTCProvider):
    """A program that would show cameras by WebRTC, as go2rtc does."""

    def __init__(self) -> None:
        self.offered: list[str] = []

    @property
    @override
    def domain(self) -> str:
        return "looker"

    @callback
    @override
    def async_is_supported(self, stream_source: str) -> bool:
        self.offered.append(stream_source)
        return stream_source.startswith("rtsp:")

    @override
    async def async_handle_async_webrtc_offer(self, *_: object) -> None:
        raise NotImplementedError

    @override
    async def async_on_webrtc_candidate(self, *_: object) -> None:
        raise NotImplementedError


async def test_asking_who_could_show_a_camera_wakes_none(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    looker = Looker()
    remove = async_register_webrtc_provider(hass, looker)
    await hass.async_block_till_done()
    assert set(looker.offered) == {"rtsp://"}
    assert simulator.calls[ALLOCATE] == 0
    camera = get_camera_from_entity_id(hass, camera_of(hass, simulator, "Intercom"))
    assert camera.webrtc_provider is looker
    assert await camera.stream_source() != "rtsp://"
    remove()
    await hass.async_block_till_done()


async def test_a_camera_without_live_video_offers_none(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    assert state_of(hass, Platform.CAMERA, lock, "camera").attributes["supported_features"] == 0
    assert await async_get_stream_source(hass, camera_of(hass, simulator, lock.name)) is None


async def viewed(hass: HomeAssistant, simulator: TuyaSimulator) -> Camera:
    """Return a camera that somebody looks at."""
    assert await async_setup_component(hass, "stream", {})
    camera = get_camera_from_entity_id(hass, camera_of(hass, simulator, "Intercom"))
    stream = await camera.async_create_stream()
    assert stream is not None
    stream.add_provider("hls")
    return camera


async def test_two_who_look_at_once_share_a_stream(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    camera = await viewed(hass, simulator)
    assert await camera.async_create_stream() is camera.stream
    assert simulator.calls[ALLOCATE] == 1


async def test_who_looks_again_later_gets_a_new_stream(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    camera = await viewed(hass, simulator)
    first = camera.stream
    assert first is not None
    await first.stop()
    assert await camera.async_create_stream() is not first
    assert simulator.calls[ALLOCATE] == 2


async def test_a_stream_that_was_cut_is_given_up(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    camera = await viewed(hass, simulator)
    stream = camera.stream
    assert stream is not None
    told, given_up = stream._update_callback, asyncio.Event()  # noqa: SLF001 - has no getter
    assert told is not None

    def tell() -> None:
        told()
        if camera.stream is None:
            given_up.set()

    stream.set_update_callback(tell)
    # The simulator has no video, so the worker finds its address spent at once.
    await stream.start()
    await given_up.wait()
    await hass.async_block_till_done()
    assert camera.available
    assert await camera.async_create_stream() is not None
    assert simulator.calls[ALLOCATE] == 2


async def test_unloading_ends_a_stream(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    camera = await viewed(hass, simulator)
    stream = camera.stream
    assert stream is not None
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not stream.outputs()
    assert camera.stream is None


async def test_cameras_are_named_like_their_devices(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    for name in ("Intercom", "Battery bell", "Face terminal", "Front door lock", "Gate keypad"):
        state = state_of(hass, Platform.CAMERA, device_named(simulator, name), "camera")
        assert state.name == name
        assert state.attributes["brand"] == "Tuya"
        assert state.attributes["model_name"] == device_named(simulator, name).file.product_name

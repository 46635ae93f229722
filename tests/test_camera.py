"""Cameras show the newest picture at once, and live video to whoever looks."""

from http import HTTPStatus
import logging
from typing import Any, override

from homeassistant.components.camera import Camera, async_get_image, async_get_stream_source
from homeassistant.components.camera.helper import get_camera_from_entity_id
from homeassistant.components.camera.prefs import get_dynamic_camera_stream_settings
from homeassistant.components.camera.webrtc import (
    CameraWebRTCProvider,
    async_register_webrtc_provider,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, Platform
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from tests.conftest import MakeEntry
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
    assert addresses[0] != addresses[1]
    for address in addresses:
        assert address is not None
        assert address not in caplog.text


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


class Preloader(Looker):
    """A program that holds the video of a camera open if the user wishes so, as go2rtc does."""

    @override
    async def async_on_camera_prefs_update(self, camera: Camera) -> None:
        if (await get_dynamic_camera_stream_settings(camera.hass, camera.entity_id)).preload_stream:
            await camera.stream_source()


async def test_video_is_never_opened_before_somebody_views(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_ws_client: WebSocketGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    remove = async_register_webrtc_provider(hass, Preloader())
    await hass.async_block_till_done()
    camera = camera_of(hass, simulator, "Battery bell")
    client = await hass_ws_client()
    await client.send_json_auto_id(
        {"type": "camera/update_prefs", "entity_id": camera, "preload_stream": True}
    )
    assert (await client.receive_json())["success"]
    assert "not preloaded" in caplog.text
    assert not (await get_dynamic_camera_stream_settings(hass, camera)).preload_stream
    remove()
    await hass.async_block_till_done()
    assert simulator.calls[ALLOCATE] == 0


async def test_a_start_with_preloading_chosen_wakes_no_camera(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_storage: dict[str, Any],
) -> None:
    chosen = {"camera.intercom": {"preload_stream": True}}
    hass_storage["camera"] = {"version": 1, "minor_version": 1, "key": "camera", "data": chosen}
    hass.set_state(CoreState.not_running)
    assert await async_setup_component(hass, "stream", {})
    assert await hass.config_entries.async_setup(make_entry(simulator).entry_id)
    await hass.async_block_till_done()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert simulator.calls[ALLOCATE] == 0


async def test_a_camera_without_live_video_offers_none(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    assert state_of(hass, Platform.CAMERA, lock, "camera").attributes["supported_features"] == 0
    assert await async_get_stream_source(hass, camera_of(hass, simulator, lock.name)) is None


async def test_cameras_are_named_like_their_devices(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    for name in ("Intercom", "Battery bell", "Face terminal", "Front door lock", "Gate keypad"):
        state = state_of(hass, Platform.CAMERA, device_named(simulator, name), "camera")
        assert state.name == name
        assert state.attributes["brand"] == "Tuya"
        assert state.attributes["model_name"] == device_named(simulator, name).file.product_name

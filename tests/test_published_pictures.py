"""The picture of a published door: fetched by its address for some minutes, of what was chosen."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, override

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.camera import Camera
from homeassistant.components.image import ImageEntity
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import setup_test_component_platform
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.homes import later
from tests.published import PICTURE
from tests.shelved import jpeg
from tests.telling import TellingDoor, telling

pytestmark = pytest.mark.usefixtures("socket_enabled")

ADDRESS, CAMERA = "picture_url", "camera.garden_camera"
SIZE = (320, 240)


class GardenImage(ImageEntity):
    """The still of another maker's bell."""

    _attr_name = "Garden camera"
    _attr_unique_id = "garden_image"
    _attr_content_type = "image/jpeg"
    _attr_should_poll = False
    picture = jpeg(size=SIZE)

    @override
    async def async_image(self) -> bytes:
        return self.picture

    def take(self, picture: bytes) -> None:
        """Have a new picture."""
        self.picture, self._cached_image = picture, None
        self._attr_image_last_updated = dt_util.utcnow()
        self.async_write_ha_state()

    def touch(self) -> None:
        """Change, but have the same picture."""
        self._attr_extra_state_attributes = {"seen": datetime.now().isoformat()}  # noqa: DTZ005
        self.async_write_ha_state()


class GardenCamera(Camera):
    """The camera of another maker's bell."""

    _attr_name = "Garden camera"
    _attr_unique_id = "garden_camera"

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        return jpeg(size=SIZE)


@pytest.fixture
async def image(hass: HomeAssistant) -> GardenImage:
    """Set up an image in Home Assistant."""
    entity = GardenImage(hass)
    setup_test_component_platform(hass, "image", [entity])
    assert await async_setup_component(hass, "image", {"image": {"platform": "test"}})
    return entity


async def served(hass: HomeAssistant, clients: ClientSessionGenerator) -> TestClient[Any, Any]:
    """Serve Home Assistant on a real socket."""
    client: TestClient[Any, Any] = await clients()
    hass.config.internal_url = str(client.make_url("/")).rstrip("/")
    return client


async def address(door: TellingDoor) -> str:
    """Wait for an address that Tuya was not told before; return its path."""
    known = str(door.device.values.get(ADDRESS, ""))
    await door.flows(lambda: door.device.values.get(ADDRESS, "") != known)
    return URL(door.device.values[ADDRESS]).path


async def test_the_newest_picture_is_fetched_for_ten_minutes(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    image: GardenImage,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    async with telling(hass, freezer, picture=PICTURE) as door:
        client = await served(hass, hass_client_no_auth)
        await door.passes(2)
        assert ADDRESS not in door.device.values
        image.take(jpeg((10, 20, 30), SIZE))
        first = await address(door)
        answer = await client.get(first)
        assert answer.status == HTTPStatus.OK
        assert answer.content_type == "image/jpeg"
        image.touch()
        await door.passes(3)

        image.take(jpeg((200, 20, 30), SIZE))
        second = await address(door)
        assert (await client.get(first)).status == HTTPStatus.NOT_FOUND
        assert (await client.get(second)).status == HTTPStatus.OK
        await later(hass, freezer, 601)
        assert (await client.get(second)).status == HTTPStatus.NOT_FOUND
        (published,) = door.entry.runtime_data.published.doors.values()
        assert published.pictures.as_told() == {"shown": 2}


async def test_a_camera_is_looked_through_when_somebody_rings(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    setup_test_component_platform(hass, "camera", [GardenCamera()])
    assert await async_setup_component(hass, "camera", {"camera": {"platform": "test"}})
    async with telling(hass, freezer, picture=CAMERA) as door:
        client = await served(hass, hass_client_no_auth)
        door.lock.stand(locked=False)
        await door.passes(2)
        assert ADDRESS not in door.device.values
        door.bell.ring()
        answer = await client.get(await address(door))
        assert answer.status == HTTPStatus.OK


async def test_without_an_address_of_its_own_there_is_no_picture_and_no_trouble(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, image: GardenImage
) -> None:
    async with telling(hass, freezer, picture=PICTURE) as door:
        hass.config.internal_url = hass.config.api = None
        (published,) = door.entry.runtime_data.published.doors.values()
        counts = published.pictures.as_told
        image.take(jpeg(size=SIZE))
        await door.flows(lambda: counts() == {"pictures_no_address": 1})
        image.take(b"no picture")
        await door.flows(lambda: counts() == {"pictures_no_address": 1, "face_not_a_picture": 1})
        assert ADDRESS not in door.device.values


async def test_a_door_whose_picture_nobody_chose_shows_none(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, image: GardenImage
) -> None:
    async with telling(hass, freezer) as door:
        image.take(jpeg(size=SIZE))
        door.bell.ring()
        await door.passes(3)
        assert ADDRESS not in door.device.values
        assert door.entry.runtime_data.pictures.served == 0

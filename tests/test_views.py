"""Pictures are fetched with a login or a signature, and by nobody and nothing else."""

from datetime import timedelta
from http import HTTPStatus
import io

from homeassistant.auth.models import Group, User
from homeassistant.auth.permissions.const import CAT_ENTITIES
from homeassistant.components.http.auth import async_sign_path
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.homes import DOMAIN, device_named, entity_id
from tests.plays import photographed
from tests.shelved import at, jpeg, shelved
from tests.simulator import TuyaSimulator

BASE = f"/api/{DOMAIN}/captures"


async def test_a_picture_is_seen_with_a_login(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    bell = device_named(simulator, "Battery bell")
    sent = await photographed(hass, entry, simulator, bell, "ring")
    capture = entry.runtime_data.captures.newest(bell.id)
    answer = await (await hass_client()).get(f"{BASE}/{entry.entry_id}/{capture.id}")
    assert answer.status == HTTPStatus.OK
    assert await answer.read() == simulator.pictures[sent.event_id]
    assert answer.headers["Content-Type"] == capture.content_type


async def test_its_headers_let_a_browser_keep_it_and_nothing_else(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "23:30:05"))
    answer = await (await hass_client()).get(f"{BASE}/{entry.entry_id}/{capture.id}")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
    named = f'inline; filename="{at(1, "23:30:05"):%Y-%m-%d}_23-30-05_ring.jpg"'
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["ETag"] == f'"{capture.id}"'


async def test_a_thumbnail_is_a_small_jpeg_of_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    picture = jpeg((10, 200, 30), (1600, 900))
    capture = shelved(
        entry, device_named(simulator, "Intercom"), at(1, "12:00:00"), picture=picture
    )
    answer = await (await hass_client()).get(f"{BASE}/{entry.entry_id}/{capture.id}/thumbnail")
    small = await answer.read()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["ETag"] == f'"{capture.id}-thumbnail"'
    assert len(small) < len(picture)
    with Image.open(io.BytesIO(small)) as image:
        assert image.format == "JPEG"
        assert max(image.size) < 1600
        assert image.width / image.height == pytest.approx(16 / 9, rel=0.02)


@pytest.mark.parametrize("suffix", ["", "/thumbnail"])
async def test_what_a_browser_has_is_not_sent_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
    suffix: str,
) -> None:
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "12:00:00"))
    client, url = await hass_client(), f"{BASE}/{entry.entry_id}/{capture.id}{suffix}"
    first = await client.get(url)
    again = await client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == HTTPStatus.NOT_MODIFIED
    assert await again.read() == b""
    other = await client.get(url, headers={"If-None-Match": '"another"'})
    assert other.status == HTTPStatus.OK


async def test_one_may_ask_how_large_it_is(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "12:00:00"))
    answer = await (await hass_client()).head(f"{BASE}/{entry.entry_id}/{capture.id}")
    assert answer.status == HTTPStatus.OK
    assert answer.headers["Content-Length"] == str(capture.size)
    assert await answer.read() == b""


@pytest.mark.parametrize("suffix", ["", "/thumbnail"])
async def test_nobody_sees_it_without_login_or_signature(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    suffix: str,
) -> None:
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "12:00:00"))
    other = shelved(entry, device_named(simulator, "Intercom"), at(2, "12:00:00"))
    client, url = await hass_client_no_auth(), f"{BASE}/{entry.entry_id}/{capture.id}{suffix}"
    assert (await client.get(url)).status == HTTPStatus.UNAUTHORIZED
    assert (await client.head(url)).status == HTTPStatus.UNAUTHORIZED
    signed = async_sign_path(hass, url, timedelta(minutes=1))
    assert (await client.get(signed)).status == HTTPStatus.OK
    elsewhere = signed.replace(capture.id, other.id)
    assert (await client.get(elsewhere)).status == HTTPStatus.UNAUTHORIZED
    late = async_sign_path(hass, url, timedelta(minutes=-1))
    assert (await client.get(late)).status == HTTPStatus.UNAUTHORIZED


async def test_only_the_project_that_took_it_has_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    neighbour: tuple[MockConfigEntry, TuyaSimulator],
    hass_client: ClientSessionGenerator,
) -> None:
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "12:00:00"))
    client = await hass_client()
    theirs = await client.get(f"{BASE}/{neighbour[0].entry_id}/{capture.id}")
    ours = await client.get(f"{BASE}/{entry.entry_id}/{capture.id}")
    assert (theirs.status, ours.status) == (HTTPStatus.NOT_FOUND, HTTPStatus.OK)


@pytest.mark.parametrize(
    "name",
    [
        "0",
        "..%2f..%2f..%2fsecrets.yaml",
        "%2e%2e%2fcore.config",
        "..%5c..%5csecrets.yaml",
        "%2fetc%2fpasswd",
        "{id}.jpg",
        "{id}.json",
        "{id}%00",
        "{id}%0a",
        "{id}%2fthumbnail",
        "{upper}",
        "{arabic}",
        "1700000000-ring-0123456789abcdef",
        "1700000000-party-0123456789abcdef",
    ],
)
async def test_a_name_that_is_none_finds_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
    name: str,
) -> None:
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "12:00:00"))
    arabic = f"\u0661{capture.id[1:]}"
    asked = name.format(id=capture.id, upper=capture.id.upper(), arabic=arabic)
    client = await hass_client()
    for url in (
        f"{BASE}/{entry.entry_id}/{asked}",
        f"{BASE}/{entry.entry_id}/{asked}/thumbnail",
        f"{BASE}/{asked}/{capture.id}",
    ):
        answer = await client.get(URL(url, encoded=True))
        # Home Assistant itself refuses the worst spellings, before any view is asked.
        assert answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}, url
        assert answer.content_type != "image/jpeg"


async def test_a_picture_that_is_gone_is_not_found(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "12:00:00"))
    client, url = await hass_client(), f"{BASE}/{entry.entry_id}/{capture.id}"
    await hass.async_block_till_done()
    await entry.runtime_data.captures.clear()
    assert (await client.get(url)).status == HTTPStatus.NOT_FOUND
    assert (await client.get(f"{url}/thumbnail")).status == HTTPStatus.NOT_FOUND


async def test_a_project_that_rests_shows_nothing_and_all_of_it_again_later(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    capture = shelved(entry, device_named(simulator, "Intercom"), at(1, "12:00:00"))
    await hass.async_block_till_done()
    client, url = await hass_client(), f"{BASE}/{entry.entry_id}/{capture.id}"
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await client.get(url)).status == HTTPStatus.NOT_FOUND
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert (await client.get(url)).status == HTTPStatus.OK


async def test_who_may_not_see_the_camera_sees_none_of_its_pictures(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
    hass_admin_user: User,
) -> None:
    intercom, bell = device_named(simulator, "Intercom"), device_named(simulator, "Battery bell")
    shown, hidden = (shelved(entry, one, at(1, "12:00:00")) for one in (intercom, bell))
    camera = entity_id(hass, Platform.CAMERA, intercom, "camera")
    policy = {CAT_ENTITIES: {"entity_ids": {camera: {"read": True}}}}
    hass_admin_user.groups = [Group(None, policy, "guests")]
    client = await hass_client()
    seen = await client.get(f"{BASE}/{entry.entry_id}/{shown.id}")
    unseen = await client.get(f"{BASE}/{entry.entry_id}/{hidden.id}")
    assert (seen.status, unseen.status) == (HTTPStatus.OK, HTTPStatus.NOT_FOUND)

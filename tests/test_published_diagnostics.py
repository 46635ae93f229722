"""Published doors in the diagnostics file: what was sent, what Tuya sees, and no secret."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.homes import DOMAIN, device_named
from tests.published import (
    LOCK,
    PICTURE,
    PRODUCT,
    THIRD_ID,
    PublishedHome,
    published_home,
)
from tests.simulator import TuyaSimulator, commanding, registry

GROUP = "home170000000042"
ADDRESS = "https://home.example/api/image_proxy/image.garden?token=5ecre7"


@pytest.fixture
async def home(hass: HomeAssistant, simulator: TuyaSimulator) -> PublishedHome:
    """Publish the garden door, whose pictures Tuya is told of."""
    binding = {"binding": "group", "group_id": GROUP}
    home = await published_home(hass, simulator, picture=PICTURE, **binding)
    await home.seen(lock_motor_state=False)
    # As an earlier report would have left it there.
    home.device.store({"picture_url": ADDRESS}, simulator.now_ms(), simulator.now_ms())
    simulator.issued.note(ADDRESS, GROUP)
    return home


async def downloaded(
    hass: HomeAssistant, client: ClientSessionGenerator, home: PublishedHome
) -> dict[str, Any]:
    """Return what the file that a user downloads says."""
    data: Any = await get_diagnostics_for_config_entry(hass, client, home.entry)
    assert isinstance(data, dict)
    return data


async def test_the_file_tells_what_was_chosen_sent_and_seen(
    hass: HomeAssistant, home: PublishedHome, hass_client: ClientSessionGenerator
) -> None:
    command = commanding.execute(home.cloud, home.device.id, "unlock")
    await home.cloud.until(lambda: command.answer is not None)
    await hass.async_block_till_done()
    (door,) = (await downloaded(hass, hass_client, home))["published"]
    assert door["name"] == "Garden door"
    assert door["product_id"] == PRODUCT
    assert door["entities"]["lock"] == [LOCK]
    assert door["codes"]["bolt"] == "lock_motor_state"
    assert (door["binding"], door["control"], door["quiet_hours"]) == ("group", True, False)
    assert door["there"] is door["seen_online"] is True
    assert door["told"]["commands"] == {"done": 1}
    seen = door["seen_by_tuya"]
    assert seen["online"] is True
    assert seen["product_id"] == PRODUCT
    values = {row["code"]: row["value"] for row in seen["properties"]}
    assert values["lock_motor_state"] is home.device.values["lock_motor_state"]
    assert values["picture_url"] == "**REDACTED**"


async def test_the_file_names_what_the_product_lacks(
    hass: HomeAssistant, home: PublishedHome, hass_client: ClientSessionGenerator
) -> None:
    registry.change_product(home.cloud, {"product_id": PRODUCT, "actions": [], "events": []})
    await home.entry.runtime_data.published.model(home.device.id, PRODUCT, fresh=True)
    (door,) = (await downloaded(hass, hass_client, home))["published"]
    assert {"lock", "ring", "unlock"} <= {*door["told"]["lacking"]}


async def test_no_id_address_or_home_is_in_the_file(
    hass: HomeAssistant, home: PublishedHome, hass_client: ClientSessionGenerator
) -> None:
    file = await downloaded(hass, hass_client, home)
    text = json.dumps(file)
    for secret in (THIRD_ID, home.device.id, GROUP, ADDRESS, "5ecre7", "m.smart321.com"):
        assert secret not in text
    (door,) = file["published"]
    assert door["id"].startswith("device_")
    assert door["device_id"].startswith("device_")
    assert door["device_id"] not in {device["id"] for device in file["devices"]}


async def test_the_door_has_the_same_pseudonym_in_every_file(
    hass: HomeAssistant, home: PublishedHome, hass_client: ClientSessionGenerator
) -> None:
    first, second = [
        (await downloaded(hass, hass_client, home))["published"][0]["device_id"] for _ in range(2)
    ]
    assert first == second


async def test_the_doors_own_file_tells_of_this_door_only(
    hass: HomeAssistant, home: PublishedHome, hass_client: ClientSessionGenerator
) -> None:
    registry = dr.async_get(hass)
    for key, devices, doors in (
        (home.subentry_id, [], ["Garden door"]),
        (device_named(home.cloud, "Battery bell").id, ["Battery bell"], []),
    ):
        found = registry.async_get_device_by_identifier((DOMAIN, key), home.entry.entry_id)
        assert isinstance(found, dr.DeviceEntry)
        file: Any = await get_diagnostics_for_device(hass, hass_client, home.entry, found)
        assert [device["name"] for device in file["devices"]] == devices
        assert [door["name"] for door in file["published"]] == doors


async def test_a_cloud_that_does_not_answer_is_told_as_text(
    hass: HomeAssistant, home: PublishedHome, hass_client: ClientSessionGenerator
) -> None:
    home.cloud.fault("http_503", 100)
    (door,) = (await downloaded(hass, hass_client, home))["published"]
    assert door["seen_by_tuya"] == "server_error (503) at GET /v2.0/cloud/thing/{device_id}"
    assert door["codes"]["bolt"] == "lock_motor_state"
    home.cloud.fault("http_503", 0)


async def test_tuya_is_not_asked_while_it_refuses_everything(
    hass: HomeAssistant, home: PublishedHome, hass_client: ClientSessionGenerator
) -> None:
    home.cloud.fault("refuse", code=28841004)
    await home.entry.runtime_data.coordinator.async_refresh()
    (door,) = (await downloaded(hass, hass_client, home))["published"]
    assert door["seen_by_tuya"] == "not asked: Tuya refuses everything for now"
    home.cloud.fault("refuse", 0)

"""Two projects in one Home Assistant, the flat's and the summer house's: nothing gets mixed up."""

from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named, entity_id
from tests.plays import heard, play
from tests.simulator import TuyaSimulator
from tests.simulator.files import load
from tests.simulator.server import DEVICES
from tests.test_webhook import ring_of

SECRET = "fedcba9876543210fedcba9876543210"
FLAT = "01-01-01-02-03-01"


@pytest.fixture
async def summer_house(socket_enabled: None) -> AsyncIterator[TuyaSimulator]:
    """Run another cloud with other keys, and other devices of the same kinds."""
    files = [
        replace(file, device_id=f"too{file.device_id[3:]}", name=f"Summer {file.name}")
        for file in load(DEVICES)
    ]
    cloud = TuyaSimulator(access_id="simaccessid999999999", access_secret=SECRET, devices=files)
    await cloud.start()
    yield cloud
    await cloud.stop()


@pytest.fixture
async def both(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    summer_house: TuyaSimulator,
    make_entry: MakeEntry,
) -> tuple[MockConfigEntry, MockConfigEntry]:
    """Set both projects up, with queue and webhook."""
    entries = make_entry(simulator, webhook=True), make_entry(summer_house, webhook=True)
    for entry in entries:
        if entry.state is ConfigEntryState.NOT_LOADED:
            assert await hass.config_entries.async_setup(entry.entry_id)
    for cloud in (simulator, summer_house):
        await cloud.connected()
    await hass.async_block_till_done()
    return entries


def repairs(hass: HomeAssistant) -> set[str]:
    return {key for domain, key in ir.async_get(hass).issues if domain == DOMAIN}


def bells(hass: HomeAssistant, *clouds: TuyaSimulator) -> list[list[Any]]:
    """Collect what the battery bell of each cloud tells."""
    return [
        heard(hass, entity_id(hass, Platform.EVENT, bell, "doorbell"))
        for cloud in clouds
        for bell in cloud.devices.values()
        if bell.name.endswith("Battery bell")
    ]


async def test_a_ring_at_one_house_rings_there_only(
    hass: HomeAssistant,
    both: tuple[MockConfigEntry, MockConfigEntry],
    simulator: TuyaSimulator,
    summer_house: TuyaSimulator,
) -> None:
    here, there = bells(hass, simulator, summer_house)
    await play(hass, summer_house, device_named(summer_house, "Summer Battery bell"), "ring")
    assert (len(here), len(there)) == (0, 1)
    bell = entity_id(hass, Platform.EVENT, device_named(simulator, "Battery bell"), "doorbell")
    target = {"entity_id": bell}
    await hass.services.async_call(DOMAIN, "test_ring", target, blocking=True)
    await hass.async_block_till_done()
    assert (len(here), len(there)) == (1, 1)


async def test_each_project_counts_only_its_own(
    both: tuple[MockConfigEntry, MockConfigEntry],
    simulator: TuyaSimulator,
    summer_house: TuyaSimulator,
) -> None:
    for entry, cloud in zip(both, (simulator, summer_house), strict=True):
        assert entry.runtime_data.budget.calls_this_month == cloud.calls.total()


async def test_the_webhook_of_one_project_takes_nothing_that_another_signed(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    both: tuple[MockConfigEntry, MockConfigEntry],
    simulator: TuyaSimulator,
    summer_house: TuyaSimulator,
) -> None:
    client = await hass_client_no_auth()
    here, there = bells(hass, simulator, summer_house)
    headers, body = ring_of(simulator)
    for entry, status in zip(both, (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED), strict=True):
        path = f"/api/webhook/{entry.data['webhook_id']}"
        answer = await client.post(path, data=body.encode(), headers=headers)
        assert answer.status == status
    await hass.async_block_till_done()
    assert (len(here), len(there)) == (1, 0)


async def test_what_goes_wrong_at_one_house_is_no_matter_of_the_other(
    hass: HomeAssistant,
    both: tuple[MockConfigEntry, MockConfigEntry],
    simulator: TuyaSimulator,
    summer_house: TuyaSimulator,
    hass_storage: dict[str, Any],
) -> None:
    flat, house = both
    for cloud, name in ((simulator, "Face terminal"), (summer_house, "Summer Face terminal")):
        await play(hass, cloud, device_named(cloud, name), "ring", address=FLAT)
    for entry in both:
        # A reload writes everything down.
        assert await hass.config_entries.async_reload(entry.entry_id)
    summer_house.fault("quota", 1)
    await house.runtime_data.coordinator.async_refresh()
    assert repairs(hass) == {
        f"which_flats_{flat.entry_id}",
        f"which_flats_{house.entry_id}",
        f"stopped_quota_used_up_{house.entry_id}",
    }
    stored = {key for key in hass_storage if key.startswith(DOMAIN)}
    assert any(house.entry_id in key for key in stored)
    await hass.config_entries.async_remove(house.entry_id)
    assert repairs(hass) == {f"which_flats_{flat.entry_id}"}
    left = {key for key in hass_storage if key.startswith(DOMAIN)}
    assert left < stored
    assert {key for key in stored if flat.entry_id in key} <= left
    assert not any(house.entry_id in key for key in left)
    assert flat.state is ConfigEntryState.LOADED
    here, *_ = bells(hass, simulator)
    await play(hass, simulator, device_named(simulator, "Battery bell"), "ring")
    assert len(here) == 1

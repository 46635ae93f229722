"""The system health page: what it says of Tuya, the queue and the polls, and what it keeps."""

import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info

from custom_components.tuyalink_intercom import system_health
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named
from tests.plays import play
from tests.simulator import TuyaSimulator

INTEGRATION = Path(system_health.__file__).parent
WORDS: dict[str, Any] = json.loads((INTEGRATION / "translations" / "en.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
async def _page(hass: HomeAssistant) -> None:
    """Load Home Assistant's page."""
    assert await async_setup_component(hass, "system_health", {})


async def shown(hass: HomeAssistant) -> dict[str, Any]:
    """Return the page as it is once all answers are in."""
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, DOMAIN)
    assert info.keys() <= WORDS["system_health"]["info"].keys()
    return {key: await told if hasattr(told, "__await__") else told for key, told in info.items()}


async def test_the_page_tells_how_push_and_polls_do(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    page = await shown(hass)
    manifest = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
    assert page["version"] == manifest["version"]
    assert page["projects"] == 1
    assert page["can_reach_server"] == "ok"
    assert (page["queue"], page["source"]) == ("connected", "queue")
    assert page["last_message"] == "none since start"
    assert page["polls"].startswith("every ")
    assert page.keys() == WORDS["system_health"]["info"].keys()
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    page = await shown(hass)
    assert page["last_message"] == entry.runtime_data.health.last_message


async def test_the_page_tells_of_every_project_without_names_or_keys(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    other = MockConfigEntry(
        domain=DOMAIN,
        title="Summer house",
        unique_id="other",
        data=dict(entry.data),
        options={"delivery": "off"},
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    page = await shown(hass)
    assert page["queue"] == "connected · off"
    assert page["source"] == "queue · polling"
    text = str(page)
    assert page["last_message"] == "none since start · none since start"
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    first, _, second = (await shown(hass))["last_message"].partition(" · ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", first)
    assert second == "none since start"
    for kept in ("Summer house", "Home doors", simulator.access_id, simulator.access_secret):
        assert kept not in text


async def test_a_cloud_that_cannot_be_reached_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    await simulator.stop()
    await entry.runtime_data.coordinator.async_refresh()
    page = await shown(hass)
    assert page["can_reach_server"] == {"type": "failed", "error": "unreachable"}
    assert page["polls"].endswith("last one failed")
    assert page["queue"] in {"lost", "connecting"}


async def test_without_a_project_the_page_is_short(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await shown(hass)).keys() == {"version", "projects"}

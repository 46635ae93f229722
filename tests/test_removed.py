"""A project that was removed leaves no file, whatever was under way at its doors."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.kept.openings import openings_of
from custom_components.tuyalink_intercom.model.changes import PersonNamed
from custom_components.tuyalink_intercom.model.strategies import Strategy
from tests.homes import later


async def test_a_press_that_ends_after_its_project_was_removed_is_not_written_down(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    openings = openings_of(hass, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    openings.worked("product", Strategy.PROPERTY)
    await later(hass, freezer, 60)
    assert not [key for key in hass_storage if entry.entry_id in key]


async def test_a_name_that_comes_after_the_project_was_removed_is_not_written_down(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    coordinator = entry.runtime_data.coordinator
    await hass.config_entries.async_remove(entry.entry_id)
    now = coordinator.cloud.now()
    coordinator.take([PersonNamed(device_id="", time=now, person="ay1700", name="Anna")])
    await later(hass, freezer, 60)
    assert not [key for key in hass_storage if entry.entry_id in key]

"""Entities of a published door get other ids, or go: the door follows, or says so."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.tuyalink_intercom.model.publication import Publication, renamed
from custom_components.tuyalink_intercom.publishing.upkeep import LOOK_EVERY
from tests.published import BATTERY, BELL, LEAF, LOCK, door_data
from tests.telling import BOLT, sensors, telling

pytestmark = pytest.mark.usefixtures("socket_enabled")
GATE = "lock.front_gate"


def data_of(door: Any) -> dict[str, Any]:
    (subentry,) = door.entry.subentries.values()
    return dict(subentry.data)


async def test_a_lock_that_gets_another_id_is_followed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        er.async_get(hass).async_update_entity(LOCK, new_entity_id=GATE)
        await door.passes(2)
        assert data_of(door)["lock"] == GATE
        assert data_of(door)["doorbell"] == BELL
        door.lock.stand(locked=False)
        await door.flows(lambda: door.device.values[BOLT] is True)
        await door.passes(15)
        assert door.tries("/offline") == 0


async def test_a_bell_that_gets_another_id_still_rings_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        door.bell.ring()
        await door.flows(lambda: door.kinds() == ["ring"])
        er.async_get(hass).async_update_entity(BELL, new_entity_id="event.front_bell")
        await door.passes(5)
        assert door.kinds() == ["ring"]
        door.bell.ring()
        await door.flows(lambda: door.kinds() == ["ring", "ring"])


async def test_a_device_whose_entities_all_get_other_ids_is_followed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        registry = er.async_get(hass)
        registry.async_update_entity(LOCK, new_entity_id=GATE)
        registry.async_update_entity(BELL, new_entity_id="event.front_bell")
        await door.passes(2)
        assert (data_of(door)["lock"], data_of(door)["doorbell"]) == (GATE, "event.front_bell")
        door.lock.stand(locked=False)
        door.bell.ring()
        await door.flows(lambda: door.device.values[BOLT] is True and door.kinds() == ["ring"])


async def test_a_project_that_is_not_loaded_follows_too(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer) as door:
        await door.passes(2)
        await hass.config_entries.async_unload(door.entry.entry_id)
        er.async_get(hass).async_update_entity(LOCK, new_entity_id=GATE)
        await hass.async_block_till_done()
        assert data_of(door)["lock"] == GATE
        door.lock.stand(locked=False)
        assert await hass.config_entries.async_setup(door.entry.entry_id)
        await door.flows(lambda: door.device.values[BOLT] is True)


async def test_other_entities_are_no_reason_to_load_anew(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with telling(hass, freezer, doorbell=None) as door:
        await door.passes(2)
        before = door.entry.runtime_data
        registry = er.async_get(hass)
        registry.async_update_entity(BELL, new_entity_id="event.front_bell")
        registry.async_update_entity(LOCK, name="Gate")
        await door.passes(2)
        assert door.entry.runtime_data is before


def test_an_action_keeps_its_code_under_another_id() -> None:
    before = door_data("6c0", actions=["script.gate", "script.lamp"], alarms=("binary_sensor.a",))
    after = renamed(before, "script.gate", "script.driveway")
    assert Publication.of("x", after).actions == {"gate": "script.driveway", "lamp": "script.lamp"}
    named = {**after, "action_codes": {"script.driveway": "open_it", "script.lamp": "shine"}}
    again = renamed(named, "script.driveway", "script.gate")
    assert Publication.of("x", again).actions == {"open_it": "script.gate", "shine": "script.lamp"}


@pytest.mark.parametrize("odd", [None, 3, {"a": 1}, ["x", 4, None]])
def test_what_is_stored_and_makes_no_sense_stays_as_it_is(odd: Any) -> None:
    before = {"lock": odd, "actions": odd, "action_codes": odd}
    assert renamed(before, "lock.a", "lock.b") == before


async def test_a_repair_names_entities_that_are_gone_until_they_are_back(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, issue_registry: ir.IssueRegistry
) -> None:
    def told() -> list[str]:
        issues = issue_registry.issues.values()
        found = [one for one in issues if one.active and one.translation_key == "published_missing"]
        return [(one.translation_placeholders or {})["entities"] for one in found]

    async with telling(hass, freezer, {"leaf": "off"}, door=LEAF, battery=BATTERY) as door:
        await door.passes(59)
        assert not told()
        await door.flows(lambda: told() == [BATTERY])
        assert door.device.online
        sensors(hass, battery="80")
        await door.flows(lambda: not told())

        er.async_get(hass).async_update_entity(LOCK, disabled_by=er.RegistryEntryDisabler.USER)
        hass.states.async_remove(LOCK)
        await door.flows(lambda: not door.device.online)
        async_fire_time_changed(hass, dt_util.utcnow() + LOOK_EVERY)
        await door.flows(lambda: told() == [LOCK])

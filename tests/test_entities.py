"""The entities of the simulated devices, whole: names, classes, categories, first states."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, snapshot_platform
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from custom_components.tuyalink_intercom import PLATFORMS
from custom_components.tuyalink_intercom.entity import TuyaLinkEntity
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named
from tests.plays import play
from tests.simulator import TuyaSimulator


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare in Home Assistant's way, which leaves times and made-up ids out."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def only(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set up one platform whole, with the same address of a picture each time."""
    with (
        patch("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", new=True),
        patch("custom_components.tuyalink_intercom.PLATFORMS", [request.param]),
        patch("random.SystemRandom.getrandbits", return_value=1),
        patch("custom_components.tuyalink_intercom.sensor.HUB_DESCRIPTIONS", ()),
    ):
        yield


@pytest.mark.parametrize(
    "only", PLATFORMS, ids=[platform.value for platform in PLATFORMS], indirect=True
)
async def test_the_devices_have_the_entities_they_should(
    hass: HomeAssistant,
    only: None,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    snapshot: SnapshotAssertion,
) -> None:
    # The project's own entities are named by the simulator's port, new each time: none here.
    made = make_entry(simulator, delivery="off")
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    await snapshot_platform(hass, er.async_get(hass), snapshot, made.entry_id)


async def test_entities_come_and_go_with_their_device(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    keypad = device_named(simulator, "Gate keypad")
    registry = er.async_get(hass)

    def known() -> set[str]:
        found = er.async_entries_for_config_entry(registry, entry.entry_id)
        return {one.unique_id for one in found if one.unique_id.startswith(keypad.id)}

    before = known()
    assert before
    for scenario, expected in (("removed", set[str]()), ("added", before)):
        await play(hass, simulator, keypad, scenario)
        await entry.runtime_data.coordinator.async_refresh()
        await hass.async_block_till_done()
        assert known() == expected


async def test_reloading_changes_no_entity(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    before = {one.unique_id: one.entity_id for one in er.async_get(hass).entities.values()}
    assert len(before) == len(set(before.values()))
    assert await hass.config_entries.async_reload(made.entry_id)
    await hass.async_block_till_done()
    after = {one.unique_id: one.entity_id for one in er.async_get(hass).entities.values()}
    assert after == before


async def test_every_platform_says_how_much_it_does_at_once() -> None:
    for platform in PLATFORMS:
        module = __import__(
            f"custom_components.tuyalink_intercom.{platform}", fromlist=["PARALLEL_UPDATES"]
        )
        assert module.PARALLEL_UPDATES == 0
    assert Platform.LOCK in PLATFORMS


async def test_a_lock_behind_a_gateway_of_ours_hangs_on_it(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    coordinator = entry.runtime_data.coordinator
    lock, gate = device_named(simulator, "Front door lock"), device_named(simulator, "Gate keypad")
    behind = replace(coordinator.data.devices[lock.id], gateway_id=gate.id)
    entity = TuyaLinkEntity(entry, behind, "door")
    registry = dr.async_get(hass)
    gateway = registry.async_get_device_by_identifier((DOMAIN, gate.id), entry.entry_id)
    assert gateway is not None
    assert entity.device_info is not None
    assert entity.device_info.get("via_device_id") == gateway.id
    alone = TuyaLinkEntity(entry, replace(behind, gateway_id="elsewhere"), "door")
    assert alone.device_info is not None
    assert alone.device_info.get("via_device_id") == entry.runtime_data.hub_id


async def test_a_message_about_one_device_writes_nothing_of_the_others(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "access_granted")
    written: set[str] = set()

    @callback
    def note(event: Event[Any]) -> None:
        if found := er.async_get(hass).async_get(event.data["entity_id"]):
            written.add(found.unique_id.partition("_")[0])

    @callback
    def every(_data: Mapping[str, Any]) -> bool:
        return True

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(EVENT_STATE_REPORTED, note, event_filter=every)
    await play(hass, simulator, lock, "door_open")
    assert written & simulator.devices.keys() == {lock.id}

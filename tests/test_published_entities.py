"""What a home sees of its published doors: a device each, whether Tuya has it, what Tuya asked."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, EntityCategory, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom import async_remove_config_entry_device
from custom_components.tuyalink_intercom.publishing.why import Why
from tests.homes import DOMAIN, until
from tests.plays import heard
from tests.published import PRODUCT, PublishedHome, published_home, so
from tests.simulator import TuyaSimulator, commanding

SEEN, COMMAND = (Platform.BINARY_SENSOR, "published"), (Platform.EVENT, "command")


@pytest.fixture
async def home(hass: HomeAssistant, simulator: TuyaSimulator) -> PublishedHome:
    """Publish the garden door."""
    home = await published_home(hass, simulator)
    await home.seen(lock_motor_state=False)
    return home


def id_of(hass: HomeAssistant, platform: str, key: str) -> str:
    """Return the entity of the garden door by its key."""
    (subentry_id,) = hass.config_entries.async_entries(DOMAIN)[0].subentries
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{subentry_id}_{key}")
    assert found is not None
    return found


def state_of(hass: HomeAssistant, platform: str, key: str) -> State:
    """Return the state of an entity of the garden door by its key."""
    state = hass.states.get(id_of(hass, platform, key))
    assert state is not None
    return state


def device_of(hass: HomeAssistant, entry: MockConfigEntry) -> dr.AnyDeviceEntry | None:
    """Return Home Assistant's device of the published door."""
    of_entry = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return next((one for one in of_entry if one.name == "Garden door"), None)


async def answered(home: PublishedHome, action: str) -> None:
    """Let Tuya's side ask for an action, and wait for the answer."""
    command = commanding.execute(home.cloud, home.device.id, action)
    await home.cloud.until(lambda: command.answer is not None)
    await home.hass.async_block_till_done()


async def test_a_published_door_is_a_device_of_its_subentry(
    hass: HomeAssistant, home: PublishedHome
) -> None:
    device = device_of(hass, home.entry)
    assert isinstance(device, dr.DeviceEntry)
    assert device.name == "Garden door"
    assert device.model_id == PRODUCT
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    assert device.via_device_id == home.entry.runtime_data.hub_id
    assert device.config_subentry_id == home.subentry_id
    entities = er.async_entries_for_device(er.async_get(hass), device.id)
    assert {one.config_subentry_id for one in entities} == {home.subentry_id}
    keys = {f"{home.subentry_id}_published", f"{home.subentry_id}_command"}
    assert {one.unique_id for one in entities} == keys
    categories = {one.domain: one.entity_category for one in entities}
    assert categories == {"binary_sensor": EntityCategory.DIAGNOSTIC, "event": None}
    assert state_of(hass, *SEEN).name == "Garden door Seen by Tuya"
    assert state_of(hass, *COMMAND).name == "Garden door Command from Tuya"


async def test_the_door_is_seen_while_tuya_has_it_online(
    hass: HomeAssistant, home: PublishedHome, freezer: FrozenDateTimeFactory
) -> None:
    assert state_of(hass, *SEEN).state == STATE_ON
    home.lock.leave()
    await until(hass, freezer, lambda: state_of(hass, *SEEN).state == STATE_OFF)
    assert not home.device.online
    home.lock.leave(there=True)
    await until(hass, freezer, lambda: state_of(hass, *SEEN).state == STATE_ON)
    assert home.device.online


async def test_an_opening_from_tuya_is_an_event(hass: HomeAssistant, home: PublishedHome) -> None:
    states = heard(hass, id_of(hass, *COMMAND))
    await answered(home, "unlock")
    (state,) = states
    assert state.attributes["event_type"] == "done"
    assert state.attributes["what"] == "unlock"
    assert state.attributes["time"]
    assert "reason" not in state.attributes


async def test_what_is_refused_is_an_event_with_its_reason(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    home = await published_home(hass, simulator, control=None)
    await home.seen(lock_motor_state=False)
    states = heard(hass, id_of(hass, *COMMAND))
    await answered(home, "unlock")
    (state,) = states
    assert state.attributes["event_type"] == "refused"
    assert state.attributes["what"] == "unlock"
    assert state.attributes["reason"] == Why.NOT_ALLOWED
    assert home.lock.presses == []


async def test_a_property_that_tuya_sets_is_an_event_too(
    hass: HomeAssistant, home: PublishedHome
) -> None:
    states = heard(hass, id_of(hass, *COMMAND))
    commanding.set_properties(home.cloud, home.device.id, {"lock_motor_state": True})
    await so(hass, lambda: bool(states))
    (state,) = states
    assert state.attributes["event_type"] == "done"
    assert "lock_motor_state" in state.attributes["what"]


async def test_the_events_never_become_unavailable(
    hass: HomeAssistant, home: PublishedHome
) -> None:
    home.cloud.fault("http_503", 100)
    for _ in range(4):
        await home.entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert state_of(hass, *COMMAND).state != STATE_UNAVAILABLE
    home.cloud.fault("http_503", 0)


async def test_a_poll_leaves_the_door_where_it_is(hass: HomeAssistant, home: PublishedHome) -> None:
    await home.entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert device_of(hass, home.entry) is not None
    assert home.device.id not in home.entry.runtime_data.coordinator.data.devices


async def test_a_reload_changes_no_entity(hass: HomeAssistant, home: PublishedHome) -> None:
    before = {key: id_of(hass, *key) for key in (SEEN, COMMAND)}
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await home.cloud.connected()
    await hass.async_block_till_done()
    assert {key: id_of(hass, *key) for key in (SEEN, COMMAND)} == before
    states = heard(hass, before[COMMAND])
    await answered(home, "unlock")
    assert [state.attributes["event_type"] for state in states] == ["done"]


async def test_the_device_goes_with_the_subentry_and_not_before(
    hass: HomeAssistant, home: PublishedHome
) -> None:
    device = device_of(hass, home.entry)
    assert device is not None
    assert not await async_remove_config_entry_device(hass, home.entry, device)
    subentry_id = home.subentry_id
    hass.config_entries.async_remove_subentry(home.entry, subentry_id)
    await hass.async_block_till_done()
    assert device_of(hass, home.entry) is None
    left = {one.unique_id for one in er.async_get(hass).entities.values()}
    assert not {one for one in left if one.startswith(subentry_id)}


async def test_a_project_without_published_doors_has_nothing_of_it(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert not [one for one in found if one.config_subentry_id is not None]

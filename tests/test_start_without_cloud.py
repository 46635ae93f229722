"""Home Assistant starts while Tuya's cloud has no answer: the queue delivers, bells ring."""

from collections.abc import Awaitable, Callable
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.kept.products import ProductStore
from custom_components.tuyalink_intercom.kept.roster import KEPT, Roster
from custom_components.tuyalink_intercom.model.signs import Poll
from custom_components.tuyalink_intercom.model.state import AccessState, Codes, Device, World
from tests.conftest import MakeEntry
from tests.homes import (
    DOMAIN,
    arrived,
    device_named,
    entity_id,
    later,
    state_of,
    until,
    while_time_passes,
)
from tests.plays import heard, report
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.describe import local_key

HOUR = 3600.0
LIST = "GET /v2.0/cloud/thing/device"

type Restart = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def _from_the_start(freezer: FrozenDateTimeFactory) -> None:
    """Let time stand still before anything is set up: later it would look like a set clock."""


@pytest.fixture
def restart(hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> Restart:
    """Begin the project anew from what is stored, with the queue connected."""

    async def start() -> None:
        reload = hass.config_entries.async_reload(entry.entry_id)
        assert await while_time_passes(hass, freezer, reload)
        await until(hass, freezer, lambda: entry.runtime_data.push.connected)

    return start


def repairs(hass: HomeAssistant) -> set[str | None]:
    issues = ir.async_get(hass).issues.values()
    return {issue.translation_key for issue in issues if issue.domain == DOMAIN and issue.active}


def entities(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {one.entity_id for one in found}


def registered(hass: HomeAssistant, entry: MockConfigEntry, device: SimDevice) -> bool:
    key = (DOMAIN, device.id)
    return dr.async_get(hass).async_get_device_by_identifier(key, entry.entry_id) is not None


async def rings(hass: HomeAssistant, simulator: TuyaSimulator, device: SimDevice) -> int:
    """Press a bell; return how often it rang."""
    states = heard(hass, entity_id(hass, "event", device, "doorbell"))
    await arrived(hass, simulator, simulator.scenario("ring", device.id))
    return [state.attributes["event_type"] for state in states].count("ring")


async def unlock(hass: HomeAssistant, device: SimDevice) -> None:
    """Press Unlock on the dashboard."""
    door = {"entity_id": entity_id(hass, "lock", device, "door")}
    await hass.services.async_call("lock", "unlock", door, blocking=True)


def lock_named(key: str) -> Device:
    codes = Codes(known=frozenset({"lock_motor_state"}))
    return Device(id=key, name=f"Lock {key}", world=World.LOCK, category="ms", codes=codes)


async def test_with_the_quota_used_up_the_bell_still_rings_after_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("quota", 1_000)
    simulator.calls.clear()
    await restart()
    assert entry.state is ConfigEntryState.LOADED
    assert repairs(hass) == {"stopped_quota_used_up"}
    assert simulator.calls[LIST] == 1
    for device in (bell, device_named(simulator, "Intercom")):
        assert await rings(hass, simulator, device) == 1
    told = [one for one in caplog.records if "starting with the 5 devices" in one.getMessage()]
    assert [one.levelname for one in told] == ["WARNING"]


async def test_polling_waits_for_the_quota_and_the_repair_closes_itself(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    simulator.fault("quota", 1_000)
    simulator.calls.clear()
    await restart()
    for _ in range(5):
        await later(hass, freezer, HOUR)
    assert simulator.calls[LIST] == 1
    simulator.fault("quota", 0)
    await later(hass, freezer, 2 * HOUR)
    await until(hass, freezer, lambda: not entry.runtime_data.coordinator.by_heart)
    assert repairs(hass) == set()
    assert state_of(hass, "lock", intercom, "door").state == "locked"


@pytest.mark.parametrize(
    "fault", ["http_500", "plan_expired", "not_authorized", "data_center", "malformed", "throttle"]
)
async def test_whatever_the_cloud_says_instead_of_an_answer_the_bell_rings(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    fault: str,
) -> None:
    simulator.fault(fault, 1_000, path="/v2.0/cloud/thing/device")
    await restart()
    assert await rings(hass, simulator, device_named(simulator, "Intercom")) == 1


async def test_with_the_cloud_out_of_reach_the_bell_rings(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, restart: Restart
) -> None:
    data = {**entry.data, "openapi": "http://127.0.0.1:9"}
    hass.config_entries.async_update_entry(entry, data=data)
    await restart()
    assert await rings(hass, simulator, device_named(simulator, "Battery bell")) == 1


async def test_until_the_cloud_answers_states_are_unknown_and_doors_can_be_tried(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom, lock = (device_named(simulator, name) for name in ("Intercom", "Front door lock"))
    before = entities(hass, entry)
    simulator.fault("http_500", 1_000, path="/v2.0/cloud/thing/device")
    await restart()
    assert entities(hass, entry) == before
    assert state_of(hass, "lock", lock, "door").state == STATE_UNKNOWN
    assert state_of(hass, "binary_sensor", lock, "online").state == STATE_UNKNOWN
    assert state_of(hass, "sensor", intercom, "call").state == STATE_UNAVAILABLE
    assert state_of(hass, "lock", intercom, "door").state == "locked"
    await while_time_passes(hass, freezer, unlock(hass, intercom))
    assert simulator.door(intercom.id).opened == 1
    simulator.fault("http_500", 1_000)
    await hass.async_block_till_done()
    with pytest.raises(HomeAssistantError):
        await while_time_passes(hass, freezer, unlock(hass, lock))


async def test_what_a_device_tells_is_shown_before_the_cloud_answers(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, restart: Restart
) -> None:
    lock, terminal = (
        device_named(simulator, name) for name in ("Front door lock", "Face terminal")
    )
    simulator.fault("http_500", 1_000)
    await restart()
    assert state_of(hass, "sensor", terminal, "call").state == STATE_UNAVAILABLE
    await report(hass, simulator, lock, {"lock_motor_state": True, "residual_electricity": 41})
    assert state_of(hass, "lock", lock, "door").state == "unlocked"
    assert state_of(hass, "sensor", lock, "battery").state == "41"
    states = heard(hass, entity_id(hass, "sensor", terminal, "call"))
    assert await rings(hass, simulator, terminal) == 1
    assert "ringing" in [state.state for state in states]


async def test_a_device_that_tells_is_shown_as_it_was_before_it_is_shown_anew(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, restart: Restart
) -> None:
    terminal = device_named(simulator, "Face terminal")
    simulator.fault("http_500", 1_000)
    await restart()
    states = heard(hass, entity_id(hass, "sensor", terminal, "call"))
    await rings(hass, simulator, terminal)
    assert [state.state for state in states][:2] == ["idle", "ringing"]


async def test_when_the_cloud_is_back_states_are_right_and_nothing_rings(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    freezer: FrozenDateTimeFactory,
) -> None:
    lock, intercom, bell = (
        device_named(simulator, name) for name in ("Front door lock", "Intercom", "Battery bell")
    )
    before = entities(hass, entry)
    simulator.fault("http_500", 1_000)
    await restart()
    # What was never pushed, but is stored in the cloud.
    simulator.fault("mute", 1)
    simulator.scenario("ring", intercom.id)
    simulator.scenario("ring", bell.id)
    simulator.report(lock.id, {"lock_motor_state": True, "residual_electricity": 41})
    simulator.fault("mute", 0)
    told = [heard(hass, one) for one in sorted(before) if one.startswith("event.")]
    simulator.fault("http_500", 0)
    await later(hass, freezer, 40)
    await until(hass, freezer, lambda: not entry.runtime_data.coordinator.by_heart)
    assert state_of(hass, "lock", lock, "door").state == "unlocked"
    assert state_of(hass, "sensor", lock, "battery").state == "41"
    assert state_of(hass, "binary_sensor", intercom, "online").state == "on"
    assert not any(state.attributes["event_type"] for states in told for state in states)
    assert entities(hass, entry) == before
    # Back online, a bell sends its last press again.
    states = heard(hass, entity_id(hass, "event", intercom, "doorbell"))
    values = {code: intercom.values[code] for code in ("doorbell_active",)}
    freezer.tick(60)
    await report(hass, simulator, intercom, values)
    assert states == []
    assert await rings(hass, simulator, intercom) == 1


async def test_a_bell_that_comes_back_without_the_cloud_does_not_ring_for_an_old_press(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom = device_named(simulator, "Intercom")
    simulator.fault("mute", 1)
    simulator.scenario("ring", intercom.id)
    simulator.fault("mute", 0)
    await restart()
    simulator.fault("http_500", 1_000)
    await restart()
    states = heard(hass, entity_id(hass, "event", intercom, "doorbell"))
    freezer.tick(60)
    await report(hass, simulator, intercom, {"doorbell_active": intercom.values["doorbell_active"]})
    assert states == []


async def test_devices_that_left_or_were_renamed_meanwhile_follow_when_the_cloud_is_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell, lock = (device_named(simulator, name) for name in ("Battery bell", "Front door lock"))
    simulator.fault("http_500", 1_000)
    await restart()
    del simulator.devices[bell.id]
    lock.name = "Back door lock"
    coordinator = entry.runtime_data.coordinator
    await while_time_passes(hass, freezer, coordinator.async_refresh())
    assert registered(hass, entry, bell)
    simulator.fault("http_500", 0)
    await while_time_passes(hass, freezer, coordinator.async_refresh())
    await hass.async_block_till_done()
    assert not registered(hass, entry, bell)
    assert coordinator.data.devices[lock.id].name == "Back door lock"


async def test_an_excluded_device_stays_out_without_the_cloud(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, restart: Restart
) -> None:
    bell = device_named(simulator, "Battery bell")
    simulator.fault("http_500", 1_000)
    options = {**entry.options, "excluded": [bell.id]}
    hass.config_entries.async_update_entry(entry, options=options)
    await restart()
    assert bell.id not in entry.runtime_data.coordinator.data.devices
    assert entry.runtime_data.coordinator.data.devices
    assert registered(hass, entry, bell), "nobody knows yet what the cloud says"


async def test_what_a_device_once_showed_is_there_without_the_cloud(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, restart: Restart
) -> None:
    keypad = device_named(simulator, "Gate keypad")
    learned = {keypad.id: ["rings"]}
    entry.runtime_data.coordinator._remembered.learned.update(learned)  # noqa: SLF001 - a past
    simulator.fault("http_500", 1_000)
    await restart()
    assert entry.runtime_data.coordinator.data.devices[keypad.id].features.rings
    assert state_of(hass, "event", keypad, "doorbell")


async def test_the_file_of_devices_holds_no_secret(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
) -> None:
    await later(hass, freezer, 11)
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}.devices"]["data"]
    assert stored.keys() == simulator.devices.keys()
    text = json.dumps(stored)
    for device in simulator.devices.values():
        assert local_key(device) not in text
        assert stored[device.id].keys() == {
            "id",
            "customName",
            "category",
            "productId",
            "productName",
            "model",
            "gatewayId",
            "sub",
            "codes",
            "custom",
            "panels",
            "recalled",
        }
    for secret in ("127.0.0.1", simulator.access_secret, simulator.access_id):
        assert secret not in text


async def test_nothing_is_written_while_nothing_changes(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
) -> None:
    await later(hass, freezer, 11)
    del hass_storage[f"{DOMAIN}.{entry.entry_id}.devices"]
    lock = device_named(simulator, "Front door lock")
    await report(hass, simulator, lock, {"residual_electricity": 41})
    lock.online = False
    await entry.runtime_data.coordinator.async_refresh()
    await later(hass, freezer, 11)
    assert f"{DOMAIN}.{entry.entry_id}.devices" not in hass_storage


async def test_a_very_large_project_keeps_some_of_its_devices(hass: HomeAssistant) -> None:
    roster, products = Roster(hass, "e"), ProductStore(hass, "e")
    found = {key: lock_named(key) for key in map(str, range(KEPT + 50))}
    roster.polled(Poll(time=0.0, before=AccessState(), after=AccessState(devices=found)))
    await roster.save()
    again = Roster(hass, "e")
    await again.load()
    assert len(again.state(products, excluded=["7"], learned={}).devices) == KEPT - 1
    await roster.remove()


async def test_a_first_set_up_without_the_cloud_is_tried_again(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    made = make_entry(simulator)
    simulator.fault("http_500", 1_000)
    assert not await hass.config_entries.async_setup(made.entry_id)
    assert made.state is ConfigEntryState.SETUP_RETRY


async def test_refused_keys_ask_for_new_ones_though_the_devices_are_known(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    data = {**entry.data, "access_secret": "x" * 32}
    hass.config_entries.async_update_entry(entry, data=data)
    assert not await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_the_file_of_devices_goes_with_the_project(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    restart: Restart,
    hass_storage: dict[str, Any],
) -> None:
    key = f"{DOMAIN}.{entry.entry_id}.devices"
    await restart()
    assert key in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    assert key not in hass_storage


async def test_a_short_outage_at_the_start_is_over_soon_and_costs_little(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    restart: Restart,
    freezer: FrozenDateTimeFactory,
) -> None:
    coordinator = entry.runtime_data.coordinator
    custom = sum(device.codes.custom for device in coordinator.data.devices.values())
    simulator.fault("http_500", 1_000, path="/v2.0/cloud/thing/device")
    await restart()
    coordinator = entry.runtime_data.coordinator
    simulator.calls.clear()
    for _ in range(60):
        await later(hass, freezer, 60)
    assert simulator.calls[LIST] <= 8
    simulator.fault("http_500", 0)
    simulator.calls.clear()
    await later(hass, freezer, HOUR)
    await until(hass, freezer, lambda: not coordinator.by_heart)
    # Names of locks are asked for as well, in their own time.
    others = ("/token", "/users", "/open-logs")
    calls = sum(n for name, n in simulator.calls.items() if not name.endswith(others))
    assert calls <= 2 + custom, simulator.calls


async def test_a_start_with_the_cloud_costs_what_it_did(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, restart: Restart
) -> None:
    simulator.calls.clear()
    await restart()
    assert not entry.runtime_data.coordinator.by_heart
    devices = entry.runtime_data.coordinator.data.devices.values()
    calls = sum(n for name, n in simulator.calls.items() if "/token" not in name)
    assert calls <= 2 + sum(device.codes.custom for device in devices)

"""An entry's life: set-up and its refusals, reloads, restarts, devices that come and go."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.tuyalink_intercom as integration
from tests.conftest import MakeEntry
from tests.homes import (
    DOMAIN,
    arrived,
    device_named,
    entity_id,
    later,
    state_of,
    until,
)
from tests.simulator import TuyaSimulator

POLL = 31 * 60


def rings(hass: HomeAssistant, entity: str) -> list[str]:
    """Collect the moments at which a bell rings from now on."""
    times: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if new and old and STATE_UNAVAILABLE not in {old.state, new.state}:
            times.append(new.state)

    async_track_state_change_event(hass, entity, changed)
    return times


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("plan_expired", "plan_expired"),
        ("quota", "quota_used_up"),
        ("not_subscribed", "api_not_subscribed"),
        ("data_center", "data_center_suspended"),
        ("http_500", "server_error"),
        ("malformed", "malformed_answer"),
    ],
)
async def test_a_cloud_that_cannot_serve_is_tried_again_and_says_why(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    fault: str,
    reason: str,
) -> None:
    entry = make_entry(simulator)
    simulator.fault(fault, 50, path="/v2.0/cloud/thing/device")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == f"reason_{reason}"
    assert not hass.config_entries.flow.async_progress()


async def test_bad_keys_ask_for_new_ones(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator)
    data = {**entry.data, "access_secret": "x" * 32}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_twenty_reloads_leave_nothing_behind(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    tasks = len(asyncio.all_tasks())
    listeners = hass.bus.async_listeners()
    for _ in range(20):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await simulator.connected()
        await hass.async_block_till_done()
    assert len(asyncio.all_tasks()) <= tasks + 2
    now = hass.bus.async_listeners()
    assert not {name for name, count in now.items() if count > listeners.get(name, 0)}
    assert len(simulator.broker.consumers()) == 1


async def test_the_socket_is_closed_when_the_entry_is_unloaded(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    await simulator.disconnected()
    assert entry.state is ConfigEntryState.NOT_LOADED


async def test_a_warm_restart_costs_few_calls(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.calls.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    custom = sum(d.codes.custom for d in entry.runtime_data.coordinator.data.devices.values())
    calls = sum(n for name, n in simulator.calls.items() if "/token" not in name)
    assert calls <= 2 + custom


async def test_a_message_that_comes_again_after_a_restart_does_not_ring_again(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    times = rings(hass, entity_id(hass, "event", bell, "doorbell"))
    sent = simulator.scenario("ring", bell.id)
    await arrived(hass, simulator, sent)
    assert len(times) == 1
    assert await hass.config_entries.async_reload(entry.entry_id)
    await simulator.connected()
    for message_id in sent.message_ids:
        simulator.broker.repeat(message_id)
    await hass.async_block_till_done()
    assert len(times) == 1


async def test_a_ring_in_the_backlog_rings_if_it_is_fresh(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bell = device_named(simulator, "Battery bell")
    entry = make_entry(simulator)
    fresh = simulator.scenario("ring", bell.id, age_s=20)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await arrived(hass, simulator, fresh)
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "ring"


async def test_an_old_ring_in_the_backlog_does_not_ring(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bell = device_named(simulator, "Battery bell")
    entry = make_entry(simulator)
    old = simulator.scenario("ring", bell.id, age_s=61)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await arrived(hass, simulator, old)
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] is None


async def test_a_device_that_left_and_comes_back_follows_by_itself(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    devices = dr.async_get(hass)

    def there() -> bool:
        key = (DOMAIN, bell.id)
        return devices.async_get_device_by_identifier(key, entry.entry_id) is not None

    del simulator.devices[bell.id]
    await later(hass, freezer, POLL)
    await until(hass, freezer, lambda: not there())
    simulator.devices[bell.id] = bell
    await later(hass, freezer, POLL)
    await until(hass, freezer, there)
    assert state_of(hass, "event", bell, "doorbell")


async def test_an_excluded_device_has_no_entities(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bell = device_named(simulator, "Battery bell")
    entry = make_entry(simulator, excluded=[bell.id])
    assert await hass.config_entries.async_setup(entry.entry_id)
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert found
    assert not [one for one in found if one.unique_id.startswith(bell.id)]


async def test_states_are_unavailable_after_three_failed_polls_and_bells_are_not(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    intercom = device_named(simulator, "Intercom")
    entry = make_entry(simulator, delivery="off")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    simulator.fault("http_500", 100)
    coordinator = entry.runtime_data.coordinator
    for _ in range(3):
        assert state_of(hass, "lock", intercom, "door").state != STATE_UNAVAILABLE
        await coordinator.async_refresh()
    assert state_of(hass, "lock", intercom, "door").state == STATE_UNAVAILABLE
    assert state_of(hass, "event", intercom, "doorbell").state != STATE_UNAVAILABLE
    assert caplog.text.count("Error fetching") == 1
    simulator.fault("http_500", 0)
    await coordinator.async_refresh()
    assert state_of(hass, "lock", intercom, "door").state != STATE_UNAVAILABLE


async def test_refused_keys_are_doubted_for_ten_minutes_while_running(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    coordinator = entry.runtime_data.coordinator
    simulator.fault("deny", 100, code=1005, path="/")
    await coordinator.async_refresh()
    assert not hass.config_entries.flow.async_progress()
    freezer.tick(11 * 60)
    await coordinator.async_refresh()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_a_device_whose_data_make_no_sense_is_skipped_and_the_others_work(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bell = device_named(simulator, "Battery bell")
    entry = make_entry(simulator)
    simulator.fault("malformed", 1, path=f"{bell.id}/model")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.runtime_data.coordinator.skipped == 1
    assert caplog.text.count("Skipping a device") == 1
    assert bell.id not in entry.runtime_data.coordinator.data.devices
    assert state_of(hass, "event", device_named(simulator, "Intercom"), "doorbell")


async def test_removing_the_entry_removes_what_was_stored(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, object]
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    assert [key for key in hass_storage if key.startswith(DOMAIN)]
    await hass.config_entries.async_remove(entry.entry_id)
    assert not [key for key in hass_storage if key.startswith(DOMAIN)]


async def test_a_device_still_in_the_project_cannot_be_deleted_by_hand(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, bell.id), entry.entry_id)
    assert device is not None
    assert not await integration.async_remove_config_entry_device(hass, entry, device)


async def test_what_was_seen_is_stored_even_under_a_steady_stream(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    lock = device_named(simulator, "Front door lock")
    for _ in range(4):
        await arrived(hass, simulator, simulator.report(lock.id, {"residual_electricity": 80}))
        await later(hass, freezer, 3)
    assert len(hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["seen"]) >= 2


async def test_files_of_another_version_keep_no_door_from_working(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_storage: dict[str, Any],
) -> None:
    entry = make_entry(simulator)
    lock = device_named(simulator, "Gate keypad").id
    code = {"device_id": lock, "kind": "code", "id": "1", "made": 1.0, "name": "Anna"}
    person = {"device": "", "owner": None, "person": "", "seen": None}
    for name, data in (
        ("keys", {"keys": [{**code, "colour": "red"}, {**code, "id": "2", "kind": "song"}, {}]}),
        (
            "people",
            {
                "people": [
                    {**person, "key": "ay1", "said": [["access_log", "Anna"], ["stars", "Bea"]]},
                    {"key": "ay2"},
                ]
            },
        ),
    ):
        key = f"{DOMAIN}.{entry.entry_id}.{name}"
        hass_storage[key] = {"version": 1, "minor_version": 9, "key": key, "data": data}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    assert [key.id for key in entry.runtime_data.keys.all()] == ["1"]
    assert entry.runtime_data.coordinator.people.known.name(("", "ay1")) == "Anna"
    await hass.async_block_till_done()

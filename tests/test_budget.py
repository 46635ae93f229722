"""The month's account in Home Assistant: counts, warnings, and what happens when Tuya stops."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.api import Called
from custom_components.tuyalink_intercom.arrivals import Source
from custom_components.tuyalink_intercom.budget.account import DEVICES_KEPT, MORE, Account, Budget
from custom_components.tuyalink_intercom.model.budget import HOUR, Billed
from custom_components.tuyalink_intercom.model.health import Rung
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, arrived, device_named, entity_id, later, state_of, until
from tests.plays import report
from tests.simulator import TuyaSimulator

LIST = "GET /v2.0/cloud/thing/device"
BEGIN = datetime(2027, 1, 10, 12, tzinfo=UTC)


def repairs(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, ir.IssueEntry]:
    """Return the repairs of the entry by key."""
    return {
        issue.translation_key: issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.issue_id.endswith(entry.entry_id)
        if issue.translation_key is not None
    }


def account(entry: MockConfigEntry) -> Budget:
    budget: Budget = entry.runtime_data.budget
    return budget


async def refresh(entry: MockConfigEntry) -> None:
    await entry.runtime_data.coordinator.async_refresh()


def count(budget: Budget, device_id: str, calls: int) -> None:
    for _ in range(calls):
        budget.called(Called(call="GET /", device_id=device_id, reason=None))


async def test_every_call_is_counted_sign_ins_and_refused_ones_too(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.fault("http_500", 1)
    await refresh(entry)
    simulator.expire_tokens()
    await refresh(entry)
    await hass.async_block_till_done()
    assert account(entry).calls_this_month == simulator.calls.total()
    intercom = device_named(simulator, "Intercom")
    assert account(entry).account.devices[Billed.CALLS][intercom.id] >= 2


async def test_messages_are_counted_by_device_those_of_unused_ones_too(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bell, lock = (device_named(simulator, name) for name in ("Battery bell", "Front door lock"))
    entry = make_entry(simulator, excluded=[bell.id])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    for device, code in ((bell, "wireless_electricity"), (lock, "residual_electricity")):
        for value in (80, 79):
            await report(hass, simulator, device, {code: value})
    counted = account(entry).account.devices[Billed.MESSAGES]
    assert counted == {bell.id: 2, lock.id: 2}
    assert account(entry).messages_this_month == 4


async def test_webhook_messages_are_counted_apart_and_tests_not_at_all(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    coordinator, seen = entry.runtime_data.coordinator, []
    coordinator.watch(lambda arrival: seen.append(arrival.message))
    lock = device_named(simulator, "Front door lock")
    await report(hass, simulator, lock, {"residual_electricity": 80})
    coordinator.receive(seen[0], Source.WEBHOOK)
    coordinator.receive(seen[0], Source.TEST)
    assert account(entry).messages_this_month == 1
    assert account(entry).account.webhook == 1


async def test_counts_survive_a_restart_and_a_crash_forgets_a_minute_at_most(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
) -> None:
    before = account(entry).calls_this_month
    await refresh(entry)
    await later(hass, freezer, 61)
    stored = hass_storage[f"{DOMAIN}.budget.{entry.entry_id}"]["data"]
    assert sum(next(iter(stored.values()))["days"]["calls"].values()) > before
    simulator.calls.clear()
    counted = account(entry).calls_this_month
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert account(entry).calls_this_month == counted + simulator.calls.total()


async def test_a_new_month_begins_at_nothing_and_the_last_is_kept(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    budget = Budget(hass, "e", lambda: datetime.now(UTC).timestamp())
    for month in (11, 12, 1):
        freezer.move_to(datetime(2027 if month == 1 else 2026, month, 5, tzinfo=UTC))
        assert budget.calls_this_month == 0
        count(budget, "door", month)
        assert budget.calls_this_month == month
    await budget.close()
    again = Budget(hass, "e", lambda: datetime.now(UTC).timestamp())
    await again.load()
    assert again.calls_this_month == 1
    assert set(again.as_told()) >= {"2026-12", "2027-01"}
    assert "2026-11" not in again.as_told()
    await budget.remove()


async def test_a_clock_that_was_wrong_for_a_while_loses_no_count(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    budget = Budget(hass, "e", lambda: datetime.now(UTC).timestamp())
    for month in (10, 11):
        freezer.move_to(datetime(2026, month, 5, tzinfo=UTC))
        count(budget, "door", month)
    for wrong in (1970, 2036):
        # Without a battery a computer's clock begins anywhere, until the network sets it.
        freezer.move_to(datetime(wrong, 1, 1, tzinfo=UTC))
        count(budget, "door", 1)
        assert budget.calls_this_month == 1
        freezer.move_to(datetime(2026, 11, 6, tzinfo=UTC))
        assert budget.calls_this_month == 11


def test_a_flood_of_devices_is_counted_as_one() -> None:
    counted = Account(since=0.0)
    for number in range(DEVICES_KEPT + 50):
        counted.add(Billed.MESSAGES, f"device{number}", 0.0)
    assert len(counted.devices[Billed.MESSAGES]) == DEVICES_KEPT + 1
    assert counted.devices[Billed.MESSAGES][MORE] == 50
    assert counted.total(Billed.MESSAGES) == DEVICES_KEPT + 50


async def test_the_sensors_show_count_forecast_and_budget(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator, delivery="off")
    key = f"{entry.unique_id}_calls_this_month"
    found = er.async_get(hass).async_get_or_create("sensor", DOMAIN, key).entity_id
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await refresh(entry)
    for _ in range(3):
        await later(hass, freezer, 61)
    state = hass.states.get(found)
    assert state is not None
    assert int(state.state) == account(entry).calls_this_month
    assert state.attributes["budget"] == 26_000
    assert state.attributes["forecast"] >= int(state.state)
    assert state.attributes["state_class"] == "total_increasing"


async def test_the_sensors_are_off_at_first(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    for key in ("calls_this_month", "messages_this_month"):
        found = registry.async_get_entity_id("sensor", DOMAIN, f"{entry.unique_id}_{key}")
        assert found is not None
        entity = registry.async_get(found)
        assert entity is not None
        assert entity.disabled


async def test_too_many_messages_name_the_noisiest_device_even_an_unused_one(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(BEGIN)
    bell, lock = (device_named(simulator, name) for name in ("Battery bell", "Front door lock"))
    entry = make_entry(simulator, excluded=[bell.id])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    counted = account(entry).account
    for _ in range(3_000):
        counted.add(Billed.MESSAGES, bell.id, freezer().timestamp())
    for _ in range(1_000):
        counted.add(Billed.MESSAGES, lock.id, freezer().timestamp())
    await report(hass, simulator, lock, {"residual_electricity": 80})
    await later(hass, freezer, 61)
    assert repairs(hass, entry) == {}, "an hour is no evidence"
    freezer.tick(25 * HOUR)
    await refresh(entry)
    await later(hass, freezer, 61)
    issue = repairs(hass, entry)["too_many_messages"]
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["device"] == "Battery bell"
    assert issue.translation_placeholders["share"] == "75%"
    assert issue.translation_placeholders["allowed"] == "68,000"
    freezer.tick(8 * 24 * HOUR)
    await refresh(entry)
    await later(hass, freezer, 61)
    assert repairs(hass, entry) == {}, "a quiet week"


async def test_a_used_up_quota_stops_polling_and_closes_itself(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    intercom, bell = (device_named(simulator, name) for name in ("Intercom", "Battery bell"))
    coordinator = entry.runtime_data.coordinator
    simulator.fault("quota", 1_000)
    await refresh(entry)
    assert set(repairs(hass, entry)) == {"stopped_quota_used_up"}
    tries = simulator.calls[LIST]
    for _ in range(10):
        freezer.tick(HOUR / 2)
        await refresh(entry)
    assert simulator.calls[LIST] == tries
    assert coordinator.rung is Rung.FRESH
    assert state_of(hass, "lock", intercom, "door").state != STATE_UNAVAILABLE
    await arrived(hass, simulator, simulator.scenario("ring", bell.id))
    assert state_of(hass, "event", bell, "doorbell").attributes["event_type"] == "ring"
    freezer.tick(1.1 * HOUR)
    await refresh(entry)
    assert simulator.calls[LIST] == tries + 1
    simulator.fault("quota", 0)
    freezer.tick(6.1 * HOUR)
    await refresh(entry)
    assert repairs(hass, entry) == {}
    assert coordinator.last_update_success


async def test_with_polling_stopped_and_no_push_states_become_unavailable(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator, delivery="off")
    assert await hass.config_entries.async_setup(entry.entry_id)
    intercom = device_named(simulator, "Intercom")
    simulator.fault("quota", 1_000)
    for _ in range(3):
        assert state_of(hass, "lock", intercom, "door").state != STATE_UNAVAILABLE
        await refresh(entry)
    assert state_of(hass, "lock", intercom, "door").state == STATE_UNAVAILABLE


@pytest.mark.parametrize(
    ("fault", "key", "hours"),
    [
        ("plan_expired", "stopped_plan_expired", 12),
        ("plan_missing", "stopped_plan_missing", 1),
        ("not_authorized", "stopped_api_not_authorized", 1),
        ("not_subscribed", "stopped_api_not_subscribed", 1),
        ("data_center", "stopped_data_center_suspended", 1),
    ],
)
async def test_each_refusal_has_its_repair_and_its_time_until_the_next_try(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    fault: str,
    key: str,
    hours: float,
) -> None:
    simulator.fault(fault, 1_000, path="/v2.0/cloud/thing/device", method="GET")
    await refresh(entry)
    assert set(repairs(hass, entry)) == {key}
    tries = simulator.calls[LIST]
    freezer.tick(hours * HOUR - 60)
    await refresh(entry)
    assert simulator.calls[LIST] == tries
    freezer.tick(120)
    await refresh(entry)
    assert simulator.calls[LIST] == tries + 1


async def test_a_reload_asks_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.fault("plan_expired", 1)
    await refresh(entry)
    assert set(repairs(hass, entry)) == {"stopped_plan_expired"}
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert repairs(hass, entry) == {}


async def test_a_project_that_starts_without_quota_waits_and_asks_every_six_hours(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator)
    simulator.fault("quota", 1_000)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "reason_quota_used_up"
    assert set(repairs(hass, entry)) == {"stopped_quota_used_up"}
    tries = simulator.calls.total()
    for _ in range(5):
        await later(hass, freezer, HOUR)
        assert entry.state is ConfigEntryState.SETUP_RETRY
    assert simulator.calls.total() == tries
    await hass.config_entries.async_reload(entry.entry_id)
    assert simulator.calls.total() > tries
    simulator.fault("quota", 0)
    await later(hass, freezer, 6 * HOUR + 1)
    await until(hass, freezer, lambda: entry.state is ConfigEntryState.LOADED)
    assert repairs(hass, entry) == {}


async def test_a_full_device_pool_is_told_and_the_next_press_is_tried_all_the_same(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    door = {"entity_id": entity_id(hass, "lock", intercom, "door")}
    simulator.fault("device_pool", 1)
    with pytest.raises(HomeAssistantError) as told:
        await hass.services.async_call("lock", "unlock", door, blocking=True)
    assert told.value.translation_key == "reason_device_pool_used_up"
    assert set(repairs(hass, entry)) == {"device_pool_used_up"}
    await refresh(entry)
    assert entry.runtime_data.coordinator.last_update_success
    await hass.services.async_call("lock", "unlock", door, blocking=True)
    assert simulator.door(intercom.id).opened == 1
    assert repairs(hass, entry) == {}


@pytest.mark.parametrize(
    ("days", "key"), [(8, None), (7, "trial_ends"), (0, "trial_ends"), (-1, "trial_ended")]
)
async def test_the_end_of_the_trial_is_told_a_week_before(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
    days: int,
    key: str | None,
) -> None:
    freezer.move_to(BEGIN)
    end = (BEGIN + timedelta(days=days)).date().isoformat()
    entry = make_entry(simulator, delivery="off", trial_end=end)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert set(repairs(hass, entry)) == ({key} if key else set())
    if days == 8:
        await later(hass, freezer, 24 * HOUR + 1)
        assert set(repairs(hass, entry)) == {"trial_ends"}
    moved = {**entry.options, "trial_end": "2027-06-30"}
    hass.config_entries.async_update_entry(entry, options=moved)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert repairs(hass, entry) == {}


async def test_unloading_the_project_closes_its_repairs(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.fault("quota", 1)
    await refresh(entry)
    await hass.config_entries.async_unload(entry.entry_id)
    assert repairs(hass, entry) == {}


async def test_disabling_a_project_that_never_started_closes_its_repairs(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator, trial_end="2020-01-01")
    simulator.fault("quota", 1)
    await hass.config_entries.async_setup(entry.entry_id)
    assert set(repairs(hass, entry)) == {"stopped_quota_used_up", "trial_ended"}
    user = ConfigEntryDisabler.USER
    assert await hass.config_entries.async_set_disabled_by(entry.entry_id, user)
    assert repairs(hass, entry) == {}


async def test_a_warning_that_was_ignored_stays_ignored_next_month(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(BEGIN)
    for again in (False, True):
        for _ in range(2):
            count(account(entry), "", 20_000)
            await later(hass, freezer, 25 * HOUR)
        issue = repairs(hass, entry)["too_many_calls"]
        assert (issue.dismissed_version is not None) is again
        ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, ignore=True)
        freezer.move_to(BEGIN + timedelta(days=30))
        count(account(entry), "", 1)
        await later(hass, freezer, 61)
        assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    assert repairs(hass, entry) == {}


async def test_removing_a_project_that_never_started_closes_its_repairs(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    entry = make_entry(simulator)
    simulator.fault("quota", 1)
    await hass.config_entries.async_setup(entry.entry_id)
    assert set(repairs(hass, entry)) == {"stopped_quota_used_up"}
    await hass.config_entries.async_remove(entry.entry_id)
    assert repairs(hass, entry) == {}


async def test_diagnostics_tell_the_account_and_why_polling_stands_still(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    gone = "bf0123456789abcdef1234"
    account(entry).account.add(Billed.MESSAGES, gone, BEGIN.timestamp())
    simulator.fault("quota", 1)
    await refresh(entry)
    file: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    told = file["budget"]
    assert told["stopped_by"].startswith("quota_used_up (28841004)")
    assert told["calls_forecast"] >= account(entry).calls_this_month - 5
    assert device_named(simulator, "Intercom").id not in str(file)
    assert gone not in str(file)


async def test_a_flickering_line_does_not_put_polls_off(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    coordinator = entry.runtime_data.coordinator
    before = simulator.calls[LIST]
    for _ in range(8):
        await later(hass, freezer, 240)
        coordinator.pushing(Rung.DOUBTFUL)
        await later(hass, freezer, 11)
        coordinator.pushing(Rung.FRESH)
    await until(hass, freezer, lambda: simulator.calls[LIST] > before)
    assert coordinator.update_interval == timedelta(minutes=30)

"""Push health as the user meets it: repairs that come and go, and what the hub's sensors tell."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.diagnostics import async_get_config_entry_diagnostics
from custom_components.tuyalink_intercom.model.health import Kind, Rung
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, arrived, device_named, later, until
from tests.plays import heard, play, report
from tests.simulator import Sent, SimDevice, TuyaSimulator
from tests.simulator.client import Client
from tests.simulator.dressing import Outgoing
from tests.simulator.messages import backlog_notice
from tests.simulator.pulsar import NOTICE

HALF_HOUR = 1800.0


def issues(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the keys of the repairs that the entry raised."""
    found = ir.async_get(hass).issues.values()
    return {
        issue.issue_id.removesuffix(f"_{entry.entry_id}")
        for issue in found
        if issue.domain == DOMAIN
    }


def issue(hass: HomeAssistant, entry: MockConfigEntry, kind: Kind) -> ir.IssueEntry:
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"{kind}_{entry.entry_id}")
    assert found is not None
    return found


def rung(entry: MockConfigEntry) -> Rung:
    found: Rung = entry.runtime_data.coordinator.rung
    return found


def hub_id(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    found = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{entry.unique_id}_{key}")
    assert found is not None
    return found


def hub(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Return the state of a sensor of the hub."""
    state = hass.states.get(hub_id(hass, entry, key))
    assert state is not None
    return state.state


async def set_up(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry
) -> None:
    """Set an entry up and wait for its queue."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)


async def polled(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    seconds: float = HALF_HOUR,
) -> None:
    """Let time pass beside a connected queue, and poll then."""
    await later(hass, freezer, seconds)
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()


async def taken(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, simulator: TuyaSimulator, sent: Sent
) -> None:
    """Let time flow until everything of a scenario was taken: a jump may have cost the line."""
    await until(hass, freezer, lambda: simulator.is_acked(sent.event_id))


async def opened_and_closed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    keypad: SimDevice,
) -> None:
    """Let a bolt move twice, half an hour each, with nobody hearing of it but polls."""
    for is_open in (True, False):
        simulator.report(keypad.id, {"lock_motor_state": is_open})
        await polled(hass, entry, freezer)


async def test_push_that_delivers_nothing_is_a_repair_until_a_message_comes(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry, keypad = make_entry(simulator), device_named(simulator, "Gate keypad")
    simulator.report(keypad.id, {"lock_motor_state": False})
    await set_up(hass, freezer, entry)
    await report(hass, simulator, keypad, {"lock_motor_state": False})
    simulator.fault("rules_off")
    await polled(hass, entry, freezer)
    await opened_and_closed(hass, entry, freezer, simulator, keypad)
    assert (issues(hass, entry), rung(entry)) == (set(), Rung.FRESH)
    assert hub(hass, entry, "source") == "queue"
    await later(hass, freezer, HALF_HOUR + 1)
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    assert issues(hass, entry) == {Kind.NOT_DELIVERING}
    assert issue(hass, entry, Kind.NOT_DELIVERING).severity is ir.IssueSeverity.ERROR
    assert rung(entry) is Rung.DOUBTFUL
    assert hub(hass, entry, "source") == "polling"
    simulator.fault("rules_off", 0)
    await report(hass, simulator, device_named(simulator, "Front door lock"), {"hijack": False})
    assert (issues(hass, entry), rung(entry)) == (set(), Rung.FRESH)
    assert hub(hass, entry, "source") == "queue"


async def test_a_quiet_night_raises_nothing(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator)
    await set_up(hass, freezer, entry)
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    for _ in range(20):
        await polled(hass, entry, freezer)
        assert (issues(hass, entry), rung(entry)) == (set(), Rung.FRESH)


async def test_a_silent_queue_is_doubted_though_nothing_is_wrong(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator)
    await set_up(hass, freezer, entry)
    before = entry.runtime_data.coordinator.update_interval
    await later(hass, freezer, 12 * 3600 + 2)
    assert (issues(hass, entry), rung(entry)) == (set(), Rung.DOUBTFUL)
    assert entry.runtime_data.coordinator.update_interval < before
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    assert rung(entry) is Rung.FRESH


async def test_a_second_reader_of_the_queue_is_told_with_the_devices_it_takes(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry, keypad = make_entry(simulator), device_named(simulator, "Gate keypad")
    simulator.report(keypad.id, {"lock_motor_state": False})
    await set_up(hass, freezer, entry)
    async with Client(simulator) as thief:
        taken = await thief.read()
        await simulator.connected(2)
        await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
        await polled(hass, entry, freezer)
        simulator.report(keypad.id, {"lock_motor_state": True})
        await polled(hass, entry, freezer)
        await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
        assert issues(hass, entry) == set()
        simulator.report(keypad.id, {"lock_motor_state": False})
        await polled(hass, entry, freezer)
        await later(hass, freezer, 61)
        assert issues(hass, entry) == {Kind.SHARED}
        told = issue(hass, entry, Kind.SHARED).translation_placeholders
        assert told == {"project": "Home doors", "devices": "Gate keypad"}
        assert rung(entry) is Rung.DOUBTFUL
        await taken.close()
    await until(hass, freezer, lambda: len(simulator.broker.consumers()) == 1)
    await report(hass, simulator, keypad, {"lock_motor_state": True})
    assert (issues(hass, entry), rung(entry)) == (set(), Rung.FRESH)


async def test_intercoms_that_stop_sending_call_pushes_are_a_hint_at_the_rule(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry, intercom = make_entry(simulator), device_named(simulator, "Intercom")
    await set_up(hass, freezer, entry)
    for _ in range(5):
        assert issues(hass, entry) == set()
        await later(hass, freezer, 200)
        sent = simulator.scenario("ring", intercom.id, carrier="initiative_message")
        await taken(hass, freezer, simulator, sent)
    await later(hass, freezer, 30)
    assert issues(hass, entry) == {Kind.LACKS_NOTIFY}
    hint = issue(hass, entry, Kind.LACKS_NOTIFY)
    assert hint.severity is ir.IssueSeverity.WARNING
    assert hint.learn_more_url is not None
    assert rung(entry) is Rung.FRESH
    await later(hass, freezer, 200)
    sent = simulator.scenario("ring", intercom.id, carrier="event_notify")
    await taken(hass, freezer, simulator, sent)
    assert issues(hass, entry) == set()


async def test_a_hint_that_was_ignored_stays_ignored(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry, intercom = make_entry(simulator), device_named(simulator, "Intercom")
    await set_up(hass, freezer, entry)
    for again in (False, True):
        for _ in range(5):
            await later(hass, freezer, 200)
            sent = simulator.scenario("ring", intercom.id, carrier="initiative_message")
            await taken(hass, freezer, simulator, sent)
        await later(hass, freezer, 30)
        hint = issue(hass, entry, Kind.LACKS_NOTIFY)
        assert (hint.dismissed_version is not None) is again
        ir.async_ignore_issue(hass, DOMAIN, hint.issue_id, ignore=True)
        assert await hass.config_entries.async_reload(entry.entry_id)
        await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    await hass.config_entries.async_remove(entry.entry_id)
    assert issues(hass, entry) == set()


async def test_a_webhook_alone_makes_push_fresh(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator, delivery="off", webhook=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (rung(entry), hub(hass, entry, "source")) == (Rung.DOWN, "polling")
    stranger = await hass_client_no_auth()
    bell = device_named(simulator, "Battery bell")
    body = {"devId": bell.id, "dataId": "1", "status": [{"code": "doorbell_active", "value": "1"}]}
    simulator.webhook.form = "plain"
    headers, text = simulator.webhook.request(Outgoing(body=body, protocol=4, em=None, t=0))
    answer = await stranger.post(
        f"/api/webhook/{entry.data['webhook_id']}", data=text, headers=headers
    )
    assert answer.status == 200
    await hass.async_block_till_done()
    assert (rung(entry), hub(hass, entry, "source")) == (Rung.FRESH, "webhook")
    assert (
        er.async_get(hass).async_get_entity_id("binary_sensor", DOMAIN, f"{entry.unique_id}_queue")
        is None
    )
    await later(hass, freezer, 12 * 3600 + 2)
    assert (rung(entry), hub(hass, entry, "source")) == (Rung.DOUBTFUL, "polling")


def through_the_notice_topic(simulator: TuyaSimulator) -> str:
    return simulator.notice(2000)


def through_the_queue(simulator: TuyaSimulator) -> str:
    body = backlog_notice(simulator.access_id, 2000, simulator.now_ms())
    return simulator.publish("", body, protocol=10000)


@pytest.mark.parametrize("carrier", [through_the_notice_topic, through_the_queue])
async def test_a_backlog_is_a_warning_until_it_is_gone(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
    carrier: Callable[[TuyaSimulator], str],
) -> None:
    entry = make_entry(simulator)
    await set_up(hass, freezer, entry)
    await until(hass, freezer, lambda: bool(simulator.broker.consumers(NOTICE)))
    sent = carrier(simulator)
    await until(hass, freezer, lambda: simulator.is_acked(sent))
    assert issues(hass, entry) == {Kind.BACKLOG}
    found = issue(hass, entry, Kind.BACKLOG)
    assert found.severity is ir.IssueSeverity.WARNING
    assert found.translation_placeholders == {
        "project": "Home doors",
        "waiting": "2000",
        "suffix": "sub",
    }
    assert rung(entry) is Rung.FRESH
    await later(hass, freezer, HALF_HOUR - 60)
    assert issues(hass, entry) == {Kind.BACKLOG}
    await later(hass, freezer, 120)
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    assert issues(hass, entry) == set()


async def test_without_warnings_of_a_backlog_nothing_is_missed(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    simulator.broker.topics.discard("notice")
    entry = make_entry(simulator)
    await set_up(hass, freezer, entry)
    task = entry.runtime_data.push._notice_task  # noqa: SLF001 - nothing else shows that it ended
    await until(hass, freezer, task.done)
    assert (issues(hass, entry), rung(entry)) == (set(), Rung.FRESH)


@pytest.mark.parametrize("delivery", ["test", "off"])
async def test_warnings_of_a_backlog_are_about_the_production_queue(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
    delivery: str,
) -> None:
    entry = make_entry(simulator, delivery=delivery)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await later(hass, freezer, 2)
    assert simulator.broker.consumers(NOTICE) == []


async def test_an_unloaded_entry_leaves_no_repair_of_push_behind(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = make_entry(simulator)
    simulator.fault("topic_off", 100)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(hass, freezer, lambda: bool(issues(hass, entry)))
    await hass.config_entries.async_reload(entry.entry_id)
    await until(hass, freezer, lambda: bool(issues(hass, entry)))
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert issues(hass, entry) == set()


@pytest.fixture
async def measured(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Set an entry up with the hub's sensors that are off at first."""
    entry = make_entry(simulator)
    for key in ("push_delay", "last_message"):
        er.async_get(hass).async_get_or_create(
            "sensor", DOMAIN, f"{entry.unique_id}_{key}", config_entry=entry, disabled_by=None
        )
    await set_up(hass, freezer, entry)
    return entry


async def test_what_changes_with_every_message_is_off_at_first(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    for key, off in (("push_delay", True), ("last_message", True), ("source", False)):
        shown = registry.async_get(hub_id(hass, entry, key))
        assert shown is not None
        assert bool(shown.disabled_by) is off
        assert shown.entity_category == "diagnostic"


async def test_the_delay_is_measured_by_the_clock_of_the_cloud(
    hass: HomeAssistant,
    measured: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    # Home Assistant's clock is five minutes behind, which the cloud's answers show.
    simulator.clock_shift = 300.0
    await measured.runtime_data.coordinator.async_refresh()
    await later(hass, freezer, 61)
    await until(hass, freezer, lambda: measured.runtime_data.push.connected)
    lock = device_named(simulator, "Front door lock")
    for age in (3600, 2, 4, 2.5):
        at = simulator.now() - age
        sent = simulator.report(lock.id, {"hijack": False}, publish_time=at)
        await arrived(hass, simulator, sent)
    now = datetime.now(UTC)
    await later(hass, freezer, 61)
    assert float(hub(hass, measured, "push_delay")) == pytest.approx(2.5, abs=0.2)
    told = datetime.fromisoformat(hub(hass, measured, "last_message"))
    assert abs((told - now).total_seconds()) <= 2


async def test_the_hub_writes_at_most_once_a_minute(
    hass: HomeAssistant,
    measured: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    states: list[State] = heard(hass, hub_id(hass, measured, "last_message"))
    lock = device_named(simulator, "Front door lock")
    for minute in range(1, 4):
        for _ in range(5):
            await report(hass, simulator, lock, {"hijack": False})
            freezer.tick(1)
        await later(hass, freezer, 56)
        assert len(states) <= minute
    await later(hass, freezer, 61)
    assert len(states) == 3
    assert states[-1].state == hub(hass, measured, "last_message")


async def test_diagnostics_tell_the_signs_and_the_judgement(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await play(hass, simulator, intercom, "ring")
    simulator.notice(12)
    told: dict[str, Any] = (await async_get_config_entry_diagnostics(hass, entry))["health"]
    assert told["judged"]["rung"] == Rung.FRESH
    assert told["judged"]["way"] == "queue"
    assert told["signs"]["line"] == "connected"
    assert list(told["signs"]["told"]) != [intercom.id]
    assert len(told["signs"]["told"]) == 1

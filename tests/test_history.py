"""Away and back: what happened while nobody listened is history, and never a ring."""

from collections.abc import Mapping
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import (
    EVENT_HOMEASSISTANT_STOP,
    EVENT_STATE_CHANGED,
    STATE_UNAVAILABLE,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.arrivals import Source
from custom_components.tuyalink_intercom.const import EVENT_HISTORY
from tests.conftest import MakeEntry
from tests.homes import (
    DOMAIN,
    arrived,
    device_named,
    later,
    state_of,
    until,
    while_time_passes,
)
from tests.simulator import TuyaSimulator

HALF_AN_HOUR, THREE_HOURS = 1800.0, 3 * 3600.0
LOGS = ("/report-logs", "/open-logs", "/alarm-logs", "/records", "/access-control-logs")

type Play = tuple[str, str, Mapping[str, Any]]
SHOW: tuple[Play, ...] = (
    ("Intercom", "ring", {}),
    ("Face terminal", "access_granted", {"way": "face", "person": "anna"}),
    ("Front door lock", "access_granted", {"way": "fingerprint", "person": "3"}),
    ("Intercom", "ring", {}),
    ("Front door lock", "tamper", {}),
    ("Gate keypad", "access_granted", {"way": "password", "person": "7"}),
    ("Face terminal", "access_granted", {"way": "card", "person": "bert"}),
    ("Front door lock", "access_granted", {"way": "card", "person": "2"}),
    ("Intercom", "ring", {}),
    ("Face terminal", "access_granted", {"way": "qr_code", "person": "carla"}),
    ("Gate keypad", "access_granted", {"way": "card", "person": "8"}),
    ("Intercom", "ring", {}),
    ("Front door lock", "access_granted", {"way": "password", "person": "1"}),
    ("Gate keypad", "forced", {}),
    ("Intercom", "ring", {}),
    ("Face terminal", "access_granted", {"way": "fingerprint", "person": "anna"}),
    ("Front door lock", "access_granted", {"way": "face", "person": "4"}),
)
"""5 rings, 10 accesses and 2 alarms."""
KEYS = {"ring": "doorbell", "access_granted": "access", "tamper": "alarm", "forced": "alarm"}


class Bus:
    """Collects the history that is told, and the events that ring."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.told: list[Event[dict[str, Any]]] = []
        self.rang: list[str] = []
        hass.bus.async_listen(EVENT_HISTORY, self._tell)
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._changed)

    @callback
    def _tell(self, event: Event[dict[str, Any]]) -> None:
        self.told.append(event)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if new is None or old is None or STATE_UNAVAILABLE in {old.state, new.state}:
            return
        if new.domain == "event":
            self.rang.append(new.entity_id)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Device and kind of what was told, in the order of telling."""
        return [(event.data["name"], event.data["key"]) for event in self.told]


@pytest.fixture
def bus(hass: HomeAssistant) -> Bus:
    """Listen to Home Assistant's bus."""
    return Bus(hass)


def play(simulator: TuyaSimulator, shows: tuple[Play, ...], away: float) -> None:
    """Let things happen, evenly over the time that is over now."""
    step = (away - 200) / len(shows)
    for number, (name, scenario, options) in enumerate(shows):
        age = away - 60 - number * step
        simulator.scenario(scenario, device_named(simulator, name).id, age_s=age, **options)


def log_calls(simulator: TuyaSimulator) -> int:
    return sum(n for name, n in simulator.calls.items() if name.endswith(LOGS))


async def leave(hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator) -> None:
    """Stop, in an orderly way."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    await simulator.disconnected()


async def come_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Start again, and wait until the history was told."""
    assert await while_time_passes(hass, freezer, hass.config_entries.async_setup(entry.entry_id))
    history = entry.runtime_data.history
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    await until(hass, freezer, lambda: not history.filling)


@pytest.mark.parametrize("away", [HALF_AN_HOUR, THREE_HOURS])
async def test_what_happened_while_away_is_told_once_and_in_order_and_rings_nothing(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
    away: float,
) -> None:
    await leave(hass, entry, simulator)
    await later(hass, freezer, away)
    play(simulator, SHOW, away)
    simulator.report(device_named(simulator, "Front door lock").id, {"residual_electricity": 41})
    simulator.calls.clear()
    await come_back(hass, entry, simulator, freezer)
    assert bus.facts == [(name, KEYS[scenario]) for name, scenario, _ in SHOW]
    times = [event.time_fired for event in bus.told]
    assert times == sorted(times)
    assert [event.data["time"] for event in bus.told] == [time.isoformat() for time in times]
    assert bus.rang == []
    assert states(hass, simulator) == {
        ("Intercom", "doorbell"): "unknown",
        ("Face terminal", "last_opened_by"): "anna",
        ("Face terminal", "last_opened_how"): "fingerprint",
        ("Front door lock", "last_opened_by"): "4",
        ("Front door lock", "last_opened_how"): "face",
        ("Front door lock", "battery"): "41",
        ("Front door lock", "tamper"): "off",
        ("Gate keypad", "last_opened_by"): "8",
        ("Gate keypad", "last_opened_how"): "card",
    }
    assert log_calls(simulator) == 9


def states(hass: HomeAssistant, simulator: TuyaSimulator) -> dict[tuple[str, str], str]:
    """Return how it stands with what the shows were about."""
    shown = (
        ("event", "Intercom", "doorbell"),
        ("sensor", "Face terminal", "last_opened_by"),
        ("sensor", "Face terminal", "last_opened_how"),
        ("sensor", "Front door lock", "last_opened_by"),
        ("sensor", "Front door lock", "last_opened_how"),
        ("sensor", "Front door lock", "battery"),
        ("binary_sensor", "Front door lock", "tamper"),
        ("sensor", "Gate keypad", "last_opened_by"),
        ("sensor", "Gate keypad", "last_opened_how"),
    )
    return {
        (name, key): state_of(hass, platform, device_named(simulator, name), key).state
        for platform, name, key in shown
    }


async def test_a_lock_is_as_it_is_now_and_not_as_the_log_had_it(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
) -> None:
    lock = device_named(simulator, "Front door lock")
    await leave(hass, entry, simulator)
    await later(hass, freezer, HALF_AN_HOUR)
    for age, values in (
        (900, {"lock_motor_state": True, "closed_opened": "open", "residual_electricity": 90}),
        (600, {"lock_motor_state": False, "closed_opened": "closed", "residual_electricity": 17}),
    ):
        simulator.report(lock.id, values, publish_time=simulator.now() - age)
    await come_back(hass, entry, simulator, freezer)
    assert state_of(hass, "lock", lock, "door").state == "locked"
    assert state_of(hass, "binary_sensor", lock, "door").state == "off"
    assert state_of(hass, "sensor", lock, "battery").state == "17"


async def test_a_first_set_up_looks_nothing_up(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    bus: Bus,
) -> None:
    play(simulator, SHOW[1:2], THREE_HOURS)
    entry = make_entry(simulator)
    await come_back(hass, entry, simulator, freezer)
    await later(hass, freezer, 70)
    assert (bus.told, log_calls(simulator)) == ([], 0)


async def test_a_short_absence_is_left_to_the_queue_and_costs_no_calls(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    await leave(hass, entry, simulator)
    await later(hass, freezer, 180)
    play(simulator, SHOW[:2], 180)
    await come_back(hass, entry, simulator, freezer)
    await until(hass, freezer, lambda: len(bus.told) == 2)
    assert log_calls(simulator) == 0


@pytest.mark.parametrize("code", [28841106, 28841105, 2009])
async def test_without_the_lock_service_the_device_log_tells_it_and_is_asked_once_a_day(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
    code: int,
) -> None:
    simulator.faults.refusals.set("lock", code)
    await leave(hass, entry, simulator)
    await later(hass, freezer, THREE_HOURS)
    play(simulator, SHOW, THREE_HOURS)
    await come_back(hass, entry, simulator, freezer)
    assert bus.facts == [(name, KEYS[scenario]) for name, scenario, _ in SHOW]
    assert entry.runtime_data.history.as_told()["refused"]
    simulator.calls.clear()
    await leave(hass, entry, simulator)
    await later(hass, freezer, THREE_HOURS)
    await come_back(hass, entry, simulator, freezer)
    assert not [name for name in simulator.calls if "door-lock" in name and "ticket" not in name]
    assert len(bus.told) == 17


async def test_without_any_log_the_queue_still_tells_two_hours(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for service in ("lock", "access", "device_logs"):
        simulator.faults.refusals.set(service, 28841106)
    await leave(hass, entry, simulator)
    await later(hass, freezer, THREE_HOURS)
    play(simulator, SHOW, THREE_HOURS)
    caplog.clear()
    await come_back(hass, entry, simulator, freezer)
    assert 5 < len(bus.told) < 17
    assert not [one for one in caplog.records if one.levelname == "ERROR" and DOMAIN in one.name]


async def test_a_loss_of_the_line_is_filled_without_a_restart(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    simulator.broker.topics.discard("event")
    simulator.drop_consumers()
    push, history = entry.runtime_data.push, entry.runtime_data.history
    await until(hass, freezer, lambda: not push.connected)
    for _ in range(6):
        await later(hass, freezer, 1800)
    play(simulator, SHOW, THREE_HOURS)
    simulator.broker.topics.add("event")
    await until(hass, freezer, lambda: push.connected and history.filling)
    await until(hass, freezer, lambda: not history.filling)
    assert bus.facts == [(name, KEYS[scenario]) for name, scenario, _ in SHOW]
    assert bus.rang == []


async def test_a_stop_while_the_logs_are_read_loses_and_doubles_nothing(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    await leave(hass, entry, simulator)
    await later(hass, freezer, THREE_HOURS)
    play(simulator, SHOW, THREE_HOURS)
    for turns in (0, 3, 10, 30):
        assert await while_time_passes(
            hass, freezer, hass.config_entries.async_setup(entry.entry_id)
        )
        push = entry.runtime_data.push
        await until(hass, freezer, lambda push=push: push.connected)  # type: ignore[misc]
        for _ in range(turns):
            await later(hass, freezer, 0.02)
        assert entry.runtime_data.history.filling
        assert await hass.config_entries.async_unload(entry.entry_id)
        await simulator.disconnected()
    assert bus.told == []
    await come_back(hass, entry, simulator, freezer)
    assert bus.facts == [(name, KEYS[scenario]) for name, scenario, _ in SHOW]
    assert bus.rang == []


async def test_what_a_log_could_not_tell_now_is_asked_for_again(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    await leave(hass, entry, simulator)
    await later(hass, freezer, THREE_HOURS)
    play(simulator, SHOW, THREE_HOURS)
    simulator.fault("http_500", 100, path="/access-control-logs")
    await come_back(hass, entry, simulator, freezer)
    assert len(bus.told) < 17
    simulator.fault("http_500", 0)
    await later(hass, freezer, 601)
    await until(hass, freezer, lambda: not entry.runtime_data.history.filling)
    assert len(bus.told) == 17
    assert bus.rang == []


async def test_a_second_fill_over_the_same_time_tells_nothing_again(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    await leave(hass, entry, simulator)
    await later(hass, freezer, HALF_AN_HOUR)
    play(simulator, SHOW, HALF_AN_HOUR)
    await come_back(hass, entry, simulator, freezer)
    remembered = entry.runtime_data.history._remembered  # noqa: SLF001 - as after a crash
    await leave(hass, entry, simulator)
    await later(hass, freezer, 400)
    remembered.heard.update(dict.fromkeys(remembered.heard, simulator.now() - 3 * HALF_AN_HOUR))
    await remembered.save()
    simulator.calls.clear()
    await come_back(hass, entry, simulator, freezer)
    assert log_calls(simulator) > 0
    assert len(bus.told) == 17


async def test_when_home_assistant_stops_it_is_noted_that_we_listened_until_then(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
) -> None:
    freezer.tick(600)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    heard = entry.runtime_data.history._remembered.heard  # noqa: SLF001 - what is stored
    assert {round(time) for time in heard.values()} == {round(simulator.now())}


async def test_an_old_message_that_comes_late_is_told_at_once(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    lock = device_named(simulator, "Front door lock")
    sent = simulator.scenario("access_granted", lock.id, way="card", person="2", age_s=61)
    await arrived(hass, simulator, sent)
    (event,) = bus.told
    registered = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, lock.id), entry.entry_id
    )
    assert registered is not None
    time = dt_util.utc_from_timestamp(event.time_fired_timestamp).isoformat()
    assert event.data == {
        "device_id": registered.id,
        "name": "Front door lock",
        "key": "access",
        "type": "granted",
        "event_id": event.data["event_id"],
        "time": time,
        "door": "door",
        "method": "card",
        "slot": 2,
    }
    assert bus.rang == []


async def test_of_too_many_facts_the_newest_are_told(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    lock, keypad, terminal = (
        device_named(simulator, name)
        for name in ("Front door lock", "Gate keypad", "Face terminal")
    )
    await leave(hass, entry, simulator)
    await later(hass, freezer, 12 * 3600)
    for number in range(450):
        age = 12 * 3600 - 30 - 60 * number
        for device, way in ((lock, "card"), (keypad, "card"), (terminal, "face")):
            simulator.scenario("access_granted", device.id, way=way, person="5", age_s=age)
    await come_back(hass, entry, simulator, freezer)
    assert len(bus.told) == 1000
    assert entry.runtime_data.history.as_told()["dropped"] == 350
    times = [event.time_fired for event in bus.told]
    assert times == sorted(times)
    newest = simulator.now() - (12 * 3600 - 30 - 60 * 449)
    assert abs(times[-1].timestamp() - newest) < 60


async def test_while_tuya_refuses_everything_no_log_is_asked_and_nothing_is_lost(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    bus: Bus,
) -> None:
    await leave(hass, entry, simulator)
    await later(hass, freezer, THREE_HOURS)
    play(simulator, SHOW, THREE_HOURS)
    simulator.fault("plan_missing", 1_000)
    await come_back(hass, entry, simulator, freezer)
    assert log_calls(simulator) == 0
    assert len(bus.told) < len(SHOW)
    await later(hass, freezer, 601)
    await until(hass, freezer, lambda: not entry.runtime_data.history.filling)
    assert log_calls(simulator) == 0
    simulator.fault("plan_missing", 0)
    await later(hass, freezer, 3601)
    refresh = entry.runtime_data.coordinator.async_refresh()
    await while_time_passes(hass, freezer, refresh)
    await later(hass, freezer, 6 * 3600)
    await until(hass, freezer, lambda: not entry.runtime_data.history.filling)
    assert sorted(bus.facts) == sorted((name, KEYS[scenario]) for name, scenario, _ in SHOW)
    assert bus.rang == []


async def test_a_quota_that_ends_while_logs_are_read_costs_few_refusals(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
) -> None:
    await leave(hass, entry, simulator)
    await later(hass, freezer, THREE_HOURS)
    for service in ("lock", "access", "device_logs"):
        simulator.faults.refusals.set(service, 28841004)
    simulator.calls.clear()
    await come_back(hass, entry, simulator, freezer)
    assert log_calls(simulator) <= 4


async def test_a_test_ring_is_no_sign_that_messages_come(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    coordinator, seen = entry.runtime_data.coordinator, []
    coordinator.watch(lambda arrival: seen.append(arrival.message))
    sent = simulator.scenario("ring", device_named(simulator, "Intercom").id)
    await arrived(hass, simulator, sent)
    heard = entry.runtime_data.history._heard_at  # noqa: SLF001 - it has no other face
    coordinator.receive(seen[0], Source.TEST)
    assert entry.runtime_data.history._heard_at == heard  # noqa: SLF001

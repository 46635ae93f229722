"""Rings, passages and alarms are events: each happens once, when it happens."""

from homeassistant.components.event import EventDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named, entity_id, state_of
from tests.plays import arrived, heard, play, report
from tests.simulator import TuyaSimulator, read_document

NAMES = ["Face terminal", "Intercom", "Battery bell", "Front door lock", "Gate keypad"]


@pytest.mark.parametrize("name", NAMES)
async def test_one_press_is_one_ring(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, name: str
) -> None:
    device = device_named(simulator, name)
    states = heard(hass, entity_id(hass, Platform.EVENT, device, "doorbell"))
    await play(hass, simulator, device, "ring")
    assert [state.attributes["event_type"] for state in states] == ["ring"]


async def test_a_ring_says_when_where_and_how_often(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    sent = await play(hass, simulator, intercom, "ring", channel=2)
    told = state_of(hass, Platform.EVENT, intercom, "doorbell").attributes
    assert told["device_class"] == EventDeviceClass.DOORBELL
    assert told["channel"] == "House"
    assert told["presses"] == 1
    assert told["time"].startswith("20")
    assert told["time"].endswith("+00:00")
    assert told["event_id"]
    assert "address" not in told
    assert sent.message_ids


async def test_a_flat_that_is_called_is_named(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    terminal = device_named(simulator, "Face terminal")
    sent = await play(hass, simulator, terminal, "ring", address="02-14")
    told = state_of(hass, Platform.EVENT, terminal, "doorbell").attributes
    assert told["address"] == "02-14"
    assert told["event_id"] == sent.event_id


async def test_neither_a_poll_nor_a_repeat_rings_again(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    sent = await play(hass, simulator, lock, "ring")
    states = heard(hass, entity_id(hass, Platform.EVENT, lock, "doorbell"))
    assert lock.values["doorbell"] is True
    await entry.runtime_data.coordinator.async_refresh()
    simulator.redeliver()
    await arrived(hass, simulator, sent)
    assert states == []


async def test_what_a_device_had_stored_is_no_event(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    assert lock.values["alarm_lock"] == "wrong_finger"
    for key in ("doorbell", "access", "alarm"):
        assert state_of(hass, Platform.EVENT, lock, key).state == "unknown"


async def test_an_old_ring_is_history(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    await play(hass, simulator, bell, "ring", age_s=120)
    assert state_of(hass, Platform.EVENT, bell, "doorbell").state == "unknown"


@pytest.mark.parametrize("clock", [-3600, 3600])
async def test_a_device_with_a_wrong_clock_still_rings(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, clock: int
) -> None:
    bell = device_named(simulator, "Battery bell")
    await play(hass, simulator, bell, "ring", device_clock_s=clock)
    assert state_of(hass, Platform.EVENT, bell, "doorbell").attributes["event_type"] == "ring"


async def test_a_bell_that_was_offline_rings_all_the_same(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    await play(hass, simulator, intercom, "offline")
    assert state_of(hass, Platform.LOCK, intercom, "door").state == "unavailable"
    assert state_of(hass, Platform.EVENT, intercom, "doorbell").state == "unknown"
    await play(hass, simulator, intercom, "ring")
    assert state_of(hass, Platform.EVENT, intercom, "doorbell").attributes["event_type"] == "ring"
    assert state_of(hass, Platform.LOCK, intercom, "door").state == "locked"


async def test_a_bell_can_be_heard_while_no_poll_succeeds(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    simulator.fault("http_500", 100)
    for _ in range(3):
        await entry.runtime_data.coordinator.async_refresh()
    intercom = device_named(simulator, "Intercom")
    assert state_of(hass, Platform.LOCK, intercom, "door").state == "unavailable"
    await play(hass, simulator, intercom, "ring")
    assert state_of(hass, Platform.EVENT, intercom, "doorbell").attributes["event_type"] == "ring"


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("call_answered", {"event_type": "answered", "reason": "app"}),
        ("call_declined", {"event_type": "declined", "reason": "device"}),
        ("call_missed", {"event_type": "missed", "reason": "timeout"}),
        ("call_cancelled", {"event_type": "ended", "reason": "cancelled"}),
    ],
)
async def test_what_became_of_a_call_is_told_with_its_ring(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    scenario: str,
    expected: dict[str, str],
) -> None:
    terminal = device_named(simulator, "Face terminal")
    ring = await play(hass, simulator, terminal, "ring")
    await play(hass, simulator, terminal, scenario)
    told = state_of(hass, Platform.EVENT, terminal, "doorbell").attributes
    assert expected.items() <= told.items()
    assert told["event_id"] == ring.event_id


async def test_who_came_in_and_how_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    terminal = device_named(simulator, "Face terminal")
    await play(hass, simulator, terminal, "access_granted", way="face", person="anna")
    told = state_of(hass, Platform.EVENT, terminal, "access").attributes
    assert told["event_type"] == "granted"
    assert (told["method"], told["person"], told["door"]) == ("face", "anna", "door")
    assert "slot" not in told


async def test_a_lock_tells_the_slot_of_the_credential(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "access_granted", way="card", person=14)
    told = state_of(hass, Platform.EVENT, lock, "access").attributes
    assert (told["event_type"], told["method"], told["slot"]) == ("granted", "card", 14)
    assert "person" not in told


async def test_the_same_card_twice_is_two_events(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    states = heard(hass, entity_id(hass, Platform.EVENT, lock, "access"))
    for age in (10, 5):
        await play(hass, simulator, lock, "access_granted", way="card", person=14, age_s=age)
    assert [state.attributes["event_type"] for state in states] == ["granted", "granted"]


async def test_a_refused_face_is_denied(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    terminal = device_named(simulator, "Face terminal")
    await play(hass, simulator, terminal, "access_denied")
    assert state_of(hass, Platform.EVENT, terminal, "access").attributes["event_type"] == "denied"


async def test_an_opening_under_duress_is_told_with_who_it_was(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    states = heard(hass, entity_id(hass, Platform.EVENT, lock, "access"))
    await report(hass, simulator, lock, {"unlock_fingerprint": 7, "hijack": True})
    assert [state.attributes["event_type"] for state in states] == ["duress"]
    assert states[0].attributes["method"] == "fingerprint"
    assert states[0].attributes["slot"] == 7
    assert state_of(hass, Platform.EVENT, lock, "alarm").attributes["event_type"] == "duress"


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        ("Intercom", "tamper"),
        ("Battery bell", "loitering"),
        ("Front door lock", "wrong_attempts"),
        ("Front door lock", "door_left_open"),
        ("Front door lock", "duress"),
        ("Front door lock", "low_battery"),
        ("Gate keypad", "forced"),
        ("Face terminal", "loitering"),
    ],
)
async def test_trouble_is_an_alarm_event(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    name: str,
    scenario: str,
) -> None:
    device = device_named(simulator, name)
    states = heard(hass, entity_id(hass, Platform.EVENT, device, "alarm"))
    await play(hass, simulator, device, scenario)
    assert [state.attributes["event_type"] for state in states] == [scenario]


async def test_refused_attempts_tell_the_way_that_was_tried(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await report(hass, simulator, lock, {"alarm_lock": "wrong_card"})
    told = state_of(hass, Platform.EVENT, lock, "alarm").attributes
    assert (told["event_type"], told["method"]) == ("wrong_attempts", "card")


async def test_a_bell_that_shows_itself_only_by_ringing_rings_at_once(
    hass: HomeAssistant, socket_enabled: None, make_entry: MakeEntry
) -> None:
    point = {"code": "motion_switch", "type": "Boolean", "values": "{}", "dp_id": 134}
    plain = {"name": "Porch", "category": "sp", "product_id": "porchbell1", "functions": [point]}
    simulator = TuyaSimulator(devices=read_document(plain, "porch.json"))
    await simulator.start()
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    porch = device_named(simulator, "Porch")
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("event", DOMAIN, f"{porch.id}_doorbell") is None
    await play(hass, simulator, porch, "ring", carrier="event_notify")
    assert state_of(hass, Platform.EVENT, porch, "doorbell").attributes["event_type"] == "ring"
    assert await hass.config_entries.async_reload(made.entry_id)
    await hass.async_block_till_done()
    assert state_of(hass, Platform.EVENT, porch, "doorbell").attributes["event_type"] == "ring"
    assert await hass.config_entries.async_unload(made.entry_id)
    await simulator.stop()


async def test_events_count_among_what_a_room_has(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    registry = er.async_get(hass)
    found = er.async_entries_for_config_entry(registry, entry.entry_id)
    events = [entity for entity in found if entity.domain == Platform.EVENT]
    assert events
    assert {entity.entity_category for entity in events} == {None}
    bells = [entity for entity in events if entity.unique_id.endswith("_doorbell")]
    for bell in bells:
        assert bell.capabilities is not None
        assert set(bell.capabilities["event_types"]) == {
            "ring",
            "answered",
            "declined",
            "missed",
            "ended",
            "picture",
        }

"""Naming people in the options: walk to the door, press a finger, say whose it is."""

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.changes import PersonNamed
from custom_components.tuyalink_intercom.model.registry import Origin
from custom_components.tuyalink_intercom.model.state import Method
from tests.flows import FINISHED, TEXTS, configure, go_on, options_of, prefilled, shown
from tests.homes import arrived, device_named, state_of
from tests.simulator import TuyaSimulator

AGAIN = "again"


async def press(hass: HomeAssistant, simulator: TuyaSimulator, slot: int) -> None:
    """Let somebody open the lock with a finger."""
    lock = device_named(simulator, "Front door lock")
    sent = simulator.scenario("access_granted", lock.id, way="fingerprint", person=slot)
    await arrived(hass, simulator, sent)


def offered(result: ConfigFlowResult) -> dict[str, str]:
    """Return who can be chosen: label by value."""
    return {key: label for key, label in options_of(result, "who").items() if key != AGAIN}


def last_opened_by(hass: HomeAssistant, simulator: TuyaSimulator) -> str:
    lock = device_named(simulator, "Front door lock")
    return state_of(hass, Platform.SENSOR, lock, "last_opened_by").state


async def test_nobody_is_known_at_first_until_a_finger_is_pressed_and_named(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    result = await configure(hass, entry, "people")
    assert result["step_id"] == "people_none"
    await press(hass, simulator, 7)
    result = await go_on(hass, result, next_step_id="people")
    [(value, label)] = offered(result).items()
    assert label.startswith("Front door lock: Fingerprint 7 (20")
    result = await go_on(hass, result, who=value)
    assert result["step_id"] == "person"
    assert (result["description_placeholders"] or {})["who"] == "Front door lock: Fingerprint 7"
    result = await go_on(hass, result, name="  Anna ")
    assert result["step_id"] == "named"
    assert shown(result, "options") == "Front door lock: Fingerprint 7 is called Anna now."
    assert last_opened_by(hass, simulator) == "Anna"
    before = dict(entry.options)
    assert (await go_on(hass, result, next_step_id="finish"))["type"] is FINISHED
    assert entry.options == before


async def test_a_finger_pressed_while_the_dialog_is_open_is_offered_on_another_look(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    await press(hass, simulator, 7)
    result = await configure(hass, entry, "people")
    assert len(offered(result)) == 1
    await press(hass, simulator, 8)
    result = await go_on(hass, result, who=AGAIN)
    assert [label.partition(" (")[0] for label in offered(result).values()] == [
        "Front door lock: Fingerprint 8",
        "Front door lock: Fingerprint 7",
    ]


async def test_a_name_is_shown_to_be_changed_and_may_be_taken_back(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    await press(hass, simulator, 7)
    result = await configure(hass, entry, "people")
    result = await go_on(hass, result, who=next(iter(offered(result))))
    result = await go_on(hass, result, name="Anna")
    result = await go_on(hass, result, next_step_id="people")
    [(value, label)] = offered(result).items()
    assert label == "Anna (Front door lock: Fingerprint 7; Named by you)"
    result = await go_on(hass, result, who=value)
    assert prefilled(result) == {"name": "Anna"}
    result = await go_on(hass, result)
    assert shown(result, "options") == "Front door lock: Fingerprint 7 is called \N{EN DASH} now."
    assert last_opened_by(hass, simulator) == "7"


async def test_what_somebody_carries_is_told_lock_by_lock(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock, gate = (device_named(simulator, name) for name in ("Front door lock", "Gate keypad"))
    for device, way, slot in ((lock, "fingerprint", 7), (lock, "card", 2), (gate, "card", 4)):
        sent = simulator.scenario("access_granted", device.id, way=way, person=slot)
        await arrived(hass, simulator, sent)
    result = await configure(hass, entry, "people")
    for value in offered(result):
        result = await go_on(hass, result, who=value)
        result = await go_on(hass, result, name="Anna")
        result = await go_on(hass, result, next_step_id="people")
    [label] = offered(result).values()
    assert label == (
        "Anna (Gate keypad: Card 4; Front door lock: Card 2, Fingerprint 7; Named by you)"
    )


async def test_who_only_looks_at_a_name_of_tuyas_does_not_make_it_their_own_word(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    coordinator = entry.runtime_data.coordinator
    now = coordinator.cloud.now()
    coordinator.take([PersonNamed(device_id="", time=now, person="ay1700", name="Anna")])
    result = await configure(hass, entry, "people")
    [value] = offered(result)
    result = await go_on(hass, result, who=value)
    assert prefilled(result) == {"name": "Anna"}
    result = await go_on(hass, result, name="Anna ")
    coordinator.take([PersonNamed(device_id="", time=now, person="ay1700", name="Anna Berg")])
    result = await go_on(hass, result, next_step_id="people")
    assert [*offered(result).values()] == ["Anna Berg (Access log)"]


async def test_who_is_renamed_is_told_by_the_name_of_before_and_not_by_a_number_of_tuyas(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    coordinator = entry.runtime_data.coordinator
    now = coordinator.cloud.now()
    coordinator.take([PersonNamed(device_id="", time=now, person="ay1700", name="Anna")])
    result = await configure(hass, entry, "people")
    [value] = offered(result)
    result = await go_on(hass, result, who=value)
    result = await go_on(hass, result, name="Aunt Anna")
    assert shown(result, "options") == "Anna is called Aunt Anna now."


async def test_many_people_are_offered_in_a_list_that_can_be_searched(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    for slot in range(1, 12):
        await press(hass, simulator, slot)
    result = await configure(hass, entry, "people")
    assert result["data_schema"] is not None
    assert result["data_schema"].schema["who"].config["mode"] == "dropdown"


async def test_a_dialog_over_a_project_that_stopped_says_so(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    await press(hass, simulator, 7)
    result = await configure(hass, entry, "people")
    result = await go_on(hass, result, who=next(iter(offered(result))))
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await go_on(hass, result, name="Anna"))["reason"] == "not_running"
    assert (await configure(hass, entry, "people"))["reason"] == "not_running"


def test_every_source_and_every_way_has_its_words() -> None:
    selectors = TEXTS["selector"]
    assert set(selectors["origin"]["options"]) == set(Origin)
    assert set(selectors["method"]["options"]) == set(Method)
    assert set(selectors["people"]["options"]) == {AGAIN}

"""Calls of a building terminal ring the phones that the user named, once, and nobody else's."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.keys import Key, KeyKind
from custom_components.tuyalink_intercom.model.routes import fault_of, persons_of, routes_of
from tests.conftest import MakeEntry
from tests.flows import FINISHED, configure, errors, go_on, shown
from tests.homes import DOMAIN, device_named, entity_id
from tests.plays import heard, play
from tests.simulator import SimDevice, TuyaSimulator, messages

MINE, OTHERS = "01-01-01-02-03-01", "01-01-01-02-03-02"
ANNA, BERT, CARLA = "ay1700000000001anna", "ay1700000000002bert", "ay1700000000003carla"
CALL = "POST /v1.0/access-control/{id}/persons/actions/call"
ROUTES: Mapping[str, list[str]] = {MINE: [ANNA, BERT], OTHERS: [CARLA]}


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Face terminal",)


@pytest.fixture
def terminal(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Face terminal")


@pytest.fixture
def permitted(simulator: TuyaSimulator, terminal: SimDevice) -> None:
    """Give everybody the device permission."""
    simulator.persons.permitted |= {(terminal.id, person) for person in (ANNA, BERT, CARLA)}


async def set_up(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, **options: Any
) -> MockConfigEntry:
    """Set the home up with these options."""
    made = make_entry(simulator, **options)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    return made


@pytest.fixture
async def routed(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, permitted: None
) -> MockConfigEntry:
    """Set the home up with routes for two flats, of which one is the user's."""
    return await set_up(hass, simulator, make_entry, call_routes=ROUTES, flats=[MINE])


async def rings(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, **options: Any
) -> str:
    """Let the terminal call a flat; return the call's number once nobody is at work on it."""
    sent = await play(hass, simulator, terminal, "ring", **{"address": MINE, **options})
    await settled(hass)
    return sent.event_id


async def settled(hass: HomeAssistant) -> None:
    """Wait until everything that a ring set off is over."""
    tasks = [one for one in asyncio.all_tasks() if one.get_name() == f"{DOMAIN} call routing"]
    await asyncio.gather(*tasks)
    await hass.async_block_till_done()


async def told_again(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, **changed: Any
) -> None:
    """Let the terminal tell of its last call in a message of its own."""
    now = int(simulator.now() * 1000)
    call = {"sn": terminal.call_sn, "type": 1, "targetAddress": terminal.call_address, **changed}
    message = simulator.publish(terminal.id, messages.terminal_report(terminal, call, now))
    await simulator.acked(message)
    await settled(hass)


def rung(simulator: TuyaSimulator) -> list[tuple[str, tuple[str, ...]]]:
    """Return for which calls whose phones rang."""
    return [*simulator.persons.rung]


def repair(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the repair that is shown."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"call_routing_{entry.entry_id}")


# --- who is called ---------------------------------------------------------------------------


async def test_a_call_rings_the_phones_of_its_flat_once_and_the_bell_at_home(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    bell = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    call = await rings(hass, simulator, terminal)
    assert rung(simulator) == [(call, (ANNA, BERT))]
    assert [state.attributes["event_type"] for state in bell] == ["ring"]
    assert simulator.calls[CALL] == 1
    assert repair(hass, routed) is None


async def test_a_flat_that_is_not_the_users_may_have_a_route(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    bell = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    call = await rings(hass, simulator, terminal, address=OTHERS)
    assert rung(simulator) == [(call, (CARLA,))]
    assert bell == []


async def test_a_flat_without_a_route_rings_no_phone(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    await rings(hass, simulator, terminal, address="01-01-01-02-03-09")
    assert CALL not in simulator.calls


async def test_without_routes_nothing_is_ever_called(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, entry: MockConfigEntry
) -> None:
    await rings(hass, simulator, terminal)
    assert CALL not in simulator.calls


async def test_the_route_is_found_however_the_address_is_written(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    make_entry: MakeEntry,
    permitted: None,
) -> None:
    await set_up(hass, simulator, make_entry, call_routes={MINE.replace("-", "/"): [ANNA]})
    call = await rings(hass, simulator, terminal, address=MINE.replace("-", "."))
    assert rung(simulator) == [(call, (ANNA,))]


# --- once, and only now ----------------------------------------------------------------------


async def test_pressing_again_in_the_same_call_rings_no_phone_again(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    call = await rings(hass, simulator, terminal)
    await told_again(hass, simulator, terminal)
    await play(hass, simulator, terminal, "call_answered")
    await settled(hass)
    assert rung(simulator) == [(call, (ANNA, BERT))]
    another = await rings(hass, simulator, terminal)
    assert rung(simulator)[1:] == [(another, (ANNA, BERT))]


async def test_a_message_that_comes_twice_rings_once(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    simulator.fault("duplicate")
    await rings(hass, simulator, terminal)
    assert len(rung(simulator)) == 1


async def test_a_call_that_is_told_again_after_a_reload_rings_once(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    for address, number in ((MINE, 1), (OTHERS, 2)):
        await rings(hass, simulator, terminal, address=address)
        assert await hass.config_entries.async_reload(routed.entry_id)
        await simulator.connected()
        await told_again(hass, simulator, terminal)
        assert len(rung(simulator)) == number


async def test_what_is_late_is_history_and_rings_nobody(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    await rings(hass, simulator, terminal, age_s=90)
    await told_again(hass, simulator, terminal)
    assert CALL not in simulator.calls


async def test_a_test_rings_nobody(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    bell = entity_id(hass, Platform.EVENT, terminal, "doorbell")
    fields = {"entity_id": bell, "address": MINE}
    await hass.services.async_call(DOMAIN, "test_ring", fields, blocking=True)
    await settled(hass)
    state = hass.states.get(bell)
    assert state is not None
    assert state.attributes["test"] is True
    assert CALL not in simulator.calls


async def test_a_call_without_a_number_rings_nobody(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    terminal.call_address = MINE
    await told_again(hass, simulator, terminal, sn="")
    assert CALL not in simulator.calls


# --- refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1106, "routing_not_permitted"),
        (1109, "routing_not_permitted"),
        (28841106, "routing_not_subscribed"),
        (28841102, "routing_not_subscribed"),
        (28841105, "routing_not_subscribed"),
    ],
)
async def test_a_refusal_that_can_be_cured_is_a_repair_until_a_call_works(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    routed: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    code: int,
    words: str,
) -> None:
    bell = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    simulator.faults.refusals.set(CALL, code)
    for _ in range(2):
        await rings(hass, simulator, terminal)
    issue = repair(hass, routed)
    assert issue is not None
    assert issue.translation_key == words
    assert issue.translation_placeholders == {"project": "Home doors", "flat": MINE}
    assert len(bell) == 2
    logged = [one for one in caplog.records if "residents" in one.getMessage()]
    assert [one.levelno for one in logged] == [logging.WARNING]
    assert not any(person in caplog.text for person in (ANNA, BERT))
    simulator.faults.refusals.clear(CALL)
    await rings(hass, simulator, terminal, address=OTHERS)
    assert repair(hass, routed) is not None
    await rings(hass, simulator, terminal)
    assert repair(hass, routed) is None


async def test_somebody_without_permission_is_a_repair_that_goes_with_the_routes(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    routed: MockConfigEntry,
) -> None:
    simulator.persons.permitted.discard((terminal.id, BERT))
    await rings(hass, simulator, terminal)
    assert rung(simulator) == []
    assert repair(hass, routed) is not None
    options = {**routed.options, "call_routes": {}}
    hass.config_entries.async_update_entry(routed, options=options)
    assert await hass.config_entries.async_reload(routed.entry_id)
    assert repair(hass, routed) is None


async def test_a_repair_goes_when_the_project_is_switched_off(
    hass: HomeAssistant, simulator: TuyaSimulator, terminal: SimDevice, routed: MockConfigEntry
) -> None:
    simulator.faults.refusals.set(CALL, 1106)
    await rings(hass, simulator, terminal)
    assert await hass.config_entries.async_reload(routed.entry_id)
    assert repair(hass, routed) is not None
    await hass.config_entries.async_set_disabled_by(routed.entry_id, ConfigEntryDisabler.USER)
    assert repair(hass, routed) is None


@pytest.mark.parametrize("fault", ["http_500", "system_error", "malformed"])
async def test_trouble_of_tuyas_cloud_is_logged_and_no_repair(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    routed: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    simulator.fault(fault, 5, path="/actions/call")
    await rings(hass, simulator, terminal)
    assert "residents could not be called" in caplog.text
    assert repair(hass, routed) is None


async def test_while_the_months_calls_are_used_up_nothing_is_asked(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    routed: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator.faults.refusals.set("", 28841004)
    await routed.runtime_data.coordinator.async_refresh()
    simulator.calls.clear()
    await rings(hass, simulator, terminal)
    assert CALL not in simulator.calls
    assert "residents could not be called" in caplog.text


# --- what is stored --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "routes"),
    [
        (None, {}),
        ([], {}),
        ({"01.02": ["a", "a", " b "]}, {"01-02": ("a", "b")}),
        ({"01": list("abcd")}, {"01": ("a", "b", "c")}),
        ({"01": [], "02": "anna", "": ["a"], 3: ["a"], "04": [5, None, ""]}, {}),
    ],
)
def test_routes_are_read_whatever_is_stored(stored: object, routes: object) -> None:
    assert routes_of(stored) == routes


def test_tuya_takes_three_ids_of_32_characters() -> None:
    assert fault_of(("a" * 32, "b", "c")) is None
    assert fault_of("abcd") == "too_many_persons"
    assert fault_of(("a" * 33,)) == "person_id_too_long"
    assert persons_of([" a", "b ", "a", "", 7]) == ("a", "b")


# --- the options -----------------------------------------------------------------------------


async def test_routes_are_made_in_the_options_flat_by_flat(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    entry: MockConfigEntry,
    permitted: None,
) -> None:
    await rings(hass, simulator, terminal)
    page = await configure(hass, entry, "routing")
    assert choices(page, "flat") == [MINE]
    assert shown(page, "options").endswith("\N{EN DASH}")
    page = await go_on(hass, page, flat="  ")
    assert errors(page, "options")["base"].startswith("Name a flat")
    page = await go_on(hass, page, flat=MINE)
    assert page["step_id"] == "routing_persons"
    for persons, sentence in (
        ([ANNA, BERT, CARLA, "dora"], "Tuya rings three"),
        (["a" * 33], "The ID of a person"),
    ):
        page = await go_on(hass, page, persons=persons)
        assert errors(page, "options")["base"].startswith(sentence)
    page = await go_on(hass, page, persons=[ANNA, BERT])
    page = await go_on(hass, page, next_step_id="routing")
    page = await go_on(hass, page, flat=OTHERS.replace("-", "/"))
    page = await go_on(hass, page, persons=[CARLA])
    page = await go_on(hass, page, next_step_id="finish")
    assert page["type"] is FINISHED
    assert entry.options["call_routes"] == ROUTES
    await hass.async_block_till_done()
    await simulator.connected()
    call = await rings(hass, simulator, terminal)
    assert rung(simulator) == [(call, (ANNA, BERT))]


async def test_a_route_is_taken_back_by_leaving_nobody(
    hass: HomeAssistant, routed: MockConfigEntry
) -> None:
    page = await configure(hass, routed, "routing")
    assert f"- {MINE}: {ANNA}, {BERT}" in shown(page, "options")
    page = await go_on(hass, page, flat=MINE)
    page = await go_on(hass, page, persons=[])
    page = await go_on(hass, page, next_step_id="finish")
    assert routed.options["call_routes"] == {OTHERS: [CARLA]}


async def test_persons_are_offered_by_name(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    terminal: SimDevice,
    routed: MockConfigEntry,
) -> None:
    keys = routed.runtime_data.keys
    keys.put(Key(device_id=terminal.id, kind=KeyKind.PERSON, id=ANNA, made=0.0, name="Anna"))
    page = await configure(hass, routed, "routing")
    page = await go_on(hass, page, flat=MINE)
    assert choices(page, "persons") == [
        {"value": ANNA, "label": f"Anna ({ANNA})"},
        {"value": BERT, "label": BERT},
    ]
    await hass.config_entries.async_unload(routed.entry_id)
    page = await configure(hass, routed, "routing")
    assert choices(page, "flat") == [MINE, OTHERS]


def choices(page: Any, field: str) -> Any:
    """Return what a field of a form offers."""
    return page["data_schema"].schema[field].config["options"]

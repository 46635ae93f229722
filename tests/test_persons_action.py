"""Actions about the persons of building terminals: told, changed, listed, deleted, refused."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.tuyalink_intercom.model.persons import person_id_of
from tests.homes import DOMAIN, device_named, entity_id, while_time_passes
from tests.plays import photographed
from tests.residents import LOADED, ROUTE, Terminal
from tests.simulator import TuyaSimulator

TOMORROW, NEXT_WEEK = "2030-01-01 00:00:00", "2030-01-08 00:00:00"
WORK = {"weekdays": ["mon", "fri"], "from": "08:00", "to": "17:00"}


@pytest.fixture
async def terminal(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> Terminal:
    freezer.move_to("2029-12-31 12:00:00")
    return Terminal(hass, simulator, freezer)


async def test_a_person_is_added_and_then_changed(terminal: Terminal) -> None:
    added = await terminal.act("set_person", name="Grace Hopper", phone="13500000000", floor=2)
    assert added == {
        "person_id": person_id_of("Grace Hopper"),
        "name": "Grace Hopper",
        "state": "active",
    }
    again = await terminal.act("set_person", name="grace hopper", start=TOMORROW, end=NEXT_WEEK)
    assert again["person_id"] == added["person_id"]
    assert terminal.simulator.calls[f"POST {ROUTE}"] == 1
    assert terminal.simulator.calls[f"PUT {ROUTE}"] == 1
    known = terminal.people["grace hopper"]
    assert (known.start_ms, known.end_ms) == (1_893_484_800_000, 1_894_089_600_000)


async def test_a_person_may_have_an_id_of_ones_choice_and_be_renamed(terminal: Terminal) -> None:
    await terminal.act("set_person", person_id="flat-3", name="Grace")
    await terminal.act("set_person", person_id="flat-3", name="Admiral Hopper")
    assert [*terminal.people] == ["Admiral Hopper"]
    other = await terminal.act("set_person", name="Grace")
    assert other["person_id"] != "flat-3"
    assert len(terminal.people) == 2


async def test_somebody_new_never_takes_the_id_of_somebody_renamed(terminal: Terminal) -> None:
    first = await terminal.act("set_person", name="Grace")
    await terminal.act("set_person", person_id=first["person_id"], name="Ada")
    second = await terminal.act("set_person", name="Grace")
    assert second["person_id"] != first["person_id"]
    assert {*terminal.people} == {"Ada", "Grace"}


async def test_a_schedule_is_told_as_hours_of_the_week(terminal: Terminal) -> None:
    nights = {"weekdays": ["sat"], "from": "20:00", "to": "00:00"}
    dates = {"denied_dates": {"start": TOMORROW, "end": NEXT_WEEK}}
    await terminal.act("set_person", name="Grace", schedule=[WORK, nights, dates])
    rules = terminal.people["Grace"].rules
    hour = 3_600_000
    assert rules[0].hours == ((1, (8 * hour, 17 * hour)), (5, (8 * hour, 17 * hour)))
    assert rules[1].hours == ((6, (20 * hour, 24 * hour)),)
    assert rules[2].denied == ((1_893_484_800_000, 1_894_089_600_000),)
    await terminal.act("set_person", name="Grace", schedule=[{"weekdays": "sun"}])
    assert terminal.people["Grace"].rules[0].hours == ((7, (0, 24 * hour)),)


async def test_a_schedule_ends_an_earlier_span(terminal: Terminal) -> None:
    await terminal.act("set_person", name="Grace", end=NEXT_WEEK)
    assert (await terminal.known())[0]["end"] == "2030-01-08T08:00:00+00:00"
    await terminal.act("set_person", name="Grace", schedule=WORK)
    assert (await terminal.known())[0]["end"] is None


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("person_name_missing", {}),
        ("person_name_missing", {"person_id": "new"}),
        ("person_name_too_long", {"name": "x" * 65}),
        ("person_id_invalid", {"name": "Grace", "person_id": "x" * 33}),
        ("person_phone_invalid", {"name": "Grace", "phone": "call me"}),
        ("person_end_past", {"name": "Grace", "end": "2029-12-30 00:00:00"}),
        ("person_end_before_start", {"name": "Grace", "start": NEXT_WEEK, "end": TOMORROW}),
        ("person_span_with_schedule", {"name": "Grace", "end": NEXT_WEEK, "schedule": WORK}),
        ("person_rules_overlap", {"name": "Grace", "schedule": [WORK, WORK]}),
        ("person_too_many_rules", {"name": "Grace", "schedule": [WORK] * 4}),
        ("person_rule_order", {"name": "Grace", "schedule": [{**WORK, "to": "07:00"}]}),
        ("person_rule_empty", {"name": "Grace", "schedule": [{"name": "Nothing"}]}),
    ],
)
async def test_what_cannot_be_is_refused_before_any_call(
    terminal: Terminal, key: str, fields: dict[str, Any]
) -> None:
    await terminal.refused("set_person", key, **fields)
    assert terminal.people == {}


@pytest.mark.parametrize("name", ["Intercom", "Front door lock", "Gate keypad"])
async def test_only_terminals_know_persons(
    hass: HomeAssistant, terminal: Terminal, simulator: TuyaSimulator, name: str
) -> None:
    other = entity_id(hass, Platform.LOCK, device_named(simulator, name), "door")
    both = [terminal.lock, other]
    await terminal.refused("set_person", "person_not_a_terminal", entity_id=both, name="Grace")
    await terminal.refused("get_persons", "person_not_a_terminal", entity_id=other)


async def test_several_persons_are_added_and_deleted_at_once(terminal: Terminal) -> None:
    people = [{"name": "Grace"}, {"name": "Ada", "person_id": "ada", "floor": 3}]
    told = (await terminal.act("add_persons", persons=people))["persons"]
    assert [(one["name"], one["state"]) for one in told] == [("Grace", "active"), ("Ada", "active")]
    assert {*terminal.people} == {"Grace", "Ada"}
    gone = (await terminal.act("remove_person", person=["Grace", "ada"]))["persons"]
    assert [one["state"] for one in gone] == ["removed", "removed"]
    assert terminal.people == {}
    assert await terminal.known() == []


async def test_nobody_is_listed_twice(terminal: Terminal) -> None:
    people = [{"name": "Grace"}, {"name": "grace"}]
    await terminal.refused("add_persons", "person_twice", persons=people)
    await terminal.act("set_person", name="Grace", person_id="g")
    await terminal.refused("remove_person", "person_twice", person=["Grace", "g"])


async def test_one_wrong_person_of_several_stops_all(terminal: Terminal) -> None:
    people = [{"name": "Grace"}, {"name": "Ada", "end": "2029-01-01 00:00:00"}]
    await terminal.refused("add_persons", "person_end_past", persons=people)


async def test_a_name_of_two_persons_is_not_guessed(terminal: Terminal) -> None:
    await terminal.act("set_person", name="Grace", person_id="one")
    await terminal.act("set_person", name="Grace", person_id="two")
    await terminal.refused("remove_person", "person_not_unique", person="Grace")
    await terminal.refused("set_person", "person_not_unique", name="Grace")
    await terminal.refused("remove_person", "person_unknown", person="Ada")
    await terminal.act("remove_person", person="two")
    assert len(terminal.people) == 1


async def test_with_a_person_all_keys_are_forgotten(
    terminal: Terminal, entry: MockConfigEntry
) -> None:
    await terminal.act("set_person", name="Grace")
    await terminal.act("add_card", person="Grace", card="8800421337")
    await terminal.act("add_password", person="Grace", label="Back door")
    (known,) = await terminal.known()
    assert known["keys"] == [
        {"kind": "card", "id": "…1337", "state": "active"},
        {"kind": "password", "id": "Back door", "state": "active"},
    ]
    await terminal.act("remove_person", person="Grace")
    assert [*entry.runtime_data.keys.all()] == []


async def test_who_may_be_called_by_the_terminal(terminal: Terminal) -> None:
    await terminal.act("set_person", name="Grace", person_id="grace")
    permitted = terminal.simulator.persons.permitted
    assert (await terminal.act("allow_person", person="Grace"))["state"] == "active"
    assert permitted == {(terminal.device.id, "grace")}
    assert (await terminal.act("disallow_person", person="Grace"))["state"] == "removed"
    assert permitted == set()
    await terminal.refused("allow_person", "person_unknown", person="Nobody")


@pytest.mark.parametrize("person", ["Grace", ["Grace", "Ada"]])
async def test_with_a_person_goes_the_leave_to_be_called(terminal: Terminal, person: Any) -> None:
    await terminal.act("add_persons", persons=[{"name": "Grace"}, {"name": "Ada"}])
    await terminal.act("allow_person", person="Grace")
    await terminal.act("remove_person", person=person)
    assert terminal.simulator.persons.permitted == set()


# --- what goes wrong on the way -------------------------------------------------------------


async def test_a_command_that_failed_is_said_to_have_failed(terminal: Terminal) -> None:
    terminal.simulator.fault("command_failed", 1)
    assert (await terminal.act("set_person", name="Grace"))["state"] == "failed"
    assert terminal.people == {}
    assert (await terminal.act("set_person", name="Grace"))["state"] == "active"
    terminal.simulator.fault("command_failed", 1)
    assert (await terminal.act("remove_person", person="Grace"))["state"] == "failed"
    assert [one["state"] for one in await terminal.known()] == ["active"]


async def test_a_terminal_out_of_reach_does_it_later(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    terminal.device.online = False
    assert (await terminal.act("set_person", name="Grace"))["state"] == "pending"
    assert [one["state"] for one in await terminal.known()] == ["pending"]
    # The question survives a restart.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await terminal.simulator.connected()
    await hass.async_block_till_done()
    assert entry.state is LOADED
    terminal.device.online = True
    for _ in range(3):
        states = [one["state"] for one in await terminal.known()]
    assert states == ["active"]
    assert [*terminal.people] == ["Grace"]


@pytest.mark.parametrize("fault", ["lost_reply", "http_500"])
async def test_after_a_lost_answer_a_person_is_pending_and_may_be_added_again(
    terminal: Terminal, fault: str
) -> None:
    terminal.simulator.fault(fault, 1, method="POST", path="/persons")
    assert (await terminal.act("set_person", name="Grace"))["state"] == "pending"
    assert [one["state"] for one in await terminal.known()] == ["pending"]
    assert (await terminal.act("set_person", name="Grace"))["state"] == "active"
    assert len(terminal.people) == 1
    assert len(await terminal.known()) == 1


async def test_a_reload_on_the_way_loses_nothing(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    terminal.device.online = False

    async def reloaded() -> None:
        await terminal.simulator.called(f"POST {ROUTE}")
        await hass.config_entries.async_reload(entry.entry_id)

    reload = hass.async_create_task(reloaded())
    assert (await terminal.act("set_person", name="Grace"))["state"] == "pending"
    await reload
    terminal.device.online = True
    for _ in range(3):
        states = [one["state"] for one in await terminal.known()]
    assert states == ["active"]


async def test_a_refusal_of_tuyas_changes_nothing(terminal: Terminal) -> None:
    terminal.simulator.fault("not_subscribed", 1, method="POST", path="/persons")
    await terminal.failed("set_person", "reason_api_not_subscribed", name="Grace")
    assert await terminal.known() == []
    await terminal.act("set_person", name="Grace")
    terminal.simulator.fault("not_subscribed", 1, method="DELETE", path="/persons")
    await terminal.failed("remove_person", "reason_api_not_subscribed", person="Grace")
    assert [one["state"] for one in await terminal.known()] == ["active"]


# --- who may --------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["set_person", "get_persons"])
async def test_persons_are_for_administrators(
    hass: HomeAssistant, terminal: Terminal, hass_read_only_user: MockUser, action: str
) -> None:
    fields = {"name": "Grace"} if action == "set_person" else {}
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            action,
            {"entity_id": terminal.lock, **fields},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    assert terminal.people == {}


async def test_a_project_that_is_not_loaded_says_so(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    lock = terminal.lock
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as refusal:
        await hass.services.async_call(
            DOMAIN, "set_person", {"entity_id": lock, "name": "Grace"}, blocking=True
        )
    assert refusal.value.translation_key == "project_not_loaded"


async def test_a_name_from_the_access_log_can_be_chosen(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    simulator, device = terminal.simulator, terminal.device
    simulator.people.call("resident-7", "Vera")
    await while_time_passes(
        hass,
        terminal.freezer,
        photographed(hass, entry, simulator, device, "access_granted", person="resident-7"),
    )
    answer = await terminal.act("allow_person", person="Vera")
    assert answer == {"person_id": "resident-7", "state": "active"}
    (known,) = await terminal.known()
    assert (known["name"], known["state"]) == ("Vera", "unknown")
    # The simulated terminal was never told of Vera.
    assert (await terminal.act("add_card", person="Vera", card="8800421337"))["state"] == "failed"
    for action in ("freeze_card", "remove_card"):
        told = await terminal.act(action, person="Vera", card="7700421338")
        assert told["state"] == "failed"
    assert (await terminal.act("remove_person", person="Vera"))["state"] == "failed"
    (known,) = await terminal.known()
    assert [(key["kind"], key["state"]) for key in known["keys"]] == [
        ("permission", "active"),
        ("card", "failed"),
    ]

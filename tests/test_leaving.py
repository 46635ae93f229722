"""Before a project is removed: what was handed out is listed, and deleted while that can be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.keys import revoking
from custom_components.tuyalink_intercom.keys.ledger import KeyLedger
from custom_components.tuyalink_intercom.model.keys import Key, KeyKind, KeyState
from custom_components.tuyalink_intercom.model.left_behind import standing
from tests.flows import FINISHED, TEXTS, configure, go_on, options_of, readable, shown, ticked
from tests.homes import DOMAIN, device_named, entity_id, while_time_passes
from tests.simulator import SimDevice, TuyaSimulator

BERTA = "ay1700000000000Bert"
NOW = 1_790_000_000.0


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Face terminal", "Front door lock")


class Leaver:
    """Somebody with keys handed out, who goes."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        simulator: TuyaSimulator,
        entry: MockConfigEntry,
    ) -> None:
        self.hass, self.freezer, self.simulator, self.entry = hass, freezer, simulator, entry
        self.terminal = device_named(simulator, "Face terminal")
        self.lock = device_named(simulator, "Front door lock")

    @property
    def ledger(self) -> KeyLedger:
        """What is remembered of keys."""
        ledger: KeyLedger = self.entry.runtime_data.keys
        return ledger

    async def ask(self, action: str, device: SimDevice, **data: Any) -> dict[str, Any]:
        """Call an action at a door; return what it answers."""
        door = entity_id(self.hass, "lock", device, "door")
        call = self.hass.services.async_call(
            DOMAIN, action, {"entity_id": door, **data}, blocking=True, return_response=True
        )
        answer: Any = await while_time_passes(self.hass, self.freezer, call)
        found: dict[str, Any] = answer[door]
        return found

    async def hand_out(self) -> None:
        """Give a guest a code, and a person a card."""
        await self.ask("add_code", self.lock, name="Plumber", end=self.end)
        await self.ask("set_person", self.terminal, person_id=BERTA, name="Berta")
        await self.ask("add_card", self.terminal, person=BERTA, card="12345678")

    @property
    def end(self) -> str:
        """When the guest has to go."""
        return (dt_util.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")

    async def deleted(self, result: ConfigFlowResult, keys: list[str]) -> ConfigFlowResult:
        """Tick, and wait for the page with the result."""
        result = await go_on(self.hass, result, keys=keys)
        assert result["type"] is FlowResultType.SHOW_PROGRESS
        flows = self.hass.config_entries.options

        async def done() -> ConfigFlowResult:
            await self.hass.async_block_till_done()
            return await flows.async_configure(result["flow_id"])

        while result["type"] is FlowResultType.SHOW_PROGRESS:
            result = await while_time_passes(self.hass, self.freezer, done())
        return readable(result, "options")

    def cards(self) -> set[str]:
        """Return the cards that the terminal takes of Berta; raise KeyError if it has no Berta."""
        return {*self.simulator.persons.of(self.terminal.id).people[BERTA].cards}


@pytest.fixture
def leaver(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
) -> Leaver:
    return Leaver(hass, freezer, simulator, entry)


def key(kind: KeyKind, key_id: str = "", **more: Any) -> Key:
    return Key(**{"device_id": "d", "kind": kind, "id": key_id or kind, "made": NOW, **more})


async def test_where_nothing_was_handed_out_nothing_is_left(leaver: Leaver) -> None:
    result = await configure(leaver.hass, leaver.entry, "leaving")
    assert result["step_id"] == "leaving_none"
    assert (await go_on(leaver.hass, result, next_step_id="finish"))["type"] is FINISHED


async def test_all_that_was_handed_out_is_ticked_and_deleted_at_the_doors(leaver: Leaver) -> None:
    await leaver.hand_out()
    assert leaver.cards() == {"12345678"}
    result = await configure(leaver.hass, leaver.entry, "leaving")
    labels = options_of(result, "keys")
    assert "12345678" not in str(labels)
    assert sorted(label.partition(" (")[0] for label in labels.values()) == [
        "Face terminal: Person Berta, Card \N{MULTIPLICATION SIGN} 1",
        "Front door lock: Code Plumber",
    ]
    assert ticked(result, "keys") == [*labels]
    result = await leaver.deleted(result, [*labels])
    assert shown(result, "options").startswith("Deleted: 2. Not deleted: 0.")
    assert [*leaver.ledger.all()] == []
    with pytest.raises(KeyError):
        leaver.cards()
    now = leaver.simulator.now()
    assert not [one for one in leaver.simulator.codes.of(leaver.lock.id) if one.valid(now)]
    result = await go_on(leaver.hass, result, next_step_id="leaving")
    assert result["step_id"] == "leaving_none"


async def test_the_number_of_a_card_is_not_shown(leaver: Leaver) -> None:
    leaver.ledger.put(key(KeyKind.CARD, "12345678", device_id=leaver.terminal.id, person=BERTA))
    result = await configure(leaver.hass, leaver.entry, "leaving")
    [(value, label)] = options_of(result, "keys").items()
    assert label.startswith("Face terminal: Card …5678")
    assert "1234" not in value + label


async def test_what_is_not_ticked_goes_on_opening(leaver: Leaver) -> None:
    await leaver.hand_out()
    result = await configure(leaver.hass, leaver.entry, "leaving")
    [code] = [one for one, label in options_of(result, "keys").items() if "Plumber" in label]
    result = await leaver.deleted(result, [code])
    assert shown(result, "options").startswith("Deleted: 1. Not deleted: 0.")
    assert leaver.cards() == {"12345678"}
    result = await go_on(leaver.hass, result, next_step_id="leaving")
    assert len(options_of(result, "keys")) == 1


async def test_nothing_ticked_deletes_nothing(leaver: Leaver) -> None:
    await leaver.hand_out()
    result = await configure(leaver.hass, leaver.entry, "leaving")
    result = await go_on(leaver.hass, result, keys=[])
    assert result["errors"] == {"keys": "nothing_chosen"}
    assert leaver.cards()


async def test_what_could_not_be_deleted_stays_listed_with_the_reason(leaver: Leaver) -> None:
    await leaver.hand_out()
    leaver.simulator.fault("command_failed", 10)
    leaver.simulator.fault("refuse", what="lock", code=28841101)
    result = await configure(leaver.hass, leaver.entry, "leaving")
    before = options_of(result, "keys")
    result = await leaver.deleted(result, [*before])
    text = shown(result, "options")
    assert text.startswith("Deleted: 0. Not deleted: 2.")
    assert "Berta: The device said that it could not." in text
    assert "Plumber" in text
    assert "subscri" in text
    result = await go_on(leaver.hass, result, next_step_id="leaving")
    assert options_of(result, "keys") == before


async def test_what_others_deleted_already_can_be_forgotten(leaver: Leaver) -> None:
    await leaver.hand_out()
    leaver.simulator.persons.of(leaver.terminal.id).people.clear()
    result = await configure(leaver.hass, leaver.entry, "leaving")
    result = await leaver.deleted(result, [*options_of(result, "keys")])
    text = shown(result, "options")
    assert text.startswith("Deleted: 1. Not deleted: 1.")
    assert [one.id for one in leaver.ledger.all(kind=KeyKind.PERSON)] == [BERTA]
    result = await go_on(leaver.hass, result, next_step_id="forget")
    assert result["step_id"] == "leaving_none"
    assert [*leaver.ledger.all()] == []


async def test_a_terminal_that_is_away_is_told_later(leaver: Leaver) -> None:
    await leaver.hand_out()
    leaver.simulator.fault("command_pending", 10)
    result = await configure(leaver.hass, leaver.entry, "leaving")
    [person] = [one for one, label in options_of(result, "keys").items() if "Berta" in label]
    text = shown(await leaver.deleted(result, [person]), "options")
    assert "the device has not done it yet" in text
    assert [one.state for one in leaver.ledger.all(kind=KeyKind.PERSON)] == [KeyState.PENDING]


async def test_an_offline_code_is_named_and_cannot_be_taken_back(leaver: Leaver) -> None:
    now = leaver.entry.runtime_data.coordinator.cloud.now()
    offline = key(KeyKind.OFFLINE_CODE, "o", name="Cleaner", device_id=leaver.lock.id)
    leaver.ledger.put(replace(offline, end=now + 3600))
    result = await configure(leaver.hass, leaver.entry, "leaving")
    assert result["step_id"] == "leaving_none"
    text = shown(result, "options")
    assert "Front door lock: Offline code Cleaner" in text
    assert "Nobody can take an offline code back" in text
    outcome = await revoking.async_revoke(leaver.hass, leaver.entry, offline)
    assert outcome.why == revoking.OFFLINE_CODE


@pytest.mark.parametrize(
    ("kind", "device_id", "why"),
    [
        (KeyKind.PASSWORD, None, revoking.GOES_WITH_PERSON),
        (KeyKind.CODE, "gone", revoking.DEVICE_GONE),
    ],
)
async def test_what_cannot_be_told_is_not_forgotten(
    leaver: Leaver, kind: KeyKind, device_id: str | None, why: str
) -> None:
    one = key(kind, "x", device_id=device_id or leaver.terminal.id)
    leaver.ledger.put(one)
    assert (await revoking.async_revoke(leaver.hass, leaver.entry, one)).why == why
    assert [*leaver.ledger.all()] == [one]
    await leaver.hass.config_entries.async_unload(leaver.entry.entry_id)
    outcome = await revoking.async_revoke(leaver.hass, leaver.entry, one)
    assert outcome.why == revoking.NOT_LOADED


@pytest.mark.parametrize("kind", [KeyKind.CARD, KeyKind.PERMISSION])
async def test_a_card_is_taken_back_without_the_person(leaver: Leaver, kind: KeyKind) -> None:
    await leaver.hand_out()
    await leaver.ask("allow_person", leaver.terminal, person=BERTA)
    [one] = leaver.ledger.all(kind=kind)
    revoked = revoking.async_revoke(leaver.hass, leaver.entry, one)
    outcome = await while_time_passes(leaver.hass, leaver.freezer, revoked)
    assert outcome.why == ""
    assert [*leaver.ledger.all(kind=kind)] == []
    assert [*leaver.ledger.all(kind=KeyKind.PERSON)]
    left = {(leaver.terminal.id, BERTA)} if kind is KeyKind.CARD else set()
    assert leaver.simulator.persons.permitted == left


async def test_a_person_goes_with_the_leave_to_open_from_the_app(leaver: Leaver) -> None:
    await leaver.hand_out()
    await leaver.ask("allow_person", leaver.terminal, person=BERTA)
    [berta] = leaver.ledger.all(kind=KeyKind.PERSON)
    revoked = revoking.async_revoke(leaver.hass, leaver.entry, berta)
    outcome = await while_time_passes(leaver.hass, leaver.freezer, revoked)
    assert outcome.why == ""
    assert leaver.simulator.persons.permitted == set()
    assert [*leaver.ledger.all(leaver.terminal.id)] == []


async def test_who_removes_the_project_with_keys_left_is_told_where_to_delete_them(
    leaver: Leaver,
) -> None:
    await leaver.hand_out()
    await leaver.hass.config_entries.async_remove(leaver.entry.entry_id)
    issues = ir.async_get(leaver.hass).issues
    [issue] = [one for (domain, _), one in issues.items() if domain == DOMAIN]
    assert issue.translation_key == "keys_left_behind"
    assert issue.is_persistent
    told = issue.translation_placeholders
    assert told == {"project": "Home doors", "codes": "1", "persons": "1"}
    words = TEXTS["issues"]["keys_left_behind"]["description"].format(**told)
    assert "Codes: 1. Persons, faces and cards: 1." in words
    ir.async_ignore_issue(leaver.hass, DOMAIN, issue.issue_id, ignore=True)


async def test_codes_that_are_over_are_not_said_to_open_doors(leaver: Leaver) -> None:
    leaver.ledger.put(key(KeyKind.CODE, "1", state=KeyState.USED))
    leaver.ledger.put(key(KeyKind.CODE, "2", end=NOW - 1))
    await leaver.hass.config_entries.async_remove(leaver.entry.entry_id)
    assert [one for one, _ in ir.async_get(leaver.hass).issues if one == DOMAIN] == []


async def test_who_leaves_nothing_behind_is_told_nothing(leaver: Leaver) -> None:
    await leaver.hass.config_entries.async_remove(leaver.entry.entry_id)
    assert [one for one, _ in ir.async_get(leaver.hass).issues if one == DOMAIN] == []


async def test_a_project_that_does_not_run_cannot_delete_anything(leaver: Leaver) -> None:
    await leaver.hass.config_entries.async_unload(leaver.entry.entry_id)
    assert (await configure(leaver.hass, leaver.entry, "leaving"))["reason"] == "not_running"


def test_a_person_stands_for_all_that_the_person_carries() -> None:
    berta = key(KeyKind.PERSON, "berta")
    card, face = (key(kind, person="berta") for kind in (KeyKind.CARD, KeyKind.FACE))
    stray = key(KeyKind.CARD, "stray", person="carl")
    code, failed = key(KeyKind.CODE), key(KeyKind.CODE, "no", state=KeyState.FAILED)
    over = key(KeyKind.OFFLINE_CODE, end=NOW - 1)
    left = [*standing([card, berta, stray, face, code, failed, over], NOW)]
    assert [one.key for one in left] == [berta, stray, code]
    assert left[0].carried == (card, face)


def test_every_reason_has_its_words() -> None:
    selectors = TEXTS["selector"]
    assert set(selectors["key"]["options"]) == set(KeyKind)
    assert set(selectors["revoked"]["options"]) == {
        *(KeyState.PENDING, KeyState.FAILED, revoking.NOT_LOADED, revoking.DEVICE_GONE),
        *(revoking.OFFLINE_CODE, revoking.GOES_WITH_PERSON),
    }

"""The question which flats are the user's, and what the answer does."""

from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named, entity_id
from tests.plays import heard, play
from tests.simulator import SimDevice, TuyaSimulator

MINE, OTHERS = "01-01-01-02-03-01", "01-01-01-02-03-02"


@pytest.fixture
def terminal(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Face terminal")


def question(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"which_flats_{entry.entry_id}")


async def opened(client: TestClient[Any, Any], issue_id: str) -> Any:
    """Open what fixes an issue; return its first page."""
    asked_for = {"handler": DOMAIN, "issue_id": issue_id}
    return await (await client.post("/api/repairs/issues/fix", json=asked_for)).json()


async def answered(client: TestClient[Any, Any], flow_id: str, answers: dict[str, Any]) -> Any:
    """Send the answers of a page; return the next."""
    return await (await client.post(f"/api/repairs/issues/fix/{flow_id}", json=answers)).json()


async def asked(hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: Any) -> Any:
    """Open the question as the user does; return the client and the page."""
    assert await async_setup_component(hass, REPAIRS, {})
    client = await hass_client()
    return client, await opened(client, f"which_flats_{entry.entry_id}")


async def test_nothing_is_asked_before_a_flat_was_called(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    assert question(hass, entry) is None


async def test_the_first_call_of_a_flat_rings_and_asks(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, terminal: SimDevice
) -> None:
    told = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    assert len(told) == 1
    issue = question(hass, entry)
    assert issue is not None
    assert (issue.is_fixable, issue.severity) == (True, ir.IssueSeverity.WARNING)


async def test_a_call_from_long_ago_asks_nothing(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, terminal: SimDevice
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS, age_s=600)
    assert question(hass, entry) is None


async def test_choosing_my_flat_silences_the_others_and_closes_the_question(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    terminal: SimDevice,
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    await play(hass, simulator, terminal, "ring", address=MINE)
    client, page = await asked(hass, hass_client, entry)
    assert page["step_id"] == "flats"
    assert page["description_placeholders"] == {"project": "Home doors"}
    choice = page["data_schema"][0]["selector"]["select"]
    assert choice["options"] == [MINE, OTHERS]
    assert choice["custom_value"] is True
    page = await answered(client, page["flow_id"], {"flats": [" 01 01 01 02 03 01"]})
    assert page["type"] == FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await simulator.connected()
    assert entry.options["flats"] == [MINE]
    assert question(hass, entry) is None
    told = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    await play(hass, simulator, terminal, "ring", address=MINE)
    assert [state.attributes["address"] for state in told] == [MINE]
    assert question(hass, entry) is None


async def test_all_flats_is_an_answer_too(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    terminal: SimDevice,
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    client, page = await asked(hass, hass_client, entry)
    page = await answered(client, page["flow_id"], {"all_flats": True})
    assert page["type"] == FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await simulator.connected()
    assert entry.options["flats"] == []
    told = heard(hass, entity_id(hass, Platform.EVENT, terminal, "doorbell"))
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    assert len(told) == 1
    assert question(hass, entry) is None


async def test_no_answer_at_all_is_asked_again(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    terminal: SimDevice,
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    client, page = await asked(hass, hass_client, entry)
    page = await answered(client, page["flow_id"], {"flats": [" "]})
    assert page["errors"] == {"base": "no_flat"}
    assert question(hass, entry) is not None
    assert "flats" not in entry.options
    page = await answered(client, page["flow_id"], {"flats": [OTHERS]})
    assert page["type"] == FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await simulator.connected()


async def test_a_question_left_open_is_asked_again_after_a_restart(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, terminal: SimDevice
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    assert await hass.config_entries.async_unload(entry.entry_id)
    ir.async_delete_issue(hass, DOMAIN, f"which_flats_{entry.entry_id}")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    assert question(hass, entry) is not None


async def test_a_question_of_a_project_that_is_gone_is_withdrawn(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    terminal: SimDevice,
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    client, page = await asked(hass, hass_client, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    assert question(hass, entry) is None
    page = await answered(client, page["flow_id"], {"flats": [OTHERS]})
    assert page["reason"] == "entry_gone"


async def test_a_project_that_is_disabled_asks_nothing(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, terminal: SimDevice
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    user = ConfigEntryDisabler.USER
    assert await hass.config_entries.async_set_disabled_by(entry.entry_id, user)
    assert question(hass, entry) is None
    assert await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    assert question(hass, entry) is not None


async def test_a_question_that_was_ignored_is_not_asked_again_after_a_reload(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, terminal: SimDevice
) -> None:
    await play(hass, simulator, terminal, "ring", address=OTHERS)
    ir.async_ignore_issue(hass, DOMAIN, f"which_flats_{entry.entry_id}", ignore=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    issue = question(hass, entry)
    assert issue is not None
    assert issue.dismissed_version is not None


async def test_what_needs_no_answer_is_only_confirmed(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, make_entry: MakeEntry
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await async_setup_component(hass, REPAIRS, {})
    ir.async_create_issue(
        hass,
        DOMAIN,
        "anything",
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="which_flats",
    )
    client = await hass_client()
    page = await opened(client, "anything")
    assert page["step_id"] == "confirm"

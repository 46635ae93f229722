"""Press the bell now: what a user reads when it rings, and when it does not."""

from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigFlowResult, FlowType
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.conftest import MakeEntry
from tests.flows import (
    FINISHED,
    TEXTS,
    answer,
    configure,
    go_on,
    look,
    options_of,
    preferences,
    readable,
    shown,
)
from tests.homes import DOMAIN, device_named, entity_id, later, until
from tests.plays import arrived, play, report
from tests.simulator import TuyaSimulator

CAUSES = TEXTS["selector"]["bell"]["options"]


async def listen(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Choose to press the bell, and begin."""
    result = await configure(hass, entry, "bell")
    result = await go_on(hass, result, next_step_id="listen")
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    return result


async def now_shown(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Return what the dialog shows by itself, as the browser fetches it."""
    await hass.async_block_till_done()
    flows = hass.config_entries.options
    return readable(await flows.async_configure(result["flow_id"]), "options")


async def given_up(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, result: ConfigFlowResult
) -> ConfigFlowResult:
    """Wait in vain for ninety seconds."""
    await later(hass, freezer, 89)
    assert (await now_shown(hass, result))["type"] is FlowResultType.SHOW_PROGRESS
    await later(hass, freezer, 2)
    return await now_shown(hass, result)


async def set_up(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, **options: Any
) -> MockConfigEntry:
    entry = make_entry(simulator, **options)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


# --- it rings -------------------------------------------------------------------------------


async def test_a_ring_is_told_at_once_with_its_way_and_its_delay(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    result = await listen(hass, entry)
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    result = await now_shown(hass, result)
    assert result["step_id"] == "rang"
    text = shown(result, "options")
    assert text.startswith("Intercom: the bell rang.\n")
    assert "by the message queue, as `event_notify`" in text
    assert text.endswith(" s")
    before = dict(entry.options)
    assert (await go_on(hass, result, next_step_id="finish"))["type"] is FINISHED
    assert entry.options == before


async def test_one_can_listen_again(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    result = await listen(hass, entry)
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    result = await go_on(hass, await now_shown(hass, result), next_step_id="listen")
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await play(hass, simulator, device_named(simulator, "Battery bell"), "ring")
    assert shown(await now_shown(hass, result), "options").startswith("Battery bell: ")


async def test_a_test_ring_is_not_the_bell(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    result = await listen(hass, entry)
    bell = entity_id(hass, Platform.EVENT, intercom, "doorbell")
    await hass.services.async_call(DOMAIN, "test_ring", {"entity_id": bell}, blocking=True)
    assert (await now_shown(hass, result))["type"] is FlowResultType.SHOW_PROGRESS
    await play(hass, simulator, intercom, "ring")
    result = await now_shown(hass, result)
    assert result["step_id"] == "rang"
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await go_on(hass, result, next_step_id="listen"))["reason"] == "not_loaded"


async def test_the_delay_is_by_the_clock_of_the_cloud(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    result = await listen(hass, entry)
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring", age_s=12)
    assert " 12." in shown(await now_shown(hass, result), "options")


async def test_without_a_bell_any_sign_of_the_door_will_do(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bells = [one.id for one in simulator.devices.values() if one.name != "Gate keypad"]
    entry = await set_up(hass, simulator, make_entry, excluded=bells)
    await simulator.connected()
    coordinator, keypad = entry.runtime_data.coordinator, device_named(simulator, "Gate keypad")
    mute = replace(coordinator.data.devices[keypad.id].features, rings=False)
    coordinator.data = replace(
        coordinator.data,
        devices={keypad.id: replace(coordinator.data.devices[keypad.id], features=mute)},
    )
    result = await configure(hass, entry, "bell")
    assert result["step_id"] == "bell_none"
    result = await go_on(hass, result, next_step_id="listen")
    await play(hass, simulator, keypad, "access_granted")
    text = shown(await now_shown(hass, result), "options")
    assert text.startswith("Gate keypad: a door was opened or somebody was let in.")


async def test_closing_the_dialog_ends_the_waiting(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    result = await listen(hass, entry)
    hass.config_entries.options.async_abort(result["flow_id"])
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    with pytest.raises(UnknownFlow):
        hass.config_entries.options.async_get(result["flow_id"])


async def test_the_project_going_away_ends_the_waiting(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await listen(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await now_shown(hass, result))["reason"] == "not_loaded"
    result = await configure(hass, entry, "bell")
    assert result["reason"] == "not_loaded"


# --- it does not ring -----------------------------------------------------------------------


async def test_a_silent_queue_leads_to_the_console(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    result = await given_up(hass, freezer, await listen(hass, entry))
    assert result["step_id"] == "silent"
    assert shown(result, "options") == CAUSES["nothing"]


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"delivery": "off"}, "off"),
        ({"delivery": "off", "webhook": True}, "webhook_nothing"),
        ({"delivery": "test"}, "test_nothing"),
    ],
)
async def test_what_was_chosen_explains_the_silence(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
    options: dict[str, Any],
    cause: str,
) -> None:
    entry = await set_up(hass, simulator, make_entry, **options)
    await until(hass, freezer, lambda: _settled(entry))
    result = await given_up(hass, freezer, await listen(hass, entry))
    assert shown(result, "options") == CAUSES[cause]


def _settled(entry: MockConfigEntry) -> bool:
    push = entry.runtime_data.push
    return push.topic is None or push.connected


async def test_messages_of_others_point_to_the_rule(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    result = await listen(hass, entry)
    plug = "simplug00000000000001"
    identity = simulator.publish(plug, {"devId": plug, "dataId": "1", "status": []})
    await arrived(hass, simulator, simulator.remember("plug", [identity]))
    result = await given_up(hass, freezer, result)
    assert shown(result, "options") == CAUSES["others"]


async def test_an_old_ring_is_a_backlog(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    result = await listen(hass, entry)
    await play(hass, simulator, device_named(simulator, "Battery bell"), "ring", age_s=300)
    result = await given_up(hass, freezer, result)
    assert shown(result, "options") == CAUSES["old"]


async def test_a_call_to_another_flat_is_told(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    entry = await set_up(hass, simulator, make_entry, flats=["02-14"])
    await until(hass, freezer, lambda: _settled(entry))
    result = await listen(hass, entry)
    terminal = device_named(simulator, "Face terminal")
    await play(hass, simulator, terminal, "ring", address="03-01")
    result = await given_up(hass, freezer, result)
    assert shown(result, "options") == CAUSES["other_flat"]


async def test_what_the_bell_told_instead_can_be_taught(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    bell = device_named(simulator, "Battery bell")
    result = await listen(hass, entry)
    await report(hass, simulator, bell, {"visitor_pressed": True})
    result = await given_up(hass, freezer, result)
    assert result["step_id"] == "heard"
    assert shown(result, "options").startswith(CAUSES["no_ring"])
    assert options_of(result, "ring") == {
        f"{bell.id}|visitor_pressed": "Battery bell: visitor_pressed"
    }
    before = dict(entry.options)
    result = await go_on(hass, result, ring=[f"{bell.id}|visitor_pressed"])
    assert result["type"] is FINISHED
    assert entry.options == {**before, "taught": {bell.id: {"visitor_pressed": "ring"}}}
    await hass.async_block_till_done()


async def test_nothing_need_be_taught(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    result = await listen(hass, entry)
    await report(hass, simulator, device_named(simulator, "Battery bell"), {"whatever": 1})
    result = await given_up(hass, freezer, result)
    before = dict(entry.options)
    assert (await go_on(hass, result))["type"] is FINISHED
    assert entry.options == before


# --- after set-up ---------------------------------------------------------------------------


async def test_adding_a_project_goes_on_to_the_bell(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    result = await answer(hass, await look(hass, simulator), **preferences(project="Home doors"))
    kind, flow_id = result["next_flow"]
    assert kind is FlowType.OPTIONS_FLOW
    await simulator.connected()
    bell = readable(await hass.config_entries.options.async_configure(flow_id), "options")
    assert bell["step_id"] == "bell"
    assert "Battery bell" in shown(bell, "options")
    bell = await go_on(hass, bell, next_step_id="listen")
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    assert (await now_shown(hass, bell))["step_id"] == "rang"


async def test_the_bell_can_be_skipped(hass: HomeAssistant, simulator: TuyaSimulator) -> None:
    result = await answer(hass, await look(hass, simulator), **preferences(project="Home doors"))
    bell = await hass.config_entries.options.async_configure(result["next_flow"][1])
    result = await go_on(hass, bell, next_step_id="finish")
    assert result["type"] is FINISHED
    await hass.async_block_till_done()


async def test_a_project_that_does_not_start_ends_without_the_bell(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    result = await look(hass, simulator)
    simulator.fault("http_503", count=100)
    result = await answer(hass, result, **preferences(project="Home doors", delivery="off"))
    assert result["type"] is FINISHED
    assert "next_flow" not in result


async def test_the_browser_is_sent_on_to_the_bell(
    hass: HomeAssistant, simulator: TuyaSimulator, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "config", {})
    # The harness's server takes no more routes once it runs.
    assert await async_setup_component(hass, "webhook", {})
    assert await async_setup_component(hass, "camera", {})
    assert await async_setup_component(hass, "image", {})
    assert await async_setup_component(hass, DOMAIN, {})
    client = await hass_client()
    page = await look(hass, simulator)
    flows = "/api/config/config_entries"
    answers = preferences(project="Home doors", delivery="off")
    done = await (await client.post(f"{flows}/flow/{page['flow_id']}", json=answers)).json()
    kind, flow_id = done["next_flow"]
    assert kind == "options_flow"
    bell = await (await client.get(f"{flows}/options/flow/{flow_id}")).json()
    assert (bell["type"], bell["step_id"]) == ("menu", "bell")
    answers = {"next_step_id": "finish"}
    done = await (await client.post(f"{flows}/options/flow/{flow_id}", json=answers)).json()
    assert done["type"] == "create_entry"


async def test_a_browser_that_opens_a_dialog_of_its_own_is_shown_to_the_bell(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    page = await look(hass, simulator)
    done = await answer(hass, page, **preferences(project="Home doors", delivery="off"))
    entry, flows = done["result"], hass.config_entries.options
    menu = readable(await flows.async_init(entry.entry_id), "options")
    assert (menu["step_id"], shown(menu, "options")) == ("init", CAUSES["set_up"])
    assert (await go_on(hass, menu, next_step_id="bell"))["step_id"] == "bell"
    kind, flow_id = done["next_flow"]
    assert kind is FlowType.OPTIONS_FLOW
    assert (await flows.async_configure(flow_id))["step_id"] == "bell"


async def test_who_opens_the_options_long_after_set_up_sees_the_menu(
    hass: HomeAssistant, simulator: TuyaSimulator, freezer: FrozenDateTimeFactory
) -> None:
    page = await look(hass, simulator)
    done = await answer(hass, page, **preferences(project="Home doors", delivery="off"))
    freezer.tick(3600)
    flows = hass.config_entries.options
    menu = await flows.async_init(done["result"].entry_id)
    assert (menu["step_id"], shown(menu, "options")) == ("init", "")
    assert [flow["flow_id"] for flow in flows.async_progress()] == [menu["flow_id"]]


async def test_a_project_that_was_reloaded_while_listening_says_so(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    result = await listen(hass, entry)
    assert await hass.config_entries.async_reload(entry.entry_id)
    result = await now_shown(hass, result)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_loaded")

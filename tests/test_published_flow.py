"""Publishing a door from the browser: what it is made of, the product, what Tuya may do."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.flows import FINISHED, fields, options_of, prefilled
from tests.homes import entry_of
from tests.published import BELL, LOCK, PRODUCT
from tests.published_flows import (
    BUZZER,
    FLOW,
    LAMP,
    begin,
    change,
    choose,
    described,
    fill,
    home,
    publish,
    seen,
    stored,
    until_product,
)
from tests.simulator import TuyaSimulator


async def test_a_door_is_published_with_a_code_to_scan(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await until_product(hass, entry)
    assert page["step_id"] == "product"
    assert prefilled(page)["codes"] == {
        "bolt": "lock_motor_state",
        "unlock": "unlock",
        "lock": "lock",
        "ring": "ring",
    }
    page = await fill(hass, page, product_id=f" {PRODUCT} ", binding="qr_code")
    assert page["step_id"] == "control"
    hours = {"quiet_from": "22:00:00", "quiet_to": "06:00:00"}
    page = await fill(hass, page, control=True, **hours)
    assert page["step_id"] == "bind"
    (door,) = seen(simulator)
    assert page["data_schema"] is not None
    (code,) = page["data_schema"].schema.values()
    assert code.config["data"] == simulator.southbound.devices[door.id].short_url
    page = await fill(hass, page)
    assert page["type"] is FINISHED
    assert page["title"] == door.name == "Garden door"
    (subentry,) = entry.subentries.values()
    third_id = simulator.southbound.devices[door.id].third_id
    assert subentry.unique_id == third_id
    assert stored(entry) == {
        "lock": LOCK,
        "doorbell": BELL,
        "third_id": third_id,
        "device_id": door.id,
        "product_id": PRODUCT,
        "binding": "qr_code",
        "codes": {},
        "action_codes": {},
        "control": True,
        **hours,
    }


async def test_it_is_off_until_it_is_allowed_and_the_page_says_what_that_means(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await fill(hass, await until_product(hass, entry), product_id=PRODUCT, binding="none")
    assert fields(page) == ["control", "quiet_from", "quiet_to"]
    assert "everybody who has the Tuya account" in described(page)
    page = await fill(hass, page)
    assert page["type"] is FINISHED
    assert stored(entry)["control"] is False


async def test_the_product_page_lists_the_functions_to_enter_in_the_console(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await until_product(hass, entry, lock=LOCK, doorbell=BELL, actions=[BUZZER])
    text = described(page)
    assert "| Function | Code | Type | Access |" in text
    assert "| Unlocked | lock_motor_state | bool | Send and report |" in text
    assert "| Ring | ring | Event |  |" in text
    assert "| Open | unlock | Action; outputs: state (string) |  |" in text
    assert "open_gate" in text
    assert "#publishing-your-doors-into-tuya)" in text
    assert "knows this door already" not in text
    assert prefilled(page)["codes"][BUZZER] == "open_gate"


async def test_a_doorbell_alone_is_a_door_that_nobody_can_open(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await until_product(hass, entry, doorbell=BELL)
    page = await fill(hass, page, product_id=PRODUCT, binding="group", group_id=" 4711 ")
    assert page["type"] is FINISHED
    assert page["title"] == "Garden bell"
    assert stored(entry)["group_id"] == "4711"
    (door,) = seen(simulator)
    assert simulator.southbound.devices[door.id].group_id == "4711"


async def test_a_script_can_be_an_action_of_a_door_without_a_lock(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await until_product(hass, entry, doorbell=BELL, actions=[BUZZER, LAMP])
    codes = {**prefilled(page)["codes"], BUZZER: "unlock", LAMP: ""}
    page = await fill(hass, page, product_id=PRODUCT, binding="none", codes=codes)
    assert page["step_id"] == "control"
    page = await fill(hass, page, control=True)
    # The product has no action for the lamp.
    assert page["step_id"] == "model"
    assert "- `lamp`: there is no such action" in described(page)
    assert "unlock" not in described(page)
    assert (await choose(hass, page, "go_on"))["type"] is FINISHED
    assert stored(entry)["actions"] == [BUZZER, LAMP]
    assert stored(entry)["action_codes"] == {BUZZER: "unlock"}


async def test_other_codes_than_the_ready_ones_are_kept(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    south = simulator.southbound
    product = south.products[PRODUCT]
    bell = {"abilityId": 120, "code": "doorbell", "name": "Bell", "outputParams": []}
    south.products[PRODUCT] = replace(product, events=(bell,))
    entry = await home(hass, simulator)
    page = await until_product(hass, entry, doorbell=BELL)
    page = await fill(hass, page, product_id=PRODUCT, binding="none", codes={"ring": " doorbell "})
    assert page["type"] is FINISHED
    assert stored(entry)["codes"] == {"ring": "doorbell"}


async def test_a_door_has_the_name_that_was_typed(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await publish(hass, entry, name=" Back door ", lock=LOCK)
    assert page["title"] == "Back door"
    assert [door.name for door in seen(simulator)] == ["Back door"]


async def test_a_door_can_be_behind_another_one_that_is_behind_none(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await until_product(hass, entry, lock=LOCK)
    assert "gateway" not in fields(page)
    await publish(hass, entry, lock=LOCK)
    (first,) = entry.subentries.values()
    page = await until_product(hass, entry, doorbell=BELL)
    assert options_of(page, "gateway") == {first.unique_id: "Garden door"}
    page = await fill(hass, page, product_id=PRODUCT, binding="none", gateway=first.unique_id)
    assert page["type"] is FINISHED
    assert stored(entry, 1)["gateway"] == first.unique_id
    behind = simulator.southbound.devices[stored(entry, 1)["device_id"]]
    assert behind.gateway_id == stored(entry)["device_id"]
    page = await change(hass, entry, "product")
    assert "gateway" not in fields(page)


async def test_a_door_that_is_published_again_has_the_id_that_it_had(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    (first,) = entry.subentries.values()
    assert first.unique_id is not None
    assert len(first.unique_id) == 32
    assert first.unique_id.isalnum()
    hass.config_entries.async_remove_subentry(entry, first.subentry_id)
    await hass.async_block_till_done()
    await publish(hass, entry)
    (again,) = entry.subentries.values()
    assert again.unique_id == first.unique_id


async def test_two_dialogs_about_one_door_end_in_one_published_door(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    slow = await until_product(hass, entry)
    slow = await fill(hass, slow, product_id=PRODUCT, binding="none")
    assert (await publish(hass, entry))["type"] is FINISHED
    slow = await fill(hass, slow)
    assert slow["type"] is FlowResultType.ABORT
    assert slow["reason"] == "already_configured"
    assert len(seen(simulator)) == len(entry.subentries) == 1


async def test_a_lock_that_another_door_had_once_can_be_published_again(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry, lock=LOCK)
    page = await change(hass, entry, "entities")
    page = await fill(hass, page, lock=None, doorbell=BELL)
    await fill(hass, page)
    assert "lock" not in stored(entry)
    assert (await publish(hass, entry, lock=LOCK))["type"] is FINISHED
    first, second = entry.subentries.values()
    assert first.unique_id != second.unique_id
    assert len(seen(simulator)) == 2


async def test_nothing_can_be_published_while_the_project_is_not_loaded(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = entry_of(simulator)
    entry.add_to_hass(hass)
    page = await begin(hass, entry)
    assert page["reason"] == "not_loaded"


async def test_the_browser_can_go_through_the_dialog(
    hass: HomeAssistant, simulator: TuyaSimulator, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "config", {})
    entry = await home(hass, simulator)
    client = await hass_client()
    path = "/api/config/config_entries/subentries/flow"

    async def post(path: str, answers: dict[str, Any]) -> dict[str, Any]:
        response = await client.post(path, json=answers)
        page: dict[str, Any] = await response.json()
        assert response.status == 200, page
        return page

    page = await post(path, {"handler": [entry.entry_id, FLOW]})
    page = await post(f"{path}/{page['flow_id']}", {"lock": LOCK, "actions": [BUZZER]})
    (codes,) = (one for one in page["data_schema"] if one["name"] == "codes")
    assert [one["name"] for one in codes["schema"]] == ["bolt", "unlock", "lock", BUZZER]
    answers = {"product_id": "?", "binding": "qr_code", "codes": {}}
    page = await post(f"{path}/{page['flow_id']}", answers)
    assert page["errors"] == {"product_id": "product_characters"}

"""What can go wrong while a door is published: each page says it, and one can go on from there."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.flows import FINISHED, prefilled
from tests.homes import device_named, entity_id
from tests.published import BELL, LOCK, PRODUCT
from tests.published_flows import (
    BUZZER,
    LAMP,
    REGISTER,
    Page,
    begin,
    choose,
    described,
    fill,
    home,
    publish,
    said,
    seen,
    stored,
    until_product,
)
from tests.simulator import TuyaSimulator, registry, southbound

CODES = {"bolt": "lock_motor_state", "unlock": "unlock", "lock": "lock"}


def without(cloud: TuyaSimulator, kind: str, code: str) -> None:
    """Leave a function out of the product."""
    known = getattr(cloud.southbound.products[PRODUCT], kind)
    left = [one for one in known if one["code"] != code]
    registry.change_product(cloud, {"product_id": PRODUCT, kind: left})


async def finish(hass: HomeAssistant, page: Page) -> None:
    """Go on to the end, where nothing may stand in the way any more."""
    if page["step_id"] == "product":
        page = await fill(hass, page)
    assert page.get("step_id") == "control"
    assert (await fill(hass, page))["type"] is FINISHED


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"lock": None}, "base", "Choose a lock"),
        ({"lock": None, "actions": [LAMP]}, "base", "Choose a lock"),
        ({"name": "abc"}, "name", "Tuya wants 4 to 50"),
        ({"name": "x" * 51}, "name", "Tuya wants 4 to 50"),
        ({"doorbell": "event.nowhere"}, "doorbell", "There is no such entity"),
        ({"doorbell": BELL, "access": BELL}, "access", "Each entity"),
        ({"actions": [BUZZER, BUZZER]}, "actions", "Each entity"),
    ],
)
async def test_what_cannot_be_a_door_is_refused_where_it_stands(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    wrong: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    entry = await home(hass, simulator)
    page = await fill(hass, await begin(hass, entry), **{"lock": LOCK, **wrong})
    assert page["step_id"] == "user"
    assert said(page).keys() == {field}
    assert said(page)[field].startswith(sentence)
    typed = {key: told for key, told in {"lock": LOCK, **wrong}.items() if told is not None}
    assert prefilled(page).items() >= typed.items()
    mended = dict.fromkeys(wrong)
    page = await fill(hass, page, **{**mended, "lock": LOCK})
    assert page["step_id"] == "product"
    await finish(hass, await fill(hass, page, product_id=PRODUCT, binding="none"))


async def test_what_tuya_has_already_is_not_published_back_into_the_same_project(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    bell = entity_id(hass, "event", device_named(simulator, "Battery bell"), "doorbell")
    page = await fill(hass, await begin(hass, entry), doorbell=bell)
    assert said(page)["doorbell"].startswith("This is shown by a device of this Tuya project")
    page = await fill(hass, page, doorbell=BELL)
    assert page["step_id"] == "product"


async def test_one_lock_is_one_published_door(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry, lock=LOCK)
    page = await fill(hass, await begin(hass, entry), lock=LOCK, doorbell=BELL)
    assert said(page)["lock"].startswith("Another published door")
    page = await fill(hass, page, lock=None)
    assert page["step_id"] == "product"


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"product_id": "a product"}, "product_id", "A product ID consists of"),
        ({"product_id": " "}, "product_id", "A product ID consists of"),
        ({"binding": "group", "group_id": " "}, "group_id", "Binding by ID needs"),
        ({"codes": {**CODES, BUZZER: "o" * 65}}, "base", "A code has 64 characters"),
        ({"codes": {**CODES, "bolt": "état"}}, "base", "Codes begin with a letter"),
        ({"codes": {**CODES, BUZZER: "unlock"}}, "base", "This code stands for two"),
    ],
)
async def test_a_product_that_cannot_be_is_refused_where_it_stands(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    wrong: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    entry = await home(hass, simulator)
    page = await until_product(hass, entry, lock=LOCK, actions=[BUZZER])
    answers = {"product_id": PRODUCT, "binding": "none", **wrong}
    page = await fill(hass, page, **answers)
    assert page["step_id"] == "product"
    assert said(page).keys() == {field}
    assert said(page)[field].startswith(sentence)
    assert prefilled(page).items() >= answers.items()
    codes = {**CODES, BUZZER: "other"}
    page = await fill(hass, page, product_id=PRODUCT, binding="none", codes=codes)
    page = await fill(hass, page)
    assert (await choose(hass, page, "go_on"))["type"] is FINISHED


async def test_the_product_of_a_device_that_is_there_already_is_refused(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    taken = device_named(simulator, "Intercom").file.product_id
    page = await until_product(hass, entry)
    page = await fill(hass, page, product_id=taken, binding="none")
    assert said(page)["product_id"].startswith("This is the product of a device")
    await finish(hass, await fill(hass, page, product_id=PRODUCT))


async def test_quiet_hours_need_both_times(hass: HomeAssistant, simulator: TuyaSimulator) -> None:
    entry = await home(hass, simulator)
    page = await fill(hass, await until_product(hass, entry), product_id=PRODUCT, binding="none")
    page = await fill(hass, page, control=True, quiet_from="22:00:00")
    assert said(page).keys() == {"quiet_to"}
    page = await fill(hass, page, quiet_from=None, quiet_to="06:00:00")
    assert said(page).keys() == {"quiet_from"}
    assert prefilled(page)["control"] is True
    await fill(hass, page, quiet_to=None)
    assert stored(entry)["control"] is True


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (28841106, "Tuya does not let this project register devices (code 28841106)"),
        (28841105, "Tuya does not let this project register devices (code 28841105)"),
        (2005, "Tuya does not know this product"),
        (1106, "The product is not authorized for this project (code 1106)"),
        (1109, "Tuya takes the door like this for impossible (code 1109)"),
        (40002101, "Tuya refuses to register the door (code 40002101)"),
        (1004, "Tuya does not accept the Access Secret"),
        (1110, "Tuya asks for fewer calls"),
        (500, "Tuya's cloud reports an error of its own"),
        (28841004, "This month's quota of Tuya calls is used up"),
    ],
)
async def test_a_refusal_of_tuyas_says_what_to_do_and_costs_nothing_that_was_typed(
    hass: HomeAssistant, simulator: TuyaSimulator, code: int, sentence: str
) -> None:
    entry = await home(hass, simulator)
    simulator.faults.refusals.set(REGISTER, code)
    page = await publish(hass, entry)
    assert page["step_id"] == "trouble"
    assert described(page).startswith(sentence)
    assert entry.subentries == {}
    simulator.faults.refusals.clear(REGISTER)
    assert (await choose(hass, page, "register"))["type"] is FINISHED
    assert stored(entry)["lock"] == LOCK
    assert len(seen(simulator)) == 1


async def test_a_product_that_tuya_does_not_know_can_be_typed_again(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await publish(hass, entry, {"product_id": "simdoorproduct99"})
    assert described(page).startswith("Tuya does not know this product")
    page = await choose(hass, page, "product")
    assert prefilled(page)["product_id"] == "simdoorproduct99"
    await finish(hass, await fill(hass, page, product_id=PRODUCT))


async def test_after_a_refusal_one_can_go_back_to_the_name(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    simulator.southbound.products[PRODUCT].authorized = False
    page = await choose(hass, await publish(hass, entry), "entities")
    assert prefilled(page) == {"name": "Garden door", "lock": LOCK, "doorbell": BELL}
    simulator.southbound.products[PRODUCT].authorized = True
    page = await fill(hass, page, name="Garden gate")
    assert prefilled(page)["product_id"] == PRODUCT
    await finish(hass, page)
    assert [door.name for door in seen(simulator)] == ["Garden gate"]


async def test_no_licence_left_is_said_and_one_more_is_enough(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    simulator.southbound.products[PRODUCT].licences = 0
    page = await publish(hass, entry)
    assert "no license of the product is left" in described(page)
    simulator.southbound.products[PRODUCT].licences = 1
    without(simulator, "actions", "lock")
    page = await choose(hass, page, "register")
    assert page["step_id"] == "model"
    # Registered once, whatever is changed of the codes.
    page = await choose(hass, page, "product")
    assert "knows this door already" in described(page)
    page = await fill(hass, page, codes={**prefilled(page)["codes"], "lock": "unlock_not"})
    page = await fill(hass, page)
    assert "- `unlock_not`: there is no such action" in described(page)
    assert (await choose(hass, page, "go_on"))["type"] is FINISHED
    assert simulator.southbound.products[PRODUCT].licences == 0


async def test_what_the_product_lacks_is_told_and_looked_at_again_when_mended(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    product = simulator.southbound.products[PRODUCT]
    kinds = ("properties", "events", "actions")
    whole = {kind: [*getattr(product, kind)] for kind in kinds}
    without(simulator, "properties", "lock_motor_state")
    without(simulator, "events", "ring")
    without(simulator, "actions", "unlock")
    page = await publish(hass, entry)
    assert page["step_id"] == "model"
    for line in ("lock_motor_state`: there is no such property", "ring`: there is no such event"):
        assert line in described(page)
    page = await choose(hass, page, "look")
    assert page["step_id"] == "model"
    registry.change_product(simulator, {"product_id": PRODUCT, **whole})
    assert (await choose(hass, page, "look"))["type"] is FINISHED


async def test_a_model_that_cannot_be_read_is_no_second_registration(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    product = simulator.southbound.products[PRODUCT]
    before = product.licences
    simulator.faults.refusals.set("GET /v2.0/cloud/thing/{id}/model", 500)
    page = await publish(hass, entry)
    assert page["step_id"] == "model_unread"
    assert "Tuya's cloud reports an error of its own" in described(page)
    page = await choose(hass, page, "look")
    assert page["step_id"] == "model_unread"
    assert len(seen(simulator)) == 1
    assert (await choose(hass, page, "go_on"))["type"] is FINISHED
    assert product.licences == before - 1


async def test_a_code_that_tuya_does_not_give_is_not_waited_for(
    hass: HomeAssistant, simulator: TuyaSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await home(hass, simulator)
    monkeypatch.setattr(southbound, "short_url", str)
    page = await publish(hass, entry, {"binding": "qr_code"})
    assert page["step_id"] == "bind_none"
    page = await choose(hass, page, "product")
    page = await fill(hass, page)
    page = await fill(hass, page)
    assert page["step_id"] == "bind_none"
    assert (await choose(hass, page, "finish"))["type"] is FINISHED


async def test_a_door_whose_dialog_is_closed_is_handed_back(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await publish(hass, entry, {"binding": "qr_code"})
    assert page["step_id"] == "bind"
    assert len(seen(simulator)) == 1
    hass.config_entries.subentries.async_abort(page["flow_id"])
    await simulator.until(lambda: not seen(simulator))
    assert entry.subentries == {}


async def test_a_door_whose_dialog_is_closed_while_it_is_registered_is_handed_back(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    page = await fill(hass, await until_product(hass, entry), product_id=PRODUCT, binding="none")
    dialogs = hass.config_entries.subentries
    page = await dialogs.async_configure(page["flow_id"], {"control": False})
    assert page["type"] is FlowResultType.SHOW_PROGRESS
    # The browser may ask meanwhile.
    page = await dialogs.async_configure(page["flow_id"])
    assert page["type"] is FlowResultType.SHOW_PROGRESS
    await simulator.until(lambda: bool(seen(simulator)))
    dialogs.async_abort(page["flow_id"])
    await simulator.until(lambda: not seen(simulator))


async def test_nothing_is_handed_back_that_tuya_refused(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    simulator.faults.refusals.set(REGISTER, 1106)
    page = await publish(hass, entry)
    asked = len(simulator.calls)
    hass.config_entries.subentries.async_abort(page["flow_id"])
    await hass.async_block_till_done()
    assert len(simulator.calls) == asked


async def test_a_door_that_another_dialog_published_stays_when_this_one_is_closed(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    slow = await publish(hass, entry, {"binding": "qr_code"})
    quick = await publish(hass, entry, {"binding": "qr_code"})
    assert slow["step_id"] == quick["step_id"] == "bind"
    late = await publish(hass, entry, {"binding": "qr_code"})
    assert (await fill(hass, quick))["type"] is FINISHED
    hass.config_entries.subentries.async_abort(slow["flow_id"])
    assert (await fill(hass, late))["reason"] == "already_configured"
    await hass.async_block_till_done()
    assert len(seen(simulator)) == 1


async def test_a_project_that_was_unloaded_meanwhile_ends_the_dialog(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    early = await begin(hass, entry)
    page = await until_product(hass, entry)
    late = await until_product(hass, entry)
    late = await fill(hass, late, product_id=PRODUCT, binding="none")
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await fill(hass, early, lock=LOCK))["reason"] == "not_loaded"
    assert (await fill(hass, page, product_id=PRODUCT))["reason"] == "not_loaded"
    assert (await fill(hass, late))["reason"] == "not_loaded"

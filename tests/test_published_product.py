"""Another product, or another gateway, for a published door: nothing is lost if it cannot be."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.publishing.subentries import underway_of
from tests.flows import options_of
from tests.published import BELL, LOCK, PRODUCT
from tests.published_flows import (
    REGISTER,
    change,
    choose,
    described,
    fill,
    home,
    publish,
    said,
    saved,
    seen,
    stored,
)
from tests.simulator import TuyaSimulator, registry

OTHER = "simdoorproduct02"


def shown_of(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Return the entities of the first published door, and its device."""
    (subentry_id, *_) = entry.subentries
    registry_ = er.async_get(hass)
    found = er.async_entries_for_config_entry(registry_, entry.entry_id)
    of_door = [one for one in found if one.config_subentry_id == subentry_id]
    return [*sorted(one.entity_id for one in of_door), *{str(one.device_id) for one in of_door}]


def add_product(cloud: TuyaSimulator, **changed: Any) -> None:
    """Make a second product that a door fits."""
    known = cloud.southbound.products[PRODUCT]
    kinds = ("properties", "events", "actions")
    functions = {kind: [*getattr(known, kind)] for kind in kinds}
    registry.change_product(cloud, {"product_id": OTHER, **functions, **changed})


async def test_another_product_is_another_device_of_the_same_door(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    add_product(simulator)
    await publish(hass, entry)
    before, shown = stored(entry), shown_of(hass, entry)
    saved(await fill(hass, await change(hass, entry, "product"), product_id=OTHER))
    await simulator.until(lambda: before["device_id"] not in simulator.devices)
    await hass.async_block_till_done()
    (door,) = seen(simulator)
    third_id = simulator.southbound.devices[door.id].third_id
    assert third_id != before["third_id"]
    changed = {"product_id": OTHER, "device_id": door.id, "third_id": third_id}
    assert stored(entry) == {**before, **changed}
    assert [one.unique_id for one in entry.subentries.values()] == [third_id]
    # Automations go on: device and entities are the same as before.
    assert shown_of(hass, entry) == shown
    assert len(shown) == 3


async def test_another_product_that_tuya_refuses_costs_nothing(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    before = stored(entry)
    page = await fill(hass, await change(hass, entry, "product"), product_id="nowhere")
    assert described(page).startswith("Tuya does not know this product")
    hass.config_entries.subentries.async_abort(page["flow_id"])
    await hass.async_block_till_done()
    assert [door.id for door in seen(simulator)] == [before["device_id"]]
    assert stored(entry) == before
    assert not any(path.startswith("DELETE") for path in simulator.calls)


async def test_another_product_that_tuya_refuses_can_be_taken_back(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    before = stored(entry)
    page = await fill(hass, await change(hass, entry, "product"), product_id="nowhere")
    # Nothing is saved of a page before: the product is looked at again.
    page = await fill(hass, await choose(hass, page, "entities"), name="Garden gate")
    assert page["step_id"] == "product"
    saved(await fill(hass, page, product_id=PRODUCT))
    assert next(iter(entry.subentries.values())).title == "Garden gate"
    assert stored(entry) == before
    assert [door.id for door in seen(simulator)] == [before["device_id"]]


async def test_what_may_have_been_registered_is_let_go_when_it_is_taken_back(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    add_product(simulator)
    await publish(hass, entry)
    before = stored(entry)
    simulator.faults.refusals.set(REGISTER, 500)
    page = await fill(hass, await change(hass, entry, "product"), product_id=OTHER)
    assert page["step_id"] == "trouble"
    assert "is still in Tuya as it was" in described(page)
    simulator.faults.refusals.clear(REGISTER)
    # It was an answer that was lost: Tuya knows the new one.
    (third_id,) = underway_of(entry)
    registry.add(simulator, simulator.southbound.products[OTHER], third_id, "Garden door", "")
    saved(await fill(hass, await choose(hass, page, "product"), product_id=PRODUCT))
    await simulator.until(lambda: len(seen(simulator)) == 1)
    assert stored(entry) == before


async def test_a_door_with_others_behind_it_keeps_its_product(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    add_product(simulator)
    await publish(hass, entry, lock=LOCK)
    front = next(iter(entry.subentries.values()))
    await publish(hass, entry, {"gateway": front.unique_id}, doorbell=BELL)
    page = await change(hass, entry, "product")
    assert said(await fill(hass, page, product_id=OTHER)).keys() == {"product_id"}
    assert len(seen(simulator)) == 2


async def test_a_new_device_is_kept_even_if_the_dialog_is_closed_then(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    add_product(simulator, actions=[])
    await publish(hass, entry)
    page = await fill(hass, await change(hass, entry, "product"), product_id=OTHER)
    assert page["step_id"] == "model"
    hass.config_entries.subentries.async_abort(page["flow_id"])
    await hass.async_block_till_done()
    await simulator.until(lambda: len(seen(simulator)) == 1)
    (door,) = seen(simulator)
    assert stored(entry)["device_id"] == door.id
    assert stored(entry)["product_id"] == OTHER


async def test_a_door_can_be_put_behind_another_later(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry, lock=LOCK)
    await publish(hass, entry, doorbell=BELL)
    front, _bell = entry.subentries.values()
    page = await change(hass, entry, "product", which=1)
    assert options_of(page, "gateway") == {front.unique_id: "Garden door"}
    before = stored(entry, 1)
    saved(await fill(hass, page, gateway=front.unique_id))
    after = stored(entry, 1)
    assert after["gateway"] == front.unique_id
    assert after["device_id"] != before["device_id"]
    behind = simulator.southbound.devices[after["device_id"]]
    (bell_id,) = {one.unique_id for one in entry.subentries.values()} - {front.unique_id}
    assert behind.third_id == bell_id
    assert behind.gateway_id == stored(entry)["device_id"]


async def test_a_new_door_may_change_its_product_before_it_is_saved(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    add_product(simulator, actions=[])
    page = await publish(hass, entry, {"product_id": OTHER})
    assert page["step_id"] == "model"
    page = await fill(hass, await choose(hass, page, "product"), product_id=PRODUCT)
    page = await fill(hass, page)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await simulator.until(lambda: len(seen(simulator)) == 1)
    (door,) = seen(simulator)
    assert stored(entry)["device_id"] == door.id
    assert stored(entry)["product_id"] == simulator.southbound.devices[door.id].product_id
    assert stored(entry)["product_id"] == PRODUCT

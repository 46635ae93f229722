"""Changing a published door: its parts, its product, what Tuya may do; it stays the same door."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.flows import options_of, prefilled
from tests.homes import entry_of
from tests.published import BELL, LOCK, PRODUCT, garden, registered, subentry
from tests.published_flows import (
    BUZZER,
    Page,
    change,
    choose,
    described,
    fill,
    home,
    publish,
    said,
    seen,
    stored,
)
from tests.simulator import TuyaSimulator, registry

OTHER = "simdoorproduct02"


def title(entry: MockConfigEntry) -> str:
    """Return what the first published door is called."""
    return str(next(iter(entry.subentries.values())).title)


def saved(page: Page) -> None:
    """Check that the dialog ended well."""
    assert page["type"] is FlowResultType.ABORT
    assert page["reason"] == "reconfigure_successful"


def add_product(cloud: TuyaSimulator, **changed: Any) -> None:
    """Make a second product that a door fits."""
    known = cloud.southbound.products[PRODUCT]
    kinds = ("properties", "events", "actions")
    functions = {kind: [*getattr(known, kind)] for kind in kinds}
    registry.change_product(cloud, {"product_id": OTHER, **functions, **changed})


async def test_another_name_is_saved_at_once(hass: HomeAssistant, simulator: TuyaSimulator) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    before = stored(entry)
    page = await change(hass, entry, "entities")
    assert prefilled(page) == {"name": "Garden door", "lock": LOCK, "doorbell": BELL}
    saved(await fill(hass, page, name="Garden gate"))
    assert title(entry) == "Garden gate"
    assert stored(entry) == before
    assert entry.state is ConfigEntryState.LOADED


async def test_a_part_that_is_new_needs_its_function_in_the_product(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    before = stored(entry)
    page = await change(hass, entry, "entities")
    page = await fill(hass, page, actions=[BUZZER])
    assert page["step_id"] == "product"
    assert "open_gate" in described(page)
    page = await fill(hass, page)
    assert "- `open_gate`: there is no such action" in described(page)
    saved(await choose(hass, page, "go_on"))
    assert stored(entry) == {**before, "actions": [BUZZER]}


async def test_another_lock_is_the_same_door_to_tuya(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    hass.states.async_set("lock.yard", "locked")
    await publish(hass, entry, lock="lock.yard")
    before = stored(entry)
    saved(await fill(hass, await change(hass, entry, "entities"), lock=LOCK))
    assert stored(entry) == {**before, "lock": LOCK}
    assert len(seen(simulator)) == 1


async def test_codes_can_be_changed_without_a_new_registration(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    before = stored(entry)
    page = await change(hass, entry, "product")
    assert "Tuya knows this door already" in described(page)
    page = await fill(hass, page, codes={**prefilled(page)["codes"], "ring": "bell"})
    assert "- `bell`: there is no such event" in described(page)
    saved(await choose(hass, page, "go_on"))
    assert stored(entry) == {**before, "codes": {"ring": "bell"}}


async def test_another_product_is_another_device_under_the_same_id(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    add_product(simulator)
    await publish(hass, entry)
    before = stored(entry)
    saved(await fill(hass, await change(hass, entry, "product"), product_id=OTHER))
    (door,) = seen(simulator)
    assert door.id != before["device_id"]
    assert stored(entry) == {**before, "product_id": OTHER, "device_id": door.id}
    assert simulator.southbound.devices[door.id].third_id == before["third_id"]


async def test_another_product_that_tuya_refuses_can_be_taken_back(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    before = stored(entry)
    page = await fill(hass, await change(hass, entry, "product"), product_id="nowhere")
    assert described(page).startswith("Tuya does not know this product")
    # Nothing is saved of a page before: the product is looked at again.
    page = await fill(hass, await choose(hass, page, "entities"), name="Garden gate")
    assert page["step_id"] == "product"
    saved(await fill(hass, page, product_id=PRODUCT))
    assert title(entry) == "Garden gate"
    assert stored(entry) == {**before, "device_id": seen(simulator)[0].id}


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
    (door,) = seen(simulator)
    assert stored(entry)["device_id"] == door.id
    assert stored(entry)["product_id"] == OTHER


async def test_a_part_that_is_left_out_needs_nothing_of_the_product(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    saved(await fill(hass, await change(hass, entry, "entities"), doorbell=None))
    assert "doorbell" not in stored(entry)


async def test_a_door_that_was_removed_meanwhile_is_not_saved(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    page = await change(hass, entry, "control")
    (subentry_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    assert (await fill(hass, page))["reason"] == "removed"


async def test_the_code_to_scan_can_be_asked_for_again(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    page = await fill(hass, await change(hass, entry, "product"), binding="qr_code")
    assert page["step_id"] == "bind"
    saved(await fill(hass, page))
    assert stored(entry)["binding"] == "qr_code"
    page = await fill(hass, await change(hass, entry, "product"))
    assert page["step_id"] == "bind"
    assert len(seen(simulator)) == 1


async def test_a_door_can_be_put_behind_another_later(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry, lock=LOCK)
    await publish(hass, entry, doorbell=BELL)
    front, bell = entry.subentries.values()
    page = await change(hass, entry, "product", which=1)
    assert options_of(page, "gateway") == {front.unique_id: "Garden door"}
    before = stored(entry, 1)
    saved(await fill(hass, page, gateway=front.unique_id))
    after = stored(entry, 1)
    assert after["gateway"] == front.unique_id
    assert after["device_id"] != before["device_id"]
    behind = simulator.southbound.devices[after["device_id"]]
    assert behind.third_id == bell.unique_id
    assert behind.gateway_id == stored(entry)["device_id"]


async def test_opening_is_allowed_and_forbidden_again(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry)
    before = stored(entry)
    hours = {"quiet_from": "22:00:00", "quiet_to": "06:00:00"}
    page = await change(hass, entry, "control")
    assert prefilled(page) == {"control": False}
    half = await fill(hass, page, control=True, quiet_from="22:00:00")
    assert said(half).keys() == {"quiet_to"}
    saved(await fill(hass, half, **hours))
    assert stored(entry) == {**before, "control": True, **hours}
    page = await change(hass, entry, "control")
    assert prefilled(page) == {"control": True, **hours}
    saved(await fill(hass, page, control=False, quiet_from=None, quiet_to=None))
    assert stored(entry) == before


async def test_a_doorbell_has_nothing_that_tuya_could_do(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await publish(hass, entry, doorbell=BELL)
    page = await change(hass, entry, "control")
    assert page["reason"] == "nothing_to_control"


async def test_a_door_that_was_never_registered_is_registered_then(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    await garden(hass)
    entry = entry_of(simulator, subentry(""))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    page = await change(hass, entry, "product")
    saved(await fill(hass, page))
    assert stored(entry)["device_id"] in {door.id for door in seen(simulator)}


@pytest.mark.parametrize("way", ["entities", "product", "check"])
async def test_nothing_is_changed_while_the_project_is_not_loaded(
    hass: HomeAssistant, simulator: TuyaSimulator, way: str
) -> None:
    door = await registered(simulator)
    entry = entry_of(simulator, subentry(door.id))
    entry.add_to_hass(hass)
    page = await change(hass, entry, way)
    assert page["reason"] == "not_loaded"

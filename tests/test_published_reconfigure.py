"""Changing a published door: its parts, its product, what Tuya may do; it stays the same door."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.flows import prefilled
from tests.homes import entry_of
from tests.published import BELL, LOCK, garden, registered, subentry
from tests.published_flows import (
    BUZZER,
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
from tests.simulator import TuyaSimulator


def title(entry: MockConfigEntry) -> str:
    """Return what the first published door is called."""
    return str(next(iter(entry.subentries.values())).title)


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
    # The code is there: Tuya is not told of the door once more for it.
    assert simulator.calls[REGISTER] == 2


async def test_a_door_whose_code_was_shown_again_leaves_tuya_when_it_is_removed(
    hass: HomeAssistant, simulator: TuyaSimulator
) -> None:
    entry = await home(hass, simulator)
    await fill(hass, await publish(hass, entry, {"binding": "qr_code"}))
    # Nothing is new, so nothing is loaded anew.
    page = await fill(hass, await change(hass, entry, "product"))
    assert page["step_id"] == "bind"
    saved(await fill(hass, page))
    (subentry_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await simulator.until(lambda: not seen(simulator))
    await hass.async_block_till_done()


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


@pytest.mark.parametrize(
    ("options", "said_so"),
    [({}, False), ({"delivery": "off"}, True), ({"delivery": "off", "webhook": True}, False)],
)
async def test_opening_from_tuya_needs_a_way_for_its_commands(
    hass: HomeAssistant, simulator: TuyaSimulator, options: dict[str, Any], *, said_so: bool
) -> None:
    entry = entry_of(simulator, subentry(""), **options)
    entry.add_to_hass(hass)
    page = await change(hass, entry, "control")
    assert ("event delivery of this project is off" in described(page)) is said_so


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

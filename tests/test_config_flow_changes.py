"""Changing a project that was added: a new secret, other addresses, preferences."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.conftest import MakeEntry
from tests.flows import (
    FINISHED,
    answer,
    configure,
    errors,
    fields,
    options_of,
    prefilled,
    put_data_centers,
    readable,
    ticked,
)
from tests.homes import device_named
from tests.plays import play
from tests.simulator import TuyaSimulator

NEW_SECRET = "fedcba9876543210fedcba9876543210"


@pytest.fixture(autouse=True)
def without_platforms(hass_storage: dict[str, Any]) -> Iterator[None]:
    """Set the integration up without entities: only the flows are looked at."""
    with patch("custom_components.tuyalink_intercom.PLATFORMS", []):
        yield


async def settings(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Choose "Configure", then the preferences."""
    return await configure(hass, entry, "preferences")


async def save(hass: HomeAssistant, result: ConfigFlowResult, **changed: Any) -> ConfigFlowResult:
    """Submit the form as it stands, but for what is changed."""
    answers = {key: value for key, value in prefilled(result).items() if key != "excluded"}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {**answers, **changed}
    )
    await hass.async_block_till_done()
    return readable(result, "options")


# --- a new secret ---------------------------------------------------------------------------


async def test_a_renewed_secret_is_asked_for_and_taken(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    simulator.access_secret = NEW_SECRET
    result = readable(await entry.start_reauth_flow(hass))
    assert result["step_id"] == "reauth_confirm"
    result = await answer(hass, result, access_secret="wrong")
    assert errors(result)["base"].startswith("Tuya does not accept the Access Secret.")
    result = await answer(hass, result, access_secret=f" {NEW_SECRET} ")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.data["access_secret"] == NEW_SECRET
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_a_secret_can_be_changed_before_tuya_refuses_it(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    unused_tcp_port: int,
) -> None:
    put_data_centers(monkeypatch, unused_tcp_port, eu=simulator)
    keys = {key: entry.data[key] for key in ("access_id", "access_secret")}
    hass.config_entries.async_update_entry(
        entry, data={**keys, "region": "eu"}, unique_id=f"{keys['access_id']}@eu"
    )
    simulator.access_secret = NEW_SECRET
    result = readable(await entry.start_reconfigure_flow(hass))
    assert fields(result) == ["access_secret"]
    result = await answer(hass, result, access_secret="wrong")
    assert errors(result)["base"].startswith("Tuya does not accept the Access Secret.")
    result = await answer(hass, result, access_secret=NEW_SECRET)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {**keys, "region": "eu", "access_secret": NEW_SECRET}
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


# --- other addresses ------------------------------------------------------------------------


async def test_addresses_of_a_private_cloud_can_be_changed(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    result = readable(await entry.start_reconfigure_flow(hass))
    assert prefilled(result) == {"openapi": simulator.openapi, "queue": simulator.queue}
    given = {"access_secret": simulator.access_secret, "openapi": simulator.openapi}
    result = await answer(hass, result, **given, queue="ftp://127.0.0.1/")
    assert errors(result)["queue"].startswith("This address will not do.")
    simulator.fault("http_503", path="/v1.0/token")
    elsewhere = f"{simulator.queue}behind/"
    result = await answer(hass, result, **given, queue=elsewhere)
    assert errors(result)["base"].startswith("Tuya's cloud reports an error of its own.")
    assert prefilled(result)["queue"] == elsewhere
    result = await answer(hass, result, **given, queue=elsewhere)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["queue"] == elsewhere
    await hass.async_block_till_done()


async def test_another_cloud_is_another_project(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, unused_tcp_port: int
) -> None:
    before = dict(entry.data)
    result = readable(await entry.start_reconfigure_flow(hass))
    result = await answer(
        hass,
        result,
        access_secret=simulator.access_secret,
        openapi=f"http://127.0.0.1:{unused_tcp_port}/",
        queue=simulator.queue,
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unique_id_mismatch"
    assert entry.data == before


# --- preferences ----------------------------------------------------------------------------


async def test_preferences_show_what_is_stored_and_are_stored(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    result = await settings(hass, entry)
    assert prefilled(result)["advanced"] == {"suffix": "sub"}
    assert prefilled(result)["delivery"] == "production"
    bell = device_named(simulator, "Battery bell")
    used = ticked(result, "devices")
    assert bell.id in used
    result = await save(
        hass,
        result,
        devices=[key for key in used if key != bell.id],
        delivery="test",
        relock_s=12,
        app_uid=" ay1 ",
        advanced={"suffix": "doors"},
    )
    assert result["type"] is FINISHED
    assert entry.options == {
        "excluded": [bell.id],
        "delivery": "test",
        "suffix": "doors",
        "app_uid": "ay1",
        "webhook": False,
        "relock_s": 12,
    }
    assert entry.state is ConfigEntryState.LOADED
    assert bell.id not in entry.runtime_data.coordinator.data.devices


async def test_a_subscription_suffix_that_will_not_do_is_told(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await settings(hass, entry)
    result = await save(hass, result, advanced={"suffix": "a/b"}, relock_s=7)
    assert errors(result, "options")["base"].startswith("The subscription suffix may have")
    assert prefilled(result)["relock_s"] == 7
    result = await save(hass, result, advanced={})
    assert result["type"] is FINISHED
    assert entry.options["suffix"] == "sub"
    assert entry.options["relock_s"] == 7


async def test_a_device_left_out_is_named_and_can_be_used_again(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bell = device_named(simulator, "Battery bell")
    entry = make_entry(simulator, excluded=[bell.id, "simgone0000000000001"])
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await settings(hass, entry)
    labels = options_of(result, "devices")
    assert labels[bell.id] == "Battery bell"
    assert "simgone0000000000001" not in labels
    assert bell.id not in ticked(result, "devices")
    await save(hass, result, devices=[*ticked(result, "devices"), bell.id])
    assert entry.options["excluded"] == []
    assert bell.id in entry.runtime_data.coordinator.data.devices


async def test_without_the_cloud_what_is_left_out_stays_so(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    bell = device_named(simulator, "Battery bell")
    entry = make_entry(simulator, excluded=[bell.id], inverted=["simlock_door"])
    simulator.fault("http_503", count=100)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    result = await settings(hass, entry)
    assert options_of(result, "devices") == {bell.id: bell.id}
    assert (await save(hass, result, delivery="off"))["type"] is FINISHED
    assert entry.options["excluded"] == [bell.id]
    assert entry.options["inverted"] == ["simlock_door"]
    assert entry.options["delivery"] == "off"


async def test_the_end_of_a_trial_can_be_told_and_taken_back(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await save(hass, await settings(hass, entry), trial_end="2026-12-31")
    assert entry.options["trial_end"] == "2026-12-31"
    result = await settings(hass, entry)
    assert prefilled(result)["trial_end"] == "2026-12-31"
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"delivery": "production", "webhook": False, "relock_s": 5}
    )
    assert "trial_end" not in result["data"]
    await hass.async_block_till_done()


async def test_the_users_flats_can_be_chosen_and_typed_in(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    terminal = device_named(simulator, "Face terminal")
    await play(hass, simulator, terminal, "ring", address="02-14")
    result = await settings(hass, entry)
    assert result["data_schema"] is not None
    assert result["data_schema"].schema["flats"].config["options"] == ["02-14"]
    await save(hass, result, relock_s=6)
    assert "flats" not in entry.options
    await save(hass, await settings(hass, entry), flats=["02-14", "03 / 01"])
    assert entry.options["flats"] == ["02-14", "03-01"]
    await save(hass, await settings(hass, entry), flats=[])
    assert entry.options["flats"] == []


async def test_without_a_terminal_nobody_asks_for_flats(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    terminal = device_named(simulator, "Face terminal")
    entry = make_entry(simulator, excluded=[terminal.id], flats=["02-14"])
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await settings(hass, entry)
    assert "flats" not in fields(result)
    await save(hass, result, relock_s=9)
    assert entry.options["flats"] == ["02-14"]


async def test_what_others_ask_is_left_alone(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    taught = {"simgone0000000000001": {"visitor": "ring"}}
    doors = {"simgone0000000000001_door": {"admin_only": True}}
    entry = make_entry(simulator, taught=taught, doors=doors, inverted=[*doors])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await save(hass, await settings(hass, entry), relock_s=9)
    assert entry.options["taught"] == taught
    assert entry.options["doors"] == doors
    assert entry.options["inverted"] == [*doors]

"""The diagnostics file: enough to rebuild the devices, nothing that its owner must hide."""

from collections import Counter
from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.kept.openings import openings_of
from custom_components.tuyalink_intercom.model.strategies import Strategy
from tests.conftest import MakeEntry
from tests.homes import DOMAIN, device_named, entity_id
from tests.plays import photographed, play, report
from tests.simulator import SimDevice, TuyaSimulator, load, read_document
from tests.simulator.describe import APP_UID as OWNER_UID, list_item
from tests.simulator.tokens import PROJECT_UID

REAL_DEVICES = Path(__file__).parent / "fixtures" / "devices"
DEFAULT_DEVICES = Path(__file__).parent / "simulator" / "devices"
PERSON = "ay1700000000000Anna"
APP_UID = "eu1600000000000Bert"
OPENS_OR_SHOWS = (
    "remote_no_pd_setkey",
    "remote_no_dp_key",
    "unlock_phone_remote_kit",
    "initiative_message",
    "alarm_message",
    "doorbell_pic",
)


async def downloaded(
    hass: HomeAssistant, client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    """Return what the file that a user downloads says."""
    data: Any = await get_diagnostics_for_config_entry(hass, client, entry)
    assert isinstance(data, dict)
    return data


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def secrets_of(device: SimDevice) -> Iterator[str]:
    """Yield what only Tuya and the owner may know of a device."""
    item = list_item(device)
    yield from (device.id, item["localKey"], item["uuid"], item["ip"])
    yield from (str(device.values[code]) for code in OPENS_OR_SHOWS if code in device.values)


async def test_nothing_secret_is_in_the_file(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    intercom, terminal = (device_named(simulator, name) for name in ("Intercom", "Face terminal"))
    entry = make_entry(simulator, app_uid=APP_UID, inverted=[f"{intercom.id}_door"])
    await set_up(hass, entry)
    await simulator.connected()
    for device in simulator.devices.values():
        await play(hass, simulator, device, "ring")
    await photographed(hass, entry, simulator, intercom, "tamper", picture_form="B")
    await play(hass, simulator, terminal, "access_granted", person=PERSON)
    address = await entry.runtime_data.coordinator.cloud.devices.stream(intercom.id, "hls")
    await report(hass, simulator, intercom, {"accessory_lock": False, "note": intercom.id})
    body = {"devId": intercom.id, "eventCode": f"about_{intercom.id}"}
    await simulator.acked(simulator.publish(intercom.id, body))
    text = json.dumps(await downloaded(hass, hass_client, entry))
    for secret in (
        simulator.access_id,
        simulator.access_secret,
        simulator.openapi,
        simulator.queue,
        f":{simulator.port}",
        simulator.tokens.get()["access_token"],
        address,
        PROJECT_UID,
        OWNER_UID,
        APP_UID,
        PERSON,
        "X-Amz-",
        "signInfo",
        "detect/",
        *(secret for device in simulator.devices.values() for secret in secrets_of(device)),
    ):
        assert secret not in text


async def test_what_helps_is_in_the_file(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await play(hass, simulator, device_named(simulator, "Intercom"), "ring")
    file = await downloaded(hass, hass_client, entry)
    assert file["entry"]["options"] == {"delivery": "production", "suffix": "sub"}
    assert file["entry"]["data"]["region"] == "custom"
    assert file["counters"]["calls"]["GET /v2.0/cloud/thing/device"] == 2
    assert file["counters"]["messages"] >= 1
    assert file["push"] == {"topic": "event", "state": "connected", "connected": True}
    assert file["poll"]["reachable"] is True
    assert file["skipped"] == 0
    assert file["devices_not_read"] is None
    assert abs(file["clock_offset"]) < 5
    lock = next(one for one in file["devices"] if one["name"] == "Front door lock")
    assert lock["category"] == "ms"
    assert lock["kind"] == "lock"
    assert lock["online"] is True
    assert lock["completeness"] == "full"
    values = {row["code"]: row["value"] for row in lock["status"]}
    assert values["residual_electricity"] == 90
    assert values["closed_opened"] == "closed"
    assert values["unlock_card"] == "**REDACTED**"
    hidden = next(point for point in lock["status_range"] if point["code"] == "remote_no_dp_key")
    assert hidden["dp_id"] == 50


async def test_the_file_tells_how_doors_open_and_how_many_keys_there_are_but_not_whose(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    lock, gate = (device_named(simulator, name) for name in ("Front door lock", "Gate keypad"))
    pin_hash = "JDJiJDEyJHN5bnRoZXRpYw=="
    entry = make_entry(
        simulator,
        doors={f"{lock.id}_door": {"pin_hash": pin_hash, "quiet_from": "22:13:00"}},
        call_routes={"01-02": [PERSON]},
    )
    await set_up(hass, entry)
    target, code = {"entity_id": entity_id(hass, Platform.LOCK, gate, "door")}, {"name": "Plumber"}
    made = await hass.services.async_call(
        DOMAIN, "add_code", code, target=target, blocking=True, return_response=True
    )
    await hass.services.async_call(
        DOMAIN, "name_slot", {"method": "card", "slot": 4, "name": "Berta"}, target=target
    )
    known = entry.runtime_data.coordinator.data.devices[lock.id]
    openings_of(hass, entry).worked(known.product_id or "", Strategy.OPEN_DOOR)
    file = await downloaded(hass, hass_client, entry)
    ids = {one["name"]: one["id"] for one in file["devices"]}
    doors = {one["door"]: one for one in file["doors"]}
    front = doors[f"{ids['Front door lock']}_door"]
    assert front["pin"] is front["quiet_hours"] is True
    assert front["strategies"][0] == "open_door"
    assert [*file["products"].values()] == [{"worked": "open_door", "doubted": []}]
    assert doors[f"{ids['Gate keypad']}_door"]["pin"] is False
    assert file["settings"][ids["Front door lock"]]["auto_lock"] is True
    assert file["keys"] == {"code": {"active": 1}}
    assert file["people"]["named_here"] == 1
    assert file["call_routes"] == {"flats": 1, "persons": 1}
    assert isinstance(made, dict)
    [told] = made.values()
    assert isinstance(told, dict)
    text = json.dumps(file)
    for secret in (pin_hash, "22:13", "Plumber", "Berta", PERSON, "01-02", str(told["code"])):
        assert secret not in text


async def test_what_no_device_should_say_is_counted_without_its_words(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    for name in ("deviceGreets", "Anna was here", f"met_{intercom.id}", "room123456789"):
        body = {"devId": intercom.id, "eventCode": name}
        message = simulator.publish(intercom.id, body)
        await simulator.acked(message)
    await hass.async_block_till_done()
    told = (await downloaded(hass, hass_client, entry))["not_understood"]
    assert told["deviceGreets"] == 1
    assert told["other"] == 1
    assert told["room#"] == 1
    assert not any(intercom.id in name or "Anna" in name for name in told)


async def test_a_device_has_the_same_pseudonym_wherever_it_is_named(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    intercom, bell = (device_named(simulator, name) for name in ("Intercom", "Battery bell"))
    entry = make_entry(simulator, inverted=[f"{intercom.id}_door"], excluded=[bell.id])
    await set_up(hass, entry)
    first = await downloaded(hass, hass_client, entry)
    again = await downloaded(hass, hass_client, entry)
    assert first["devices"] == again["devices"]
    shown = {device["name"]: device["id"] for device in first["devices"]}
    assert shown.keys() == {"Face terminal", "Intercom", "Front door lock", "Gate keypad"}
    assert first["entry"]["options"]["inverted"] == [f"{shown['Intercom']}_door"]
    (excluded,) = first["entry"]["options"]["excluded"]
    assert excluded.startswith("device_")
    assert excluded not in shown.values()


async def test_a_device_can_be_told_of_alone(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    bell = device_named(simulator, "Battery bell")
    registry = dr.async_get(hass)
    found = registry.async_get_device_by_identifier((DOMAIN, bell.id), entry.entry_id)
    assert found is not None
    file: Any = await get_diagnostics_for_device(hass, hass_client, entry, found)
    assert [device["name"] for device in file["devices"]] == ["Battery bell"]


async def test_the_project_as_a_device_tells_of_no_device(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    found = dr.async_get(hass).async_get(entry.runtime_data.hub_id)
    assert found is not None
    assert isinstance(found, dr.DeviceEntry)
    file: Any = await get_diagnostics_for_device(hass, hass_client, entry, found)
    assert file["devices"] == []
    assert file["counters"]["calls"]


async def test_a_file_can_be_had_while_the_cloud_does_not_answer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    before = await downloaded(hass, hass_client, entry)
    simulator.fault("http_503", 100)
    file = await downloaded(hass, hass_client, entry)
    assert file["devices_not_read"] == "server_error (503) at GET /v2.0/cloud/thing/device"
    assert {device["completeness"] for device in file["devices"]} == {"spec"}
    for now, then in zip(file["devices"], before["devices"], strict=True):
        assert now["status"] == []
        for same in ("id", "name", "category", "functions", "kind"):
            assert now[same] == then[same]


def shapes(
    hass: HomeAssistant, entry: MockConfigEntry
) -> Counter[frozenset[tuple[str, str, str | None]]]:
    """Return what entities the devices of an entry have, without whose they are."""
    by_device: dict[str, set[tuple[str, str, str | None]]] = {}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        device_id, _, key = entity.unique_id.partition("_")
        if device_id.startswith("sim") and "@" not in device_id:
            name = entity.original_name if entity.domain == "lock" else None
            by_device.setdefault(device_id, set()).add((entity.domain, key, name))
    return Counter(map(frozenset, by_device.values()))


async def test_the_file_gives_the_simulator_the_same_doors_again(
    hass: HomeAssistant,
    socket_enabled: None,
    make_entry: MakeEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    real = TuyaSimulator(devices=load([REAL_DEVICES, DEFAULT_DEVICES]))
    await real.start()
    entry = make_entry(real, delivery="off")
    await set_up(hass, entry)
    data = await downloaded(hass, hass_client, entry)
    known = shapes(hass, entry)
    assert known.total() > 60
    assert await hass.config_entries.async_unload(entry.entry_id)
    await real.stop()
    rebuilt = TuyaSimulator(devices=read_document({"data": data}, "diagnostics.json"))
    await rebuilt.start()
    again = make_entry(rebuilt, delivery="off")
    await set_up(hass, again)
    assert shapes(hass, again) == known
    assert await hass.config_entries.async_unload(again.entry_id)
    await rebuilt.stop()


async def test_devices_left_to_others_are_in_the_file_as_such(
    hass: HomeAssistant,
    socket_enabled: None,
    make_entry: MakeEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    mode = {"code": "master_mode", "type": "Enum", "values": {"range": ["arm", "disarmed"]}}
    host = {"name": "Alarm host", "category": "mal", "product_id": "host1", "functions": [mode]}
    simulator = TuyaSimulator(devices=read_document(host, "host.json"))
    await simulator.start()
    entry = make_entry(simulator, delivery="off")
    await set_up(hass, entry)
    file = await downloaded(hass, hass_client, entry)
    assert [device["kind"] for device in file["devices"]] == ["left to other integrations"]
    assert [point["code"] for point in file["devices"][0]["functions"]] == ["master_mode"]
    assert await hass.config_entries.async_unload(entry.entry_id)
    await simulator.stop()

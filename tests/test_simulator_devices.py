"""Device files: everything that people published can be simulated, however odd it is."""

import asyncio
import json
from pathlib import Path
import signal
import sys
from typing import Any

from aiohttp import ClientSession
import pytest

from tests.simulator import DeviceFileError, TuyaSimulator, load, read_document
from tests.simulator.client import Client
from tests.simulator.devices import SimDevice

ODD = {
    "category": None,
    "name": None,
    "online": None,
    "functions": [
        {"code": "switch", "type": "bool", "values": "{true,false}"},
        {"code": "mode", "type": "Enum", "values": {"range": ["a", "b"]}, "dp_id": 4},
        "not an entry",
    ],
    "status_range": [
        {"code": None, "type": None, "values": None, "dp_id": 136, "label": "doorbell_active"},
        {"code": None, "dp_id": 231, "label": "channel JSON"},
        {"code": "record_kit", "type": None, "values": None},
        {"code": "level", "type": "Value", "values": "Value Range: 0-999, Pitch: 1"},
    ],
    "status": [
        {"code": "level", "value": 5, "time": 1_751_294_321_000, "dp_id": 9},
        {"code": "never"},
        {"code": None, "dp_id": 231, "value": "{}"},
    ],
    "dps": [{"dps": [{"dp_id": 148, "likely_code": "accessory_lock", "type": "boolean"}]}],
    "dp_ids": {"Lock-1": 148, "switch": 1},
}


def one(document: Any, name: str = "odd.json") -> SimDevice:
    return SimDevice(read_document(document, name)[0], 0)


def test_a_simulated_id_comes_from_the_file_name() -> None:
    assert one({}).id == "sima788d513dd23f7fe8"


async def test_an_odd_file_still_makes_a_device(socket_enabled: None) -> None:
    cloud = TuyaSimulator(devices=read_document(ODD, "odd.json"))
    await cloud.start()
    device = next(iter(cloud.devices))
    async with Client(cloud) as client:
        item = (await client.get("/v2.0/cloud/thing/device", page_size="20"))[0]
        assert (item["category"], item["customName"], item["isOnline"]) == ("", "odd", True)
        specified = await client.get(f"/v1.0/iot-03/devices/{device}/specification")
        assert [item["values"] for item in specified["functions"]] == [
            "{true,false}",
            '{"range":["a","b"]}',
        ]
        assert {item["code"]: item["type"] for item in specified["status"]} == {
            "record_kit": "Raw",
            "level": "Integer",
        }
        model = json.loads((await client.get(f"/v2.0/cloud/thing/{device}/model"))["model"])
        known = {item["code"]: item["abilityId"] for item in model["services"][0]["properties"]}
        assert (
            known.items()
            >= {
                "": 231,
                "accessory_lock": 148,
                "doorbell_active": 136,
                "switch": 1,
                "level": 9,
            }.items()
        )
        shadow = await client.get(f"/v2.0/cloud/thing/{device}/shadow/properties")
        assert [(item["code"], item["dp_id"], item["value"]) for item in shadow["properties"]] == [
            ("level", 9, 5),
            ("", 231, "{}"),
        ]
        assert shadow["properties"][0]["time"] == 1_751_294_321_000
        assert await client.get(f"/v1.0/devices/{device}/status") == [{"code": "level", "value": 5}]
    await cloud.stop()


def test_a_diagnostics_download_may_hold_several_devices() -> None:
    download = {"home_assistant": {}, "data": {"devices": [{"name": "A"}, {"name": "B"}]}}
    first, second = read_document(download, "download.json")
    assert (first.name, second.name) == ("A", "B")
    assert first.device_id == read_document({}, "download.json")[0].device_id != second.device_id


def test_what_is_no_device_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeviceFileError, match="missing"):
        load([tmp_path / "missing.json"])
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(DeviceFileError, match="broken"):
        load([tmp_path])
    (tmp_path / "broken.json").write_text("[]")
    with pytest.raises(DeviceFileError, match="no device"):
        load([tmp_path])


@pytest.mark.parametrize(
    ("document", "world", "doors"),
    [
        ({"category": "sp", "status_range": [{"code": "ptz_control"}]}, "", 0),
        ({"category": "sp"}, "W1", 0),
        ({"category": "wxml"}, "W1", 0),
        ({"category": "mk"}, "W3", 1),
        ({"category": "jtmspro"}, "W2", 1),
        ({"category": "mal", "status": [{"code": "master_mode", "value": "arm"}]}, "", 0),
        ({"status": [{"code": "unlock_card", "value": 1}]}, "W2", 1),
        ({"category": "mjj", "function_points": ["tyabinmc7h"]}, "W4", 1),
    ],
)
def test_a_device_lives_in_one_world(document: dict[str, Any], world: str, doors: int) -> None:
    device = one(document)
    assert (device.world.value, len(device.doors)) == (world, doors)


def test_a_setting_that_is_named_like_a_relay_is_no_door() -> None:
    setting = {"code": "accessory_lock1", "type": "string", "dp_id": 235}
    relay = {"code": "accessory_lock", "type": "bool", "dp_id": 148}
    device = one({"category": "sp", "status_range": [setting, relay]})
    assert [door.code for door in device.doors.values()] == ["accessory_lock"]


def test_the_default_devices_are_one_of_each_world_and_a_bell() -> None:
    devices = TuyaSimulator().devices.values()
    assert {device.name: (device.world.value, len(device.doors)) for device in devices} == {
        "Face terminal": ("W4", 1),
        "Intercom": ("W1", 2),
        "Battery bell": ("W1", 0),
        "Front door lock": ("W2", 1),
        "Gate keypad": ("W3", 1),
    }


async def program(*options: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "tests.simulator", *options)
    root = Path(__file__).parent.parent
    return await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, cwd=root)


async def test_the_program_says_where_it_listens_and_ends_when_told(
    socket_enabled: None, tmp_path: Path
) -> None:
    (tmp_path / "odd.json").write_text(json.dumps(ODD))
    options = ("--access-id", "somebody", "--encryption", "mixed", "--devices", str(tmp_path))
    process = await program("--port", "0", *options)
    assert process.stdout is not None
    shown = json.loads(await process.stdout.readline())
    assert set(shown) == {"openapi", "queue", "control", "access_id", "access_secret"}
    assert (shown["access_id"], shown["queue"][:15]) == ("somebody", "ws://127.0.0.1:")
    assert shown["control"] == shown["openapi"] + "/_sim/"
    async with ClientSession() as session, session.get(shown["control"] + "state") as answer:
        assert [one["name"] for one in (await answer.json())["devices"]] == ["odd"]
    port = shown["openapi"].rpartition(":")[2]
    second = await program("--port", port)
    _, complaint = await second.communicate()
    assert second.returncode == 1
    assert complaint.decode().count("\n") == 1
    assert port in complaint.decode()
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


async def test_a_bad_device_file_is_one_clear_line(socket_enabled: None, tmp_path: Path) -> None:
    process = await program("--devices", str(tmp_path / "nothing.json"))
    _, complaint = await process.communicate()
    assert process.returncode == 1
    assert "nothing.json" in complaint.decode()
    assert "Traceback" not in complaint.decode()


def test_files_of_one_name_in_two_folders_are_two_devices(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "odd.json").write_text("\ufeff{}", encoding="utf-8")
    devices = load([tmp_path / "a", tmp_path / "b"])
    assert len({device.device_id for device in devices}) == 2


def test_a_secret_that_tuya_would_not_make_is_refused() -> None:
    with pytest.raises(ValueError, match="24"):
        TuyaSimulator(access_secret="short")

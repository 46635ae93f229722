"""``scripts/inspect`` on the 83 published devices: what each kind of data point gives."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.diagnostics import async_get_config_entry_diagnostics
from tests.homes import device_named
from tests.simulator import TuyaSimulator

ROOT = Path(__file__).parent.parent
DEVICES = ROOT / "tests" / "fixtures" / "devices"

LOCK = ("lock", "door")
DOORBELL = ("event", "doorbell")
ACCESS = ("event", "access")
ALARM = ("event", "alarm")
CAMERA = ("camera", "camera")
LAST_RING = ("image", "last_ring")
TAMPER = ("binary_sensor", "tamper")
WRONG_ATTEMPTS = ("binary_sensor", "wrong_attempts")
LEAF = ("binary_sensor", "door")
LEFT_OPEN = ("binary_sensor", "door_left_open")
BATTERY = ("sensor", "battery")
AUTO_LOCK = ("switch", "auto_lock")
MOTION = ("switch", "motion_detection")
NIGHT_VISION = ("select", "night_vision")
PHONE = "unlock_phone_remote unlock_phone_remote_kit"

type Entity = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """Codes of one meaning, how many of the 83 devices have one, and what ours get for it."""

    codes: str
    devices: int
    gives: tuple[Entity, ...]


ROWS = (
    Row("doorbell", 8, (DOORBELL,)),
    Row("doorbell_active", 21, (DOORBELL,)),
    Row("doorbell_call", 2, (DOORBELL,)),
    Row("door_bell doorbell_song_kit", 2, (DOORBELL,)),
    Row("lock_alarm_kit", 3, (DOORBELL, ALARM, TAMPER, WRONG_ATTEMPTS)),
    Row("doorbell_pic", 20, (DOORBELL, LAST_RING, CAMERA)),
    Row("initiative_message", 4, (DOORBELL, ALARM, LAST_RING, CAMERA)),
    # Motion is the camera entity's picture; no entity of its own.
    Row("movement_detect_pic", 22, (CAMERA,)),
    Row("video_request_realtime", 1, (CAMERA,)),
    Row("accessory_lock", 5, (LOCK, DOORBELL)),
    Row("ipc_c_lock", 4, (LOCK, ("lock", "door_2"), DOORBELL)),
    Row("ipc_c_switch_channel", 3, (DOORBELL,)),
    Row("remote_no_dp_key remote_no_pd_setkey", 13, (LOCK,)),
    Row("unlock_request reply_unlock_request", 7, (LOCK, ("binary_sensor", "asks_to_open"))),
    Row("manual_lock", 6, (LOCK,)),
    Row("open_close remote_unlock bluetooth_unlock", 7, (LOCK,)),
    Row("lock_motor_state", 15, (LOCK,)),
    Row("closed_opened door_opened closed_opened_kit openclose_door", 9, (LEAF,)),
    Row("unlock_fingerprint unlock_fingerprint_kit", 22, (ACCESS,)),
    Row("unlock_password unlock_password_kit", 24, (ACCESS,)),
    Row("unlock_card unlock_card_kit", 20, (ACCESS,)),
    Row("unlock_face", 3, (ACCESS,)),
    Row("unlock_hand unlock_finger_vein", 2, (ACCESS,)),
    Row("unlock_key", 7, (ACCESS,)),
    Row("unlock_temporary unlock_dynamic unlock_offline_pd unlock_temporary_kit", 24, (ACCESS,)),
    Row(f"unlock_app unlock_remote unlock_voice_remote {PHONE}", 22, (ACCESS,)),
    Row("unlock_ble", 15, (ACCESS, ("sensor", "last_opened_by"), ("sensor", "last_opened_how"))),
    Row("open_inside unlock_double_kit lock_record lock_local_record", 5, (ACCESS,)),
    Row("alarm_lock", 25, (ALARM,)),
    Row("hijack", 10, (ACCESS, ("binary_sensor", "duress"))),
    Row("temper_alarm tamper_alarm anti_alarm temperalarm", 8, (ALARM, TAMPER)),
    Row("error_alarm doorsensor_alarm", 1, (ALARM, WRONG_ATTEMPTS, LEFT_OPEN)),
    Row("residual_electricity", 22, (BATTERY,)),
    Row("battery_state", 12, (("binary_sensor", "battery_low"),)),
    Row("wireless_electricity", 10, (BATTERY,)),
    Row("battery_percentage", 8, (BATTERY,)),
    Row("automatic_lock", 10, (AUTO_LOCK,)),
    Row("arming_switch", 2, (("switch", "arming"),)),
    Row("beep_volume", 11, (("select", "beep_volume"),)),
)
# What can be set, of those whose description tells its type: a dump of values alone does not.
SETTINGS = {
    "auto_lock_time": {("number", "auto_lock_time")},
    "basic_device_volume": {("number", "volume")},
    "basic_nightvision": {NIGHT_VISION},
    "doorbell_volume": {("select", "doorbell_volume")},
    "motion_switch": {MOTION},
    "pir_switch": {("select", "presence_sensor")},
    "unlock_switch": {("select", "unlock_mode")},
}
SETTING_PLATFORMS = {"button", "number", "select", "switch"}
ALARM_SENSORS = {
    "pry": TAMPER,
    "wrong_password": WRONG_ATTEMPTS,
    "stay_alarm": ("binary_sensor", "loitering"),
    "unclosed_time": LEFT_OPEN,
}
ALARM_HOSTS = (
    "alarm_oqn2dj8otuhqhulr alarm_unknown_xtend458 mal_1kvprtma6cbkdxc8 mal_1vso02tkynsvpinp "
    "mal_fi2xhhvyod93vrnu mal_gyitctrjj1kefxp2 mal_lyq7o3cpui0mgfky mal_mrcaxh3mx6pdg4bh "
    "mal_mw27s3tus4bb7nz3"
)
PLAIN_CAMERAS = "sp_yfzktqgdfdzajch8 sp_ym3bkfuavegbxjar"
SENSORS = "mcs_5udnju6mghpuldix pir_3i480z6ds8l9rlda ywbj_ratstesiekxoea7a"
LEFT_TO_OTHERS = {f"{name}.json" for name in f"{ALARM_HOSTS} {PLAIN_CAMERAS} {SENSORS}".split()}
KEYS = {
    "binary_sensor": "tamper loitering wrong_attempts duress door door_left_open asks_to_open "
    "battery_low online",
    "camera": "camera",
    "event": "doorbell access alarm",
    "image": "last_ring last_access last_alarm",
    "button": "take_photo restart",
    "lock": "door door_2",
    "number": "alarm_time auto_lock_time beep_volume chime_tune chime_volume doorbell_tune "
    "doorbell_volume key_tone volume",
    "select": "anti_flicker auto_lock_time beep_volume chime_tune chime_volume doorbell_tune "
    "doorbell_volume key_tone language motion_sensitivity motor_direction motor_torque "
    "night_vision panel presence_sensor recording_mode unlock_mode volume",
    "switch": "arming auto_lock child_lock do_not_disturb flip_picture motion_area "
    "motion_detection passage_mode presence_sensor privacy_mode recording sleep_mode "
    "status_light time_in_picture wide_dynamic_range",
    "sensor": "battery call last_opened_by last_opened_how",
}

type Shown = Mapping[str, Any]


def inspect(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as ``scripts/inspect`` does."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "tests.tools.inspect", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": "", "PATH": ""},
    )


@pytest.fixture(scope="module")
def run() -> subprocess.CompletedProcess[str]:
    """Inspect all 83 devices at once."""
    return inspect("--json", DEVICES)


@pytest.fixture(scope="module")
def shown(run: subprocess.CompletedProcess[str]) -> dict[str, Shown]:
    """Return what was printed of each file."""
    printed: dict[str, Shown] = json.loads(run.stdout)
    return printed


def document(name: str) -> dict[str, Any]:
    """Return a device file."""
    read: dict[str, Any] = json.loads((DEVICES / name).read_text(encoding="utf-8"))
    return read


def codes(name: str) -> set[str]:
    """Return the codes that a device file states, or that its numbers are likely to mean."""
    file = document(name)
    stated = {
        entry["code"] for key in ("functions", "status_range", "status") for entry in file[key]
    }
    mapped = (entry for group in file.get("dps") or () for entry in group["dps"])
    return stated | {entry["likely_code"] for entry in mapped}


def entities(device: Shown) -> set[Entity]:
    """Return platform and key of everything that a device got."""
    return {(entity["platform"], entity["key"]) for entity in device["entities"]}


def test_all_devices_are_shown_without_a_complaint(
    run: subprocess.CompletedProcess[str], shown: dict[str, Shown]
) -> None:
    assert (run.returncode, run.stderr) == (0, "")
    assert set(shown) == {path.name for path in DEVICES.glob("*.json")}
    assert len(shown) == 83


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.codes.partition(" ")[0])
def test_what_a_device_can_tell_has_its_entity(row: Row, shown: dict[str, Shown]) -> None:
    telling = {name for name in shown if codes(name) & set(row.codes.split())}
    assert len(telling) == row.devices
    lacking = {
        name: set(row.gives) - entities(shown[name])
        for name in telling - LEFT_TO_OTHERS
        if not set(row.gives) <= entities(shown[name])
    }
    assert lacking == {}


def test_a_message_with_a_picture_is_an_event(shown: dict[str, Shown]) -> None:
    for name in {name for name in shown if "alarm_message" in codes(name)} - LEFT_TO_OTHERS:
        chime = name.startswith("wxml")
        wanted = {DOORBELL} if chime else {ALARM, CAMERA, ("image", "last_alarm")}
        assert wanted <= entities(shown[name]), name


def test_what_a_lock_can_warn_of_has_its_own_sensor(shown: dict[str, Shown]) -> None:
    for name, device in shown.items():
        for point in document(name)["status_range"]:
            if point["code"] == "alarm_lock":
                words = str(point["values"])
                wanted = {entity for word, entity in ALARM_SENSORS.items() if word in words}
                assert wanted <= entities(device), name


def test_alarm_hosts_plain_cameras_and_sensors_are_left_to_others(shown: dict[str, Shown]) -> None:
    assert {name for name, one in shown.items() if one["device"]["world"] is None} == LEFT_TO_OTHERS
    assert all(shown[name]["entities"] == [] for name in LEFT_TO_OTHERS)


def test_every_device_of_ours_has_a_world_and_tells_whether_it_is_online(
    shown: dict[str, Shown],
) -> None:
    worlds = {"sp": "W1", "wxml": "W1", "mk": "W3"}
    for name, device in shown.items():
        if name not in LEFT_TO_OTHERS:
            assert device["device"]["world"] == worlds.get(name.partition("_")[0], "W2"), name
            assert ("binary_sensor", "online") in entities(device)


def test_every_relay_is_a_door(shown: dict[str, Shown]) -> None:
    for name, device in shown.items():
        if device["device"]["world"] == "W1":
            relays = codes(name) & {"accessory_lock", "ipc_c_lock"}
            doors = [entity for entity in device["entities"] if entity["platform"] == "lock"]
            assert len(doors) == len(relays), name


def test_every_door_tells_the_way_that_is_tried_first(shown: dict[str, Shown]) -> None:
    first = {"W1": "property", "W2": "door_operate", "W3": "open_door"}
    doors = 0
    for name, device in shown.items():
        for entity in device["entities"]:
            if entity["platform"] == "lock":
                doors += 1
                assert entity["attributes"]["strategy"] == first[device["device"]["world"]], name
    assert doors == 52


@pytest.mark.parametrize("code", SETTINGS)
def test_what_can_be_set_has_its_entity_with_the_devices_own_limits(
    code: str, shown: dict[str, Shown]
) -> None:
    described = 0
    for name in shown.keys() - LEFT_TO_OTHERS:
        points = [*document(name)["functions"], *document(name)["status_range"]]
        if any(point["code"] == code and point["type"] for point in points) and ringing(
            shown[name]
        ):
            described += 1
            assert SETTINGS[code] <= entities(shown[name]), name
    assert described


def ringing(device: Shown) -> bool:
    """Tell whether a device is a door or a bell, as far as its file tells."""
    return bool({DOORBELL, LOCK} & entities(device))


def test_settings_are_of_doors_and_bells_and_are_settings(shown: dict[str, Shown]) -> None:
    for name, device in shown.items():
        for entity in device["entities"]:
            if entity["platform"] in SETTING_PLATFORMS:
                assert entity["category"] == "config", name
                assert ringing(device), name


def test_a_setting_shows_what_the_device_has(shown: dict[str, Shown]) -> None:
    keypad = {
        (entity["platform"], entity["key"]): entity
        for entity in shown["mk_5k8h97qska6pf5cm.json"]["entities"]
    }
    delay = keypad["number", "auto_lock_time"]
    assert (delay["name"], delay["state"]) == ("Auto-lock delay", "5")
    assert (delay["attributes"]["min"], delay["attributes"]["max"]) == (1, 99)
    volume = keypad["select", "doorbell_volume"]
    assert volume["state"] == "high"
    assert volume["attributes"]["options"] == ["mute", "low", "middle", "high"]
    assert keypad[AUTO_LOCK]["state"] == "on"


def test_nothing_else_becomes_an_entity(shown: dict[str, Shown]) -> None:
    known = {(platform, key) for platform, keys in KEYS.items() for key in keys.split()}
    assert set().union(*map(entities, shown.values())) <= known


def test_what_was_stored_is_history(shown: dict[str, Shown]) -> None:
    for name, device in shown.items():
        for entity in device["entities"]:
            if entity["platform"] in {"event", "image"}:
                assert entity["state"] == "unknown", name


def test_a_device_is_shown_as_its_user_reads_it(shown: dict[str, Shown]) -> None:
    box = shown["ms_unknown_yeeuu_k1.json"]
    assert box["device"] == {
        "name": "YEEUU K1 Smart Lock Box",
        "model": "Test-YEEUU K1 Smart Lock Box",
        "world": "W2",
    }
    battery = next(entity for entity in box["entities"] if entity["key"] == "battery")
    assert battery | {"attributes": None} == {
        "platform": "sensor",
        "key": "battery",
        "name": "Battery",
        "device_class": "battery",
        "category": "diagnostic",
        "enabled": True,
        "state": "81",
        "attributes": None,
    }
    intercom = {entity["key"]: entity for entity in shown["sp_h3bhzu9m0ig80rdu.json"]["entities"]}
    assert intercom["camera"]["name"] is None
    assert intercom["door_2"]["name"] == "Door 2"
    assert all(
        not {"access_token", "entity_picture"} & entity["attributes"].keys()
        for entity in intercom.values()
    )


def test_unusable_files_are_named_and_the_others_are_shown(tmp_path: Path) -> None:
    lock = DEVICES / "ms_212kebqd.json"
    (tmp_path / lock.name).write_bytes(lock.read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "message.json").write_text('{"bizCode": "online"}', encoding="utf-8")
    odd = {"category": "ms", "status": [{"code": "alarm_lock", "value": 10**30, "dp_id": 10**30}]}
    (tmp_path / "odd.json").write_text(json.dumps(odd), encoding="utf-8")
    ran = inspect("--json", lock, tmp_path, tmp_path / "missing.json")
    shown = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert [line.partition(": ")[2].partition(":")[0] for line in ran.stderr.splitlines()] == [
        f"{tmp_path}/broken.json",
        f"{tmp_path}/message.json",
        f"{tmp_path}/missing.json",
    ]
    first, second = shown[lock.name], shown[f"{tmp_path}/{lock.name}"]
    assert first == second
    assert LOCK in entities(shown["odd.json"])
    assert inspect("--json").returncode == 2


async def test_a_diagnostics_download_shows_the_devices_as_they_are(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry, tmp_path: Path
) -> None:
    report = await async_get_config_entry_diagnostics(hass, entry)
    path = tmp_path / "download.json"
    path.write_text(json.dumps({"data": report}), encoding="utf-8")
    ran = await hass.async_add_executor_job(inspect, "--json", path)
    shown = {one["device"]["name"]: one for one in json.loads(ran.stdout).values()}
    known = entry.runtime_data.coordinator.data.devices
    assert ran.stderr == ""
    assert set(shown) == {device.name for device in known.values()}
    for name, one in shown.items():
        device = known[device_named(simulator, name).id]
        assert one["device"]["world"] == device.world
        assert {key for platform, key in entities(one) if platform == "lock"} == {
            door.key for door in device.features.doors
        }
        assert {key for platform, key in entities(one) if platform in SETTING_PLATFORMS} == {
            setting.key for setting in device.features.settings
        }
    people = inspect(path).stdout
    assert people.count("\n\n") == len(known) - 1
    assert "download.json: " in people
    assert "download.json#2: " in people

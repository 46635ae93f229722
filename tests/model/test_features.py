"""Which features each known device has, computed from the data points that its file names."""

from collections.abc import Callable

import pytest

from custom_components.tuyalink_intercom.model import dpcodes
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.doors import Opener
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import Device, Fact, Features, World
from custom_components.tuyalink_intercom.model.worlds import learn

from .files import DEVICE_FILES, NOW, codes_of, device, found

OURS = [name for name in DEVICE_FILES if found(name)]

CAMERAS = {"sp", "videolock", "photolock"}


def has(*facts: Fact) -> Callable[[Device], bool]:
    """Return whether a device tells some of these states."""
    return lambda device: bool(device.features.facts & set(facts))


def bolt(device: Device) -> bool:
    return any(door.bolt for door in device.features.doors)


def relay(number: int) -> Callable[[Device], bool]:
    return lambda device: any(door.number == number for door in device.features.doors)


# Each row of what these devices can tell: its codes, and what a device with one of them must have.
TOLD: dict[str, tuple[set[str], Callable[[Device], bool]]] = {
    "a lock's doorbell button": ({"doorbell"}, lambda device: device.features.rings),
    "a video doorbell's press": ({"doorbell_active"}, lambda device: device.features.rings),
    "a chime's button": ({"doorbell_call"}, lambda device: device.features.rings),
    "a controller's bell": (
        {"door_bell", "doorbell_song_kit"},
        lambda device: device.features.rings,
    ),
    "a controller's alarm record rings": ({"lock_alarm_kit"}, lambda device: device.features.rings),
    "a controller's alarm record": ({"lock_alarm_kit"}, lambda device: device.features.alarms),
    "a picture of the ring": ({"doorbell_pic"}, lambda device: device.features.captures),
    "a ring told by its picture": ({"doorbell_pic"}, lambda device: device.features.rings),
    "a camera's messages": (
        {"alarm_message", "initiative_message"},
        lambda device: device.category not in CAMERAS or device.features.alarms,
    ),
    "a picture with a message": (
        {"initiative_message"},
        lambda device: device.features.captures,
    ),
    "a picture of motion": ({"movement_detect_pic"}, lambda device: device.features.captures),
    "a picture on request": ({"video_request_realtime"}, lambda device: device.features.captures),
    "the first relay": ({"accessory_lock"}, relay(1)),
    "the second relay": ({"ipc_c_lock"}, relay(2)),
    "panels": ({"ipc_c_switch_channel"}, lambda device: device.features.rings),
    "remote opening": (
        {"remote_no_dp_key", "remote_no_pd_setkey", "remote_unlock", "bluetooth_unlock"},
        lambda device: device.features.doors[0].opener is Opener.LOCK_SERVICE,
    ),
    "somebody asks to be let in": ({"unlock_request"}, has(Fact.ASKS_TO_OPEN)),
    "locking now": (
        {"manual_lock"},
        lambda device: device.features.doors[0].lock_code == "manual_lock",
    ),
    "a bolt": ({"lock_motor_state", "open_close"}, bolt),
    "a door leaf": (
        {"closed_opened", "door_opened", "closed_opened_kit", "openclose_door"},
        has(Fact.LEAF),
    ),
    "who opened": ({*dpcodes.METHODS, *dpcodes.RECORDS}, has(Fact.OPENED_BY)),
    "how it was opened": ({*dpcodes.METHODS, *dpcodes.RECORDS}, has(Fact.OPENED_HOW)),
    "passages": (
        {*dpcodes.METHODS, *dpcodes.RECORDS},
        lambda device: device.features.accesses,
    ),
    "a lock's alarms": ({"alarm_lock", "Alarm"}, lambda device: device.features.alarms),
    "duress": ({"hijack"}, has(Fact.DURESS)),
    "tamper": ({"temper_alarm", "tamper_alarm", "anti_alarm", "temperalarm"}, has(Fact.TAMPER)),
    "wrong attempts": ({"error_alarm"}, has(Fact.WRONG_ATTEMPTS)),
    "a door left open": ({"doorsensor_alarm"}, has(Fact.DOOR_LEFT_OPEN)),
    "a battery in percent": (
        {"residual_electricity", "wireless_electricity", "battery_percentage", "Battery"},
        has(Fact.BATTERY),
    ),
    "a battery in words": ({"battery_state", "low_power"}, has(Fact.BATTERY_LOW)),
    "sleep": (
        {"wireless_awake", "wireless_powermode"},
        lambda device: device.features.sleeps,
    ),
}
# A state that nothing else can promise: without its codes it must not be there.
ONLY: dict[Fact, set[str]] = {
    Fact.ASKS_TO_OPEN: TOLD["somebody asks to be let in"][0],
    Fact.BATTERY: TOLD["a battery in percent"][0],
    Fact.BATTERY_LOW: {*TOLD["a battery in words"][0], "alarm_lock", "Alarm"},
    Fact.DOOR_LEFT_OPEN: {"doorsensor_alarm", "alarm_lock", "Alarm"},
    Fact.DURESS: TOLD["duress"][0],
    Fact.LEAF: TOLD["a door leaf"][0],
    Fact.LOITERING: {"alarm_lock"},
    Fact.OPENED_BY: TOLD["who opened"][0],
    Fact.TAMPER: {*TOLD["tamper"][0], "alarm_lock", "Alarm", "lock_alarm_kit"},
    Fact.WRONG_ATTEMPTS: {"error_alarm", "alarm_lock", "Alarm", "lock_alarm_kit"},
}


@pytest.mark.parametrize("row", TOLD)
def test_every_known_device_has_the_features_that_its_data_points_promise(row: str) -> None:
    codes, expected = TOLD[row]
    able = [name for name in OURS if codes_of(name) & codes]
    assert able, "no device of ours is an example of this"
    assert [name for name in able if not expected(device(name))] == []


@pytest.mark.parametrize("fact", ONLY)
def test_no_device_promises_a_state_that_it_cannot_tell(fact: Fact) -> None:
    unable = [name for name in OURS if not codes_of(name) & ONLY[fact]]
    assert unable
    assert [name for name in unable if fact in device(name).features.facts] == []


@pytest.mark.parametrize("name", OURS)
def test_every_lock_controller_and_only_an_intercom_with_a_relay_has_a_door(name: str) -> None:
    built = device(name)
    relays = [code for code in dpcodes.RELAYS if code in codes_of(name)]
    if built.world is World.INTERCOM:
        assert [door.code for door in built.features.doors] == relays
    else:
        assert [door.key for door in built.features.doors] == ["door"]


def test_doors_are_called_door_and_door_2_and_named_by_their_panels() -> None:
    plain = device("sp_h3bhzu9m0ig80rdu")
    assert [(door.key, door.name) for door in plain.features.doors] == [
        ("door", None),
        ("door_2", None),
    ]
    panels = '{"cc":1,"chs":[{"id":1,"n":"Street"},{"id":2,"n":"Garden"}]}'
    named = device_from(
        {"id": "monitor", "category": "sp"},
        Description(
            specification={},
            model={},
            shadow=(
                {"dp_id": 148, "code": "", "value": False},
                {"dp_id": 232, "code": "", "value": False},
                {"dp_id": 231, "code": "", "value": panels},
            ),
        ),
        now=NOW,
    )
    assert named is not None
    assert [(door.key, door.name) for door in named.features.doors] == [
        ("door", "Street"),
        ("door_2", "Garden"),
    ]


def test_relays_are_opened_by_a_pulse_and_the_second_one_by_a_change() -> None:
    doors = device("sp_obtloc9hkl46jjgg").features.doors
    assert [(door.code, door.opener) for door in doors] == [
        ("accessory_lock", Opener.RELAY),
        ("ipc_c_lock", Opener.TOGGLE),
    ]
    assert all(door.momentary for door in doors)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("jtmspro_xqeob8h6", "lock_motor_state"),
        ("jtmspro_snr3p274", "open_close"),
        ("ms_212kebqd", "open_close"),
        ("ms_umca8uiv2203ua3k", None),
    ],
)
def test_a_lock_is_a_bolt_only_if_it_reports_one(name: str, code: str | None) -> None:
    door = device(name).features.doors[0]
    assert door.bolt == code
    assert door.momentary is (code is None)


def test_a_lock_with_latch_alarms_only_still_has_an_alarm_event() -> None:
    assert device("lock_kpn4zaf7").features.alarms


def test_a_low_battery_alarm_makes_no_second_battery_state() -> None:
    facts = device("jtmspro_snr3p274").features.facts
    assert Fact.BATTERY in facts
    assert Fact.BATTERY_LOW not in facts


def test_an_intercom_without_any_ring_relay_or_channel_code_has_no_bell_yet() -> None:
    assert not device("sp_pd2wpgm6gifppmae").features.rings
    assert not device("sp_unknown_tuyalocal2913").features.rings


def test_a_chime_has_a_bell_even_if_nothing_describes_it() -> None:
    chime = device_from({"id": "chime", "category": "wxml"}, Description({}, {}), now=NOW)
    assert chime is not None
    assert chime.features.rings


def test_a_terminal_has_what_its_function_points_say() -> None:
    points = ("tyabinmc7h", "tyabi8n4fs", "tyabiwvwhq")
    terminal = device_from({"id": "t"}, Description({}, {}), now=NOW, points=points)
    assert terminal is not None
    assert terminal.world is World.TERMINAL
    features = terminal.features
    assert features.rings
    assert features.accesses
    assert features.alarms
    assert features.captures
    assert [door.opener for door in features.doors] == [Opener.PERSON]
    assert {Fact.TAMPER, Fact.LOITERING, Fact.WRONG_ATTEMPTS} <= features.facts


def test_a_terminal_without_remote_unlocking_has_a_door_that_cannot_be_opened_from_afar() -> None:
    terminal = device_from({"id": "t"}, Description({}, {}), now=NOW, points=("tyabiym3h3",))
    assert terminal is not None
    assert [door.opener for door in terminal.features.doors] == [None]
    assert not terminal.features.rings
    assert not terminal.features.captures


@pytest.mark.parametrize("flag", ["rings", "accesses", "alarms", "captures"])
def test_what_a_device_showed_once_is_a_feature_from_then_on(flag: str) -> None:
    learned = learn(Features(), flag)
    assert getattr(learned, flag)
    assert learn(learned, flag) == learned


def test_a_learned_state_is_a_feature_and_an_unknown_name_is_none() -> None:
    assert learn(Features(), "tamper").facts == {Fact.TAMPER}
    assert learn(Features(), "accesses").facts == {Fact.OPENED_BY, Fact.OPENED_HOW}
    assert learn(Features(), "something of a later version") == Features()


@pytest.mark.parametrize("name", OURS)
def test_every_alarm_word_of_every_known_product_is_understood(name: str) -> None:
    ranges = device(name).codes.ranges
    words = {word for code in dpcodes.ALARM_CODES for word in ranges.get(code, ())}
    assert {word for word in words if word not in dpcodes.ALARMS} == set()

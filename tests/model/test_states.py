"""States: batteries, leaves, bolts, requests, panels, in every spelling of the products."""

import json

import pytest

from custom_components.tuyalink_intercom.model.state import Fact

from .files import NOW, device
from .said import Listener, heard, legacy

LOCK = "jtmspro_xqeob8h6"
ZIGBEE = "jtmspro_snr3p274"
CONTROLLER = "mk_5k8h97qska6pf5cm"
REQUEST_LOCK = "ms_bljvjx2nsv02dhao"
BOX = "ms_unknown_yeeuu_k1"
UNCHANGED = object()


def told(name: str, fact: Fact, code: str, value: object) -> object:
    """Return what a report makes of a state; UNCHANGED when it says nothing."""
    before = device(name).readings.get(fact)
    after = heard(name, legacy({code: value})).device.readings.get(fact)
    return UNCHANGED if after == before or after is None else after.value


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (55, 55),
        ("10", 10),
        (55.0, 55),
        (0, 0),
        (100, 100),
        (101, 100),
        (10**12, 100),
        (-1, None),
        ("-1", None),
        ("", UNCHANGED),
        (None, UNCHANGED),
        (True, UNCHANGED),
        ("full", UNCHANGED),
        (float("nan"), UNCHANGED),
        (10**400, UNCHANGED),
    ],
)
def test_a_battery_is_told_in_percent_and_minus_one_is_unknown(
    value: object, level: object
) -> None:
    assert told(LOCK, Fact.BATTERY, "residual_electricity", value) == level


def test_a_camera_battery_of_100_is_full_whatever_scale_is_declared() -> None:
    for name in ("sp_ehzbfjrau5lbph4o", "sp_ormfprbeceg0jps8"):
        assert device(name).readings[Fact.BATTERY].value == 100


@pytest.mark.parametrize(
    ("value", "low"),
    [
        ("high", False),
        ("medium", False),
        ("middle", False),
        ("normal", False),
        ("low", True),
        ("Low", True),
        ("poweroff", True),
        ("power_off", True),
        ("batter_low", True),
        ("strange", UNCHANGED),
        (None, UNCHANGED),
        (3, UNCHANGED),
        ([], UNCHANGED),
    ],
)
def test_a_battery_in_words_is_low_or_not(value: object, low: object) -> None:
    assert told(REQUEST_LOCK, Fact.BATTERY_LOW, "battery_state", value) == low
    assert told("ms_RSwIlAPVPqA6tVx9", Fact.BATTERY_LOW, "low_power", value) == low


@pytest.mark.parametrize(
    ("code", "value", "is_open"),
    [
        ("closed_opened", "open", True),
        ("closed_opened", "Closed", False),
        ("closed_opened", "close", False),
        ("closed_opened", "unknown", None),
        ("door_opened", True, True),
        ("door_opened", "false", False),
        ("door_opened", 1, True),
        ("openclose_door", "0", False),
        ("doorcontact_state", True, True),
        ("closed_opened", 7, None),
        ("closed_opened", [], None),
    ],
)
def test_a_door_leaf_is_open_closed_or_unknown(code: str, value: object, is_open: object) -> None:
    listener = heard(REQUEST_LOCK, legacy({code: value}))
    assert listener.device.readings[Fact.LEAF].value is is_open


@pytest.mark.parametrize(
    ("value", "is_open"),
    [("AQAB", True), ("AQAC", False), ("AQAA", UNCHANGED), ("", UNCHANGED), (None, UNCHANGED)],
)
def test_a_controllers_leaf_record_tells_open_and_closed_in_its_last_byte(
    value: object, is_open: object
) -> None:
    first = heard(CONTROLLER, legacy({"closed_opened_kit": "AQAB" if is_open is False else "AQAC"}))
    listener = Listener(first.device)
    before = listener.device.readings[Fact.LEAF]
    listener.hears(legacy({"closed_opened_kit": value}), NOW + 1)
    after = listener.device.readings[Fact.LEAF]
    assert (UNCHANGED if after == before else after.value) == is_open


def test_of_two_contacts_one_that_never_knows_hides_nothing() -> None:
    assert device(BOX).readings[Fact.LEAF].value is False
    listener = heard(BOX, legacy({"closed_opened": "unknown", "door_opened": True}))
    assert listener.device.readings[Fact.LEAF].value is True
    listener.hears(legacy({"door_opened": False, "closed_opened": "unknown"}), NOW + 1)
    assert listener.device.readings[Fact.LEAF].value is False


def test_a_single_contact_that_does_not_know_is_unknown() -> None:
    listener = heard(LOCK, legacy({"closed_opened": "open"}))
    listener.hears(legacy({"closed_opened": "unknown"}), NOW + 1)
    assert listener.device.readings[Fact.LEAF].value is None


@pytest.mark.parametrize(
    ("name", "code"),
    [(LOCK, "lock_motor_state"), (ZIGBEE, "open_close"), (CONTROLLER, "lock_motor_state")],
)
@pytest.mark.parametrize(
    ("value", "unlocked"),
    [(True, True), (False, False), ("true", True), ("0", False), ("open", True), ("closed", False)],
)
def test_a_bolt_is_as_its_code_says_and_its_polarity_is_the_owners_affair(
    name: str, code: str, value: object, *, unlocked: bool
) -> None:
    listener = heard(name, legacy({code: value}))
    assert listener.device.bolts["door"].value is unlocked


@pytest.mark.parametrize("value", [None, "", "unknown", "jammed", 2, [], {}])
def test_a_bolt_that_says_something_else_stays_as_it_was(value: object) -> None:
    assert heard(LOCK, legacy({"lock_motor_state": value})).device.bolts == device(LOCK).bolts


def test_a_code_that_is_not_the_doors_bolt_moves_no_bolt() -> None:
    before = device(ZIGBEE).bolts
    assert heard(ZIGBEE, legacy({"lock_motor_state": True})).device.bolts == before


@pytest.mark.parametrize(
    ("value", "asking", "until"),
    [(60, True, NOW + 60), ("30", True, NOW + 30), (0, False, None)],
)
def test_a_lock_asks_to_be_opened_for_so_many_seconds(
    value: object, *, asking: bool, until: float | None
) -> None:
    reading = heard(REQUEST_LOCK, legacy({"unlock_request": value})).device.readings
    assert (reading[Fact.ASKS_TO_OPEN].value, reading[Fact.ASKS_TO_OPEN].until) == (asking, until)


@pytest.mark.parametrize("clock", [-300, 300])
def test_a_request_counts_from_the_clouds_time_whatever_the_locks_clock(clock: int) -> None:
    listener = heard(REQUEST_LOCK, legacy({"unlock_request": 30}, t=NOW + clock))
    assert listener.device.readings[Fact.ASKS_TO_OPEN].until == NOW + 30


@pytest.mark.parametrize("value", ["", None, True, "soon", 10**6, 10**400])
def test_a_request_that_makes_no_sense_is_none(value: object) -> None:
    listener = heard(REQUEST_LOCK, legacy({"unlock_request": value}))
    assert listener.device.readings[Fact.ASKS_TO_OPEN].value is False


@pytest.mark.parametrize(
    ("value", "seconds"), [(5, 5), ("3", 3), (1800, 1800), (0, None), (-1, None), (10**9, None)]
)
def test_a_lock_tells_after_how_many_seconds_it_locks_itself(
    value: object, seconds: object
) -> None:
    listener = heard(REQUEST_LOCK, legacy({"auto_lock_time": value}))
    reading = listener.device.readings.get(Fact.RELOCK_TIME)
    assert (reading.value if reading else None) == seconds


@pytest.mark.parametrize(
    ("value", "names", "current"),
    [
        (
            {"cc": 1, "chs": [{"id": 1, "n": "Tür"}, {"id": "2", "n": "门"}]},
            {"1": "Tür", "2": "门"},
            "1",
        ),
        ({"cc": 2}, {}, "2"),
        ({"chs": [{"id": 1}, {"n": "x"}, "y", {"id": [], "n": {}}]}, {}, None),
        ({"chs": "none", "cc": []}, {}, None),
    ],
)
def test_a_monitor_tells_its_panels_and_the_one_it_shows(
    value: object, names: dict[str, str], current: str | None
) -> None:
    for spelled in (value, json.dumps(value)):
        listener = heard("sp_h3bhzu9m0ig80rdu", legacy({"ipc_c_switch_channel": spelled}))
        assert listener.device.channels == names
        assert listener.device.channel == current


def test_panels_are_kept_in_bounded_number() -> None:
    many = {"chs": [{"id": number, "n": f"Door {number}"} for number in range(10_000)]}
    listener = heard("sp_h3bhzu9m0ig80rdu", legacy({"ipc_c_switch_channel": many}))
    assert len(listener.device.channels) == 32


def test_a_state_that_a_device_tells_unexpectedly_is_a_feature_from_then_on() -> None:
    listener = heard(REQUEST_LOCK, legacy({"closed_opened": "open", "auto_lock_time": 5}))
    learned = listener.device.features.facts - device(REQUEST_LOCK).features.facts
    assert learned == {Fact.LEAF}


def test_codes_that_mean_nothing_to_a_door_change_nothing() -> None:
    listener = heard(CONTROLLER, legacy({"beep_volume": "high", "rtc_lock": True, "": 1}))
    assert listener.changes == []
    assert listener.unknown == []

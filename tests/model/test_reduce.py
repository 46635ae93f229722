"""How the tree takes changes: older words never overwrite newer ones."""

from itertools import permutations

import pytest

from custom_components.tuyalink_intercom.model.changes import (
    BoltReported,
    Change,
    ChannelsReported,
    Learned,
    OnlineChanged,
    Rang,
    RegistryChanged,
    RelayReported,
    Remembered,
    Renamed,
    Reported,
)
from custom_components.tuyalink_intercom.model.records import with_values
from custom_components.tuyalink_intercom.model.reduce import reduce
from custom_components.tuyalink_intercom.model.state import (
    AccessState,
    Device,
    Fact,
    Memory,
    Reading,
    World,
)

from .files import NOW, device
from .said import Listener, legacy

PLAIN = Device(id="d", name="Door", world=World.LOCK)
LOCK = "jtmspro_xqeob8h6"


def after(*changes: Change, first: Device = PLAIN) -> Device:
    return reduce(AccessState({"d": first}), changes).devices["d"]


def battery(level: int, time: float, seen: float | None = None) -> Reported:
    return Reported(device_id="d", time=time, seen=seen, fact=Fact.BATTERY, value=level)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_newest_reading_wins_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    changes: list[list[Change]] = [
        [
            battery(10 * number, NOW + number, NOW),
            BoltReported(device_id="d", time=NOW + number, door="door", unlocked=number == 2),
            RelayReported(device_id="d", time=NOW + number, code="ipc_c_lock", value=number == 2),
            OnlineChanged(device_id="d", time=NOW + number, online=number == 2),
        ]
        for number in range(3)
    ]
    built = after(*(change for number in order for change in changes[number]))
    assert built.readings[Fact.BATTERY].value == 20
    assert built.bolts["door"].value is True
    assert built.relays["ipc_c_lock"].value is True
    assert built.online is True


def test_of_two_readings_of_the_same_second_the_later_to_come_wins() -> None:
    assert after(battery(1, NOW), battery(2, NOW)).readings[Fact.BATTERY].value == 2


def test_a_pushed_state_of_a_slow_clock_outdates_what_a_poll_said_before_it() -> None:
    polled = battery(90, NOW - 10)
    pushed = battery(50, NOW - 300, NOW)
    assert after(polled, pushed).readings[Fact.BATTERY].value == 50
    assert after(pushed, polled).readings[Fact.BATTERY].value == 50


def test_a_poll_outdates_what_a_fast_clock_said_before_it() -> None:
    pushed = battery(50, NOW + 300, NOW)
    polled = battery(90, NOW + 10)
    assert after(pushed, polled).readings[Fact.BATTERY].value == 90
    assert after(polled, pushed).readings[Fact.BATTERY].value == 90


def test_times_of_the_same_clock_are_compared_whatever_the_cloud_says() -> None:
    newer = battery(50, NOW - 300, NOW)
    redelivered = battery(90, NOW - 310, NOW + 5)
    assert after(newer, redelivered).readings[Fact.BATTERY].value == 50
    assert Reading(1, NOW).outdates(Reading(2, NOW - 1, seen=NOW))


def test_a_lock_that_reports_between_two_polls_is_believed_whatever_its_clock() -> None:
    listener = Listener(LOCK)
    rows = [{"code": "lock_motor_state", "value": False}]
    polled = with_values(listener.device, rows, NOW - 10)
    listener.state = AccessState({LOCK: polled})
    listener.hears(legacy({"lock_motor_state": True}, t=int(NOW - 300)), NOW)
    assert listener.device.bolts["door"].value is True


def test_an_unknown_device_is_left_alone() -> None:
    state = AccessState({"d": PLAIN}, frozenset({"x"}))
    stranger = Reported(device_id="e", time=NOW, fact=Fact.BATTERY, value=5)
    assert reduce(state, [stranger]) == state


def test_moments_leave_the_tree_as_it_is() -> None:
    ring = Rang(device_id="d", time=NOW, event_id="e", live=True)
    assert after(ring, RegistryChanged(device_id="d", time=NOW)) == PLAIN


def test_the_tree_is_replaced_and_never_changed_in_place() -> None:
    state = AccessState({"d": PLAIN})
    assert reduce(state, [battery(5, NOW)]) != state
    assert state == AccessState({"d": PLAIN})


def test_names_channels_memory_and_features_are_kept() -> None:
    memory = Memory(facts=(("alarm|tamper|", NOW),))
    built = after(
        Renamed(device_id="d", time=NOW, name="Gate"),
        ChannelsReported(device_id="d", time=NOW, names={"1": "Street"}, current="1"),
        ChannelsReported(device_id="d", time=NOW, names={}, current=None),
        Remembered(device_id="d", time=NOW, memory=memory),
        Learned(device_id="d", time=NOW, feature="rings"),
    )
    assert (built.name, built.channels, built.channel) == ("Gate", {"1": "Street"}, None)
    assert built.memory == memory
    assert built.features.rings


def test_a_renamed_device_has_its_new_name_and_a_deleted_one_asks_for_the_list() -> None:
    listener = Listener(LOCK)
    listener.hears({"bizCode": "nameUpdate", "bizData": {"name": "Cellar"}})
    assert listener.device.name == "Cellar"
    listener.hears({"bizCode": "deviceNameUpdate", "bizData": {"name": ""}})
    assert listener.device.name == "Cellar"
    changes = listener.hears({"bizCode": "delete", "bizData": {}})
    assert [type(change) for change in changes] == [RegistryChanged]


def test_a_door_is_found_by_its_key() -> None:
    built = device("sp_h3bhzu9m0ig80rdu")
    found = built.door("door_2")
    assert found is not None
    assert found.code == "ipc_c_lock"
    assert built.door("door_3") is None

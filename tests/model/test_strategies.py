"""Which way to a door is tried first, for every known device and for everything the owner says."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.panels import panel_of
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.remote_key import (
    RemoteKey,
    reply_of,
    set_value,
    use_value,
)
from custom_components.tuyalink_intercom.model.state import Device, Fact, Reading, World
from custom_components.tuyalink_intercom.model.strategies import (
    Allowed,
    Experience,
    Strategy,
    asks_now,
    strategies_for,
)
from tests.api.vectors import load, named

from .files import DEVICE_FILES, NOW, device, found

OURS = [name for name in DEVICE_FILES if (built := found(name)) and built.features.doors]
LOCKS = [name for name in OURS if device(name).world is World.LOCK]
CONTROLLERS = [name for name in OURS if device(name).world is World.CONTROLLER]
INTERCOMS = [name for name in OURS if device(name).world is World.INTERCOM]
KEYED = [name for name in OURS if "remote_no_dp_key" in device(name).codes.known]
KEYS = load("password")["remote_key_dp"]


def ways(
    device: Device,
    number: int = 0,
    allowed: Allowed | None = None,
    experience: Experience | None = None,
) -> list[str]:
    door = device.features.doors[number]
    return [*strategies_for(device, door, now=NOW, allowed=allowed, experience=experience)]


def asking(device: Device, until: float) -> Device:
    reading = Reading(value=True, time=NOW, until=until)
    return replace(device, readings={**device.readings, Fact.ASKS_TO_OPEN: reading})


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_opens_by_the_lock_service(name: str) -> None:
    assert ways(device(name)) == ["door_operate", "open_door"]


@pytest.mark.parametrize("name", CONTROLLERS)
def test_an_access_controller_takes_the_older_call_first(name: str) -> None:
    assert ways(device(name)) == ["open_door", "door_operate"]


@pytest.mark.parametrize("name", INTERCOMS)
def test_the_relays_of_an_intercom_are_written(name: str) -> None:
    for number in range(len(device(name).features.doors)):
        assert ways(device(name), number) == ["property", "command"]


def test_every_known_door_has_a_way() -> None:
    assert (len(LOCKS), len(CONTROLLERS), len(INTERCOMS)) == (37, 6, 5)
    assert sorted({*LOCKS, *CONTROLLERS, *INTERCOMS}) == sorted(OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_key_is_written_only_where_the_owner_allows_it(name: str) -> None:
    assert "remote_key" not in ways(device(name))
    offered = "remote_key" in ways(device(name), allowed=Allowed(remote_key=True))
    assert offered is (name in KEYED)


def test_a_relay_that_the_standard_set_knows_is_commanded_first() -> None:
    bell = device(INTERCOMS[0])
    code = bell.features.doors[0].code
    assert code is not None
    known = replace(bell, codes=replace(bell.codes, commandable=frozenset({code})))
    assert ways(known) == ["command", "property"]


def test_who_asks_at_the_door_is_answered_first_and_only_while_asking() -> None:
    lock = device("ms_bljvjx2nsv02dhao")
    assert ways(asking(lock, NOW + 1))[0] == "reply_request"
    assert ways(asking(lock, NOW)) == ways(lock)
    told_off = {**lock.readings, Fact.ASKS_TO_OPEN: Reading(value=False, time=NOW)}
    assert not asks_now(replace(lock, readings=told_off), NOW)
    endless = {**lock.readings, Fact.ASKS_TO_OPEN: Reading(value=True, time=NOW)}
    assert asks_now(replace(lock, readings=endless), NOW)


def test_where_nobody_checks_the_own_password_no_way_is_tried_without_it() -> None:
    only = Allowed(own_password=True)
    assert [ways(device(name), 0, only) for name in INTERCOMS] == [[]] * len(INTERCOMS)


def test_with_the_locks_own_password_no_other_way_is_tried() -> None:
    lock = device("ms_bljvjx2nsv02dhao")
    only = Allowed(own_password=True, remote_key=True)
    assert ways(asking(lock, NOW + 9), allowed=only) == ["open_with_password"]


def test_the_way_that_worked_comes_first_and_a_doubted_one_last() -> None:
    lock = device(LOCKS[0])
    worked = Experience(worked=Strategy.OPEN_DOOR)
    assert ways(lock, experience=worked) == ["open_door", "door_operate"]
    doubted = Experience(doubted=frozenset({Strategy.DOOR_OPERATE}))
    assert ways(lock, experience=doubted) == ["open_door", "door_operate"]
    neither = Experience(
        worked=Strategy.OPEN_DOOR, doubted=frozenset({Strategy.DOOR_OPERATE, Strategy.OPEN_DOOR})
    )
    assert ways(lock, experience=neither) == ["door_operate", "open_door"]


def test_a_way_that_the_owner_forbids_now_is_not_taken_because_it_once_worked() -> None:
    lock = device(KEYED[0])
    assert "remote_key" not in ways(lock, experience=Experience(worked=Strategy.REMOTE_KEY))


def test_a_video_lock_with_a_relay_is_opened_by_it_when_the_lock_service_refuses() -> None:
    model = {"services": [{"properties": [{"code": "accessory_lock"}]}]}
    record = {"id": "d1", "category": "videolock", "productId": "p1"}
    station = device_from(record, Description(specification={}, model=model), now=NOW)
    assert station is not None
    assert ways(station) == ["door_operate", "open_door", "property", "command"]


def test_panels_that_a_monitor_names_later_count_as_well() -> None:
    monitor = device("sp_obtloc9hkl46jjgg")
    doors = monitor.features.doors
    assert [panel_of(monitor, door) for door in doors] == [None, None]
    told = replace(monitor, channels={"1": "Gate", "2": "House"})
    assert [panel_of(told, door) for door in doors] == ["1", "2"]


def described(actions: Sequence[object], category: str = "sp") -> Device:
    model = {"services": [{"actions": [*actions], "properties": [{"code": "doorbell_active"}]}]}
    record = {"id": "d1", "category": category, "productId": "p1"}
    made = device_from(record, Description(specification={}, model=model), now=NOW)
    assert made is not None
    return made


@pytest.mark.parametrize("code", ["unlock", "open_door", "openDoor", "remote_unlock"])
def test_a_thing_model_with_an_action_to_unlock_has_a_door(code: str) -> None:
    assert ways(described([{"code": code, "inputParams": []}])) == ["action"]
    lock = described([{"code": code}], "ms")
    assert ways(lock) == ["door_operate", "open_door", "action"]


def test_an_action_that_asks_for_what_nobody_knows_is_no_way() -> None:
    asks = {"code": "unlock", "inputParams": [{"code": "password", "typeSpec": {"type": "string"}}]}
    others = [{"code": "open_video"}, {"code": "setPassword"}, asks]
    assert described(others).features.doors == ()
    default = {"code": "time", "typeSpec": {"type": "value", "typeDefaultValue": 5}}
    assert described([{"code": "unlock", "inputParams": [default]}]).codes.actions == {
        "unlock": {"time": 5}
    }


@pytest.mark.parametrize("case", named(KEYS["cases"], "name"))
def test_keys_are_written_as_the_vectors_say(case: dict[str, str]) -> None:
    raw = bytes.fromhex(case["setkey_hex"])
    key = RemoteKey(
        slot=int.from_bytes(raw[1:3]),
        start=int.from_bytes(raw[3:7]),
        end=int.from_bytes(raw[7:11]),
        uses=int.from_bytes(raw[11:13]),
        digits=raw[13:].decode(),
    )
    assert set_value(key, raw[0]) == case["setkey_b64"]
    assert use_value(key, bytes.fromhex(case["unlock_hex"])[-1]) == case["unlock_b64"]
    assert key.digits not in repr(key)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("AAAH", 0),
        ("AQAH", 1),
        ("AAAHAAA=", 0),
        ("AAAB", None),
        ("AA==", None),
        ("", None),
        (None, None),
        (KEYS["cases"][0]["setkey_b64"], None),
        (KEYS["cases"][0]["unlock_b64"], None),
    ],
)
def test_only_a_reply_about_our_slot_counts(value: object, status: int | None) -> None:
    assert reply_of(value) == status

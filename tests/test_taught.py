"""What a user taught, "this was the ring", counts from then on, and can be taken back."""

from dataclasses import replace
import json
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.api.message import message_from
from custom_components.tuyalink_intercom.diagnostics import async_get_config_entry_diagnostics
from custom_components.tuyalink_intercom.flow.bell import merged
from custom_components.tuyalink_intercom.model.changes import (
    AlarmRaised,
    CaptureTaken,
    Occasion,
    Rang,
    Reported,
)
from custom_components.tuyalink_intercom.model.items import names_in
from custom_components.tuyalink_intercom.model.state import Codes, Fact, Meaning
from tests.conftest import MakeEntry
from tests.flows import FINISHED, configure, go_on, options_of, ticked
from tests.homes import device_named, entity_id, state_of
from tests.model.files import NOW, device
from tests.model.pictures import sealed
from tests.model.said import Listener, core, legacy, managed, notify
from tests.model.test_terminals import terminal
from tests.plays import heard, report
from tests.simulator import TuyaSimulator

BELL = "sp_csr2fqitalj5o0tq"
PICTURE = {"bucket": "doors", "files": [["/a/1763800000.jpeg", "0123456789abcdef"]]}


def pupil(**taught: str) -> Listener:
    """Return a bell that was taught; "__" in a name stands for a colon."""
    meanings = {name.replace("__", ":"): Meaning(said) for name, said in taught.items()}
    return Listener(replace(device(BELL), taught=meanings))


# --- what counts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("visitor", legacy({"visitor": True})),
        ("visitor", core({"visitor": "somebody"})),
        ("visitor", legacy({"visitor": 3})),
        ("cmd__ipc_passby", legacy({"initiative_message": sealed("ipc_passby")})),
        ("etype__gate_call", notify(NOW, etype="gate_call")),
        ("somebodyCame", managed("deviceEventMessage", eventCode="somebodyCame")),
        ("dp__199", {"dps": {"199": 1}}),
    ],
)
def test_a_message_that_was_taught_rings(name: str, body: dict[str, Any]) -> None:
    untaught, listener = pupil(), pupil(**{name: "ring"})
    untaught.hears(body)
    listener.hears(body)
    assert (len(untaught.rings), len(listener.rings)) == (0, 1)


@pytest.mark.parametrize("kind", ["online", "deviceOnline", "p2pSignal", "upgradeStatus"])
def test_that_a_bell_wakes_up_may_be_all_that_it_tells_of_a_press(kind: str) -> None:
    message = message_from({"devId": BELL, **managed(kind, time=int(NOW))}, time=NOW)
    listener = pupil(**dict.fromkeys(names_in(message, Codes()), "ring"))
    listener.hears(managed(kind, time=int(NOW)))
    assert len(listener.rings) == 1


def test_what_the_user_says_of_a_message_counts_more_than_what_it_looks_like() -> None:
    looks_like_an_alarm = managed(
        "deviceEventMessage", eventCode="visitor", outputParams={"alarmType": "6"}
    )
    listener = pupil(visitor="ring")
    listener.hears(looks_like_an_alarm)
    assert (len(listener.rings), listener.of(AlarmRaised)) == (1, [])


@pytest.mark.parametrize("value", [False, 0, "", "$", "none", "{}", None])
def test_a_value_at_rest_is_no_ring(value: object) -> None:
    listener = pupil(visitor="ring")
    listener.hears(legacy({"visitor": value}))
    assert listener.rings == []


def test_a_taught_message_and_a_known_one_are_one_ring() -> None:
    listener = pupil(visitor="ring")
    listener.hears(legacy({"visitor": True}))
    listener.hears(notify(NOW), NOW + 1)
    listener.hears(core({"visitor": True}), NOW + 1)
    assert len(listener.rings) == 1
    listener.hears(legacy({"visitor": True}), NOW + 90)
    assert len(listener.rings) == 2


def test_a_taught_door_opens_and_closes() -> None:
    listener = pupil(gate_contact="door")
    for value in (True, "closed", "nonsense"):
        listener.hears(legacy({"gate_contact": value}))
    told = [one.value for one in listener.of(Reported) if one.fact is Fact.LEAF]
    assert told == [True, False]


def test_a_taught_picture_belongs_to_the_ring_before_it() -> None:
    listener = pupil(snapshot="picture")
    listener.hears(notify(NOW))
    for _ in range(2):
        listener.hears(legacy({"snapshot": json.dumps(PICTURE), "other": 1}), NOW + 3)
    listener.hears(legacy({"snapshot": "nothing"}), NOW + 4)
    [taken] = listener.of(CaptureTaken)
    assert taken.occasion is Occasion.RING
    assert taken.event_id == listener.rings[0].event_id


def test_a_taught_picture_may_come_alone_and_a_taught_ring_with_one() -> None:
    alone = pupil(snapshot="picture")
    alone.hears(legacy({"snapshot": json.dumps(PICTURE)}))
    assert len(alone.of(CaptureTaken)) == 1
    ringing = pupil(snapshot="ring")
    for _ in range(2):
        ringing.hears(legacy({"snapshot": json.dumps(PICTURE)}))
    assert len(ringing.rings) == 1
    assert ringing.of(CaptureTaken)[0].event_id == ringing.rings[0].event_id


def test_a_terminal_can_be_taught_too() -> None:
    listener = Listener(replace(terminal(), taught={"lobby_bell": Meaning.RING}))
    listener.hears(legacy({"lobby_bell": 1}))
    assert len(listener.rings) == 1


def test_names_are_harmless_and_each_is_listed_once() -> None:
    body: Any = {**legacy({"a b|c": 1, "x" * 99: 2}), "devId": "bell"}
    told = names_in(message_from(body, time=NOW), Codes())
    assert told == ("a?b?c", "x" * 40)
    assert names_in(message_from({"devId": "bell"}, time=NOW), Codes()) == ()
    twice: Any = {"devId": "bell", "status": [{"dpId": 7, "value": 1}, {"dpId": 7, "value": 2}]}
    assert names_in(message_from(twice, time=NOW), Codes()) == ("dp:7",)


def test_only_so_much_can_be_taught() -> None:
    known = {"bell": {f"code{number}": "ring" for number in range(20)}}
    taught = merged(known, {"bell": {"code3": "door", "newest": "ring"}})
    assert len(taught["bell"]) == 20
    assert taught["bell"]["code3"] == "door"
    assert "newest" in taught["bell"]
    assert "code0" not in taught["bell"]


# --- at home --------------------------------------------------------------------------------


async def taught_home(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry, said: str
) -> MockConfigEntry:
    keypad = device_named(simulator, "Front door lock")
    entry = make_entry(simulator, taught={keypad.id: {"visitor": said}})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    return entry


async def test_the_first_taught_ring_finds_its_bell_and_so_does_one_after_a_restart(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    lock = device_named(simulator, "Front door lock")
    entry = await taught_home(hass, simulator, make_entry, "ring")
    states = heard(hass, entity_id(hass, Platform.EVENT, lock, "doorbell"))
    await report(hass, simulator, lock, {"visitor": True})
    assert [state.attributes["event_type"] for state in states] == ["ring"]
    await hass.config_entries.async_reload(entry.entry_id)
    await simulator.connected()
    assert entry.runtime_data.coordinator.data.devices[lock.id].taught == {"visitor": "ring"}


async def test_a_taught_door_is_shown(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    lock = device_named(simulator, "Front door lock")
    await taught_home(hass, simulator, make_entry, "door")
    await report(hass, simulator, lock, {"visitor": True})
    assert state_of(hass, Platform.BINARY_SENSOR, lock, "door").state == "on"


async def test_what_was_taught_is_in_the_diagnostics_without_the_device(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    lock = device_named(simulator, "Front door lock")
    entry = await taught_home(hass, simulator, make_entry, "picture")
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert [*told["entry"]["options"]["taught"].values()] == [{"visitor": "picture"}]
    assert lock.id not in json.dumps(told, default=str)


async def test_it_can_be_taken_back(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    lock = device_named(simulator, "Front door lock")
    key = f"{lock.id}|visitor"
    entry = await taught_home(hass, simulator, make_entry, "ring")
    result = await configure(hass, entry, "teach")
    assert options_of(result, "taught") == {key: "Front door lock: visitor = the ring"}
    assert ticked(result, "taught") == [key]
    before = dict(entry.options)
    assert (await go_on(hass, result, taught=[key]))["type"] is FINISHED
    assert entry.options == before
    await go_on(hass, await configure(hass, entry, "teach"), taught=[])
    await hass.async_block_till_done()
    assert entry.options == {**before, "taught": {}}
    assert (await configure(hass, entry, "teach"))["step_id"] == "teach_nothing"


def test_a_live_ring_is_a_ring_and_no_test() -> None:
    listener = pupil(visitor="ring")
    listener.hears(legacy({"visitor": True}))
    assert [(one.live, one.test) for one in listener.of(Rang)] == [(True, False)]

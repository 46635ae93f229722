"""One press, one ring: whatever tells it, in whatever order, and however often."""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.presses import KEPT, Carrier, Sign, joined, recent
from custom_components.tuyalink_intercom.model.state import Press

from .files import NOW, read
from .pictures import sealed, stored
from .said import Listener, core, heard, legacy, notify

INTERCOM = "sp_h3bhzu9m0ig80rdu"
BELL = "sp_csr2fqitalj5o0tq"
CHIME = "wxml_gznianheex1wcv5b"
KEYPAD = "mk_5k8h97qska6pf5cm"
LOCK = "ms_bljvjx2nsv02dhao"
VIDEO_STATION = "mk_w7jvccswsslo4nam"


def four_carriers(pressed: float) -> list[dict[str, Any]]:
    """Return what a video intercom sends of one press."""
    return [
        notify(pressed),
        legacy({"doorbell_active": f"{pressed:.0f}"}),
        legacy({"doorbell_pic": stored(pressed)}),
        legacy({"alarm_message": sealed("ipc_doorbell")}),
    ]


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_four_messages_of_one_press_are_one_ring_in_any_order(order: tuple[int, ...]) -> None:
    listener = Listener(INTERCOM)
    told = four_carriers(NOW)
    for seconds, number in enumerate(order):
        listener.hears(told[number], NOW + seconds)
    assert len(listener.rings) == 1


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_two_presses_8_s_apart_told_by_four_messages_each_are_two_rings(
    order: tuple[int, ...],
) -> None:
    listener = Listener(INTERCOM)
    for pressed in (NOW, NOW + 8):
        told = four_carriers(pressed)
        for seconds, number in enumerate(order):
            listener.hears(told[number], pressed + seconds)
    assert len(listener.rings) == 2


def test_a_picture_that_follows_its_upload_by_19_s_still_belongs_to_its_ring() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(legacy({"alarm_message": sealed("ipc_doorbell")}), NOW + 19)
    assert len(listener.rings) == 1


def test_a_message_without_a_press_time_21_s_later_is_another_ring() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(legacy({"alarm_message": sealed("ipc_doorbell")}), NOW + 21)
    assert len(listener.rings) == 2


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (LOCK, {"doorbell": True}),
        (CHIME, {"doorbell_call": 1}),
        (CHIME, {"alarm_message": "AEQAbwBvAHIAQgBlAGwAbA=="}),
        (KEYPAD, {"doorbell_song_kit": "AQAB"}),
        (KEYPAD, {"lock_alarm_kit": "AQAG"}),
        (VIDEO_STATION, {"door_bell": True}),
        (BELL, {"doorbell1": "Ring"}),
        (BELL, {"doorbell_active": "1"}),
        (BELL, {"EVENT_LINKAGE_TYPE_E": "0"}),
    ],
)
@pytest.mark.parametrize(("apart", "rings"), [(0.0, 1), (1.9, 1), (2.0, 2), (8.0, 2), (3600.0, 2)])
def test_the_same_carrier_again_within_2_s_is_the_other_dialect_and_later_another_press(
    name: str, values: Mapping[str, Any], apart: float, rings: int
) -> None:
    listener = heard(name, legacy(values))
    listener.hears(core(values), NOW + apart)
    assert len(listener.rings) == rings


def test_a_visitor_who_hammers_on_the_bell_is_not_heard_once_only() -> None:
    listener = Listener(LOCK)
    for number in range(5):
        listener.hears(legacy({"doorbell": True}), NOW + 1.5 * number)
    assert len(listener.rings) == 3


@pytest.mark.parametrize(("apart", "rings"), [(0, 1), (1, 1), (2, 2), (8, 2)])
def test_press_times_more_than_1_s_apart_are_two_presses(apart: int, rings: int) -> None:
    listener = heard(BELL, notify(NOW), notify(NOW + apart))
    assert len(listener.rings) == rings


def test_a_press_told_again_much_later_is_still_the_same_press() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(legacy({"doorbell_active": f"{NOW:.0f}"}), NOW + 900)
    assert len(listener.rings) == 1


def test_a_press_known_by_its_time_wins_over_one_that_came_in_between() -> None:
    listener = heard(LOCK, legacy({"doorbell_active": f"{NOW:.0f}"}))
    listener.hears(legacy({"doorbell": True}), NOW + 21)
    listener.hears(notify(NOW), NOW + 22)
    listener.hears(notify(NOW + 21), NOW + 23)
    assert len(listener.rings) == 2


def test_presses_of_two_buttons_in_the_same_second_are_two_rings() -> None:
    listener = heard(CHIME, legacy({"doorbell_call": 1}), legacy({"doorbell_call": 2}))
    assert [ring.channel for ring in listener.rings] == ["1", "2"]


def test_presses_at_two_panels_in_the_same_second_are_two_rings() -> None:
    listener = heard(INTERCOM, notify(NOW, cid="1"), notify(NOW, cid="2"))
    assert [ring.channel for ring in listener.rings] == ["1", "2"]


def test_a_ring_is_named_after_the_panel_that_the_monitor_just_switched_to() -> None:
    panels = read("messages", "status_novicam_channel")["decoded"]["dps"]["231"]
    listener = heard(INTERCOM, legacy({"ipc_c_switch_channel": panels}))
    listener.hears(legacy({"doorbell_active": f"{NOW:.0f}"}), NOW + 1)
    assert [ring.channel for ring in listener.rings] == ["2"]
    listener.hears(legacy({"doorbell_active": f"{NOW + 60:.0f}"}), NOW + 61)
    assert [ring.channel for ring in listener.rings] == ["2", None]
    both = {"ipc_c_switch_channel": {**panels, "cc": 1}, "doorbell_active": f"{NOW + 99:.0f}"}
    listener.hears(legacy(both), NOW + 100)
    assert [ring.channel for ring in listener.rings] == ["2", None, "1"]


def test_a_press_during_a_call_is_another_ring_of_that_call() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(notify(NOW + 8), NOW + 8)
    listener.hears(notify(NOW + 50), NOW + 50)
    assert [ring.presses for ring in listener.rings] == [1, 2, 3]
    assert len({ring.event_id for ring in listener.rings}) == 1


@pytest.mark.parametrize(
    ("outcome", "later", "presses"),
    [
        (None, 61, 1),
        ("ipc_unconnected", 30, 1),
        ("ipc_refuse", 30, 1),
        ("ipc_connected", 100, 2),
        ("ipc_connected", 121, 1),
    ],
)
def test_a_press_after_the_call_is_over_is_a_new_call(
    outcome: str | None, later: int, presses: int
) -> None:
    listener = heard(BELL, notify(NOW))
    if outcome:
        listener.hears(legacy({"initiative_message": sealed(outcome)}), NOW + 10)
    listener.hears(notify(NOW + later), NOW + later)
    assert [ring.presses for ring in listener.rings] == [1, presses]
    assert len({ring.event_id for ring in listener.rings}) == (1 if presses > 1 else 2)


@pytest.mark.parametrize("name", [LOCK, CHIME])
def test_bells_that_make_no_call_ring_each_for_itself(name: str) -> None:
    listener = Listener(name)
    for seconds in (0, 8):
        listener.hears(legacy({"doorbell": True}), NOW + seconds)
    assert [ring.presses for ring in listener.rings] == [1, 1]
    assert len({ring.event_id for ring in listener.rings}) == 2


def test_presses_are_remembered_in_bounded_number_and_the_newest_are_kept() -> None:
    listener = heard(BELL, notify(NOW))
    for number in range(100):
        earlier = NOW - 3600 - 60 * number
        listener.hears(notify(earlier), earlier, now=NOW)
    presses = listener.device.memory.presses
    assert len(presses) == KEPT
    assert presses[-1].pressed == NOW
    listener.hears(legacy({"doorbell_active": f"{NOW:.0f}"}), NOW + 1)
    assert len([ring for ring in listener.rings if ring.live]) == 1


def test_a_backlog_of_old_presses_does_not_hide_a_new_one() -> None:
    listener = heard(BELL, notify(NOW))
    listener.hears(notify(NOW - 300), NOW - 300, now=NOW)
    listener.hears(legacy({"alarm_message": sealed("ipc_doorbell")}), NOW + 1)
    assert [ring.live for ring in listener.rings] == [True, False]


def press(at: float, **more: Any) -> Press:
    return Press(event_id=f"{at}", seen=at, kinds={"doorbell": at}, **more)


def test_an_outcome_belongs_to_the_newest_press_of_the_last_2_minutes() -> None:
    presses = (press(NOW), press(NOW + 60))
    assert recent(presses, NOW + 100) == presses[1]
    assert recent(presses, NOW + 181) is None
    assert recent((), NOW) is None


def test_the_same_call_id_is_the_same_press_and_another_one_another() -> None:
    first = Sign(kind=Carrier.CALL, seen=NOW, call_id="sn1")
    presses, _, new = joined((), first, device_id="d")
    assert new
    presses, told, new = joined(
        presses, Sign(kind=Carrier.CALL, seen=NOW + 50, call_id="sn1"), device_id="d"
    )
    assert (told.event_id, new) == ("sn1", False)
    presses, told, new = joined(
        presses, Sign(kind=Carrier.CALL, seen=NOW + 1, call_id="sn2"), device_id="d"
    )
    assert (told.event_id, new) == ("sn2", True)
    assert len(presses) == 2

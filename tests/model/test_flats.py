"""Which calls are the user's: by the flat that was called, in any order and spelling."""

from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.changes import (
    CallMoved,
    CallStep,
    FlatCalled,
    Rang,
)
from custom_components.tuyalink_intercom.model.codes import Description
from custom_components.tuyalink_intercom.model.flats import chosen, concerns, flat_of
from custom_components.tuyalink_intercom.model.records import device_from
from custom_components.tuyalink_intercom.model.state import Call, Device

from .files import NOW
from .said import Listener, legacy

MINE, OTHERS = "01-01-01-02-03-01", "01-01-01-02-03-02"
RING, MISSED, ANSWERED = 1, 4, 6


def terminal(flats: frozenset[str] | None = frozenset({MINE})) -> Device:
    built = device_from(
        {"id": "terminal", "name": "Lobby", "isOnline": True},
        Description({}, {}),
        now=NOW,
        points=("tyabiwvwhq",),
    )
    assert built is not None
    return replace(built, flats=flats)


def call(kind: int, address: str | None = MINE, sn: str = "133") -> dict[str, Any]:
    return legacy({"": json.dumps({"sn": sn, "type": kind, "targetAddress": address or ""})})


def told(listener: Listener) -> list[str]:
    """Return what was heard of calls, in order."""
    return [
        "ring" if isinstance(change, Rang) else change.step.value
        for change in listener.changes
        if isinstance(change, Rang | CallMoved)
    ]


def calls(listener: Listener) -> tuple[Call, ...]:
    return listener.device.calls


@pytest.mark.parametrize(
    "spelled",
    [
        "01-01-01-02-03-01",
        " 01-01-01-02-03-01 ",
        "01 01 01 02 03 01",
        "01_01_01_02_03_01",
        "01.01.01.02.03.01-",
        "01/01/01/02/03/01",
        "01:01:01:02:03:01",
    ],
)
def test_an_address_is_the_same_in_every_spelling(spelled: str) -> None:
    assert flat_of(spelled) == MINE
    assert concerns({spelled}, MINE)
    assert concerns({MINE}, spelled)


def test_letters_of_either_case_are_the_same_and_zeros_in_front_count() -> None:
    assert flat_of("A-01") == flat_of("a 01") == "a-01"
    assert flat_of("1-1") != flat_of("01-01")


def test_only_a_whole_address_is_a_flat() -> None:
    assert not concerns({"03-01"}, MINE)


@pytest.mark.parametrize("flats", [None, frozenset(), []])
def test_who_named_no_flat_hears_every_call(flats: Any) -> None:
    assert concerns(flats, OTHERS)


def test_flats_are_stored_once_and_in_order() -> None:
    assert chosen([" 02 01", "02-01", "", "-", "01-01"]) == ["01-01", "02-01"]


def test_a_call_to_my_flat_is_told() -> None:
    listener = Listener(terminal())
    listener.hears(call(RING))
    listener.hears(call(ANSWERED), NOW + 5)
    assert told(listener) == ["ring", "answered"]


@pytest.mark.parametrize("kinds", [(RING, MISSED), (MISSED, RING), (RING, ANSWERED, 5), (MISSED,)])
@pytest.mark.parametrize("says_whose", [True, False])
def test_a_call_to_another_flat_is_not_told_in_any_order(
    kinds: tuple[int, ...], *, says_whose: bool
) -> None:
    listener = Listener(terminal())
    for second, kind in enumerate(kinds):
        address = OTHERS if says_whose or kind == RING else None
        listener.hears(call(kind, address), NOW + second)
    assert told(listener) == []
    assert calls(listener) == ()


def test_an_outcome_that_does_not_say_whose_waits_for_its_ring() -> None:
    listener = Listener(terminal())
    listener.hears(call(ANSWERED, None), NOW + 1)
    assert told(listener) == []
    listener.hears(call(RING, sn="134"), NOW)
    assert told(listener) == ["ring"]
    listener.hears(call(RING), NOW)
    assert told(listener) == ["ring", "ring", "answered"]
    assert listener.of(CallMoved)[0].event_id == "133"


def test_an_outcome_that_says_it_is_mine_is_told_without_a_ring() -> None:
    listener = Listener(terminal())
    listener.hears(call(MISSED))
    assert told(listener) == ["missed"]


def test_the_next_outcome_of_a_known_call_need_not_say_whose() -> None:
    listener = Listener(terminal())
    listener.hears(call(RING))
    listener.hears(call(ANSWERED, None), NOW + 1)
    listener.hears(call(5, None), NOW + 20)
    assert told(listener) == ["ring", "answered", "ended"]


def test_a_call_without_an_address_rings() -> None:
    listener = Listener(terminal())
    listener.hears(call(RING, None))
    assert told(listener) == ["ring"]


def test_a_ring_told_again_without_the_address_is_still_anothers() -> None:
    listener = Listener(terminal())
    listener.hears(call(RING, OTHERS))
    listener.hears(call(RING, None), NOW + 1)
    assert told(listener) == []


@pytest.mark.parametrize("flats", [None, frozenset[str](), frozenset({MINE})])
def test_every_flat_that_is_called_is_noted_whosever_it_is(flats: frozenset[str] | None) -> None:
    listener = Listener(terminal(flats))
    listener.hears(call(RING, "01 01 01 02 03 02"))
    listener.hears(call(MISSED, "01 01 01 02 03 02"), NOW + 1)
    assert [(one.address, one.live) for one in listener.of(FlatCalled)] == [(OTHERS, True)]
    assert told(listener) == ([] if flats else ["ring", "missed"])


def test_calls_to_other_flats_teach_no_bell() -> None:
    listener = Listener(terminal())
    for number in range(100):
        listener.hears(call(RING, OTHERS, sn=str(number)), NOW + number)
    listener.hears(call(RING), NOW + 100)
    listener.hears(call(MISSED), NOW + 130)
    assert told(listener) == ["ring", "missed"]
    assert listener.of(CallMoved)[0].step is CallStep.MISSED

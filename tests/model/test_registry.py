"""Who is known and by whose word, whatever is said in whatever order."""

import random

import pytest

from custom_components.tuyalink_intercom.model.changes import Outcome, Passed, PersonNamed
from custom_components.tuyalink_intercom.model.naming import heard, news
from custom_components.tuyalink_intercom.model.reduce import applied
from custom_components.tuyalink_intercom.model.registry import (
    KEPT,
    NAMELESS,
    Origin,
    Registry,
    Subject,
    credential,
    everybody,
    nameless,
    restored,
    stand_in,
    stored,
    subject_of,
    taken_over,
)
from custom_components.tuyalink_intercom.model.state import Device, Method, World

from .files import NOW, device

LOCK, GATE = "lock", "gate"
FINGER: Subject = (LOCK, "fingerprint:3")
ANNA: Subject = ("", "ay1700000000000Anna")
OTHERS = [origin for origin in Origin if origin is not Origin.OWNER]


def said(*words: tuple[Subject, Origin, str], registry: Registry | None = None) -> Registry:
    registry = registry or Registry()
    for subject, origin, name in words:
        registry = registry.hearing(subject, origin, name)
    return registry


def chatter(seed: int) -> list[tuple[Subject, Origin, str, str]]:
    """Return random words about a few people."""
    chance = random.Random(seed)  # noqa: S311 - examples, not secrets
    subjects = [FINGER, (LOCK, "card:1"), (GATE, "fingerprint:3"), ANNA, ("", "bert")]
    return [
        (
            chance.choice(subjects),
            chance.choice([*Origin]),
            chance.choice(["Anna", "Bert", "Cleo", ""]),
            chance.choice(["", "", ANNA[1], "bert"]),
        )
        for _ in range(60)
    ]


def test_a_name_is_known_after_it_was_said() -> None:
    registry = said((FINGER, Origin.ACCESS_LOG, "Anna"))
    assert registry.name(FINGER) == "Anna"
    assert registry.names(LOCK) == {"fingerprint:3": ("Anna", False)}
    assert registry.names(GATE) == {}


def test_a_person_is_the_same_at_all_devices() -> None:
    registry = said((ANNA, Origin.ACCESS_LOG, "Anna"))
    assert registry.names(LOCK) == registry.names(GATE) == {ANNA[1]: ("Anna", False)}


@pytest.mark.parametrize("origin", OTHERS)
def test_what_the_owner_says_is_overruled_by_nobody(origin: Origin) -> None:
    registry = said(
        (FINGER, Origin.ACCESS_LOG, "Dora"),
        (FINGER, Origin.OWNER, "Anna"),
        (FINGER, origin, "Bert"),
    )
    assert registry.name(FINGER) == "Anna"
    assert registry.by_owner(FINGER)
    registry = said((FINGER, Origin.OWNER, ""), registry=registry)
    assert registry.name(FINGER) == "Bert"
    assert not registry.by_owner(FINGER)


def test_of_others_who_says_something_new_is_believed() -> None:
    registry = said(
        (FINGER, Origin.LOCK_USERS, "Dora"),
        (FINGER, Origin.ACCESS_LOG, "Emil"),
        (FINGER, Origin.LOCK_USERS, "Dora"),
    )
    assert registry.name(FINGER) == "Emil"
    assert said((FINGER, Origin.LOCK_USERS, "Fritz"), registry=registry).name(FINGER) == "Fritz"


def test_a_number_that_is_nobodys_any_more_has_no_name_but_the_owners() -> None:
    registry = said((FINGER, Origin.ACCESS_LOG, "Dora"), (FINGER, Origin.LOCK_USERS, "Dora"))
    assert said((FINGER, Origin.LOCK_USERS, ""), registry=registry) == Registry()
    mine = said((FINGER, Origin.OWNER, "Anna"), registry=registry)
    assert said((FINGER, Origin.LOCK_USERS, ""), registry=mine).name(FINGER) == "Anna"


def test_a_number_is_called_as_the_person_whose_it_is() -> None:
    registry = said((ANNA, Origin.LOCK_USERS, "Anna"))
    registry = registry.hearing(FINGER, Origin.LOCK_USERS, "Anna", ANNA[1])
    registry = said((ANNA, Origin.OWNER, "Mum"), registry=registry)
    assert registry.names(LOCK) == {ANNA[1]: ("Mum", True), "fingerprint:3": ("Mum", True)}
    again = said((FINGER, Origin.ACCESS_LOG, "Anna"), registry=registry)
    assert again.name(FINGER) == "Mum", "a record tells no id"
    assert said((FINGER, Origin.ACCESS_LOG, "Emil"), registry=registry).name(FINGER) == "Emil"
    assert said((FINGER, Origin.OWNER, "Thumb"), registry=registry).name(FINGER) == "Thumb"


def test_somebody_is_found_by_id_and_by_name() -> None:
    registry = said(
        (ANNA, Origin.LOCK_USERS, "Anna"),
        (("", "bert"), Origin.ACCESS_LOG, "Bert"),
        ((GATE, "card:7"), Origin.OWNER, "Anna"),
    ).hearing(FINGER, Origin.LOCK_USERS, "Anna", ANNA[1])
    assert registry.called(ANNA[1]) == (ANNA,)
    assert {*registry.called("anna")} == {ANNA, (GATE, "card:7")}
    assert registry.called("Bert") == (("", "bert"),)
    assert registry.called("Cleo") == registry.called("") == ()


def test_everybody_is_listed_with_their_numbers() -> None:
    registry = said(
        (ANNA, Origin.ACCESS_LOG, "Anna"),
        ((GATE, "card:7"), Origin.OWNER, "Guest"),
        ((GATE, "card:8"), Origin.ACCESS_LOG, "Guest"),
    ).hearing(FINGER, Origin.LOCK_USERS, "Anna", ANNA[1])
    anna, guest = everybody(registry)
    assert (anna.id, anna.name, anna.numbers) == (ANNA[1], "Anna", (FINGER,))
    assert anna.origins == {Origin.ACCESS_LOG, Origin.LOCK_USERS}
    assert (guest.id, guest.name) == ("", "Guest")
    assert guest.numbers == ((GATE, "card:7"), (GATE, "card:8"))
    assert guest.origins == {Origin.OWNER, Origin.ACCESS_LOG}


def test_who_came_without_a_name_is_offered_the_last_first() -> None:
    registry = said((ANNA, Origin.ACCESS_LOG, "Anna"))
    for number, subject in enumerate([FINGER, ANNA, (GATE, "card:1"), FINGER]):
        registry = registry.seeing(subject, NOW + number)
    assert [*nameless(registry)] == [(FINGER, NOW + 3), ((GATE, "card:1"), NOW + 2)]
    registry = said((FINGER, Origin.OWNER, "Anna"), registry=registry)
    assert [*nameless(registry)] == [((GATE, "card:1"), NOW + 2)]
    back = said((FINGER, Origin.OWNER, ""), registry=registry)
    assert len([*nameless(back)]) == 2


def test_somebody_who_is_forgotten_leaves_nothing() -> None:
    registry = said((ANNA, Origin.OWNER, "Anna"), (FINGER, Origin.LOCK_USERS, "Dora"))
    registry = registry.hearing(FINGER, Origin.LOCK_USERS, "Dora", ANNA[1])
    registry = registry.without([ANNA])
    assert registry.name(ANNA) == ""
    assert registry.name(FINGER) == "Dora"
    assert stored(registry)[0]["person"] == ""


def test_the_numbers_of_a_device_go_with_it_and_persons_stay() -> None:
    registry = said((ANNA, Origin.ACCESS_LOG, "Anna"), (FINGER, Origin.OWNER, "Anna"))
    assert registry.within({LOCK}) is registry
    assert [*registry.within({GATE}).known] == [ANNA]


def test_what_is_kept_is_bounded_and_the_owners_words_go_last() -> None:
    registry = said((FINGER, Origin.OWNER, "Anna"))
    for number in range(KEPT + 20):
        registry = registry.hearing(("", f"p{number}"), Origin.ACCESS_LOG, f"Person {number}")
    assert len(registry.known) == KEPT
    assert registry.name(FINGER) == "Anna"
    assert registry.name(("", "p0")) == ""
    assert registry.name(("", f"p{KEPT + 19}"))


def test_strangers_push_nobody_out() -> None:
    registry = said((ANNA, Origin.ACCESS_LOG, "Anna"))
    for number in range(NAMELESS + 20):
        registry = registry.seeing((LOCK, f"card:{number}"), NOW + number)
    assert len(registry.known) == NAMELESS + 1
    assert next(nameless(registry))[0] == (LOCK, f"card:{NAMELESS + 19}")


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_said_it_survives_a_restart(seed: int) -> None:
    registry = Registry()
    for word in chatter(seed):
        registry = registry.hearing(*word)
        assert restored(stored(registry)) == registry
        assert [*restored(stored(registry)).known] == [*registry.known]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_said_the_last_word_of_the_owner_stands(seed: int) -> None:
    registry, mine = Registry(), dict[Subject, str]()
    for subject, origin, name, holder in chatter(seed):
        registry = registry.hearing(subject, origin, name, holder)
        if origin is Origin.OWNER:
            mine[subject] = name
        for one, called in mine.items():
            assert not called or registry.name(one) == called


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_said_devices_show_what_the_registry_knows(seed: int) -> None:
    devices = {key: Device(id=key, name=key, world=World.LOCK) for key in (LOCK, GATE)}
    registry = Registry()
    for subject, origin, name, holder in chatter(seed):
        place, key = subject
        word = PersonNamed(
            device_id=place or LOCK, time=NOW, person=key, name=name, origin=origin, holder=holder
        )
        registry = heard(registry, word)
        for change in [*news(registry, devices.values(), NOW)]:
            devices[change.device_id] = applied(devices[change.device_id], change)
        for one in devices.values():
            names = registry.names(one.id)
            assert dict(one.people) == {key: name for key, (name, _) in names.items()}
            assert one.owner_named == {key for key, (_, mine) in names.items() if mine}
        assert [*news(registry, devices.values(), NOW)] == []


def test_names_from_before_there_was_a_registry_are_taken_over() -> None:
    registry = taken_over({LOCK: {"fingerprint:3": "Dora", "ay17": "Anna"}, GATE: {"ay17": "Anna"}})
    assert registry.names(LOCK) == {"fingerprint:3": ("Dora", False), "ay17": ("Anna", False)}
    assert registry.names(GATE) == {"ay17": ("Anna", False)}


def test_a_key_is_a_number_only_with_a_method() -> None:
    assert credential("fingerprint:3") == (Method.FINGERPRINT, 3)
    assert credential("temporary_password:") == (Method.TEMPORARY_PASSWORD, None)
    assert credential("ay17") is credential("a:b") is None
    assert subject_of(LOCK, "card:1") == (LOCK, "card:1")
    assert subject_of(LOCK, "ay17") == ("", "ay17")
    assert (stand_in("card:1"), stand_in("ay17")) == ("card", "ay17")


def test_only_passages_make_somebody_seen() -> None:
    lock = device("ms_bljvjx2nsv02dhao")
    told = Passed(
        device_id=lock.id,
        time=NOW,
        event_id="e",
        outcome=Outcome.GRANTED,
        method=Method.CARD,
        live=True,
        slot=4,
    )
    assert [one for one, _ in nameless(heard(Registry(), told))] == [(lock.id, "card:4")]
    denied = Passed(
        device_id=lock.id,
        time=NOW,
        event_id="e",
        outcome=Outcome.DENIED,
        method=Method.CARD,
        live=True,
        slot=4,
    )
    assert heard(Registry(), denied) == Registry()

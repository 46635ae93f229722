"""Persons of building terminals: what Tuya is told, and what is refused before it is."""

from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.model.hours import DAY, Hours
from custom_components.tuyalink_intercom.model.keys import Key, KeyKind
from custom_components.tuyalink_intercom.model.persons import (
    Person,
    PersonProblem,
    PersonRefusedError,
    Rule,
    body_of,
    check_card,
    check_device,
    check_id,
    check_password,
    check_person,
    check_qr_code,
    chosen_card,
    new_password,
    new_qr_code,
    person_id_of,
    shown_as,
)
from custom_components.tuyalink_intercom.model.state import Device, Features, World

NOW = 1_795_000_000.0
TOMORROW = NOW + 86_400
GRACE = Person(id="grace", name="Grace Hopper")
MORNINGS = Hours(weekdays=frozenset({0, 4}), start=8 * 60, end=12 * 60)


def problem(person: Person) -> PersonProblem:
    with pytest.raises(PersonRefusedError) as refusal:
        check_person(person, NOW)
    return refusal.value.problem


def scheduled(*rules: Rule) -> Person:
    return replace(GRACE, rules=rules)


def weekly(**changes: Any) -> Rule:
    return Rule(hours=replace(MORNINGS, **changes))


def test_what_is_not_said_of_a_person_is_not_told() -> None:
    assert body_of(GRACE) == {"name": "Grace Hopper"}


def test_a_person_is_told_in_tuyas_words() -> None:
    person = replace(GRACE, id_card="X1", phone="13500000000", floor=5, start=NOW, end=TOMORROW)
    assert body_of(check_person(person, NOW)) == {
        "name": "Grace Hopper",
        "id_card": "X1",
        "phone": "13500000000",
        "person_floor": 5,
        "begin_time": 1_795_000_000_000,
        "end_time": 1_795_086_400_000,
    }


def test_a_schedule_is_json_text_in_milliseconds_of_the_day() -> None:
    span = (TOMORROW, TOMORROW + 3600)
    person = scheduled(Rule(name="Cleaning", hours=MORNINGS, allowed=(span,), denied=(span,)))
    (rule,) = body_of(check_person(person, NOW))["door_time_rule_list"]
    assert rule["rule_name"] == "Cleaning"
    assert json.loads(rule["period"]) == [
        {"weekDay": day, "weekTime": [{"start": "28800000", "end": "43200000"}]} for day in (1, 5)
    ]
    told = [{"start": 1_795_086_400_000, "end": 1_795_090_000_000}]
    assert json.loads(rule["allowed_date"]) == json.loads(rule["denied_date"]) == told


def test_an_empty_schedule_takes_a_schedule_away() -> None:
    assert body_of(scheduled())["door_time_rule_list"] == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": " "}, PersonProblem.NAME_MISSING),
        ({"name": "x" * 65}, PersonProblem.NAME_TOO_LONG),
        ({"id": "x" * 33}, PersonProblem.ID_INVALID),
        ({"id": "a/b"}, PersonProblem.ID_INVALID),
        ({"id_card": "x" * 33}, PersonProblem.ID_CARD_TOO_LONG),
        ({"phone": "+49 123"}, PersonProblem.PHONE_INVALID),
        ({"floor": 1000}, PersonProblem.FLOOR_INVALID),
        ({"end": NOW - 1}, PersonProblem.END_PAST),
        ({"end": NOW}, PersonProblem.END_PAST),
        ({"start": TOMORROW, "end": TOMORROW}, PersonProblem.END_BEFORE_START),
        ({"start": TOMORROW, "end": NOW + 1}, PersonProblem.END_BEFORE_START),
        ({"start": 0.0}, PersonProblem.TIME_INVALID),
        ({"end": 1e11}, PersonProblem.TIME_INVALID),
        ({"end": TOMORROW, "rules": (weekly(),)}, PersonProblem.SPAN_WITH_SCHEDULE),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], expected: PersonProblem) -> None:
    assert problem(replace(GRACE, **changes)) is expected


def test_the_longest_of_everything_is_taken() -> None:
    person = replace(GRACE, id="x" * 32, name="x" * 64, id_card="x" * 32, phone="1" * 11, floor=999)
    assert check_person(person, NOW) is person


def test_rules_side_by_side_and_on_other_days_do_not_overlap() -> None:
    noon = weekly(start=12 * 60, end=14 * 60)
    other_days = weekly(weekdays=frozenset({1}))
    person = scheduled(weekly(), noon, other_days)
    assert check_person(person, NOW) is person


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([weekly(), weekly(start=11 * 60, end=14 * 60)], PersonProblem.RULES_OVERLAP),
        ([weekly(weekdays=frozenset({4, 5})), weekly()], PersonProblem.RULES_OVERLAP),
        ([weekly(weekdays=frozenset({day})) for day in range(4)], PersonProblem.TOO_MANY_RULES),
        ([weekly(start=12 * 60)], PersonProblem.RULE_ORDER),
        ([weekly(start=22 * 60, end=6 * 60)], PersonProblem.RULE_ORDER),
        ([weekly(end=DAY + 1)], PersonProblem.RULE_ORDER),
        ([Rule()], PersonProblem.RULE_EMPTY),
        ([weekly(weekdays=frozenset())], PersonProblem.RULE_EMPTY),
        ([replace(weekly(), name="x" * 65)], PersonProblem.NAME_TOO_LONG),
        ([Rule(allowed=((TOMORROW, NOW),))], PersonProblem.END_BEFORE_START),
        ([Rule(allowed=((NOW - 9, NOW - 1),))], PersonProblem.END_PAST),
        ([Rule(denied=((0.0, NOW),))], PersonProblem.TIME_INVALID),
        ([Rule(denied=((NOW, TOMORROW),) * 21)], PersonProblem.TOO_MANY_DATES),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(rules: list[Rule], expected: PersonProblem) -> None:
    assert problem(scheduled(*rules)) is expected


def test_the_same_name_makes_the_same_id() -> None:
    assert person_id_of("Grace Hopper") == person_id_of("grace hopper") != person_id_of("Ada")
    assert check_id(person_id_of("x" * 64))


def test_what_is_made_here_is_taken_and_never_twice_the_same() -> None:
    assert check_password(new_password()) != new_password()
    assert check_qr_code(new_qr_code()) != new_qr_code()


@pytest.mark.parametrize(
    "password", ["123", "1" * 17, "12a4", "", "\uff11\uff12\uff13\uff14", "12 34"]
)
def test_a_password_has_digits_only(password: str) -> None:
    with pytest.raises(PersonRefusedError) as refusal:
        check_password(password)
    assert refusal.value.problem is PersonProblem.PASSWORD_INVALID
    assert password not in str(refusal.value) or not password


@pytest.mark.parametrize("value", ["short", "x" * 65, "with space", "a/b/c/d/e"])
def test_a_qr_code_says_plain_letters(value: str) -> None:
    with pytest.raises(PersonRefusedError):
        check_qr_code(value)


def test_the_number_of_a_card_may_be_written_in_groups() -> None:
    assert check_card("04:A1:B2:C3") == "04A1B2C3"
    assert check_card("0012 3456-78") == "0012345678"
    with pytest.raises(PersonRefusedError):
        check_card("12#4567")


def card(number: str) -> Key:
    return Key(device_id="d", kind=KeyKind.CARD, id=number, made=NOW, person="grace")


def test_a_card_is_shown_and_chosen_by_its_last_four_digits() -> None:
    cards = [card("8800421337"), card("8800424242")]
    assert shown_as(cards[0]) == "…1337"
    assert chosen_card(cards, "…1337") == chosen_card(cards, "1337") == "8800421337"
    assert chosen_card(cards, "8800424242") == "8800424242"
    assert chosen_card(cards, "990000") == "990000"


@pytest.mark.parametrize("numbers", [[], ["8800421337", "7700001337"]])
def test_four_digits_that_name_no_card_or_two_are_refused(numbers: list[str]) -> None:
    with pytest.raises(PersonRefusedError) as refusal:
        chosen_card([card(number) for number in numbers], "1337")
    assert refusal.value.problem is PersonProblem.CARD_UNKNOWN


def terminal(*carries: KeyKind, world: World = World.TERMINAL) -> Device:
    features = Features(carries=frozenset(carries) if carries else None)
    return Device(id="d", name="Terminal", world=world, features=features)


def test_a_terminal_takes_what_its_function_points_say() -> None:
    check_device(terminal(KeyKind.FACE), KeyKind.FACE)
    check_device(terminal(KeyKind.FACE), KeyKind.PERSON)
    check_device(terminal(KeyKind.FACE), KeyKind.PERMISSION)
    check_device(terminal(), KeyKind.CARD)


@pytest.mark.parametrize(
    ("device", "kind", "expected"),
    [
        (terminal(world=World.LOCK), KeyKind.PERSON, PersonProblem.NOT_A_TERMINAL),
        (terminal(KeyKind.CARD), KeyKind.FACE, PersonProblem.NO_FACES),
        (terminal(KeyKind.FACE), KeyKind.CARD, PersonProblem.NO_CARDS),
        (terminal(KeyKind.FACE), KeyKind.QR_CODE, PersonProblem.NO_QR_CODES),
        (terminal(KeyKind.FACE), KeyKind.PASSWORD, PersonProblem.NO_PASSWORDS),
    ],
)
def test_a_device_that_cannot_is_refused(
    device: Device, kind: KeyKind, expected: PersonProblem
) -> None:
    with pytest.raises(PersonRefusedError) as refusal:
        check_device(device, kind)
    assert refusal.value.problem is expected

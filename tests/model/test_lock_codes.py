"""Temporary codes: lengths by lock, times, weekly hours, codes that are made, how codes stand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.tuyalink_intercom.model.hours import (
    Hours,
    milliseconds_of_day,
    minutes_of_day,
    offset_text,
    working_day,
)
from custom_components.tuyalink_intercom.model.keys import Key, KeyKind, KeyState
from custom_components.tuyalink_intercom.model.listed_codes import (
    ListedCode,
    after_listing,
    read_listed,
)
from custom_components.tuyalink_intercom.model.lock_codes import (
    LONGEST_NAME,
    CodeProblem,
    CodeRefusedError,
    CodeRules,
    Link,
    Wanted,
    check,
    code_rules,
    new_code,
)
from custom_components.tuyalink_intercom.model.state import Codes, Device, World
from tests.api.vectors import load

VECTORS = load("password")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# A Monday, noon in UTC.
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
HOUR = 3600.0
WIFI = CodeRules(link=Link.WIFI)
ANY = CodeRules(link=Link.BLUETOOTH, guessed=True)


def hours(days: str, start: str = "08:00", end: str = "12:00") -> Hours:
    return Hours(
        weekdays=frozenset(DAYS.index(day) for day in days.split()),
        start=minutes_of_day(time.fromisoformat(start)),
        end=minutes_of_day(time.fromisoformat(end)),
    )


def problem(wanted: Wanted, rules: CodeRules = WIFI) -> CodeProblem:
    with pytest.raises(CodeRefusedError) as error:
        check(wanted, rules, NOW, UTC)
    return error.value.problem


def lock(category: str, *, codes: set[str] | None = None, gateway: str | None = None) -> Device:
    world = World.CONTROLLER if category == "mk" else World.LOCK
    known = Codes(known=frozenset(codes or ()))
    return Device(
        id="d1", name="Door", world=world, category=category, codes=known, gateway_id=gateway
    )


@pytest.mark.parametrize("example", VECTORS["working_day"]["examples"])
def test_days_are_written_as_tuyas_byte(example: dict[str, Any]) -> None:
    days = DAYS if example["days"] == "all" else example["days"]
    assert working_day(DAYS.index(day) for day in days) == example["value"]
    if "binary" in example:
        assert example["value"] == int(example["binary"], 2)


def test_sunday_is_the_first_bit_and_saturday_the_last() -> None:
    assert VECTORS["working_day"]["bit0"] == "Sunday"
    assert VECTORS["working_day"]["bit6"] == "Saturday"
    assert (working_day([6]), working_day([5])) == (1, 1 << 6)


@pytest.mark.parametrize("example", VECTORS["minutes_of_day"])
def test_locks_count_in_minutes_of_the_day(example: dict[str, Any]) -> None:
    assert minutes_of_day(time.fromisoformat(example["hhmm"])) == example["value"]


@pytest.mark.parametrize("example", VECTORS["milliseconds_of_day"])
def test_terminals_count_in_milliseconds_of_the_day(example: dict[str, Any]) -> None:
    assert milliseconds_of_day(time.fromisoformat(example["hhmm"])) == example["value"]


@pytest.mark.parametrize(
    ("zone", "month", "text"),
    [
        (ZoneInfo("Europe/Berlin"), 7, "+02:00"),
        (ZoneInfo("Europe/Berlin"), 12, "+01:00"),
        (ZoneInfo("America/Sao_Paulo"), 7, "-03:00"),
        (ZoneInfo("Asia/Kolkata"), 7, "+05:30"),
        (timezone(-timedelta(hours=3, minutes=30)), 7, "-03:30"),
        (UTC, 7, "+00:00"),
    ],
)
def test_a_time_zone_is_written_as_it_is_at_that_time(zone: Any, month: int, text: str) -> None:
    assert offset_text(datetime(2026, month, 1, tzinfo=zone)) == text


@pytest.mark.parametrize(
    ("device", "digits", "guessed"),
    [
        (lock("mk", codes={"bluetooth_unlock"}), 7, False),
        (lock("ms"), 7, False),
        (lock("videolock"), 7, False),
        (lock("photolock"), 7, False),
        (lock("ms", gateway="g1"), 6, False),
        (lock("jtmspro", gateway="g1"), 6, False),
        (lock("jtmspro"), 6, True),
        (lock("jtmsbh"), 6, True),
        (lock("ms_category"), 7, True),
    ],
)
def test_the_number_of_digits_follows_from_the_lock(
    device: Device, digits: int, *, guessed: bool
) -> None:
    rules = code_rules(device)
    assert (rules.digits, rules.guessed) == (digits, guessed)


def test_a_lock_behind_a_gateway_speaks_bluetooth_if_its_codes_say_so() -> None:
    assert code_rules(lock("jtmspro", gateway="g1")).link is Link.ZIGBEE
    told = lock("jtmspro", gateway="g1", codes={"unlock_ble"})
    assert code_rules(told).link is Link.BLUETOOTH


@pytest.mark.parametrize("world", [World.INTERCOM, World.TERMINAL])
def test_other_devices_have_no_such_codes(world: World) -> None:
    with pytest.raises(CodeRefusedError) as error:
        code_rules(replace(lock("ms"), world=world))
    assert error.value.problem is CodeProblem.NOT_A_LOCK


@pytest.mark.parametrize(
    ("wanted", "rules", "expected"),
    [
        (Wanted(name="Eve", code="123456"), WIFI, "seven_digits"),
        (Wanted(name="Eve", code="1234567"), CodeRules(link=Link.ZIGBEE), "six_digits"),
        (Wanted(name="Eve", code="12345"), ANY, "six_or_seven_digits"),
        (Wanted(name="Eve", code="12345a7"), WIFI, "not_digits"),
        (Wanted(name="Eve", code="١٢٣٤٥٦٧"), WIFI, "not_digits"),
        (Wanted(name=" "), WIFI, "name_missing"),
        (Wanted(name="E" * (LONGEST_NAME + 1)), WIFI, "name_too_long"),
        (Wanted(name="Eve", start=NOW - 2 * HOUR), WIFI, "start_past"),
        (Wanted(name="Eve", end=NOW - HOUR), WIFI, "end_past"),
        (Wanted(name="Eve", end=NOW), WIFI, "end_past"),
        (Wanted(name="Eve", start=NOW + 2 * HOUR, end=NOW + HOUR), WIFI, "end_before_start"),
        (Wanted(name="Eve", start=NOW + HOUR, end=NOW + HOUR), WIFI, "end_before_start"),
        (Wanted(name="Eve", end=NOW + 6 * 366 * 24 * HOUR), WIFI, "too_long"),
        (Wanted(name="Eve", once=True, hours=(hours("Mon"),)), WIFI, "once_with_schedule"),
        (Wanted(name="Eve", hours=()), WIFI, "schedule_empty"),
        (Wanted(name="Eve", hours=(hours(""),)), WIFI, "schedule_empty"),
        (Wanted(name="Eve", hours=(hours("Mon", "12:00", "08:00"),)), WIFI, "schedule_order"),
        (Wanted(name="Eve", hours=(hours("Mon", "12:00", "12:00"),)), WIFI, "schedule_order"),
        (
            Wanted(name="Eve", hours=(hours("Mon Tue"), hours("Tue Wed", "11:59", "13:00"))),
            WIFI,
            "schedule_overlap",
        ),
        (Wanted(name="Eve", hours=(hours("Wed"),)), WIFI, "schedule_outside"),
        (Wanted(name="Eve", hours=(hours("Mon", "08:00", "12:00"),)), WIFI, "schedule_outside"),
    ],
)
def test_what_no_lock_could_take_is_refused(
    wanted: Wanted, rules: CodeRules, expected: str
) -> None:
    assert problem(wanted, rules) == expected


def test_a_code_is_good_at_once_for_a_day() -> None:
    span = check(Wanted(name="Eve"), WIFI, NOW + 0.7, UTC)
    assert (span.start, span.end) == (int(NOW), int(NOW + 24 * HOUR))


def test_a_start_of_some_seconds_ago_was_now_when_it_was_written() -> None:
    span = check(Wanted(name="Eve", start=NOW - 30, end=NOW + HOUR), WIFI, NOW, UTC)
    assert (span.start, span.end) == (int(NOW), int(NOW + HOUR))


def test_a_guessed_lock_may_get_either_length() -> None:
    for code in ("123456", "1234567"):
        assert check(Wanted(name="Eve", code=code), ANY, NOW, UTC)


def test_hours_that_touch_or_are_on_other_days_do_not_overlap() -> None:
    for other in (hours("Mon", "12:00", "13:00"), hours("Tue")):
        plan = (hours("Mon"), other)
        wanted = Wanted(name="Eve", hours=plan, end=NOW + 7 * 24 * HOUR)
        assert check(wanted, WIFI, NOW, UTC)


def test_hours_are_meant_in_the_users_time_zone() -> None:
    wanted = Wanted(name="Eve", hours=(hours("Tue", "00:00", "01:00"),), end=NOW + 4 * HOUR)
    assert check(wanted, WIFI, NOW, ZoneInfo("Asia/Tokyo"))
    assert problem(wanted) is CodeProblem.SCHEDULE_OUTSIDE


def test_a_code_that_is_made_is_not_guessed_soon() -> None:
    tries: Iterator[int] = iter([234567, 2222222 - 10**6, 8765432 - 10**6, 123123, 4837291 - 10**6])
    assert new_code(7, lambda _: next(tries)) == "4837291"
    for digits in (6, 7):
        made = {new_code(digits) for _ in range(200)}
        assert all(len(code) == digits and code[0] != "0" for code in made)
        assert len(made) > 190


@pytest.mark.parametrize(
    ("link", "phase", "delivery", "state"),
    [
        (Link.ZIGBEE, 1, 1, "pending"),
        (Link.ZIGBEE, 2, 2, "active"),
        (Link.ZIGBEE, 2, 1, "pending"),
        (Link.ZIGBEE, 2, 4, "failed"),
        (Link.ZIGBEE, 2, 5, "failed"),
        (Link.ZIGBEE, 3, 2, "frozen"),
        (Link.ZIGBEE, 4, 2, None),
        (Link.ZIGBEE, 5, 3, "failed"),
        (Link.WIFI, 0, None, None),
        (Link.WIFI, 1, None, "pending"),
        (Link.WIFI, 2, 3, "active"),
        (Link.WIFI, 3, None, None),
        (Link.BLUETOOTH, 0, None, None),
        (Link.BLUETOOTH, 2, None, "active"),
        (Link.BLUETOOTH, 3, None, None),
        (Link.BLUETOOTH, 7, None, "failed"),
        (Link.WIFI, 42, None, "active"),
        (Link.WIFI, None, None, "active"),
    ],
)
def test_a_phase_means_something_else_by_the_kind_of_lock(
    link: Link, phase: int | None, delivery: int | None, state: str | None
) -> None:
    code = read_listed({"id": 7, "phase": phase, "delivery_status": delivery}, link)
    assert code is not None
    assert code.state == state


def test_a_row_is_read_whatever_it_lacks() -> None:
    row = {"id": "77", "name": "Eve", "effective_time": 1795000000, "sn": "12"}
    code = read_listed(row, Link.WIFI)
    assert code is not None
    assert (code.id, code.name, code.start, code.end) == ("77", "Eve", 1795000000.0, None)
    assert code.slot == 12
    assert read_listed({"name": "Eve"}, Link.WIFI) is None


def key(**changes: Any) -> Key:
    made = Key(device_id="d1", kind=KeyKind.CODE, id="7", made=NOW, name="Eve", end=NOW + 24 * HOUR)
    return replace(made, **changes)


def listed(state: KeyState | None = KeyState.ACTIVE, slot: int | None = None) -> ListedCode:
    return ListedCode(id="7", name="Eve", state=state, start=None, end=None, slot=slot)


def test_a_code_stands_as_tuya_lists_it() -> None:
    pending = key(state=KeyState.PENDING)
    assert after_listing(pending, listed(slot=12), NOW + HOUR) == key(slot=12)
    failed = after_listing(pending, listed(KeyState.FAILED), NOW + HOUR)
    assert failed == key(state=KeyState.FAILED)


def test_a_code_that_failed_and_came_about_later_opens() -> None:
    failed = key(state=KeyState.FAILED)
    assert after_listing(failed, listed(), NOW + HOUR) == key()
    assert after_listing(failed, None, NOW + HOUR) == failed
    assert after_listing(failed, None, NOW + 25 * HOUR) == failed


def test_a_code_is_good_as_long_as_tuya_lists_it() -> None:
    told = replace(listed(), start=NOW - 5, end=NOW + 48 * HOUR)
    assert after_listing(key(), told, NOW + HOUR) == key(start=NOW - 5, end=NOW + 48 * HOUR)


def test_a_code_that_was_frozen_from_here_stays_so_where_lists_do_not_tell() -> None:
    frozen = key(state=KeyState.FROZEN)
    assert after_listing(frozen, listed(), NOW + HOUR) == frozen
    assert after_listing(frozen, listed(), NOW + HOUR, zigbee=True) == key()


def test_a_code_that_tuya_no_longer_lists_is_used_expired_or_gone() -> None:
    later = NOW + HOUR
    assert after_listing(key(once=True), None, later) == key(once=True, state=KeyState.USED)
    assert after_listing(key(once=True), listed(None), later) == key(once=True, state=KeyState.USED)
    assert after_listing(key(), None, later) is None
    over = NOW + 25 * HOUR
    assert after_listing(key(once=True), None, over) == key(once=True, state=KeyState.EXPIRED)


def test_a_list_that_lags_behind_takes_nothing_back() -> None:
    assert after_listing(key(once=True), None, NOW + 5) == key(once=True)
    used = key(state=KeyState.USED)
    assert after_listing(used, listed(), NOW + HOUR) == used

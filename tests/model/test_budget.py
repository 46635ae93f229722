"""The month's arithmetic: forecasts that wait for evidence, and polling that stays affordable."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from custom_components.tuyalink_intercom.model.budget import (
    ALLOWED,
    DAY,
    HOUR,
    MINUTE,
    MOST_CALLS,
    PLANS,
    POT,
    SLOWEST_POLL,
    SLOWEST_SHADOWS,
    Billed,
    Course,
    Demand,
    course,
    is_over,
    month_of,
    pace,
    pot_share,
)
from custom_components.tuyalink_intercom.model.health import Rung

TEN = Demand(listed=10, standard=5, custom=5)
JANUARY = datetime(2027, 1, 1, tzinfo=UTC).timestamp()


def at(day: int, hour: float = 0.0) -> float:
    """Return a time of January 2027."""
    return JANUARY + (day - 1) * DAY + hour * HOUR


def a_month(
    demand: Demand,
    rung: Rung,
    *,
    begin: float = JANUARY,
    spent: int = 0,
    extra_a_day: float = 0.0,
    chance: Random | None = None,
) -> int:
    """Poll as the pace says until the month ends; returns what was spent.

    With `chance` the health of push changes at random.
    """
    now, end = begin, month_of(begin).end
    shadows_at, token_at, other = 0.0, 0.0, 0.0
    while now < end:
        if chance is not None and chance.random() < 0.02:
            rung = chance.choice(list(Rung))
        found = pace(rung, demand, spent, now)
        spent += demand.poll
        if now - shadows_at >= found.shadows:
            spent += demand.custom
            shadows_at = now
        if now >= token_at:
            spent += 1
            token_at = now + 2 * HOUR
        other += found.poll * extra_a_day / DAY
        spent, other = spent + int(other), other - int(other)
        now += found.poll
    return spent


def mixes(seed: int, count: int) -> list[Demand]:
    """Return projects of 1 to 200 devices of any mix, in lists that hold others' devices too."""
    chance = Random(seed)  # noqa: S311 - examples, no secrets
    found = []
    for _ in range(count):
        devices = chance.randint(1, 200)
        custom = chance.choice((0, devices, chance.randint(0, devices)))
        others = chance.choice((0, chance.randint(0, 200)))
        found.append(Demand(listed=devices + others, standard=devices - custom, custom=custom))
    return found


@pytest.mark.parametrize("rung", list(Rung))
def test_whatever_the_mix_a_month_stays_within_its_plan(rung: Rung) -> None:
    for demand in mixes(1, 60):
        planned = PLANS[rung].budget(demand.standard + demand.custom)
        assert a_month(demand, rung) <= planned <= MOST_CALLS, demand


@pytest.mark.parametrize("rung", list(Rung))
def test_restarts_openings_and_pictures_make_polling_slower_not_the_month_dearer(
    rung: Rung,
) -> None:
    for demand in mixes(2, 40):
        planned = PLANS[rung].budget(demand.standard + demand.custom)
        extra = planned * 0.25 / 31
        assert a_month(demand, rung, extra_a_day=extra) <= planned, demand


def test_however_push_changes_the_account_survives() -> None:
    for number, demand in enumerate(mixes(3, 60)):
        chance = Random(number)  # noqa: S311 - examples, no secrets
        assert a_month(demand, Rung.FRESH, chance=chance) <= MOST_CALLS, demand


def test_a_month_that_began_late_or_dear_ends_within_what_is_left() -> None:
    for day in (3, 15, 28, 31):
        for spent in (0, 4_000, 15_000, 18_000):
            total = a_month(TEN, Rung.DOWN, begin=at(day, 5), spent=spent)
            assert total <= MOST_CALLS, (day, spent)


def test_ten_devices_cost_five_thousand_calls_beside_push_and_twenty_thousand_without() -> None:
    for custom in range(11):
        demand = Demand(listed=10, standard=10 - custom, custom=custom)
        assert a_month(demand, Rung.FRESH) <= 5_000
        assert a_month(demand, Rung.DOUBTFUL) <= 10_000
        assert a_month(demand, Rung.DOWN) <= 20_000


def test_an_ordinary_house_is_asked_as_often_as_planned() -> None:
    fresh, down = pace(Rung.FRESH, TEN, 0, at(1)), pace(Rung.DOWN, TEN, 0, at(1))
    assert (fresh.poll, fresh.shadows) == (30 * MINUTE, 6 * HOUR)
    assert 10 * MINUTE <= down.poll <= 12 * MINUTE
    assert 20 * MINUTE <= down.shadows <= 24 * MINUTE


def test_doubt_makes_polling_faster() -> None:
    for devices in range(1, 41):
        demand = Demand(listed=devices, standard=devices - devices // 2, custom=devices // 2)
        fresh, doubtful, down = (pace(rung, demand, 0, at(10)) for rung in Rung)
        assert fresh.poll > doubtful.poll > down.poll
        assert fresh.shadows > max(doubtful.shadows, down.shadows)


def test_polling_is_never_faster_than_planned_and_never_slower_than_six_hours() -> None:
    chance = Random(5)  # noqa: S311 - examples, no secrets
    for demand in mixes(5, 300):
        now, spent = at(1) + chance.random() * 31 * DAY, chance.randint(0, 60_000)
        for rung in Rung:
            found = pace(rung, demand, spent, now)
            assert PLANS[rung].poll <= found.poll <= SLOWEST_POLL
            assert PLANS[rung].shadows <= found.shadows <= SLOWEST_SHADOWS


def test_what_is_spent_already_makes_polling_slower() -> None:
    intervals = [pace(Rung.DOWN, TEN, spent, at(16)).poll for spent in range(0, 24_000, 2_000)]
    assert intervals == sorted(intervals)
    assert intervals[0] == 10 * MINUTE
    assert intervals[-1] == SLOWEST_POLL


def test_an_outage_of_push_does_not_slow_a_healthy_rest_of_the_month_to_hours() -> None:
    assert pace(Rung.FRESH, TEN, 8_000, at(14)).poll <= 75 * MINUTE


def test_the_month_turns_at_midnight_utc() -> None:
    before = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    assert month_of(before).key == "2026-12"
    assert month_of(before).end == JANUARY
    assert month_of(JANUARY).key == "2027-01"
    assert month_of(JANUARY).length == timedelta(days=31).total_seconds()


def test_a_steady_rate_is_extended_to_the_months_end() -> None:
    days = dict.fromkeys(range(1, 11), 100)
    assert course(days, 0.0, at(11)) == Course(used=1_000, forecast=3_100)


def test_a_set_up_of_a_minute_ago_is_not_extended_as_a_minutes_rate() -> None:
    assert course({10: 40}, at(10), at(10, 0.02)).forecast <= 40 + 40 * 22


def test_counting_that_began_late_is_extended_from_then() -> None:
    assert course({16: 100, 17: 100}, at(16), at(18)).forecast == 200 + 14 * 100


def test_what_was_cured_is_forgotten_within_a_week() -> None:
    loud = Counter(dict.fromkeys(range(1, 6), 8_000)) + Counter(dict.fromkeys(range(6, 32), 100))
    heading = [
        course({day: n for day, n in loud.items() if day < today}, 0.0, at(today)).forecast
        for today in (6, 10, 13)
    ]
    assert heading[0] > 200_000 > heading[1] > 68_000 > heading[2]


@pytest.mark.parametrize(
    ("used", "forecast", "watched", "told", "over"),
    [
        (500, 300_000, 1 * HOUR, False, False),
        (20_000, 300_000, 1 * HOUR, False, True),
        (3_000, 80_000, 2 * DAY, False, False),
        (4_000, 80_000, 2 * DAY, False, True),
        (30_000, 68_000, 12 * DAY, False, False),
        (30_000, 66_000, 12 * DAY, True, True),
        (30_000, 64_000, 12 * DAY, True, False),
    ],
)
def test_a_warning_waits_for_evidence_and_does_not_flicker(
    used: int, forecast: int, watched: float, *, told: bool, over: bool
) -> None:
    heading = Course(used=used, forecast=forecast)
    assert is_over(heading, ALLOWED[Billed.MESSAGES], watched, told=told) is over


def test_the_price_list_and_the_pot_of_money_agree() -> None:
    share = pot_share(ALLOWED[Billed.CALLS], ALLOWED[Billed.MESSAGES])
    assert 0.95 < share < 1
    assert pot_share(53_909, 0) * POT == pytest.approx(POT, rel=0.001)

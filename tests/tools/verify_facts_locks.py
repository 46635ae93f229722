"""Facts about the lock service: remote unlocking, and the records of locks."""

from collections.abc import Iterable
from itertools import pairwise

from custom_components.tuyalink_intercom.api import unix_seconds
from custom_components.tuyalink_intercom.model.values import integer

from .verify_fact import (
    Basis,
    Fact,
    Finding,
    confirmed,
    contradicted,
    every,
    is_milliseconds,
    not_seen,
    page_taken,
    shapes,
)
from .verify_seen import Json, Seen


def _remote_unlocks(seen: Seen) -> Finding:
    told = seen.results("remote_unlocks")
    rows = [row for one in told if isinstance(one, list) for row in one]
    if any(not isinstance(one, list) for one in told):
        return contradicted(f"the result is {shapes(told)}")
    return every(
        rows,
        lambda row: isinstance(row.get("remote_unlock_type"), str) and type(row["open"]) is bool,
        what="kinds of remote unlocking",
        bad=f"one is {shapes(rows)}",
    )


def _openings(seen: Seen) -> list[Json]:
    return [*seen.rows("open_logs", "logs")]


def _alarms(seen: Seen) -> list[Json]:
    return [*seen.rows("alarm_logs", "records")]


def _opening_status(seen: Seen) -> Finding:
    told = [row.get("status") for row in _openings(seen)]
    parts = [part for one in told for part in (one if isinstance(one, list) else [one])]
    return every(
        parts,
        lambda one: isinstance(one, dict) and "code" in one and "value" in one,
        what=f"openings, `status` is {shapes(told)}",
        bad=f"`status` is {shapes(told)}",
    )


def _opening_window(seen: Seen) -> Finding:
    asked = {one.device: one.asked for one in seen.of("open_logs") if one.ok}
    inside = [
        asked[one.device]["start"] - 1 <= at <= asked[one.device]["end"] + 2
        for one in seen.of("open_logs")
        if one.ok and isinstance(one.result, dict)
        for row in one.result.get("logs") or ()
        if (at := unix_seconds(row.get("update_time"))) is not None
    ]
    return every(inside, bool, what="openings of seven days", bad="outside the time asked for")


def _record_times(seen: Seen) -> Finding:
    told = [row.get("update_time") for row in (*_openings(seen), *_alarms(seen))]
    told += [row.get("gmt_create") for row in seen.rows("records", "records")]
    what = f"openings, alarms and records ({shapes(told)})"
    return every(told, lambda one: unix_seconds(one) is not None, what=what, bad=shapes(told))


def _newest_first(seen: Seen) -> Finding:
    listed = (
        ("alarm_logs", "records", "update_time"),
        ("open_logs", "logs", "update_time"),
        ("records", "records", "gmt_create"),
    )
    pairs = [
        pair
        for step, member, name in listed
        for one in seen.results(step)
        if isinstance(one, dict)
        for pair in pairwise(_times(one.get(member) or (), name))
    ]
    return every(
        pairs, lambda two: two[0] >= two[1], what="neighbours in records", bad="the older first"
    )


def _unbounded(seen: Seen) -> Finding:
    asked = seen.of("records")
    if not asked:
        return not_seen("no lock")
    if not asked[-1].ok:
        return not_seen(f"refused with code {asked[-1].code}")
    rows = [*seen.rows("records", "records")]
    if not rows and not _openings(seen):
        return not_seen("no record, and no opening either")
    told = f"{len(rows)} records, {len(_openings(seen))} openings"
    return confirmed(told) if rows else contradicted(told)


def _record_values(seen: Seen) -> Finding:
    told = [row.get("dps") for row in seen.rows("records", "records")]
    return every(
        told,
        lambda one: isinstance(one, list) and all(isinstance(part, dict) for part in one),
        what="records with a list of objects",
        bad=shapes(told),
    )


def _users(seen: Seen) -> Finding:
    told = seen.results("lock_users")
    rows = [row for one in told if isinstance(one, list) for row in one]
    if any(not isinstance(one, list) for one in told):
        return contradicted(f"the result is {shapes(told)}")
    return every(
        rows,
        lambda row: (
            isinstance(row.get("nick_name"), str)
            and isinstance(row.get("unlock_detail"), list)
            and all(
                isinstance(one.get("dp_code"), str)
                and all(integer(each.get("unlock_sn")) is not None for each in one["unlock_list"])
                for one in row["unlock_detail"]
            )
        ),
        what="users of locks",
        bad=f"a user is {shapes(rows)}",
    )


def _times(rows: Iterable[Json], name: str) -> list[float]:
    found = (unix_seconds(row.get(name)) for row in rows)
    return [time for time in found if time is not None]


def _opening_time(seen: Seen) -> Finding:
    told = [row.get("update_time") for row in _openings(seen)]
    return every(told, is_milliseconds, what="openings", bad=shapes(told))


FACTS = (
    Fact(
        "lock.remote_unlocks",
        "The kinds of remote unlocking are a list of `remote_unlock_type` and `open`.",
        Basis.REPORTED,
        "api/access.py: remote_unlocks",
        _remote_unlocks,
    ),
    Fact(
        "lock.opening_status",
        "The `status` of an opening is an object of code and value, or a list of such.",
        Basis.UNKNOWN,
        "model/people.py: slot_owners",
        _opening_status,
    ),
    Fact(
        "lock.opening_time",
        "The time of an opening is in milliseconds, although it is asked for in seconds.",
        Basis.REPORTED,
        "api/message.py: unix_seconds",
        _opening_time,
        tolerated=True,
    ),
    Fact(
        "lock.opening_window",
        "Openings are asked for with times in seconds.",
        Basis.REPORTED,
        "api/records.py: openings",
        _opening_window,
    ),
    Fact(
        "lock.record_time",
        "Times in a lock's records are seconds or milliseconds, told apart by their size.",
        Basis.INFERRED,
        "api/message.py: unix_seconds",
        _record_times,
    ),
    Fact(
        "lock.newest_first",
        "A lock's openings, alarms and records begin with the newest.",
        Basis.INFERRED,
        "api/records.py: alarms, records",
        _newest_first,
    ),
    Fact(
        "lock.page",
        "A lock's openings, alarms and records come in pages of 50.",
        Basis.UNKNOWN,
        "api/records.py",
        page_taken("open_logs", 50),
    ),
    Fact(
        "lock.unbounded",
        "Records asked for with times of 0 are all there are.",
        Basis.REPORTED,
        "api/records.py: records",
        _unbounded,
    ),
    Fact(
        "lock.record_values",
        "`dps` of a lock's record is a list of objects.",
        Basis.UNKNOWN,
        "api/records.py: records",
        _record_values,
    ),
    Fact(
        "lock.users",
        "A lock's users are a list with `nick_name`, `unlock_detail`, and slots inside.",
        Basis.UNKNOWN,
        "model/people.py: slot_owners",
        _users,
        tolerated=True,
    ),
)

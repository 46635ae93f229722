"""Facts about building terminals: what they can do, and their log of passages."""

from custom_components.tuyalink_intercom.api import unix_seconds
from custom_components.tuyalink_intercom.model import dpcodes
from custom_components.tuyalink_intercom.model.people import SAME_PASSAGE, log_row, method_of
from custom_components.tuyalink_intercom.model.values import boolean

from .verify_fact import (
    Basis,
    Fact,
    Finding,
    confirmed,
    contradicted,
    ends_set_up,
    every,
    is_milliseconds,
    not_seen,
    page_taken,
    shapes,
)
from .verify_facts_terminals import fact_in
from .verify_seen import Json, Seen

_WORDS = {"card", "password", "qr_code", "face", "fingerprint", "remote", "other"}


def _points(seen: Seen) -> Finding:
    told = [one for one in seen.results("function_points") if one]
    plain = [one.get("functions") if isinstance(one, dict) else one for one in told]
    known = {point for listed in plain if isinstance(listed, list) for point in map(_point, listed)}
    if not told:
        return not_seen("no device with function points")
    found = f"{len(known)} points, {len(known & dpcodes.TERMINAL_POINTS.keys())} of them known"
    return confirmed(found) if known else contradicted(f"the result is {shapes(told)}")


def _points_refused(seen: Seen) -> Finding:
    asked = [one for one in seen.of("no_function_points") if one.answer]
    told = sorted({"an answer" if one.ok else f"code {one.code}" for one in asked})
    return every(
        asked,
        lambda one: one.ok or not ends_set_up(one.code),
        what=f"devices of other kinds ({', '.join(told)})",
        bad="it would end the set-up",
    )


def _accesses(seen: Seen) -> list[Json]:
    return [*seen.rows("access_log", "list"), *seen.rows("access_log_all", "list")]


def _access_time(seen: Seen) -> Finding:
    told = [row.get("access_time") for row in _accesses(seen)]
    return every(told, is_milliseconds, what="passages", bad=shapes(told))


def _access_window(seen: Seen) -> Finding:
    """Compare the passages of some days with all there are."""
    windowed = [*seen.rows("access_log", "list")]
    asked = next((one.asked for one in seen.of("access_log") if one.ok), None)
    if asked is None:
        return not_seen("no terminal, or no access log")
    inside = [
        row
        for row in seen.rows("access_log_all", "list")
        if (at := unix_seconds(row.get("access_time"))) and asked["start"] <= at <= asked["end"]
        if row.get("device_id") in asked["devices"]
    ]
    told = f"{len(windowed)} passages asked for by time, {len(inside)} of that time without"
    if not inside:
        return not_seen("no passage in seven days")
    return confirmed(told) if len(windowed) >= len(inside) else contradicted(told)


def _access_words(seen: Seen) -> Finding:
    told = [row.get("access_type") for row in _accesses(seen)]
    codes = sum(isinstance(one, str) and one in _WORDS for one in told)
    return every(
        told,
        lambda one: method_of(one) is not None,
        what=f"passages, {codes} of them in the code words",
        bad="words of a language that is not known",
    )


def _access_joins(seen: Seen) -> Finding:
    """Compare passages that were pushed with the rows of the log."""
    if not seen.results("access_log_all"):
        return not_seen("no access log")
    logged = [row for row in map(log_row, seen.rows("access_log_all", "list")) if row]
    pushed = [
        (one.device, str(fact.get("uid")), at)
        for one in seen.frames
        if (fact := fact_in(one)) is not None and boolean(fact.get("is_success"))
        if (at := unix_seconds(fact.get("oper_time"))) is not None
    ]
    return every(
        pushed,
        lambda one: any(
            (row.device_id, row.person_id) == one[:2] and abs(row.time - one[2]) <= SAME_PASSAGE
            for row in logged
        ),
        what="pushed passages that the log has",
        bad="no row of this person within two seconds",
    )


def _access_picture(seen: Seen) -> Finding:
    told = [row.get("image_capture") for row in seen.rows("access_log_all", "list")]
    return every(
        told,
        lambda one: isinstance(one, str) and (not one or one.startswith("http")),
        what="passages with an address or nothing",
        bad=shapes(told),
    )


def _point(told: object) -> str:
    found = told.get("code") or told.get("id") if isinstance(told, dict) else told
    return found if isinstance(found, str) else ""


FACTS = (
    Fact(
        "terminal.points",
        "Function points come as codes, or as objects with a code or an id.",
        Basis.UNKNOWN,
        "api/devices.py: function_points",
        _points,
    ),
    Fact(
        "terminal.no_points",
        "Other devices answer with no points, or with a code that does not end the set-up.",
        Basis.UNKNOWN,
        "inventory.py",
        _points_refused,
    ),
    Fact(
        "access_log.time",
        "`access_time` is in milliseconds.",
        Basis.INFERRED,
        "api/message.py: unix_seconds",
        _access_time,
        tolerated=True,
    ),
    Fact(
        "access_log.window",
        "The access log takes `start_time` and `end_time` in milliseconds.",
        Basis.INFERRED,
        "api/records.py: passages",
        _access_window,
    ),
    Fact(
        "access_log.words",
        "`access_type` is a word that we know: Tuya's code, or its translation.",
        Basis.INFERRED,
        "model/people.py: method_of",
        _access_words,
        tolerated=True,
    ),
    Fact(
        "access_log.joins",
        "A pushed passage is in the log within 2 s, of the same device and person.",
        Basis.INFERRED,
        "model/people.py: joined",
        _access_joins,
    ),
    Fact(
        "access_log.page",
        "The access log takes pages of 200.",
        Basis.REPORTED,
        "api/records.py: passages",
        page_taken("access_log", 200),
    ),
    Fact(
        "access_log.picture",
        "`image_capture` is a ready address, or empty.",
        Basis.REPORTED,
        "captures/fetcher.py",
        _access_picture,
    ),
)

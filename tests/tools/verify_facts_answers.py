"""Facts about any answer of the OpenAPI: envelope, clock, tokens, refusals."""

from http import HTTPStatus
import re

from custom_components.tuyalink_intercom.api.errors import (
    CLOCK_INVALID,
    REASONS,
    TOKEN_CODES,
    Reason,
)

from .verify_fact import (
    Basis,
    Check,
    Fact,
    Finding,
    confirmed,
    contradicted,
    every,
    is_milliseconds,
    not_seen,
    shapes,
)
from .verify_seen import Exchange, Seen

_CLOCK_SPREAD = 5.0
_ISSUED_JUST_NOW = 30.0
_LIFE = 7200
_WORDS = re.compile(r"[A-Za-z_ ,.']{1,60}")


def _http_200(seen: Seen) -> Finding:
    refused = [one for one in seen.exchanges if one.answer and not one.ok]
    other = {one.status for one in refused} - {HTTPStatus.OK}
    return every(
        refused,
        lambda one: one.status == HTTPStatus.OK,
        what="refusals with HTTP 200",
        bad=f"HTTP {sorted(other)}",
    )


def _codes(seen: Seen) -> Finding:
    refused = [one for one in seen.exchanges if one.answer and not one.ok]
    unknown = sorted({str(one.code) for one in refused if one.code not in REASONS})
    told = sorted({str(one.code) for one in refused})
    bad = f"code {', '.join(unknown)} is in no table of ours"
    return every(
        refused, lambda one: one.code in REASONS, what=f"refusals ({', '.join(told)})", bad=bad
    )


def _milliseconds(seen: Seen) -> Finding:
    bad = f"`t` is {shapes(one.answer.get('t') for one in seen.exchanges)}"
    return every(
        seen.exchanges, lambda one: is_milliseconds(one.answer.get("t")), what="answers", bad=bad
    )


def _live_clock(seen: Seen) -> Finding:
    offsets = [
        one.answer["t"] / 1000 - (one.sent + one.received) / 2
        for one in seen.exchanges
        if is_milliseconds(one.answer.get("t"))
    ]
    if len(offsets) < 2:
        return not_seen("too few answers")
    spread = max(offsets) - min(offsets)
    told = f"offset {offsets[-1]:+.1f} s, spread {spread:.1f} s over {len(offsets)} answers"
    return confirmed(told) if spread <= _CLOCK_SPREAD else contradicted(told)


def _trace(seen: Seen) -> Finding:
    return every(
        seen.exchanges,
        lambda one: isinstance(one.answer.get("tid"), str),
        what="answers with `tid`",
        bad="no `tid`",
    )


def _late(seen: Seen) -> Finding:
    first = next(iter(seen.of("late")), None)
    if first is None:
        return not_seen("not asked")
    if first.ok:
        return contradicted("a clock an hour late was taken")
    told = f"code {first.code}"
    return confirmed(told) if first.code == CLOCK_INVALID else contradicted(told)


def _corrected(seen: Seen) -> Finding:
    tries = seen.of("late")
    if len(tries) < 2:
        return not_seen("no second try")
    if tries[-1].ok:
        return confirmed("taken at the second try, by the clock of the refusal")
    return contradicted(f"code {tries[-1].code} at the second try")


def _tokens(seen: Seen) -> list[Exchange]:
    """Return the sign-ins that can be compared: none if another program ended the token between."""
    if any(one.code in TOKEN_CODES and one.step != "bad_token" for one in seen.exchanges):
        return []
    return [one for one in seen.of("token") if one.ok and isinstance(one.result, dict)]


def _same_token(seen: Seen) -> Finding:
    tokens = [one.result.get("access_token") for one in _tokens(seen)]
    if len(tokens) < 2:
        return not_seen("no two sign-ins to compare")
    if len(set(tokens)) == 1:
        return confirmed(f"{len(tokens)} sign-ins, one token")
    return contradicted(f"{len(tokens)} sign-ins, {len(set(tokens))} tokens")


def _remaining(seen: Seen) -> Finding:
    tokens = _tokens(seen)
    lives = [one.result.get("expire_time") for one in tokens]
    if len(tokens) < 2 or not all(isinstance(life, int) for life in lives):
        return not_seen("no two lives to compare")
    passed = tokens[-1].received - tokens[0].received
    shrunk = lives[0] - lives[-1]
    told = f"{lives[0]} s, {lives[-1]} s after {passed:.0f} s"
    if abs(shrunk - passed) <= 2 and (lives[0] < _LIFE - _ISSUED_JUST_NOW or shrunk > 2):
        return confirmed(told)
    if passed <= 2 and lives[0] >= _LIFE - _ISSUED_JUST_NOW:
        return not_seen(f"the token was issued just now ({told}); look again in some minutes")
    return contradicted(told)


def _bad_token(seen: Seen) -> Finding:
    answer = next(iter(seen.of("bad_token")), None)
    if answer is None:
        return not_seen("not asked")
    text = str(answer.answer.get("msg", ""))
    told = f"code {answer.code}, {text!r}" if _WORDS.fullmatch(text) else f"code {answer.code}"
    return confirmed(told) if answer.code in TOKEN_CODES else contradicted(told)


def _refused(step: str, *wanted: Reason) -> Check:
    def check(seen: Seen) -> Finding:
        answer = next(iter(seen.of(step)), None)
        if answer is None:
            return not_seen("not asked")
        if answer.ok:
            return contradicted("it was not refused")
        told = f"code {answer.code}"
        fits = REASONS.get(answer.code) in wanted if isinstance(answer.code, int) else False
        return confirmed(told) if fits else contradicted(told)

    return check


FACTS = (
    Fact(
        "answer.http_200",
        "A call that is refused is answered with HTTP 200 and a code in the body.",
        Basis.REPORTED,
        "api/envelope.py",
        _http_200,
    ),
    Fact(
        "answer.codes",
        "Every code Tuya refuses with is in the table of reasons.",
        Basis.REPORTED,
        "api/errors.py",
        _codes,
    ),
    Fact(
        "answer.time",
        "Every answer, refusals too, carries the cloud's time `t` as 13 digits.",
        Basis.INFERRED,
        "api/envelope.py",
        _milliseconds,
    ),
    Fact(
        "answer.time_is_now",
        "`t` is the moment of the answer, so that the cloud's clock can be learned from it.",
        Basis.INFERRED,
        "api/client.py: clock_offset",
        _live_clock,
    ),
    Fact(
        "answer.trace",
        "Every answer carries the trace id `tid` that Tuya's support asks for.",
        Basis.REPORTED,
        "api/envelope.py",
        _trace,
        tolerated=True,
    ),
    Fact(
        "clock.hour",
        "A request from a clock an hour late is refused with 1013.",
        Basis.UNKNOWN,
        "api/client.py",
        _late,
        tolerated=True,
    ),
    Fact(
        "clock.corrected",
        "The refusal tells the time by which the same request is then taken.",
        Basis.INFERRED,
        "api/client.py",
        _corrected,
    ),
    Fact(
        "token.same",
        "Signing in again hands back the token in use, so several programs share it.",
        Basis.REPORTED,
        "api/auth.py",
        _same_token,
        tolerated=True,
    ),
    Fact(
        "token.remaining",
        "`expire_time` is the life that remains, not the life a token is issued with.",
        Basis.REPORTED,
        "api/auth.py",
        _remaining,
        tolerated=True,
    ),
    Fact(
        "token.refused",
        "A token that nobody issued is refused with one of 1002, 1010, 1011, 1012, 1400.",
        Basis.REPORTED,
        "api/errors.py: TOKEN_REJECTED",
        _bad_token,
    ),
    Fact(
        "keys.wrong_secret",
        "A wrong secret is refused as a bad signature (1004) or secret (1001).",
        Basis.REPORTED,
        "api/errors.py: INVALID_SECRET",
        _refused("wrong_secret", Reason.INVALID_SECRET),
    ),
    Fact(
        "refusal.unknown_path",
        "A path that is unknown, or of a service not subscribed, is refused with 1108.",
        Basis.REPORTED,
        "api/errors.py: API_NOT_SUBSCRIBED",
        _refused("bad_path", Reason.API_NOT_SUBSCRIBED),
    ),
    Fact(
        "refusal.foreign_device",
        "A device outside the project is refused with 1106, not as one that does not exist.",
        Basis.REPORTED,
        "inventory.py",
        _refused("foreign", Reason.NOT_LINKED),
        tolerated=True,
    ),
    Fact(
        "refusal.whole_batch",
        "Asked for several devices of which one is not in the project, Tuya refuses all.",
        Basis.INFERRED,
        "inventory.py",
        _refused("status_foreign", Reason.NOT_LINKED, Reason.NOT_FOUND),
        tolerated=True,
    ),
)

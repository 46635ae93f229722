"""Tuya's codes and what they mean to the user."""

import pytest

from custom_components.tuyalink_intercom.api.errors import (
    REASONS,
    Reason,
    TuyaAuthError,
    TuyaCommandError,
    TuyaConnectionError,
    TuyaError,
    TuyaPermissionError,
    error_for,
)

CALL = "POST /v1.0/iot-03/devices/{device_id}/commands"
TABLE: list[tuple[type[TuyaError], Reason, tuple[int, ...]]] = [
    (TuyaAuthError, Reason.INVALID_SECRET, (1001, 1004, 1007, 1008)),
    (TuyaAuthError, Reason.UNKNOWN_ACCESS_ID, (1005,)),
    (TuyaAuthError, Reason.TOKEN_REJECTED, (1002, 1010, 1011, 1012, 1400)),
    (TuyaPermissionError, Reason.NOT_LINKED, (1106,)),
    (TuyaPermissionError, Reason.IP_OR_REGION, (1114, 2007)),
    (TuyaPermissionError, Reason.APP_ACCOUNT, (2406,)),
    (TuyaPermissionError, Reason.DATA_CENTER_SUSPENDED, (28841107,)),
    (TuyaPermissionError, Reason.PLAN_MISSING, (28841001,)),
    (TuyaPermissionError, Reason.PLAN_EXPIRED, (28841002,)),
    (TuyaPermissionError, Reason.PLAN_UNPAID, (28841003, 28841103)),
    (TuyaPermissionError, Reason.QUOTA_USED_UP, (28841004, 28841104)),
    (TuyaPermissionError, Reason.API_NOT_SUBSCRIBED, (28841101, 28841106, 1108)),
    (TuyaPermissionError, Reason.API_EXPIRED, (28841102,)),
    (TuyaPermissionError, Reason.API_NOT_AUTHORIZED, (28841105,)),
    (TuyaPermissionError, Reason.DEVICE_POOL_USED_UP, (60001001,)),
    (TuyaConnectionError, Reason.CLOCK_SKEW, (1013,)),
    (TuyaConnectionError, Reason.THROTTLED, (1110, 1111, 1112, 1113, 1199)),
    (TuyaConnectionError, Reason.SERVER_ERROR, (500,)),
    (TuyaCommandError, Reason.DEVICE_OFFLINE, (2001,)),
    (TuyaCommandError, Reason.NOT_DELIVERED, (1103,)),
    (
        TuyaCommandError,
        Reason.NOT_SUPPORTED,
        (2003, 2004, 2008, 2009, 1109, 1100, 1101, 1102, 1104),
    ),
    (TuyaCommandError, Reason.NOT_FOUND, (2010, 1000, 2005, 2006)),
]
DEFINITE = {2003, 2008, 2009, 1106, 1108, 1109, 28841001, 28841002, 28841003}
DEFINITE |= {28841101, 28841102, 28841103, 28841105, 28841106}


@pytest.mark.parametrize(("kind", "reason", "codes"), TABLE)
def test_a_code_has_its_kind_and_its_sentence(
    kind: type[TuyaError], reason: Reason, codes: tuple[int, ...]
) -> None:
    for code in codes:
        assert REASONS[code] is reason
        error = error_for(reason, CALL, code=code)
        assert type(error) is kind
        assert error.definite is (code in DEFINITE)


def test_every_code_is_in_the_table_once() -> None:
    assert sorted(REASONS) == sorted(code for _, _, codes in TABLE for code in codes)


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.MALFORMED_ANSWER])
def test_no_usable_answer_means_try_later(reason: Reason) -> None:
    error = error_for(reason, CALL)
    assert type(error) is TuyaConnectionError
    assert not error.definite


def test_a_code_nobody_knows_belongs_to_the_command() -> None:
    assert type(error_for(Reason.UNKNOWN, CALL, code=40001900)) is TuyaCommandError


def test_an_unknown_access_id_is_no_refusal_by_the_device() -> None:
    assert not error_for(Reason.UNKNOWN_ACCESS_ID, CALL, code=2009).definite


def test_an_error_says_where_but_not_who() -> None:
    assert (
        str(error_for(Reason.DEVICE_OFFLINE, CALL, code=2001)) == f"device_offline (2001) at {CALL}"
    )
    assert str(error_for(Reason.TIMED_OUT, CALL)) == f"timed_out at {CALL}"


@pytest.mark.parametrize(
    ("reason", "given", "seconds"),
    [
        (Reason.THROTTLED, None, 60.0),
        (Reason.THROTTLED, 7.0, 7.0),
        (Reason.QUOTA_USED_UP, None, 21600.0),
        (Reason.PLAN_EXPIRED, None, 43200.0),
        (Reason.TIMED_OUT, None, None),
    ],
)
def test_an_error_tells_how_long_to_leave_tuya_alone(
    reason: Reason, given: float | None, seconds: float | None
) -> None:
    assert error_for(reason, CALL, retry_after=given).retry_after == seconds

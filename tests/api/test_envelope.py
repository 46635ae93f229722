"""Answers of the OpenAPI, and JSON that is not quite JSON."""

import json

import pytest

from custom_components.tuyalink_intercom.api.envelope import Answer, read_answer
from custom_components.tuyalink_intercom.api.errors import Reason
from custom_components.tuyalink_intercom.api.json_text import MalformedJsonError, decode_json

NOON = 1_795_348_800.0


def answer(**members: object) -> Answer:
    return read_answer(200, json.dumps(members).encode())


def test_a_success_carries_result_time_and_trace() -> None:
    told = answer(success=True, result=[1], t=1795348800000, tid="77a9807f")
    assert told == Answer(result=[1], time=NOON, trace_id="77a9807f")


def test_a_success_may_have_no_result() -> None:
    assert answer(success=True) == Answer()


@pytest.mark.parametrize("code", [2001, "2001"])
def test_a_refusal_comes_with_http_200(code: object) -> None:
    told = answer(success=False, code=code, msg="device is offline", t=1795348800000)
    assert told == Answer(reason=Reason.DEVICE_OFFLINE, code=2001, time=NOON)


def test_a_refusal_nobody_knows_keeps_its_code() -> None:
    assert answer(success=False, code=40001900) == Answer(reason=Reason.UNKNOWN, code=40001900)


@pytest.mark.parametrize("tid", [None, 7, "", "with blanks", "x" * 65])
def test_an_odd_trace_is_left_out(tid: object) -> None:
    assert answer(success=True, tid=tid).trace_id is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"success": "true", "result": 1}',
        b'{"success": 1, "result": 1}',
        b'{"success": false}',
        b'{"success": false, "code": null}',
        b'{"success": false, "code": true}',
        b'{"success": false, "code": "E1004"}',
        b'{"success": false, "code": "12345678901234567890"}',
        b"[" * 200_000,
    ],
)
def test_anything_else_is_a_malformed_answer(raw: bytes) -> None:
    told = read_answer(200, raw)
    assert (told.reason, told.code) == (Reason.MALFORMED_ANSWER, 200)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (301, Reason.MALFORMED_ANSWER),
        (403, Reason.MALFORMED_ANSWER),
        (404, Reason.MALFORMED_ANSWER),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
    ],
)
def test_an_answer_of_a_gateway_is_not_tuyas(status: int, reason: Reason) -> None:
    told = read_answer(status, b'{"success": true, "result": 1}')
    assert told == Answer(reason=reason, code=status)


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, None), ("7", 7.0), ("999999", 3600.0), ("tomorrow", None)]
)
def test_too_many_requests_tell_how_long_to_wait(header: str | None, seconds: float | None) -> None:
    told = read_answer(429, b"", header)
    assert told == Answer(reason=Reason.THROTTLED, code=429, retry_after=seconds)


def test_json_keeps_text_whole_and_drops_what_is_no_number() -> None:
    assert decode_json('{"a": "T\\u00fcr \\ud83d\\udd14", "b": [NaN, Infinity, 1e999, 1.5]}') == {
        "a": "Tür 🔔",
        "b": [None, None, None, 1.5],
    }
    assert decode_json('"\\udc00\\uD83D\\uDD14\\ud800"') == "\ufffd🔔\ufffd"


@pytest.mark.parametrize(("levels", "readable"), [(9, True), (64, True), (65, False), (999, False)])
def test_json_may_nest_as_deep_as_tuya_nests_it(levels: int, *, readable: bool) -> None:
    document = '{"a":' * (levels - 1) + "[1]" + "}" * (levels - 1)
    if readable:
        assert isinstance(decode_json(document), dict)
    else:
        with pytest.raises(MalformedJsonError):
            decode_json(document)


def test_json_may_be_long() -> None:
    assert decode_json("[" + "[]," * 500 + "[]]") == [[] for _ in range(501)]


def test_a_document_that_is_not_json_does_not_travel_in_the_error() -> None:
    with pytest.raises(MalformedJsonError) as error:
        decode_json('{"token": "secret"')
    assert "secret" not in repr(error.value)
    assert error.value.__context__ is None

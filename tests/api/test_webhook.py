"""The webhook door's reader: signed as the vendor says, refused otherwise, harmed by nothing."""

from collections.abc import Callable
from functools import partial
import hashlib
import hmac
import json
from random import Random
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api import (
    Message,
    WebhookMalformedError,
    WebhookRefusedError,
    check_request,
    open_webhook,
)
from tests.simulator import wire

from .vectors import messages

ID, SECRET = "simaccessid000000001", "0123456789abcdef0123456789abcdef"
NOW = 1_763_813_400.0
BODY = {"devId": "simbell0000000000001", "status": [{"code": "doorbell_active", "value": "1"}]}
TEXT = wire.compact(BODY)

type Headers = dict[str, str]


def signed(payload: str | bytes, stamp: str = "1763813400", secret: str = SECRET) -> str:
    raw = payload if isinstance(payload, bytes) else payload.encode()
    return hmac.new(secret.encode(), f"{ID}{stamp}".encode() + raw, hashlib.sha256).hexdigest()


def named(payload: str | bytes, stamp: str = "1763813400", **changed: str) -> Headers:
    parameters = {"client-id": ID, "timestamp": stamp, "sign": signed(payload, stamp)}
    return {key: value for key, value in {**parameters, **changed}.items() if value != "-"}


def opened(headers: Headers, body: str | bytes, now: float = NOW) -> Message:
    found = open_webhook(headers, body, access_id=ID, access_secret=SECRET, now=now)
    assert len(found) == 1
    return found[0]


def envelope(em: str) -> dict[str, Any]:
    key = wire.message_key(SECRET)
    data = (
        wire.encrypt_gcm(TEXT, key, bytes(12)) if em == "aes_gcm" else wire.encrypt_ecb(TEXT, key)
    )
    return {"data": data, "protocol": 4, "pv": "2.0", "t": 1_763_813_390_123, "sign": "x"}


@pytest.mark.parametrize("vector", messages("webhook"))
@pytest.mark.parametrize("case", ["sign_lower", "sign_upper"])
def test_the_vendors_formula_is_accepted(vector: dict[str, Any], case: str) -> None:
    given = vector["inputs"]
    request = check_request(
        {
            "client-id": given["client_id"],
            "timestamp": given["t"],
            "sign": vector["expected"][case],
        },
        given["body"].encode(),
        access_id=given["client_id"],
        access_secret=given["secret"],
        now=int(given["t"]) / 1000,
    )
    assert request.payload == given["body"].encode()
    assert request.sign == vector["expected"]["sign_lower"]


def test_a_message_in_clear_has_the_time_of_its_request() -> None:
    message = opened(named(TEXT), TEXT.encode())
    assert message.payload == BODY
    assert message.device_id == BODY["devId"]
    assert message.time == NOW
    assert message.protocol is None


@pytest.mark.parametrize("stamp", ["1763813400", "1763813400123"])
def test_seconds_and_milliseconds_are_both_times(stamp: str) -> None:
    assert opened(named(TEXT, stamp), TEXT).time == pytest.approx(NOW, abs=0.2)


def test_names_may_be_written_in_both_ways() -> None:
    headers = {"Client_ID": ID, "T": "1763813400", "SIGN": signed(TEXT).upper()}
    assert opened(headers, TEXT).payload == BODY


@pytest.mark.parametrize("em", ["aes_gcm", "aes_ecb"])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("place", ["header", "member", "envelope"])
def test_an_envelope_of_the_queue_is_opened(em: str, place: str, *, told: bool) -> None:
    extra = {"em": em} if told else {}
    text = wire.compact(envelope(em) | (extra if place == "envelope" else {}))
    if place == "member":
        message = opened({}, wire.compact({**named(text), **extra, "payload": text}))
    else:
        message = opened({**named(text), **(extra if place == "header" else {})}, text)
    assert message.payload == BODY
    assert message.protocol == 4
    assert message.time == 1_763_813_390.123


def test_a_commercial_envelope_is_opened() -> None:
    text = wire.compact({"encryptPayload": envelope("aes_ecb")["data"], "t": 1_763_813_390})
    assert opened(named(text), text).payload == BODY


def test_a_body_may_carry_all_four_parameters() -> None:
    members = {"client_id": ID, "t": 1_763_813_400, "sign": signed(TEXT), "payload": TEXT}
    assert opened({}, wire.compact(members)).payload == BODY


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_payload_that_is_an_object_may_be_written_as_usual(
    separators: tuple[str, str], *, ascii_only: bool
) -> None:
    body = {**BODY, "name": "Haustür"}
    text = json.dumps(body, separators=separators, ensure_ascii=ascii_only)
    assert opened({}, json.dumps({**named(text), "payload": body})).payload == body


@pytest.mark.parametrize("age", [-300, 300])
def test_a_clock_may_be_five_minutes_off(age: int) -> None:
    assert opened(named(TEXT), TEXT, NOW + age).payload == BODY


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(named(TEXT, **{"client-id": "simaccessid000000002"}), id="another project"),
        pytest.param(named(TEXT, **{"client-id": "-"}), id="no id"),
        pytest.param(named(TEXT, **{"client-id": "\udcff"}), id="an id that is no text"),
        pytest.param(named(TEXT, timestamp="1763813401"), id="another time"),
        pytest.param(named(TEXT, timestamp="-"), id="no time"),
        pytest.param(named(TEXT, "1763813099"), id="stale"),
        pytest.param(named(TEXT, "1763813701"), id="of tomorrow"),
        pytest.param(named(TEXT, "1763813099999"), id="stale by a millisecond"),
        pytest.param(named(TEXT, "17638134001"), id="eleven digits"),
        pytest.param(named(TEXT, " 1763813400"), id="a space"),
        pytest.param(named(TEXT, "１７６３８１３４００"), id="wide digits"),  # noqa: RUF001 - digits too
        pytest.param(named(TEXT, "1763813400.0"), id="a fraction"),
        pytest.param(named(TEXT, "NaN"), id="no number"),
        pytest.param(named(TEXT, sign="0" * 64), id="another signature"),
        pytest.param(named(TEXT, sign=""), id="an empty signature"),
        pytest.param(named(TEXT, sign=signed(TEXT)[:-1]), id="a shorter signature"),
        pytest.param(named(TEXT, sign="\udcff" * 64), id="a signature that is no hex"),
        pytest.param(named(TEXT, sign=signed(TEXT, secret="f" * 32)), id="another secret"),
        pytest.param(named(TEXT + " "), id="another body"),
    ],
)
def test_what_the_project_did_not_sign_now_is_refused(headers: Headers) -> None:
    with pytest.raises(WebhookRefusedError) as refusal:
        opened(headers, TEXT)
    assert str(refusal.value) == "refused"
    members = {**headers, "payload": TEXT}
    if "sign" in headers:
        with pytest.raises(WebhookRefusedError):
            opened({}, json.dumps(members))


@pytest.mark.parametrize("payload", ["-", 5, None, [BODY], True])
def test_members_without_a_payload_are_refused(payload: object) -> None:
    with pytest.raises(WebhookRefusedError):
        opened({}, json.dumps({**named(TEXT), "payload": payload}))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"5", b'"x"', b"{", b"[" * 100_000])
def test_an_unsigned_body_that_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(WebhookMalformedError) as error:
        opened({}, body)
    assert error.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff\xfe", b"[]", b"5", b"null", b"NaN", b"{", b"[" * 100_000),
        wire.compact({**envelope("aes_ecb"), "data": "?"}).encode(),
        wire.compact({**envelope("aes_ecb"), "data": ""}).encode(),
        wire.compact({**envelope("aes_gcm"), "em": "aes_ecb"}).encode(),
        wire.compact({**envelope("aes_ecb"), "em": "aes_gcm"}).encode(),
        wire.compact({"encryptPayload": "Ä"}).encode(),
    ],
)
def test_a_signed_body_without_a_message_is_malformed(body: bytes) -> None:
    with pytest.raises(WebhookMalformedError) as error:
        opened(named(body), body)
    assert error.value.__suppress_context__
    assert str(error.value) == "malformed"


def test_plain_text_named_data_is_no_envelope() -> None:
    text = wire.compact({**BODY, "data": "hello"})
    assert opened(named(text), text).payload["data"] == "hello"


def outcome(attempt: Callable[[], object]) -> str:
    """Tell how an attempt ended; anything but the two errors fails the test."""
    try:
        attempt()
    except WebhookRefusedError:
        return "refused"
    except WebhookMalformedError:
        return "malformed"
    return "opened"


def test_damaged_requests_end_in_one_of_the_two_errors() -> None:
    random, ends = Random(3), set[str]()  # noqa: S311 - the same every time
    texts = [TEXT, wire.compact(envelope("aes_gcm")), wire.compact(envelope("aes_ecb"))]
    wholes = [*texts, *(wire.compact({**named(text), "payload": text}) for text in texts)]
    for _ in range(3000):
        raw = bytearray(random.choice(wholes).encode())
        for _ in range(random.randrange(4)):
            raw[random.randrange(len(raw))] = random.randrange(256)
        body = bytes(raw[: random.choice((len(raw), random.randrange(len(raw))))])
        headers = random.choice(({}, named(body), named(body, em="x")))
        ends.add(outcome(partial(opened, headers, body)))
    assert ends == {"opened", "refused", "malformed"}

"""The simulator's wire against values printed by Tuya or computed by Tuya's own code."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator import wire

VECTORS = Path(__file__).parent / "fixtures" / "vectors"


def load(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


SIGNS = [one for one in load("sign") if "v2" in one["algorithm"]]
MESSAGES = load("messages")["vectors"]
MEDIA = load("media")
PASSWORDS = load("password")


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(one, id=one["name"]) for one in MESSAGES if one["kind"] in kinds]


@pytest.mark.parametrize("one", [pytest.param(one, id=one["name"]) for one in SIGNS])
def test_a_request_is_signed_as_tuya_prints_it(one: dict[str, Any]) -> None:
    path, _, query = one["url"].partition("?")
    pairs = [(key, value) for key, _, value in (p.partition("=") for p in query.split("&")) if key]
    headers = [(name, one["headers"][name]) for name in one["signature_headers"].split(":") if name]
    url = wire.signed_url(path, reversed(pairs))
    text = wire.string_to_sign(one["method"], one["body"].encode(), headers, url)
    assert text == one["string_to_sign"]
    message = one["client_id"] + (one["access_token"] or "") + one["t"] + (one["nonce"] or "")
    assert wire.request_sign(one["secret"], message + text) == one["expected_sign"]


@pytest.mark.parametrize("one", of_kind("password"))
def test_the_queue_password_is_the_sdks(one: dict[str, Any]) -> None:
    given = one["inputs"]
    if "access_secret" in given:
        password = wire.queue_password(given["access_id"], given["access_secret"])
        assert password in json.dumps(one["expected"])


@pytest.mark.parametrize("one", of_kind("ws_frame"))
def test_a_frame_is_sealed_as_tuya_seals_it(one: dict[str, Any]) -> None:
    secret, expected = one["inputs"]["access_secret"], one["expected"]
    key, text = wire.message_key(secret), expected["plaintext"]
    envelope = json.loads(base64.b64decode(one["inputs"]["frame"]["payload"]))
    assert wire.decrypt_message(envelope["data"], expected["em"], key) == text
    if expected["em"] == "aes_gcm":
        nonce = bytes.fromhex(expected["nonce_hex"])
        assert wire.encrypt_gcm(text, key, nonce) == envelope["data"]
    else:
        assert wire.encrypt_ecb(text, key) == envelope["data"]
    assert wire.envelope_sign(envelope, secret) == expected["sign"]


@pytest.mark.parametrize("one", of_kind("decrypt"))
def test_a_mode_that_is_absent_or_unknown_means_ecb(one: dict[str, Any]) -> None:
    given = one["inputs"]
    key = wire.message_key(given["access_secret"])
    assert wire.decrypt_message(given["data"], given.get("em"), key) == one["expected"]["plaintext"]


def test_a_tampered_message_cannot_be_opened() -> None:
    broken = next(one for one in MESSAGES if one["name"] == "gcm_tampered_tag")["inputs"]
    with pytest.raises(wire.WireError):
        wire.decrypt_message(broken["data"], "aes_gcm", wire.message_key(broken["access_secret"]))


@pytest.mark.parametrize("one", of_kind("sign"))
def test_empty_fields_are_left_out_of_the_envelopes_signature(one: dict[str, Any]) -> None:
    if isinstance(one["expected"].get("sign"), str):
        secret, envelope = one["inputs"]["access_secret"], one["inputs"]["envelope"]
        assert wire.envelope_sign(envelope, secret) == one["expected"]["sign"]


@pytest.mark.parametrize("one", of_kind("webhook"))
def test_an_http_push_is_signed_as_the_vendor_says(one: dict[str, Any]) -> None:
    given = one["inputs"]
    sign = wire.webhook_sign(given["client_id"], given["t"], given["body"], given["secret"])
    assert sign == one["expected"]["sign_lower"]


@pytest.mark.parametrize("one", [pytest.param(one, id=one["id"]) for one in MEDIA["files"]])
def test_a_stored_picture_is_laid_out_as_tuya_lays_it_out(one: dict[str, Any]) -> None:
    blob = bytes.fromhex(one["file_hex"])
    if "plain_hex" not in one:
        with pytest.raises(wire.WireError):
            wire.decrypt_file(blob, one["key"])
        return
    plain = bytes.fromhex(one["plain_hex"])
    assert wire.decrypt_file(blob, one["key"]) == plain
    if "iv_hex" in one:
        assert wire.encrypt_file(plain, one["key"], bytes.fromhex(one["iv_hex"])) == blob


@pytest.mark.parametrize("one", PASSWORDS["ticket_cases"])
def test_a_lock_ticket_opens_with_the_access_secret(one: dict[str, Any]) -> None:
    secret, key = one["access_secret"], one["original_key_utf8"]
    assert wire.ticket_key(key, secret) == one["ticket_key_hex"]
    assert wire.open_ticket_key(one["ticket_key_hex"].lower(), secret) == key
    assert wire.open_password(one["password_cipher_hex_lower"], key) == one["password_plain"]


def test_a_message_id_is_pulsars() -> None:
    assert wire.message_id(12345, 1, 0) == "CLlgEAEYACAAMAE="

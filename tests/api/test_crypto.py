"""Tuya's ciphers against vectors checked with Tuya's own programs."""

from base64 import b64decode, b64encode
import json
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad
import pytest

from custom_components.tuyalink_intercom.api.crypto import (
    CaptureError,
    DecryptError,
    decrypt_ecb,
    decrypt_gcm,
    envelope_sign,
    envelope_sign_matches,
    message_key,
    open_capture,
    open_message,
    picture_type,
    queue_password,
    ticket_password,
)

from .small_cloud import ACCESS_SECRET
from .small_queue import encrypted_ecb, encrypted_gcm
from .vectors import load, messages, named

FILES = load("media")["files"]
PICTURES = [vector for vector in FILES if "plain_hex" in vector]
NO_PICTURES = [vector for vector in FILES if "expect" in vector]
PASSWORDS = load("password")
NO_JSON = b64encode(
    AES.new(message_key(ACCESS_SECRET), AES.MODE_ECB).encrypt(pad(b"lucky padding", 16))
).decode()
JPEG = bytes.fromhex(PICTURES[0]["plain_hex"])


@pytest.mark.parametrize("vector", messages("password", "headers", "native_auth"))
def test_the_queue_password_is_the_middle_of_a_hash(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    login = expected.get("headers") or expected
    login = json.loads(expected.get("command_data_java_go", "null")) or login
    assert queue_password(inputs["access_id"], inputs["access_secret"]) == login["password"]


@pytest.mark.parametrize("vector", messages("decrypt"))
def test_an_ecb_message_is_decrypted_to_the_last_blank(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    key = message_key(inputs["access_secret"])
    assert key.decode() == expected.get("aes_key_ascii", key.decode())
    assert decrypt_ecb(b64decode(inputs["data"]), key).decode() == expected["plaintext"]
    opened = open_message(inputs["data"], inputs["access_secret"], inputs["em"])
    assert opened == json.loads(expected["plaintext"])


@pytest.mark.parametrize("vector", messages("sdk_behaviour"))
def test_padding_is_removed_where_tuyas_sdk_leaves_it(vector: dict[str, Any]) -> None:
    inputs = vector["inputs"]
    plain = decrypt_ecb(b64decode(inputs["data"]), message_key(inputs["access_secret"]))
    assert plain.decode() == vector["expected"]["correct_plaintext"]


@pytest.mark.parametrize("vector", messages("robustness"))
def test_a_gcm_message_whose_model_got_lost_is_read(vector: dict[str, Any]) -> None:
    inputs, plaintext = vector["inputs"], vector["expected"]["plaintext"]
    secret = inputs["access_secret"]
    assert open_message(inputs["data"], secret, inputs["em"]) == json.loads(plaintext)
    assert decrypt_gcm(b64decode(inputs["data"]), message_key(secret)).decode() == plaintext
    with pytest.raises(DecryptError):
        open_message(inputs["data"], secret, "aes_ecb")


@pytest.mark.parametrize("vector", messages("negative"))
def test_a_damaged_message_is_refused(vector: dict[str, Any]) -> None:
    inputs = vector["inputs"]
    if "envelope" in inputs:
        envelope, secret = inputs["envelope"], inputs["access_secret"]
        assert envelope_sign(envelope, secret) == vector["expected"]["computed_sign"]
        assert not envelope_sign_matches(envelope, secret)
        return
    with pytest.raises(DecryptError) as error:
        open_message(inputs["data"], inputs["access_secret"], inputs["em"])
    assert inputs["data"] not in str(error.value)


@pytest.mark.parametrize("length", range(45))
def test_gcm_data_of_any_length_without_a_fitting_tag_is_refused(length: int) -> None:
    with pytest.raises(DecryptError):
        decrypt_gcm(bytes(length), message_key(ACCESS_SECRET))


@pytest.mark.parametrize(
    ("data", "secret", "em"),
    [
        ("!!not base64!!", ACCESS_SECRET, "aes_ecb"),
        (encrypted_ecb({"a": 1}), "short", "aes_ecb"),
        (encrypted_gcm({"a": 1}), "", "aes_gcm"),
        (encrypted_ecb({"a": 1}), "f" * 32, None),
        (NO_JSON, ACCESS_SECRET, "aes_ecb"),
        (encrypted_ecb({"a": 1})[:-4], ACCESS_SECRET, None),
        ("", ACCESS_SECRET, None),
    ],
)
def test_what_cannot_be_decrypted_is_said_plainly(data: str, secret: str, em: str | None) -> None:
    with pytest.raises(DecryptError):
        open_message(data, secret, em)


@pytest.mark.parametrize("vector", messages("sign"))
def test_an_envelope_is_signed_as_tuya_publishes_it(vector: dict[str, Any]) -> None:
    envelope, secret = vector["inputs"]["envelope"], vector["inputs"]["access_secret"]
    expected = vector["expected"]
    everything = expected.get("sign") or expected["sign_all_fields"]
    assert envelope_sign(envelope, secret) == everything
    for sign in {everything, expected.get("sign_four_fields", everything)}:
        assert envelope_sign_matches({**envelope, "sign": sign}, secret)


@pytest.mark.parametrize("vector", named(PICTURES, "id"))
def test_a_capture_file_gives_its_picture(vector: dict[str, Any]) -> None:
    picture = open_capture(bytes.fromhex(vector["file_hex"]), vector["key"])
    assert picture.hex() == vector["plain_hex"]
    assert picture_type(picture) == "image/jpeg"


def test_a_picture_needs_no_key_even_if_one_came_with_it() -> None:
    assert open_capture(JPEG, "k3yForOnePicture") == JPEG


@pytest.mark.parametrize("vector", messages("snapshot"))
def test_the_version_of_a_capture_file_does_not_matter(vector: dict[str, Any]) -> None:
    inputs = vector["inputs"]
    picture = open_capture(b64decode(inputs["blob_b64"]), inputs["key_ascii"])
    assert picture == b64decode(vector["expected"]["jpeg_b64"])


@pytest.mark.parametrize("vector", named(NO_PICTURES, "id"))
def test_a_capture_file_without_a_picture_is_an_error(vector: dict[str, Any]) -> None:
    with pytest.raises(CaptureError) as error:
        open_capture(bytes.fromhex(vector["file_hex"]), vector["key"])
    assert vector["key"] not in str(error.value)


def test_each_way_a_capture_file_fails_has_its_name() -> None:
    whole = bytes.fromhex(PICTURES[1]["file_hex"])
    key = PICTURES[1]["key"]
    for data, used, words in (
        (b"", key, "not a picture"),
        (whole[:64], key, "not a picture"),
        (b"<Error>" + bytes(89), key, "not a picture"),
        (whole, "", "not a picture"),
        (whole, "k3y", "not a picture"),
        (whole[:-1], key, "truncated"),
        (whole[:-16], key, "truncated"),
        (whole, key[::-1], "wrong key"),
    ):
        with pytest.raises(CaptureError, match=words):
            open_capture(data, used)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPrest", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVErest", None),
        (b"<?xml?>", None),
        (b"", None),
    ],
)
def test_pictures_are_known_by_their_first_bytes(data: bytes, kind: str | None) -> None:
    assert picture_type(data) == kind


@pytest.mark.parametrize("case", named(PASSWORDS["ticket_cases"], "password_plain"))
def test_a_lock_password_is_encrypted_for_its_ticket(case: dict[str, Any]) -> None:
    for ticket_key in (case["ticket_key_hex"], case["ticket_key_hex"].lower()):
        password = ticket_password(case["access_secret"], ticket_key, case["password_plain"])
        assert password == case["password_cipher_hex_upper"]


@pytest.mark.parametrize("theory", named(PASSWORDS["ticket_negative"]["cases"], "name"))
def test_no_other_key_opens_a_ticket(theory: dict[str, Any]) -> None:
    case = PASSWORDS["ticket_cases"][PASSWORDS["ticket_negative"]["base_case"]]
    with pytest.raises(DecryptError):
        decrypt_ecb(bytes.fromhex(case["ticket_key_hex"]), bytes.fromhex(theory["key_hex"]))


def test_a_ticket_of_another_project_is_refused() -> None:
    case = PASSWORDS["ticket_cases"][0]
    short = "00" * 16
    for secret, ticket_key in (
        ("f" * 32, case["ticket_key_hex"]),
        ("too short", case["ticket_key_hex"]),
        (case["access_secret"], "not hex"),
        (case["access_secret"], short),
    ):
        with pytest.raises(DecryptError):
            ticket_password(secret, ticket_key, "123456")


def test_a_ticket_key_of_a_strange_length_is_refused() -> None:
    key = ACCESS_SECRET.encode()
    strange = AES.new(key, AES.MODE_ECB).encrypt(pad(b"twelve chars", 16)).hex()
    with pytest.raises(DecryptError, match="ticket"):
        ticket_password(ACCESS_SECRET, strange, "123456")

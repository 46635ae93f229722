"""Queue frames opened: every documented shape, and every way to be broken."""

from base64 import b64encode
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.frames import FRAME_LIMIT, Poison, open_frame

from .small_cloud import ACCESS_SECRET
from .small_queue import encrypted_ecb, encrypted_gcm, frame, report
from .vectors import load, messages


def opened(value: object) -> Any:
    return open_frame(json.dumps(value).encode(), ACCESS_SECRET)


@pytest.mark.parametrize("vector", messages("ws_frame"))
def test_a_frame_gives_its_message(vector: dict[str, Any]) -> None:
    inputs, expected = vector["inputs"], vector["expected"]
    found = open_frame(json.dumps(inputs["frame"]).encode(), inputs["access_secret"])
    body = expected["message"]
    assert {"messageId": found.ack_id} == expected["ack"]
    assert (found.poison, found.signed, found.redelivered) == (None, True, False)
    message = found.message
    assert message is not None
    assert message.payload == body == json.loads(expected["plaintext"])
    assert message.kind == body.get("bizCode", "")
    assert message.protocol == expected["envelope"]["protocol"]
    assert message.time == 1763813400.18
    device_id = body.get("devId") or body["bizData"].get("devId", "")
    assert message.device_id == device_id
    assert message.ids[0] == found.ack_id


@pytest.mark.parametrize("vector", messages("inner_blob"))
@pytest.mark.parametrize("em", ["aes_ecb", "aes_gcm"])
def test_what_a_value_holds_is_left_to_the_model(vector: dict[str, Any], em: str) -> None:
    found = opened(report(em=em, devId="d", status=[{"code": "x", **vector["inputs"]}]))
    assert found.message.payload["status"] == [{"code": "x", **vector["inputs"]}]


@pytest.mark.parametrize("case", load("password")["observed_raw"])
def test_raw_values_arrive_as_the_device_sent_them(case: dict[str, str]) -> None:
    found = opened(report(devId="d", status=[{"code": "x", "value": case["b64"]}]))
    assert found.message.payload["status"][0]["value"] == case["b64"]


@pytest.mark.parametrize("call", load("media")["call_push"])
def test_a_call_push_tells_its_kind_and_device(call: dict[str, Any]) -> None:
    found = opened(report(**call["message"]))
    assert (found.message.kind, found.message.device_id) == (
        "event_notify",
        "bf0000000000000000abcd",
    )


@pytest.mark.parametrize("em", ["aes_ecb", "aes_gcm", None])
def test_the_encryption_may_change_from_frame_to_frame(em: str | None) -> None:
    assert opened(report(em=em, devId="d")).message.device_id == "d"


def test_gcm_is_read_when_the_frame_has_lost_its_properties() -> None:
    envelope = {"data": encrypted_gcm({"devId": "d"})}
    lost: list[object] = [{}, None, [], {"em": 7}, {"em": ""}]
    for properties in lost:
        assert opened(frame(envelope, properties=properties)).message.device_id == "d"


def test_the_commercial_envelope_is_read() -> None:
    body = {"bizCode": "x", "eventType": "y", "data": {"devId": "d"}}
    for em, cipher in (("aes_ecb", encrypted_ecb), ("aes_gcm", encrypted_gcm)):
        envelope = {"encryptType": em, "v": "1.0", "t": 1, "encryptPayload": cipher(body)}
        message = opened(frame(envelope)).message
        assert (message.kind, message.device_id, message.protocol) == ("x", "d", None)


def test_a_wrong_signature_is_noticed_but_the_message_stays() -> None:
    envelope = {"data": encrypted_ecb({"devId": "d"}), "protocol": 4, "sign": "0" * 32}
    found = opened(frame(envelope))
    assert found.signed is False
    assert found.message.device_id == "d"
    assert opened(frame({**envelope, "sign": ["odd"]})).signed is False


@pytest.mark.parametrize(
    ("published", "pushed", "time"),
    [
        ("2026-11-22T12:00:00.180Z", 1795348800178, 1795348800.18),
        ("2026-11-22T20:00:00.180+08:00", None, 1795348800.18),
        ("2026-11-22 12:00:00.180", 1795348800178, 1795348800.178),
        ("yesterday", "1795348800", 1795348800.0),
        (None, 1795348800, 1795348800.0),
        (1795348800180, 0, None),
        ("", None, None),
    ],
)
def test_a_messages_time_is_the_clouds(published: Any, pushed: Any, time: float | None) -> None:
    envelope = {"data": encrypted_ecb({"devId": "d"}), "t": pushed}
    assert opened(frame(envelope, publishTime=published)).message.time == time


def test_a_frame_without_a_usable_id_still_gives_its_message() -> None:
    envelope = {"data": encrypted_ecb({"devId": "d", "dataId": "1"})}
    for message_id in (None, 7, "", "x" * 1025, ["x"]):
        found = opened({**frame(envelope), "messageId": message_id})
        assert found.ack_id is None
        assert found.message.ids == ("d:1",)


def test_a_repeat_is_told_by_its_count() -> None:
    envelope = {"data": encrypted_ecb({"devId": "d"})}
    assert opened(frame(envelope, redeliveryCount=2)).redelivered is True
    assert opened(frame(envelope, redeliveryCount="2")).redelivered is False


@pytest.mark.parametrize(
    ("broken", "poison"),
    [
        (frame({}, payload=None), Poison.NO_PAYLOAD),
        (frame({}, payload=7), Poison.NO_PAYLOAD),
        (frame({}, payload="%%%"), Poison.NO_ENVELOPE),
        (frame({}, payload="é"), Poison.NO_ENVELOPE),
        (frame({}, payload=b64encode(b"\xff\xfe").decode()), Poison.NO_ENVELOPE),
        (frame("[1]"), Poison.NO_ENVELOPE),
        (frame('{"data":'), Poison.NO_ENVELOPE),
        (frame({}), Poison.NOT_DECRYPTABLE),
        (frame({"data": 7}), Poison.NOT_DECRYPTABLE),
        (frame({"data": None, "t": [], "protocol": {}}), Poison.NOT_DECRYPTABLE),
        (frame({"data": encrypted_ecb({"a": 1})[:-2]}), Poison.NOT_DECRYPTABLE),
        (frame({"data": encrypted_ecb([1])}), Poison.NO_OBJECT),
        (frame({"data": encrypted_gcm("text")}), Poison.NO_OBJECT),
    ],
)
def test_a_broken_frame_is_poison_that_can_be_acknowledged(broken: Any, poison: Poison) -> None:
    found = opened(broken)
    assert (found.ack_id, found.message, found.poison) == ("CAE=", None, poison)


def test_a_message_for_another_secret_is_poison() -> None:
    raw = json.dumps(report(devId="d")).encode()
    assert open_frame(raw, "f" * 32).poison is Poison.NOT_DECRYPTABLE


@pytest.mark.parametrize(
    ("raw", "ack_id"),
    [
        (b'{"messageId": "CAE=", "payload": "eyJk', "CAE="),
        (b'{"payload": "\xff\xfe", "messageId":"CAE="}', "CAE="),
        (b"[]", None),
        (b"7", None),
        (b"", None),
        (b'{"messageId": "not closed', None),
        (b'{"messageId": "CA\\"E=", "payload"', None),
        (b'{"messageId": "' + b"x" * 1025 + b'", "payload"', None),
        (b'{"messageId": "CAE=", "count": ' + b"9" * 5000 + b"}", "CAE="),
    ],
)
def test_what_is_not_json_is_acknowledged_where_its_id_can_be_found(
    raw: bytes, ack_id: str | None
) -> None:
    found = open_frame(raw, ACCESS_SECRET)
    assert (found.ack_id, found.poison) == (ack_id, Poison.NOT_JSON)


def test_endless_nesting_is_poison() -> None:
    deep = b'{"messageId": "CAE=", "payload": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert open_frame(deep, ACCESS_SECRET).poison is not None
    assert open_frame(deep, ACCESS_SECRET).ack_id == "CAE="


@pytest.mark.parametrize("levels", [200, 2_000, 20_000, 150_000])
def test_nesting_inside_an_envelope_never_raises(levels: int) -> None:
    nest = "[" * levels + "]" * levels
    found = opened(frame(f'{{"data": "x", "odd": {nest}}}'))
    assert found.ack_id == "CAE="
    assert found.poison is not None


def test_a_frame_beyond_the_queues_own_limit_is_not_read() -> None:
    huge = json.dumps(report(message_id="big", devId="d", pad="x" * FRAME_LIMIT)).encode()
    found = open_frame(huge, ACCESS_SECRET)
    assert (found.ack_id, found.message, found.poison) == ("big", None, Poison.TOO_LARGE)


def test_numbers_and_letters_that_do_not_exist_do_no_harm() -> None:
    data = encrypted_ecb({"devId": "d", "a": float("nan"), "b": float("-inf"), "c": "\ud800x"})
    payload = opened(frame({"data": data})).message.payload
    assert payload == {"devId": "d", "a": None, "b": None, "c": "\ufffdx"}

"""Identities and times of pushed items."""

import math
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.message import (
    Json,
    MalformedMessageError,
    Message,
    message_from,
    unix_seconds,
)

NOW = 1_795_348_800.0
DEVICE = "bf0demo0device0id0abcd"


def made(body: Json, **known: Any) -> Message:
    return message_from(body, **{"time": NOW, **known})


def test_a_legacy_report_tells_its_device_and_identity_at_the_top() -> None:
    body: Json = {"dataId": "0001", "devId": DEVICE, "status": [{"code": "doorbell", "value": 1}]}
    message = made(body, protocol=4, transport_id="CAE=")
    assert message == Message(
        ids=("CAE=", f"{DEVICE}:0001"),
        time=NOW,
        kind="",
        device_id=DEVICE,
        payload={"dataId": "0001", "devId": DEVICE, "status": [{"code": "doorbell", "value": 1}]},
        protocol=4,
    )


def test_an_iot_core_report_tells_them_inside() -> None:
    message = made({"bizCode": "devicePropertyMessage", "bizData": {"devId": "d", "dataId": "2"}})
    assert (message.kind, message.device_id) == ("devicePropertyMessage", "d")
    assert message.ids == ("d:2",)


def test_both_dialects_of_one_report_share_an_identity() -> None:
    legacy = made({"devId": "d", "dataId": "2", "status": []}, transport_id="one")
    core = made({"bizData": {"devId": "d", "dataId": "2", "properties": []}}, transport_id="two")
    assert set(legacy.ids) & set(core.ids) == {"d:2"}


def test_the_commercial_platform_tells_its_device_in_data() -> None:
    assert made({"bizCode": "x", "data": {"deviceId": "d"}}).device_id == "d"


def test_an_item_about_no_device_has_none() -> None:
    assert made({"bizCode": "homeCreate", "bizData": "text", "devId": 7}).device_id == ""


def test_an_item_without_identity_is_known_by_its_body() -> None:
    body: dict[str, Json] = {"bizCode": "event_notify", "devId": "d", "ts": 1684051778123}
    queue, webhook = made(body, transport_id="CAE="), made(dict(body), time=NOW + 3)
    assert queue.ids[0] == "CAE="
    assert queue.ids[1:] == webhook.ids
    assert made({**body, "ts": 1684051779123}).ids != webhook.ids


@pytest.mark.parametrize(
    "untimed",
    [
        {"bizCode": "event_notify", "devId": "d", "bizData": {"etype": "doorbell"}},
        {"bizCode": "event_notify", "devId": "d", "ts": 0, "list": [1, {"t": ""}]},
        {"bizCode": "event_notify", "devId": "d", "bizData": {"edata": "always the same"}},
    ],
)
def test_two_presses_that_look_the_same_are_told_apart_by_the_clouds_time(untimed: Any) -> None:
    assert made(untimed).ids == made(untimed).ids
    assert made(untimed).ids != made(untimed, time=NOW + 5).ids


def test_long_identities_are_shortened_and_long_texts_are_no_ids() -> None:
    message = made({"devId": "d" * 100, "dataId": "2" * 100}, transport_id="m" * 999)
    assert all(len(identity) <= 128 for identity in message.ids)
    assert len(set(message.ids)) == 2
    assert made({"devId": "d" * 129, "bizCode": "x\n"}).device_id == ""
    assert made({"devId": "d" * 129, "bizCode": "x\n"}).kind == ""


@pytest.mark.parametrize("body", [None, True, 1, "text", [{"devId": "d"}]])
def test_a_body_that_is_no_object_is_refused(body: Json) -> None:
    with pytest.raises(MalformedMessageError):
        made(body)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1763813400, 1763813400.0),
        (1763813400123, 1763813400.123),
        ("1763813400", 1763813400.0),
        ("1763813400123", 1763813400.123),
        (1763813400.5, 1763813400.5),
        (0, None),
        ("0", None),
        ("", None),
        ("soon", None),
        (None, None),
        (True, None),
        ([1763813400], None),
        (-1763813400, None),
        (12345, None),
        (10**15, None),
        (10**400, None),
        (math.nan, None),
        (math.inf, None),
        ("nan", None),
        ("1e999", None),
    ],
)
def test_times_are_read_in_seconds_and_milliseconds(value: object, seconds: float | None) -> None:
    assert unix_seconds(value) == seconds

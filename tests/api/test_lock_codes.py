"""Calls about temporary codes: what is sent, and how answers are read."""

from collections.abc import Awaitable
import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.access import Ticket
from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.crypto import DecryptError
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaCommandError,
    TuyaConnectionError,
)
from custom_components.tuyalink_intercom.api.lock_codes import CodeDraft, CodeHours, OfflineKind
from tests.simulator import wire

from .small_cloud import ACCESS_SECRET, SmallCloud

LOCK = "/v1.0/devices/d1/door-lock"
CREATE = f"{LOCK}/temp-password"
NAMELESS = "/v2.0/devices/d1/door-lock/temp-password"
LIST = f"{LOCK}/temp-passwords"
ONE = f"{LIST}/7"
KEY = "A1b2C3d4E5f6G7h8"
TICKET = Ticket(id="6k8vsH", key=wire.ticket_key(KEY, ACCESS_SECRET))
DRAFT = CodeDraft(name="Eve", digits="0070071", start=1795000000, end=1795003600, once=True)


def sent(small_cloud: SmallCloud) -> Any:
    return json.loads(small_cloud.seen[-1].body)


async def test_a_code_travels_encrypted_with_its_ticket(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(CREATE, {"id": 123})
    assert await cloud.codes.create("d1", TICKET, DRAFT) == "123"
    body = sent(small_cloud)
    assert wire.open_password(body.pop("password"), KEY) == "0070071"
    assert body == {
        "name": "Eve",
        "password_type": "ticket",
        "ticket_id": "6k8vsH",
        "effective_time": 1795000000,
        "invalid_time": 1795003600,
        "type": 1,
    }
    assert "0070071" not in repr(DRAFT)


async def test_weekly_hours_go_with_their_time_zone(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(CREATE, {"id": "9"})
    hours = (CodeHours(start=450, end=720, days=38),)
    draft = CodeDraft(name="Eve", digits="123456", start=1, end=2, hours=hours, time_zone="-03:00")
    assert await cloud.codes.create("d1", TICKET, draft) == "9"
    body = sent(small_cloud)
    assert body["time_zone"] == "-03:00"
    assert body["schedule_list"] == [
        {"effective_time": 450, "invalid_time": 720, "working_day": 38}
    ]
    assert body["type"] == 0


async def test_the_call_without_a_name_is_tried_after_a_refusal_of_the_other(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(CREATE, 1108)
    small_cloud.answer(NAMELESS, {"id": 5})
    assert await cloud.codes.create("d1", TICKET, DRAFT) == "5"
    assert "name" not in sent(small_cloud)


async def test_a_refusal_of_the_code_itself_is_not_tried_again(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse(CREATE, 1109)
    with pytest.raises(TuyaCommandError):
        await cloud.codes.create("d1", TICKET, DRAFT)
    assert [call.path for call in small_cloud.seen].count(NAMELESS) == 0


async def test_a_ticket_of_another_project_is_refused_before_anything_is_sent(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    foreign = Ticket(id="6k8vsH", key=wire.ticket_key(KEY, "f" * 32))
    with pytest.raises(DecryptError):
        await cloud.codes.create("d1", foreign, DRAFT)
    assert [call.path for call in small_cloud.seen].count(CREATE) == 0


@pytest.mark.parametrize("answer", [{}, {"id": True}, {"id": ""}, {"id": None}, [], "x"])
async def test_an_answer_without_a_number_is_none(
    cloud: TuyaCloud, small_cloud: SmallCloud, answer: Any
) -> None:
    small_cloud.answer(CREATE, answer)
    with pytest.raises(TuyaConnectionError):
        await cloud.codes.create("d1", TICKET, DRAFT)


async def test_codes_are_listed_by_whether_they_are_good(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(LIST, [{"id": 1}, "odd"], [], {})
    assert await cloud.codes.list("d1") == [{"id": 1}]
    assert "valid=true" in small_cloud.seen[-1].target
    assert await cloud.codes.list("d1", valid=False) == []
    assert "valid=false" in small_cloud.seen[-1].target
    with pytest.raises(TuyaConnectionError):
        await cloud.codes.list("d1")


async def test_one_code_is_read(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(f"{CREATE}/7", {"id": 7, "phase": 2})
    assert (await cloud.codes.get("d1", "7"))["phase"] == 2


async def test_a_code_is_changed_as_a_whole(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(f"{ONE}/modify-password", True, False)
    await cloud.codes.change("d1", "7", TICKET, DRAFT)
    assert small_cloud.seen[-1].method == "PUT"
    assert sent(small_cloud)["name"] == "Eve"
    with pytest.raises(TuyaCommandError):
        await cloud.codes.change("d1", "7", TICKET, DRAFT)


async def test_a_code_is_frozen_thawed_and_deleted(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    steps: tuple[tuple[str, str, Awaitable[None]], ...] = (
        ("PUT", f"{ONE}/freeze-password", cloud.codes.freeze("d1", "7")),
        ("PUT", f"{ONE}/unfreeze-password", cloud.codes.unfreeze("d1", "7")),
        ("DELETE", ONE, cloud.codes.delete("d1", "7")),
    )
    for method, path, step in steps:
        small_cloud.answer(path, True)
        await step
        assert (small_cloud.seen[-1].method, small_cloud.seen[-1].path) == (method, path)


@pytest.mark.parametrize(
    ("kind", "version", "told"),
    [
        (OfflineKind.ONE_TIME, "v1.1", "once"),
        (OfflineKind.MULTIPLE, "v1.1", "multiple"),
        (OfflineKind.CLEAR, "v1.0", 9),
    ],
)
async def test_a_code_for_offline_is_asked_for_by_its_kind(
    cloud: TuyaCloud, small_cloud: SmallCloud, kind: OfflineKind, version: str, told: object
) -> None:
    path = f"/{version}/devices/d1/door-lock/offline-temp-password"
    small_cloud.answer(path, {"offline_temp_password": "0123456789"})
    assert await cloud.codes.offline("d1", kind, "Eve", 3600, 7200) == "0123456789"
    body = sent(small_cloud)
    assert (body["type"], body["effective_time"], body["invalid_time"]) == (told, 3600, 7200)


async def test_the_older_call_for_offline_is_tried_after_a_refusal(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.refuse("/v1.1/devices/d1/door-lock/offline-temp-password", 1108)
    small_cloud.answer(f"{LOCK}/offline-temp-password", {"offline_temp_password": "012345"})
    kind = OfflineKind.ONE_TIME
    assert await cloud.codes.offline("d1", kind, "Eve", 3600, 7200) == "012345"
    assert sent(small_cloud)["type"] == 1


async def test_a_dynamic_code_is_text_of_digits(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    path = f"{LOCK}/dynamic-password"
    small_cloud.answer(path, {"dynamic_password": "01234567"}, {"dynamic_password": 1234567}, {})
    assert await cloud.codes.dynamic("d1") == "01234567"
    for _ in range(2):
        with pytest.raises(TuyaConnectionError) as error:
            await cloud.codes.dynamic("d1")
        assert error.value.reason is Reason.MALFORMED_ANSWER

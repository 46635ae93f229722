"""What the simulated cloud remembers: logs and the access log, whoever listened."""

from typing import Any

import pytest

from tests.simulator import TuyaSimulator
from tests.simulator.client import Client, Clock

SPAN = {"start_time": "1794900000000", "end_time": "1795100000000"}
REPORT_LOGS = (
    "/v2.0/cloud/thing/{}/report-logs",
    "/v2.1/cloud/thing/{}/report-logs",
    "/v1.0/iot-03/devices/{}/report-logs",
)
ACCESS_LOG = "/v1.0/iot-02/access-control-logs"


async def logs(client: Client, device: str, *codes: str, **query: str) -> dict[str, Any]:
    path = REPORT_LOGS[0].format(device)
    asked = {**SPAN, "codes": ",".join(codes), **query}
    answer: dict[str, Any] = await client.get(path, **asked)
    return answer


async def code(client: Client, path: str, **query: str) -> int | None:
    found: int | None = (await client.call("GET", path, query)).get("code")
    return found


async def test_every_report_is_logged_as_text_though_nobody_listens(
    client: Client, cloud: TuyaSimulator, clock: Clock, ids: dict[str, str]
) -> None:
    keypad = ids["Gate keypad"]
    for values in (
        {"door_bell": True},
        {"door_bell": True},
        {"unlock_fingerprint_kit": "AAABAgAA"},
    ):
        cloud.report(keypad, values, time=clock.time - 3600)
        clock.time += 1
    for path in REPORT_LOGS:
        found = await client.get(
            path.format(keypad), codes="door_bell,unlock_fingerprint_kit", **SPAN
        )
        assert found == {
            "device_id": keypad,
            "has_more": False,
            "last_row_key": found["last_row_key"],
            "logs": [
                {
                    "code": "unlock_fingerprint_kit",
                    "event_time": 1_795_000_002_000,
                    "value": "AAABAgAA",
                },
                {"code": "door_bell", "event_time": 1_795_000_001_000, "value": "true"},
                {"code": "door_bell", "event_time": 1_795_000_000_000, "value": "true"},
            ],
            "total": 3,
        }


async def test_a_press_is_in_the_log_once_per_code_and_its_notice_is_not(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    bell = ids["Battery bell"]
    cloud.fault("rules_off")
    sent = cloud.scenario("ring", bell, dialect="both")
    assert sent.message_ids == ()
    found = await logs(client, bell, "doorbell_active", "doorbell_pic", "event_notify")
    assert [row["code"] for row in found["logs"]] == [
        *("doorbell_pic", "doorbell_active"),
    ]
    assert found["logs"][1]["value"] == sent.event_id[-10:]


async def test_report_logs_go_on_after_the_last_row(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    lock = ids["Front door lock"]
    for slot in range(45):
        cloud.report(lock, {"unlock_card": slot})
    values: list[str] = []
    last: dict[str, str] = {}
    for number, more in ((20, True), (20, True), (5, False)):
        found = await logs(client, lock, "unlock_card", **last)
        assert (len(found["logs"]), found["has_more"], found["total"]) == (number, more, 45)
        values += [row["value"] for row in found["logs"]]
        last = {"last_row_key": found["last_row_key"]}
    assert values == [str(slot) for slot in reversed(range(45))]
    assert len((await logs(client, lock, "unlock_card", size="100"))["logs"]) == 45


async def test_logs_refuse_what_is_missing_or_out_of_range(
    client: Client, ids: dict[str, str]
) -> None:
    device = ids["Intercom"]
    report, home = REPORT_LOGS[0].format(device), f"/v1.0/devices/{device}/logs"
    thing = f"/v2.0/cloud/thing/{device}/logs"
    good = {**SPAN, "codes": "doorbell_active", "type": "7", "query_type": "1"}
    for path, needed in (
        (report, ("codes", "start_time", "end_time")),
        (home, ("type", "start_time", "end_time")),
        (thing, ("type", "start_time", "end_time", "query_type")),
    ):
        assert await code(client, path, **good) is None
        for name in needed:
            assert await code(client, path, **(good | {name: ""})) == 1100, (path, name)
        assert await code(client, path, **(good | {"start_time": "1794900000"})) == 1109
        assert await code(client, path, **(good | {"start_time": "1795200000000"})) == 1109
    for size in ("0", "101", "many"):
        assert await code(client, report, **good, size=size) == 1109
    assert await code(client, report, **good, last_row_key="x") == 1109
    assert await code(client, REPORT_LOGS[0].format("nobody"), **good) == 1106


async def test_device_logs_tell_presence_and_reports_by_type(
    client: Client, cloud: TuyaSimulator, clock: Clock, ids: dict[str, str]
) -> None:
    device = ids["Intercom"]
    for name in ("offline", "online"):
        cloud.scenario(name, device)
        clock.time += 1
    cloud.report(device, {"doorbell_active": "1795000000"})
    path = f"/v1.0/devices/{device}/logs"
    first = await client.get(path, type="1,2,7", size="2", **SPAN)
    assert first["logs"] == [
        {
            "code": "doorbell_active",
            "event_from": "1",
            "event_id": 7,
            "event_time": 1_795_000_002_000,
            "value": "1795000000",
        },
        {"event_from": "1", "event_id": 1, "event_time": 1_795_000_001_000},
    ]
    assert (first["has_next"], first["count"], first["device_id"]) == (True, 2, device)
    rest = await client.get(path, type="1,2,7", start_row_key=first["next_row_key"], **SPAN)
    assert [row["event_id"] for row in rest["logs"]] == [2]
    assert (rest["has_next"], rest["next_row_key"]) == (False, "")
    thing = f"/v2.0/cloud/thing/{device}/logs"
    assert (await client.get(thing, type="7", query_type="1", **SPAN))["count"] == 1
    industry = f"/v1.0/iot-03/devices/{device}/logs"
    listed = await client.get(industry, event_types="2", **SPAN)
    assert [row["event_id"] for row in listed["logs"]] == [2]


async def test_logs_reach_back_seven_days(
    client: Client, cloud: TuyaSimulator, clock: Clock, ids: dict[str, str]
) -> None:
    device, week = ids["Intercom"], 7 * 86_400
    cloud.scenario("ring", device, carrier="doorbell_active", age_s=week + 1)
    cloud.scenario("ring", device, carrier="doorbell_active", age_s=week - 1)
    span = {"start_time": "1790000000000"}
    found = await logs(client, device, "doorbell_active", **span)
    assert [row["event_time"] for row in found["logs"]] == [int(clock.time - week + 1) * 1000]


async def test_what_terminals_say_has_no_code_and_no_report_log(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    terminal = ids["Face terminal"]
    for name in ("ring", "access_granted", "tamper", "offline"):
        cloud.scenario(name, terminal)
    found = await logs(client, terminal, "", "doorbell_active")
    assert (found["logs"], found["total"], found["has_more"]) == ([], 0, False)
    path = f"/v1.0/devices/{terminal}/logs"
    rows = (await client.get(path, type="1,2,7", **SPAN))["logs"]
    assert [row["event_id"] for row in rows] == [2]


async def test_old_scenarios_are_logged_when_they_happened(
    client: Client, cloud: TuyaSimulator, clock: Clock, ids: dict[str, str]
) -> None:
    lock, terminal = ids["Front door lock"], ids["Face terminal"]
    cloud.scenario("access_granted", lock, way="card", person=3)
    cloud.scenario("access_granted", lock, way="card", person=4, age_s=600)
    found = await logs(client, lock, "unlock_card")
    assert [(row["value"], clock.time - row["event_time"] / 1000) for row in found["logs"]] == [
        ("3", 0),
        ("4", 600),
    ]
    assert cloud.devices[lock].values["unlock_card"] == 3
    for age in (900, 0, 300):
        cloud.scenario("access_granted", terminal, person=f"p{age}", age_s=age)
    listed = (await client.get(ACCESS_LOG, device_ids=terminal))["list"]
    assert [row["user_id"] for row in listed] == ["p0", "p300", "p900"]
    assert listed[1]["access_time"] == int(clock.time - 300) * 1000


async def test_a_door_that_was_opened_long_ago_has_closed_since(
    client: Client, cloud: TuyaSimulator, clock: Clock, ids: dict[str, str]
) -> None:
    lock = ids["Front door lock"]
    device = cloud.devices[lock]
    cloud.scenario("access_granted", lock, age_s=1800)
    assert (cloud.door(lock).opened, cloud.door(lock).open) == (1, False)
    found = await logs(client, lock, "lock_motor_state")
    assert [(row["value"], row["event_time"] / 1000) for row in found["logs"]] == [
        ("false", clock.time - 1800 + device.relock_s),
        ("true", clock.time - 1800),
    ]


async def test_presence_told_late_does_not_undo_what_came_after(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    device = ids["Intercom"]
    cloud.scenario("online", device, age_s=60)
    cloud.scenario("offline", device, age_s=120)
    assert cloud.devices[device].online
    rows = await client.get(f"/v1.0/devices/{device}/logs", type="1,2", **SPAN)
    assert [row["event_id"] for row in rows["logs"]] == [1, 2]


async def test_the_access_log_names_people_and_shows_their_pictures(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    terminal = ids["Face terminal"]
    sent = [cloud.scenario("access_granted", terminal, age_s=2)]
    await client.control("people", {"person_id": "ay2", "name": "Bob"})
    sent += [cloud.scenario("access_granted", terminal, way="card", person="ay2", age_s=1)]
    sent += [cloud.scenario("access_granted", terminal, way=9, person="ay3", name="Carla")]
    cloud.scenario("access_denied", terminal, person="stranger")
    rows = (await client.get(ACCESS_LOG))["list"]
    assert [row["name"] for row in rows] == ["Carla", "Bob", "Anna"]
    assert [row["access_type"] for row in rows] == ["远程", "刷卡", "人脸"]
    for row, one in zip(rows, reversed(sent), strict=True):
        async with client.session.get(row["image_capture"]) as answer:
            assert await answer.read() == cloud.pictures[one.event_id]
    await client.control("records", {"localized": False})
    rows = (await client.get(ACCESS_LOG, export_face_img="false"))["list"]
    assert [row["access_type"] for row in rows] == ["remote", "card", "face"]
    assert {row["image_capture"] for row in rows} == {""}


@pytest.mark.parametrize("age", [0, 7000])
async def test_the_queue_keeps_two_hours_and_forgets_the_rest(
    client: Client, cloud: TuyaSimulator, clock: Clock, ids: dict[str, str], age: int
) -> None:
    bell = ids["Battery bell"]
    old = cloud.scenario("ring", bell, age_s=7201)
    assert old.message_ids == ()
    kept = cloud.scenario("ring", bell, carrier="event_notify", age_s=age)
    cloud.scenario("online", bell)
    assert cloud.expire() == 0
    clock.time += 7201 - age
    assert await client.control("expire", {}) == {"expired": 1 if age else 2}
    assert (await client.control("state"))["unacked"] == (1 if age else 0)
    assert not cloud.is_acked(kept.event_id)

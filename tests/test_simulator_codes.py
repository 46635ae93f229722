"""Simulated locks take codes as Tuya's do, and open by the right one at the right time only."""

from typing import Any

import pytest

from tests.simulator import ScenarioError, TuyaSimulator, read_document, wire
from tests.simulator.client import Client, Clock
from tests.simulator.codes import LIMIT
from tests.test_opening import document

DOOR = "/v1.0/devices/{}/door-lock"
HOUR = 3600


@pytest.fixture
def keypad(ids: dict[str, str]) -> str:
    """Return the id of the keypad at the gate."""
    return ids["Gate keypad"]


async def ticket(client: Client, device: str) -> tuple[str, str]:
    """Return the id of a new ticket and the key inside."""
    told = (await client.post(f"{DOOR.format(device)}/password-ticket", {}))["result"]
    return told["ticket_id"], wire.open_ticket_key(told["ticket_key"], client.secret)


async def draft(client: Client, device: str, digits: str = "4837291", **changed: Any) -> Any:
    """Return the body that makes a code."""
    ticket_id, key = await ticket(client, device)
    now = int(client.cloud.now())
    return {
        "name": "Eve",
        "password": wire.seal_password(digits, key),
        "password_type": "ticket",
        "ticket_id": ticket_id,
        "effective_time": now,
        "invalid_time": now + HOUR,
    } | changed


async def make(client: Client, device: str, digits: str = "4837291", **changed: Any) -> Any:
    """Make a code; return the whole answer."""
    body = await draft(client, device, digits, **changed)
    return await client.post(f"{DOOR.format(device)}/temp-password", body)


def opens(cloud: TuyaSimulator, device: str, code: str) -> bool:
    """Type a code and tell whether the door opened."""
    before = cloud.door(device).opened
    cloud.scenario("code_entered", device, code=code)
    return cloud.door(device).opened == before + 1


async def test_a_code_opens_in_its_time_only(client: Client, clock: Clock, keypad: str) -> None:
    start = int(clock()) + HOUR
    made = await make(client, keypad, effective_time=start, invalid_time=start + HOUR)
    assert made["success"]
    assert not opens(client.cloud, keypad, "4837291")
    clock.time += HOUR
    assert opens(client.cloud, keypad, "4837291")
    assert not opens(client.cloud, keypad, "4837290")
    clock.time += HOUR
    assert not opens(client.cloud, keypad, "4837291")


async def test_a_code_for_once_opens_once_and_is_listed_as_over(
    client: Client, keypad: str
) -> None:
    await make(client, keypad, type=1)
    path = f"{DOOR.format(keypad)}/temp-passwords"
    (row,) = await client.get(path, valid="true")
    assert (row["name"], row["phase"]) == ("Eve", 2)
    assert "4837291" not in str(row)
    assert opens(client.cloud, keypad, "4837291")
    assert not opens(client.cloud, keypad, "4837291")
    assert await client.get(path, valid="true") == []
    assert len(await client.get(path, valid="false")) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"password_type": "plain"},
        {"password": "00"},
        {"password": "00" * 16},
        {"ticket_id": "nobody's"},
        {"effective_time": 1_600_000_000},
        {"effective_time": "soon"},
        {"invalid_time": 1_600_000_000},
        {"type": 2},
        {"name": ""},
        {"schedule_list": [{"effective_time": 0, "invalid_time": 60, "working_day": 1}]},
        {
            "time_zone": "+01:00",
            "schedule_list": [{"effective_time": 60, "invalid_time": 60, "working_day": 1}],
        },
        {
            "time_zone": "Berlin",
            "schedule_list": [{"effective_time": 0, "invalid_time": 60, "working_day": 1}],
        },
    ],
)
async def test_what_is_wrong_with_a_code_is_one_error(
    client: Client, keypad: str, changed: dict[str, Any]
) -> None:
    assert (await make(client, keypad, **changed))["code"] == 1109
    assert await client.get(f"{DOOR.format(keypad)}/temp-passwords", valid="true") == []


@pytest.mark.parametrize("digits", ["123456", "12345678", ""])
async def test_a_wifi_lock_wants_seven_digits(client: Client, keypad: str, digits: str) -> None:
    assert (await make(client, keypad, digits))["code"] == 1109


async def test_a_ticket_serves_once(client: Client, keypad: str) -> None:
    body = await draft(client, keypad)
    path = f"{DOOR.format(keypad)}/temp-password"
    assert (await client.post(path, body))["success"]
    assert (await client.post(path, body))["code"] == 1109


async def test_the_same_digits_serve_one_code(client: Client, keypad: str) -> None:
    assert (await make(client, keypad))["success"]
    assert (await make(client, keypad, name="Adam"))["code"] == 1109
    assert (await make(client, keypad, "7654012"))["success"]


async def test_a_lock_is_full_some_time(client: Client, keypad: str) -> None:
    for number in range(LIMIT):
        assert (await make(client, keypad, str(5_000_000 + number)))["success"]
    assert (await make(client, keypad, "6000000"))["code"] == 1109


async def test_a_code_is_frozen_thawed_changed_and_deleted(client: Client, keypad: str) -> None:
    number = (await make(client, keypad))["result"]["id"]
    path = f"{DOOR.format(keypad)}/temp-passwords/{number}"
    assert (await client.call("PUT", f"{path}/freeze-password"))["result"] is True
    assert not opens(client.cloud, keypad, "4837291")
    assert (await client.call("PUT", f"{path}/unfreeze-password"))["result"] is True
    assert opens(client.cloud, keypad, "4837291")
    body = await draft(client, keypad, "7654012")
    assert (await client.call("PUT", f"{path}/modify-password", body=body))["result"] is True
    assert not opens(client.cloud, keypad, "4837291")
    assert opens(client.cloud, keypad, "7654012")
    assert (await client.call("DELETE", path))["result"] is True
    assert not opens(client.cloud, keypad, "7654012")
    assert (await client.call("DELETE", path))["code"] == 1000
    assert (await client.call("DELETE", f"{path}x"))["code"] == 1000


async def test_all_codes_are_taken_back_at_once(client: Client, keypad: str) -> None:
    await make(client, keypad)
    path = f"{DOOR.format(keypad)}/temp-passwords"
    assert (await client.post(f"{path}/rest-password", {}))["result"] is True
    assert await client.get(path, valid="true") == []


async def test_weekly_hours_go_by_the_codes_own_time_zone(
    client: Client, clock: Clock, keypad: str
) -> None:
    # 2026-11-23, a Monday, 10:00 UTC: noon at +02:00.
    clock.time = 1_795_428_000.0
    await client.connect()
    hours = {"effective_time": 720, "invalid_time": 780, "working_day": 2}
    await make(client, keypad, time_zone="+02:00", schedule_list=[hours])
    assert opens(client.cloud, keypad, "4837291")
    await make(client, keypad, "7654012", time_zone="+00:00", schedule_list=[hours])
    assert not opens(client.cloud, keypad, "7654012")


async def test_a_lock_that_is_away_gets_its_code_when_it_is_back(
    client: Client, keypad: str
) -> None:
    client.cloud.scenario("offline", keypad)
    number = (await make(client, keypad))["result"]["id"]
    path = f"{DOOR.format(keypad)}/temp-password/{number}"
    assert (await client.get(path))["phase"] == 1
    issue = f"{DOOR.format(keypad)}/issue-password"
    assert (await client.post(issue, {}))["code"] == 2001
    client.cloud.scenario("online", keypad)
    assert (await client.post(issue, {}))["result"] is True
    assert (await client.get(path))["phase"] == 2


async def test_a_passage_is_reported_with_its_number_and_logged_with_its_name(
    client: Client, keypad: str
) -> None:
    await make(client, keypad)
    assert opens(client.cloud, keypad, "4837291")
    device = client.cloud.devices[keypad]
    assert device.values["unlock_temporary_kit"] == "AAAACwAA"
    now = int(client.cloud.now())
    (row,) = (
        await client.get(
            f"{DOOR.format(keypad)}/open-logs",
            page_no="1",
            page_size="10",
            start_time=str(now - 60),
            end_time=str(now + 60),
        )
    )["logs"]
    assert row["unlock_name"] == "Eve"


async def test_wrong_codes_in_a_row_are_an_alarm(client: Client, keypad: str) -> None:
    device = client.cloud.devices[keypad]
    before = device.values.get("lock_alarm_kit")
    for _ in range(2):
        assert not opens(client.cloud, keypad, "1111111")
    assert device.values.get("lock_alarm_kit") == before
    assert not opens(client.cloud, keypad, "1111111")
    assert device.values["lock_alarm_kit"] == "AQAB"


async def test_codes_without_a_line(client: Client, clock: Clock, keypad: str) -> None:
    start = int(clock()) // HOUR * HOUR
    body = {"name": "Eve", "type": "once", "effective_time": start, "invalid_time": start + HOUR}
    newer = f"/v1.1/devices/{keypad}/door-lock/offline-temp-password"
    once = (await client.post(newer, body))["result"]["offline_temp_password"]
    assert opens(client.cloud, keypad, once)
    assert not opens(client.cloud, keypad, once)
    older = f"{DOOR.format(keypad)}/offline-temp-password"
    often = (await client.post(older, {**body, "type": 0}))["result"]["offline_temp_password"]
    assert opens(client.cloud, keypad, often)
    assert (await client.post(older, {**body, "type": 9}))["success"]
    assert not opens(client.cloud, keypad, often)
    for wrong in ({"type": 3}, {"effective_time": start + 1}, {"invalid_time": start}):
        assert (await client.post(older, {**body, **wrong}))["code"] == 1109
    dynamic = await client.get(f"{DOOR.format(keypad)}/dynamic-password")
    assert opens(client.cloud, keypad, dynamic["dynamic_password"])


async def test_every_code_is_noted_as_a_secret(client: Client, keypad: str) -> None:
    await make(client, keypad)
    dynamic = await client.get(f"{DOOR.format(keypad)}/dynamic-password")
    assert {"4837291", dynamic["dynamic_password"]} <= client.cloud.issued.all()


async def test_a_slot_is_given_to_a_user(client: Client, keypad: str) -> None:
    (user, *_) = await client.get(f"/v1.0/devices/{keypad}/users")
    path = f"/v1.0/devices/{keypad}/device-lock/users/{{}}/allocate"
    given = {"no": 7, "type": "fingerprint"}
    assert (await client.post(path.format(user["user_id"]), given))["result"] is True
    owner = client.cloud.people.owner(keypad, "fingerprint", 7)
    assert owner is not None
    assert owner.name == user["nick_name"]
    assert (await client.post(path.format("nobody"), given))["code"] == 2006
    wrong = {"no": "7", "type": "fingerprint"}
    assert (await client.post(path.format(user["user_id"]), wrong))["code"] == 1109


async def test_only_locks_take_codes(client: Client, ids: dict[str, str]) -> None:
    for name in ("Intercom", "Face terminal"):
        path = f"{DOOR.format(ids[name])}/temp-passwords"
        assert (await client.call("GET", path, {"valid": "true"}))["code"] == 2009
        with pytest.raises(ScenarioError) as error:
            client.cloud.scenario("code_entered", ids[name], code="1234567")
        assert error.value.status == 409
    with pytest.raises(ScenarioError) as error:
        client.cloud.scenario("code_entered", ids["Gate keypad"])
    assert error.value.status == 400


async def test_a_zigbee_lock_wants_six_digits_and_tells_failures_afterwards(
    socket_enabled: None, clock: Clock
) -> None:
    files = read_document(document("front_door_lock", sub=True), "zigbee.json")
    cloud = TuyaSimulator(devices=files, now=clock)
    await cloud.start()
    lock = next(iter(cloud.devices))
    async with Client(cloud) as client:
        assert (await make(client, lock))["code"] == 1109
        assert (await make(client, lock, "482913"))["success"]
        assert (await make(client, lock, "482913", name="Adam"))["success"]
        rows = await client.get(f"{DOOR.format(lock)}/temp-passwords", valid="true")
        assert [(row["phase"], row["delivery_status"]) for row in rows] == [(2, 2), (5, 4)]
    await cloud.stop()

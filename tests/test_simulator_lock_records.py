"""What the simulated lock service remembers: openings, alarms, records, and whose slot it was."""

from typing import Any

from tests.simulator import TuyaSimulator
from tests.simulator.client import Client, Clock

SPAN = {"start_time": "1794900000000", "end_time": "1795100000000"}
PAGE = {"page_no": "1", "page_size": "20"}


async def code(client: Client, path: str, **query: str) -> int | None:
    found: int | None = (await client.call("GET", path, query)).get("code")
    return found


async def lock_call(client: Client, device: str, name: str, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = await client.get(f"/v1.0/devices/{device}/door-lock/{name}", **query)
    return answer


async def test_openings_of_a_lock_name_only_those_whose_slot_is_known(
    client: Client, cloud: TuyaSimulator, clock: Clock, ids: dict[str, str]
) -> None:
    lock = ids["Front door lock"]
    cloud.people.assign(lock, 7, "Bob", "card")
    for way, slot in (("fingerprint", 1), ("card", 7), ("password", 7), ("other", 1)):
        cloud.scenario("access_granted", lock, way=way, person=slot)
        clock.time += 60
    cloud.records.status_shape = "object"
    span = {"start_time": "1794999999", "end_time": "1795001000"}
    found = await lock_call(client, lock, "open-logs", **PAGE, **span)
    rows = [
        (row["status"]["code"], row["status"]["value"], row["nick_name"]) for row in found["logs"]
    ]
    assert (found["total"], rows) == (
        4,
        [
            ("unlock_key", found["logs"][0]["status"]["value"], ""),
            ("unlock_password", "7", ""),
            ("unlock_card", "7", "Bob"),
            ("unlock_fingerprint", "1", "Anna"),
        ],
    )
    assert found["logs"][3]["update_time"] == 1_795_000_000_000
    assert set(found["logs"][3]) == {"update_time", "unlock_name", "user_id", "nick_name", "status"}
    assert found["logs"][3]["user_id"]
    same = await lock_call(client, lock, "open-logs", **PAGE, **SPAN)
    assert same == found


async def test_a_status_comes_as_object_and_as_list(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    keypad = ids["Gate keypad"]
    for slot in ("1", "258"):
        cloud.scenario("access_granted", keypad, way="card", person=slot)

    async def shapes() -> set[type]:
        found = await lock_call(client, keypad, "open-logs", **PAGE, **SPAN)
        assert found["total"] == 2
        return {type(row["status"]) for row in found["logs"]}

    assert await shapes() == {dict, list}
    await client.control("records", {"status": "list"})
    assert await shapes() == {list}
    await client.control("records", {"status": "object"})
    assert await shapes() == {dict}
    await client.control("records", {"status": "round"}, 400)


async def test_alarms_of_a_lock_by_code_in_seconds(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    lock = ids["Front door lock"]
    cloud.records.status_shape = "object"
    cloud.scenario("tamper", lock)
    cloud.scenario("access_granted", lock, way="fingerprint", person=1)
    cloud.scenario("duress", lock)
    cloud.scenario("ring", lock, carrier="doorbell")
    found = await lock_call(client, lock, "alarm-logs", **PAGE)
    assert found == {
        "records": [
            {
                "nick_name": "",
                "status": {"code": "alarm_lock", "value": "pry"},
                "update_time": 1_795_000_000,
            }
        ],
        "total": 1,
    }
    for name in ("codes", "dp_codes"):
        listed = await lock_call(
            client, lock, "alarm-logs", **PAGE, **{name: "hijack,alarm_lock,doorbell"}
        )
        assert [(row["status"]["value"], row["nick_name"]) for row in listed["records"]] == [
            ("true", ""),
            ("unlock_fingerprint-01", "Anna"),
            ("pry", ""),
        ]


async def test_lock_records_page_through_what_is_asked_for(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    lock = ids["Front door lock"]
    for slot in range(5):
        cloud.scenario("access_granted", lock, way="card", person=slot)
    query = {"page_size": "2", "start_time": "0", "end_time": "0"}
    codes = {"target_standard_dp_codes": "unlock_card,alarm_lock"}
    first = await lock_call(client, lock, "records", page_no="1", **query, **codes)
    assert (first["has_more"], first["total"], first["total_pages"]) == (True, 5, 3)
    assert first["records"][0]["dps"] == [{"unlock_card": "4"}]
    last = await lock_call(client, lock, "records", page_no="3", **query, **codes)
    assert (last["has_more"], len(last["records"])) == (False, 1)
    none = await lock_call(
        client, lock, "records", page_no="1", **query, target_standard_dp_codes="hijack"
    )
    assert (none["records"], none["total_pages"]) == ([], 0)
    ids_shown = {row["record_id"] for row in first["records"] + last["records"]}
    assert len(ids_shown) == 3


async def test_lock_calls_refuse_what_is_missing_and_other_devices(
    client: Client, ids: dict[str, str]
) -> None:
    lock = f"/v1.0/devices/{ids['Front door lock']}/door-lock"
    for name in ("page_no", "page_size", "start_time", "end_time"):
        query = {**PAGE, **SPAN} | {name: ""}
        assert await code(client, f"{lock}/open-logs", **query) == 1100, name
    assert await code(client, f"{lock}/open-logs", **PAGE, start_time="1", end_time="2") == 1109
    assert await code(client, f"{lock}/open-logs", **SPAN, page_no="0", page_size="20") == 1109
    assert await code(client, f"{lock}/alarm-logs", page_no="1") == 1100
    assert await code(client, f"{lock}/alarm-logs", **PAGE, codes="unlock_card") == 1109
    assert await code(client, f"{lock}/records", **PAGE, start_time="5", end_time="4") == 1109
    bell = f"/v1.0/devices/{ids['Battery bell']}"
    for path in ("door-lock/open-logs", "door-lock/alarm-logs", "door-lock/records", "users"):
        assert await code(client, f"{bell}/{path}", **PAGE, **SPAN) == 2009


async def test_the_users_of_a_lock_and_their_slots(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str]
) -> None:
    lock = ids["Front door lock"]
    body = {"device_id": lock, "slot": 2, "name": "Carla", "kind": "face"}
    await client.control("people", body)
    found = await client.get(f"/v1.0/devices/{lock}/users")
    assert {user["nick_name"]: user["unlock_detail"][0]["dp_code"] for user in found} == {
        "Anna": "unlock_fingerprint",
        "Carla": "unlock_face",
    }
    cloud.people.assign(lock, 1, "")
    found = await client.get(f"/v1.0/devices/{lock}/users")
    assert [user["nick_name"] for user in found] == ["Carla"]
    await client.control("people", body | {"kind": "voice"}, 400)
    await client.control("people", body | {"slot": "two"}, 400)
    await client.control("people", body | {"device_id": "nobody"}, 404)

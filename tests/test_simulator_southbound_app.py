"""The page that stands for Tuya's app: what it shows of published doors, and its buttons."""

from typing import Any

import pytest

from tests.simulator import TuyaSimulator
from tests.simulator.client import Client, Clock, Reader

BASE = "/v1.0/iot-03/3rdcloud/devices"
PRODUCT = "simdoorproduct01"
BODY = {"device_name": "Garden door", "product_id": PRODUCT}


@pytest.fixture
async def door(client: Client) -> str:
    """Return Tuya's id of a door that is there."""
    answer = await client.post(f"{BASE}/garden1/register", BODY | {"has_qrcode": True})
    device_id: str = answer["result"]["device_id"]
    await client.call("PUT", f"{BASE}/{device_id}/online")
    return device_id


async def shown(client: Client) -> dict[str, Any]:
    """Return what the app shows of the one door."""
    (door,) = (await client.control("app/state"))["doors"]
    found: dict[str, Any] = door
    return found


async def test_nothing_is_shown_before_something_is_published(client: Client) -> None:
    state = await client.control("app/state")
    assert state == {
        "doors": [],
        "products": [
            {
                "product_id": PRODUCT,
                "name": "Door of another system",
                "licences": 10,
                "authorized": True,
            }
        ],
    }


async def test_the_app_shows_what_a_door_reported(client: Client, clock: Clock, door: str) -> None:
    at_ms = int(clock.time * 1000)
    values = {"lock_motor_state": {"value": True, "time": at_ms}}
    await client.post(f"{BASE}/{door}/property/report", {"msg_id": "1", "data": values})
    ring = {"event_code": "ring", "event_time": at_ms - 500}
    await client.post(f"{BASE}/{door}/event/report", {"msg_id": "2", "data": ring})
    found = await shown(client)
    assert (found["device_id"], found["third_id"], found["name"]) == (
        door,
        "garden1",
        "Garden door",
    )
    assert (found["online"], found["bound"]) == (True, False)
    assert found["values"] == {"lock_motor_state": True}
    assert found["events"] == [{"code": "ring", "time": clock.time - 0.5, "outputs": {}}]
    assert found["actions"] == ["unlock", "lock"]
    assert (await client.control("app/state"))["products"][0]["licences"] == 9


async def test_the_open_button_sends_a_command_and_shows_what_comes_of_it(
    client: Client, clock: Clock, reader: Reader, door: str
) -> None:
    sent = await client.control("app/commands", {"device_id": door, "action": "unlock"})
    body = await reader.body()
    while body["bizCode"] != "execThingAction":
        body = await reader.body()
    assert body["bizData"]["msgId"] == sent["msg_id"]
    (command,) = (await shown(client))["commands"]
    assert command == {
        "msg_id": sent["msg_id"],
        "kind": "action",
        "asked": {"action": "unlock", "inputs": {}},
        "time": clock.time,
        "status": "waiting",
        "code": None,
        "outputs": {},
    }
    data = {"action_code": "unlock", "output_params": {"state": "locked"}}
    await client.post(
        f"{BASE}/{door}/action-resp/report", {"msg_id": sent["msg_id"], "code": 4, "data": data}
    )
    (command,) = (await shown(client))["commands"]
    assert (command["status"], command["code"]) == ("failed", 4)
    assert command["outputs"] == {"state": "locked"}
    await client.control(
        "app/commands", {"device_id": door, "properties": {"lock_motor_state": True}}
    )
    await client.control("app/commands", {"device_id": door, "points": {"101": True}})
    clock.time += 60
    found = await shown(client)
    assert [(one["kind"], one["status"]) for one in found["commands"]] == [
        ("action", "failed"),
        ("properties", "timeout"),
        ("points", "timeout"),
    ]


async def test_a_command_is_sent_again_old_and_spelled_otherwise(
    client: Client, cloud: TuyaSimulator, clock: Clock, door: str
) -> None:
    before = cloud.broker.unacked()
    asked = {"action": "unlock", "form": "top_level", "age_s": 31, "times": 3}
    await client.control("app/commands", {"device_id": door} | asked)
    assert cloud.broker.unacked() == before + 3
    (command,) = cloud.southbound.of_device(door)
    assert (command.form, command.at) == ("top_level", clock.time - 31)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "unlock", "device_id": "nobody"}, 404),
        ({"action": "unlock", "device_id": 5}, 400),
        ({}, 400),
        ({"action": "unlock", "properties": {"lock_motor_state": True}}, 400),
        ({"action": 7}, 400),
        ({"action": "unlock", "inputs": []}, 400),
        ({"action": "unlock", "form": "odd"}, 400),
        ({"action": "unlock", "form": ["plain"]}, 400),
        ({"action": "unlock", "age_s": "old"}, 400),
        ({"action": "unlock", "age_s": -1}, 400),
        ({"action": "unlock", "times": 0}, 400),
        ({"action": "unlock", "times": True}, 400),
        ({"action": "dance"}, 409),
        ({"properties": {}}, 400),
        ({"action": "unlock", "inputs": {"reason": "x" * 8192}}, 409),
        ({"properties": {"battery_percentage": 5}}, 409),
        ({"properties": {"lock_motor_state": 5}}, 409),
        ({"points": {"one": True}}, 400),
        ({"points": {"999": True}}, 409),
    ],
)
async def test_a_command_that_the_app_could_not_give_says_why(
    client: Client, door: str, body: dict[str, Any], status: int
) -> None:
    answer = await client.control("app/commands", {"device_id": door} | body, status)
    assert set(answer) == {"error"}
    assert (await shown(client))["commands"] == []


async def test_a_door_that_is_away_is_told_nothing(client: Client, door: str) -> None:
    await client.call("PUT", f"{BASE}/{door}/offline")
    answer = await client.control("app/commands", {"device_id": door, "action": "unlock"}, 409)
    assert answer == {"error": "the device is offline"}


async def test_scanning_the_code_brings_a_door_home(client: Client, door: str) -> None:
    await client.control("app/bind", {"device_id": door})
    assert (await shown(client))["bound"] is True
    await client.post(f"{BASE}/shed1/register", BODY)
    shed = (await client.control("app/state"))["doors"][1]
    assert shed["short_url"] == ""
    answer = await client.control("app/bind", {"device_id": shed["device_id"]}, 409)
    assert set(answer) == {"error"}


async def test_a_product_is_added_and_changed(client: Client) -> None:
    bell = {
        "product_id": "simbellproduct01",
        "name": "Bell",
        "events": [{"abilityId": 101, "code": "ring", "outputParams": []}],
        "licences": 1,
    }
    assert await client.control("products", bell) == {
        "product_id": "simbellproduct01",
        "name": "Bell",
        "licences": 1,
        "authorized": True,
    }
    changed = {"product_id": "simbellproduct01", "authorized": False}
    told = await client.control("products", changed)
    assert (told["name"], told["licences"], told["authorized"]) == ("Bell", 1, False)
    assert len((await client.control("app/state"))["products"]) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"product_id": ""},
        {"product_id": None},
        {"product_id": "under_score"},
        {"name": 5},
        {"licences": -1},
        {"licences": True},
        {"authorized": "yes"},
        {"properties": {}},
        {"properties": ["lock"]},
        {"properties": [{"code": "lock"}]},
        {"standard": ["colour"]},
        {"events": [{"code": "ring", "abilityId": 1, "outputParams": ["result"]}]},
    ],
)
async def test_a_product_that_makes_no_sense_is_refused(
    client: Client, cloud: TuyaSimulator, changes: dict[str, Any]
) -> None:
    answer = await client.control("products", {"product_id": PRODUCT} | changes, 400)
    assert set(answer) == {"error"}
    assert [*cloud.southbound.products] == [PRODUCT]
    assert cloud.southbound.products[PRODUCT].licences == 10


async def test_the_two_pages_lead_to_each_other_and_may_load_nothing_else(client: Client) -> None:
    for path, link in (("app", 'href="./"'), ("", 'href="app"')):
        async with client.session.get(client.cloud.control + path) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/html"
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
            assert link in await answer.text()


async def test_published_doors_are_not_played_with_like_the_projects_own(
    client: Client, door: str
) -> None:
    assert door not in {one["id"] for one in await client.control("devices")}
    assert door in {one["id"] for one in (await client.control("state"))["devices"]}

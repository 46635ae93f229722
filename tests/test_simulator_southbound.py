"""Devices of other clouds: registering, reporting, and every way in which Tuya says no."""

from typing import Any

import pytest

from tests.simulator import TuyaSimulator, describe, registry
from tests.simulator.client import Client, Clock, Reader
from tests.simulator.southbound import NO_LICENCE, NO_PRODUCT

BASE = "/v1.0/iot-03/3rdcloud/devices"
THING = "/v1.0/cloud/thing/devices"
PRODUCT = "simdoorproduct01"
BODY = {"device_name": "Garden door", "product_id": PRODUCT}
LONG = "x" * 51


@pytest.fixture
async def door(client: Client) -> str:
    """Return Tuya's id of a registered door."""
    return await registered(client, "garden1")


async def registered(client: Client, third_id: str, **changes: Any) -> str:
    answer = await client.post(f"{BASE}/{third_id}/register", BODY | changes)
    device_id: str = answer["result"]["device_id"]
    return device_id


async def code_of(client: Client, method: str, path: str, body: Any = None) -> int:
    """Return the code of a refusal, 0 for what was done."""
    answer = await client.call(method, path, body=body)
    code: int = answer.get("code", 0)
    return code


def told(clock: Clock, **values: Any) -> dict[str, Any]:
    """Return values as they are reported now."""
    at_ms = int(clock.time * 1000)
    return {code: {"value": value, "time": at_ms} for code, value in values.items()}


def happened(clock: Clock, code: str, **outputs: Any) -> dict[str, Any]:
    """Return an event as it is reported now."""
    return {"event_code": code, "event_time": int(clock.time * 1000), "output_params": outputs}


async def test_a_registered_door_is_a_device_like_any_other(
    client: Client, cloud: TuyaSimulator
) -> None:
    door = await registered(client, "garden1", options={"extendData": '{"roomNo":"16"}'})
    found = await client.get(f"{BASE}/garden1")
    assert found["device_id"] == door
    assert (found["device_name"], found["product_id"]) == ("Garden door", PRODUCT)
    listed = await client.get("/v2.0/cloud/thing/device", page_size="20")
    assert [(one["isOnline"], one["category"]) for one in listed if one["id"] == door] == [
        (False, "ms")
    ]
    assert (await client.get(f"/v2.0/cloud/thing/{door}"))["custom_name"] == "Garden door"
    assert '"accessMode":"rw"' in (await client.get(f"/v2.0/cloud/thing/{door}/model"))["model"]
    assert await code_of(client, "GET", f"/v1.0/devices/{door}/functions") == 2009
    assert await code_of(client, "GET", f"/v1.0/devices/{door}/specifications") == 2009
    assert cloud.southbound.devices[door].options == {"extendData": '{"roomNo":"16"}'}


@pytest.mark.parametrize(
    ("third_id", "changes", "code"),
    [
        ("under_score", {}, 1101),
        ("x" * 65, {}, 1101),
        ("garden1", {"device_name": None}, 1100),
        ("garden1", {"device_name": ""}, 1100),
        ("garden1", {"device_name": 7}, 1109),
        ("garden1", {"device_name": "abc"}, 1101),
        ("garden1", {"device_name": LONG}, 1101),
        ("garden1", {"product_id": None}, 1100),
        ("garden1", {"product_id": "nobodysproduct"}, 2005),
        ("garden1", {"product_id": "simdoorproduct02"}, 1106),
        ("garden1", {"product_id": "simdoorproduct03"}, NO_LICENCE),
        ("garden1", {"options": "all"}, 1109),
        ("garden1", {"options": {"extendData": "x" * 4096}}, 1101),
        ("garden1", {"group_id": "x" * 65}, 1101),
        ("garden1", {"group_id": 7}, 1109),
        ("garden1", {"has_qrcode": "yes"}, 1109),
        ("garden1", {"group_id": "h1", "has_qrcode": True}, 1109),
    ],
)
async def test_a_door_that_cannot_be_registered_is_refused_and_costs_nothing(
    client: Client, cloud: TuyaSimulator, third_id: str, changes: dict[str, Any], code: int
) -> None:
    registry.change_product(cloud, {"product_id": "simdoorproduct02", "authorized": False})
    registry.change_product(cloud, {"product_id": "simdoorproduct03", "licences": 0})
    assert await code_of(client, "POST", f"{BASE}/{third_id}/register", BODY | changes) == code
    assert not cloud.southbound.devices
    assert cloud.southbound.products[PRODUCT].licences == 10


async def test_who_registers_again_gets_the_same_door_for_the_same_licence(
    client: Client, cloud: TuyaSimulator, door: str
) -> None:
    assert await registered(client, "garden1", device_name="Garden gate") == door
    assert cloud.devices[door].name == "Garden gate"
    assert cloud.southbound.products[PRODUCT].licences == 9
    registry.change_product(cloud, {"product_id": "simdoorproduct02"})
    other = BODY | {"product_id": "simdoorproduct02"}
    assert await code_of(client, "POST", f"{BASE}/garden1/register", other) == 1109
    registry.change_product(cloud, {"product_id": PRODUCT, "licences": 0})
    assert await registered(client, "garden1") == door
    assert await code_of(client, "POST", f"{BASE}/garden2/register", BODY) == NO_LICENCE


async def test_a_door_behind_a_gateway_needs_a_gateway_that_is_known(
    client: Client, cloud: TuyaSimulator, door: str
) -> None:
    path = f"{BASE}/sensor1/sub/register"
    assert await code_of(client, "POST", path, BODY) == 1100
    assert await code_of(client, "POST", path, BODY | {"gateway_id": "nobody"}) == 2010
    answer = await client.post(path, BODY | {"gateway_id": door})
    behind = answer["result"]["device_id"]
    assert cloud.devices[behind].file.sub
    assert cloud.southbound.devices[behind].gateway_id == door
    assert await code_of(client, "POST", f"{BASE}/sensor1/register", BODY) == 1109
    (listed,) = await client.get(f"/v1.0/iot-03/devices/{door}/sub-devices")
    assert (listed["id"], listed["node_id"], listed["online"]) == (behind, "sensor1", False)
    assert await client.get(f"/v1.0/devices/{behind}/sub-devices") == []


async def test_what_happens_to_a_registered_door_is_told_like_of_any_device(
    client: Client, cloud: TuyaSimulator
) -> None:
    reader = await client.read()
    home = await registered(client, "garden1", group_id="1234")
    await registered(client, "garden1", group_id="1234")
    await code_of(client, "PUT", f"{BASE}/{home}", {"device_name": "Back door"})
    await code_of(client, "PUT", f"{BASE}/{home}", {"device_name": "Back door"})
    await code_of(client, "DELETE", f"{BASE}/{home}/remove")
    told = [await reader.body() for _ in range(3)]
    assert [one["bizCode"] for one in told] == ["bindUser", "nameUpdate", "delete"]
    assert {one["devId"] for one in told} == {home}
    assert told[1]["bizData"]["name"] == "Back door"
    await reader.close()


EXAMPLE: dict[str, Any] = {
    "device_name": "Test Device",
    "product_id": "xz0uukkq5oce",
    "options": {
        "installLocation": "Gate",
        "outProjectId": "p1",
        "mac": "48ea63fd0000",
        "extendData": {"roomNo": "16"},
    },
}


async def test_the_examples_of_tuyas_pages_work_with_a_product_of_ones_own(
    client: Client, cloud: TuyaSimulator, clock: Clock
) -> None:
    number = {"type": "value", "min": 0, "max": 4096, "step": 1, "scale": 0}
    face = [{"code": "sex", "typeSpec": {"type": "string"}}, {"code": "age", "typeSpec": number}]
    resolution = {"abilityId": 101, "code": "resolution_ratio", "accessMode": "ro"}
    product = {
        "product_id": EXAMPLE["product_id"],
        "properties": [{**resolution, "typeSpec": number}],
        "events": [{"abilityId": 102, "code": "read_face", "outputParams": face}],
    }
    path = f"{BASE}/A18007210830/register"
    assert await code_of(client, "POST", path, EXAMPLE) == NO_PRODUCT
    await client.control("products", product)
    device = (await client.post(path, EXAMPLE))["result"]["device_id"]
    assert (await client.get(f"{BASE}/A18007210830"))["device_name"] == "Test Device"
    ratio = {"resolution_ratio": {"value": 1080, "time": 1592920221212}}
    body = {"msg_id": "ed23rty159292", "data": ratio}
    assert await code_of(client, "POST", f"{BASE}/{device}/property/report", body) == 0
    outputs = {"sex": "man", "age": 23}
    data = {"event_code": "read_face", "event_time": 1592920221212, "output_params": outputs}
    told_face = {"msg_id": "1", "data": data}
    assert await code_of(client, "POST", f"{BASE}/{device}/event/report", told_face) == 0
    points = {"data": {"101": {"value": 80, "time": 1682392142000}}}
    assert await code_of(client, "POST", f"{THING}/{device}/datapoint/report", points) == 0
    assert cloud.devices[device].values == {"resolution_ratio": 80}

    # Another product lacks the code.
    door = await registered(client, "garden1")
    assert await code_of(client, "POST", f"{BASE}/{door}/property/report", body) == 1109


ODD_FUNCTIONS = [
    {"code": "x"},
    {"code": "x", "abilityId": True},
    {"code": "x", "abilityId": 1, "outputParams": None},
    {"code": "x", "abilityId": 1, "inputParams": [{"code": "y", "typeSpec": []}]},
    {"code": "x", "abilityId": 1, "typeSpec": {"type": []}},
    {"code": "x", "abilityId": 1, "typeSpec": {"type": "value", "min": "0"}},
    {"code": "x", "abilityId": 1, "typeSpec": {"type": "enum", "range": 3}},
    {"code": "x", "abilityId": 1, "accessMode": 3},
]


@pytest.mark.parametrize("function", ODD_FUNCTIONS)
async def test_a_product_that_makes_no_sense_is_a_mistake(
    client: Client, function: dict[str, Any]
) -> None:
    for kind in ("properties", "events", "actions"):
        document = {"product_id": "odd00001", kind: [function]}
        assert "error" in await client.control("products", document, 400)


async def test_a_door_comes_to_a_user_by_its_home_or_by_a_code(
    client: Client, cloud: TuyaSimulator
) -> None:
    at_home = await registered(client, "garden1", group_id="1234")
    assert cloud.southbound.devices[at_home].bound
    answer = await client.post(f"{BASE}/shed/register", BODY | {"has_qrcode": True})
    scanned = answer["result"]["device_id"]
    assert answer["result"]["short_url"] == (await client.get(f"{BASE}/shed"))["short_url"]
    assert not cloud.southbound.devices[scanned].bound
    registry.bind(cloud, scanned)
    assert cloud.southbound.devices[scanned].bound
    assert await code_of(client, "POST", f"{THING}/{scanned}/unbind") == 0
    assert not cloud.southbound.devices[scanned].bound


async def test_a_name_is_changed_and_a_bad_one_refused(
    client: Client, cloud: TuyaSimulator, door: str
) -> None:
    assert await code_of(client, "PUT", f"{BASE}/{door}", {"options": {"mac": "48ea63"}}) == 0
    assert await code_of(client, "PUT", f"{BASE}/{door}", {"device_name": "Back door"}) == 0
    for body, code in (({"device_name": LONG}, 1101), ({"options": []}, 0), ([], 1109)):
        assert await code_of(client, "PUT", f"{BASE}/{door}", body) == code
    assert cloud.devices[door].name == "Back door"
    assert cloud.southbound.devices[door].options == {"mac": "48ea63"}


async def test_a_door_that_was_removed_is_in_no_list(
    client: Client, cloud: TuyaSimulator, door: str
) -> None:
    assert await code_of(client, "DELETE", f"{BASE}/{door}/remove") == 0
    assert await code_of(client, "DELETE", f"{BASE}/{door}/remove") == 2010
    assert await code_of(client, "GET", f"{BASE}/garden1") == 2010
    listed = await client.get("/v2.0/cloud/thing/device", page_size="20")
    assert door not in {one["id"] for one in listed}
    assert await code_of(client, "GET", f"/v2.0/cloud/thing/{door}") == 1106
    assert door not in {one["id"] for one in (await client.control("state"))["devices"]}
    assert (await client.control("app/state"))["doors"] == []
    assert await registered(client, "garden1") != door
    assert cloud.southbound.products[PRODUCT].licences == 8


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{BASE}/{{id}}", {"device_name": "Garden door"}),
        ("PUT", f"{BASE}/{{id}}/online", None),
        ("PUT", f"{BASE}/{{id}}/offline", None),
        ("POST", f"{BASE}/{{id}}/property/report", {"msg_id": "1", "data": {"a": 1}}),
        ("POST", f"{BASE}/{{id}}/event/report", {"msg_id": "1", "data": {"a": 1}}),
        ("POST", f"{BASE}/{{id}}/action-resp/report", {"msg_id": "1", "data": {"a": 1}}),
        ("POST", f"{THING}/{{id}}/datapoint/report", {"data": {"1": 1}}),
        ("DELETE", f"{BASE}/{{id}}/remove", None),
        ("POST", f"{THING}/{{id}}/unbind", None),
    ],
)
async def test_nothing_is_done_for_a_door_that_nobody_knows_or_a_product_that_is_not_ours(
    client: Client, cloud: TuyaSimulator, door: str, method: str, path: str, body: Any
) -> None:
    assert await code_of(client, method, path.format(id="nobody"), body) == 2010
    assert await code_of(client, method, path.format(id=next(iter(cloud.devices))), body) == 2010
    registry.change_product(cloud, {"product_id": PRODUCT, "authorized": False})
    left = 0 if path.endswith(("remove", "unbind")) else 1106
    assert await code_of(client, method, path.format(id=door), body) == left


async def test_values_are_taken_in_the_order_of_their_times_and_told_on_the_queue(
    client: Client, cloud: TuyaSimulator, clock: Clock, reader: Reader, door: str
) -> None:
    path = f"{BASE}/{door}/property/report"
    newer = told(clock, lock_motor_state=True, battery_percentage=80)
    assert await code_of(client, "POST", path, {"msg_id": "1", "data": newer}) == 0
    echo = await reader.body()
    assert echo["bizCode"] == "devicePropertyMessage"
    assert {one["code"]: one["value"] for one in echo["bizData"]["properties"]} == {
        "lock_motor_state": True,
        "battery_percentage": 80,
    }
    clock.time -= 1
    older = told(clock, lock_motor_state=False)
    clock.time += 2
    older |= told(clock, battery_percentage=79)
    assert await code_of(client, "POST", path, {"msg_id": "2", "data": older}) == 0
    assert (await reader.body())["bizData"]["properties"][0]["code"] == "battery_percentage"
    shadow = await client.get(f"/v2.0/cloud/thing/{door}/shadow/properties")
    values = {one["code"]: (one["value"], one["type"]) for one in shadow["properties"]}
    assert values == {"lock_motor_state": (True, "bool"), "battery_percentage": (79, "value")}
    assert [report["msg_id"] for report in cloud.southbound.reports] == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], 1109),
        ({}, 1100),
        ({"msg_id": "x" * 33}, 1101),
        ({"msg_id": 5}, 1109),
        ({"data": None}, 1100),
        ({"data": {}}, 1109),
        ({"data": []}, 1109),
        ({"data": {"colour": {"value": 1, "time": 1795000000000}}}, 1109),
        ({"data": {"lock_motor_state": True}}, 1109),
        ({"data": {"lock_motor_state": {"value": True}}}, 1100),
        ({"data": {"lock_motor_state": {"time": 1795000000000}}}, 1100),
        ({"data": {"lock_motor_state": {"value": 1, "time": 1795000000000}}}, 1109),
        ({"data": {"lock_motor_state": {"value": True, "time": 1795000000}}}, 1109),
        ({"data": {"lock_motor_state": {"value": True, "time": "1795000000000"}}}, 1109),
        ({"data": {"battery_percentage": {"value": 101, "time": 1795000000000}}}, 1109),
        ({"data": {"battery_percentage": {"value": True, "time": 1795000000000}}}, 1109),
        ({"data": {"picture_url": {"value": "x" * 1025, "time": 1795000000000}}}, 1109),
    ],
)
async def test_a_report_that_does_not_fit_the_thing_model_changes_nothing(
    client: Client, cloud: TuyaSimulator, door: str, body: Any, code: int
) -> None:
    sent = body if body in ([], {}) else {"msg_id": "1"} | body
    if "msg_id" in body:
        sent |= {"data": {"lock_motor_state": {"value": True, "time": 1795000000000}}}
    assert await code_of(client, "POST", f"{BASE}/{door}/property/report", sent) == code
    assert not cloud.southbound.reports
    assert not cloud.devices[door].values


async def test_one_bad_value_keeps_the_good_ones_out(
    client: Client, cloud: TuyaSimulator, clock: Clock, door: str
) -> None:
    data = told(clock, lock_motor_state=True, battery_percentage=-1)
    body = {"msg_id": "1", "data": data}
    assert await code_of(client, "POST", f"{BASE}/{door}/property/report", body) == 1109
    assert not cloud.devices[door].values
    body["data"] = told(clock, lock_motor_state=True, battery_percentage=1)
    assert await code_of(client, "POST", f"{BASE}/{door}/property/report", body) == 0


async def test_a_report_that_comes_twice_counts_once(
    client: Client, cloud: TuyaSimulator, clock: Clock, door: str
) -> None:
    first = {"msg_id": "1", "data": told(clock, lock_motor_state=True)}
    ring = {"msg_id": "2", "data": happened(clock, "ring")}
    second = {"msg_id": "3", "data": told(clock, lock_motor_state=False)}
    for body in (first, second, first):
        assert await code_of(client, "POST", f"{BASE}/{door}/property/report", body) == 0
    for _ in range(2):
        assert await code_of(client, "POST", f"{BASE}/{door}/event/report", ring) == 0
    assert cloud.devices[door].values["lock_motor_state"] is False
    assert [report["msg_id"] for report in cloud.southbound.reports] == ["1", "3"]
    assert [event.code for event in cloud.southbound.events] == ["ring"]
    assert [*cloud.southbound.repeats] == ["1", "2"]


async def test_values_are_reported_by_number_too(
    client: Client, cloud: TuyaSimulator, clock: Clock, door: str
) -> None:
    path = f"{THING}/{door}/datapoint/report"
    values = {"101": told(clock, it=True)["it"], "104": told(clock, it=5)["it"]}
    assert await code_of(client, "POST", path, {"data": values}) == 0
    assert cloud.devices[door].values == {"lock_motor_state": True, "battery_percentage": 5}
    assert cloud.southbound.reports[-1]["points"].keys() == {"101", "104"}
    for data, code in (
        ({"999": values["101"]}, 1109),
        ({"101": values["104"]}, 1109),
        ({"101": {"value": True, "time": 179}}, 1109),
        ({}, 1109),
        (None, 1100),
    ):
        assert await code_of(client, "POST", path, {"data": data}) == code


async def test_an_event_is_told_with_its_own_time(
    client: Client, cloud: TuyaSimulator, clock: Clock, reader: Reader, door: str
) -> None:
    data = happened(clock, "access", result="granted", method="face", person="Anna")
    clock.time += 30
    body = {"msg_id": "1", "data": data}
    assert await code_of(client, "POST", f"{BASE}/{door}/event/report", body) == 0
    echo = (await reader.body())["bizData"]
    assert (echo["devId"], echo["eventCode"]) == (door, "access")
    assert echo["outputParams"]["person"] == "Anna"
    (event,) = cloud.southbound.events
    assert event.received_ms - event.time_ms == 30_000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"event_code": "dance"}, 1109),
        ({"event_code": None}, 1109),
        ({"event_time": 1795000000}, 1109),
        ({"output_params": {"colour": "red"}}, 1109),
        ({"output_params": {"result": 5}}, 1109),
        ({"output_params": ["granted"]}, 1109),
    ],
)
async def test_an_event_that_the_thing_model_does_not_have_is_refused(
    client: Client,
    cloud: TuyaSimulator,
    clock: Clock,
    door: str,
    changes: dict[str, Any],
    code: int,
) -> None:
    data = happened(clock, "access", result="granted") | changes
    body = {"msg_id": "1", "data": data}
    assert await code_of(client, "POST", f"{BASE}/{door}/event/report", body) == code
    del data["event_time"]
    assert await code_of(client, "POST", f"{BASE}/{door}/event/report", body) == 1100
    assert not cloud.southbound.events


async def test_a_door_comes_and_goes(
    client: Client, cloud: TuyaSimulator, reader: Reader, door: str
) -> None:
    for word, kind in (("online", "deviceOnline"), ("offline", "deviceOffline")):
        assert await code_of(client, "PUT", f"{BASE}/{door}/{word}") == 0
        assert (await reader.body())["bizCode"] == kind
        assert (await client.get(f"/v1.0/devices/{door}"))["online"] is (word == "online")
    assert cloud.devices[door].online is False


async def test_a_product_that_changes_changes_the_model_of_its_doors(
    client: Client, cloud: TuyaSimulator, clock: Clock, door: str
) -> None:
    product = cloud.southbound.products[PRODUCT]
    document = {"product_id": PRODUCT, "properties": [*product.properties[1:]], "events": []}
    registry.change_product(cloud, document | {"standard": ["doorcontact_state"]})
    assert "lock_motor_state" not in describe.model(cloud.devices[door])
    body = {"msg_id": "1", "data": told(clock, lock_motor_state=True)}
    assert await code_of(client, "POST", f"{BASE}/{door}/property/report", body) == 1109
    assert await code_of(client, "GET", f"/v1.0/devices/{door}/specifications") == 0


async def test_the_service_can_be_unsubscribed(
    client: Client, cloud: TuyaSimulator, ids: dict[str, str], door: str
) -> None:
    cloud.fault("refuse", code=28841106, what="southbound")
    assert await code_of(client, "POST", f"{BASE}/garden1/register", BODY) == 28841106
    assert await code_of(client, "POST", f"{THING}/{door}/unbind") == 28841106
    assert await code_of(client, "GET", f"/v1.0/devices/{ids['Intercom']}") == 0
    cloud.fault("refuse", 0, what="southbound")
    assert await registered(client, "garden1") == door

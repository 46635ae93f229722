"""Calls by which a door is published into Tuya, against the simulator."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.cloud_to_cloud import (
    CloudToCloudCalls,
    DeviceDraft,
    ReportedValue,
)
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaCommandError,
    TuyaConnectionError,
    TuyaError,
    TuyaPermissionError,
)
from custom_components.tuyalink_intercom.api.regions import custom_endpoints
from tests.simulator import TuyaSimulator, commanding, registry
from tests.simulator.southbound import NO_LICENCE

from .small_cloud import SmallCloud

type Calls = CloudToCloudCalls
type Tell = Callable[[Calls, str], Awaitable[Any]]

BASE = "/v1.0/iot-03/3rdcloud/devices"
THING = "/v1.0/cloud/thing/devices/{id}"
PRODUCT = "simdoorproduct01"
DRAFT = DeviceDraft(name="Garden door", product_id=PRODUCT)
NOW = 1_795_000_000.0
OPEN = {"lock_motor_state": ReportedValue(value=True, time=NOW)}

TOLD: dict[str, Tell] = {
    f"POST {BASE}/{{third_id}}/register": lambda calls, _: calls.register("garden1", DRAFT),
    f"PUT {BASE}/{{id}}": lambda calls, door: calls.update(door, "Garden gate"),
    f"PUT {BASE}/{{id}}/online": lambda calls, door: calls.online(door),
    f"PUT {BASE}/{{id}}/offline": lambda calls, door: calls.offline(door),
    f"DELETE {BASE}/{{id}}/remove": lambda calls, door: calls.remove(door),
    f"POST {THING}/unbind": lambda calls, door: calls.unbind(door),
    f"POST {BASE}/{{id}}/property/report": lambda calls, door: calls.report_properties(
        door, "m1", OPEN
    ),
    f"POST {BASE}/{{id}}/event/report": lambda calls, door: calls.report_event(
        door, "m2", "ring", NOW, {}
    ),
    f"POST {BASE}/{{id}}/action-resp/report": lambda calls, door: calls.report_action(
        door, "m3", "unlock", 0, {"state": "unlocked"}
    ),
    f"POST {THING}/datapoint/report": lambda calls, door: calls.report_points(
        door, {101: OPEN["lock_motor_state"]}
    ),
}
"""Every call that changes something."""
LOST = {
    Reason.UNREACHABLE: "lost_reply",
    Reason.SERVER_ERROR: "http_502",
    Reason.MALFORMED_ANSWER: "malformed",
}


@pytest.fixture
async def calls(simulator: TuyaSimulator) -> AsyncIterator[Calls]:
    async with ClientSession() as session:
        endpoints = custom_endpoints(simulator.openapi, simulator.queue)
        cloud = TuyaCloud(session, endpoints, simulator.access_id, simulator.access_secret)
        yield cloud.cloud_to_cloud


@pytest.fixture
async def door(calls: Calls, simulator: TuyaSimulator) -> str:
    """Return Tuya's id of a door that was told to unlock."""
    device_id = (await calls.register("garden1", DRAFT)).device_id
    commanding.execute(simulator, device_id, "unlock", msg_id="m3")
    return device_id


async def refused(call: Awaitable[Any]) -> TuyaError:
    """Return how a call fails."""
    with pytest.raises(TuyaError) as error:
        await call
    return error.value


async def test_a_door_is_registered_found_and_registered_again(
    simulator: TuyaSimulator, calls: Calls
) -> None:
    options = {"outProjectId": "home", "extendData": '{"roomNo":"16"}'}
    draft = DeviceDraft(name="Garden door", product_id=PRODUCT, options=options)
    made = await calls.register("garden1", draft)
    assert (made.short_url, simulator.devices[made.device_id].name) == (None, "Garden door")
    assert simulator.southbound.devices[made.device_id].options == options
    found = await calls.get("garden1")
    assert (found.device_id, found.name, found.product_id) == (
        made.device_id,
        "Garden door",
        PRODUCT,
    )
    assert (await calls.register("garden1", draft)).device_id == made.device_id
    assert simulator.southbound.products[PRODUCT].licences == 9


async def test_a_door_is_bound_by_a_home_or_by_a_code_that_nobody_sees(
    simulator: TuyaSimulator, calls: Calls
) -> None:
    bound = await calls.register(
        "garden1", DeviceDraft(name="Garden door", product_id=PRODUCT, group_id="1234")
    )
    assert simulator.southbound.devices[bound.device_id].group_id == "1234"
    coded = await calls.register(
        "shed1", DeviceDraft(name="Shed door", product_id=PRODUCT, has_qrcode=True)
    )
    assert coded.short_url is not None
    assert coded.short_url == (await calls.get("shed1")).short_url
    assert coded.short_url not in repr(coded)
    await calls.unbind(bound.device_id)
    assert not simulator.southbound.devices[bound.device_id].bound


async def test_a_door_behind_another_one_is_registered_as_such(
    simulator: TuyaSimulator, calls: Calls, door: str
) -> None:
    draft = DeviceDraft(name="Letter box", product_id=PRODUCT, gateway_id=door)
    made = await calls.register("box1", draft)
    assert simulator.southbound.devices[made.device_id].gateway_id == door
    assert simulator.calls[f"POST {BASE}/{{third_id}}/sub/register"] == 1


async def test_a_door_is_renamed_comes_goes_and_is_removed(
    simulator: TuyaSimulator, calls: Calls, door: str
) -> None:
    await calls.update(door, "Garden gate", {"mac": "48ea63"})
    device = simulator.devices[door]
    assert (device.name, simulator.southbound.devices[door].options) == (
        "Garden gate",
        {"mac": "48ea63"},
    )
    await calls.online(door)
    assert device.online
    await calls.offline(door)
    assert not device.online
    await calls.remove(door)
    assert door not in simulator.devices
    assert (await refused(calls.remove(door))).reason is Reason.NOT_FOUND
    assert (await refused(calls.get("garden1"))).reason is Reason.NOT_FOUND


async def test_values_events_and_answers_are_reported(
    simulator: TuyaSimulator, calls: Calls, door: str
) -> None:
    values = {**OPEN, "battery_percentage": ReportedValue(value=80, time=NOW + 0.25)}
    await calls.report_properties(door, "m1", values)
    device = simulator.devices[door]
    assert device.values == {"lock_motor_state": True, "battery_percentage": 80}
    assert device.times["battery_percentage"] == 1_795_000_000_250
    await calls.report_points(door, {104: ReportedValue(value=79, time=NOW + 1)})
    assert device.values["battery_percentage"] == 79
    await calls.report_event(door, "m2", "access", NOW, {"result": "granted", "person": "Anna"})
    (event,) = simulator.southbound.events
    assert (event.code, event.time_ms) == ("access", 1_795_000_000_000)
    assert event.outputs == {"result": "granted", "person": "Anna"}
    await calls.report_action(door, "m3", "unlock", 0, {"state": "unlocked"})
    assert simulator.southbound.commands["m3"].status(simulator.now()) == "done"


@pytest.mark.parametrize(
    ("third_id", "changes", "code", "reason"),
    [
        ("under_score", {}, 1101, Reason.NOT_SUPPORTED),
        ("garden2", {"name": ""}, 1100, Reason.NOT_SUPPORTED),
        ("garden2", {"name": "x" * 51}, 1101, Reason.NOT_SUPPORTED),
        ("garden2", {"product_id": "nobodysproduct"}, 2005, Reason.NOT_FOUND),
        ("garden2", {"product_id": "simdoorproduct02"}, 1106, Reason.NOT_LINKED),
        ("garden2", {"product_id": "simdoorproduct03"}, NO_LICENCE, Reason.UNKNOWN),
        ("garden1", {"product_id": "simdoorproduct04"}, 1109, Reason.NOT_SUPPORTED),
        ("garden2", {"gateway_id": "nobody"}, 2010, Reason.NOT_FOUND),
    ],
)
async def test_a_refused_registration_is_told_by_its_reason_and_tried_once(
    simulator: TuyaSimulator,
    calls: Calls,
    door: str,
    third_id: str,
    changes: dict[str, Any],
    code: int,
    reason: Reason,
) -> None:
    registry.change_product(simulator, {"product_id": "simdoorproduct02", "authorized": False})
    registry.change_product(simulator, {"product_id": "simdoorproduct03", "licences": 0})
    registry.change_product(simulator, {"product_id": "simdoorproduct04"})
    before = simulator.calls.total()
    draft = DeviceDraft(**{"name": "Garden door", "product_id": PRODUCT} | changes)
    error = await refused(calls.register(third_id, draft))
    assert (error.code, error.reason, error.uncertain) == (code, reason, False)
    assert third_id not in str(error)
    assert simulator.calls.total() == before + 1
    assert [*simulator.southbound.devices] == [door]


async def test_a_report_that_the_product_does_not_take_is_told_by_its_reason(
    simulator: TuyaSimulator, calls: Calls, door: str
) -> None:
    right = OPEN["lock_motor_state"]
    for call, code in (
        (calls.report_properties(door, "m1", {"colour": right}), 1109),
        (calls.report_properties(door, "m1", {"battery_percentage": right}), 1109),
        (calls.report_properties(door, "m1", {}), 1109),
        (calls.report_properties(door, "", OPEN), 1100),
        (calls.report_properties(door, "x" * 33, OPEN), 1101),
        (
            calls.report_properties(
                door, "m1", {"lock_motor_state": ReportedValue(value=True, time=5)}
            ),
            1109,
        ),
        (calls.report_points(door, {7: right}), 1109),
        (calls.report_event(door, "m2", "dance", NOW, {}), 1109),
        (calls.report_event(door, "m2", "ring", NOW, {"colour": "red"}), 1109),
        (calls.report_action(door, "m3", "dance", 0, {}), 1109),
        (calls.report_action(door, "m3", "unlock", 0, {"state": 1}), 1109),
    ):
        error = await refused(call)
        assert (error.code, error.reason) == (code, Reason.NOT_SUPPORTED)
        assert not error.uncertain
    assert not simulator.southbound.reports
    error = await refused(calls.report_action(door, "nobody-asked", "unlock", 0, {}))
    assert (error.code, error.reason) == (1000, Reason.NOT_FOUND)


@pytest.mark.parametrize("name", [name for name in TOLD if "{id}" in name])
async def test_a_door_that_is_gone_is_told_so_whatever_is_asked(
    simulator: TuyaSimulator, calls: Calls, door: str, name: str
) -> None:
    registry.forget(simulator, door)
    error = await refused(TOLD[name](calls, door))
    assert isinstance(error, TuyaCommandError)
    assert (error.code, error.reason) == (2010, Reason.NOT_FOUND)
    assert door not in f"{error} {error!r}"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (28841001, Reason.PLAN_MISSING),
        (28841101, Reason.API_NOT_SUBSCRIBED),
        (28841105, Reason.API_NOT_AUTHORIZED),
        (28841106, Reason.API_NOT_SUBSCRIBED),
        (1108, Reason.API_NOT_SUBSCRIBED),
        (28841104, Reason.QUOTA_USED_UP),
    ],
)
async def test_a_service_that_is_not_subscribed_is_no_fault_of_the_door(
    simulator: TuyaSimulator, calls: Calls, door: str, code: int, reason: Reason
) -> None:
    simulator.fault("refuse", what="southbound", code=code)
    for tell in TOLD.values():
        error = await refused(tell(calls, door))
        assert isinstance(error, TuyaPermissionError)
        assert (error.code, error.reason, error.uncertain) == (code, reason, False)
    error = await refused(calls.get("garden1"))
    assert error.reason is reason


@pytest.mark.parametrize("name", TOLD)
async def test_what_may_have_been_done_is_in_doubt_and_not_sent_again(
    simulator: TuyaSimulator, calls: Calls, door: str, name: str
) -> None:
    before = simulator.calls[name]
    simulator.devices[door].online = name.endswith("offline")
    for count, (reason, fault) in enumerate(LOST.items(), start=1):
        simulator.fault(fault, path="", method=name.partition(" ")[0])
        error = await refused(TOLD[name](calls, door))
        assert isinstance(error, TuyaConnectionError)
        assert (error.reason, error.uncertain) == (reason, True)
        assert simulator.calls[name] == before + count


async def test_a_lost_answer_does_not_undo_what_was_done_and_its_repeat_changes_nothing(
    simulator: TuyaSimulator, calls: Calls, door: str
) -> None:
    for name, tell in TOLD.items():
        if "remove" not in name:
            simulator.fault("lost_reply", path="", method=name.partition(" ")[0])
            await refused(tell(calls, door))
    south = simulator.southbound
    licences = south.products[PRODUCT].licences
    assert simulator.devices[door].values == {"lock_motor_state": True}
    assert south.commands["m3"].answer is not None
    reports = len(south.reports)
    for name, tell in TOLD.items():
        if "remove" not in name and "datapoint" not in name:
            await tell(calls, door)
    assert (len(south.reports), len(south.events)) == (reports, 1)
    assert [*south.repeats] == ["m1", "m2"]
    assert south.products[PRODUCT].licences == licences
    assert len(south.devices) == 1


async def test_an_answer_that_does_not_come_is_given_up(
    simulator: TuyaSimulator, calls: Calls, door: str, pass_time: Callable[[float], None]
) -> None:
    simulator.fault("timeout", path="property/report")
    sent = asyncio.ensure_future(refused(calls.report_properties(door, "m1", OPEN)))
    await simulator.held()
    pass_time(16)
    error = await sent
    assert (error.reason, error.uncertain) == (Reason.TIMED_OUT, True)
    assert [report["msg_id"] for report in simulator.southbound.reports] == ["m1"]


@pytest.mark.parametrize("value", ["", ".", ".."])
async def test_an_id_that_would_make_another_call_is_not_sent(
    simulator: TuyaSimulator, calls: Calls, value: str
) -> None:
    for tell in (calls.get, calls.remove, calls.online):
        error = await refused(tell(value))
        assert error.reason is Reason.NOT_SUPPORTED
    assert not simulator.calls


async def test_an_odd_id_is_one_part_of_the_path(
    simulator: TuyaSimulator, calls: Calls, door: str
) -> None:
    error = await refused(calls.remove(f"x/../{door}"))
    assert error.code == 2010
    assert door in simulator.devices
    assert (await refused(calls.get("a/b?c=d#ä"))).code == 2010


@pytest.mark.parametrize("answer", [None, {}, [], {"device_id": ""}, {"device_id": 5}, True])
async def test_an_answer_without_an_id_registers_nothing(
    small_cloud: SmallCloud, cloud: TuyaCloud, answer: Any
) -> None:
    for path in (f"{BASE}/garden1/register", f"{BASE}/garden1"):
        small_cloud.answer(path, answer)
    calls = cloud.cloud_to_cloud
    for call in (calls.register("garden1", DRAFT), calls.get("garden1")):
        assert (await refused(call)).reason is Reason.MALFORMED_ANSWER


async def test_tuya_also_says_no_with_a_false_result(
    small_cloud: SmallCloud, cloud: TuyaCloud
) -> None:
    small_cloud.answer(f"{BASE}/d1/online", False, "false")
    for _ in range(2):
        error = await refused(cloud.cloud_to_cloud.online("d1"))
        assert error.reason is Reason.NOT_DELIVERED


async def test_only_what_is_told_of_a_door_is_sent(
    small_cloud: SmallCloud, cloud: TuyaCloud
) -> None:
    small_cloud.answer(f"{BASE}/garden1/register", {"device_id": "d1"})
    small_cloud.answer(f"{BASE}/d1/event/report", True)
    await cloud.cloud_to_cloud.register("garden1", DRAFT)
    assert json.loads(small_cloud.seen[-1].body) == {
        "device_name": "Garden door",
        "product_id": PRODUCT,
    }
    await cloud.cloud_to_cloud.report_event("d1", "m1", "ring", NOW, {})
    assert json.loads(small_cloud.seen[-1].body) == {
        "msg_id": "m1",
        "data": {"event_code": "ring", "event_time": 1_795_000_000_000},
    }

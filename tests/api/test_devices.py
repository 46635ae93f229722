"""Device calls: what is asked on the wire, and what is made of the answer."""

import json
from typing import Any

import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaCommandError,
    TuyaConnectionError,
)

from .small_cloud import SmallCloud
from .vectors import load

LIST = "/v2.0/cloud/thing/device"
STATUS = "/v1.0/iot-03/devices/status"
COMMANDS = "/v1.0/iot-03/devices/d1/commands"
ACTION = "/v2.0/cloud/thing/d1/shadow/actions"
ISSUE = "/v2.0/cloud/thing/d1/shadow/properties/issue"
MODEL = "/v2.0/cloud/thing/d1/model"
SHADOW = "/v2.0/cloud/thing/d1/shadow/properties"
SPECIFICATION = "/v1.0/iot-03/devices/d1/specification"
POINTS = "/v1.0/expand/devices/d1/functions"
STREAM = "/v1.0/devices/d1/stream/actions/allocate"
MOVEMENT = "/v1.0/devices/d1/movement-configs"
WEBRTC = "/v1.0/devices/d1/webrtc-configs"


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"d{number}", "name": "x"} for number in numbers]


def targets(small_cloud: SmallCloud, path: str) -> list[str]:
    return [seen.target for seen in small_cloud.seen if seen.path == path]


async def test_the_list_is_read_page_by_page(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(LIST, rows(*range(20)), rows(*range(20, 40)), rows(40))
    assert await cloud.devices.list() == rows(*range(41))
    assert targets(small_cloud, LIST) == [
        f"{LIST}?page_size=20",
        f"{LIST}?last_id=d19&page_size=20",
        f"{LIST}?last_id=d39&page_size=20",
    ]


async def test_the_list_ends_with_an_empty_page(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(LIST, rows(*range(20)), [])
    assert len(await cloud.devices.list()) == 20


async def test_a_project_may_have_no_device(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(LIST, [])
    assert await cloud.devices.list() == []


async def test_a_list_that_repeats_itself_comes_to_an_end(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(LIST, rows(*range(20)))
    assert await cloud.devices.list() == rows(*range(20))
    assert len(targets(small_cloud, LIST)) == 2


async def test_a_list_without_end_is_given_up(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(LIST, *(rows(*range(20 * page, 20 * page + 20)) for page in range(502)))
    assert len(await cloud.devices.list()) == 10_000


async def test_an_odd_row_does_not_end_the_list(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    odd: list[Any] = [*rows(*range(17)), {"name": "no id"}, "text", {"id": 7}]
    small_cloud.answer(LIST, odd, rows(17))
    assert await cloud.devices.list() == rows(*range(18))
    assert targets(small_cloud, LIST)[-1] == f"{LIST}?last_id=d16&page_size=20"


@pytest.mark.parametrize("result", [None, {"list": []}, "[]"])
async def test_a_list_of_another_shape_is_not_an_empty_list(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(LIST, result)
    with pytest.raises(TuyaConnectionError) as error:
        await cloud.devices.list()
    assert error.value.reason is Reason.MALFORMED_ANSWER
    assert error.value.call == f"GET {LIST}"


async def test_states_are_read_for_twenty_devices_at_once(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    first = [{"id": "d0", "status": [{"code": "a", "value": 1}]}, {"id": "d1"}, "odd"]
    small_cloud.answer(STATUS, first, [{"id": "d20", "status": []}])
    states = await cloud.devices.status(f"d{number}" for number in range(21))
    assert states == {"d0": [{"code": "a", "value": 1}], "d1": [], "d20": []}
    asked = "%2C".join(f"d{number}" for number in range(20))
    assert targets(small_cloud, STATUS) == [
        f"{STATUS}?device_ids={asked}",
        f"{STATUS}?device_ids=d20",
    ]


async def test_no_devices_need_no_call(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    assert await cloud.devices.status([]) == {}
    assert small_cloud.seen == []


async def test_a_device_is_described(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    specification = {"category": "sp", "functions": [], "status": []}
    small_cloud.answer(SPECIFICATION, specification)
    small_cloud.answer(WEBRTC, {"id": "d1"})
    assert await cloud.devices.specification("d1") == specification
    assert await cloud.devices.webrtc_config("d1") == {"id": "d1"}


async def test_a_thing_model_is_read_from_its_string(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    model = {"modelId": "1", "services": []}
    small_cloud.answer(MODEL, {"model": json.dumps(model)}, {"model": model})
    assert await cloud.devices.model("d1") == model
    assert await cloud.devices.model("d1") == model


@pytest.mark.parametrize("result", [None, {}, {"model": "{"}, {"model": "[]"}])
async def test_a_thing_model_of_another_shape_is_malformed(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(MODEL, result)
    with pytest.raises(TuyaConnectionError):
        await cloud.devices.model("d1")


async def test_one_device_is_read_in_detail(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer("/v2.0/cloud/thing/d1", {"id": "d1", "is_online": True})
    assert await cloud.devices.detail("d1") == {"id": "d1", "is_online": True}


async def test_a_shadow_lists_every_data_point(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    point = {"code": "accessory_lock", "dp_id": 148, "time": 1669797124390, "value": True}
    small_cloud.answer(SHADOW, {"properties": [point]}, {})
    assert await cloud.devices.shadow("d1") == [point]
    with pytest.raises(TuyaConnectionError):
        await cloud.devices.shadow("d1")


@pytest.mark.parametrize(
    ("result", "points"),
    [
        (["tyabinmc7h", "tyabiym3h3"], ("tyabinmc7h", "tyabiym3h3")),
        ([{"code": "tyabinmc7h"}, {"id": "tyabiym3h3"}], ("tyabinmc7h", "tyabiym3h3")),
        ({"functions": [{"code": "tyabinmc7h"}]}, ("tyabinmc7h",)),
        ([None, 7, {}, {"code": 7}, ""], ()),
        ({}, ()),
        (None, ()),
    ],
)
async def test_function_points_are_read_in_any_shape(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object, points: tuple[str, ...]
) -> None:
    small_cloud.answer(POINTS, result)
    assert await cloud.devices.function_points("d1") == points


async def test_instructions_are_sent_as_a_list(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(COMMANDS, True)
    await cloud.devices.send("d1", {"accessory_lock": True, "volume": 3})
    assert json.loads(small_cloud.seen[-1].body) == {
        "commands": [{"code": "accessory_lock", "value": True}, {"code": "volume", "value": 3}]
    }


async def test_the_input_of_an_action_is_sent_as_a_string_or_as_an_object(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(ACTION, {}, {})
    await cloud.devices.act("d1", "unlock", {"time": 5})
    assert small_cloud.seen[-1].body == b'{"code":"unlock","input_params":"{\\"time\\":5}"}'
    await cloud.devices.act("d1", "unlock", {"time": 5}, as_text=False)
    assert small_cloud.seen[-1].body == b'{"code":"unlock","input_params":{"time":5}}'


async def test_properties_are_sent_as_a_string(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(ISSUE, {})
    await cloud.devices.issue("d1", {"switch_1": True})
    assert small_cloud.seen[-1].body == b'{"properties":"{\\"switch_1\\":true}"}'


@pytest.mark.parametrize("case", load("password")["remote_key_dp"]["cases"])
async def test_raw_values_reach_the_device_as_they_are(
    cloud: TuyaCloud, small_cloud: SmallCloud, case: dict[str, str]
) -> None:
    small_cloud.answer(COMMANDS, True)
    await cloud.devices.send("d1", {"remote_no_pd_setkey": case["setkey_b64"]})
    (command,) = json.loads(small_cloud.seen[-1].body)["commands"]
    assert command["value"] == case["setkey_b64"]


@pytest.mark.parametrize("result", [False, "false"])
async def test_a_command_taken_with_a_false_result_was_not_taken(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(COMMANDS, result)
    with pytest.raises(TuyaCommandError) as error:
        await cloud.devices.send("d1", {"accessory_lock": True})
    assert error.value.reason is Reason.NOT_DELIVERED
    assert not error.value.definite


async def test_a_stream_address_is_asked_for_by_kind(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(STREAM, {"url": "rtsps://example.invalid/1"}, {"address": "there"})
    assert await cloud.devices.stream("d1", "rtsp") == "rtsps://example.invalid/1"
    assert json.loads(small_cloud.seen[-1].body) == {"type": "rtsp"}
    with pytest.raises(TuyaConnectionError):
        await cloud.devices.stream("d1", "rtsp")


@pytest.mark.parametrize(
    "result", [{"url": ""}, {"url": "rtsps://example.invalid/1", "stream_id": ""}]
)
async def test_an_address_behind_which_nothing_streams_is_none(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: dict[str, str]
) -> None:
    small_cloud.answer(STREAM, result)
    assert await cloud.devices.stream("d1", "rtsp") == ""


async def test_a_pictures_address_is_asked_for_with_its_whole_path(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    picture = load("media")["classify"][0]
    small_cloud.answer(MOVEMENT, "https://example.invalid/1.jpeg", {"url": "https://b.invalid/"})
    asked = ("d1", picture["bucket"], picture["file_path"])
    assert await cloud.devices.movement_url(*asked) == "https://example.invalid/1.jpeg"
    assert await cloud.devices.movement_url(*asked) == "https://b.invalid/"
    query = picture["movement_configs_query_wire"]
    assert targets(small_cloud, MOVEMENT) == [f"{MOVEMENT}?{query}"] * 2


@pytest.mark.parametrize("result", [None, "", {}, 7])
async def test_a_picture_without_address_is_malformed(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(MOVEMENT, result)
    with pytest.raises(TuyaConnectionError) as error:
        await cloud.devices.movement_url("d1", "b", "p")
    assert str(error.value) == (
        "malformed_answer at GET /v1.0/devices/{device_id}/movement-configs"
    )

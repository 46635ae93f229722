"""Calls about the persons of building terminals, against the simulator and against odd answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.counters import Called
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaCommandError,
    TuyaConnectionError,
    TuyaError,
    TuyaPermissionError,
)
from custom_components.tuyalink_intercom.api.regions import custom_endpoints
from tests.simulator import TuyaSimulator
from tests.simulator.persons import Known

from .small_cloud import SmallCloud

type Tell = Callable[[TuyaCloud, str], Awaitable[Any]]

ANNA = {"name": "Anna", "begin_time": 1_700_000_000_000, "end_time": 1_900_000_000_000}
RULES = [
    {
        "rule_name": "Work",
        "period": '[{"weekDay":1,"weekTime":[{"start":"32400000","end":"64800000"}]}]',
        "allowed_date": '[{"start":1700000000000,"end":1700000001000}]',
        "denied_date": '[{"start":1700000002000,"end":1700000003000}]',
    }
]
WRITES: dict[str, Tell] = {
    "POST …/persons/{person_id}": lambda cloud, door: cloud.persons.add(door, "p1", ANNA),
    "PUT …/persons/{person_id}": lambda cloud, door: cloud.persons.update(door, "p1", ANNA),
    "DELETE …/persons/{person_id}": lambda cloud, door: cloud.persons.remove(door, "p1"),
    "POST …/persons/{person_id}/faces/{face_id}": lambda cloud, door: cloud.persons.add_face(
        door, "p1", "f1", "http://127.0.0.1:1/face.jpg"
    ),
    "PUT …/persons/{person_id}/faces/{face_id}": lambda cloud, door: cloud.persons.replace_face(
        door, "p1", "f1", "http://127.0.0.1:1/face.jpg"
    ),
    "DELETE …/persons/{person_id}/faces/{face_id}": lambda cloud, door: cloud.persons.remove_face(
        door, "p1", "f1"
    ),
    "POST …/persons/actions/call": lambda cloud, door: cloud.persons.call(
        door, "133", 1, "01-01-01-01-01-01", ["p1"]
    ),
}
NEWER, OLDER = "/v1.0/access-control/{id}", "/v1.0/iot-02/third/doors/{id}"
CREDENTIALS: dict[str, Tell] = {
    "card": lambda cloud, door: cloud.persons.add_card(door, "p1", "0081726354"),
    "QR code": lambda cloud, door: cloud.persons.add_qr_code(door, "p1", "guest/ä 7?"),
    "password": lambda cloud, door: cloud.persons.add_password(door, "p1", "84620975"),
    "bulk": lambda cloud, door: cloud.persons.add_many(door, [{"person_id": "p1"}]),
}
PATHS = "/v1.0/access-control/d1/persons"


@pytest.fixture
async def project(simulator: TuyaSimulator) -> AsyncIterator[TuyaCloud]:
    async with ClientSession() as session:
        endpoints = custom_endpoints(simulator.openapi, simulator.queue)
        yield TuyaCloud(session, endpoints, simulator.access_id, simulator.access_secret)


@pytest.fixture
def door(simulator: TuyaSimulator) -> str:
    """Return a terminal at which somebody has just called a flat."""
    device = next(one for one in simulator.devices.values() if one.name == "Face terminal")
    device.calls["133"] = "01-01-01-01-01-01"
    return device.id


@pytest.fixture
def people(simulator: TuyaSimulator, door: str) -> dict[str, Known]:
    return simulator.persons.of(door).people


async def end(project: TuyaCloud, sn: str) -> int:
    """Look at a command until it has ended."""
    seen = [await project.access.command_status(sn) for _ in range(3)]
    assert seen[:2] == [1, 2]
    return seen[-1]


async def test_a_person_is_added_changed_and_removed(
    project: TuyaCloud, door: str, people: dict[str, Known]
) -> None:
    assert await end(project, await project.persons.add(door, "p1", ANNA)) == 3
    assert (people["p1"].name, people["p1"].end_ms) == ("Anna", 1_900_000_000_000)
    assert await end(project, await project.persons.update(door, "p1", {"name": "Ann"})) == 3
    assert people["p1"].name == "Ann"
    assert await end(project, await project.persons.remove(door, "p1")) == 3
    assert not people
    assert await end(project, await project.persons.remove(door, "p1")) == 4


async def test_persons_in_bulk_have_a_serial_number_each(
    project: TuyaCloud, door: str, people: dict[str, Known]
) -> None:
    rows = [{"person_id": f"p{number}", "name": f"Guest {number}"} for number in range(3)]
    sns = await project.persons.add_many(door, rows)
    assert [await end(project, sn) for sn in sns] == [3, 3, 3]
    assert [known.name for known in people.values()] == ["Guest 0", "Guest 1", "Guest 2"]
    assert len(set(await project.persons.remove_many(door, ["p0", "p2"]))) == 2
    assert [*people] == ["p1"]


async def test_cards_codes_and_passwords_are_given_and_taken(
    project: TuyaCloud, door: str, people: dict[str, Known]
) -> None:
    persons = project.persons
    await persons.add(door, "p1", ANNA)
    known = people["p1"]
    assert await end(project, await persons.add_card(door, "p1", "0081726354")) == 3
    await persons.freeze_card(door, "p1", "0081726354")
    assert known.cards == {"0081726354": True}
    await persons.unfreeze_card(door, "p1", "0081726354")
    assert known.cards == {"0081726354": False}
    await persons.add_qr_code(door, "p1", "guest/ä 7?")
    await persons.add_password(door, "p1", "84620975")
    await persons.change_password(door, "p1", "84620975", "11335577")
    assert (known.qr_codes, known.passwords) == ({"guest/ä 7?"}, {"11335577"})
    assert await end(project, await persons.change_password(door, "p1", "84620975", "2468")) == 4
    await persons.remove_card(door, "p1", "0081726354")
    await persons.remove_qr_code(door, "p1", "guest/ä 7?")
    await persons.remove_password(door, "p1", "11335577")
    assert (known.cards, known.qr_codes, known.passwords) == ({}, set(), set())


async def test_a_picture_that_cannot_be_fetched_fails_later(
    project: TuyaCloud, door: str, people: dict[str, Known]
) -> None:
    await project.persons.add(door, "p1", ANNA)
    sn = await project.persons.add_face(door, "p1", "f1", "http://127.0.0.1:1/face.jpg")
    assert await end(project, sn) == 4
    assert not people["p1"].faces
    sn = await project.persons.replace_face(door, "p1", "f1", "http://127.0.0.1:1/face.jpg")
    assert await end(project, sn) == 4
    assert await end(project, await project.persons.remove_face(door, "p1", "f1")) == 3


async def test_leave_to_be_called_is_given_and_taken(
    simulator: TuyaSimulator, project: TuyaCloud, door: str
) -> None:
    await project.persons.allow(door, "p1")
    assert simulator.persons.permitted == {(door, "p1")}
    await project.persons.call(door, "133", 1, "01-01-01-01-01-01", ["p1"])
    await project.persons.disallow(door, "p1")
    assert not simulator.persons.permitted
    simulator.fault("refuse", what="/v1.0/expand/spaces/{id}/persons/{person_id}", code=1108)
    await project.persons.allow(door, "p1")
    assert simulator.persons.permitted == {(door, "p1")}
    await project.persons.disallow(door, "p1")
    assert not simulator.persons.permitted


@pytest.mark.parametrize("call", WRITES)
async def test_where_the_newer_service_is_missing_the_older_one_is_told(
    simulator: TuyaSimulator, project: TuyaCloud, door: str, call: str
) -> None:
    newer, older = call.replace("…", NEWER), call.replace("…", OLDER)
    simulator.persons.permitted.add((door, "p1"))
    simulator.fault("refuse", what=newer, code=1108)
    await WRITES[call](project, door)
    assert (simulator.calls[newer], simulator.calls[older]) == (1, 1)


async def test_the_older_service_is_told_of_hours_in_its_own_words(
    simulator: TuyaSimulator, project: TuyaCloud, door: str, people: dict[str, Known]
) -> None:
    body = {"name": "Anna", "door_time_rule_list": RULES}
    await project.persons.add(door, "p1", body)
    rules = people["p1"].rules
    assert (len(rules[0].hours), len(rules[0].allowed), len(rules[0].denied)) == (1, 1, 1)
    simulator.fault("refuse", what=NEWER + "/persons/{person_id}", code=1108)
    await project.persons.add(door, "p2", body)
    assert people["p2"].rules == rules


@pytest.mark.parametrize("what", CREDENTIALS)
async def test_what_the_older_service_does_not_know_is_refused(
    simulator: TuyaSimulator, project: TuyaCloud, door: str, what: str
) -> None:
    simulator.fault("refuse", what="access", code=1108)
    with pytest.raises(TuyaPermissionError) as error:
        await CREDENTIALS[what](project, door)
    assert error.value.reason is Reason.API_NOT_SUBSCRIBED


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize("code", [28841106, 1109, 2001, 1106])
async def test_any_other_refusal_is_told_and_nothing_else_tried(
    simulator: TuyaSimulator, project: TuyaCloud, door: str, call: str, code: int
) -> None:
    simulator.fault("refuse", what=call.replace("…", NEWER), code=code)
    with pytest.raises(TuyaError) as error:
        await WRITES[call](project, door)
    assert error.value.code == code
    assert simulator.calls[call.replace("…", OLDER)] == 0


async def test_errors_and_counters_name_no_number_code_or_password(
    simulator: TuyaSimulator, project: TuyaCloud, door: str
) -> None:
    heard: list[Called] = []
    project.on_call = heard.append
    simulator.fault("refuse", what="access", code=1109)
    for tell in CREDENTIALS.values():
        with pytest.raises(TuyaCommandError) as error:
            await tell(project, door)
        assert "{device_id}/persons" in str(error.value)
        told = f"{error.value!r} {error.value} {heard} {project.counters}"
        assert not [one for one in ("0081726354", "guest", "84620975") if one in told]


@pytest.mark.parametrize("value", ["", ".", ".."])
async def test_what_would_make_another_call_is_not_sent(
    cloud: TuyaCloud, small_cloud: SmallCloud, value: str
) -> None:
    for call in (
        cloud.persons.remove("d1", value),
        cloud.persons.remove_qr_code("d1", "p1", value),
        cloud.persons.remove_face(value, "p1", "f1"),
    ):
        with pytest.raises(TuyaCommandError) as error:
            await call
        assert error.value.reason is Reason.NOT_SUPPORTED
    assert not small_cloud.seen


async def test_serial_numbers_come_as_text_or_as_numbers(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(f"{PATHS}/p1", {"sn": 133_000_000_000_000_001}, {"sn": "134"})
    assert await cloud.persons.add("d1", "p1", {}) == "133000000000000001"
    assert await cloud.persons.add("d1", "p1", {}) == "134"
    small_cloud.answer(PATHS, {"sn_list": [133, "134"]}, {"sn": 135}, {"sn_list": ["136"]})
    assert await cloud.persons.add_many("d1", []) == ("133", "134")
    assert await cloud.persons.add_many("d1", []) == ("135",)
    assert await cloud.persons.remove_many("d1", ["p1"]) == ("136",)
    assert json.loads(small_cloud.seen[-1].body) == {"person_id_list": ["p1"]}


@pytest.mark.parametrize("result", [None, True, [], {}, {"sn": ""}, {"sn": True}, {"sn": {}}])
async def test_an_answer_without_serial_number_is_no_answer(
    cloud: TuyaCloud, small_cloud: SmallCloud, result: object
) -> None:
    small_cloud.answer(f"{PATHS}/p1", result)
    small_cloud.answer(PATHS, result, {"sn_list": [None]}, {"sn_list": "133"}, {"sn_list": []})
    with pytest.raises(TuyaConnectionError):
        await cloud.persons.remove("d1", "p1")
    for _ in range(4):
        with pytest.raises(TuyaConnectionError):
            await cloud.persons.remove_many("d1", ["p1"])


async def test_a_call_that_tuya_does_not_pass_on_is_an_error(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(f"{PATHS}/actions/call", False)
    with pytest.raises(TuyaCommandError):
        await cloud.persons.call("d1", "133", 1, "01-01-01-01-01-01", ["p1"])


async def test_groups_their_users_and_faces_are_read(
    project: TuyaCloud, door: str, people: dict[str, Known]
) -> None:
    await project.persons.add(door, "p1", {"name": "Bea"})
    people["p1"].faces["f1"] = b"\xff\xd8\xff"
    (group,) = await project.persons.groups()
    users = await project.persons.group_users(str(group["id"]))
    assert {"user_id": "p1", "name": "Bea"} in users
    assert await project.persons.faces() == [{"face_id": "f1", "user_id": "p1", "name": "Bea"}]
    with pytest.raises(TuyaCommandError):
        await project.persons.group_users("nowhere")


async def test_reads_of_whatever_shape_are_taken_and_end(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    row, path = {"user_id": "p1"}, "/v1.0/iot-02/access-controls/g1/users"
    small_cloud.answer(
        path, [row], {"users": [row, "odd"]}, None, {"odd": 1}, {"list": [row], "has_more": True}
    )
    assert await cloud.persons.group_users("g1") == [row]
    assert await cloud.persons.group_users("g1") == [row]
    assert await cloud.persons.group_users("g1") == []
    assert await cloud.persons.group_users("g1") == []
    assert len(await cloud.persons.group_users("g1")) == 20
    small_cloud.answer("/v1.0/iot-02/faces", "odd")
    with pytest.raises(TuyaConnectionError):
        await cloud.persons.faces()

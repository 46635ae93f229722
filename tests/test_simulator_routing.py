"""The simulated cloud rings phones for a call that a terminal made, for who has leave."""

from typing import Any

import pytest

from tests.simulator import TuyaSimulator
from tests.simulator.client import Client

ANNA, BERT = "ay1700000000001anna", "ay1700000000002bert"


@pytest.fixture
def terminal(cloud: TuyaSimulator, ids: dict[str, str]) -> str:
    """Return the terminal, at which two persons have leave, after a call."""
    device = ids["Face terminal"]
    cloud.persons.permitted |= {(device, ANNA), (device, BERT)}
    cloud.scenario("ring", device, address="01-02")
    return device


def body(cloud: TuyaSimulator, device: str, **changed: Any) -> dict[str, Any]:
    call = {"sn": cloud.devices[device].call_sn, "type": 1, "target_address": "01-02"}
    return {**call, "person_id_list": [ANNA, BERT], **changed}


@pytest.mark.parametrize(
    "path",
    [
        "/v1.0/access-control/{}/persons/actions/call",
        "/v1.0/iot-02/third/doors/{}/persons/actions/call",
    ],
)
async def test_phones_ring_for_the_call_that_was_made(
    client: Client, cloud: TuyaSimulator, terminal: str, path: str
) -> None:
    answer = await client.post(path.format(terminal), body(cloud, terminal))
    assert answer["result"] == {"device_id": terminal}
    assert [*cloud.persons.rung] == [(cloud.devices[terminal].call_sn, (ANNA, BERT))]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"person_id_list": [ANNA] * 4}, 1109),
        ({"person_id_list": []}, 1109),
        ({"person_id_list": ["a" * 33]}, 1109),
        ({"person_id_list": [ANNA, "somebody"]}, 1106),
        ({"sn": "13"}, 1109),
        ({"sn": None}, 1109),
        ({"type": 6}, 1109),
        ({"target_address": "01-03"}, 1109),
    ],
)
async def test_no_phone_rings_for_what_makes_no_sense(
    client: Client, cloud: TuyaSimulator, terminal: str, changed: dict[str, Any], code: int
) -> None:
    path = f"/v1.0/access-control/{terminal}/persons/actions/call"
    answer = await client.post(path, body(cloud, terminal, **changed))
    assert answer["code"] == code
    assert not cloud.persons.rung


async def test_a_permission_that_was_taken_back_is_no_permission(
    client: Client, cloud: TuyaSimulator, terminal: str
) -> None:
    leave = f"/v1.0/expand/spaces/{terminal}/persons/{ANNA}"
    call = f"/v1.0/access-control/{terminal}/persons/actions/call"
    assert (await client.call("DELETE", leave))["success"] is True
    assert (await client.post(call, body(cloud, terminal)))["code"] == 1106
    assert (await client.post(leave))["success"] is True
    assert (await client.post(call, body(cloud, terminal)))["success"] is True

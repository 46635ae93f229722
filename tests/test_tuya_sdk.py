"""Tuya's published Python SDK, unchanged, against the simulator.

The SDK blocks, so it runs as a program of its own: this file, started with the addresses.
It prints one JSON line per step, which the tests read.
"""

import asyncio
from collections.abc import AsyncIterator
import json
import os
from pathlib import Path
import sys
import threading
import time
from typing import Any

import pytest
import requests
from tuya_connector import TuyaOpenAPI, TuyaOpenPulsar

from tests.simulator import TuyaSimulator

THING = "/v2.0/cloud/thing"
FOREIGN = "/v1.0/iot-03/3rdcloud/devices"


def say(step: str, **told: Any) -> None:
    """Print one step; called from the SDK's threads too."""
    sys.stdout.write(json.dumps({"step": step, **told}) + "\n")
    sys.stdout.flush()


def use_openapi(api: TuyaOpenAPI, control: str) -> None:
    """Do what Tuya's examples do, and what happens to long-running programs."""
    say("token", answer=api.connect())
    listed = api.get(f"{THING}/device", {"page_size": 20})["result"]
    devices = {item["customName"]: item["id"] for item in listed}
    say("devices", devices=devices)
    lock, intercom = devices["Front door lock"], devices["Intercom"]
    say("status", answer=api.get(f"/v1.0/iot-03/devices/{lock}/status"))
    say("functions", answer=api.get(f"/v1.0/devices/{intercom}/functions"))
    body = {"commands": [{"code": "basic_flip", "value": True}]}
    say("command", answer=api.post(f"/v1.0/iot-03/devices/{intercom}/commands", body))
    properties = {"properties": json.dumps({"accessory_lock": True})}
    path = f"{THING}/{intercom}/shadow/properties/issue"
    say("issue", answer=api.post(path, properties))
    ticket = api.post(f"/v1.0/devices/{lock}/door-lock/password-ticket", {})
    operate = {"ticket_id": ticket["result"]["ticket_id"], "open": "true"}
    path = f"/v1.0/smart-lock/devices/{lock}/password-free/door-operate"
    say("unlock", answer=api.post(path, operate))
    query = {"bucket": "ty-sim-storage30-pic", "file_path": "/a b/c?param=d+e=/f"}
    say("picture", answer=api.get(f"/v1.0/devices/{intercom}/movement-configs", query))
    requests.post(f"{control}faults", json={"name": "expire_token", "count": 1}, timeout=5)
    refused, again = (api.get(f"{THING}/{lock}") for _ in range(2))
    say("expired", refused=refused["code"], again=again["success"])
    wrong = TuyaOpenAPI(api.endpoint, api.access_id, "f" * 32)
    say("wrong", answer=wrong.connect())


def publish_door(api: TuyaOpenAPI) -> None:
    """Do what Tuya's guide of cloud-to-cloud integration does."""
    api.connect()
    body = {"device_name": "Garden door", "product_id": "simdoorproduct01"}
    registered = api.post(f"{FOREIGN}/garden1/register", body)
    path = f"{FOREIGN}/{registered['result']['device_id']}"
    say("registered", answer=registered, found=api.get(f"{FOREIGN}/garden1"))
    say("renamed", answer=api.put(path, {"device_name": "Garden gate"}))
    say("online", answer=api.put(f"{path}/online"))
    at_ms = int(time.time() * 1000)
    data: dict[str, Any] = {"lock_motor_state": {"value": True, "time": at_ms}}
    say("property", answer=api.post(f"{path}/property/report", {"msg_id": "1", "data": data}))
    data = {"event_code": "ring", "event_time": at_ms}
    say("event", answer=api.post(f"{path}/event/report", {"msg_id": "2", "data": data}))
    data = {"action_code": "unlock", "output_params": {}}
    answer = {"msg_id": "nobody-asked", "code": 0, "data": data}
    say("action", answer=api.post(f"{path}/action-resp/report", answer))
    say("offline", answer=api.put(f"{path}/offline"))
    shed = api.post(f"{FOREIGN}/shed1/register", body)["result"]["device_id"]
    say("removed", answer=api.delete(f"{FOREIGN}/{shed}/remove"))


def use_queue(address: str, access_id: str, access_secret: str, topic: str, count: int) -> None:
    """Print decrypted messages until there are enough."""
    enough, got = threading.Event(), 0

    def listen(text: str) -> None:
        nonlocal got
        got += 1
        say("message", body=json.loads(text))
        if got >= count:
            enough.set()

    consumer = TuyaOpenPulsar(access_id, access_secret, address, topic)
    consumer.daemon = True
    consumer.add_message_listener(listen)
    consumer.start()
    enough.wait()


def main() -> None:
    """Run one part of the SDK."""
    half, *rest = sys.argv[1:]
    if half == "openapi":
        endpoint, control, access_id, access_secret = rest
        use_openapi(TuyaOpenAPI(endpoint, access_id, access_secret), control)
        return
    if half == "southbound":
        publish_door(TuyaOpenAPI(*rest))
        return
    address, access_id, access_secret, topic, count = rest
    use_queue(address, access_id, access_secret, topic, int(count))
    # The SDK's thread cannot be ended in any other way.
    os._exit(0)


async def lines(*arguments: str) -> AsyncIterator[dict[str, Any]]:
    """Run the SDK and yield what it prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert process.stdout is not None
    async for line in process.stdout:
        yield json.loads(line)
    assert await process.wait() == 0


@pytest.fixture
async def steps(simulator: TuyaSimulator) -> dict[str, dict[str, Any]]:
    cloud = simulator
    told = lines("openapi", cloud.openapi, cloud.control, cloud.access_id, cloud.access_secret)
    return {line["step"]: line async for line in told}


async def test_the_sdk_gets_a_token_and_lists_the_devices(
    simulator: TuyaSimulator, steps: dict[str, dict[str, Any]]
) -> None:
    assert steps["token"]["answer"]["result"]["expire_time"] == 7200
    listed = {device.name: device.id for device in simulator.devices.values()}
    assert steps["devices"]["devices"] == listed
    status = {item["code"]: item["value"] for item in steps["status"]["answer"]["result"]}
    assert status["residual_electricity"] == 90
    assert steps["functions"]["answer"]["result"]["functions"][0]["code"] == "basic_flip"


async def test_the_sdk_commands_devices_and_opens_doors(
    simulator: TuyaSimulator, steps: dict[str, dict[str, Any]]
) -> None:
    devices = steps["devices"]["devices"]
    assert steps["command"]["answer"]["result"] is True
    assert simulator.devices[devices["Intercom"]].values["basic_flip"] is True
    assert steps["issue"]["answer"]["result"] == {}
    assert steps["unlock"]["answer"]["result"] is True
    for name in ("Intercom", "Front door lock"):
        assert simulator.door(devices[name]).opened == 1
    assert steps["picture"]["answer"]["success"]


async def test_the_sdk_recovers_from_an_expired_token_and_learns_of_a_wrong_secret(
    steps: dict[str, dict[str, Any]],
) -> None:
    assert (steps["expired"]["refused"], steps["expired"]["again"]) == (1010, True)
    assert steps["wrong"]["answer"]["code"] == 1004


async def test_the_sdk_publishes_a_door(simulator: TuyaSimulator) -> None:
    cloud = simulator
    keys = (cloud.access_id, cloud.access_secret)
    told = {line["step"]: line async for line in lines("southbound", cloud.openapi, *keys)}
    door = cloud.devices[told["registered"]["answer"]["result"]["device_id"]]
    assert told["registered"]["found"]["result"]["device_id"] == door.id
    for step in ("renamed", "online", "property", "event", "offline", "removed"):
        assert told[step]["answer"]["result"] is True, step
    assert told["action"]["answer"]["code"] == 1000
    assert (door.name, door.online, door.values) == (
        "Garden gate",
        False,
        {"lock_motor_state": True},
    )
    assert [event.code for event in cloud.southbound.events] == ["ring"]
    assert [*cloud.southbound.devices] == [door.id]


@pytest.mark.parametrize("topic", ["event", "event-test"])
async def test_the_sdk_hears_a_ring(simulator: TuyaSimulator, topic: str) -> None:
    cloud = simulator
    bell = next(device for device in cloud.devices.values() if device.name == "Battery bell")
    told = lines("queue", cloud.queue, cloud.access_id, cloud.access_secret, topic, "4")
    first = asyncio.ensure_future(anext(told))
    await cloud.connected()
    sent = cloud.scenario("ring", bell.id)
    messages = [(await first)["body"], *[line["body"] async for line in told]]
    assert messages[0]["bizCode"] == "event_notify"
    assert messages[0]["bizData"] == {
        "devId": bell.id,
        "edata": sent.event_id,
        "etype": "doorbell",
    }
    assert messages[1]["status"][0]["code"] == "doorbell_active"
    assert {message["devId"] for message in messages} == {bell.id}


async def test_the_sdk_acknowledges_what_it_heard(simulator: TuyaSimulator) -> None:
    cloud = simulator
    device = next(iter(cloud.devices))
    identity = cloud.publish(device, {"bizCode": "online", "devId": device})
    cloud.publish(device, {"bizCode": "offline", "devId": device})
    told = lines("queue", cloud.queue, cloud.access_id, cloud.access_secret, "event", "2")
    assert [line["body"]["bizCode"] async for line in told] == ["online", "offline"]
    await cloud.acked(identity)


if __name__ == "__main__":
    main()

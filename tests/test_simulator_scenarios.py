"""The simulator's scenarios: rings in every shape, pictures that belong to them, calls, alarms."""

import base64
from collections.abc import AsyncIterator
from io import BytesIO
import json
from typing import Any

from PIL import Image
import pytest

from tests.simulator import ScenarioError, SimDevice, TuyaSimulator, read_document, wire
from tests.simulator.client import Client, Reader


@pytest.fixture
async def client(simulator: TuyaSimulator) -> AsyncIterator[Client]:
    async with Client(simulator) as opened:
        yield opened


def carrier(body: dict[str, Any]) -> str:
    """Name what a message is about."""
    if "status" in body:
        return str(body["status"][0]["code"] or "json")
    return str(body["bizCode"])


def unpack(value: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.b64decode(value))
    return decoded


@pytest.mark.parametrize(
    ("name", "carriers"),
    [
        ("Face terminal", ["json"]),
        (
            "Intercom",
            [
                "event_notify",
                "doorbell_active",
                "doorbell_pic",
                "alarm_message",
                "initiative_message",
            ],
        ),
        (
            "Battery bell",
            ["event_notify", "doorbell_active", "doorbell_pic", "initiative_message"],
        ),
        ("Front door lock", ["doorbell", "initiative_message"]),
        ("Gate keypad", ["doorbell_song_kit", "initiative_message"]),
    ],
)
async def test_each_device_rings_the_way_it_does_in_the_field(
    reader: Reader, devices: dict[str, SimDevice], name: str, carriers: list[str]
) -> None:
    sent = reader.cloud.scenario("ring", devices[name].id)
    bodies = [await reader.body() for _ in carriers]
    assert [carrier(body) for body in bodies] == carriers
    assert len(sent.message_ids) == len(carriers)
    await reader.cloud.acked(sent.event_id)


async def test_all_carriers_of_a_press_tell_the_same_second(
    reader: Reader, devices: dict[str, SimDevice]
) -> None:
    sent = reader.cloud.scenario("ring", devices["Intercom"].id, press_time=1_795_000_123)
    notice, active, picture, sealed, message = [await reader.body() for _ in range(5)]
    assert notice["bizData"]["edata"] == sent.event_id
    assert sent.event_id.endswith("1795000123")
    assert active["status"][0]["value"] == "1795000123"
    shown = unpack(picture["status"][0]["value"])
    assert shown["files"][0][0].endswith("/1795000123.jpeg")
    assert unpack(message["status"][0]["value"])["files"] == shown["files"]
    hidden = unpack(sealed["status"][0]["value"])
    assert (hidden["cmd"], set(hidden["files"][0])) == ("ipc_doorbell", {"data", "iv", "keyId"})


async def test_a_rings_picture_can_be_fetched_and_is_its_own(
    client: Client, reader: Reader, devices: dict[str, SimDevice]
) -> None:
    cloud, device = client.cloud, devices["Battery bell"].id
    path = f"/v1.0/devices/{device}/movement-configs"
    first = cloud.scenario("ring", device, carrier="doorbell_pic")
    second = cloud.scenario("ring", device, carrier="doorbell_pic")
    assert cloud.pictures[first.event_id] != cloud.pictures[second.event_id]
    files = unpack((await reader.body())["status"][0]["value"])
    location, key = files["files"][0]
    url = await client.get(path, bucket=files["bucket"], file_path=location)

    async def fetch() -> tuple[int, bytes]:
        async with client.session.get(url) as answer:
            return answer.status, await answer.read()

    status, blob = await fetch()
    assert (status, blob[:4], blob[:2] == b"\xff\xd8") == (200, b"\x01\0\0\0", False)
    assert wire.decrypt_file(blob, key) == cloud.pictures[first.event_id]
    cloud.fault("upload_pending", 2)
    assert [(await fetch())[0] for _ in range(3)] == [403, 403, 200]
    cloud.fault("plain_picture")
    assert (await fetch())[1] == cloud.pictures[first.event_id]
    cloud.fault("wrong_key")
    with pytest.raises(wire.WireError):
        wire.decrypt_file((await fetch())[1], key)
    url = url.replace("X-Amz-Signature=", "X-Amz-Signature=0")
    assert (await fetch())[0] == 403


async def test_pictures_are_pictures(client: Client, devices: dict[str, SimDevice]) -> None:
    sent = client.cloud.scenario("ring", devices["Intercom"].id)
    url = f"{client.cloud.control}pictures/{sent.event_id}"
    async with client.session.get(url) as answer:
        image = Image.open(BytesIO(await answer.read()))
    assert (image.format, image.size) == ("JPEG", (640, 480))


async def test_a_ring_can_be_old_and_its_device_clock_wrong(
    reader: Reader, devices: dict[str, SimDevice]
) -> None:
    sent = reader.cloud.scenario(
        "ring",
        devices["Battery bell"].id,
        carrier="event_notify",
        age_s=120,
        device_clock_s=3600,
        encryption="aes_gcm",
    )
    frame = await reader.frame()
    body = reader.open(frame)
    assert frame["properties"]["em"] == "aes_gcm"
    envelope = json.loads(base64.b64decode(frame["payload"]))
    assert abs(envelope["t"] / 1000 - (sent.sent_at - 120)) < 5
    assert abs(body["ts"] / 1000 - (sent.sent_at - 120 + 3600)) < 5


async def test_both_dialects_tell_the_same_fact(
    reader: Reader, devices: dict[str, SimDevice]
) -> None:
    device = devices["Front door lock"]
    reader.cloud.scenario("ring", device.id, carrier="doorbell", dialect="both")
    legacy, core = [await reader.body() for _ in range(2)]
    assert legacy["devId"] == core["bizData"]["devId"] == device.id
    assert legacy["dataId"] == core["bizData"]["dataId"]
    assert core["bizCode"] == "devicePropertyMessage"
    assert core["bizData"]["properties"][0]["dpId"] == 19
    assert legacy["status"][0]["19"] is True


async def test_a_monitor_tells_the_channel_before_it_rings(
    reader: Reader, devices: dict[str, SimDevice]
) -> None:
    reader.cloud.scenario("ring", devices["Intercom"].id, channel=2)
    switched, notice = [await reader.body() for _ in range(2)]
    value = json.loads(switched["status"][0]["value"])
    assert (value["cc"], value["chs"][1]["n"]) == (2, "House")
    assert notice["bizData"]["cid"] == "2"


async def test_a_terminals_call_keeps_its_number(
    reader: Reader, devices: dict[str, SimDevice]
) -> None:
    device, facts = devices["Face terminal"], []
    for name in ("ring", "call_answered", "call_ended", "ring", "call_missed"):
        reader.cloud.scenario(name, device.id)
        item = (await reader.body())["status"][0]
        assert (item["code"], item["4"]) == ("", item["value"])
        facts.append(json.loads(item["value"]))
    assert [fact["type"] for fact in facts] == [1, 6, 5, 1, 4]
    assert facts[0]["sn"] == facts[1]["sn"] == facts[2]["sn"] != facts[3]["sn"] == facts[4]["sn"]
    assert facts[0]["targetAddress"] == "01-01-01-02-03-01"


async def test_a_video_devices_call_ends_by_message(
    reader: Reader, devices: dict[str, SimDevice]
) -> None:
    cmds = []
    for name in ("call_answered", "call_missed", "call_declined"):
        reader.cloud.scenario(name, devices["Battery bell"].id)
        cmds.append(unpack((await reader.body())["status"][0]["value"])["cmd"])
    assert cmds == ["ipc_connected", "ipc_unconnected", "ipc_refuse"]


@pytest.mark.parametrize(
    ("name", "scenario", "options", "code", "value"),
    [
        ("Front door lock", "access_granted", {"way": 5, "person": 7}, "unlock_fingerprint", 7),
        ("Front door lock", "access_granted", {"way": "card"}, "unlock_card", 1),
        ("Front door lock", "access_denied", {"way": "face"}, "alarm_lock", "wrong_face"),
        ("Front door lock", "tamper", {}, "alarm_lock", "pry"),
        ("Front door lock", "loitering", {}, "alarm_lock", "stay_alarm"),
        ("Front door lock", "duress", {}, "hijack", True),
        ("Front door lock", "door_open", {}, "closed_opened", "open"),
        ("Front door lock", "asks_to_open", {}, "unlock_request", 30),
        ("Gate keypad", "access_granted", {"person": "258"}, "unlock_fingerprint_kit", "AAABAgAA"),
        ("Gate keypad", "access_denied", {"way": "card"}, "lock_alarm_kit", "AQAC"),
        ("Gate keypad", "wrong_attempts", {}, "lock_alarm_kit", "AQAB"),
        ("Gate keypad", "door_closed", {}, "closed_opened_kit", "AQAC"),
    ],
)
async def test_locks_say_what_happened_in_their_own_words(
    reader: Reader,
    devices: dict[str, SimDevice],
    name: str,
    scenario: str,
    options: dict[str, Any],
    code: str,
    value: object,
) -> None:
    reader.cloud.scenario(scenario, devices[name].id, **options)
    item = (await reader.body())["status"][0]
    assert (item["code"], item["value"]) == (code, value)
    assert devices[name].values[code] == value


async def test_a_passage_opens_the_door_and_a_refusal_does_not(
    reader: Reader, devices: dict[str, SimDevice]
) -> None:
    device = devices["Face terminal"]
    reader.cloud.scenario("access_denied", device.id, way="face", person="stranger")
    denied = json.loads((await reader.body())["status"][0]["value"])
    assert (denied["way"], denied["uid"], denied["isSuccess"]) == (4, "stranger", False)
    assert reader.cloud.door(device.id).opened == 0
    sent = reader.cloud.scenario("access_granted", device.id, way=1, person="anna")
    granted = json.loads((await reader.body())["status"][0]["value"])
    assert (granted["way"], granted["isSuccess"], granted["imageId"]) == (1, True, sent.event_id)
    assert reader.cloud.door(device.id).opened == 1


async def test_devices_come_and_go_and_change_their_names(
    reader: Reader, client: Client, devices: dict[str, SimDevice]
) -> None:
    device = devices["Gate keypad"]
    for name, code in (("renamed", "nameUpdate"), ("removed", "delete")):
        reader.cloud.scenario(name, device.id)
        assert (await reader.body())["bizCode"] == code
    listed = await client.get("/v2.0/cloud/thing/device", page_size="20")
    assert device.id not in {item["id"] for item in listed}
    reader.cloud.scenario("added", device.id)
    reader.cloud.scenario("offline", device.id, dialect="both")
    bodies = [await reader.body() for _ in range(3)]
    assert [body["bizCode"] for body in bodies] == ["bindUser", "offline", "deviceOffline"]
    listed = await client.get("/v2.0/cloud/thing/device", page_size="20")
    assert {item["id"]: item["isOnline"] for item in listed}[device.id] is False


async def test_a_camera_that_is_no_doorbell_does_not_ring(simulator: TuyaSimulator) -> None:
    codes = [{"code": "ptz_control"}, {"code": "doorbell_active"}]
    document = {"category": "sp", "status_range": codes}
    camera = TuyaSimulator(devices=read_document(document, "camera.json"))
    with pytest.raises(ScenarioError) as error:
        camera.scenario("ring", next(iter(camera.devices)))
    assert error.value.status == 409


async def test_a_picture_comes_in_every_form_that_was_seen(
    client: Client, reader: Reader, devices: dict[str, SimDevice]
) -> None:
    cloud, device = client.cloud, devices["Battery bell"].id
    values = []
    for form in ("A_plain", "B", "D"):
        sent = cloud.scenario("ring", device, carrier="doorbell_pic", picture_form=form)
        values.append((await reader.body())["status"][0]["value"])
        assert sent.event_id in cloud.pictures
    plain = unpack(values[0])["files"][0]
    assert ("?param=" in plain[0], plain[1]) == (True, "")
    url = await client.get(
        f"/v1.0/devices/{device}/movement-configs",
        bucket=unpack(values[0])["bucket"],
        file_path=plain[0],
    )
    async with client.session.get(url) as answer:
        assert (await answer.read()).startswith(b"\xff\xd8")
    async with client.session.get(base64.b64decode(values[1]).decode()) as answer:
        assert answer.status == 200
    assert "data" in unpack(values[2])["files"][0]

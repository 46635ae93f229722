"""The simulated queue: who is let in, who gets what, and that nothing is lost before its ack."""

from typing import Any

from aiohttp import WSMsgType, WSServerHandshakeError
import pytest

from tests.simulator import TuyaSimulator, wire
from tests.simulator.client import Client, Clock, Reader


@pytest.fixture
def bell(cloud: TuyaSimulator) -> str:
    return next(device.id for device in cloud.devices.values() if device.name == "Battery bell")


def say(cloud: TuyaSimulator, device_id: str = "", **body: Any) -> str:
    return cloud.publish(device_id or next(iter(cloud.devices)), body)


async def refusal(client: Client, **options: str) -> int:
    with pytest.raises(WSServerHandshakeError) as error:
        await client.read(**options)
    return error.value.status


async def numbers(reader: Reader, count: int, *, ack: bool = True) -> list[int]:
    return [(await reader.body(ack=ack))["n"] for _ in range(count)]


async def test_the_door_of_the_queue_refuses_as_tuyas_does(client: Client) -> None:
    assert await refusal(client, subscriptionType="Nonsense") == 400
    assert await refusal(client, ackTimeoutMillis="999") == 400
    assert await refusal(client, topic="unknown") == 500
    client.cloud.broker.topics.discard("event-test")
    assert await refusal(client, topic="event-test") == 500
    client.secret = "f" * 32
    assert await refusal(client) == 401
    async with client.session.get(client.cloud.openapi + "/ws/v2/elsewhere") as answer:
        assert answer.status == 404


async def test_a_second_exclusive_reader_is_turned_away(client: Client) -> None:
    reader = await client.read(subscriptionType="Exclusive")
    assert await refusal(client, subscriptionType="Exclusive") == 409
    assert await refusal(client, subscriptionType="Failover") == 409
    await reader.close()
    await client.cloud.disconnected()
    await (await client.read(subscriptionType="Exclusive")).close()


async def test_a_frame_has_what_pulsars_frames_have(client: Client, clock: Clock) -> None:
    say(client.cloud, bizCode="online")
    reader = await client.read()
    frame = await reader.frame()
    assert set(frame) == {
        "messageId",
        "payload",
        "properties",
        "publishTime",
        "redeliveryCount",
        "key",
    }
    assert frame["publishTime"] == "2026-11-18T11:06:40.000Z"
    assert (frame["redeliveryCount"], frame["properties"]["em"]) == (0, "aes_ecb")
    assert reader.open(frame) == {"bizCode": "online"}
    await client.cloud.acked(frame["messageId"])
    await reader.close()


async def test_what_was_not_acknowledged_comes_again_after_a_reconnect(client: Client) -> None:
    for number in range(3):
        say(client.cloud, n=number)
    reader = await client.read()
    assert await numbers(reader, 1) == [0]
    assert await numbers(reader, 2, ack=False) == [1, 2]
    await reader.close()
    await client.cloud.disconnected()
    again = await client.read()
    frames = [await again.frame() for _ in range(2)]
    assert [again.open(frame)["n"] for frame in frames] == [1, 2]
    assert [frame["redeliveryCount"] for frame in frames] == [1, 1]
    await client.cloud.acked(frames[1]["messageId"])
    assert (await client.control("state"))["unacked"] == 0
    await again.close()


async def test_redelivery_keeps_the_message_id(client: Client) -> None:
    reader = await client.read()
    ids = [say(client.cloud, n=number) for number in range(2)]
    first = [await reader.frame(ack=False) for _ in range(2)]
    assert [frame["messageId"] for frame in first] == ids
    assert (await client.control("redeliver", {}))["redelivered"] == 2
    second = [await reader.frame() for _ in range(2)]
    assert [frame["messageId"] for frame in second] == ids
    assert {frame["redeliveryCount"] for frame in second} == {1}
    await client.cloud.acked(ids[1])
    assert client.cloud.redeliver() == 0
    await reader.close()


async def test_messages_older_than_two_hours_are_gone(client: Client, clock: Clock) -> None:
    say(client.cloud, n=1)
    clock.time += 7201
    say(client.cloud, n=2)
    reader = await client.read()
    assert await numbers(reader, 1) == [2]
    await reader.close()


async def test_two_readers_share_the_devices_and_one_takes_over(client: Client) -> None:
    cloud = client.cloud
    devices = [f"device{number}" for number in range(40)]
    first = await client.read(consumerName="a")
    second = await client.read(consumerName="b")
    await cloud.connected(2)
    for number, device in enumerate(devices):
        say(cloud, device, n=number)
    shares = [len(one.unacked) for one in cloud.broker.consumers()]
    assert sum(shares) == 40
    assert min(shares) > 5
    mine = await numbers(first, shares[0])
    await second.close()
    rest = await numbers(first, shares[1])
    assert sorted(mine + rest) == list(range(40))
    await first.close()


async def test_a_test_topic_has_one_active_reader(client: Client) -> None:
    active = await client.read(topic="event-test", consumerName="a")
    standby = await client.read(topic="event-test", consumerName="b")
    await client.cloud.connected(2)
    for number in range(20):
        say(client.cloud, f"device{number}", n=number)
    assert await numbers(active, 20) == list(range(20))
    await active.close()
    await standby.close()


async def test_a_reader_that_never_acknowledges_goes_silent(client: Client) -> None:
    cloud = client.cloud
    reader = await client.read()
    await cloud.connected()
    client.cloud.fault("burst", 1500)
    assert len(cloud.broker.consumers()[0].unacked) == 1000
    for _ in range(1500):
        await reader.frame()
    assert (await client.control("state"))["unacked"] == 0
    await reader.close()


async def test_a_frame_that_is_no_json_ends_the_session(client: Client) -> None:
    reader = await client.read()
    await reader.socket.send_str('{"messageId": "unknown"}')
    await reader.socket.send_str('{"type": "permit", "permitMessages": 10}')
    await reader.socket.send_str("not json")
    assert (await reader.socket.receive()).type is WSMsgType.CLOSE
    await reader.close()


async def test_pings_are_answered_with_their_payload(client: Client) -> None:
    path = client.cloud.access_id
    reader = await client.read()
    await reader.close()
    url = f"{client.cloud.queue}ws/v2/consumer/persistent/{path}/out/event/{path}-sub"
    headers = {
        "username": path,
        "password": wire.queue_password(path, client.cloud.access_secret),
    }
    query = "?subscriptionType=Failover&ackTimeoutMillis=30000"
    await client.cloud.disconnected()
    async with client.session.ws_connect(url + query, headers=headers, autoping=False) as socket:
        await socket.ping(path.encode())
        pong = await socket.receive()
        assert (pong.type, pong.data) == (WSMsgType.PONG, path.encode())


@pytest.mark.parametrize(
    ("mode", "seen"),
    [
        ("aes_ecb", ["aes_ecb", "aes_ecb"]),
        ("aes_gcm", ["aes_gcm", "aes_gcm"]),
        ("mixed", ["aes_gcm", "aes_ecb"]),
    ],
)
async def test_every_encryption_mode_is_told_by_a_property(
    socket_enabled: None, mode: str, seen: list[str]
) -> None:
    cloud = TuyaSimulator(encryption=mode)
    await cloud.start()
    async with Client(cloud) as client:
        reader = await client.read()
        for number in range(2):
            say(cloud, n=number)
        frames = [await reader.frame() for _ in range(2)]
        assert [frame["properties"]["em"] for frame in frames] == seen
        assert [reader.open(frame)["n"] for frame in frames] == [0, 1]
        await reader.close()
    await cloud.stop()


async def test_the_mode_can_be_left_out(client: Client) -> None:
    reader = await client.read()
    client.cloud.publish("device", {"n": 1}, em=None)
    client.cloud.fault("missing_properties")
    say(client.cloud, n=2)
    frames = [await reader.frame() for _ in range(2)]
    assert ["properties" in frame for frame in frames] == [False, False]
    assert [reader.open(frame)["n"] for frame in frames] == [1, 2]
    await reader.close()


async def test_messages_can_be_doubled_and_change_places(client: Client) -> None:
    reader = await client.read()
    await client.cloud.connected()
    client.cloud.fault("duplicate")
    say(client.cloud, n=1)
    assert await numbers(reader, 2) == [1, 1]
    client.cloud.fault("reorder", 2)
    for number in range(3):
        say(client.cloud, n=number)
    assert await numbers(reader, 3) == [2, 1, 0]
    client.cloud.fault("reorder")
    say(client.cloud, n=5)
    client.cloud.release()
    assert await numbers(reader, 1) == [5]
    await reader.close()


async def test_poison_cannot_be_opened(client: Client) -> None:
    reader = await client.read()
    client.cloud.fault("poison", 4)
    for _ in range(4):
        with pytest.raises((ValueError, AssertionError)):
            await reader.body()
    client.cloud.publish("device", {}, raw="anything")
    assert (await reader.frame())["payload"] == "anything"
    await reader.close()


async def test_a_dropped_reader_finds_its_messages_again(client: Client) -> None:
    reader = await client.read()
    await client.cloud.connected()
    say(client.cloud, n=1)
    assert await numbers(reader, 1, ack=False) == [1]
    client.cloud.fault("drop_queue", 2)
    await client.cloud.disconnected()
    await client.read()
    await client.cloud.disconnected()
    again = await client.read()
    assert await numbers(again, 1) == [1]
    await again.close()


@pytest.mark.parametrize("kind", ["Shared", "Key_Shared"])
async def test_shared_readers_get_each_message_once(client: Client, kind: str) -> None:
    readers = [await client.read(subscriptionType=kind) for _ in range(2)]
    await client.cloud.connected(2)
    for number in range(20):
        say(client.cloud, f"device{number}", n=number)
    shares = [len(one.unacked) for one in client.cloud.broker.consumers()]
    got = [await numbers(*pair) for pair in zip(readers, shares, strict=True)]
    assert min(shares) > 3
    assert sorted(got[0] + got[1]) == list(range(20))
    for reader in readers:
        await reader.close()

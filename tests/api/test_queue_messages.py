"""Reading the queue over a real socket: hand on, acknowledge, survive poison."""

import json
import logging
from typing import Any

from aiohttp import WSMsgType
import pytest

from custom_components.tuyalink_intercom.api.frames import FRAME_LIMIT
from custom_components.tuyalink_intercom.api.message import Message
from custom_components.tuyalink_intercom.api.pulsar import (
    QueueState,
)

from .consumers import Owner, Start
from .small_cloud import NOON
from .small_queue import SmallQueue, frame, report
from .vectors import messages


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what our own code has logged."""
    ours = [record for record in caplog.records if record.name.startswith("custom_components")]
    assert all(record.levelno == logging.WARNING for record in ours)
    return [record.getMessage() for record in ours]


async def test_a_message_is_handed_on_and_acknowledged(
    start: Start, small_queue: SmallQueue
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    await running.owner.sees(QueueState.CONNECTING, QueueState.CONNECTED)
    await peer.send(report("CAE=", devId="d1", dataId="1"))
    assert await peer.acked() == "CAE="
    message = running.owner.messages.get_nowait()
    assert (message.ids, message.device_id) == (("CAE=", "d1:1"), "d1")
    assert (running.counters.messages, running.counters.connections) == (1, 1)
    assert running.consumer.heard_at == NOON
    assert running.consumer.state is QueueState.CONNECTED


@pytest.mark.parametrize("vector", messages("client_frame"))
async def test_the_only_thing_ever_said_is_an_acknowledgement(
    start: Start, small_queue: SmallQueue, vector: dict[str, Any]
) -> None:
    start()
    peer = await small_queue.peers.get()
    message_id = vector["inputs"].get("message_id", "CAE=")
    await peer.send(report(message_id, devId="d1"))
    said = json.loads(await peer.said.get())
    assert said == {"messageId": message_id}
    assert (said == json.loads(vector["expected"]["text"])) is (vector["name"] == "client_ack")


async def test_nothing_is_acknowledged_before_the_owner_has_it(
    start: Start, small_queue: SmallQueue
) -> None:
    said_before: list[bool] = []

    def receive(_: Message) -> None:
        said_before.append(peer.said.empty())

    start(receive=receive)
    peer = await small_queue.peers.get()
    for message_id in ("1", "2"):
        await peer.send(report(message_id, devId="d1"))
        assert await peer.acked() == message_id
    assert said_before == [True, True]


async def test_a_message_its_owner_could_not_take_is_acknowledged_too(
    start: Start, small_queue: SmallQueue, caplog: pytest.LogCaptureFixture
) -> None:
    owner = Owner()
    owner.faults = [KeyError("pin 1234"), KeyError("pin 5678"), RecursionError()]
    running = start(owner=owner)
    peer = await small_queue.peers.get()
    for message_id in ("1", "2", "3", "4"):
        await peer.send(report(message_id, devId="d1"))
        assert await peer.acked() == message_id
    assert owner.messages.qsize() == 4
    assert running.counters.owner_faults == 3
    first, second = complaints(caplog)
    assert "KeyError at receive:" in first
    assert "RecursionError at receive:" in second
    assert "1234" not in caplog.text


async def test_an_owner_that_fails_to_note_a_state_does_not_stop_the_queue(
    start: Start, small_queue: SmallQueue
) -> None:
    def on_state(state: QueueState) -> None:
        raise ValueError(state)

    running = start(on_state=on_state)
    peer = await small_queue.peers.get()
    await peer.send(report(devId="d1"))
    await peer.acked()
    assert running.counters.owner_faults == 2


async def test_poison_is_acknowledged_counted_and_complained_about_once(
    start: Start, small_queue: SmallQueue, caplog: pytest.LogCaptureFixture
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    poison: list[str | bytes] = [
        json.dumps(frame("not json at all, secret", "1")),
        json.dumps(frame({"data": "secret"}, "2")),
        json.dumps(frame({"data": "secret"}, "3")),
        '{"messageId": "4", "payload": "secret',
        b'{"messageId": "5", "payload": "\xff\xfe secret"',
        '{"messageId": "6", "payload": ' + "[" * 200_000,
        json.dumps({"messageId": "7", "payload": "x" * FRAME_LIMIT}),
        json.dumps(frame({}, "8", payload=None)),
    ]
    for number, raw in enumerate(poison, 1):
        if isinstance(raw, str):
            await peer.socket.send_str(raw)
        else:
            await peer.socket.send_frame(raw, WSMsgType.TEXT)
        assert await peer.acked() == str(number)
    await peer.send(report("9", devId="d1"))
    assert await peer.acked() == "9"
    assert running.owner.messages.qsize() == 1
    assert sum(running.counters.poison.values()) == 8
    assert running.counters.poison["not_decryptable"] == 2
    assert running.counters.messages == 1
    assert len(complaints(caplog)) == len(running.counters.poison)
    assert "secret" not in caplog.text


async def test_poison_without_an_id_does_not_stop_the_queue(
    start: Start, small_queue: SmallQueue
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    await peer.socket.send_str("7")
    await peer.socket.send_bytes(b"\x00\xff")
    await peer.send(report("1", devId="d1"))
    assert await peer.acked() == "1"
    assert running.counters.poison == {"not_json": 2}


async def test_encryption_and_dialect_may_change_from_message_to_message(
    start: Start, small_queue: SmallQueue
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    for number, em in enumerate(("aes_ecb", "aes_gcm", None, "aes_gcm", "aes_ecb")):
        await peer.send(report(f"{number}a", em=em, devId="d1", status=[]))
        await peer.send(report(f"{number}b", em=em, bizCode="x", bizData={"devId": "d1"}))
        assert (await peer.acked(), await peer.acked()) == (f"{number}a", f"{number}b")
    assert running.owner.messages.qsize() == 10
    assert not running.counters.poison


async def test_repeats_and_odd_signatures_are_counted_and_handed_on(
    start: Start, small_queue: SmallQueue
) -> None:
    running = start()
    peer = await small_queue.peers.get()
    repeated: Any = report("1", devId="d1")
    await peer.send({**repeated, "redeliveryCount": 3})
    await peer.acked()
    assert running.owner.messages.qsize() == 1
    assert (running.counters.redelivered, running.counters.sign_mismatches) == (1, 1)


async def test_a_backlog_is_taken_in_order(start: Start, small_queue: SmallQueue) -> None:
    running = start()
    peer = await small_queue.peers.get()
    for number in range(1500):
        await peer.send(report(str(number), devId="d1"))
    assert [await peer.acked() for _ in range(1500)] == [str(number) for number in range(1500)]
    handed = [running.owner.messages.get_nowait().ids[0] for _ in range(1500)]
    assert handed == [str(number) for number in range(1500)]

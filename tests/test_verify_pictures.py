"""``scripts/verify`` about pictures that no message leads to: sealed ones, and albums of locks."""

from collections.abc import AsyncIterator

import pytest

from tests.homes import device_named
from tests.simulator import TuyaSimulator, load
from tests.simulator.pictures import draw
from tests.simulator.server import DEVICES
from tests.test_verify import names, seen_at
from tests.tools.verify_fact import Verdict

ABOUT = {"album.file_name", "album.order", "album.rows", "device.account", "picture.opened"}


@pytest.fixture
async def simulator(socket_enabled: None) -> AsyncIterator[TuyaSimulator]:
    """Run a cloud with a bell whose pictures are sealed, and a lock with an album."""
    here = DEVICES[0].parent
    cloud = TuyaSimulator(devices=load([here / "battery_bell.json", here / "video_lock.json"]))
    await cloud.start()
    bell, lock = device_named(cloud, "Battery bell"), device_named(cloud, "Video lock")
    cloud.scenario("ring", bell.id, carrier="doorbell_pic", picture_form="D")
    cloud.scenario("ring", lock.id, age_s=60)
    cloud.scenario("ring", lock.id, age_s=5)
    yield cloud
    await cloud.stop()


async def test_what_is_believed_of_them_is_confirmed_and_nothing_is_moved(
    simulator: TuyaSimulator,
) -> None:
    found = await seen_at(simulator)
    assert names(found, Verdict.CONFIRMED) >= ABOUT
    assert not names(found, Verdict.CONTRADICTED) & ABOUT
    posted = {call for call in simulator.calls if not call.startswith("GET ")}
    assert posted == {"POST /v1.0/users/{uid}/devices/{id}/message/decrypt"}


@pytest.mark.parametrize("shape", ["nothing", "other"])
async def test_an_answer_in_no_known_form_is_told_by_its_shape(
    simulator: TuyaSimulator, shape: str
) -> None:
    simulator.sealing.shape = shape
    found = await seen_at(simulator)
    assert names(found, Verdict.CONTRADICTED) & ABOUT == {"picture.opened"}


async def test_an_album_with_other_names_and_another_order_is_noticed(
    simulator: TuyaSimulator,
) -> None:
    lock = device_named(simulator, "Video lock").id
    simulator.albums.add(lock, 0, draw("x", "y", 0, "z"), 1, name="last")
    simulator.albums.add(lock, 1_700_000_000, draw("x", "y", 1, "z"), 1)
    found = await seen_at(simulator)
    assert names(found, Verdict.CONTRADICTED) & ABOUT == {"album.file_name", "album.order"}


async def test_what_tuya_refuses_is_not_seen(simulator: TuyaSimulator) -> None:
    for what in ("decrypt", "albums-media"):
        simulator.fault("refuse", what=next(t for t in simulator.templates if t.endswith(what)))
    simulator.fault("refuse", what="GET /v1.0/smart-lock/devices/{id}/albums-media")
    found = await seen_at(simulator)
    unseen = {"album.file_name", "album.order", "album.rows", "picture.opened"}
    assert names(found, Verdict.NOT_SEEN) >= unseen

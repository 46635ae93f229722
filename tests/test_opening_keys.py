"""Opening with a key that is written into the lock for one use: what the lock says decides."""

from collections.abc import AsyncIterator

import pytest

from tests.openings import Home, Live, document

SLOT = 7


@pytest.fixture
async def keypad(
    live: Live,
) -> AsyncIterator[Home]:
    """Set up a keypad whose owner allows keys, in a project without the lock service."""
    door = {"remote_key": True}
    async with live(document("gate_keypad"), door) as home:
        home.cloud.fault("refuse", 1, what="lock")
        yield home


@pytest.mark.parametrize(("validity", "writes"), [(None, 1), (1, 1), (0, 2)])
async def test_the_key_is_written_in_the_spelling_that_the_lock_takes(
    keypad: Home, validity: int | None, writes: int
) -> None:
    keypad.device.key_validity = validity
    assert await keypad.press() is None
    assert keypad.door().opened == 1
    assert keypad.called("/commands") == writes + 1


async def test_each_key_is_another_one_good_for_one_use_in_a_high_slot(keypad: Home) -> None:
    keys = []
    for _ in range(2):
        assert await keypad.press() is None
        keypad.cloud.relock(keypad.device.id)
        await keypad.until(lambda: keypad.state().state == "locked")
        assert [*keypad.device.remote_keys] == [SLOT]
        key = keypad.device.remote_keys[SLOT]
        assert (key.uses, key.end - key.start) == (0, 600)
        keys.append(key.key)
    assert keys[0] != keys[1]
    assert set(keys) <= keypad.cloud.issued.all()
    assert keypad.door().opened == 2


async def test_a_lock_that_takes_no_key_is_not_opened(keypad: Home) -> None:
    keypad.device.key_validity = 9
    assert await keypad.press() == "door_key_not_taken"
    assert keypad.door().opened == 0
    assert keypad.called("/commands") == 2


async def test_a_lock_that_does_not_answer_the_key_is_not_opened(keypad: Home) -> None:
    keypad.cloud.fault("silent", 1)
    assert await keypad.press() == "door_silent"
    assert keypad.door().opened == 0
    assert keypad.called("/commands") == 1


async def test_a_reply_that_no_message_tells_is_read_from_the_cloud(keypad: Home) -> None:
    keypad.cloud.fault("mute", 1)
    await keypad.press()
    assert keypad.door().opened == 1
    assert keypad.called("/commands") == 2


@pytest.mark.parametrize("count", [1, 2])
async def test_a_lost_answer_uses_no_key_twice(keypad: Home, count: int) -> None:
    keypad.cloud.fault("lost_reply", count, method="POST", path="/commands")
    assert await keypad.press() is None
    assert keypad.door().opened == 1
    assert keypad.called("/commands") == 2


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (1, "door_key_not_taken"),
        (2, "door_key_not_taken"),
        (3, "not_confirmed"),
        (4, "door_key_untimely"),
        (5, "door_key_not_taken"),
        (6, "door_double_locked"),
        (99, "door_key_not_taken"),
    ],
)
async def test_what_the_lock_replies_to_its_key_is_told(
    keypad: Home, status: int, key: str
) -> None:
    keypad.device.key_status = status
    assert await keypad.press() == key
    assert keypad.door().opened == 0
    assert keypad.called("/commands") == 2
    keypad.device.key_status = 0
    assert await keypad.press() is None
    assert keypad.door().opened == 1


async def test_without_leave_no_key_is_written(
    live: Live,
) -> None:
    async with live(document("gate_keypad")) as home:
        home.cloud.fault("refuse", 1, what="lock")
        assert await home.press() == "lock_service_not_subscribed"
        assert (home.called("/commands"), home.device.remote_keys) == (0, {})

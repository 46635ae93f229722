"""Door calls: tickets, remote unlocking, terminals."""

import json

import pytest

from custom_components.tuyalink_intercom.api.client import TuyaCloud
from custom_components.tuyalink_intercom.api.errors import (
    Reason,
    TuyaCommandError,
    TuyaConnectionError,
)

from .small_cloud import SmallCloud

UNLOCKS = "/v1.0/devices/d1/door-lock/remote-unlocks"
TICKET = "/v1.0/devices/d1/door-lock/password-ticket"
OPERATE = "/v1.0/smart-lock/devices/d1/password-free/door-operate"
OPEN_DOOR = "/v1.0/devices/d1/door-lock/password-free/open-door"
OPEN_AS = "/v1.0/access-control/d1/persons/p1/actions/open"
OPEN_AS_OLDER = "/v1.0/iot-02/third/doors/d1/persons/p1/actions/open"
OPEN_WITH_PASSWORD = "/v1.0/devices/d1/door-lock/open-door"
COMMAND = "/v1.0/expand/cmds/133"


async def test_the_owners_leave_for_remote_unlocking_is_read(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    kinds = [
        {"remote_unlock_type": "remoteUnlockWithoutPwd", "open": True},
        {"remote_unlock_type": "remoteUnlockWithPwd", "open": False},
        {"remote_unlock_type": "odd", "open": "true"},
    ]
    small_cloud.answer(UNLOCKS, kinds, [])
    assert await cloud.access.remote_unlocks("d1") == {
        "remoteUnlockWithoutPwd": True,
        "remoteUnlockWithPwd": False,
        "odd": False,
    }
    assert await cloud.access.remote_unlocks("d1") == {}


async def test_a_ticket_is_fetched_and_never_shown(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    told = {"ticket_id": "6k8vsH", "ticket_key": "A0D0", "expire_time": 360}
    small_cloud.answer(TICKET, told, {"ticket_id": "6k8vsH"})
    ticket = await cloud.access.ticket("d1")
    assert (ticket.id, ticket.key) == ("6k8vsH", "A0D0")
    assert "6k8vsH" not in repr(ticket)
    assert "A0D0" not in repr(ticket)
    with pytest.raises(TuyaConnectionError):
        await cloud.access.ticket("d1")


async def test_a_lock_is_operated_with_a_ticket(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(OPERATE, True)
    await cloud.access.operate("d1", "6k8vsH")
    assert json.loads(small_cloud.seen[-1].body) == {"ticket_id": "6k8vsH", "open": True}
    await cloud.access.operate("d1", "6k8vsH", unlock=False)
    assert json.loads(small_cloud.seen[-1].body) == {"ticket_id": "6k8vsH", "open": False}


async def test_a_controller_is_opened_with_a_ticket(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(OPEN_DOOR, True, False)
    await cloud.access.open_door("d1", "6k8vsH")
    assert json.loads(small_cloud.seen[-1].body) == {"ticket_id": "6k8vsH"}
    with pytest.raises(TuyaCommandError) as error:
        await cloud.access.open_door("d1", "6k8vsH")
    assert error.value.reason is Reason.NOT_DELIVERED


async def test_a_terminal_is_opened_in_a_persons_name(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(OPEN_AS, {"sn": "133"}, {})
    assert await cloud.access.open_as("d1", "p1") == "133"
    assert (small_cloud.seen[-1].method, small_cloud.seen[-1].body) == ("POST", b"")
    with pytest.raises(TuyaConnectionError):
        await cloud.access.open_as("d1", "p1")


async def test_a_terminal_of_the_older_service_is_opened_by_its_own_call(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(OPEN_AS_OLDER, {"sn": "134"})
    assert await cloud.access.open_as("d1", "p1", older=True) == "134"
    assert small_cloud.seen[-1].method == "POST"


async def test_a_lock_is_opened_with_its_password_for_a_ticket(
    cloud: TuyaCloud, small_cloud: SmallCloud
) -> None:
    small_cloud.answer(OPEN_WITH_PASSWORD, True, False)
    await cloud.access.open_with_password("d1", "6k8vsH", "95FBCE34")
    assert json.loads(small_cloud.seen[-1].body) == {
        "password": "95FBCE34",
        "password_type": "ticket",
        "ticket_id": "6k8vsH",
    }
    with pytest.raises(TuyaCommandError) as error:
        await cloud.access.open_with_password("d1", "6k8vsH", "95FBCE34")
    assert "95FBCE34" not in str(error.value)


async def test_a_commands_fate_is_a_number(cloud: TuyaCloud, small_cloud: SmallCloud) -> None:
    small_cloud.answer(COMMAND, {"sn": "133", "process_status": 3}, {"process_status": True}, {})
    assert await cloud.access.command_status("133") == 3
    for _ in range(2):
        with pytest.raises(TuyaConnectionError):
            await cloud.access.command_status("133")

"""Bad luck and bad faith around commands: no door opens late, twice, or against its owner."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr, entity_registry as er, storage
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.api.message import message_from
from custom_components.tuyalink_intercom.publishing.carrying_out import HANGS_AFTER
from custom_components.tuyalink_intercom.publishing.why import CODES, Why
from tests.commanded import CommandedDoor, commanded
from tests.homes import DOMAIN, while_time_passes
from tests.published import LOCK, door_data
from tests.simulator import commanding, messages

pytestmark = pytest.mark.usefixtures("socket_enabled")


def body_of(door: CommandedDoor, at: float, msg_id: str = "0f1e2d") -> dict[str, Any]:
    """Return the body of a command to unlock."""
    data = {"actionCode": "unlock", "inputParams": {}}
    return messages.thing_command(
        door.device, commanding.EXECUTE, msg_id, data, at_ms=int(at * 1000)
    )


async def told(door: CommandedDoor, body: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Put a body on the queue as published now; return what became of it."""
    before = len(door.handled)
    door.cloud.publish(door.device.id, body, protocol=20, publish_time=door.cloud.now())
    await door.over(before + 1)
    return door.results[before:]


async def test_a_command_that_a_carrier_held_back_is_as_old_as_it_says(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        assert await told(door, body_of(door, door.cloud.now() - 40)) == [("refused", "stale")]
        assert door.presses == []


async def test_a_command_that_names_two_doors_opens_neither(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        body = {"devId": door.device.id, **body_of(door, door.cloud.now())}
        body["bizData"]["devId"] = "6canotherdoor"
        assert await told(door, body) == [("refused", "not_understood")]
        assert door.presses == []


async def test_an_id_that_is_used_again_for_something_else_gets_no_answer_of_the_first(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        first = door.asks()
        await door.answered(first)
        other = door.asks("lock", msg_id=first.msg_id)
        await door.taken(other)
        await door.settled()
        assert (other.answer, other.late) == (None, None)
        assert door.presses == ["unlock"]


async def test_a_command_with_a_long_id_is_answered(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        assert await door.answered(door.asks(msg_id="0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")) == [0]


def comes_now(door: CommandedDoor) -> None:
    """Hand over a command that was read from the queue already."""
    now = door.cloud.now()
    message = message_from(body_of(door, now), time=now, transport_id="CAEQAA==")
    door.home.entry.runtime_data.coordinator.receive(message)


CHANGES: list[dict[str, Any] | None] = [
    {"control": False},
    {"lock": "lock.other"},
    {"quiet_from": "00:00", "quiet_to": "23:59"},
    None,
]
"""What becomes of a door: `None`, it is withdrawn."""


def changes(door: CommandedDoor, change: dict[str, Any] | None) -> None:
    """Have the owner change the door, or withdraw it."""
    entry, subentry_id = door.home.entry, door.home.subentry_id
    if change is None:
        door.hass.config_entries.async_remove_subentry(entry, subentry_id)
        return
    subentry, data = entry.subentries[subentry_id], door_data(door.device.id, **change)
    door.hass.config_entries.async_update_subentry(entry, subentry, data=data)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_door_does_not_open_from_the_moment_it_is_changed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, change: dict[str, Any] | None
) -> None:
    async with commanded(hass, freezer) as door:
        # Loading anew may take its time.
        async with door.home.entry.setup_lock:
            changes(door, change)
            comes_now(door)
            await door.settled()
        assert door.presses == []


@pytest.mark.parametrize("change", CHANGES)
async def test_what_waits_is_not_done_once_the_door_is_changed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, change: dict[str, Any] | None
) -> None:
    async with commanded(hass, freezer) as door:
        door.home.lock.stand(locked=False)
        gate = door.held()
        door.asks("lock")
        await door.flows(lambda: bool(door.presses))
        comes_now(door)
        await door.over()
        async with door.home.entry.setup_lock:
            changes(door, change)
            gate.set()
            await door.settled()
        assert door.presses == ["lock"]


async def test_a_door_does_not_open_from_the_moment_its_project_is_disabled(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        entry = door.home.entry
        async with entry.setup_lock:
            going = asyncio.ensure_future(
                hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
            )
            await asyncio.sleep(0)
            comes_now(door)
            await door.settled()
        await going
        assert door.presses == []


@pytest.mark.parametrize("error", [WriteError, PermissionError])
async def test_what_cannot_be_written_down_is_not_done(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    async with commanded(hass, freezer) as door:
        write = storage.Store._async_write_data  # noqa: SLF001 - the disk has no other face

        async def fails(store: storage.Store[Any], data: dict[str, Any]) -> None:
            if store.key.endswith(".commands"):
                raise error
            await write(store, data)

        with monkeypatch.context() as disk:
            disk.setattr(storage.Store, "_async_write_data", fails)
            assert await door.answered(door.asks(), door.asks()) == [CODES[Why.FAILED]] * 2
            assert door.presses == []
        assert await door.answered(door.asks()) == [0]
        assert door.presses == ["unlock"]


async def test_nothing_opens_before_the_clouds_time_is_known(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        assert await hass.config_entries.async_unload(door.home.entry.entry_id)
        # Tuya does not answer, while its queue delivers; our clock is slow.
        door.cloud.fault("clock_skew", seconds=60)
        door.cloud.fault("http_500", 1_000)
        start = hass.config_entries.async_setup(door.home.entry.entry_id)
        assert await while_time_passes(hass, freezer, start)
        door.listen()
        await door.cloud.connected()
        door.asks(age_s=60)
        await door.over()
        assert door.results == [("refused", "stale")]
        assert door.presses == []


async def test_a_slow_automation_keeps_no_lock_waiting(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    never = hass.loop.create_future()

    async def called(_call: ServiceCall) -> None:
        await never

    hass.states.async_set("automation.gate", "on")
    async with commanded(hass, freezer, actions=["automation.gate"]) as door:
        hass.services.async_register("automation", "trigger", called)
        door.asks("gate")
        await door.over()
        again, unlock = door.asks("gate"), door.asks()
        assert await door.answered(unlock) == [0]
        assert door.cloud.now() - again.at < 3
        assert door.results == [("failed", "not_confirmed"), ("refused", "busy"), ("done", None)]
        never.set_result(None)


async def test_a_lock_that_hangs_can_be_tried_again_after_a_minute(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        gate = door.held()
        assert await door.answered(door.asks()) == [CODES[Why.NOT_CONFIRMED]]
        end = door.cloud.now() + HANGS_AFTER
        await door.flows(lambda: door.cloud.now() >= end)
        door.home.lock.before = None
        assert await door.answered(door.asks()) == [0]
        assert door.presses == ["unlock"] * 2
        gate.set()
        await door.settled()


async def test_an_action_whose_service_is_gone_is_told_as_failed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set("script.gate", "off")
    async with commanded(hass, freezer, actions=["script.gate"]) as door:
        door.asks("gate")
        await door.over()
        assert door.results == [("failed", "failed")]
        assert await door.answered(door.asks()) == [0]


async def test_a_device_of_the_project_is_its_own_whichever_project_shows_it(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    async with commanded(hass, freezer) as door:
        bell = next(one for one in door.cloud.devices.values() if one.name == "Battery bell")
        other = MockConfigEntry(domain=DOMAIN, data={"access_id": "another"})
        other.add_to_hass(hass)
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=other.entry_id, identifiers={(DOMAIN, bell.id)}
        )
        registry = er.async_get(hass)
        registry.async_remove(LOCK)
        made = registry.async_get_or_create(
            "lock",
            DOMAIN,
            "garden_door",
            config_entry=other,
            device_id=device.id,
            suggested_object_id="garden_door",
        )
        assert made.entity_id == LOCK
        hass.states.async_set(LOCK, "locked")
        assert await door.answered(door.asks()) == [CODES[Why.SAME_PROJECT]]

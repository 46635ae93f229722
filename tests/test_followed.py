"""What a terminal was told is followed to its end, and not for ever."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.api import TuyaCloud
from custom_components.tuyalink_intercom.keys.commands import PAUSES, followed, followed_all
from custom_components.tuyalink_intercom.model.keys import KeyState
from tests.homes import device_named, while_time_passes
from tests.simulator import TuyaSimulator

LOOK = "GET /v1.0/expand/cmds/{sn}"


@pytest.fixture
def cloud(entry: MockConfigEntry) -> TuyaCloud:
    found: TuyaCloud = entry.runtime_data.coordinator.cloud
    return found


@pytest.fixture
def door(simulator: TuyaSimulator) -> str:
    return device_named(simulator, "Face terminal").id


@pytest.mark.parametrize(
    ("fault", "state", "looks"),
    [
        (None, KeyState.ACTIVE, 3),
        ("command_failed", KeyState.FAILED, 3),
        ("command_pending", KeyState.PENDING, len(PAUSES)),
    ],
)
async def test_a_command_is_asked_for_until_it_has_ended_or_time_is_up(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    cloud: TuyaCloud,
    door: str,
    fault: str | None,
    state: KeyState,
    looks: int,
) -> None:
    if fault:
        simulator.fault(fault)
    sn = await cloud.persons.add(door, "p1", {"name": "Anna"})
    assert await while_time_passes(hass, freezer, followed(hass, cloud, sn)) is state
    assert simulator.calls[LOOK] == looks
    assert ("p1" in simulator.persons.of(door).people) is (state is KeyState.ACTIVE)


@pytest.mark.parametrize("fault", ["system_error", "http_502", "malformed", "quota"])
async def test_a_question_without_an_answer_leaves_it_open(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    cloud: TuyaCloud,
    door: str,
    fault: str,
) -> None:
    sn = await cloud.persons.add(door, "p1", {"name": "Anna"})
    simulator.fault(fault, 9, path="/expand/cmds/")
    assert await while_time_passes(hass, freezer, followed(hass, cloud, sn)) is KeyState.PENDING
    assert simulator.calls[LOOK] == 1


async def test_a_command_nobody_knows_is_open(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cloud: TuyaCloud
) -> None:
    state = await while_time_passes(hass, freezer, followed(hass, cloud, "1300000000"))
    assert state is KeyState.PENDING


async def test_several_commands_are_followed_side_by_side_in_their_order(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    cloud: TuyaCloud,
    door: str,
) -> None:
    sns = []
    for number in range(9):
        if number in {2, 7}:
            simulator.fault("command_failed")
        sns.append(await cloud.persons.add(door, f"p{number}", {"name": "Guest"}))
    states = await while_time_passes(hass, freezer, followed_all(hass, cloud, sns))
    failed = [number for number, state in enumerate(states) if state is KeyState.FAILED]
    assert (failed, states.count(KeyState.ACTIVE)) == ([2, 7], 7)
    assert await followed_all(hass, cloud, []) == ()

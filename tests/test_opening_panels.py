"""Monitors with several panels: the right door opens, or none does."""

import asyncio
from collections.abc import AsyncIterator, Callable

from homeassistant.components.lock.const import LockState
from homeassistant.core import HomeAssistant
import pytest

from tests.homes import entity_id, state_of, while_time_passes
from tests.openings import Home, Live, document, without

ONE_RELAY = without(document("intercom"), "ipc_c_lock")
SHADOW = "shadow/properties"


@pytest.fixture
async def monitor(
    live: Live,
) -> AsyncIterator[Home]:
    """Set up a monitor that shows the first of two panels; its relays act on the one shown."""
    async with live(document("intercom")) as home:
        home.device.relay_follows_panel = True
        yield home


def opened(home: Home) -> tuple[int, int]:
    return home.door(1).opened, home.door(2).opened


async def chance(happens: Callable[[], bool]) -> None:
    """Give what must not happen now every chance to do so."""
    for _ in range(300):
        if happens():
            return
        await asyncio.sleep(0)


async def test_the_panel_is_shown_before_its_door_is_opened(monitor: Home) -> None:
    assert await monitor.press(key="door_2") is None
    assert opened(monitor) == (0, 1)
    assert await monitor.press(key="door") is None
    assert opened(monitor) == (1, 1)


async def test_the_panel_that_is_shown_already_is_not_switched_to(monitor: Home) -> None:
    assert await monitor.press(key="door") is None
    assert opened(monitor) == (1, 0)
    assert monitor.called("properties/issue") == 1


async def test_a_monitor_that_only_says_it_will_switch_opens_no_door(monitor: Home) -> None:
    monitor.cloud.fault("panel_stuck", 1)
    assert await monitor.press(key="door_2") == "door_other_panel"
    assert opened(monitor) == (0, 0)
    assert await monitor.press(key="door_2") is None
    assert opened(monitor) == (0, 1)


async def test_a_switch_without_an_answer_counts_when_the_monitor_tells_it(monitor: Home) -> None:
    monitor.cloud.fault("lost_reply", 1, method="POST", path="properties/issue")
    assert await monitor.press(key="door_2") is None
    assert opened(monitor) == (0, 1)


async def test_a_switch_that_no_message_tells_is_read_from_the_cloud(monitor: Home) -> None:
    monitor.cloud.fault("mute", 1)
    assert await monitor.press(key="door_2") is None
    assert opened(monitor) == (0, 1)


async def test_without_knowing_the_panel_it_is_switched_to(monitor: Home) -> None:
    monitor.cloud.fault("deny", 1, method="GET", path=SHADOW)
    assert await monitor.press(key="door_2") is None
    assert opened(monitor) == (0, 1)


async def test_a_monitor_that_is_offline_opens_nothing(monitor: Home) -> None:
    monitor.cloud.fault("offline", 1, method="POST", path="properties/issue")
    assert await monitor.press(key="door_2") == "reason_device_offline"
    assert opened(monitor) == (0, 0)
    assert monitor.called("properties/issue") == 1


async def test_a_monitor_that_takes_no_switching_has_relays_of_its_own(monitor: Home) -> None:
    monitor.device.relay_follows_panel = False
    monitor.cloud.fault("deny", 2, method="POST", path="/", code=2008)
    assert await monitor.press(key="door_2") is None
    assert opened(monitor) == (0, 1)


async def test_two_doors_of_a_monitor_at_once_are_opened_one_after_the_other(
    monitor: Home,
) -> None:
    monitor.cloud.fault("timeout", 1, method="POST", path="properties/issue")
    house = asyncio.ensure_future(monitor.pressing(key="door_2"))
    await monitor.cloud.held()
    gate = asyncio.ensure_future(monitor.pressing(key="door"))
    await chance(lambda: opened(monitor)[0] == 1)
    monitor.cloud.release()
    await while_time_passes(monitor.hass, monitor.freezer, asyncio.gather(house, gate))
    assert opened(monitor) == (1, 1)


async def test_nobody_takes_the_panel_away_from_a_door_that_is_being_opened(
    monitor: Home,
) -> None:
    hass = monitor.hass
    monitor.cloud.fault("timeout", 1, method="POST", path="properties/issue")
    press = asyncio.ensure_future(monitor.pressing(key="door_2"))
    await monitor.cloud.held()
    panel = entity_id(hass, "select", monitor.device, "panel")
    chosen = asyncio.ensure_future(
        hass.services.async_call(
            "select", "select_option", {"entity_id": panel, "option": "Gate"}, blocking=True
        )
    )
    await chance(lambda: monitor.device.panel == 1)
    monitor.cloud.release()
    await while_time_passes(hass, monitor.freezer, asyncio.gather(press, chosen))
    assert opened(monitor) == (0, 1)
    await monitor.until(lambda: state_of(hass, "select", monitor.device, "panel").state == "Gate")


async def test_a_monitor_that_takes_no_switching_opens_no_other_door_by_its_only_relay(
    live: Live,
) -> None:
    async with live(ONE_RELAY) as home:
        home.cloud.fault("deny", 2, method="POST", path="/", code=2008)
        assert await home.press(key="door_2") == "door_other_panel"
        assert opened(home) == (0, 0)
        assert await home.press(key="door_2") is None
        assert opened(home) == (0, 1)


async def test_the_only_relay_of_a_monitor_opens_each_panels_door(
    live: Live,
) -> None:
    async with live(ONE_RELAY) as home:
        names = [home.state(key).attributes["friendly_name"] for key in ("door", "door_2")]
        assert names == ["Intercom Gate", "Intercom House"]
        assert await home.press(key="door_2") is None
        assert opened(home) == (0, 1)
        shown = [home.state(key).state for key in ("door", "door_2")]
        assert shown == [LockState.LOCKED, LockState.UNLOCKED]
        assert await home.press(key="door") is None
        assert opened(home) == (1, 1)


async def test_bringing_a_panel_to_the_front_is_no_ring(
    hass: HomeAssistant,
    live: Live,
) -> None:
    made = without(document("intercom"), "doorbell_pic", "doorbell_active")
    async with live(made) as home:
        assert await home.press(key="door_2") is None
        assert state_of(hass, "event", home.device, "doorbell").state == "unknown"
        assert home.door(2).opened == 1

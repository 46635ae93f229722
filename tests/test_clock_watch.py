"""The computer's clock is set while Home Assistant runs, as after a power cut: bells still ring."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
import pytest

from custom_components.tuyalink_intercom import clock_watch
from tests.conftest import MakeEntry
from tests.homes import device_named, entity_id, later, until
from tests.plays import heard
from tests.simulator import TuyaSimulator

STEP = 1200.0


@pytest.mark.parametrize("step", [STEP, -STEP])
async def test_a_bell_rings_after_the_clock_was_set(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    monkeypatch: pytest.MonkeyPatch,
    step: float,
) -> None:
    bell = device_named(simulator, "Battery bell")
    # Tuya's clock is right, ours is not until it is set.
    simulator.fault("clock_skew", seconds=step)
    entry = make_entry(simulator)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    cloud = entry.runtime_data.coordinator.cloud
    assert cloud.clock_offset == pytest.approx(step, abs=2)
    calls = simulator.calls.total()
    await later(hass, freezer, 61)
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    assert simulator.calls.total() == calls, "nothing was set yet"
    simulator.fault("clock_skew", count=0)
    began = clock_watch.began
    monkeypatch.setattr(clock_watch, "began", lambda: began() + step)
    await later(hass, freezer, 61)
    set_at = freezer()
    await until(hass, freezer, lambda: abs(cloud.clock_offset) < 2)
    assert (freezer() - set_at).total_seconds() < 60, "the next poll would come half an hour later"
    await until(hass, freezer, lambda: entry.runtime_data.push.connected)
    rings = heard(hass, entity_id(hass, Platform.EVENT, bell, "doorbell"))
    sent = simulator.scenario("ring", bell.id)
    await until(hass, freezer, lambda: simulator.is_acked(sent.event_id))
    assert len(rings) == 1

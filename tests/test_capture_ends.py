"""What ends in the middle of keeping a picture: the project, or Home Assistant."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from tests.homes import DOMAIN, device_named
from tests.plays import pictured
from tests.simulator import TuyaSimulator

PATIENCE_S = 10.0

type End = Callable[[], Any]


class SlowDisk:
    """A disk that takes its time for each picture until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.busy = Event()
        self._go = Event()
        add = CaptureFolder.add

        def slow(folder: CaptureFolder, *args: Any) -> None:
            self.busy.set()
            self._go.wait(PATIENCE_S)
            add(folder, *args)

        monkeypatch.setattr(CaptureFolder, "add", slow)

    def go(self) -> None:
        """Let it work from now on."""
        self._go.set()


def pictures(root: Path) -> int:
    """Return how many pictures lie on disk."""
    return len([*root.rglob("*.jpg")])


@pytest.mark.parametrize(
    ("way", "kept"), [("unload", 3), ("reload", 3), ("remove", 0), ("stop", 3)]
)
async def test_what_ends_while_pictures_are_written_ends_in_order(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    way: str,
    kept: int,
) -> None:
    bell, root = device_named(simulator, "Battery bell"), Path(hass.config.path(".storage", DOMAIN))
    disk = SlowDisk(monkeypatch)
    for number in range(3):
        with pictured(entry, bell) as picture:
            sent = simulator.scenario("ring", bell.id, age_s=50 - 10 * number)
            await simulator.acked(sent.event_id)
            await picture
    await asyncio.to_thread(disk.busy.wait, PATIENCE_S)
    ends: dict[str, End] = {
        "unload": lambda: hass.config_entries.async_unload(entry.entry_id),
        "reload": lambda: hass.config_entries.async_reload(entry.entry_id),
        "remove": lambda: hass.config_entries.async_remove(entry.entry_id),
        "stop": lambda: hass.async_stop(force=True),
    }
    ending = asyncio.ensure_future(ends[way]())
    await asyncio.to_thread(disk.busy.wait, PATIENCE_S)
    assert not ending.done()
    disk.go()
    await ending
    assert pictures(root) == kept
    assert "still running" not in caplog.text
    assert "never retrieved" not in caplog.text
    assert "Traceback" not in caplog.text

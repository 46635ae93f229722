"""Fixtures: a running simulator, and the integration set up against it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
import logging
import os
from pathlib import Path
from typing import Any
from zlib import crc32

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.tuyalink_intercom  # noqa: F401 - found before the harness's own package
from tests import counting, leaks
from tests.homes import entry_of
from tests.openings import Live, living
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.client import Client, Clock, Reader
from tests.simulator.files import load
from tests.simulator.server import DEVICES

# It names each of a hundred entities in every test; that they are made is an event as well.
logging.getLogger("homeassistant.helpers.entity_registry").setLevel(logging.WARNING)

type MakeEntry = Callable[..., MockConfigEntry]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the caller ask for more random examples than a quick run takes."""
    parser.addoption("--examples", type=int, default=5000, help="random examples (default 5000)")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let no count of a worker be lost."""
    counting.hand_over(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the counts of a worker that is done."""
    counting.take_over(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what random examples tried."""
    counting.print_counts(terminalreporter, config)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Let one test in thirty-two, always the same, run its loop in debug mode.

    It finds calls from threads that they do not belong to, but doubles a test's time: the harness
    would switch it on in all.
    """
    chosen = crc32(request.node.nodeid.encode()) % 32 == 0
    asyncio.get_running_loop().set_debug(chosen)


@pytest.fixture(autouse=True)
def spoken() -> Iterator[leaks.Spoken]:
    """Fail every test in which something says aloud what Tuya's cloud gave away in confidence."""
    with leaks.listening() as heard:
        yield heard
    if found := [*heard.leaks()]:
        pytest.fail("leaked:\n" + "\n".join(found[:10]), pytrace=False)


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Home Assistant load the integration; the recorder must come before `hass`."""
    if "hass" not in request.fixturenames:
        return
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")
    # Without it stores are written into the harness's own configuration folder.
    request.getfixturevalue("hass_storage")
    # Nobody pulls the plug here: what waits for the disk is tested with the album alone.
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give every test a folder of its own: captures are files."""
    return str(tmp_path)


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    """Name the devices of the simulator, or none: all default ones.

    A module that needs but some says so: their entities are most of what a test costs.
    """
    return ()


@pytest.fixture
async def simulator(
    socket_enabled: None, chosen_devices: tuple[str, ...]
) -> AsyncIterator[TuyaSimulator]:
    """Run Tuya's cloud, with its default devices, in the test's own loop."""
    files = [file for file in load(DEVICES) if not chosen_devices or file.name in chosen_devices]
    cloud = TuyaSimulator(devices=files)
    await cloud.start()
    yield cloud
    await cloud.stop()


@pytest.fixture
def make_entry(hass: HomeAssistant) -> MakeEntry:
    """Make a config entry for a simulator, added to Home Assistant but not set up."""

    def make(cloud: TuyaSimulator, **options: object) -> MockConfigEntry:
        entry = entry_of(cloud, **options)
        entry.add_to_hass(hass)
        return entry

    return make


@pytest.fixture
def live(
    hass: HomeAssistant,
    socket_enabled: None,
    freezer: FrozenDateTimeFactory,
    make_entry: MakeEntry,
) -> Live:
    """Set homes up with one device, whose door is pressed."""
    return partial(living, hass, freezer, make_entry)


@pytest.fixture
async def entry(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> MockConfigEntry:
    """Set the integration up against the simulator, with its queue connected."""
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    return made


@pytest.fixture
async def opened(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> MockConfigEntry:
    """Set the integration up with queue and webhook."""
    entry = make_entry(simulator, webhook=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def clock() -> Clock:
    """Return a clock that a test sets."""
    return Clock()


@pytest.fixture
async def cloud(socket_enabled: None, clock: Clock) -> AsyncIterator[TuyaSimulator]:
    """Run a cloud by that clock."""
    simulator = TuyaSimulator(now=clock)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(cloud: TuyaSimulator) -> AsyncIterator[Client]:
    """Sign calls to that cloud as an application does."""
    async with Client(cloud) as opened:
        yield opened


@pytest.fixture
def ids(cloud: TuyaSimulator) -> dict[str, str]:
    """Return the ids of its devices by name."""
    return {device.name: device.id for device in cloud.devices.values()}


@pytest.fixture
async def reader(client: Client) -> AsyncIterator[Reader]:
    """Read the queue as an application does."""
    opened = await client.read()
    await client.cloud.connected()
    yield opened
    await opened.close()


@pytest.fixture
def devices(simulator: TuyaSimulator) -> dict[str, SimDevice]:
    """Return the devices of the simulator by name."""
    return {device.name: device for device in simulator.devices.values()}


@pytest.fixture
async def neighbour(
    hass: HomeAssistant, entry: MockConfigEntry, make_entry: MakeEntry
) -> AsyncIterator[tuple[MockConfigEntry, TuyaSimulator]]:
    """Set a second project up beside the first, with devices of its own."""
    files = [
        replace(file, device_id=f"too{file.device_id[3:]}", name=f"Neighbour's {file.name}")
        for file in load(DEVICES)
    ]
    cloud = TuyaSimulator(access_id="simaccessid999999999", devices=files)
    await cloud.start()
    made = make_entry(cloud)
    assert await hass.config_entries.async_setup(made.entry_id)
    await cloud.connected()
    await hass.async_block_till_done()
    yield made, cloud
    await cloud.stop()

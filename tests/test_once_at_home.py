"""Nothing lost, nothing twice, in Home Assistant itself: what automations hear of any story."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from random import Random

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.conftest import MakeEntry
from tests.counting import in_blocks, printed_counts
from tests.model.files import NOW
from tests.model.once_facts import Teller

from .once_at_home import Home, cloud_of_all_worlds

SHARE = 50
"""A story costs as much here as this many in the model alone."""
BLOCK = 25
APART = 8 * 3600.0
"""Between the beginnings of two stories (s): the cloud has forgotten the first by then."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_blocks(metafunc, max(1, metafunc.config.getoption("examples") // SHARE), BLOCK)


@pytest.fixture(scope="module")
def counts(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Count what was tried, and print it after the last test."""
    with printed_counts(request.config, "test_once_at_home") as counted:
        yield counted


@pytest.fixture
async def home(
    hass: HomeAssistant,
    socket_enabled: None,
    freezer: FrozenDateTimeFactory,
    make_entry: MakeEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> AsyncIterator[Home]:
    """Set up a home with devices of every world, its queue connected and its webhook open."""
    freezer.move_to("2025-11-20")
    cloud = cloud_of_all_worlds()
    await cloud.start()
    entry = make_entry(cloud, webhook=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    await hass.async_block_till_done()
    yield Home(hass, cloud, entry, await hass_client_no_auth(), freezer)
    await cloud.stop()


async def test_whatever_happens_each_fact_is_one_event_or_history(
    home: Home, block: range, counts: Counter[str]
) -> None:
    for number, seed in enumerate(block):
        random = Random(seed)  # noqa: S311 - seeded, so that it can be repeated
        story = Teller(random, f"seed {seed} ", NOW + number * APART).tell()
        await home.lives_through(story, random)
        news, history = home.expected(story)
        where = f"seed {seed}, story {number} of {block}"
        assert (home.events, home.history) == (news, history), where
        counts["examples"] += 1
        counts["messages"] += len(story.said)
        counts["events"] += news.total()
        counts["facts of the past"] += history.total()
    counts.update(home.did)

"""Messages that mean harm: they ring, but nothing is fetched for them from the home, or shown.

The canary is a machine on the local network; whoever is led to it has been led astray.
"""

import base64
from collections.abc import AsyncIterator
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.camera import async_get_image as async_get_still
from homeassistant.components.image import async_get_image
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.homes import arrived, device_named, entity_id, state_of, until
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.hostile import Canary, Names

EVIL = {
    "loopback.evil.example": ["127.0.0.1"],
    "loopback6.evil.example": ["::1"],
    "mapped.evil.example": ["::ffff:127.0.0.1"],
    "metadata.evil.example": ["169.254.169.254"],
    "router.evil.example": ["192.168.1.1"],
    "office.evil.example": ["10.0.0.1", "172.16.0.1"],
    "carrier.evil.example": ["100.64.0.1"],
    "unique.evil.example": ["fd00::1"],
    "neighbour.evil.example": ["fe80::1%eth0"],
    "translated.evil.example": ["64:ff9b::7f00:1"],
    "mixed.evil.example": ["127.0.0.1", "::1", "192.168.1.1", "fd00::1"],
}
HOSTS = (
    "http://127.0.0.1:{port}",
    "https://127.0.0.1:{port}",
    "https://127.0.0.1.:{port}",
    "https://127.1:{port}",
    "https://2130706433:{port}",
    "https://0x7f000001:{port}",
    "https://0177.0.0.1:{port}",
    "https://[::1]:{port}",
    "https://[::ffff:127.0.0.1]:{port}",
    "https://[fd00::1]:{port}",
    "https://localhost:{port}",
    "http://localhost:{port}",
    "https://nas.local:{port}",
    "https://storage.example@127.0.0.1:{port}",
    "http://169.254.169.254/latest/meta-data",
    "https://169.254.169.254",
    "https://10.0.0.1",
    "https://192.168.1.1",
    *(f"https://{name}:{{port}}" for name in EVIL),
)
FILE = "/detect/visitor.jpeg?sign=topsecret"
NO_HOSTS = (
    "file:///etc/passwd?topsecret",
    "ftp://a.evil.example/topsecret",
    "javascript:topsecret",
    "data:image/jpeg;base64,topsecret",
    "//127.0.0.1:{port}/topsecret",
    "http:topsecret",
    "",
    "https://storage.evil.example/" + "topsecret" * 1000,
)


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Battery bell",)


class HomeNames(Names):
    """The name server that Home Assistant asks."""

    async def real_close(self) -> None:
        """Home Assistant ends."""


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> HomeNames:
    """Answer what Home Assistant asks of a name server, where its test harness does."""
    server = HomeNames(EVIL)
    monkeypatch.setattr(
        "homeassistant.helpers.aiohttp_client._async_make_resolver", lambda _hass: server
    )
    return server


@pytest.fixture
async def canary(socket_enabled: None) -> AsyncIterator[Canary]:
    """Be at home."""
    async with Canary() as made:
        yield made


class Household:
    """A bell, somebody who means harm, and what comes of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        simulator: TuyaSimulator,
        canary: Canary,
        freezer: FrozenDateTimeFactory,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        self.hass = hass
        self.simulator = simulator
        self.bell: SimDevice = device_named(simulator, "Battery bell")
        self._runtime = entry.runtime_data
        self._canary = canary
        self._freezer = freezer
        self._caplog = caplog

    def lures(self, pattern: str) -> str:
        """Return an address with the canary's port in it."""
        return pattern.replace("{port}", str(self._canary.port))

    async def rings(self, value: str | None = None) -> None:
        """Let the bell ring with a picture, or with this in place of one; wait for its end."""
        failed = self._runtime.fetcher.failed
        before = self._rang()
        # A second press within seconds is the same visitor.
        self._freezer.tick(60)
        if value is None:
            sent = self.simulator.scenario("ring", self.bell.id, carrier="doorbell_pic")
        else:
            sent = self.simulator.report(self.bell.id, {"doorbell_pic": value})
        await arrived(self.hass, self.simulator, sent)
        assert self._rang() != before
        await until(self.hass, self._freezer, lambda: self._runtime.fetcher.failed > failed)

    def _rang(self) -> tuple[str, str]:
        state = state_of(self.hass, Platform.EVENT, self.bell, "doorbell")
        assert state.attributes["event_type"] in {None, "ring"}
        return state.state, str(state.attributes.get("event_id"))

    async def sees(self, picture: bytes) -> None:
        """Wait for a picture, and check that it is this."""
        image = entity_id(self.hass, Platform.IMAGE, self.bell, "last_ring")
        shelf = self._runtime.captures
        await until(self.hass, self._freezer, lambda: shelf.newest(self.bell.id) is not None)
        assert (await async_get_image(self.hass, image)).content == picture

    async def is_unharmed(self) -> None:
        """Check that nobody was led astray, and that nothing is shown or told."""
        assert self._canary.visitors == 0
        assert self._runtime.captures.newest(self.bell.id) is None
        image = entity_id(self.hass, Platform.IMAGE, self.bell, "last_ring")
        camera = entity_id(self.hass, Platform.CAMERA, self.bell, "camera")
        assert state_of(self.hass, Platform.IMAGE, self.bell, "last_ring").state == STATE_UNKNOWN
        with pytest.raises(HomeAssistantError):
            await async_get_image(self.hass, image)
        with pytest.raises(HomeAssistantError):
            await async_get_still(self.hass, camera)
        told = self._caplog.text + repr(self.hass.states.async_all())
        assert "topsecret" not in told
        assert "evil.example" not in told


@pytest.fixture
def household(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    canary: Canary,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> Household:
    """Live in it, with everything logged."""
    caplog.set_level(logging.DEBUG)
    return Household(hass, entry, simulator, canary, freezer, caplog)


async def test_a_ring_whose_picture_lies_in_the_home_shows_none(
    household: Household, names: HomeNames
) -> None:
    for host in HOSTS:
        address = household.lures(host) + FILE
        await household.rings(base64.b64encode(address.encode()).decode())
        await household.is_unharmed()
    assert set(names.asked) == set(EVIL)


async def test_a_ring_whose_keyed_picture_lies_in_the_home_shows_none(
    household: Household,
) -> None:
    for host in HOSTS:
        await household.rings(f"{household.lures(host)}{FILE}@0123456789abcdef")
        await household.is_unharmed()


@pytest.mark.parametrize("fault", ["hostile_address", "redirect_picture"])
async def test_a_cloud_or_storage_that_leads_into_the_home_is_not_followed(
    household: Household, names: HomeNames, fault: str
) -> None:
    for address in (*(host + FILE for host in HOSTS), *NO_HOSTS):
        household.simulator.fault(fault, 50, url=household.lures(address))
        await household.rings()
        await household.is_unharmed()
    assert set(names.asked) == set(EVIL)


@pytest.mark.parametrize(
    "fault",
    ["endless_picture", "gzip_picture", "svg_picture", "html_picture", "polyglot_picture"],
)
async def test_what_only_pretends_to_be_a_picture_is_not_shown(
    household: Household, fault: str
) -> None:
    household.simulator.fault(fault, 50)
    await household.rings()
    await household.is_unharmed()


async def test_an_endless_chain_of_redirects_is_left(household: Household) -> None:
    storage = household.simulator.storage
    here = storage.signed("bucket", "/p.jpeg", household.simulator.now())
    household.simulator.fault("redirect_picture", 50, url=here)
    await household.rings()
    await household.is_unharmed()


async def test_after_a_hostile_ring_the_next_visitor_is_seen(
    household: Household, simulator: TuyaSimulator
) -> None:
    household.simulator.fault("redirect_picture", 1, url=household.lures(HOSTS[0]) + FILE)
    await household.rings()
    await household.is_unharmed()
    sent = simulator.scenario("ring", household.bell.id, carrier="doorbell_pic")
    await arrived(household.hass, simulator, sent)
    await household.sees(simulator.pictures[sent.event_id])

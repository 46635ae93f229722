"""Locks whose pictures no message tells: they come out of the album, or not at all."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.changes import CaptureKept, Change, Occasion
from tests.homes import entity_id, later, until, while_time_passes
from tests.plays import heard
from tests.simulator import Sent, SimDevice, TuyaSimulator, load
from tests.simulator.pictures import draw
from tests.simulator.server import DEVICES

ALBUM = "GET /v1.0/smart-lock/devices/{id}/albums-media"
HOUR, DAY = 3600, 86400


@pytest.fixture
async def simulator(socket_enabled: None) -> AsyncIterator[TuyaSimulator]:
    """Run Tuya's cloud with a lock that has a camera, and one that has none."""
    here = DEVICES[0].parent
    cloud = TuyaSimulator(devices=load([here / "video_lock.json", here / "gate_keypad.json"]))
    await cloud.start()
    yield cloud
    await cloud.stop()


class Home:
    """A home with a video lock."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        simulator: TuyaSimulator,
        entry: MockConfigEntry,
    ) -> None:
        self.hass, self.freezer, self.simulator, self.entry = hass, freezer, simulator, entry
        self.lock, self.keypad = simulator.devices.values()
        self.shelf = entry.runtime_data.captures
        self.kept: list[CaptureKept] = []
        entry.runtime_data.coordinator.subscribe(None, self._note)
        keys = ("doorbell", "access", "alarm")
        self.told = {key: heard(hass, entity_id(hass, "event", self.lock, key)) for key in keys}

    def _note(self, change: Change) -> None:
        if isinstance(change, CaptureKept):
            self.kept.append(change)

    @property
    def calls(self) -> int:
        """How often the album was asked for."""
        return self.simulator.calls[ALBUM]

    async def plays(self, name: str, device: SimDevice | None = None, **options: Any) -> Sent:
        """Let something happen at the lock."""
        sent = self.simulator.scenario(name, (device or self.lock).id, **options)
        acked = self.simulator.acked(sent.event_id)
        await while_time_passes(self.hass, self.freezer, acked)
        await self.hass.async_block_till_done()
        return sent

    async def passes(self, seconds: float) -> None:
        """Let time pass, ten seconds at a go; what is asked meanwhile gets its answer."""
        for _ in range(int(seconds // 10)):
            await later(self.hass, self.freezer, 10)
            await self.settles()

    async def settles(self) -> None:
        """Let calls that are under way end."""
        for _ in range(40):
            self.freezer.tick(timedelta(milliseconds=1))
            await self.hass.async_block_till_done()

    async def pictured(self, sent: Sent, occasion: Occasion, key: str, count: int = 1) -> None:
        """Assert that the next picture is that of an event, and told as its own."""
        await until(self.hass, self.freezer, lambda: len(self.kept) >= count)
        newest = self.shelf.newest(self.lock.id, occasion)
        assert newest is not None
        assert await self.shelf.picture(newest) == self.simulator.pictures[sent.event_id]
        assert newest.event_id == self.told[key][-1].attributes["event_id"]
        assert len(self.kept) == count

    def put(self, at: float, kind: int = 11, name: str = "") -> bytes:
        """Put a picture of somebody into the album."""
        jpeg = draw("Somebody", name or f"{at}", int(at), "album")
        self.simulator.albums.add(self.lock.id, at, jpeg, kind, name=name)
        return jpeg


@pytest.fixture
def home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
) -> Home:
    return Home(hass, freezer, simulator, entry)


@pytest.mark.parametrize(
    ("name", "options", "occasion", "key"),
    [
        ("ring", {}, Occasion.RING, "doorbell"),
        ("access_granted", {"way": "fingerprint"}, Occasion.ACCESS, "access"),
        ("access_granted", {"way": "face"}, Occasion.ACCESS, "access"),
        ("tamper", {}, Occasion.ALARM, "alarm"),
        ("loitering", {}, Occasion.ALARM, "alarm"),
        ("wrong_attempts", {}, Occasion.ALARM, "alarm"),
    ],
)
async def test_what_no_message_pictures_is_found_in_the_album(
    home: Home, name: str, options: dict[str, Any], occasion: Occasion, key: str
) -> None:
    home.put(home.simulator.now() - DAY)
    sent = await home.plays(name, **options)
    assert len(home.told[key]) == 1
    assert home.calls == 0
    await home.pictured(sent, occasion, key)
    assert home.calls == 1


async def test_nothing_is_asked_of_a_quiet_or_blind_lock(home: Home) -> None:
    await home.plays("low_battery")
    await home.plays("access_granted", home.keypad, way="card")
    await home.plays("ring", age_s=600)
    await home.passes(180)
    assert home.calls == 0


async def test_a_message_with_a_picture_spares_the_album(home: Home) -> None:
    sent = await home.plays("ring")
    value = home.simulator.storage.put(
        home.lock.id, home.simulator.now(), home.simulator.pictures[sent.event_id], encrypted=False
    )
    url = home.simulator.storage.signed("ty-sim-storage30-pic", value.path, home.simulator.now())
    told = home.simulator.report(home.lock.id, {"doorbell_pic": url})
    await while_time_passes(home.hass, home.freezer, home.simulator.acked(told.event_id))
    await until(home.hass, home.freezer, lambda: bool(home.kept))
    await home.passes(180)
    assert home.calls == 0
    assert len(home.kept) == 1


async def test_yesterdays_face_is_never_shown(home: Home) -> None:
    for age in (DAY, HOUR, 60):
        home.put(home.simulator.now() - age)
    home.put(home.simulator.now() - DAY, name="last")
    await home.plays("ring", picture_form="none")
    await home.passes(180)
    assert home.calls == 2
    assert home.kept == []


async def test_a_picture_that_is_uploaded_late_is_looked_for_once_more(home: Home) -> None:
    at = home.simulator.now()
    sent = await home.plays("ring", picture_form="none")
    await home.passes(30)
    assert (home.calls, home.kept) == (1, [])
    home.simulator.keep_picture(sent.event_id, home.put(at))
    await home.pictured(sent, Occasion.RING, "doorbell")
    assert home.calls == 2


async def test_a_picture_without_a_time_is_shown_if_it_is_the_only_new_one(home: Home) -> None:
    home.put(0, name="one")
    await home.plays("ring", picture_form="none")
    await home.passes(120)
    # What it held was not known before.
    assert home.kept == []
    asked = home.calls
    sent = await home.plays("ring", picture_form="none")
    home.simulator.keep_picture(sent.event_id, home.put(0, name="two"))
    await home.pictured(sent, Occasion.RING, "doorbell")
    assert home.calls == asked + 1
    # The one known already is not shown for the next.
    await home.passes(60)
    await home.plays("ring", picture_form="none")
    await home.passes(120)
    assert len(home.kept) == 1


async def test_of_two_events_none_takes_a_picture_without_a_time(home: Home) -> None:
    await home.plays("ring", picture_form="none")
    await home.passes(120)
    await home.plays("ring", picture_form="none")
    await home.plays("access_granted", way="face", picture_form="none")
    home.put(0, name="two")
    await home.passes(120)
    assert home.kept == []


async def test_two_events_are_asked_for_in_one_call_and_each_has_its_own(home: Home) -> None:
    rang = await home.plays("ring")
    await later(home.hass, home.freezer, 4)
    opened = await home.plays("access_granted", way="card")
    await until(home.hass, home.freezer, lambda: len(home.kept) == 2)
    assert home.calls == 1
    for sent, occasion in ((rang, Occasion.RING), (opened, Occasion.ACCESS)):
        newest = home.shelf.newest(home.lock.id, occasion)
        assert newest is not None
        assert await home.shelf.picture(newest) == home.simulator.pictures[sent.event_id]


@pytest.mark.parametrize("code", [1106, 1108, 2009, 28841106])
async def test_an_album_that_tuya_refuses_is_left_alone_for_a_day(home: Home, code: int) -> None:
    home.simulator.fault("refuse", what=ALBUM, code=code)
    for _ in range(3):
        await home.plays("ring")
        await home.passes(120)
    assert home.calls == 1
    home.simulator.fault("refuse", 0, what=ALBUM)
    await later(home.hass, home.freezer, DAY)
    sent = await home.plays("ring")
    await home.pictured(sent, Occasion.RING, "doorbell")


async def test_an_album_that_never_holds_anything_is_left_alone_for_a_day(home: Home) -> None:
    for _ in range(6):
        await home.plays("ring", picture_form="none")
        await home.passes(120)
    assert home.calls == 6
    await later(home.hass, home.freezer, DAY)
    await home.plays("ring", picture_form="none")
    await home.passes(120)
    assert home.calls == 8


async def test_a_busy_hour_costs_no_more_than_ten_calls(home: Home) -> None:
    for _ in range(29):
        await home.plays("ring")
        await home.passes(120)
    assert 5 <= home.calls <= 10


async def test_while_tuya_is_busy_the_album_is_asked_again(home: Home) -> None:
    home.simulator.fault("http_500", 3, path="albums-media", method="GET")
    sent = await home.plays("ring")
    await home.pictured(sent, Occasion.RING, "doorbell")


async def test_an_unloaded_project_asks_for_nothing_more(home: Home) -> None:
    await home.plays("ring")
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    await later(home.hass, home.freezer, 120)
    assert home.calls == 0

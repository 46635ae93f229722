"""Names of those who came in and their pictures, where messages tell only ids and numbers."""

import asyncio
from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.image import async_get_image
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.model.changes import CaptureTaken, Change
from tests.conftest import MakeEntry
from tests.homes import device_named, entity_id, later, state_of, until, while_time_passes
from tests.plays import heard, pictured
from tests.simulator import Sent, SimDevice, TuyaSimulator
from tests.simulator.files import load
from tests.simulator.server import DEVICES

LOG = "GET /v1.0/iot-02/access-control-logs"
USERS = "GET /v1.0/devices/{id}/users"
OPENINGS = "GET /v1.0/devices/{id}/door-lock/open-logs"
HOUR = 3600
BERTA, CARL = "ay1700000000000Bert", "ay1700000000000Carl"


class Home:
    """A home with a terminal and a lock, and what it hears of them."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        simulator: TuyaSimulator,
        entry: MockConfigEntry,
    ) -> None:
        self.hass, self.freezer, self.simulator, self.entry = hass, freezer, simulator, entry
        self.terminal = device_named(simulator, "Face terminal")
        self.lock = device_named(simulator, "Front door lock")
        self.passages = heard(hass, entity_id(hass, Platform.EVENT, self.terminal, "access"))
        self.openings = heard(hass, entity_id(hass, Platform.EVENT, self.lock, "access"))

    async def passes(self, device: SimDevice | None = None, **options: Any) -> Sent:
        """Let somebody in."""
        sent = self.simulator.scenario(
            "access_granted", (device or self.terminal).id, **{"way": "face", **options}
        )
        await self.arrived(sent)
        return sent

    async def arrived(self, sent: Sent) -> None:
        """Let time flow until a message is taken: after a jump the queue may have to reconnect."""
        acked = self.simulator.acked(sent.event_id)
        await while_time_passes(self.hass, self.freezer, acked)
        await self.hass.async_block_till_done()

    async def asked(self, call: str = LOG, count: int = 1) -> None:
        """Let time flow until Tuya has been asked, and what it said is shown."""
        await until(self.hass, self.freezer, lambda: self.simulator.calls[call] >= count)
        for _ in range(200):
            await asyncio.sleep(0)
        await self.hass.async_block_till_done()

    def shown(self, device: SimDevice | None = None) -> str:
        """Return who is shown as the last to have come in."""
        return state_of(self.hass, Platform.SENSOR, device or self.terminal, "last_opened_by").state

    async def is_shown(self, name: str, device: SimDevice | None = None) -> None:
        """Let time flow until somebody is shown as the last to have come in."""
        await until(self.hass, self.freezer, lambda: self.shown(device) == name)

    async def refused(self, fault: str) -> None:
        """Let Tuya refuse everything, as a poll finds out."""
        self.simulator.fault(fault, 1_000)
        await self.entry.runtime_data.coordinator.async_refresh()

    async def picture(self) -> bytes:
        """Return the picture of the last passage."""
        image = entity_id(self.hass, Platform.IMAGE, self.terminal, "last_access")
        return (await async_get_image(self.hass, image)).content


@pytest.fixture
def home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator: TuyaSimulator,
    entry: MockConfigEntry,
) -> Home:
    simulator.people.call(BERTA, "Berta")
    simulator.people.call(CARL, "Carl")
    return Home(hass, freezer, simulator, entry)


async def test_a_passage_is_told_at_once_and_the_name_follows_without_another_event(
    home: Home,
) -> None:
    await home.passes(person=BERTA)
    assert [state.attributes["person"] for state in home.passages] == [BERTA]
    assert home.shown() == BERTA
    assert home.simulator.calls[LOG] == 0
    await home.is_shown("Berta")
    assert len(home.passages) == 1


async def test_who_came_once_is_told_by_name_the_next_time(home: Home) -> None:
    await home.passes(person=BERTA)
    await home.is_shown("Berta")
    await later(home.hass, home.freezer, 30)
    await home.passes(person=BERTA)
    assert [state.attributes["person"] for state in home.passages] == [BERTA, "Berta"]
    assert home.shown() == "Berta"


@pytest.mark.parametrize("localized", [True, False])
async def test_a_face_is_shown_as_the_picture_of_the_last_access(
    home: Home, *, localized: bool
) -> None:
    home.simulator.records.localized = localized
    with pictured(home.entry, home.terminal) as picture:
        sent = await home.passes(person=BERTA)
        await until(home.hass, home.freezer, picture.done)
    assert await home.picture() == home.simulator.pictures[sent.event_id]
    taken = picture.result()
    assert taken.event_id == home.passages[0].attributes["event_id"]


async def test_two_people_within_a_second_have_each_their_own_name_and_picture(
    home: Home,
) -> None:
    taken: dict[str, str] = {}

    def take(change: Change) -> None:
        if isinstance(change, CaptureTaken):
            taken[change.event_id] = change.picture.url

    remove = home.entry.runtime_data.coordinator.subscribe(home.terminal.id, take)
    sent = [await home.passes(person=BERTA), await home.passes(person=CARL)]
    await until(home.hass, home.freezer, lambda: len(taken) == 2)
    remove()
    session = async_get_clientsession(home.hass)
    for state, each in zip(home.passages, sent, strict=True):
        async with session.get(taken[state.attributes["event_id"]]) as answer:
            assert await answer.read() == home.simulator.pictures[each.event_id]
    assert home.simulator.calls[LOG] == 1
    await later(home.hass, home.freezer, 10)
    await home.passes(person=CARL)
    await home.passes(person=BERTA)
    told = [state.attributes["person"] for state in home.passages]
    assert told == [BERTA, CARL, "Carl", "Berta"]


async def test_the_clock_of_a_terminal_may_be_an_hour_off(home: Home) -> None:
    await home.passes(person=BERTA, device_clock_s=-HOUR)
    await home.is_shown("Berta")


async def test_a_name_learned_between_two_deliveries_does_not_double_the_passage(
    home: Home,
) -> None:
    await home.passes(person=BERTA)
    await home.is_shown("Berta")
    terminal, at = home.terminal, home.simulator.records.passages[0]["access_time"]
    fact = {"uid": BERTA, "operTime": at, "way": 4, "isSuccess": True}
    body = {"devId": terminal.id, "bizCode": "accessEvent", "bizData": fact}
    again = home.simulator.publish(terminal.id, body)
    await home.simulator.acked(again)
    await home.hass.async_block_till_done()
    assert len(home.passages) == 1


async def test_without_the_service_a_passage_shows_the_id_and_tuya_is_left_alone(
    home: Home,
) -> None:
    home.simulator.fault("refuse", what="access")
    await home.passes(person=BERTA)
    await home.asked()
    asked = home.simulator.calls[LOG]
    await later(home.hass, home.freezer, 120)
    await home.passes(person=CARL)
    await later(home.hass, home.freezer, 120)
    assert home.simulator.calls[LOG] == asked
    assert home.shown() == CARL
    assert len(home.passages) == 2
    home.simulator.fault("refuse", 0, what="access")
    await later(home.hass, home.freezer, 6 * HOUR)
    await home.passes(person=CARL)
    await home.is_shown("Carl")


async def test_a_refused_person_is_not_looked_up(home: Home) -> None:
    sent = home.simulator.scenario("access_denied", home.terminal.id, way="face", person=BERTA)
    await home.arrived(sent)
    await later(home.hass, home.freezer, 120)
    assert home.simulator.calls[LOG] == 0


async def test_a_crowd_costs_few_calls(home: Home) -> None:
    for number in range(20):
        await home.passes(person=f"ay17000000000000{number:02d}")
        await later(home.hass, home.freezer, 1)
    await home.asked()
    await later(home.hass, home.freezer, 15)
    assert home.simulator.calls[LOG] <= 4


async def test_a_busy_hour_costs_no_more_than_thirty_calls(home: Home) -> None:
    for number in range(50):
        await home.passes(person=f"ay17000000000000{number:02d}")
        await later(home.hass, home.freezer, 60)
    assert 10 < home.simulator.calls[LOG] <= 30


async def test_a_log_that_never_knows_anything_is_left_alone(home: Home) -> None:
    for number in range(5):
        await home.passes(person=f"ay17000000000000{number:02d}")
    home.simulator.records.passages.clear()
    over = home.simulator.now() + 200
    await until(home.hass, home.freezer, lambda: home.simulator.now() >= over)
    asked = home.simulator.calls[LOG]
    # Five passages of up to three tries share their calls.
    assert 1 <= asked <= 8
    await home.passes(person=BERTA)
    await later(home.hass, home.freezer, HOUR)
    assert home.simulator.calls[LOG] == asked


async def test_a_picture_that_is_uploaded_late_is_waited_for(home: Home) -> None:
    sent = await home.passes(person=BERTA)
    row = home.simulator.records.passages[0]
    path, row["path"] = row["path"], "not/there/yet.jpg"
    await home.is_shown("Berta")
    row["path"] = path
    with pictured(home.entry, home.terminal) as picture:
        await until(home.hass, home.freezer, picture.done)
    assert await home.picture() == home.simulator.pictures[sent.event_id]
    assert home.simulator.calls[LOG] == 2


@pytest.mark.usefixtures("socket_enabled")
async def test_a_terminal_that_takes_no_pictures_is_asked_for_names_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, make_entry: MakeEntry
) -> None:
    path = next(path for path in DEVICES if path.stem == "face_terminal")
    [file] = load([path])
    plain = replace(file, function_points=("tyabirdc5c",))
    simulator = TuyaSimulator(devices=[plain])
    await simulator.start()
    simulator.people.call(BERTA, "Berta")
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await simulator.connected()
    await hass.async_block_till_done()
    terminal = device_named(simulator, file.name)
    sent = simulator.scenario("access_granted", terminal.id, way="qr_code", person=BERTA)
    simulator.records.passages[0]["path"] = "none.jpg"
    await while_time_passes(hass, freezer, simulator.acked(sent.event_id))

    def shown() -> str:
        return state_of(hass, Platform.SENSOR, terminal, "last_opened_by").state

    await until(hass, freezer, lambda: shown() == "Berta")
    await later(hass, freezer, HOUR)
    assert simulator.calls[LOG] == 1
    assert await hass.config_entries.async_unload(made.entry_id)
    await simulator.stop()


async def test_while_tuya_does_not_answer_names_come_later(home: Home) -> None:
    home.simulator.fault("refuse", what="access", code=500)
    home.simulator.fault("refuse", what="lock", code=500)
    await home.passes(person=BERTA)
    await home.asked()
    home.simulator.people.assign(home.lock.id, 3, "Dora")
    await home.asked(USERS)
    home.simulator.fault("refuse", 0)
    await home.is_shown("Berta")
    await later(home.hass, home.freezer, HOUR)
    await home.passes(home.lock, way="fingerprint", person=3)
    await home.is_shown("Dora", home.lock)


async def test_names_are_known_after_a_restart_without_asking(home: Home) -> None:
    await home.passes(person=BERTA)
    await home.is_shown("Berta")
    home.simulator.calls.clear()
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.simulator.connected()
    await later(home.hass, home.freezer, 50)
    assert home.simulator.calls[LOG] == 0
    await home.passes(person=BERTA)
    assert home.passages[-1].attributes["person"] == "Berta"


async def test_a_lock_tells_whose_finger_it_was(home: Home) -> None:
    home.simulator.people.assign(home.lock.id, 3, "Dora")
    await home.asked(OPENINGS, 2)
    await home.passes(home.lock, way="fingerprint", person=3)
    assert home.openings[-1].attributes["person"] == "Dora"
    assert home.openings[-1].attributes["slot"] == 3
    assert home.shown(home.lock) == "Dora"


async def test_a_new_finger_is_looked_up_once_and_shown_by_name(home: Home) -> None:
    await home.asked(OPENINGS, 2)
    await later(home.hass, home.freezer, HOUR)
    asked = home.simulator.calls[USERS]
    home.simulator.people.assign(home.lock.id, 7, "Emil")
    await home.passes(home.lock, way="fingerprint", person=7)
    assert "person" not in home.openings[-1].attributes
    assert home.shown(home.lock) == "7"
    await home.is_shown("Emil", home.lock)
    assert home.simulator.calls[USERS] == asked + 1
    assert len(home.openings) == 1


async def test_a_finger_that_nobody_owns_is_asked_for_only_once(home: Home) -> None:
    await home.asked(OPENINGS, 2)
    await later(home.hass, home.freezer, HOUR)
    await home.passes(home.lock, way="fingerprint", person=9)
    await home.asked(OPENINGS, 3)
    for _ in range(3):
        await later(home.hass, home.freezer, 2 * HOUR)
        await home.passes(home.lock, way="fingerprint", person=9)
    await later(home.hass, home.freezer, HOUR)
    assert home.simulator.calls[OPENINGS] == 3
    assert home.shown(home.lock) == "9"


async def test_names_of_locks_are_read_weekly_and_not_at_every_restart(home: Home) -> None:
    await home.asked(OPENINGS, 2)
    assert home.simulator.calls[USERS] == 2
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.simulator.connected()
    await later(home.hass, home.freezer, HOUR)
    assert home.simulator.calls[USERS] == 2
    for _ in range(8):
        await later(home.hass, home.freezer, 24 * HOUR)
    await home.asked(USERS, 4)
    await home.asked(OPENINGS, 4)
    assert home.simulator.calls[USERS] == 4


async def test_without_the_lock_service_names_are_asked_for_once_a_day(home: Home) -> None:
    home.simulator.fault("refuse", what="lock")
    await home.asked(USERS)
    await later(home.hass, home.freezer, HOUR)
    await home.passes(home.lock, way="fingerprint", person=3)
    await later(home.hass, home.freezer, HOUR)
    assert home.simulator.calls[USERS] == 1
    assert home.shown(home.lock) == "3"
    home.simulator.fault("refuse", 0, what="lock")
    home.simulator.people.assign(home.lock.id, 3, "Dora")
    await later(home.hass, home.freezer, 24 * HOUR)
    await home.is_shown("Dora", home.lock)


async def test_setting_up_waits_for_no_names(
    hass: HomeAssistant, simulator: TuyaSimulator, make_entry: MakeEntry
) -> None:
    made = make_entry(simulator)
    assert await hass.config_entries.async_setup(made.entry_id)
    await hass.async_block_till_done()
    assert simulator.calls[USERS] == simulator.calls[OPENINGS] == simulator.calls[LOG] == 0


async def test_while_tuya_refuses_everything_the_log_is_not_asked_and_names_come_later(
    home: Home,
) -> None:
    await home.refused("plan_missing")
    await later(home.hass, home.freezer, HOUR - 600)
    await home.passes(person=BERTA)
    for _ in range(10):
        await later(home.hass, home.freezer, 40)
    assert home.simulator.calls[LOG] == 0
    home.simulator.fault("plan_missing", 0)
    await later(home.hass, home.freezer, 250)
    await home.is_shown("Berta")
    assert home.simulator.calls[LOG] == 1


async def test_while_tuya_refuses_everything_no_lock_is_asked_for_names(home: Home) -> None:
    home.simulator.people.assign(home.lock.id, 3, "Dora")
    await home.refused("quota")
    for _ in range(5):
        await later(home.hass, home.freezer, HOUR)
    assert home.simulator.calls[USERS] == home.simulator.calls[OPENINGS] == 0
    home.simulator.fault("quota", 0)
    await later(home.hass, home.freezer, HOUR + 120)
    refresh = home.entry.runtime_data.coordinator.async_refresh()
    await while_time_passes(home.hass, home.freezer, refresh)
    await later(home.hass, home.freezer, HOUR)
    await home.asked(OPENINGS, 2)
    await home.passes(home.lock, way="fingerprint", person=3)
    await home.is_shown("Dora", home.lock)


async def test_users_told_in_another_shape_leave_the_names_of_the_openings(home: Home) -> None:
    home.simulator.people.assign(home.lock.id, 3, "Dora")
    await home.passes(home.lock, way="fingerprint", person=3)
    home.simulator.fault("malformed", 1_000, path="/users")
    await home.asked(OPENINGS, 2)
    await home.is_shown("Dora", home.lock)
    asked = home.simulator.calls[USERS]
    for _ in range(3):
        await later(home.hass, home.freezer, 2 * HOUR)
    assert home.simulator.calls[USERS] == asked, "an answer was had"

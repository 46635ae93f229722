"""The blueprint "Ring to phone": a ring, its picture, what became of it, and the door."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http import HTTPStatus
import json
from pathlib import Path
import shutil
import time
from typing import Any
from urllib.parse import quote

import bcrypt
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import Input, load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.homes import device_named, entity_id
from tests.phones import Phone, PushService
from tests.simulator import Sent, SimDevice, TuyaSimulator

ROOT = Path(__file__).parent.parent
PATH = "custom_components/tuyalink_intercom/blueprints/automation/ring_to_phone.yaml"
FILE = ROOT / PATH
ASKS = "Really open Intercom Gate?"
CODE = "86420975"
RINGS = "Somebody is at the door."
INTEGRATION = ROOT / "custom_components" / "tuyalink_intercom"


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Face terminal", "Intercom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home with an intercom and two phones."""

    hass: HomeAssistant
    simulator: TuyaSimulator
    intercom: SimDevice
    anna: Phone
    ben: Phone

    @property
    def phones(self) -> tuple[Phone, Phone]:
        """Both phones."""
        return self.anna, self.ben

    @property
    def opened(self) -> int:
        """How often the gate was opened."""
        return self.simulator.door(self.intercom.id).opened

    def ring(self, **options: Any) -> Sent:
        """Press the bell."""
        return self.simulator.scenario("ring", self.intercom.id, **options)

    def inputs(self, device: SimDevice, *phones: Phone, **others: Any) -> dict[str, Any]:
        """Return inputs of the blueprint for a device."""
        return {
            "doorbell": entity_id(self.hass, "event", device, "doorbell"),
            "phones": [phone.device_id for phone in phones],
            "locks": [entity_id(self.hass, "lock", device, "door")],
            **others,
        }

    async def automate(self, *automations: dict[str, Any]) -> None:
        """Make automations of the blueprint."""
        placed(self.hass)
        path = "tuyalink/ring_to_phone.yaml"
        config = [
            {"alias": f"Ring {number}", "use_blueprint": {"path": path, "input": inputs}}
            for number, inputs in enumerate(automations)
        ]
        assert await async_setup_component(self.hass, "automation", {"automation": config})
        await self.hass.async_block_till_done()
        states = [one.state for one in self.hass.states.async_all("automation")]
        assert states == ["on"] * len(automations)

    async def ended(self) -> None:
        """End what still waits."""
        if self.hass.services.has_service("automation", "turn_off"):
            everything = {"entity_id": "all"}
            await self.hass.services.async_call("automation", "turn_off", everything, blocking=True)
        await self.hass.async_block_till_done()


@pytest.fixture
async def home(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> AsyncIterator[Home]:
    intercom = device_named(simulator, "Intercom")
    async with PushService(hass) as service:
        anna, ben = await service.add("Anna's phone"), await service.add("Ben's phone")
        home = Home(hass=hass, simulator=simulator, intercom=intercom, anna=anna, ben=ben)
        yield home
        await home.ended()


def placed(hass: HomeAssistant) -> None:
    """Put the blueprint where Home Assistant puts what it imports."""
    folder = Path(hass.config.path("blueprints", "automation", "tuyalink"))
    folder.mkdir(parents=True)
    shutil.copy(FILE, folder)


def pictured(phone: Phone) -> bool:
    """Tell whether a phone shows the picture now."""
    return "image" in phone.last["data"]


class Notifications:
    """What a phone shows: the newest push of each tag."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def of(self, title: str) -> dict[str, Any]:
        """Return the notification with this title."""
        return next(push for push in reversed(self._phone.pushes) if push["title"] == title)

    def titles(self) -> set[str]:
        """Return the titles of all."""
        return {one["title"] for one in self._phone.pushes}


async def test_a_ring_is_on_all_phones_at_once_and_loud(home: Home) -> None:
    home.simulator.fault("held_picture", 1)
    await home.automate(home.inputs(home.intercom, *home.phones))
    home.ring()
    for phone in home.phones:
        await phone.says(RINGS)
        assert phone.last["title"] == "Intercom"
        data = phone.last["data"]
        assert (data["ttl"], data["priority"]) == (0, "high")
        assert data["channel"] == "alarm_stream"
        assert data["push"]["sound"] == {"name": "default", "critical": 1, "volume": 1.0}
        assert data["push"]["interruption-level"] == "critical"
        assert "alert_once" not in data
        assert "image" not in data
        assert set(phone.buttons) == {"Open", "Ignore"}
        assert phone.buttons["Open"]["authenticationRequired"] is True
    home.simulator.release()


async def test_a_ring_that_is_not_critical_sounds_as_others_do(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna, critical=False))
    home.ring()
    await home.anna.says(RINGS)
    data = home.anna.pushes[0]["data"]
    assert (data["ttl"], data["priority"], data["channel"]) == (0, "high", "Doorbell")
    assert data["push"] == {"sound": "default", "interruption-level": "time-sensitive"}


async def test_the_picture_comes_into_the_same_notification_without_a_second_alarm(
    home: Home, hass_client: ClientSessionGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    home.simulator.fault("held_picture", 1)
    await home.automate(home.inputs(home.intercom, home.anna))
    sent = home.ring()
    await home.anna.says(RINGS)
    await home.simulator.held()
    home.simulator.release()
    await home.anna.until(lambda phone: len(phone.pushes) == 2)
    first, second = (push["data"] for push in home.anna.pushes)
    assert first["tag"] == second["tag"]
    assert second["alert_once"] is True
    assert second["push"]["sound"] == "none"
    assert home.anna.messages == [RINGS, RINGS]
    assert set(home.anna.buttons) == {"Open", "Ignore"}
    # As the app does: its own address, this path, its own sign-in.
    answer = await (await hass_client()).get(second["image"])
    assert await answer.read() == home.simulator.pictures[sent.event_id]
    stranger = await (await hass_client_no_auth()).get(second["image"])
    assert stranger.status == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("scenario", "text"),
    [("call_answered", "Answered."), ("call_declined", "Declined."), ("call_missed", "Missed at ")],
)
async def test_the_end_of_the_call_replaces_the_text_and_takes_the_buttons(
    home: Home, scenario: str, text: str
) -> None:
    await home.automate(home.inputs(home.intercom, *home.phones))
    home.ring()
    for phone in home.phones:
        await phone.until(pictured)
    home.simulator.scenario(scenario, home.intercom.id)
    for phone in home.phones:
        await phone.until(lambda phone: phone.message.startswith(text))
        assert phone.buttons == {}
        assert pictured(phone)
        assert phone.last["data"]["tag"] == phone.pushes[0]["data"]["tag"]
        assert phone.last["data"]["push"]["sound"] == "none"
        assert phone.last["data"]["importance"] == "low"


async def test_an_end_without_a_text_takes_the_buttons_all_the_same(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna, text_answered=""))
    home.ring()
    await home.anna.until(pictured)
    home.simulator.scenario("call_answered", home.intercom.id)
    await home.anna.says("")
    assert home.anna.buttons == {}
    assert home.anna.last["data"]["push"]["sound"] == "none"


async def test_a_call_whose_end_nobody_tells_says_when_it_rang(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna, seconds=-30))
    home.ring()
    await home.anna.until(lambda phone: phone.message.startswith("Rang at "))
    assert home.anna.buttons == {}


async def test_a_picture_that_comes_after_the_end_is_shown_with_the_end(home: Home) -> None:
    home.simulator.fault("held_picture", 1)
    await home.automate(home.inputs(home.intercom, home.anna))
    home.ring()
    await home.anna.says(RINGS)
    await home.simulator.held()
    home.simulator.scenario("call_answered", home.intercom.id)
    await home.anna.says("Answered.")
    assert not pictured(home.anna)
    home.simulator.release()
    await home.anna.until(pictured)
    assert home.anna.message == "Answered."
    assert home.anna.buttons == {}


async def test_open_asks_and_opens_once_though_both_press_twice(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, *home.phones))
    home.ring()
    for phone in home.phones:
        await phone.until(pictured)
        phone.tap("Open")
    for phone in home.phones:
        await phone.says(ASKS)
        assert pictured(phone)
        assert phone.buttons["Yes, open"]["authenticationRequired"] is True
    assert home.opened == 0
    yes = home.anna.tap("Yes, open")
    home.ben.tap("Yes, open")
    home.anna.send(yes)
    for phone in home.phones:
        await phone.until(lambda phone: phone.message.startswith("Opened by "))
        assert phone.buttons == {}
        assert pictured(phone)
    home.anna.send(yes)
    await home.ended()
    assert home.opened == 1
    assert len(home.anna.pushes) == len(home.ben.pushes) == 4


async def test_open_without_a_question_opens_once(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, *home.phones, confirm=False))
    home.ring()
    for phone in home.phones:
        await phone.until(pictured)
    home.ben.tap("Open")
    home.ben.tap("Open")
    for phone in home.phones:
        await phone.says("Opened by Ben's phone.")
    await home.ended()
    assert home.opened == 1
    assert ASKS not in home.anna.messages + home.ben.messages


async def test_no_brings_the_ring_back_and_opens_nothing(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna))
    home.ring()
    await home.anna.until(pictured)
    home.anna.tap("Open")
    await home.anna.says(ASKS)
    home.anna.tap("No")
    await home.anna.says(RINGS)
    assert set(home.anna.buttons) == {"Open", "Ignore"}
    assert pictured(home.anna)
    assert home.anna.last["data"]["alert_once"] is True
    assert home.opened == 0


@pytest.mark.parametrize("kind", ["open", "yes"])
async def test_a_press_on_an_old_notification_opens_nothing_and_says_so(
    home: Home, kind: str
) -> None:
    await home.automate(home.inputs(home.intercom, home.anna))
    home.ring()
    await home.anna.until(pictured)
    parts = home.anna.buttons["Open"]["action"].split("|")
    parts[1], parts[2] = kind, str(int(parts[2]) - 120)
    home.anna.send("|".join(parts))
    await home.anna.says("Too late: nothing was opened.")
    assert home.anna.buttons == {}
    assert home.opened == 0


async def test_the_button_of_an_earlier_ring_does_not_open_for_a_later_one(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna, confirm=False))
    home.ring()
    await home.anna.until(pictured)
    earlier, tag = home.anna.buttons["Open"]["action"], home.anna.last["data"]["tag"]
    home.simulator.scenario("call_declined", home.intercom.id)
    await home.anna.says("Declined.")
    home.ring(press_time=int(time.time()) + 5)
    await home.anna.until(lambda phone: pictured(phone) and bool(phone.buttons))
    assert home.anna.last["data"]["tag"] != tag
    home.anna.send(earlier)
    home.anna.tap("Ignore")
    await home.anna.says("clear_notification")
    assert home.opened == 0


@pytest.mark.parametrize("swiped", [False, True])
async def test_ignore_takes_the_notification_away_there_and_only_there(
    home: Home, *, swiped: bool
) -> None:
    await home.automate(home.inputs(home.intercom, *home.phones))
    home.ring()
    for phone in home.phones:
        await phone.until(pictured)
    if swiped:
        home.anna.swipe()
    else:
        home.anna.tap("Ignore")
    await home.anna.says("clear_notification")
    assert home.anna.last["data"] == {"tag": home.anna.pushes[0]["data"]["tag"]}
    home.simulator.scenario("call_answered", home.intercom.id)
    await home.ben.says("Answered.")
    await home.ended()
    assert home.anna.message == "clear_notification"


async def test_two_bells_at_once_do_not_mix(home: Home) -> None:
    terminal = device_named(home.simulator, "Face terminal")
    await home.automate(home.inputs(home.intercom, home.anna), home.inputs(terminal, home.anna))
    home.ring()
    home.simulator.scenario("ring", terminal.id)
    notifications = Notifications(home.anna)
    await home.anna.until(lambda _: notifications.titles() == {"Intercom", "Face terminal"})
    home.anna.send(notifications.of("Face terminal")["data"]["actions"][0]["action"])
    await home.anna.says("Really open Face terminal Door?")
    home.anna.tap("Yes, open")
    await home.anna.says("Opened by Anna's phone.")
    assert home.anna.last["title"] == "Face terminal"
    assert home.simulator.door(terminal.id).opened == 1
    assert home.opened == 0
    assert notifications.of("Intercom")["message"] == RINGS
    home.simulator.scenario("call_declined", home.intercom.id)
    await home.anna.says("Declined.")
    assert home.anna.last["title"] == "Intercom"
    assert notifications.of("Face terminal")["message"] == "Opened by Anna's phone."


async def test_a_door_that_does_not_open_is_told(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna, confirm=False))
    home.ring()
    await home.anna.until(pictured)
    home.simulator.fault("not_authorized", 5)
    home.anna.tap("Open")
    await home.anna.until(lambda phone: "opening was not confirmed" in phone.message)
    assert home.anna.buttons == {}
    assert home.opened == 0


async def test_a_door_that_cannot_be_reached_is_not_told_as_opened(home: Home) -> None:
    gate = entity_id(home.hass, "lock", home.intercom, "door")
    await home.automate(home.inputs(home.intercom, home.anna, confirm=False))
    home.ring()
    await home.anna.until(pictured)
    await home.simulator.acked(home.simulator.scenario("offline", home.intercom.id).event_id)
    assert home.hass.states.is_state(gate, "unavailable")
    home.anna.tap("Open")
    await home.anna.until(lambda phone: "opening was not confirmed" in phone.message)
    assert home.opened == 0


@pytest.mark.parametrize(
    ("default", "told", "opened"),
    [(None, "opening was not confirmed", 0), (CODE, "Opened by Anna's phone.", 1)],
)
async def test_a_door_that_asks_for_a_pin_opens_only_with_the_locks_default_code(
    home: Home, entry: MockConfigEntry, default: str | None, told: str, opened: int
) -> None:
    gate = entity_id(home.hass, "lock", home.intercom, "door")
    pin_hash = bcrypt.hashpw(CODE.encode(), bcrypt.gensalt(4)).decode()
    doors = {f"{home.intercom.id}_door": {"pin_hash": pin_hash, "admin_only": True}}
    options = {**entry.options, "doors": doors}
    home.hass.config_entries.async_update_entry(entry, options=options)
    assert await home.hass.config_entries.async_reload(entry.entry_id)
    await home.simulator.connected()
    registry = er.async_get(home.hass)
    registry.async_update_entity_options(gate, "lock", {"default_code": default})
    await home.automate(home.inputs(home.intercom, home.anna, confirm=False))
    home.ring()
    await home.anna.until(pictured)
    home.anna.tap("Open")
    await home.anna.until(lambda phone: told in phone.message)
    assert home.opened == opened


async def test_pressing_the_bell_again_alarms_again_in_the_same_notification(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna, confirm=False))
    home.ring()
    await home.anna.until(pictured)
    home.ring(press_time=int(time.time()) + 5)
    await home.anna.until(lambda phone: len(phone.pushes) == 4)
    assert len({push["data"]["tag"] for push in home.anna.pushes}) == 1
    assert ["alert_once" in push["data"] for push in home.anna.pushes] == [False, True, False, True]
    first, _, _, last = (push["data"].get("image") for push in home.anna.pushes)
    assert (first, last is None) == (None, False)
    home.anna.tap("Open")
    await home.anna.says("Opened by Anna's phone.")
    await home.ended()
    assert home.opened == 1
    assert home.anna.messages.count("Opened by Anna's phone.") == 1


async def test_pressing_the_bell_again_after_the_door_was_opened_is_a_ring_with_buttons(
    home: Home,
) -> None:
    home.simulator.fault("held_picture", 2)
    await home.automate(home.inputs(home.intercom, home.anna, confirm=False))
    home.ring()
    await home.anna.says(RINGS)
    await home.simulator.held()
    home.anna.tap("Open")
    await home.anna.says("Opened by Anna's phone.")
    home.ring(press_time=int(time.time()) + 5)
    await home.anna.says(RINGS)
    await home.simulator.held(2)
    home.simulator.release()
    await home.anna.until(pictured)
    assert (home.anna.message, set(home.anna.buttons)) == (RINGS, {"Open", "Ignore"})


async def test_the_picture_of_another_camera_is_there_at_once(home: Home) -> None:
    home.simulator.fault("held_picture", 1)
    await home.automate(home.inputs(home.intercom, home.anna, picture="camera.intercom"))
    home.ring()
    await home.anna.until(pictured)
    assert "image" not in home.anna.pushes[0]["data"]
    assert home.anna.last["data"]["image"] == "/api/camera_proxy/camera.intercom"
    home.simulator.release()


async def test_where_there_is_nothing_to_open_there_is_no_such_button(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna, locks=[]))
    home.ring()
    await home.anna.says(RINGS)
    assert set(home.anna.buttons) == {"Ignore"}


async def test_what_else_is_done_at_a_ring_holds_up_nothing(home: Home) -> None:
    chimes = async_mock_service(home.hass, "test", "chime")
    also = [
        {"action": "test.chime", "data": {"where": "{{ place }}"}},
        {"wait_template": "{{ false }}"},
    ]
    await home.automate(home.inputs(home.intercom, home.anna, ring_actions=also))
    home.ring()
    await home.anna.until(pictured)
    home.anna.tap("Open")
    await home.anna.says(ASKS)
    assert [call.data["where"] for call in chimes] == ["Intercom"]


async def test_a_phone_that_cannot_be_told_keeps_no_other_from_it(home: Home) -> None:
    others = home.inputs(home.intercom, home.anna)
    others["phones"].insert(0, "a phone that was removed")
    await home.automate(others)
    home.ring()
    await home.anna.until(pictured)
    home.simulator.scenario("call_answered", home.intercom.id)
    await home.anna.says("Answered.")


async def test_nothing_secret_goes_to_the_push_service(home: Home) -> None:
    fired = async_capture_events(home.hass, "tuyalink_intercom_ring_to_phone")
    await home.automate(home.inputs(home.intercom, home.anna))
    home.ring()
    await home.anna.until(pictured)
    home.simulator.scenario("call_answered", home.intercom.id)
    await home.anna.says("Answered.")
    text = str([push["data"] for push in home.anna.pushes]) + str([dict(one.data) for one in fired])
    for secret in ("http", "authSig", "token", "X-Amz", home.simulator.access_secret):
        assert secret not in text


async def test_the_buttons_of_other_notifications_are_left_alone(home: Home) -> None:
    await home.automate(home.inputs(home.intercom, home.anna))
    for action in (
        "OPEN",
        "",
        "ring_to_phone|yes",
        "ring_to_phone|yes|0|x|automation.other||ring_",
    ):
        home.anna.send(action)
    home.hass.bus.async_fire("mobile_app_notification_action", {})
    home.hass.bus.async_fire("mobile_app_notification_cleared", {"tag": "laundry"})
    home.hass.bus.async_fire(
        "tuyalink_intercom_ring_to_phone", {"step": "push", "automation": "other"}
    )
    await home.ended()
    assert home.anna.pushes == []
    assert home.opened == 0


def blueprint() -> Blueprint:
    return Blueprint(
        load_yaml_dict(str(FILE)), expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )


def used(value: Any) -> Iterator[str]:
    """Return the inputs that the body of a blueprint uses."""
    match value:
        case Input():
            yield value.name
        case dict():
            for one in value.values():
                yield from used(one)
        case list():
            for one in value:
                yield from used(one)


def test_every_input_is_used_and_has_a_name_and_a_default_unless_it_is_the_point() -> None:
    made = blueprint()
    body = {key: value for key, value in made.data.items() if key != "blueprint"}
    assert set(used(body)) == set(made.inputs)
    assert all(one["name"] and one["selector"] for one in made.inputs.values())
    needed = {key for key, one in made.inputs.items() if "default" not in one}
    assert needed == {"doorbell", "phones"}


def test_it_says_where_it_comes_from_and_what_it_needs() -> None:
    made = blueprint()
    manifest = json.loads((INTEGRATION / "manifest.json").read_text(encoding="utf-8"))
    assert made.metadata["source_url"] == f"{manifest['documentation']}/blob/main/{PATH}"
    floor = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))["homeassistant"]
    assert made.metadata["homeassistant"]["min_version"] == floor
    assert made.validate() is None


def test_it_is_offered_for_our_doorbells_and_for_phones_with_the_app() -> None:
    made = blueprint()
    (bells,) = made.inputs["doorbell"]["selector"]["entity"]["filter"]
    assert bells["integration"] == "tuyalink_intercom"
    assert bells["device_class"] == ["doorbell"]
    (phones,) = made.inputs["phones"]["selector"]["device"]["filter"]
    assert phones["integration"] == "mobile_app"


def test_the_readme_s_link_imports_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    address = quote(blueprint().metadata["source_url"], safe="")
    link = f"https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url={address}"
    assert link in readme
    assert set(blueprint().inputs) >= {"critical", "confirm", "seconds"}

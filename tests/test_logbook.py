"""What the logbook says of the time in which nobody listened."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.components.logbook.models import async_event_to_row
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.tuyalink_intercom import logbook
from custom_components.tuyalink_intercom.const import EVENT_HISTORY, EVENT_MOMENT
from custom_components.tuyalink_intercom.model.changes import CallReason, CallStep, Outcome
from custom_components.tuyalink_intercom.model.state import Alarm, Method
from tests.simulator import TuyaSimulator

from .homes import arrived, device_named


def described(hass: HomeAssistant, told: dict[str, Any]) -> dict[str, Any]:
    """Return what our description makes of an event."""
    found: dict[tuple[str, str], Any] = {}
    logbook.async_describe_events(
        hass, lambda domain, kind, describe: found.update({(domain, kind): describe})
    )
    assert found.keys() == {
        ("tuyalink_intercom", EVENT_HISTORY),
        ("tuyalink_intercom", EVENT_MOMENT),
    }
    entry: dict[str, Any] = found["tuyalink_intercom", EVENT_MOMENT](Event(EVENT_MOMENT, told))
    return entry


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            {"key": "access", "type": "granted", "person": "Anna", "method": "face"},
            "Anna opened Front door with face",
        ),
        (
            {"key": "access", "type": "granted", "slot": 3, "method": "fingerprint"},
            "Number 3 opened Front door with a fingerprint",
        ),
        (
            {"key": "access", "type": "granted", "method": "inside"},
            "Somebody opened Front door from the inside",
        ),
        (
            {"key": "access", "type": "denied", "person": "Anna", "method": "card"},
            "Anna was refused at Front door with a card",
        ),
        (
            {"key": "access", "type": "duress", "person": "Anna", "method": "password"},
            "Anna opened Front door with a password under duress",
        ),
        ({"key": "access", "type": "granted"}, "Somebody opened Front door"),
        ({"key": "doorbell", "type": "ring"}, "Front door rang"),
        ({"key": "doorbell", "type": "ring", "channel": "Gate"}, "Front door rang (Gate)"),
        ({"key": "doorbell", "type": "ring", "test": True}, "Front door rang (a test)"),
        ({"key": "doorbell", "type": "missed"}, "Front door missed call"),
        (
            {"key": "doorbell", "type": "ended", "reason": "cancelled"},
            "Front door call ended (the visitor hung up)",
        ),
        ({"key": "alarm", "type": "tamper"}, "Front door somebody tampered with it"),
        (
            {"key": "alarm", "type": "wrong_attempts", "method": "card"},
            "Front door repeated wrong attempts with a card",
        ),
    ],
)
def test_each_fact_has_its_sentence(
    hass: HomeAssistant, told: dict[str, Any], sentence: str
) -> None:
    entry = described(hass, {"name": "Front door", **told})
    assert f"{entry['name']} {entry['message']}" == sentence
    assert entry["icon"].startswith("mdi:")


def test_whatever_can_be_told_has_words(hass: HomeAssistant) -> None:
    for outcome in Outcome:
        for method in Method:
            told = {"name": "Gate", "key": "access", "type": outcome.value, "method": method.value}
            assert "Gate " in described(hass, told)["message"] + " "
    for step in CallStep:
        for reason in CallReason:
            told = {"key": "doorbell", "type": step.value, "reason": reason.value}
            assert "call" in described(hass, told)["message"]
    messages = {
        described(hass, {"key": "alarm", "type": alarm.value})["message"] for alarm in Alarm
    }
    assert len(messages) == len(Alarm)


def test_an_event_that_somebody_else_fired_is_described_too(hass: HomeAssistant) -> None:
    assert described(hass, {})["message"] == "rang"


async def test_the_logbook_shows_a_fact_at_its_own_time(
    recorder_mock: object, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()
    config: Any = hass.data["logbook"]
    assert EVENT_HISTORY in config.external_events
    at = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    event: Event[Any] = Event(
        EVENT_HISTORY, {"name": "Gate", "type": "ring"}, time_fired_timestamp=at.timestamp()
    )
    assert async_event_to_row(event).time_fired_ts == at.timestamp()


async def test_what_happens_now_has_its_sentence_too(
    hass: HomeAssistant, simulator: TuyaSimulator, entry: MockConfigEntry
) -> None:
    told = async_capture_events(hass, EVENT_MOMENT)
    terminal, bell = (device_named(simulator, name) for name in ("Face terminal", "Intercom"))
    simulator.people.call("person-7", "Anna")
    passage = simulator.scenario("access_granted", terminal.id, way="face", person="person-7")
    await arrived(hass, simulator, passage)
    for scenario in ("ring", "call_missed"):
        await arrived(hass, simulator, simulator.scenario(scenario, bell.id))
    sentences = [described(hass, dict(event.data)) for event in told]
    assert [f"{one['name']} {one['message']}" for one in sentences] == [
        "person-7 opened Face terminal with face",
        "Intercom rang",
        "Intercom missed call",
    ]
    devices = [dr.async_get(hass).async_get(event.data["device_id"]) for event in told]
    assert [device and device.name for device in devices] == ["Face terminal", *2 * ["Intercom"]]

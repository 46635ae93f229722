"""The last ring, access and alarm each keep their picture and the time it was taken."""

import base64
from http import HTTPStatus
import json

from homeassistant.components.image import async_get_image
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.homes import device_named, entity_id, state_of
from tests.plays import heard, photographed, pictured, play, report
from tests.simulator import SimDevice, TuyaSimulator
from tests.simulator.pictures import draw


async def shown(hass: HomeAssistant, device: SimDevice, key: str) -> bytes:
    """Return the picture that an image entity shows."""
    return (await async_get_image(hass, entity_id(hass, Platform.IMAGE, device, key))).content


async def test_the_last_ring_shows_the_visitor_and_when_it_was(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    intercom = device_named(simulator, "Intercom")
    sent = await photographed(hass, entry, simulator, intercom, "ring")
    state = state_of(hass, Platform.IMAGE, intercom, "last_ring")
    taken = dt_util.parse_datetime(state.state)
    assert taken is not None
    assert abs(taken.timestamp() - sent.sent_at) < 5
    client = await hass_client()
    answer = await client.get(state.attributes["entity_picture"])
    assert answer.status == HTTPStatus.OK
    assert answer.content_type == "image/jpeg"
    assert await answer.read() == simulator.pictures[sent.event_id]


@pytest.mark.parametrize("form", ["A", "A_plain", "B"])
async def test_a_picture_is_read_in_whatever_form_it_is_sent(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator, form: str
) -> None:
    bell = device_named(simulator, "Battery bell")
    sent = await photographed(hass, entry, simulator, bell, "ring", picture_form=form)
    assert await shown(hass, bell, "last_ring") == simulator.pictures[sent.event_id]


async def test_a_second_ring_replaces_the_picture(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    states = heard(hass, entity_id(hass, Platform.IMAGE, bell, "last_ring"))
    await photographed(hass, entry, simulator, bell, "ring", age_s=30)
    sent = await photographed(hass, entry, simulator, bell, "ring")
    assert await shown(hass, bell, "last_ring") == simulator.pictures[sent.event_id]
    assert states[-1].state > states[0].state


async def test_an_alarm_has_its_own_picture_and_leaves_the_ring_alone(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    bell = device_named(simulator, "Battery bell")
    ring = await photographed(hass, entry, simulator, bell, "ring", age_s=30)
    states = heard(hass, entity_id(hass, Platform.IMAGE, bell, "last_ring"))
    alarm = await photographed(hass, entry, simulator, bell, "tamper")
    assert await shown(hass, bell, "last_alarm") == simulator.pictures[alarm.event_id]
    assert await shown(hass, bell, "last_ring") == simulator.pictures[ring.event_id]
    assert states == []


async def test_who_came_in_is_shown_as_the_last_access(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    lock = device_named(simulator, "Front door lock")
    await play(hass, simulator, lock, "access_granted", way="card")
    jpeg = draw(lock.name, "who came in", simulator.now(), "")
    stored = simulator.storage.put(lock.id, simulator.now(), jpeg, encrypted=True)
    files = [[stored.path, stored.key]]
    value = {"cmd": "ipc_face", "bucket": "ty-sim-storage30-pic", "files": files}
    with pictured(entry, lock) as picture:
        encoded = base64.b64encode(json.dumps(value).encode()).decode()
        await report(hass, simulator, lock, {"initiative_message": encoded})
        await picture
    assert await shown(hass, lock, "last_access") == jpeg
    assert state_of(hass, Platform.IMAGE, lock, "last_ring").state == "unknown"


async def test_polls_and_absence_leave_a_picture_as_it_is(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    intercom = device_named(simulator, "Intercom")
    sent = await photographed(hass, entry, simulator, intercom, "ring")
    states = heard(hass, entity_id(hass, Platform.IMAGE, intercom, "last_ring"))
    await play(hass, simulator, intercom, "offline")
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert states == []
    assert await shown(hass, intercom, "last_ring") == simulator.pictures[sent.event_id]


async def test_before_the_first_ring_there_is_no_picture(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    state = state_of(hass, Platform.IMAGE, device_named(simulator, "Intercom"), "last_ring")
    assert state.state == "unknown"
    client = await hass_client()
    answer = await client.get(state.attributes["entity_picture"])
    assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR

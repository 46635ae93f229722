"""A resident's life at a building terminal: told of, recognised, frozen out, gone."""

import base64

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.homes import device_named, entity_id, state_of, while_time_passes
from tests.plays import heard, photographed, play
from tests.residents import Terminal
from tests.simulator import TuyaSimulator

CARD = "8800421337"


@pytest.fixture
async def terminal(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
) -> Terminal:
    """Serve Home Assistant on a real socket, where the simulated cloud can fetch from."""
    client = await hass_client_no_auth()
    hass.config.internal_url = str(client.make_url("/")).rstrip("/")
    return Terminal(hass, simulator, freezer)


async def presented(terminal: Terminal, states: list[State], name: str, **what: str) -> State:
    """Present something at the terminal; return the access event."""
    states.clear()
    sent = terminal.simulator.scenario(name, terminal.device.id, **what)
    await terminal.simulator.acked(sent.event_id)
    await terminal.hass.async_block_till_done()
    (state,) = states
    return state


async def test_a_resident_is_told_of_recognised_frozen_out_and_gone(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    simulator, device = terminal.simulator, terminal.device
    states = heard(hass, entity_id(hass, Platform.EVENT, device, "access"))
    bell = device_named(simulator, "Intercom")
    await while_time_passes(
        hass, terminal.freezer, photographed(hass, entry, simulator, bell, "ring")
    )

    added = await terminal.act("set_person", name="Grace Hopper", floor=3)
    assert added["state"] == "active"
    camera = entity_id(hass, Platform.CAMERA, bell, "camera")
    face = await terminal.act("add_face", person="Grace Hopper", picture_entity=camera)
    assert face["state"] == "active"
    assert entry.runtime_data.faces.served == 0

    (kept,) = terminal.people["Grace Hopper"].faces.values()
    shown = base64.b64encode(kept).decode()
    opened = simulator.door(device.id).opened
    state = await presented(terminal, states, "face_presented", picture=shown)
    assert state.attributes["event_type"] == "granted"
    assert state.attributes["person"] == "Grace Hopper"
    assert state.attributes["method"] == "face"
    assert simulator.door(device.id).opened == opened + 1
    assert state_of(hass, "lock", device, "door").attributes["changed_by"] == "Grace Hopper"

    await terminal.act("add_card", person="Grace Hopper", card=CARD)
    assert (await terminal.act("freeze_card", person="Grace Hopper", card="1337"))["state"] == (
        "frozen"
    )
    state = await presented(terminal, states, "card_presented", card=CARD)
    assert state.attributes["event_type"] == "denied"
    await terminal.act("unfreeze_card", person="Grace Hopper", card="1337")
    state = await presented(terminal, states, "card_presented", card=CARD)
    assert (state.attributes["event_type"], state.attributes["person"]) == (
        "granted",
        "Grace Hopper",
    )

    terminal.people["Grace Hopper"].enabled = False
    state = await presented(terminal, states, "face_presented", picture=shown)
    assert state.attributes["event_type"] == "denied"
    terminal.people["Grace Hopper"].enabled = True

    await terminal.act("remove_face", person="Grace Hopper")
    state = await presented(terminal, states, "face_presented", picture=shown)
    assert state.attributes["event_type"] == "denied"

    removed = await terminal.act("remove_person", person="Grace Hopper")
    assert removed["state"] == "removed"
    state = await presented(terminal, states, "card_presented", card=CARD)
    assert state.attributes["event_type"] == "denied"
    assert await terminal.known() == []
    assert [*entry.runtime_data.keys.all(device.id)] == []


async def test_the_passage_of_a_resident_has_its_picture(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    simulator, device = terminal.simulator, terminal.device
    await terminal.act("set_person", name="Grace Hopper")
    await terminal.act("add_card", person="Grace Hopper", card=CARD)
    await while_time_passes(
        hass,
        terminal.freezer,
        photographed(hass, entry, simulator, device, "card_presented", card=CARD),
    )
    capture = entry.runtime_data.captures.newest(device.id)
    assert capture is not None
    assert capture.person == "Grace Hopper"


async def test_a_password_and_a_qr_code_open_the_door(
    hass: HomeAssistant, terminal: Terminal
) -> None:
    await terminal.act("set_person", name="Grace Hopper")
    password = (await terminal.act("add_password", person="Grace Hopper"))["password"]
    value = (await terminal.act("add_qr_code", person="Grace Hopper"))["qr_code"]
    opened = terminal.simulator.door(terminal.device.id).opened
    await play(hass, terminal.simulator, terminal.device, "password_entered", password=password)
    await play(hass, terminal.simulator, terminal.device, "qr_presented", qr_code=value)
    assert terminal.simulator.door(terminal.device.id).opened == opened + 2

"""Persons and their keys when something goes wrong: lost answers, reloads, others who delete."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.actions import credentials
from custom_components.tuyalink_intercom.keys.ledger import KEPT
from custom_components.tuyalink_intercom.keys.persons import TerminalKeys
from custom_components.tuyalink_intercom.model.keys import Key, KeyKind, KeyState
from tests.homes import DOMAIN, while_time_passes
from tests.residents import ROUTE, Terminal
from tests.shelved import jpeg
from tests.simulator import TuyaSimulator

PASSWORD = "70246813"


@pytest.fixture
async def terminal(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
) -> Terminal:
    """Serve Home Assistant on a real socket, with Grace at the terminal."""
    client = await hass_client_no_auth()
    hass.config.internal_url = str(client.make_url("/")).rstrip("/")
    made = Terminal(hass, simulator, freezer)
    await made.act("set_person", name="Grace", person_id="grace")
    return made


async def unanswered(terminal: Terminal, action: str, **fields: Any) -> None:
    """Call an action whose answer nobody asks for."""
    call = terminal.hass.services.async_call(
        DOMAIN, action, {"entity_id": terminal.lock, **fields}, blocking=True
    )
    await while_time_passes(terminal.hass, terminal.freezer, call)


async def test_somebody_whom_others_deleted_can_be_forgotten(terminal: Terminal) -> None:
    await terminal.act("add_card", person="Grace", card="8800421337")
    terminal.simulator.persons.of(terminal.device.id).people.clear()
    assert (await terminal.act("remove_person", person="Grace"))["state"] == "failed"
    assert [one["name"] for one in await terminal.known()] == ["Grace"]
    gone = await terminal.act("remove_person", person="Grace", forget=True)
    assert gone == {"person_id": "grace", "name": "Grace", "state": "forgotten"}
    assert await terminal.known() == []
    assert (await terminal.act("set_person", name="Grace"))["state"] == "active"


async def test_somebody_can_be_forgotten_though_tuya_refuses(terminal: Terminal) -> None:
    terminal.simulator.fault("not_subscribed", 1, method="DELETE", path="/persons")
    gone = await terminal.act("remove_person", person="Grace", forget=True)
    assert gone["state"] == "forgotten"
    assert await terminal.known() == []


async def test_who_is_deleted_is_removed_also_if_forgetting_was_allowed(terminal: Terminal) -> None:
    gone = await terminal.act("remove_person", person=["Grace"], forget=True)
    assert gone["state"] == "removed"
    assert terminal.people == {}


async def test_a_card_and_a_face_that_others_took_away_can_be_forgotten(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def face(*_: object, **__: object) -> bytes:
        return jpeg(size=(320, 240))

    monkeypatch.setattr(credentials, "async_face", face)
    await terminal.act("add_face", person="Grace", picture_entity="camera.any")
    await terminal.act("add_card", person="Grace", card="8800421337")
    grace = terminal.people["Grace"]
    grace.faces.clear()
    grace.cards.clear()
    for action, fields in (("remove_card", {"card": "1337"}), ("remove_face", {})):
        gone = await terminal.act(action, person="Grace", forget=True, **fields)
        assert gone["state"] in {"forgotten", "removed"}
    (known,) = await terminal.known()
    assert known["keys"] == []
    again = await terminal.act("add_face", person="Grace", picture_entity="camera.any")
    assert again["state"] == "active"


async def test_who_asks_for_no_answer_learns_from_an_error_that_it_failed(
    terminal: Terminal,
) -> None:
    terminal.simulator.fault("command_failed", 1)
    with pytest.raises(HomeAssistantError) as error:
        await unanswered(terminal, "add_card", person="Grace", card="8800421337")
    assert error.value.translation_key == "key_failed"
    terminal.simulator.fault("command_failed", 1)
    with pytest.raises(HomeAssistantError) as error:
        await unanswered(terminal, "add_persons", persons=[{"name": "Ada"}, {"name": "Eve"}])
    assert error.value.translation_key == "key_failed"
    await unanswered(terminal, "add_card", person="Grace", card="8800421337")
    assert [*terminal.people["Grace"].cards] == ["8800421337"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [("add_password", {}), ("add_qr_code", {}), ("change_password", {"password": PASSWORD})],
)
async def test_what_nobody_would_be_told_is_not_made(
    terminal: Terminal, action: str, fields: dict[str, str]
) -> None:
    before = terminal.writes()
    with pytest.raises(ServiceValidationError) as error:
        await unanswered(terminal, action, person="Grace", **fields)
    assert error.value.translation_key == "person_needs_answer"
    assert terminal.writes() == before


async def test_a_password_whose_change_was_not_answered_is_told_and_pending(
    terminal: Terminal,
) -> None:
    await terminal.act("add_password", person="Grace", password=PASSWORD)
    terminal.simulator.fault("lost_reply", 1, path="/passpwd", method="PUT")
    changed = await terminal.act("change_password", person="Grace", password=PASSWORD)
    assert terminal.simulator.calls[f"PUT {ROUTE}/passpwd/{{password}}"] == 1
    assert changed["state"] == "pending"
    assert terminal.people["Grace"].passwords == {changed["password"]}


async def test_somebody_who_was_there_stays_known_after_a_lost_answer_and_a_failure(
    terminal: Terminal,
) -> None:
    terminal.simulator.fault("lost_reply", 1, path="/persons", method="PUT")
    assert (await terminal.act("set_person", name="Grace", floor=3))["state"] == "pending"
    terminal.simulator.fault("command_failed", 1)
    assert (await terminal.act("set_person", name="Grace", floor=4))["state"] == "failed"
    assert [one["state"] for one in await terminal.known()] == ["active"]
    terminal.simulator.fault("lost_reply", 1, path="/persons", method="DELETE")
    assert (await terminal.act("remove_person", person="Grace"))["state"] == "pending"
    terminal.simulator.fault("command_failed", 1)
    assert (await terminal.act("remove_person", person="Grace"))["state"] == "failed"
    assert [one["state"] for one in await terminal.known()] == ["active"]


async def test_an_end_does_not_quietly_void_the_hours_of_somebody(terminal: Terminal) -> None:
    await terminal.act("set_person", name="Grace", schedule=[{"weekdays": ["mon"]}])
    end = "2099-01-01 00:00:00"
    await terminal.refused("set_person", "person_span_with_schedule", name="Grace", end=end)
    assert (await terminal.act("set_person", name="Grace", floor=3))["state"] == "active"
    await terminal.refused("set_person", "person_span_with_schedule", name="Grace", end=end)
    assert terminal.people["Grace"].rules
    told = await terminal.act("set_person", name="Grace", schedule=[], end=end)
    assert told["state"] == "active"


async def test_nobody_is_added_who_could_not_be_remembered(
    terminal: Terminal, entry: MockConfigEntry
) -> None:
    ledger = entry.runtime_data.keys
    cards = (
        Key(device_id="elsewhere", kind=KeyKind.CARD, id=str(number), made=0.0)
        for number in range(KEPT - 1)
    )
    ledger.put(*cards)
    await terminal.refused("set_person", "code_too_many", name="Ada")
    # What is known already can be changed and taken back.
    assert (await terminal.act("set_person", name="Grace", floor=3))["state"] == "active"
    assert (await terminal.act("remove_person", person="Grace"))["state"] == "removed"


async def test_commands_that_cannot_be_told_apart_are_not_reported_as_done(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    device = entry.runtime_data.coordinator.device(terminal.device.id)
    assert device is not None
    keys = [
        Key(device_id=device.id, kind=KeyKind.PERSON, id=name, made=0.0, name=name)
        for name in ("a", "b", "c")
    ]

    async def send() -> tuple[str, ...]:
        return "133", "134"

    told = await TerminalKeys(hass, entry, device).write(keys, send)
    assert told == [KeyState.PENDING] * 3


@pytest.mark.parametrize("again", [True, False])
async def test_a_face_is_not_lost_in_a_reload(
    hass: HomeAssistant,
    terminal: Terminal,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    *,
    again: bool,
) -> None:
    room = entry.runtime_data.faces

    async def while_reloading(*_: object, **__: object) -> bytes:
        await hass.config_entries.async_unload(entry.entry_id)
        if again:
            await hass.config_entries.async_setup(entry.entry_id)
        return jpeg(size=(320, 240))

    monkeypatch.setattr(credentials, "async_face", while_reloading)
    picture = {"person": "Grace", "picture_entity": "camera.any"}
    if again:
        assert (await terminal.act("add_face", **picture))["state"] == "active"
        await terminal.simulator.connected()
        assert [*terminal.people["Grace"].faces] == ["grace"]
    else:
        await terminal.failed("add_face", "project_not_loaded", **picture)
        assert [*terminal.people["Grace"].faces] == []
    assert room.served == 0


async def test_a_project_that_was_unloaded_meanwhile_tells_a_terminal_nothing(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    device = entry.runtime_data.coordinator.device(terminal.device.id)
    assert device is not None
    keys = TerminalKeys(hass, entry, device)
    await hass.config_entries.async_unload(entry.entry_id)
    sent: list[str] = []

    async def send() -> tuple[str, ...]:
        sent.append("sent")
        return ()

    with pytest.raises(ServiceValidationError) as error:
        await keys.write([], send)
    assert error.value.translation_key == "project_not_loaded"
    assert sent == []


async def test_a_person_is_on_disk_before_tuya_is_told(
    terminal: Terminal, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    seen: list[str] = []
    kept = f"{DOMAIN}.{entry.entry_id}.keys"

    def look(_call: object) -> None:
        seen.extend(row["name"] for row in hass_storage[kept]["data"]["keys"])

    cloud = entry.runtime_data.coordinator.cloud
    heard, cloud.on_call = cloud.on_call, look
    await terminal.act("set_person", name="Ada")
    cloud.on_call = heard
    assert seen[:2] == ["Grace", "Ada"]

"""Actions about what persons carry: faces, cards, QR codes, passwords; told, kept and refused."""

from collections.abc import AsyncIterator
import logging
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom import FACE_FETCHES, FACES
from custom_components.tuyalink_intercom.served.room import LONGEST, PictureRoom
from tests.conftest import MakeEntry
from tests.homes import later, while_time_passes
from tests.residents import ROUTE, Terminal
from tests.shelved import jpeg
from tests.simulator import TuyaSimulator, read_document
from tests.test_opening import document

CARD, PASSWORD, VALUE = "8800421337", "70246813", "QR-70246813-Grace"
PICTURE = "media-source://media_source/local/grace.jpg"


@pytest.fixture
async def terminal(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> Terminal:
    """Serve Home Assistant on a real socket, with Grace at the terminal and in the media."""
    (tmp_path / "grace.jpg").write_bytes(jpeg(size=(320, 240)))
    hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(hass, "media_source", {})
    client = await hass_client_no_auth()
    hass.config.internal_url = str(client.make_url("/")).rstrip("/")
    made = Terminal(hass, simulator, freezer)
    await made.act("set_person", name="Grace", person_id="grace")
    return made


def carried(terminal: Terminal) -> Any:
    return terminal.people["Grace"]


async def keys(terminal: Terminal) -> list[tuple[str, str, str]]:
    (grace,) = await terminal.known()
    return [(key["kind"], key["id"], key["state"]) for key in grace["keys"]]


# --- faces ----------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", [PICTURE, {"media_content_id": PICTURE, "metadata": {}}])
async def test_a_face_is_fetched_by_the_cloud_and_replaced_by_the_next(
    terminal: Terminal, picture: object, entry: MockConfigEntry
) -> None:
    told = await terminal.act("add_face", person="Grace", picture=picture)
    assert told == {"person_id": "grace", "face_id": "grace", "state": "active"}
    assert [*carried(terminal).faces] == ["grace"]
    await terminal.act("add_face", person="Grace", picture=picture)
    assert terminal.simulator.calls[f"PUT {ROUTE}/faces/{{face_id}}"] == 1
    assert await keys(terminal) == [("face", "grace", "active")]
    assert entry.runtime_data.faces.served == 0


async def test_one_of_several_faces_has_to_be_named(terminal: Terminal) -> None:
    for face_id in ("with-glasses", "without"):
        await terminal.act("add_face", person="Grace", picture=PICTURE, face_id=face_id)
    await terminal.refused("remove_face", "person_face_unknown", person="Grace")
    await terminal.act("remove_face", person="Grace", face_id="without")
    assert [*carried(terminal).faces] == ["with-glasses"]
    assert (await terminal.act("remove_face", person="Grace"))["state"] == "removed"
    assert await keys(terminal) == []


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("face_one_picture", {}),
        ("face_one_picture", {"picture": PICTURE, "picture_entity": "camera.intercom"}),
        ("face_one_picture", {"picture": {"media_content_type": "image/jpeg"}}),
        ("face_not_found", {"picture": "media-source://media_source/local/nobody.jpg"}),
        ("face_not_found", {"picture_entity": "sensor.nobody"}),
        ("person_id_invalid", {"picture": PICTURE, "face_id": "a b"}),
    ],
)
async def test_a_face_that_cannot_be_is_refused(
    terminal: Terminal, key: str, fields: dict[str, Any]
) -> None:
    await terminal.refused("add_face", key, person="Grace", **fields)


async def test_a_face_that_a_terminal_could_not_fetch_has_failed(
    hass: HomeAssistant, terminal: Terminal
) -> None:
    hass.config.internal_url = "http://127.0.0.1:9"
    assert (await terminal.act("add_face", person="Grace", picture=PICTURE))["state"] == "failed"
    assert await keys(terminal) == [("face", "grace", "failed")]


async def test_without_an_address_nobody_could_fetch_a_face(
    hass: HomeAssistant, terminal: Terminal
) -> None:
    hass.config.internal_url = hass.config.api = None
    before = terminal.writes()
    await terminal.failed("add_face", "pictures_no_address", person="Grace", picture=PICTURE)
    assert terminal.writes() == before


@pytest.mark.parametrize(
    ("external", "url"),
    [("https://home.example.org", "https://home.example.org"), ("http://home.example.org", None)],
)
async def test_tuyas_own_cloud_fetches_by_https_from_outside_only(
    hass: HomeAssistant,
    terminal: Terminal,
    entry: MockConfigEntry,
    external: str,
    url: str | None,
) -> None:
    hass.config.external_url = external
    hass.config_entries.async_update_entry(entry, data={**entry.data, "region": "eu"})
    room: PictureRoom = entry.runtime_data.faces
    if url is None:
        await terminal.failed("add_face", "pictures_no_address", person="Grace", picture=PICTURE)
        return
    face = room.show(jpeg())
    assert face.url.startswith(f"{url}/api/tuyalink_intercom/served/")
    room.end(face)


async def test_a_face_that_waits_for_its_terminal_is_served_for_ten_minutes(
    hass: HomeAssistant, terminal: Terminal, entry: MockConfigEntry
) -> None:
    terminal.device.online = False
    assert (await terminal.act("add_face", person="Grace", picture=PICTURE))["state"] == "pending"
    assert entry.runtime_data.faces.served == 1
    await later(hass, terminal.freezer, LONGEST + 1)
    assert entry.runtime_data.faces.served == 0


async def test_a_face_whose_call_was_refused_is_served_no_more(
    terminal: Terminal, entry: MockConfigEntry
) -> None:
    terminal.simulator.fault("not_subscribed", 1, method="POST", path="/faces")
    await terminal.failed("add_face", "reason_api_not_subscribed", person="Grace", picture=PICTURE)
    assert entry.runtime_data.faces.served == 0
    assert await keys(terminal) == []


async def test_no_more_than_five_faces_leave_in_a_second(
    terminal: Terminal, entry: MockConfigEntry
) -> None:
    times: list[float] = []
    pace = entry.runtime_data.face_pace

    async def all_of_them() -> None:
        for _ in range(11):
            await pace.turn()
            times.append(terminal.simulator.now())

    await while_time_passes(terminal.hass, terminal.freezer, all_of_them())
    assert all(after - before >= 0.99 for before, after in zip(times, times[5:], strict=False))


# --- where faces are fetched ----------------------------------------------------------------


async def test_a_face_is_there_for_who_knows_its_address_a_few_times(
    terminal: Terminal, entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> None:
    client = await hass_client_no_auth()
    face = entry.runtime_data.faces.show(jpeg())
    path = f"/api/tuyalink_intercom/served/{face.token}.jpg"
    assert len(face.token) == 64
    assert (await client.head(path)).status == 200
    for _ in range(FACE_FETCHES):
        answer = await client.get(path)
        assert answer.status == 200
        assert answer.content_type == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"
        assert await answer.read() == jpeg()
    assert (await client.get(path)).status == 404
    assert (await client.head(path)).status == 404
    assert entry.runtime_data.faces.served == 0


@pytest.mark.parametrize("token", ["x", "0" * 64, "..%2f..%2fsecrets", "%00"])
async def test_any_other_address_is_not_found(
    terminal: Terminal,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    token: str,
) -> None:
    face = entry.runtime_data.faces.show(jpeg())
    client = await hass_client_no_auth()
    answer = await client.get(f"/api/tuyalink_intercom/served/{token}.jpg")
    assert answer.status in {400, 404}
    entry.runtime_data.faces.end(face)


async def test_faces_end_with_their_project(
    hass: HomeAssistant,
    terminal: Terminal,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_client_no_auth()
    room = entry.runtime_data.faces
    face = room.show(jpeg())
    await hass.config_entries.async_unload(entry.entry_id)
    assert room.served == 0
    answer = await client.get(f"/api/tuyalink_intercom/served/{face.token}.jpg")
    assert answer.status == 404


async def test_only_so_many_faces_are_served_at_once(
    terminal: Terminal, entry: MockConfigEntry
) -> None:
    faces = [entry.runtime_data.faces.show(jpeg()) for _ in range(FACES)]
    await terminal.failed("add_face", "pictures_busy", person="Grace", picture=PICTURE)
    for face in faces:
        entry.runtime_data.faces.end(face)


@pytest.mark.parametrize("logger", ["homeassistant.helpers.http", "aiohttp.access"])
async def test_the_address_of_a_face_is_not_logged_even_where_requests_are(
    terminal: Terminal,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    logger: str,
) -> None:
    caplog.set_level(logging.DEBUG, logger)
    client = await hass_client_no_auth()
    face = entry.runtime_data.faces.show(jpeg())
    path = f"/api/tuyalink_intercom/served/{face.token}.jpg"
    await client.get(path)
    logging.getLogger(logger).info(
        '"GET %s HTTP/1.1" 200', path, extra={"first_request_line": path}
    )
    written = [record for record in caplog.records if record.name == logger]
    assert any("/served/****" in record.getMessage() for record in written)
    assert face.token not in caplog.text
    assert not any(face.token in str(vars(record)) for record in written)
    assert face.token not in repr(face)
    entry.runtime_data.faces.end(face)


# --- cards ----------------------------------------------------------------------------------


async def test_a_card_is_added_frozen_unfrozen_and_taken_away(terminal: Terminal) -> None:
    told = await terminal.act("add_card", person="Grace", card="88-0042-1337")
    assert told == {"person_id": "grace", "card": "…1337", "state": "active"}
    assert carried(terminal).cards == {CARD: False}
    assert (await terminal.act("freeze_card", person="Grace", card="1337"))["state"] == "frozen"
    assert carried(terminal).cards == {CARD: True}
    assert await keys(terminal) == [("card", "…1337", "frozen")]
    assert (await terminal.act("unfreeze_card", person="Grace", card=CARD))["state"] == "active"
    assert (await terminal.act("remove_card", person="Grace", card="…1337"))["state"] == "removed"
    assert carried(terminal).cards == {}


async def test_a_card_that_could_not_be_frozen_opens_on(terminal: Terminal) -> None:
    await terminal.act("add_card", person="Grace", card=CARD)
    terminal.simulator.fault("command_failed", 1)
    assert (await terminal.act("freeze_card", person="Grace", card=CARD))["state"] == "failed"
    assert await keys(terminal) == [("card", "…1337", "active")]


@pytest.mark.parametrize("action", ["add_card", "freeze_card", "unfreeze_card", "remove_card"])
async def test_what_is_no_card_is_refused(terminal: Terminal, action: str) -> None:
    await terminal.refused(action, "person_card_invalid", person="Grace", card="#!")
    await terminal.refused(action, "person_unknown", person="Nobody", card=CARD)
    if action != "add_card":
        await terminal.refused(action, "person_card_unknown", person="Grace", card="9999")


# --- QR codes and passwords -----------------------------------------------------------------


async def test_a_qr_code_that_is_made_here_is_answered_once(
    terminal: Terminal, entry: MockConfigEntry
) -> None:
    told = await terminal.act("add_qr_code", person="Grace", label="Phone")
    value = told.pop("qr_code")
    assert told == {"person_id": "grace", "label": "Phone", "state": "active"}
    assert carried(terminal).qr_codes == {value}
    assert await keys(terminal) == [("qr_code", "Phone", "active")]
    assert value not in str([*entry.runtime_data.keys.all()])
    assert (await terminal.act("remove_qr_code", person="Grace", qr_code=value))["state"] == (
        "removed"
    )
    assert carried(terminal).qr_codes == set()


async def test_what_was_given_is_not_repeated(terminal: Terminal, entry: MockConfigEntry) -> None:
    for action, field, value in (
        ("add_qr_code", "qr_code", VALUE),
        ("add_password", "password", PASSWORD),
    ):
        told = await terminal.act(action, person="Grace", **{field: value})
        assert told == {"person_id": "grace", "label": "1", "state": "active"}
        assert value not in str([*entry.runtime_data.keys.all()])


async def test_a_password_is_made_changed_and_taken_away(terminal: Terminal) -> None:
    first = (await terminal.act("add_password", person="Grace"))["password"]
    assert carried(terminal).passwords == {first}
    changed = await terminal.act("change_password", person="Grace", password=first)
    second = changed["password"]
    assert carried(terminal).passwords == {second} != {first}
    third = await terminal.act(
        "change_password", person="Grace", password=second, new_password=PASSWORD
    )
    assert "password" not in third
    assert (await terminal.act("remove_password", person="Grace", password=PASSWORD))["state"] == (
        "removed"
    )
    assert carried(terminal).passwords == set()
    assert await keys(terminal) == []


async def test_keys_without_a_label_are_numbered_and_several_have_to_be_named(
    terminal: Terminal,
) -> None:
    for _ in range(2):
        await terminal.act("add_password", person="Grace")
    assert [label for _, label, _ in await keys(terminal)] == ["1", "2"]
    wrong = {"person": "Grace", "password": PASSWORD}
    await terminal.refused("remove_password", "person_label_unknown", **wrong)
    await terminal.refused("remove_password", "person_label_unknown", label="3", **wrong)
    assert (await terminal.act("remove_password", label="1", **wrong))["label"] == "1"
    assert [label for _, label, _ in await keys(terminal)] == ["2"]
    assert (await terminal.act("add_password", person="Grace"))["label"] == "1"


async def test_a_wrong_password_changes_nothing(terminal: Terminal) -> None:
    await terminal.act("add_password", person="Grace", password=PASSWORD)
    told = await terminal.act("change_password", person="Grace", password="11112222")
    assert told["state"] == "failed"
    assert carried(terminal).passwords == {PASSWORD}
    assert await keys(terminal) == [("password", "1", "active")]


@pytest.mark.parametrize(
    ("action", "key", "fields"),
    [
        ("add_password", "person_password_invalid", {"password": "123"}),
        ("remove_password", "person_password_invalid", {"password": "letters"}),
        ("change_password", "person_password_invalid", {"password": "1"}),
        (
            "change_password",
            "person_password_same",
            {"password": PASSWORD, "new_password": PASSWORD},
        ),
        ("add_qr_code", "person_qr_code_invalid", {"qr_code": "a/b"}),
        ("remove_qr_code", "person_qr_code_invalid", {"qr_code": "a b"}),
        ("add_password", "person_unknown", {"person": "Nobody"}),
    ],
)
async def test_values_that_cannot_be_are_refused(
    terminal: Terminal, action: str, key: str, fields: dict[str, Any]
) -> None:
    await terminal.refused(action, key, **{"person": "Grace", **fields})


# --- terminals that lack something ----------------------------------------------------------


@pytest.fixture
async def plain(
    hass: HomeAssistant,
    socket_enabled: None,
    make_entry: MakeEntry,
    freezer: FrozenDateTimeFactory,
) -> AsyncIterator[Terminal]:
    """Set up a terminal that can only be opened from afar."""
    files = read_document(document("face_terminal", function_points=["tyabi8n4fs"]), "plain.json")
    cloud = TuyaSimulator(devices=files)
    await cloud.start()
    entry = make_entry(cloud)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    yield Terminal(hass, cloud, freezer)
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.stop()


@pytest.mark.parametrize(
    ("action", "key", "fields"),
    [
        ("add_face", "person_no_faces", {"picture": PICTURE}),
        ("add_card", "person_no_cards", {"card": CARD}),
        ("add_qr_code", "person_no_qr_codes", {}),
        ("add_password", "person_no_passwords", {}),
    ],
)
async def test_a_terminal_is_not_told_of_what_it_cannot_read(
    plain: Terminal, action: str, key: str, fields: dict[str, Any]
) -> None:
    await plain.act("set_person", name="Grace")
    await plain.refused(action, key, person="Grace", **fields)

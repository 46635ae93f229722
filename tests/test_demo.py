"""The demo's parts that need no Home Assistant of their own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import socket
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.album.folder import CaptureFolder
from custom_components.tuyalink_intercom.model.changes import Occasion
from tests.simulator import TuyaSimulator
from tests.tools import demo, demo_folder, demo_garden
from tests.tools.demo_album import DAYS, SCENES, lay_in
from tests.tools.demo_control import Control
from tests.tools.demo_dashboard import board
from tests.tools.demo_entities import Entities
from tests.tools.demo_error import DemoError
from tests.tools.demo_folder import Before

DOORS = "http://127.0.0.1:8124/_sim/"


@pytest.fixture
def busy(socket_enabled: None) -> Iterator[int]:
    """Occupy a port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture
def entities(hass: HomeAssistant, entry: MockConfigEntry) -> Entities:
    """Return the entities of the default devices, read as the demo reads them."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return Entities.of(
        [json.loads(device.json_repr or b"{}") for device in devices],
        [json.loads(one.partial_json_repr or b"{}") | one.extended_dict for one in found],
    )


def entity_ids(card: Any) -> Iterator[str]:
    """Yield every entity id in a dashboard."""
    match card:
        case dict():
            for key, value in card.items():
                if key in {"entity", "entity_id"}:
                    yield from [value] if isinstance(value, str) else value
                else:
                    yield from entity_ids(value)
        case list():
            for one in card:
                yield from entity_ids(one)


def cards(entities: Entities) -> list[dict[str, Any]]:
    (view,) = board(entities, DOORS)["views"]
    return [card for section in view["sections"] for card in section["cards"]]


async def test_the_dashboard_shows_only_what_there_is(
    hass: HomeAssistant, entities: Entities
) -> None:
    shown = set(entity_ids(board(entities, DOORS)))
    assert shown
    assert shown <= {state.entity_id for state in hass.states.async_all()}


async def test_every_door_has_a_tile_with_unlock(entities: Entities) -> None:
    doors = {
        card["entity"]: card["name"]
        for card in cards(entities)
        if {"type": "lock-commands"} in card.get("features", ())
    }
    assert doors.keys() == {one for one in entities.ids.values() if one.startswith("lock.")}
    assert "Intercom gate" in doors.values()
    assert "Front door lock" in doors.values()


async def test_pictures_batteries_alarms_and_history_are_on_the_dashboard(
    entities: Entities,
) -> None:
    shown = [card["type"] for card in cards(entities)]
    assert shown.count("picture-entity") > 2
    assert "logbook" in shown
    ids = {card.get("entity") for card in cards(entities)}
    assert {"sensor.battery_bell_battery", "binary_sensor.front_door_lock_tamper"} <= ids


async def test_a_moment_is_told_even_after_its_picture_came(entities: Entities) -> None:
    bell = entities.ids[entities.with_keys("door", "door_2"), "doorbell"]
    tiles = [card for card in cards(entities) if card.get("entity") == bell]
    assert [tile["state_content"] for tile in tiles] == [
        ["event_type", "channel", "state"],
        ["channel", "state"],
    ]
    before, after = (tile["visibility"][0] for tile in tiles)
    assert before == {"condition": "not", "conditions": [after]}


async def test_three_days_of_captures_are_laid_into_the_album(
    simulator: TuyaSimulator, entities: Entities, tmp_path: Path
) -> None:
    album = CaptureFolder(tmp_path)
    async with Control(simulator.control) as control:
        await lay_in(album, control, entities)
    captures = album.load()
    today = datetime.now(UTC).astimezone()
    days = {datetime.fromtimestamp(one.time, today.tzinfo).date() for one in captures}
    assert days == {today.date() - timedelta(days=number) for number in range(1, DAYS + 1)}
    assert {one.occasion for one in captures} == {Occasion.RING, Occasion.ACCESS, Occasion.ALARM}
    assert {one.device_id for one in captures} <= entities.devices.keys()
    assert all(album.read(one) == simulator.pictures[one.event_id] for one in captures)


def test_what_is_laid_into_the_album_is_too_old_to_come_by_queue() -> None:
    assert all(scene.days_ago > 0 and scene.clock < (22, 0) for scene in SCENES)


async def test_a_device_without_what_is_asked_for_is_an_error(entities: Entities) -> None:
    assert entities.devices[entities.with_keys("door", "door_2")] == "Intercom"
    with pytest.raises(DemoError, match="no device has all of: door_9"):
        entities.with_keys("door_9")


@pytest.mark.parametrize("option", ["--port", "--sim-port"])
def test_a_busy_port_is_an_error_that_names_the_option(
    busy: int, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"--port": "--sim-port", "--sim-port": "--port"}[option]
    assert demo.main(["--once", option, str(busy), other, "0"]) == 1
    assert capsys.readouterr().err == (
        f"error: {option}: port {busy} cannot be used (address already in use)\n"
    )


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "configuration.yaml").write_text("default_config:\n")
    with pytest.raises(DemoError, match="not made by scripts/demo"):
        demo_folder.prepare(tmp_path, 8123)
    assert [path.name for path in tmp_path.iterdir()] == ["configuration.yaml"]


def test_a_new_folder_listens_on_this_machine_only(tmp_path: Path) -> None:
    demo_folder.prepare(tmp_path / "new", 8200)
    stored = json.loads((tmp_path / "new" / ".storage" / "http").read_text())["data"]
    assert stored["stable"]["server_host"] == ["127.0.0.1"]
    assert stored["stable"]["server_port"] == 8200
    assert (tmp_path / "new" / "custom_components" / demo_folder.DOMAIN / "manifest.json").is_file()
    assert demo_folder.before(tmp_path / "new") == Before(onboarded=False, address=None)


def test_a_folder_keeps_its_configuration_at_the_next_start(tmp_path: Path) -> None:
    demo_folder.prepare(tmp_path, 8123)
    (tmp_path / "configuration.yaml").write_text("frontend:\n")
    entry = {"domain": demo_folder.DOMAIN, "data": {"openapi": "http://127.0.0.1:8124/"}}
    for key, data in (
        ("onboarding", {"done": ["user", "core_config", "integration", "analytics"]}),
        ("core.config_entries", {"entries": [{"domain": "sun", "data": {}}, entry]}),
    ):
        (tmp_path / ".storage" / key).write_text(json.dumps({"data": data}))
    demo_folder.prepare(tmp_path, 8123)
    assert (tmp_path / "configuration.yaml").read_text() == "frontend:\n"
    before = demo_folder.before(tmp_path)
    assert before == Before(onboarded=True, address="http://127.0.0.1:8124")


async def test_the_garden_gate_opens_locks_and_rings(hass: HomeAssistant) -> None:
    configured = parse_yaml(demo_garden.CONFIGURATION)
    assert isinstance(configured, dict)
    for domain in configured:
        assert await async_setup_component(hass, domain, configured)
    await hass.async_block_till_done()
    shown = set(entity_ids(demo_garden.section(DOORS)))
    assert shown == {demo_garden.LOCK, demo_garden.BELL, demo_garden.BUTTON}
    for action, state in (("unlock", "unlocked"), ("lock", "locked")):
        target = {"entity_id": demo_garden.LOCK}
        await hass.services.async_call("lock", action, target, blocking=True)
        await hass.async_block_till_done()
        assert hass.states.is_state(demo_garden.LOCK, state)
    assert hass.states.is_state(demo_garden.BELL, "unknown")
    target = {"entity_id": demo_garden.BUTTON}
    await hass.services.async_call("input_button", "press", target, blocking=True)
    await hass.async_block_till_done()
    rung = hass.states.get(demo_garden.BELL)
    assert rung is not None
    assert rung.attributes["event_type"] == "ring"


def test_complaints_are_the_errors_with_their_tracebacks(tmp_path: Path) -> None:
    assert demo_folder.complaints(tmp_path) == ""
    lines = [
        "2026-11-22 17:00:00.000 INFO (MainThread) [a] fine",
        "2026-11-22 17:00:01.000 ERROR (MainThread) [b] broken",
        "Traceback (most recent call last):",
        "2026-11-22 17:00:02.000 INFO (MainThread) [c] fine again",
    ]
    (tmp_path / demo_folder.OUTPUT).write_text("\n".join(lines))
    assert demo_folder.complaints(tmp_path).splitlines() == lines[1:3]
    (tmp_path / demo_folder.OUTPUT).write_text(lines[0])
    assert demo_folder.complaints(tmp_path) == lines[0]

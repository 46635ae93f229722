"""The action that answers which pictures there are, for automations and scripts."""

from datetime import timedelta
import json
from typing import Any

from homeassistant.auth.models import Group, User
from homeassistant.auth.permissions.const import CAT_ENTITIES
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.history import get_significant_states
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, UnknownUser
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.tuyalink_intercom.model.changes import Occasion
from tests.flows import TEXTS
from tests.homes import DOMAIN, device_named, entity_id
from tests.plays import photographed
from tests.shelved import at, registered, shelved
from tests.simulator import SimDevice, TuyaSimulator
import voluptuous as vol


@pytest.fixture
def chosen_devices() -> tuple[str, ...]:
    return ("Battery bell", "Intercom")


@pytest.fixture
def intercom(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Intercom")


@pytest.fixture
def bell(simulator: TuyaSimulator) -> SimDevice:
    return device_named(simulator, "Battery bell")


@pytest.fixture
def four(entry: MockConfigEntry, intercom: SimDevice, bell: SimDevice) -> list[str]:
    """Put four pictures on the shelf; return their ids, the newest first."""
    taken = [
        shelved(entry, intercom, at(1, "18:00:00"), Occasion.ACCESS, person="Anna", event_id="a"),
        shelved(entry, bell, at(2, "12:00:00"), Occasion.MOTION),
        shelved(entry, intercom, at(2, "11:00:00"), event_id="b"),
        shelved(entry, bell, at(3, "11:00:00"), event_id="c"),
    ]
    return [capture.id for capture in taken]


async def answered(
    hass: HomeAssistant, context: Context | None = None, **fields: Any
) -> dict[str, Any]:
    """Call the action."""
    answer = await hass.services.async_call(
        DOMAIN, "get_captures", fields, blocking=True, return_response=True, context=context
    )
    assert isinstance(answer, dict)
    return answer


async def ids(hass: HomeAssistant, **fields: Any) -> list[str]:
    """Return the ids of the captures that the action answers."""
    return [capture["capture_id"] for capture in (await answered(hass, **fields))["captures"]]


async def test_a_ring_is_answered_with_all_that_is_known_of_its_picture(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    intercom: SimDevice,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    client = await hass_ws_client()
    sent = await photographed(hass, entry, simulator, intercom, "ring")
    answer = await answered(hass)
    assert answer["total"] == 1
    (told,) = answer["captures"]
    taken = dt_util.parse_datetime(told.pop("time"))
    assert taken is not None
    assert abs(taken.timestamp() - sent.sent_at) < 5
    capture = entry.runtime_data.captures.newest(intercom.id)
    event = hass.states.get(entity_id(hass, Platform.EVENT, intercom, "doorbell"))
    assert event is not None
    assert event.attributes["capture_id"] == capture.id
    assert told == {
        "capture_id": capture.id,
        "media_content_id": f"media-source://{DOMAIN}/{entry.entry_id}/capture/{capture.id}",
        "media_content_type": "image/jpeg",
        "url": f"/api/{DOMAIN}/captures/{entry.entry_id}/{capture.id}",
        "device_id": registered(hass, entry, intercom),
        "device_name": "Intercom",
        "occasion": "ring",
        "event_id": event.attributes["event_id"],
        "person": None,
        "door": None,
    }
    picture = await (await (await hass_client()).get(told["url"])).read()
    assert picture == simulator.pictures[sent.event_id]
    asked = {"type": "media_source/resolve_media", "media_content_id": told["media_content_id"]}
    await client.send_json_auto_id(asked)
    assert (await client.receive_json())["result"]["url"].startswith(told["url"])


async def test_without_filters_all_are_answered_the_newest_first(
    hass: HomeAssistant, four: list[str]
) -> None:
    answer = await answered(hass)
    assert [capture["capture_id"] for capture in answer["captures"]] == four
    assert answer["total"] == 4
    assert json.loads(json.dumps(answer)) == answer


async def test_devices_and_their_entities_narrow_it_down(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    intercom: SimDevice,
    bell: SimDevice,
    four: list[str],
) -> None:
    device = registered(hass, entry, bell)
    entity = entity_id(hass, Platform.EVENT, intercom, "doorbell")
    assert await ids(hass, device_id=[device]) == [four[1], four[3]]
    assert await ids(hass, device_id=device) == [four[1], four[3]]
    assert await ids(hass, entity_id=entity) == [four[0], four[2]]
    assert await ids(hass, device_id=device, entity_id=[entity]) == four
    assert await ids(hass, device_id=[device, entry.runtime_data.hub_id]) == four


async def test_reasons_people_and_events_narrow_it_down(
    hass: HomeAssistant, four: list[str]
) -> None:
    assert await ids(hass, occasion="ring") == four[2:]
    assert await ids(hass, occasion=["access", "motion"]) == four[:2]
    assert await ids(hass, person="anna") == [four[0]]
    assert await ids(hass, person="Ann") == []
    assert await ids(hass, event_id="b") == [four[2]]
    assert await ids(hass, event_id="b", occasion="access") == []


async def test_a_span_of_time_begins_with_its_start_and_ends_before_its_end(
    hass: HomeAssistant, four: list[str]
) -> None:
    assert await ids(hass, start=at(2, "11:00:00"), end=at(2, "12:00:00")) == [four[2]]
    assert await ids(hass, start=at(2, "11:00:01")) == four[:2]
    assert await ids(hass, end=at(2, "11:00:00")) == [four[3]]
    assert await ids(hass, end=at(3, "11:00:00"), start=at(3, "11:00:00")) == []


async def test_a_time_without_zone_is_the_users(hass: HomeAssistant, four: list[str]) -> None:
    noon = at(2, "12:00:00").replace(tzinfo=None).isoformat(" ")
    assert await ids(hass, start=noon) == four[:2]
    assert await ids(hass, start=at(2, "12:00:00").astimezone(dt_util.UTC).isoformat()) == four[:2]


async def test_a_limit_shortens_the_list_and_not_the_count(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, four: list[str]
) -> None:
    answer = await answered(hass, limit=1)
    assert [capture["capture_id"] for capture in answer["captures"]] == [four[0]]
    assert answer["total"] == 4
    for number in range(30):
        shelved(entry, intercom, at(4, "10:00:00") + timedelta(minutes=number))
    answer = await answered(hass)
    assert (len(answer["captures"]), answer["total"]) == (20, 34)


async def test_two_projects_are_answered_together_or_apart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    four: list[str],
    neighbour: tuple[MockConfigEntry, TuyaSimulator],
) -> None:
    theirs, cloud = neighbour
    other = shelved(theirs, device_named(cloud, "Neighbour's Intercom"), at(2, "11:30:00"))
    assert await ids(hass) == [four[0], four[1], other.id, four[2], four[3]]
    assert await ids(hass, device_id=theirs.runtime_data.hub_id) == [other.id]
    assert await hass.config_entries.async_unload(theirs.entry_id)
    assert await ids(hass) == four


# --- refusals -------------------------------------------------------------------------------


async def refused(hass: HomeAssistant, key: str, **fields: Any) -> None:
    """Call the action, which is refused with this sentence."""
    with pytest.raises(ServiceValidationError) as refusal:
        await answered(hass, **fields)
    assert refusal.value.translation_key == key
    if refusal.value.translation_domain == DOMAIN:
        assert str(refusal.value) == TEXTS["exceptions"][key]["message"].rstrip(".")


async def test_a_start_after_the_end_is_told(hass: HomeAssistant, four: list[str]) -> None:
    await refused(hass, "start_after_end", start=at(1, "12:00:00"), end=at(2, "12:00:00"))


async def test_what_is_not_ours_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, four: list[str]
) -> None:
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    foreign = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "lamp")}, name="Lamp"
    )
    hass.states.async_set("light.lamp", "on")
    await refused(hass, "service_device_not_found", device_id="nobody")
    await refused(hass, "service_device_wrong_domain", device_id=foreign.id)
    await refused(hass, "not_our_entity", entity_id="light.lamp")
    await refused(hass, "not_our_entity", entity_id="event.nobody_doorbell")


async def test_a_project_that_rests_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, intercom: SimDevice, four: list[str]
) -> None:
    device = registered(hass, entry, intercom)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await refused(hass, "service_config_entry_not_loaded", device_id=device)
    await refused(hass, "no_project")


@pytest.mark.parametrize(
    "fields",
    [
        {"limit": 0},
        {"limit": 101},
        {"occasion": "party"},
        {"start": "yesterday"},
        {"entity_id": "intercom"},
        {"person": ""},
        {"event_id": "x" * 300},
        {"path": "/etc"},
    ],
)
async def test_what_makes_no_sense_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, fields: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await answered(hass, **fields)


async def test_a_user_is_answered_what_they_may_see(
    hass: HomeAssistant, intercom: SimDevice, four: list[str], hass_admin_user: User
) -> None:
    camera = entity_id(hass, Platform.CAMERA, intercom, "camera")
    policy = {CAT_ENTITIES: {"entity_ids": {camera: {"read": True}}}}
    hass_admin_user.groups = [Group(None, policy, "guests")]
    answer = await answered(hass, Context(user_id=hass_admin_user.id))
    seen = [capture["capture_id"] for capture in answer["captures"]]
    assert (seen, answer["total"]) == ([four[0], four[2]], 2)
    with pytest.raises(UnknownUser):
        await answered(hass, Context(user_id="nobody"))


# --- what is never told ---------------------------------------------------------------------


async def test_neither_tuyas_ids_nor_addresses_nor_pictures_are_answered_or_recorded(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: TuyaSimulator,
    intercom: SimDevice,
) -> None:
    await photographed(hass, entry, simulator, intercom, "ring")
    answer = json.dumps(await answered(hass))
    await recorder_mock.async_block_till_done()
    history = await recorder_mock.async_add_executor_job(
        lambda: get_significant_states(
            hass,
            dt_util.utcnow() - timedelta(hours=1),
            entity_ids=hass.states.async_entity_ids(),
            significant_changes_only=False,
        )
    )
    recorded = repr(history)
    assert "ring" in recorded
    for text in (answer, recorded):
        assert "http" not in text
        assert "JFIF" not in text
        assert len(text) < 100_000
    assert intercom.id not in answer

"""The words of the flows: complete, with nothing left over, and fit for every user's screen."""

from collections.abc import Iterator
import json
import re
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.api import CUSTOM, REGIONS, QueueState, Reason
from custom_components.tuyalink_intercom.arrivals import Source
from custom_components.tuyalink_intercom.const import DELIVERIES
from custom_components.tuyalink_intercom.flow.schemas import AUTOMATIC
from custom_components.tuyalink_intercom.flow.self_test import Outcome
from custom_components.tuyalink_intercom.flow.survey import Verdict
from custom_components.tuyalink_intercom.model.state import Meaning, World
from custom_components.tuyalink_intercom.model.verdict import Cause
from tests.flows import TEXTS, addresses, keys
from tests.homes import DOMAIN
from tests.simulator import TuyaSimulator

FLOW = "/api/config/config_entries/flow"
REFUSALS = {f"queue_{state}" for state in QueueState if state not in {"connecting", "connected"}}
OWN_ERRORS = {"invalid_openapi", "invalid_queue", "invalid_suffix", "project_missing"}
ROUTING_ERRORS = {"no_flat", "person_id_too_long", "too_many_flats", "too_many_persons"}
DOOR_ERRORS = {"half_quiet", "invalid_pin", "pin_and_password", "pin_and_removal"}
FOUND = {"intercom", "lock", "controller", "terminal", "nothing", "neighbours", "unknown"}
SERVICES = {"iot_core", "queue", "smart_lock", "live_stream", "camera_service"}
HINTS = {"queue_connected", "camera_service_hint", *Verdict}


def sentences(texts: Any, *path: str) -> Iterator[tuple[str, str]]:
    """Yield every text with its place."""
    if isinstance(texts, str):
        yield ".".join(path), texts
    else:
        for key, part in texts.items():
            yield from sentences(part, *path, key)


def test_every_reason_has_its_own_sentence_in_the_flow_and_at_run_time() -> None:
    told = {reason.value: TEXTS["config"]["error"][reason] for reason in Reason}
    assert len(set(told.values())) == len(told)
    for reason in Reason:
        message = TEXTS["exceptions"][f"reason_{reason}"]["message"]
        assert "{call}" in message
        assert set(re.findall(r"\{(\w+)\}", message)) <= {"call", "code"}


def test_the_flow_has_no_errors_that_cannot_happen() -> None:
    assert set(TEXTS["config"]["error"]) == {*Reason, *REFUSALS, *OWN_ERRORS}
    assert set(TEXTS["config"]["abort"]) == {"already_configured", "unique_id_mismatch"}
    assert set(TEXTS["options"]["error"]) == {
        "invalid_suffix",
        "nothing_chosen",
        "not_deleted",
        *DOOR_ERRORS,
        *ROUTING_ERRORS,
    }
    assert set(TEXTS["options"]["abort"]) == {"not_loaded", "not_running"}


def test_every_choice_has_its_words() -> None:
    selectors = TEXTS["selector"]
    assert list(selectors["region"]["options"]) == [AUTOMATIC, *REGIONS, CUSTOM]
    assert list(selectors["delivery"]["options"]) == list(DELIVERIES)
    assert {world.name.lower() for world in World} < FOUND
    assert set(selectors["survey"]["options"]) == FOUND | SERVICES | HINTS
    assert set(selectors["meaning"]["options"]) == set(Meaning)
    assert set(selectors["webhook_test"]["options"]) == set(Outcome)
    ways = {Source.QUEUE, Source.WEBHOOK}
    assert set(selectors["bell"]["options"]) == {*Cause, *ways, "ring", "opening", "set_up"}


def test_a_queue_that_is_refused_has_a_repair() -> None:
    for refusal in ("queue_refused_credentials", "queue_refused_environment", "queue_busy"):
        assert "{project}" in TEXTS["issues"][refusal]["title"]


def test_texts_are_what_home_assistant_allows() -> None:
    for place, text in sentences(TEXTS):
        assert text.strip() == text != "", place
        assert not re.search(r"</?\w+>|https?://|'\{\w+\}'", text), place
        assert "  " not in text, place


def words_in(form: dict[str, Any]) -> set[str]:
    """Return the names of a form's fields as the browser receives them."""
    return {field["name"] for field in form["data_schema"]}


async def test_the_browser_can_go_through_the_flow(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
) -> None:
    assert await async_setup_component(hass, "config", {})
    # The harness's server takes no more routes once it runs.
    assert await async_setup_component(hass, "webhook", {})
    client = await hass_client()

    async def post(path: str, answers: dict[str, Any]) -> dict[str, Any]:
        response = await client.post(path, json=answers)
        found: dict[str, Any] = await response.json()
        assert response.status == 200, found
        return found

    form = await post(FLOW, {"handler": DOMAIN, "show_advanced_options": False})
    assert words_in(form) == {"access_id", "access_secret", "region"}
    form = await post(f"{FLOW}/{form['flow_id']}", keys(simulator))
    form = await post(f"{FLOW}/{form['flow_id']}", addresses(simulator))
    assert words_in(form) == {"project", "devices", "delivery", "app_uid", "advanced"}
    assert simulator.access_secret not in json.dumps(form)
    with patch("custom_components.tuyalink_intercom.async_setup_entry", return_value=False):
        done = await post(
            f"{FLOW}/{form['flow_id']}",
            {"project": "Home doors", "delivery": "off", "advanced": {"suffix": "sub"}},
        )
    assert done["type"] == "create_entry"
    assert done["title"] == "Home doors"

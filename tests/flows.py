"""Words for tests of flows: go through the forms as the browser does, read what a user reads."""

import json
from pathlib import Path
import re
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.tuyalink_intercom import connection
from custom_components.tuyalink_intercom.api import regions
from tests.homes import DOMAIN
from tests.simulator import TuyaSimulator

TEXTS: dict[str, Any] = json.loads(
    (
        Path(__file__).parent.parent / "custom_components" / DOMAIN / "translations" / "en.json"
    ).read_text(encoding="utf-8")
)
FINISHED = FlowResultType.CREATE_ENTRY


def keys(cloud: TuyaSimulator, region: str = "custom", **changed: str) -> dict[str, str]:
    """Return the answers to the first form."""
    return {
        "access_id": cloud.access_id,
        "access_secret": cloud.access_secret,
        "region": region,
        **changed,
    }


def addresses(cloud: TuyaSimulator, **changed: str) -> dict[str, str]:
    """Return the answers about a private cloud."""
    return {"openapi": cloud.openapi, "queue": cloud.queue, **changed}


def preferences(**changed: Any) -> dict[str, Any]:
    """Return answers to the last form."""
    return {"project": "Home doors", "delivery": "production", **changed}


def data_center(key: str, cloud: TuyaSimulator | None, closed: int) -> regions.Endpoints:
    """Return a region that is a simulator, or one where nobody listens."""
    openapi = cloud.openapi if cloud else f"http://127.0.0.1:{closed}"
    queue = cloud.queue if cloud else f"ws://127.0.0.1:{closed}/"
    return regions.Endpoints(key, URL(openapi), (URL(queue),))


def put_data_centers(monkeypatch: pytest.MonkeyPatch, closed: int, **clouds: TuyaSimulator) -> None:
    """Put simulators in the places of Tuya's data centers; nobody listens in the others."""
    places = {key: data_center(key, clouds.get(key), closed) for key in regions.REGIONS}
    for module in (regions, connection):
        monkeypatch.setattr(module, "REGIONS", places)


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Choose "Add integration"."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return readable(result)


async def answer(hass: HomeAssistant, result: ConfigFlowResult, **answers: Any) -> ConfigFlowResult:
    """Submit a form of a config flow."""
    return readable(await hass.config_entries.flow.async_configure(result["flow_id"], answers))


async def choose(hass: HomeAssistant, result: ConfigFlowResult, option: str) -> ConfigFlowResult:
    """Click on a line of a menu."""
    return await answer(hass, result, next_step_id=option)


async def look(hass: HomeAssistant, cloud: TuyaSimulator, **changed: str) -> ConfigFlowResult:
    """Give the keys and the addresses of a simulator; return what the flow shows then."""
    result = await answer(hass, await begin(hass), **keys(cloud))
    assert result["step_id"] == "custom"
    return await answer(hass, result, **addresses(cloud, **changed))


def texts_of(flow: str) -> dict[str, Any]:
    """Return the words of a flow: `config`, `options`, or a type of subentries."""
    texts: dict[str, Any] = TEXTS["config_subentries"].get(flow) or TEXTS[flow]
    return texts


def readable[Result: ConfigFlowResult | SubentryFlowResult](
    result: Result, flow: str = "config"
) -> Result:
    """Check that everything a step shows has its words, and the words their values."""
    if result["type"] is FlowResultType.ABORT:
        if result.get("translation_domain") != "homeassistant":
            assert texts_of(flow)["abort"][result["reason"]]
    elif result["type"] is not FINISHED:
        step = texts_of(flow)["step"][result["step_id"]]
        given = set(result["description_placeholders"] or {}) | {"name"}
        shown = [step["title"], step.get("description", ""), *errors(result, flow).values()]
        assert set(re.findall(r"\{(\w+)\}", "".join(shown))) <= given
        if result["type"] is FlowResultType.MENU:
            assert list(step["menu_options"]) == result["menu_options"]
        elif result["type"] is FlowResultType.SHOW_PROGRESS:
            assert texts_of(flow)["progress"][result["progress_action"]]
        else:
            assert result["data_schema"] is not None
            _worded(result["data_schema"].schema, step)
    return result


def _worded(fields: dict[Any, Any], step: dict[str, Any]) -> None:
    for field, kind in fields.items():
        if isinstance(kind, section):
            assert step["sections"][field]["name"]
            _worded(kind.schema.schema, step["sections"][field])
        elif "." not in str(field):
            # An entity stands for itself.
            assert step["data"][field]
            assert step["data_description"][field]


def errors(result: ConfigFlowResult | SubentryFlowResult, flow: str = "config") -> dict[str, str]:
    """Return the sentence that stands at each field."""
    words = texts_of(flow)["error"]
    return {field: words[error] for field, error in (result.get("errors") or {}).items()}


async def configure(hass: HomeAssistant, entry: MockConfigEntry, way: str) -> ConfigFlowResult:
    """Choose "Configure", then a line of the menu."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    return await go_on(hass, readable(menu, "options"), next_step_id=way)


async def go_on(hass: HomeAssistant, result: ConfigFlowResult, **answers: Any) -> ConfigFlowResult:
    """Submit a form of an options flow, or click on a line of its menu."""
    flows = hass.config_entries.options
    return readable(await flows.async_configure(result["flow_id"], answers), "options")


def shown(result: ConfigFlowResult | SubentryFlowResult, flow: str = "config") -> str:
    """Return the description of a step as the user reads it."""
    assert result["description_placeholders"] is not None
    text: str = texts_of(flow)["step"][result["step_id"]]["description"]
    return text.format(**result["description_placeholders"])


def fields(result: ConfigFlowResult | SubentryFlowResult) -> list[str]:
    """Return what a form asks for."""
    assert result["data_schema"] is not None
    return [field.schema for field in result["data_schema"].schema]


def options_of(result: ConfigFlowResult | SubentryFlowResult, field: str) -> dict[str, str]:
    """Return what a field lets choose from: label by value."""
    assert result["data_schema"] is not None
    options = result["data_schema"].schema[field].config["options"]
    return {option["value"]: option["label"] for option in options}


def ticked(result: ConfigFlowResult, field: str) -> list[str]:
    """Return which boxes are ticked before the user does anything."""
    assert result["data_schema"] is not None
    marker = next(key for key in result["data_schema"].schema if key == field)
    suggested = marker.description or {"suggested_value": marker.default()}
    chosen: list[str] = suggested["suggested_value"]
    return chosen


def prefilled(result: ConfigFlowResult | SubentryFlowResult) -> dict[str, Any]:
    """Return what stands in the fields before the user types, sections included."""
    assert result["data_schema"] is not None
    return _prefilled(result["data_schema"].schema)


def _prefilled(fields: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, kind in fields.items():
        if isinstance(kind, section) and (inside := _prefilled(kind.schema.schema)):
            found[field.schema] = inside
        elif field.description:
            found[field.schema] = field.description["suggested_value"]
    return found

"""Words for tests of the published door's dialog: go through its pages as the browser does."""

import asyncio
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESSED, FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tuyalink_intercom.publishing.doors import SUBENTRY_TYPE
from tests import flows
from tests.flows import prefilled, readable
from tests.homes import entry_of
from tests.published import BELL, LOCK, PRODUCT, garden
from tests.simulator import SimDevice, TuyaSimulator

FLOW = SUBENTRY_TYPE
REGISTER = "POST /v1.0/iot-03/3rdcloud/devices/{third_id}/register"
BUZZER, LAMP = "script.open_gate", "input_button.lamp"
PARTS = {"lock": LOCK, "doorbell": BELL}

type Page = SubentryFlowResult


async def home(hass: HomeAssistant, cloud: TuyaSimulator) -> MockConfigEntry:
    """Set a project up in a home with a lock, a bell, a script and a button of other makers."""
    await garden(hass)
    script: dict[str, Any] = {"open_gate": {"sequence": []}}
    assert await async_setup_component(hass, "script", {"script": script})
    assert await async_setup_component(hass, "input_button", {"input_button": {"lamp": {}}})
    entry = entry_of(cloud)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cloud.connected()
    await hass.async_block_till_done()
    return entry


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> Page:
    """Choose to publish a door."""
    context = SubentryFlowContext(source=SOURCE_USER)
    page = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE), context=context
    )
    return readable(page, FLOW)


async def change(hass: HomeAssistant, entry: MockConfigEntry, way: str, which: int = 0) -> Page:
    """Choose "Reconfigure" at a published door, then a line of the menu."""
    subentry_id = [*entry.subentries][which]
    context = SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=subentry_id)
    page = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE), context=context
    )
    if readable(page, FLOW)["type"] is FlowResultType.ABORT:
        return page
    return await choose(hass, page, way)


async def fill(hass: HomeAssistant, page: Page, **changed: Any) -> Page:
    """Submit the page as it stands, but for what is changed; None empties a field."""
    answers = {**prefilled(page), **changed}
    return await send(hass, page, {key: told for key, told in answers.items() if told is not None})


async def choose(hass: HomeAssistant, page: Page, line: str) -> Page:
    """Click on a line of a menu."""
    return await send(hass, page, {"next_step_id": line})


async def send(hass: HomeAssistant, page: Page, answers: dict[str, Any]) -> Page:
    """Submit answers, and wait for the page that comes in the end."""
    dialogs, moved = hass.config_entries.subentries, asyncio.Event()

    @callback
    def progressed(event: Event) -> None:
        if event.data["flow_id"] == page["flow_id"]:
            moved.set()

    end = hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, progressed)
    page = readable(await dialogs.async_configure(page["flow_id"], answers), FLOW)
    if page["type"] is FlowResultType.SHOW_PROGRESS:
        await moved.wait()
        page = readable(await dialogs.async_configure(page["flow_id"]), FLOW)
    end()
    if page["type"] in {FlowResultType.ABORT, FlowResultType.CREATE_ENTRY}:
        await hass.async_block_till_done()
    return page


async def until_product(hass: HomeAssistant, entry: MockConfigEntry, **parts: Any) -> Page:
    """Begin, and go on to the page about the product."""
    return await fill(hass, await begin(hass, entry), **(parts or PARTS))


async def publish(
    hass: HomeAssistant, entry: MockConfigEntry, product: dict[str, Any] | None = None, **parts: Any
) -> Page:
    """Go through a dialog with no surprises, as far as it goes."""
    page = await until_product(hass, entry, **parts)
    page = await fill(hass, page, **{"product_id": PRODUCT, "binding": "none", **(product or {})})
    return await fill(hass, page) if page.get("step_id") == "control" else page


def said(page: Page) -> dict[str, str]:
    """Return the sentence that stands at each field."""
    return flows.errors(page, FLOW)


def described(page: Page) -> str:
    """Return what a page says."""
    return flows.shown(page, FLOW)


def seen(cloud: TuyaSimulator) -> list[SimDevice]:
    """Return the published doors that Tuya knows."""
    return [cloud.devices[device_id] for device_id in cloud.southbound.devices]


def stored(entry: MockConfigEntry, which: int = 0) -> dict[str, Any]:
    """Return the data of a published door."""
    return dict([*entry.subentries.values()][which].data)


def saved(page: Page) -> None:
    """Check that the dialog ended well."""
    assert page["type"] is FlowResultType.ABORT
    assert page["reason"] == "reconfigure_successful"

"""The webhook tries itself: over a real socket, at the address that the internet sees."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import AsyncMock, patch

from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestServer
from homeassistant.components import cloud
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.flow.self_test import Outcome, SelfTested, async_self_test
from tests.flows import FINISHED, TEXTS, configure, fields, go_on, shown
from tests.simulator import TuyaSimulator

SENTENCES = TEXTS["selector"]["webhook_test"]["options"]

type Point = Callable[[str], None]


@pytest.fixture
def point(hass: HomeAssistant) -> Iterator[Point]:
    """Let the public address be wherever a test says, as a cloudhook is."""
    hass.config.components.add("cloud")
    hook = AsyncMock(return_value="")

    def at(address: str) -> None:
        hook.return_value = address

    with (
        patch.object(cloud, "async_active_subscription", return_value=True),
        patch.object(cloud, "async_get_or_create_cloudhook", hook),
    ):
        yield at


@pytest.fixture
async def home(
    opened: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Callable[[str], str]:
    """Return addresses at Home Assistant's own server."""
    client = await hass_client_no_auth()
    return lambda path: str(client.make_url(path))


async def tried(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Tick "Try it now" on the page of the webhook."""
    page = await configure(hass, entry, "webhook")
    return await go_on(hass, page, webhook=True, self_test=True)


async def test_what_is_sent_to_ourselves_comes_back_and_changes_nothing(
    hass: HomeAssistant,
    opened: MockConfigEntry,
    home: Callable[[str], str],
    point: Point,
    caplog: pytest.LogCaptureFixture,
) -> None:
    point(home(f"/api/webhook/{opened.data['webhook_id']}"))
    coordinator, before = opened.runtime_data.coordinator, dict(opened.options)
    data = coordinator.data
    result = await tried(hass, opened)
    assert shown(result, "options") == f"{SENTENCES['accepted']}\n\nHTTP status: 200"
    assert coordinator.cloud.counters.webhook == {"accepted": 1}
    assert coordinator.data is data
    assert not coordinator.not_understood
    assert (await go_on(hass, result, next_step_id="webhook"))["step_id"] == "webhook"
    assert (await go_on(hass, await tried(hass, opened), next_step_id="finish"))["type"] is FINISHED
    assert opened.options == before
    ours = [one.getMessage() for one in caplog.records if "tuyalink" in one.name]
    assert not [line for line in ours if opened.data["webhook_id"] in line]


async def test_trying_the_webhook_keeps_what_was_chosen_on_the_pages_before(
    hass: HomeAssistant, opened: MockConfigEntry, simulator: TuyaSimulator
) -> None:
    page = await configure(hass, opened, "preferences")
    devices = list(simulator.devices)
    chosen = {"devices": devices, "delivery": "production", "webhook": True, "relock_s": 17}
    page = await go_on(hass, page, **chosen)
    assert fields(page) == ["self_test"]
    result = await go_on(hass, page, self_test=True)
    assert fields(await go_on(hass, result, next_step_id="webhook")) == ["self_test"]
    result = await go_on(hass, result, self_test=True)
    assert (await go_on(hass, result, next_step_id="finish"))["type"] is FINISHED
    await hass.async_block_till_done()
    assert opened.options["relock_s"] == 17


async def test_a_webhook_that_is_switched_off_while_it_is_tried_is_off_afterwards(
    hass: HomeAssistant, opened: MockConfigEntry
) -> None:
    page = await configure(hass, opened, "webhook")
    result = await go_on(hass, page, webhook=False, self_test=True)
    await go_on(hass, result, next_step_id="finish")
    await hass.async_block_till_done()
    assert opened.options["webhook"] is False


async def test_a_project_that_stopped_meanwhile_is_not_tried(
    hass: HomeAssistant, opened: MockConfigEntry
) -> None:
    page = await configure(hass, opened, "webhook")
    assert await hass.config_entries.async_unload(opened.entry_id)
    page = await go_on(hass, page, webhook=True, self_test=True)
    assert fields(page) == ["webhook"]


async def test_another_server_is_not_taken_for_ours(
    hass: HomeAssistant, opened: MockConfigEntry, home: Callable[[str], str], point: Point
) -> None:
    # Home Assistant answers so for every webhook, known or not.
    point(home("/api/webhook/somebody-elses"))
    assert await async_self_test(hass, opened) == SelfTested(Outcome.SOMETHING_ELSE, 200)
    point(home("/nothing/here"))
    assert await async_self_test(hass, opened) == SelfTested(Outcome.SOMETHING_ELSE, 404)


@pytest.mark.parametrize(("status", "outcome"), [(302, "redirected"), (401, "refused")])
async def test_what_answers_instead_is_told_and_never_followed(
    hass: HomeAssistant, opened: MockConfigEntry, point: Point, status: int, outcome: str
) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        point(str(server.make_url("/api/webhook/x")))
        result = await tried(hass, opened)
    assert shown(result, "options") == f"{SENTENCES[outcome]}\n\nHTTP status: {status}"
    assert seen == ["/api/webhook/x"]


async def test_nobody_there_is_told(
    hass: HomeAssistant, opened: MockConfigEntry, point: Point, unused_tcp_port: int
) -> None:
    point(f"http://127.0.0.1:{unused_tcp_port}/api/webhook/x")
    assert await async_self_test(hass, opened) == SelfTested(Outcome.NO_CONNECTION)
    assert "HTTP status: \N{EN DASH}" in shown(await tried(hass, opened), "options")


async def test_an_encrypted_address_must_be_trusted(
    hass: HomeAssistant, opened: MockConfigEntry, home: Callable[[str], str], point: Point
) -> None:
    # Plain HTTP where HTTPS is expected is no certificate at all.
    point(home("/api/webhook/x").replace("http://", "https://"))
    told = await async_self_test(hass, opened)
    assert told.outcome in {Outcome.NOT_TRUSTED, Outcome.NO_CONNECTION}


async def test_without_an_answer_in_time_the_waiting_ends(
    hass: HomeAssistant, opened: MockConfigEntry, point: Point
) -> None:
    async def never(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", never)
    limit = "custom_components.tuyalink_intercom.flow.self_test._LIMIT"
    async with TestServer(app) as server:
        point(str(server.make_url("/")))
        with patch(limit, ClientTimeout(total=0.05)):
            assert await async_self_test(hass, opened) == SelfTested(Outcome.TIMED_OUT)


async def test_a_name_that_is_not_known_is_told(
    hass: HomeAssistant, opened: MockConfigEntry, point: Point
) -> None:
    point("https://doors.invalid/api/webhook/x")
    with patch("aiohttp.connector.TCPConnector._resolve_host", side_effect=OSError("unknown")):
        assert await async_self_test(hass, opened) == SelfTested(Outcome.NO_NAME)


async def test_without_a_public_address_there_is_nothing_to_try(
    hass: HomeAssistant, opened: MockConfigEntry
) -> None:
    await async_process_ha_core_config(hass, {"internal_url": "http://ha.local:8123"})
    result = await tried(hass, opened)
    assert shown(result, "options").startswith(SENTENCES["no_address"])


def test_every_outcome_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Outcome)


async def test_the_webhook_can_be_switched_on_and_off_without_touching_the_rest(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await async_process_ha_core_config(hass, {"external_url": "https://home.example.com"})
    before: dict[str, Any] = dict(entry.options)
    page = await configure(hass, entry, "webhook")
    assert fields(page) == ["webhook"]
    await go_on(hass, page, webhook=True)
    await hass.async_block_till_done()
    assert entry.options == {**before, "webhook": True}
    page = await configure(hass, entry, "webhook")
    assert fields(page) == ["webhook", "self_test"]
    await go_on(hass, page, webhook=False, self_test=False)
    await hass.async_block_till_done()
    assert entry.options == {**before, "webhook": False}

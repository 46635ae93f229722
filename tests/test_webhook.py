"""The webhook door through Home Assistant's own endpoint: who gets in, and what comes of it."""

import asyncio
from collections.abc import Iterator
import json
import logging
from pathlib import Path
from shutil import which
from typing import Any
from unittest.mock import AsyncMock, patch

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import cloud
from homeassistant.components.webhook import async_handle_webhook
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.util.aiohttp import MockRequest
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tuyalink_intercom.diagnostics import async_get_config_entry_diagnostics
from tests.conftest import MakeEntry
from tests.flows import configure, readable
from tests.homes import arrived, device_named, entity_id
from tests.simulator import TuyaSimulator, wire
from tests.simulator.dressing import Outgoing

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
TOOLS = ("bash", "curl", "openssl")
LIMIT = 256 * 1024
SUCCESS, FAILURE = {"success": True}, {"success": False}

type Client = TestClient[Any, Any]
type Request = tuple[dict[str, str], str]


@pytest.fixture
async def client(
    hass: HomeAssistant, opened: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    """Return somebody on the internet."""
    stranger: Client = await hass_client_no_auth()
    return stranger


@pytest.fixture
def rings(hass: HomeAssistant) -> list[Event[EventStateChangedData]]:
    """Collect every change of state."""
    changes: list[Event[EventStateChangedData]] = async_capture_events(hass, EVENT_STATE_CHANGED)
    return changes


def path(entry: MockConfigEntry) -> str:
    return f"/api/webhook/{entry.data['webhook_id']}"


def ring_of(simulator: TuyaSimulator, pressed: float | None = None) -> Request:
    """Return a signed ring of the battery bell, as the simulator posts it."""
    at = pressed or simulator.now()
    bell = device_named(simulator, "Battery bell")
    status = [{"code": "doorbell_active", "value": str(int(at)), "t": int(at * 1000)}]
    body = {"devId": bell.id, "dataId": f"press{at}", "productKey": "x", "status": status}
    simulator.webhook.form = "plain"
    return simulator.webhook.request(Outgoing(body=body, protocol=4, em=None, t=int(at * 1000)))


def fired(
    hass: HomeAssistant, simulator: TuyaSimulator, changes: list[Event[EventStateChangedData]]
) -> int:
    """Count the rings of the battery bell."""
    entity = entity_id(hass, "event", device_named(simulator, "Battery bell"), "doorbell")
    moments = {
        change.data["new_state"].state
        for change in changes
        if change.data["entity_id"] == entity
        and change.data["new_state"] is not None
        and change.data["new_state"].attributes.get("event_type") == "ring"
    }
    return len(moments)


async def post(client: Client, entry: MockConfigEntry, request: Request) -> tuple[int, Any]:
    headers, body = request
    answer = await client.post(path(entry), data=body.encode(), headers=headers)
    return answer.status, await answer.json()


async def test_a_signed_ring_rings_once_however_often_it_is_sent(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    opened: MockConfigEntry,
    client: Client,
    rings: list[Event[EventStateChangedData]],
) -> None:
    request = ring_of(simulator)
    for _ in range(3):
        assert await post(client, opened, request) == (200, SUCCESS)
    await hass.async_block_till_done()
    assert fired(hass, simulator, rings) == 1
    counts = opened.runtime_data.coordinator.cloud.counters.webhook
    assert counts == {"accepted": 1, "repeated": 2}


@pytest.mark.parametrize("form", ["plain", "envelope", "members"])
async def test_a_ring_by_queue_and_webhook_is_one_ring(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    opened: MockConfigEntry,
    client: Client,
    rings: list[Event[EventStateChangedData]],
    form: str,
) -> None:
    simulator.webhook.aim(str(client.make_url(path(opened))), form)
    sent = simulator.scenario("ring", device_named(simulator, "Battery bell").id)
    await arrived(hass, simulator, sent)
    while len(simulator.webhook.statuses) < len(sent.message_ids):
        await hass.async_block_till_done()
    await hass.async_block_till_done()
    assert set(simulator.webhook.statuses) == {200}
    assert fired(hass, simulator, rings) == 1


async def test_the_webhook_alone_is_enough(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    make_entry: MakeEntry,
    hass_client_no_auth: ClientSessionGenerator,
    rings: list[Event[EventStateChangedData]],
) -> None:
    entry = make_entry(simulator, delivery="off", webhook=True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    client = await hass_client_no_auth()
    assert await post(client, entry, ring_of(simulator)) == (200, SUCCESS)
    await hass.async_block_till_done()
    assert fired(hass, simulator, rings) == 1


@pytest.mark.skipif(not all(map(which, TOOLS)), reason="needs bash, curl and openssl")
async def test_the_recipe_of_the_readme_rings(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    opened: MockConfigEntry,
    client: Client,
    rings: list[Event[EventStateChangedData]],
) -> None:
    recipe = README.partition("```shell\n")[2].partition("```")[0]
    for said, meant in {
        "https://home.example.com/api/webhook/…": str(client.make_url(path(opened))),
        "your Access ID": simulator.access_id,
        "your Access Secret": simulator.access_secret,
        "your device ID": device_named(simulator, "Battery bell").id,
    }.items():
        assert recipe.count(said) == 1
        recipe = recipe.replace(said, meant)
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", recipe, stdout=asyncio.subprocess.PIPE
    )
    told = (await shell.communicate())[0].decode()
    await hass.async_block_till_done()
    assert " 200 " in told
    assert json.loads(told.splitlines()[-1]) == SUCCESS
    assert fired(hass, simulator, rings) == 1


async def test_strangers_learn_nothing(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    opened: MockConfigEntry,
    client: Client,
    rings: list[Event[EventStateChangedData]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "custom_components")
    headers, body = ring_of(simulator)
    stamp = str(int(simulator.now()) - 301)
    stale = wire.webhook_sign(simulator.access_id, stamp, body, simulator.access_secret)
    for wrong in (
        {"sign": "0" * 64},
        {"client-id": "another"},
        {"timestamp": stamp},
        {"timestamp": stamp, "sign": stale},
    ):
        assert await post(client, opened, ({**headers, **wrong}, body)) == (401, FAILURE)
    assert await post(client, opened, ({}, "{}")) == (401, FAILURE)
    await hass.async_block_till_done()
    assert fired(hass, simulator, rings) == 0
    ours = [record.getMessage() for record in caplog.records if "tuyalink" in record.name]
    secrets = (headers["sign"], stale, simulator.access_secret, opened.data["webhook_id"])
    assert not [line for line in ours for secret in secrets if secret in line]


async def test_what_holds_no_message_is_malformed(
    simulator: TuyaSimulator, opened: MockConfigEntry, client: Client
) -> None:
    stamp = str(int(simulator.now()))
    sign = wire.webhook_sign(simulator.access_id, stamp, "[1]", simulator.access_secret)
    headers = {"client-id": simulator.access_id, "timestamp": stamp, "sign": sign}
    assert await post(client, opened, (headers, "[1]")) == (400, FAILURE)
    assert await post(client, opened, ({}, "not JSON")) == (400, FAILURE)
    gzip = {**headers, "Content-Encoding": "gzip"}
    assert (await client.post(path(opened), data=b"no gzip", headers=gzip)).status == 400
    counts = opened.runtime_data.coordinator.cloud.counters.webhook
    assert counts["malformed"] >= 2


async def test_a_body_over_the_limit_is_not_read(
    opened: MockConfigEntry, client: Client, hass: HomeAssistant
) -> None:
    assert (await post(client, opened, ({}, " " * LIMIT)))[0] == 400
    answer = await client.post(path(opened), data=b" " * (LIMIT + 1))
    assert (answer.status, await answer.json()) == (413, FAILURE)
    relayed = MockRequest(b" " * (LIMIT + 1), "cloud", method="POST")
    assert (await async_handle_webhook(hass, opened.data["webhook_id"], relayed)).status == 413


async def test_a_request_through_nabu_casa_is_taken_too(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    opened: MockConfigEntry,
    rings: list[Event[EventStateChangedData]],
) -> None:
    headers, body = ring_of(simulator)
    relayed = MockRequest(body.encode(), "cloud", method="POST", headers=headers)
    answer = await async_handle_webhook(hass, opened.data["webhook_id"], relayed)
    await hass.async_block_till_done()
    assert answer.status == 200
    assert fired(hass, simulator, rings) == 1


async def test_nothing_but_post_is_heard(
    simulator: TuyaSimulator, opened: MockConfigEntry, client: Client
) -> None:
    headers, body = ring_of(simulator)
    for method in ("get", "put"):
        answer = await client.request(method, path(opened), data=body, headers=headers)
        assert answer.status == 405
    assert not opened.runtime_data.coordinator.cloud.counters.webhook


async def test_many_requests_are_remembered_only_as_long_as_they_could_come_again(
    simulator: TuyaSimulator, opened: MockConfigEntry, client: Client
) -> None:
    with patch("custom_components.tuyalink_intercom.webhook._ACCEPTED_AT_MOST", 2):
        first = ring_of(simulator)
        for request in (first, ring_of(simulator, 1e9 + 1), ring_of(simulator, 1e9 + 2), first):
            assert (await post(client, opened, request))[0] == 200
    assert opened.runtime_data.coordinator.cloud.counters.webhook == {"accepted": 4}


async def test_a_request_is_forgotten_when_its_time_could_not_pass_any_more(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    opened: MockConfigEntry,
    client: Client,
    freezer: FrozenDateTimeFactory,
) -> None:
    first = ring_of(simulator)
    assert await post(client, opened, first) == (200, SUCCESS)
    freezer.tick(301)
    assert await post(client, opened, first) == (401, FAILURE)
    assert await post(client, opened, ring_of(simulator)) == (200, SUCCESS)
    counts = opened.runtime_data.coordinator.cloud.counters.webhook
    assert counts == {"accepted": 2, "refused": 1}


async def test_the_door_is_shut_unless_it_was_opened(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert "webhook_id" not in entry.data


async def test_the_door_is_shut_after_unloading_and_keeps_its_address(
    hass: HomeAssistant,
    simulator: TuyaSimulator,
    opened: MockConfigEntry,
    client: Client,
    rings: list[Event[EventStateChangedData]],
) -> None:
    address = opened.data["webhook_id"]
    await hass.config_entries.async_unload(opened.entry_id)
    headers, body = ring_of(simulator)
    # Home Assistant answers so for every address, known or not.
    assert (await client.post(path(opened), data=body, headers=headers)).status == 200
    assert await hass.config_entries.async_setup(opened.entry_id)
    await hass.async_block_till_done()
    assert opened.data["webhook_id"] == address
    assert await post(client, opened, (headers, body)) == (200, SUCCESS)


async def test_diagnostics_count_requests_and_hide_the_address(
    hass: HomeAssistant, simulator: TuyaSimulator, opened: MockConfigEntry, client: Client
) -> None:
    await post(client, opened, ring_of(simulator))
    report = await async_get_config_entry_diagnostics(hass, opened)
    assert report["counters"]["webhook"] == {"accepted": 1}
    assert report["entry"]["options"]["webhook"] is True
    assert opened.data["webhook_id"] not in json.dumps(report, default=str)


# --- the address ----------------------------------------------------------------------------


@pytest.fixture
def nabu_casa(hass: HomeAssistant) -> Iterator[dict[str, AsyncMock]]:
    """Be signed in to Home Assistant Cloud."""
    hass.config.components.add("cloud")
    hook = AsyncMock(return_value="https://hooks.nabu.casa/simulated")
    with (
        patch.object(cloud, "async_active_subscription", return_value=True),
        patch.object(cloud, "async_get_or_create_cloudhook", hook),
        patch.object(cloud, "async_delete_cloudhook", AsyncMock()) as deleted,
    ):
        yield {"made": hook, "deleted": deleted}


async def switch_on(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Tick the box; return what the page about the address was given to show, and save."""
    flows = hass.config_entries.options
    form = await configure(hass, entry, "preferences")
    answers = {"delivery": "off", "webhook": True, "relock_s": 5, "advanced": {"suffix": "sub"}}
    shown = readable(await flows.async_configure(form["flow_id"], answers), "options")
    assert "webhook" not in entry.options
    told = dict(shown["description_placeholders"] or {})
    await flows.async_configure(shown["flow_id"], {})
    await hass.async_block_till_done()
    assert entry.options["webhook"] is True
    return {"step": str(shown["step_id"]), **told}


async def test_the_options_show_the_external_address(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await async_process_ha_core_config(hass, {"external_url": "https://home.example.com"})
    told = await switch_on(hass, entry)
    assert told == {"step": "webhook", "url": f"https://home.example.com{path(entry)}"}


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({"internal_url": "http://ha.local:8123"}, "http://ha.local:8123"),
        ({"external_url": "http://home.example.com"}, "http://home.example.com"),
        ({}, ""),
    ],
)
async def test_without_an_encrypted_address_the_options_say_so(
    hass: HomeAssistant, entry: MockConfigEntry, settings: dict[str, str], base: str
) -> None:
    hass.config.api = None
    await async_process_ha_core_config(hass, settings)
    told = await switch_on(hass, entry)
    assert told == {"step": "webhook_local", "url": f"{base}{path(entry)}"}


async def test_with_nabu_casa_the_options_show_its_address_and_it_goes_with_the_entry(
    hass: HomeAssistant, entry: MockConfigEntry, nabu_casa: dict[str, AsyncMock]
) -> None:
    told = await switch_on(hass, entry)
    assert told == {"step": "webhook", "url": "https://hooks.nabu.casa/simulated"}
    key = entry.data["webhook_id"]
    await hass.config_entries.async_remove(entry.entry_id)
    nabu_casa["deleted"].assert_awaited_once_with(hass, key)


async def test_while_nabu_casa_is_away_the_external_address_is_shown(
    hass: HomeAssistant, entry: MockConfigEntry, nabu_casa: dict[str, AsyncMock]
) -> None:
    nabu_casa["made"].side_effect = cloud.CloudNotConnected
    nabu_casa["deleted"].side_effect = cloud.CloudNotAvailable
    await async_process_ha_core_config(hass, {"external_url": "https://home.example.com"})
    assert (await switch_on(hass, entry))["url"].startswith("https://home.example.com/")
    assert await hass.config_entries.async_remove(entry.entry_id)
